//! Texts marked as state secrets have no place here: intake and upload refuse them.

/// The marks of 保守国家秘密法, article 13.
const MARKS: [&str; 3] = ["绝密", "机密", "秘密"];

/// Returns the mark a text carries, if it carries one: alone on a line, in brackets, before a star, or after 密级.
///
/// Merely speaking of secrets (such as 商业秘密) is no mark.
pub fn mark(text: &str) -> Option<&'static str> {
    text.lines().find_map(|line| MARKS.into_iter().find(|mark| is_marked(line.trim(), mark)))
}

fn is_marked(line: &str, mark: &str) -> bool {
    let enclosed = [('〔', '〕'), ('【', '】'), ('[', ']'), ('（', '）'), ('(', ')'), ('《', '》')];
    line == mark
        || line.match_indices(mark).any(|(at, _)| {
            let before = line[..at].trim_end();
            let after = line[at + mark.len()..].trim_start();
            let bracketed = enclosed.iter().any(|(open, close)| before.ends_with(*open) && after.starts_with(*close));
            bracketed
                || after.starts_with(['★', '☆'])
                || ["密级", "密级：", "密级:"].iter().any(|label| before.ends_with(label))
        })
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn a_marked_text_is_told_from_one_that_speaks_of_secrets() {
        assert_eq!(mark("机密★10年\n关于……"), Some("机密"));
        assert_eq!(mark("密级：秘密"), Some("秘密"));
        assert_eq!(mark("关于某事的报告【绝密】"), Some("绝密"));
        assert_eq!(mark("  秘密  "), Some("秘密"));
        assert_eq!(mark("企业反映其商业秘密被泄露"), None);
    }
}
