//! What stays in clear of a petition: a short summary (题要) in which nothing tells who wrote it, as far as patterns find it.
//!
//! What is masked by mistake is read in the original by who may open it; so in doubt it is masked.

mod names;
mod numbers;
mod places;

use std::collections::BTreeMap;

/// The most characters of a summary that nobody wrote.
const SUMMARY: usize = 120;

/// What stands for a petitioner's own word that is no name.
const KEPT: &str = "〔略〕";

/// What columns of names hold where nobody gave one.
const NOBODY: [&str; 12] =
    ["匿名", "网友", "群众", "市民", "村民", "居民", "保密", "不详", "游客", "未知", "本人", "无名"];

/// Masks the texts of one petition.
#[derive(Clone, Default)]
pub struct Mask {
    /// What the petitioner said about themselves, the longest first, with what stands for it.
    own: Vec<(String, &'static str)>,
}

impl Mask {
    /// Returns the mask of a petitioner, given what the columns of their identity say.
    pub fn of(identity: &BTreeMap<String, String>) -> Mask {
        let mut own: Vec<(String, &'static str)> = identity.values().flat_map(|value| words_of(value)).collect();
        own.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        own.dedup();
        Mask { own }
    }

    /// Returns a text in one line, with what tells who wrote it masked.
    pub fn masked(&self, text: &str) -> String {
        let text = self.own_masked(text);
        let text = numbers::masked(&text);
        let text = places::masked(&text);
        names::masked(&text)
    }

    /// Returns a summary: the beginning of the text, masked.
    pub fn summary(&self, text: &str) -> String {
        // What is cut in the middle is no longer known for what it is: so masked first, and not all of a long text.
        let beginning: String = text.chars().take(SUMMARY * 4).collect();
        let whole = beginning.len() == text.len();
        let masked = self.masked(&beginning);
        let mut summary: String = masked.chars().take(SUMMARY).collect();
        if summary.len() < masked.len() || !whole {
            summary.push('…');
        }
        summary
    }

    /// Returns what a clerk wrote, in one line, with only the petitioner's own words masked.
    pub fn own_masked(&self, text: &str) -> String {
        let mut text = plain(text);
        for (word, instead) in &self.own {
            if text.contains(word.as_str()) {
                text = text.replace(word.as_str(), instead);
            }
        }
        text
    }
}

/// Returns the words by which a value of a column is found in a text.
fn words_of(value: &str) -> Vec<(String, &'static str)> {
    let value = plain(value);
    // A number is one word, however it is parted: pieces of it stand in texts that have nothing to do with it.
    let digits: String = value.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    if digits.chars().all(|c| c.is_ascii_digit()) {
        return if digits.len() >= 7 { vec![(digits, numbers::INSTEAD)] } else { Vec::new() };
    }
    let parts = value.split([' ', '、', '，', ',', '；', ';', '/', '(', ')', '（', '）']);
    let words = std::iter::once(value.as_str()).chain(parts).map(str::trim);
    let telling = words.filter(|word| word.chars().count() >= 2 && !NOBODY.contains(word));
    telling.map(|word| (word.to_owned(), if names::is_like(word) { names::INSTEAD } else { KEPT })).collect()
}

/// Returns a text in one line, its full-width letters and digits narrow.
fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '０'..='９' | 'ａ'..='ｚ' | 'Ａ'..='Ｚ' | '＠' | '．' | '－' | '＿' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        c if c.is_whitespace() || c.is_control() => ' ',
        c => c,
    };
    let text: String = text.chars().map(narrow).collect();
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        Mask::default().masked(text)
    }

    fn mask(identity: &[(&str, &str)]) -> Mask {
        Mask::of(&identity.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect())
    }

    #[test]
    fn what_the_petitioner_says_about_themselves_is_masked_everywhere() {
        let mask = mask(&[("姓名", "杨才让、贡保"), ("电话", "１３９ 0941 5566"), ("住址", "曲告纳乡岭坝村")]);
        let text = "杨才让与贡保反映，电话13909415566，家住曲告纳乡岭坝村，渠道不通。";
        assert_eq!(mask.masked(text), "某某与某某反映，电话〔号码〕，家住〔略〕，渠道不通。");
        assert_eq!(mask.own_masked("杨才让反映渠道不通"), "某某反映渠道不通");
        let nobody = Mask::of(&BTreeMap::from([("姓名".to_owned(), "群众".to_owned())]));
        assert_eq!(nobody.masked("群众反映渠道不通"), "群众反映渠道不通");
    }

    #[test]
    fn numbers_that_lead_to_a_person_are_masked_and_amounts_and_days_are_not() {
        assert_eq!(masked("电话13909415566或0941-8213345"), "电话〔号码〕或〔号码〕");
        assert_eq!(masked("身份证62302319850412051X，卡号6228 4803 1234 5678 901"), "身份证〔号码〕，卡号〔号码〕");
        assert_eq!(masked("电话一三九〇九四一五五六六"), "电话〔号码〕");
        assert_eq!(masked("微信号zhaxi_2020，邮箱zhaxi@example.cn"), "微信号〔账号〕，邮箱〔邮箱〕");
        assert_eq!(masked("QQ：88123456"), "QQ：〔账号〕");
        assert_eq!(masked("车牌甘P·12345的货车"), "车牌〔车牌〕的货车");
        let kept = "2020-04-21拨付12600000元，涉及126户";
        assert_eq!(masked(kept), kept);
    }

    #[test]
    fn house_and_door_numbers_are_masked_and_days_and_document_numbers_are_not() {
        assert_eq!(masked("家住岭坝村3组12号"), "家住岭坝村〔门牌〕");
        assert_eq!(masked("幸福小区3号楼2单元501室漏水"), "幸福小区〔门牌〕漏水");
        assert_eq!(masked("解放路18号门前路灯不亮"), "解放路〔门牌〕门前路灯不亮");
        assert_eq!(masked("岭坝村二组吃水困难"), "岭坝村〔门牌〕吃水困难");
        let kept = "6月12号停水，按15号文件办理，共3层";
        assert_eq!(masked(kept), kept);
    }

    #[test]
    fn names_are_masked_where_a_word_or_the_dictionary_says_that_they_are_names() {
        assert_eq!(masked("我叫张建国，今年六十岁"), "我叫某某，今年六十岁");
        assert_eq!(masked("本人李小红系低保户"), "本人某某系低保户");
        assert_eq!(masked("姓名：欧阳志远 反映欠薪"), "姓名：某某 反映欠薪");
        assert_eq!(masked("王先生和赵丽娟女士反映"), "某先生和某女士反映");
        assert_eq!(masked("扎西才让家的草场被占"), "某某家的草场被占");
        assert_eq!(masked("刘志强拖欠工资"), "某某拖欠工资");
        let kept = "本人于2019年申请危房改造，村民代表大会未公示";
        assert_eq!(masked(kept), kept);
    }

    #[test]
    fn a_summary_is_short_and_masked_before_it_is_cut() {
        let mask = mask(&[("姓名", "杨才让")]);
        let text = format!("{}杨才让的电话是13909415566", "渠".repeat(117));
        let summary = mask.summary(&text);
        assert_eq!(summary, format!("{}某某的…", "渠".repeat(117)));
        assert_eq!(mask.summary("渠道\n不通"), "渠道 不通");
    }
}
