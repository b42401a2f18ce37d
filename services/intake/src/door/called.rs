//! What the workbook with the errors is called: after the file that came in, and nothing that a header or a folder would take for
//! more than a name.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::report::Language;

/// All that is not written as it is.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// The most characters that are kept of a name.
const LONGEST: usize = 80;

/// Returns the header that names the workbook (RFC 6266): as UTF-8, and plainly for whatever does not read that.
pub(super) fn disposition(came_as: &str, language: Language) -> String {
    let name = named(came_as, language);
    format!("attachment; filename=\"errors.xlsx\"; filename*=UTF-8''{}", utf8_percent_encode(&name, ENCODED))
}

fn named(came_as: &str, language: Language) -> String {
    match (stem(came_as), language) {
        (stem, Language::Chinese) if stem.is_empty() => "导入有误.xlsx".to_owned(),
        (stem, Language::English) if stem.is_empty() => "errors.xlsx".to_owned(),
        (stem, Language::Chinese) => format!("{stem}（有误）.xlsx"),
        (stem, Language::English) => format!("{stem} (errors).xlsx"),
    }
}

/// Returns a file's name without its folder and its kind, and without what no name should have.
fn stem(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let kept: String = stem.chars().filter(|c| is_plain(*c)).take(LONGEST).collect();
    kept.trim_matches(|c: char| c.is_whitespace() || c == '.').to_owned()
}

/// Returns whether a character may stand in a name everywhere, and turns nothing round that stands behind it.
fn is_plain(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !turns && !"<>:\"|?*".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_called_after_the_file_that_came_in() {
        let named = |name| named(name, Language::Chinese);
        assert_eq!(named("问题清单.v2.xlsx"), "问题清单.v2（有误）.xlsx");
        assert_eq!(named("清单"), "清单（有误）.xlsx");
        assert_eq!(super::named("list.csv", Language::English), "list (errors).xlsx");
        for nothing in ["", ".csv", " .xlsx", "..", "/", "a/"] {
            assert_eq!(named(nothing), "导入有误.xlsx", "{nothing:?}");
        }
    }

    #[test]
    fn nothing_in_a_name_leads_elsewhere_or_ends_the_header() {
        let named = |name: &str| named(name, Language::Chinese);
        for name in ["../../etc/清单.csv", "C:\\桌面\\清单.csv", "清\r\n单.csv", "清\"单*.csv", "\u{202e}清单.csv"]
        {
            assert_eq!(named(name), "清单（有误）.xlsx", "{name:?}");
        }
        let header = disposition("清单\r\nSet-Cookie: a=b;\".csv", Language::Chinese);
        assert!(header.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{header}");
        assert_eq!(header.matches(['"', ';']).count(), 4, "{header}");
        assert!(named(&"长".repeat(300)).chars().count() < 100);
    }
}
