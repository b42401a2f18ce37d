//! What came of a delivery: what was taken, what was not, and why.

use std::fmt::Write as _;

use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use rectify_case::FindingId;
use serde::Serialize;

use crate::reason::Reason;

/// Where a row stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file; empty for documents handed in without one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// The sheet; empty where there is only one without a name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row as a spreadsheet counts, or the place among the documents, from 1.
    pub row: u64,
}

/// What is wrong with a row, or to be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RowError {
    /// Which row.
    #[serde(flatten)]
    pub place: Place,
    /// Which column.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub column: String,
    /// What stands there, shortened.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What is wrong with it.
    #[serde(flatten)]
    pub reason: Reason,
}

impl RowError {
    /// Returns the remark, with a value of at most sixty characters.
    pub fn new(place: &Place, column: &str, value: &str, reason: Reason) -> RowError {
        let mut shown: String = value.chars().take(60).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        RowError { place: place.clone(), column: column.to_owned(), value: shown, reason }
    }
}

/// A column that was not taken on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotTaken {
    /// Its header.
    pub column: String,
    /// Why.
    #[serde(flatten)]
    pub reason: Reason,
}

/// A sheet that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetRead {
    /// The file.
    pub file: String,
    /// The sheet.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row of its header.
    pub header_row: u64,
}

/// A sheet without a recognisable header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetSkipped {
    /// The file.
    pub file: String,
    /// The sheet.
    pub sheet: String,
}

/// A finding that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// The row, or the first of its rows.
    #[serde(flatten)]
    pub place: Place,
    /// What it is known by.
    pub finding: FindingId,
    /// The item it has in its document.
    pub item: String,
    /// What the queue answered.
    pub receipt: Receipt,
}

/// What the queue answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Receipt {
    /// It is durable in the queue (已接收).
    Queued,
    /// It was in the queue already, with the same content.
    QueuedBefore,
    /// It is in the log (已记录).
    Recorded,
}

impl From<rectify_bus::Receipt> for Receipt {
    fn from(receipt: rectify_bus::Receipt) -> Receipt {
        match receipt {
            rectify_bus::Receipt::Queued { repeated: false, .. } => Receipt::Queued,
            rectify_bus::Receipt::Queued { repeated: true, .. } => Receipt::QueuedBefore,
            rectify_bus::Receipt::Recorded => Receipt::Recorded,
        }
    }
}

/// What came of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The sheets that were read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<SheetRead>,
    /// The sheets that were not, for want of a header.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<SheetSkipped>,
    /// Columns nobody knows, each once.
    pub unknown_columns: Vec<String>,
    /// Columns that are not taken, each once.
    pub not_taken: Vec<NotTaken>,
    /// How many rows were read.
    pub rows: u64,
    /// The findings that were accepted.
    pub accepted: Vec<Accepted>,
    /// What was refused.
    pub refused: Vec<RowError>,
    /// What was taken and is to be looked at.
    pub warnings: Vec<RowError>,
}

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

    fn pick(self, chinese: &'static str, english: &'static str) -> &'static str {
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }
}

impl Report {
    pub(crate) fn note_unknown(&mut self, headers: &[String]) {
        for header in headers {
            if !self.unknown_columns.contains(header) {
                self.unknown_columns.push(header.clone());
            }
        }
    }

    pub(crate) fn note_identity(&mut self, headers: &[String]) {
        for header in headers {
            if !self.not_taken.iter().any(|taken| taken.column == *header) {
                self.not_taken.push(NotTaken { column: header.clone(), reason: Reason::Identity });
            }
        }
    }

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
        for sheet in &self.skipped {
            let _ = writeln!(text, "{}: {} {}", say("无表头，未读", "no header, not read"), sheet.file, sheet.sheet);
        }
        if !self.unknown_columns.is_empty() {
            let _ = writeln!(text, "{}: {}", say("未识别的列", "unknown columns"), self.unknown_columns.join("、"));
        }
        for column in &self.not_taken {
            let _ = writeln!(text, "{}: {}", column.column, language.of(&column.reason));
        }
        for (title, errors) in
            [(say("未接收", "refused"), &self.refused), (say("请留意", "to be looked at"), &self.warnings)]
        {
            if !errors.is_empty() {
                let _ = writeln!(text, "{title}:\n{}", table(errors, language));
            }
        }
        text
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
