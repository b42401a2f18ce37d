//! Classified texts must not enter: a marking (密级标志) is told from the mere word.

use crate::cell::trimmed;

const LEVELS: [&str; 3] = ["绝密", "机密", "秘密"];

/// Returns the marking a text bears: `机密★5年`, `密级：秘密`, `【绝密】`, or a line of its own. "泄露国家秘密" is none.
pub fn marking(text: &str) -> Option<&'static str> {
    let marked = |level: &&str| text.lines().any(|line| line.contains('密') && marks(line, level));
    LEVELS.into_iter().find(marked)
}

fn marks(line: &str, level: &str) -> bool {
    let line: String = line.split_whitespace().collect();
    let bare = trimmed(&line).trim_matches(|c| "【】〔〕[]［］（）()：:".contains(c));
    let alone = bare.strip_prefix(level).is_some_and(|rest| matches!(rest, "" | "级" | "件" | "文件"));
    let opens = ["（", "("].iter().any(|open| line.strip_prefix(open).is_some_and(|rest| rest.starts_with(level)));
    alone
        || opens
        || line.match_indices(level).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + level.len()..]);
            after.starts_with(['★', '☆'])
                || before.trim_end_matches(['：', ':', '为', '是']).ends_with("密级")
                || (before.ends_with(['【', '〔', '[', '［']) && after.starts_with(['】', '〕', ']', '］']))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marking_is_found_in_every_form() {
        for text in ["机密★5年", "关于…的报告\n机 密\n", "密级：机密", "【机密】通报", "(机密) 情况", "机密★", "机密级"]
        {
            assert_eq!(marking(text), Some("机密"), "{text}");
        }
        assert_eq!(marking("绝密"), Some("绝密"));
        assert_eq!(marking("秘密★1年"), Some("秘密"));
    }

    #[test]
    fn the_mere_word_is_no_marking() {
        for text in ["泄露国家秘密或者工作秘密", "在路过的时候才发现了机密。", "秘密地下销售", "密级：内部", ""]
        {
            assert_eq!(marking(text), None, "{text}");
        }
    }
}
