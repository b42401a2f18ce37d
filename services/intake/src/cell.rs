//! One cell, whatever the file it came from.

use chrono::NaiveDateTime;
use serde_json::Value;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text, as it was written.
    Text(String),
    /// A number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// A day or a time of day, in the office's zone; midnight stands for the day.
    Moment(NaiveDateTime),
    /// What is no value, such as `#REF!`.
    Broken(String),
}

impl Cell {
    /// Returns the text without what surrounds it; numbers as a spreadsheet shows them.
    pub fn text(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Broken(text) => trimmed(text).to_owned(),
            Cell::Number(number) => plain(*number),
            Cell::Flag(flag) => if *flag { "是" } else { "否" }.to_owned(),
            Cell::Moment(at) if at.time() == chrono::NaiveTime::MIN => at.date().to_string(),
            Cell::Moment(at) => at.format("%Y-%m-%d %H:%M:%S").to_string(),
        }
    }

    /// Returns whether nothing stands in it.
    pub fn is_empty(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => trimmed(text).is_empty(),
            Cell::Number(_) | Cell::Flag(_) | Cell::Moment(_) | Cell::Broken(_) => false,
        }
    }
}

/// Returns a text as it is read. Nobody writes a NUL, and PostgreSQL keeps none: it is replaced.
pub(crate) fn kept(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// Returns a value of JSON with its texts as they are read.
pub(crate) fn kept_value(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(kept(&text)),
        Value::Array(values) => values.into_iter().map(kept_value).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (kept(&name), kept_value(value))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

/// Returns the text without white space, tabs, line ends and byte order marks around it.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(is_blank)
}

/// Returns whether a character shows nothing: white space, the full-width and the unbreakable too, and marks without width.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{2060}')
}

/// Returns the text with full-width digits, letters and signs as the narrow ones they stand for: `２０２５．６` is `2025.6`.
pub fn narrow(text: &str) -> String {
    text.chars().map(narrow_char).collect()
}

pub(crate) fn narrow_char(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        _ => c,
    }
}

/// Returns a number in digits, to the fifteen places a spreadsheet keeps: sums of fractions carry an error behind them.
pub fn plain(number: f64) -> String {
    let kept = format!("{number:.14e}").parse().unwrap_or(number);
    format!("{kept}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_reads_as_the_spreadsheet_shows_it() {
        assert_eq!(Cell::Number(2549.0).text(), "2549");
        assert_eq!(Cell::Number(0.1 + 0.2).text(), "0.3");
        assert_eq!(Cell::Number(1_234_567.89).text(), "1234567.89");
    }

    #[test]
    fn full_width_digits_and_letters_are_narrow_ones() {
        assert_eq!(narrow("２０２５．６．３０，Ａｂ（１）"), "2025.6.30,Ab(1)");
        assert_eq!(narrow("第三项。"), "第三项。");
    }

    #[test]
    fn no_text_is_read_with_a_nul() {
        let read = json!([{ "具体\0问题": "水池\0未消毒", "涉及": ["甲\0村"], "户数": 3, "核验": null }]);
        let kept =
            json!([{ "具体\u{fffd}问题": "水池\u{fffd}未消毒", "涉及": ["甲\u{fffd}村"], "户数": 3, "核验": null }]);
        assert_eq!(kept_value(read), kept);
    }

    #[test]
    fn what_surrounds_a_text_goes() {
        assert_eq!(Cell::Text("\n\t\t\u{3000}低保未发放\r\n\t".to_owned()).text(), "低保未发放");
        assert!(Cell::Text("\t\n ".to_owned()).is_empty());
    }
}
