//! The words by which older ledgers say where a case stands.

use rectify_case::completion::Outcome;
use rectify_intake::cell::{is_blank, narrow};
use rectify_intake::column::key;

/// What a status word says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// No lead took it on.
    NotStarted,
    /// It is under way, whatever the lead has said of it.
    UnderWay,
    /// It was struck off, with this outcome.
    StruckOff(Came),
    /// It was not struck off; where it stands is said elsewhere.
    Open,
    /// It left the ledger in this way.
    Left(Way),
}

/// How a row left an older ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// 不予立案.
    Dismissed,
    /// 并案.
    Merged,
    /// 移送.
    Transferred,
}

/// What came of what was struck off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Came {
    /// 已整改.
    Rectified,
    /// 完成并长期坚持.
    KeptUp,
    /// 不属实.
    Unfounded,
    /// 已无整改条件.
    Overtaken,
}

impl Came {
    /// Returns the outcome; nothing where what is kept up has no day on which it is looked at again.
    pub(crate) fn outcome(self, review: Option<chrono::NaiveDate>) -> Option<Outcome> {
        match self {
            Came::Rectified => Some(Outcome::Rectified),
            Came::KeptUp => review.map(|review| Outcome::DoneAndKeptUp { review }),
            Came::Unfounded => Some(Outcome::Unfounded),
            Came::Overtaken => Some(Outcome::Overtaken),
        }
    }
}

/// How many words of one meaning are shown.
const SHOWN: usize = 5;

/// The words of one meaning. Whoever says that something is done has not struck it off: it is under way until it is proved.
const WORDS: &[(Said, &[&str])] = &[
    (
        Said::NotStarted,
        &["未启动", "未开始", "尚未启动", "未整改", "未开展", "待整改", "待交办", "待签收", "已交办", "未落实"],
    ),
    (
        Said::UnderWay,
        &[
            "整改中",
            "长期坚持",
            "已完成",
            "已整改",
            "待核验",
            "正在整改",
            "正在推进",
            "推进中",
            "进行中",
            "持续整改",
            "持续推进",
            "持续整改中",
            "部分整改",
            "部分完成",
            "基本完成",
            "基本整改",
            "未完成",
            "已启动",
            "长期整改",
            "立行立改",
            "限期整改",
            "完成",
            "整改完成",
            "已完成整改",
            "完成整改",
            "整改到位",
            "已整改到位",
            "已办结",
            "完成并长期坚持",
            "已完成并长期坚持",
            "核验中",
            "待验收",
            "待销号",
            "申请销号",
            "已申请销号",
        ],
    ),
    (
        Said::StruckOff(Came::Rectified),
        &["已销号", "销号", "已验收销号", "验收销号", "完成销号", "已整改销号", "是", "已完成已销号"],
    ),
    (Said::StruckOff(Came::KeptUp), &["已销号并长期坚持", "销号并长期坚持", "已销号长期坚持"]),
    (Said::StruckOff(Came::Unfounded), &["不属实销号", "不属实已销号", "查否销号"]),
    (Said::StruckOff(Came::Overtaken), &["无整改条件销号", "已无整改条件销号"]),
    (Said::Open, &["未销号", "否", "暂未销号", "尚未销号"]),
    (Said::Left(Way::Transferred), &["已移送", "移送", "已移交", "移交", "已转出", "移送其他单位", "移送外单位"]),
    (Said::Left(Way::Merged), &["已并案", "并案", "并案处理", "已合并", "合并办理", "并案办理", "已并入"]),
    (Said::Left(Way::Dismissed), &["不予立案", "不立案", "不予受理", "不予登记", "未予立案"]),
];

/// Returns what a status word says; nothing for one that is not known.
pub(crate) fn said(text: &str) -> Option<Said> {
    let bare: String = key(text).chars().filter(|c| !"，。；、,;.()（）√".contains(*c)).collect();
    let known = |words: &[&str]| words.iter().any(|word| *word == bare);
    WORDS.iter().find(|(_, words)| known(words)).map(|(said, _)| *said)
}

/// Words after which a status says where a row went or why, such as 移送至、并入、不予立案：.
const LEADS: &[(Way, &[&str])] = &[
    (Way::Transferred, &["已移送至", "已移送给", "移送至", "移送给", "移送到", "已移交至", "移交至", "移交给"]),
    (Way::Merged, &["已并入", "并入", "已并案至", "并案至", "并案到", "合并至", "合并到"]),
    (Way::Dismissed, &["不予立案，因", "不予立案因", "不予立案理由", "不予受理，因", "不予受理因"]),
];

/// Returns how a row left the ledger, with where to or why, where the status says both in one: 移送至县纪委监委,
/// 并入第3项, 不予立案：不属整改范围, 已移送（县纪委监委）.
pub(crate) fn left(text: &str) -> Option<(Way, String)> {
    let text: String = narrow(text).chars().filter(|c| !is_blank(*c)).collect();
    let text = text.trim_end_matches(['。', ';', '；']);
    let rest = |way: Way, rest: &str| {
        let said = rest.trim_start_matches(':');
        (!said.is_empty()).then(|| (way, said.to_owned()))
    };
    let mut begun = LEADS.iter().flat_map(|(way, words)| words.iter().map(|word| (*way, *word)));
    begun.find_map(|(way, word)| rest(way, text.strip_prefix(&narrow(word))?)).or_else(|| {
        let (word, said) = text.split_once([':', '('])?;
        let Some(Said::Left(way)) = self::said(word) else { return None };
        rest(way, said.strip_suffix(')').unwrap_or(said))
    })
}

/// Returns the words that are known, the first of each meaning.
pub(crate) fn known() -> String {
    let words = WORDS.iter().flat_map(|(_, words)| words.iter().copied().take(SHOWN));
    format!("{}等", words.collect::<Vec<_>>().join("、"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_so_was_struck_off() {
        for (word, meant) in [
            ("未启动", Said::NotStarted),
            (" 正在整改 ", Said::UnderWay),
            ("已完成", Said::UnderWay),
            ("已整改。", Said::UnderWay),
            ("长期坚持", Said::UnderWay),
            ("待核验", Said::UnderWay),
            ("已销号", Said::StruckOff(Came::Rectified)),
            ("已销号，长期坚持", Said::StruckOff(Came::KeptUp)),
            ("未销号", Said::Open),
        ] {
            assert_eq!(said(word), Some(meant), "{word}");
        }
        assert_eq!(said("快了"), None);
    }

    #[test]
    fn a_status_may_say_where_a_row_went_or_why() {
        for (word, way, said) in [
            ("移送至县纪委监委", Way::Transferred, "县纪委监委"),
            ("已移送（县纪委监委）。", Way::Transferred, "县纪委监委"),
            ("移送：县公安局", Way::Transferred, "县公安局"),
            ("并入舟整改〔2019〕3", Way::Merged, "舟整改〔2019〕3"),
            ("已并案（舟整改〔2019〕3）", Way::Merged, "舟整改〔2019〕3"),
            ("不予立案：不属整改范围", Way::Dismissed, "不属整改范围"),
        ] {
            assert_eq!(left(word), Some((way, said.to_owned())), "{word}");
        }
        for none in ["已移送", "移送中", "拟移送县纪委", "移送办理中", "并案", "不予立案"] {
            assert_eq!(left(none), None, "{none}");
        }
        for (word, way) in [("已移送", Way::Transferred), ("并案", Way::Merged), ("不予立案", Way::Dismissed)]
        {
            assert_eq!(self::said(word), Some(Said::Left(way)));
        }
        assert_eq!(self::said("移送中"), None);
    }

    #[test]
    fn no_word_has_two_meanings() {
        let mut words: Vec<&str> = WORDS.iter().flat_map(|(_, words)| words.iter().copied()).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
    }
}
