//! Several problems in one cell: told apart by their numbers, proposed as a split, never split unasked.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::cell::{is_blank, narrow_char};

/// Which of the proposed splits are carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Split {
    /// None: they are only proposed.
    #[default]
    None,
    /// All that are proposed.
    All,
    /// Those of these items.
    Items(BTreeSet<String>),
}

impl Split {
    pub(crate) fn asks_for(&self, item: &str) -> bool {
        match self {
            Split::None => false,
            Split::All => true,
            Split::Items(items) => items.contains(item),
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Split::None => f.write_str("none"),
            Split::All => f.write_str("all"),
            Split::Items(items) => f.write_str(&items.iter().map(String::as_str).collect::<Vec<_>>().join(",")),
        }
    }
}

impl FromStr for Split {
    type Err = Infallible;

    /// Reads `all`, `none` or items: `3,7`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let items = text.split([',', '，', '、']).map(str::trim).filter(|item| !item.is_empty());
        Ok(match text.trim() {
            "all" | "true" | "" => Split::All,
            "none" | "false" => Split::None,
            _ => Split::Items(items.map(str::to_owned).collect()),
        })
    }
}

/// More characters before the first number are a text with a list in it, and no list of problems.
const LONGEST_LEAD: usize = 60;

/// A part that is shorter says no problem.
const SHORTEST_PART: usize = 4;

/// Returns the parts of a text that numbers several problems, each with what stands before the first; nothing for others.
pub(crate) fn parts(text: &str) -> Option<Vec<String>> {
    let chars: Vec<char> = text.chars().collect();
    let found = [Numbering::Circled, Numbering::Bracketed, Numbering::Chinese, Numbering::Digits]
        .map(|numbering| numbering.marks(&chars));
    let outermost = found.into_iter().filter(|marks| marks.len() > 1).min_by_key(|marks| marks[0].0)?;
    let text = |from: usize, to: usize| chars[from..to].iter().collect::<String>();
    let lead = text(0, outermost[0].0);
    let lead = lead.trim_matches(is_blank);
    if lead.chars().count() > LONGEST_LEAD || !(lead.is_empty() || lead.ends_with(['：', ':', '。', '；'])) {
        return None;
    }
    let ends = outermost.iter().skip(1).map(|(begins, _)| *begins).chain([chars.len()]);
    let parts = outermost.iter().zip(ends).map(|((_, from), to)| {
        let part = text(*from, to);
        part.trim_matches(|c| is_blank(c) || matches!(c, '；' | ';' | '，' | ',')).to_owned()
    });
    let parts: Vec<String> = parts.collect();
    if parts.iter().any(|part| part.chars().count() < SHORTEST_PART) {
        return None;
    }
    Some(parts.into_iter().map(|part| if lead.is_empty() { part } else { format!("{lead}{part}") }).collect())
}

/// How problems are numbered.
#[derive(Clone, Copy)]
enum Numbering {
    /// ① ② ③, anywhere.
    Circled,
    /// （一）（二） or （1）（2）, where a sentence begins.
    Bracketed,
    /// 一、二、, where a sentence begins.
    Chinese,
    /// 1. 2. or 1、2、, where a sentence begins.
    Digits,
}

impl Numbering {
    /// Returns where each number of the sequence 1, 2, 3 begins and ends.
    fn marks(self, text: &[char]) -> Vec<(usize, usize)> {
        let mut marks: Vec<(usize, usize)> = Vec::new();
        for at in 0..text.len() {
            if marks.last().is_some_and(|(_, end)| at < *end) {
                continue;
            }
            if let Some(length) = self.mark(text, at, marks.len() + 1) {
                marks.push((at, at + length));
            }
        }
        marks
    }

    /// Returns how long the number is that stands at a place, if it is this one.
    fn mark(self, text: &[char], at: usize, number: usize) -> Option<usize> {
        if !matches!(self, Numbering::Circled) && !begins_a_sentence(text, at) {
            return None;
        }
        let stands = |mark: &str| {
            let mut length = 0;
            for wanted in mark.chars() {
                if text.get(at + length).copied().map(narrow_char) != Some(narrow_char(wanted)) {
                    return None;
                }
                length += 1;
            }
            Some(length)
        };
        match self {
            Numbering::Circled => {
                let circled = u32::try_from(number)
                    .ok()
                    .filter(|number| *number <= 20)
                    .and_then(|n| char::from_u32(0x245f + n))?;
                (text.get(at) == Some(&circled)).then_some(1)
            }
            Numbering::Bracketed => {
                [chinese(number), number.to_string()].iter().find_map(|number| stands(&format!("({number})")))
            }
            Numbering::Chinese => stands(&format!("{}、", chinese(number))),
            Numbering::Digits => {
                let length = ["、", ".", ")"].iter().find_map(|mark| stands(&format!("{number}{mark}")))?;
                // 1.5 is a number of something.
                let next = text.get(at + length).copied().map(narrow_char);
                (!next.is_some_and(|next| next.is_ascii_digit())).then_some(length)
            }
        }
    }
}

fn begins_a_sentence(text: &[char], at: usize) -> bool {
    let before = text[..at].iter().rev().find(|c| !is_blank(**c) || **c == '\n');
    before.is_none_or(|before| matches!(before, '\n' | '。' | '；' | ';' | '：' | ':' | '！' | '？' | '，'))
}

/// Returns a number from 1 to 99 in Chinese.
fn chinese(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let (tens, ones) = (number / 10 % 10, DIGITS[number % 10]);
    match tens {
        0 => ones.to_owned(),
        1 => format!("十{ones}"),
        tens => format!("{}十{ones}", DIGITS[tens]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbered_problems_are_told_apart() {
        let is = |text: &str, expected: &[&str]| assert_eq!(parts(text).unwrap(), expected, "{text}");
        is("①管网冻裂；②水费偏高；③水质未检测。", &["管网冻裂", "水费偏高", "水质未检测。"]);
        is("1.管网冻裂\n2.水费偏高1.5倍", &["管网冻裂", "水费偏高1.5倍"]);
        is("１、管网冻裂；２、水费偏高", &["管网冻裂", "水费偏高"]);
        is("（一）管网冻裂。（二）水费偏高。", &["管网冻裂。", "水费偏高。"]);
        is("一、管网冻裂\n二、水费偏高", &["管网冻裂", "水费偏高"]);
        is("存在以下问题：①管网冻裂②水费偏高", &["存在以下问题：管网冻裂", "存在以下问题：水费偏高"]);
        is("一、管网冻裂：①县城两处②乡镇三处\n二、水费偏高", &["管网冻裂：①县城两处②乡镇三处", "水费偏高"]);
    }

    #[test]
    fn one_problem_is_not_split() {
        for one in [
            "管网冻裂",
            "①管网冻裂",
            "2020年1.5公里管网冻裂，2.3公里老化",
            "管网冻裂1.5公里。2.3公里老化",
            "1.是 2.否",
            "第1条、第2条未落实",
        ] {
            assert_eq!(parts(one), None, "{one}");
        }
        let long = format!("{}：①管网冻裂②水费偏高", "长".repeat(80));
        assert_eq!(parts(&long), None);
    }

    #[test]
    fn numbers_go_on_past_ten() {
        assert_eq!([1, 10, 11, 20, 21].map(chinese), ["一", "十", "十一", "二十", "二十一"]);
        let many: Vec<String> = (1..=12).map(|n| format!("{}、问题之{n}号", chinese(n))).collect();
        assert_eq!(parts(&many.join("\n")).unwrap().len(), 12);
    }

    #[test]
    fn which_are_split_is_said_by_item() {
        assert_eq!("".parse(), Ok(Split::All));
        let some: Split = "3，7".parse().unwrap();
        assert!(some.asks_for("7") && !some.asks_for("37"));
    }
}
