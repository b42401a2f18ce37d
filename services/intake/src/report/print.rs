//! A report as it is printed on a terminal.

use std::fmt::Write as _;

use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;

use super::{Place, Report, RowError, Several, SheetRead};
use crate::gone::NoLonger;
use crate::reason::Reason;

/// The language of a printed report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// zh-CN.
    #[default]
    Chinese,
    /// en.
    English,
}

impl Language {
    fn of(self, reason: &Reason) -> String {
        match self {
            Language::Chinese => reason.chinese(),
            Language::English => reason.english(),
        }
    }

    /// Returns what is said in this language.
    pub fn pick(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }
}

impl Report {
    /// Prints the report for a terminal.
    pub fn print(&self, language: Language) -> String {
        let say = |chinese, english| language.pick(chinese, english);
        let refused_rows = self.refused.iter().map(|error| &error.place);
        let mut text = format!(
            "{} {} · {} {} · {} {}\n",
            say("读取行数", "rows read"),
            self.rows,
            say("接收", "accepted"),
            self.accepted.len(),
            say("未接收", "refused"),
            distinct(refused_rows),
        );
        text.push_str(&self.print_remarks(language));
        text
    }

    /// Prints what was read and what is to be said of it, without how much was taken.
    pub fn print_remarks(&self, language: Language) -> String {
        let say = |chinese, english| language.pick(chinese, english);
        let mut text = String::new();
        for sheet in &self.skipped {
            let _ = writeln!(text, "{}: {} {}", language.of(&sheet.reason), sheet.file, sheet.sheet);
        }
        for sheet in &self.sheets {
            sheet.print(&mut text, language);
        }
        if !self.unknown_columns.is_empty() {
            let _ = writeln!(text, "{}: {}", say("未识别的列", "unknown columns"), self.unknown_columns.join("、"));
        }
        if !self.sealed_columns.is_empty() {
            let _ = writeln!(text, "{}: {}", say("已密封的列", "columns sealed"), self.sealed_columns.join("、"));
        }
        for (title, errors) in [
            (say("未接收", "refused"), &self.refused),
            (say("请留意", "to be looked at"), &self.warnings),
            (say("不是问题的行，未读", "rows that are no findings, not read"), &self.asides),
        ] {
            if !errors.is_empty() {
                let _ = writeln!(text, "{title}:\n{}", table(errors, language));
            }
        }
        if !self.no_longer.is_empty() {
            let title = say(
                "以前报过、本次文件中没有的问题（原事项不变）",
                "handed in before and no longer in the file (their cases stay)",
            );
            let _ = writeln!(text, "{title}:\n{}", gone(&self.no_longer, language));
        }
        let (split, proposed): (Vec<&Several>, Vec<&Several>) = self.several.iter().partition(|several| several.split);
        for (title, several) in [
            (say("已拆分", "split"), split),
            (
                say(
                    "一格多个问题，建议拆分；看过后加 --split 再报",
                    "several problems in one cell; look, and hand in again with --split",
                ),
                proposed,
            ),
        ] {
            if !several.is_empty() {
                let _ = writeln!(text, "{title}:\n{}", parts(&several, language));
            }
        }
        text
    }
}

/// Returns a table of what is no longer in the file.
fn gone(no_longer: &[NoLonger], language: Language) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(match language {
        Language::Chinese => ["发文单位", "文号", "编号", "上次报送"],
        Language::English => ["issuing body", "document", "item", "last handed in"],
    });
    for NoLonger { document, held, last } in no_longer {
        table.add_row([&document.issuing_body, &document.document, &held.item, &last.to_string()]);
    }
    table
}

/// Returns a table of the parts of cells that number several problems.
fn parts(several: &[&Several], language: Language) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(match language {
        Language::Chinese => ["文件", "工作表", "行", "列", "编号", "各项"],
        Language::English => ["file", "sheet", "row", "column", "item", "parts"],
    });
    for Several { place: Place { file, sheet, row }, column, item, parts, .. } in several {
        let parts: Vec<String> = (1..)
            .zip(parts)
            .map(|(number, part)| {
                let short: String = part.chars().take(40).collect();
                let more = if short.len() < part.len() { "…" } else { "" };
                let item = if item.is_empty() { number.to_string() } else { format!("{item}-{number}") };
                format!("{item}　{short}{more}")
            })
            .collect();
        table.add_row([file, sheet, &row.to_string(), column, item, &parts.join("\n")]);
    }
    table
}

impl SheetRead {
    /// Says what is not seen in a sheet at first sight, and how it was read.
    fn print(&self, text: &mut String, language: Language) {
        let place = format!("{} {}", self.file, self.sheet);
        let place = place.trim_end();
        if self.hidden {
            let _ = writeln!(
                text,
                "{}: {place}",
                language.pick("隐藏的工作表，照样读取", "hidden sheet, read all the same")
            );
        }
        if !self.hidden_rows.is_empty() {
            let rows: u64 = self.hidden_rows.iter().map(|(from, to)| to - from + 1).sum();
            let runs = self
                .hidden_rows
                .iter()
                .map(|(from, to)| if from == to { from.to_string() } else { format!("{from}-{to}") });
            let runs = runs.collect::<Vec<_>>().join("、");
            let _ = match (language, self.filtered) {
                (Language::Chinese, false) => writeln!(text, "隐藏的 {rows} 行，照样读取: {place} {runs}"),
                (Language::Chinese, true) => writeln!(text, "筛选隐藏的 {rows} 行，照样读取: {place} {runs}"),
                (Language::English, false) => writeln!(text, "{rows} hidden rows, read all the same: {place} {runs}"),
                (Language::English, true) => {
                    writeln!(text, "{rows} rows hidden by a filter, read all the same: {place} {runs}")
                }
            };
        }
        if let Some(year) = self.year {
            let said = language
                .pick("没有写年份的日期按表题或文号算作", "days without a year, by title or document number, are of");
            let _ = writeln!(text, "{said} {year}: {place}");
        }
        if let Some(mapping) = &self.mapping {
            let _ = match (language, mapping.since) {
                (Language::Chinese, None) => writeln!(text, "按给出的对照读取: {place}"),
                (Language::Chinese, Some(since)) => writeln!(text, "按 {since} 记下的对照读取: {place}"),
                (Language::English, None) => writeln!(text, "read by the mapping that was given: {place}"),
                (Language::English, Some(since)) => {
                    writeln!(text, "read by the mapping remembered since {since}: {place}")
                }
            };
        }
    }
}

fn distinct<'a>(places: impl Iterator<Item = &'a Place>) -> usize {
    places.map(|place| (&place.file, &place.sheet, place.row)).collect::<std::collections::BTreeSet<_>>().len()
}

fn table(errors: &[RowError], language: Language) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_header(match language {
        Language::Chinese => ["文件", "工作表", "行", "列", "内容", "原因"],
        Language::English => ["file", "sheet", "row", "column", "value", "reason"],
    });
    for error in errors {
        let Place { file, sheet, row } = &error.place;
        let reason = language.of(&error.reason);
        table.add_row([file, sheet, &row.to_string(), &error.column, &error.value, &reason]);
    }
    table
}
