//! What is printed: lines, tables and colour, each character as wide as it stands on the screen.

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Row, Table};
use indicatif::{ProgressBar, ProgressStyle};
use rectify_ledger::Progress;

/// How wide a line may be where nobody says it.
const WIDTH: u16 = 110;

/// Prints a line.
pub fn say(line: impl Display) -> io::Result<()> {
    writeln!(io::stdout().lock(), "{line}")
}

/// Prints a line beside the output proper.
pub fn remark(line: impl Display) {
    // Where even this cannot be written there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// Returns how wide a line may be: what `COLUMNS` says, or what fits most terminals.
pub fn width() -> u16 {
    let said = std::env::var_os("COLUMNS").and_then(|columns| columns.to_str()?.parse().ok());
    said.unwrap_or(WIDTH).clamp(60, 400)
}

/// Returns a table that fits the terminal.
pub fn table(header: impl Into<Row>) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width()).set_header(header);
    table
}

/// Returns what shows on a bar how far the log is folded.
pub fn shown_on(bar: &ProgressBar) -> impl FnMut(Progress) + Send + use<> {
    let bar = bar.clone();
    move |Progress { folded, head }| {
        bar.set_length(head);
        bar.set_position(folded);
    }
}

/// Returns a bar of progress on the standard error; it is seen on a terminal only. `of` says what is counted.
pub fn bar(of: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(&format!("{{wide_bar}} {{pos}}/{{len}} {of} {{eta}}"));
    ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// How a text stands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What matters most.
    Bold,
    /// What is beside the point.
    Dim,
    /// What no longer holds.
    Struck,
    /// What is in order.
    Good,
    /// What somebody should look at.
    Warning,
    /// What is wrong.
    Bad,
}

/// Puts colour on texts, on a terminal only.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    on: bool,
}

impl Paint {
    /// Returns what fits the standard output.
    pub fn of_output() -> Paint {
        Paint { on: io::stdout().is_terminal() }
    }

    /// Returns what no terminal needs.
    #[cfg(test)]
    pub fn none() -> Paint {
        Paint { on: false }
    }

    /// Returns a text so that it stands out.
    pub fn put(self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Struck => "9",
            Style::Good => "32",
            Style::Warning => "33",
            Style::Bad => "31",
        };
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Returns how many columns a text takes: two for each Chinese character.
pub fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// Returns a text with spaces after it, so that it takes so many columns.
pub fn padded(text: &str, wanted: usize) -> String {
    format!("{text}{}", " ".repeat(wanted.saturating_sub(columns(text))))
}

/// Returns a text in lines of at most so many columns. Chinese breaks anywhere but beside a mark, other words at spaces.
pub fn wrapped(text: &str, most: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        for word in words(paragraph) {
            if columns(&line) + columns(word.trim_end()) > most && !line.is_empty() {
                lines.push(line.trim_end().to_owned());
                line.clear();
            }
            line.push_str(word);
        }
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Splits a text where a line may end.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut before: Option<char> = None;
        let ends = rest.char_indices().find(|(_, character)| {
            let breaks = before.is_some_and(|b| {
                let between = columns_of(b) == 2 || columns_of(*character) == 2 || (b == ' ' && *character != ' ');
                between && !OPENING.contains(&b) && !CLOSING.contains(character)
            });
            before = Some(*character);
            breaks
        });
        let (word, after) = rest.split_at(ends.map_or(rest.len(), |(at, _)| at));
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

/// Marks that no line begins with.
const CLOSING: [char; 12] = ['，', '。', '；', '：', '、', '）', '”', '》', '！', '？', '〕', ' '];

/// Marks that no line ends with.
const OPENING: [char; 4] = ['（', '“', '《', '〔'];

/// East Asian wide and full-width characters (Unicode TR 11), as terminals show them.
fn columns_of(character: char) -> usize {
    match u32::from(character) {
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff01..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1faff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_character_takes_two_columns() {
        assert_eq!(columns("整改 ok"), 7);
        assert_eq!(padded("整改", 6), "整改  ");
    }

    #[test]
    fn chinese_breaks_anywhere_but_beside_a_mark_and_words_at_spaces() {
        assert_eq!(wrapped("水管漏水，无人管护", 8), ["水管漏", "水，无人", "管护"]);
        assert_eq!(wrapped("two words here", 9), ["two words", "here"]);
        assert_eq!(wrapped("第一段\n第二段", 20), ["第一段", "第二段"]);
        assert_eq!(wrapped("", 20), Vec::<String>::new());
    }
}
