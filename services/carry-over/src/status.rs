//! The words by which older ledgers say where a case stands.

use rectify_case::completion::Outcome;
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
];

/// Returns what a status word says; nothing for one that is not known.
pub(crate) fn said(text: &str) -> Option<Said> {
    let bare: String = key(text).chars().filter(|c| !"，。；、,;.()（）√".contains(*c)).collect();
    let known = |words: &[&str]| words.iter().any(|word| *word == bare);
    WORDS.iter().find(|(_, words)| known(words)).map(|(said, _)| *said)
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
    fn no_word_has_two_meanings() {
        let mut words: Vec<&str> = WORDS.iter().flat_map(|(_, words)| words.iter().copied()).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
    }
}
