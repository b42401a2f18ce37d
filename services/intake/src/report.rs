//! What came of a delivery: what was taken, what was not, and why.

mod print;

use chrono::NaiveDate;
use rectify_case::{Digest, Finding, FindingId};
use serde::Serialize;

use crate::gone::{Mentioned, NoLonger};
use crate::mapping::Fingerprint;
use crate::reason::Reason;

pub use print::Language;

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

/// A sheet that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SheetRead {
    /// The file.
    pub file: String,
    /// The sheet.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The last row of its header.
    pub header_row: u64,
    /// Whether whoever opens the file does not see the sheet. It was read all the same.
    #[serde(skip_serializing_if = "is_false")]
    pub hidden: bool,
    /// The rows that whoever opens the file does not see, from and to. They were read all the same.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hidden_rows: Vec<(u64, u64)>,
    /// Whether a filter is set.
    #[serde(skip_serializing_if = "is_false")]
    pub filtered: bool,
    /// The year in which days were read that say none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// The mapping by which it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping: Option<MappingUsed>,
}

/// A mapping by which a sheet was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MappingUsed {
    /// The header it is remembered for.
    pub fingerprint: Fingerprint,
    /// Since which day it is remembered; nothing where it came with the delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<NaiveDate>,
}

/// A sheet that was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SheetSkipped {
    /// The file.
    pub file: String,
    /// The sheet.
    pub sheet: String,
    /// Why.
    #[serde(flatten)]
    pub reason: Reason,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it skips by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A cell that numbers several problems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Several {
    /// Which row.
    #[serde(flatten)]
    pub place: Place,
    /// Which column.
    pub column: String,
    /// The item of the row; empty where it has none.
    pub item: String,
    /// The problems, each as it would stand alone.
    pub parts: Vec<String>,
    /// Whether they were taken apart, which is done only when it is asked for.
    pub split: bool,
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
    /// Its attachments so far, each by the SHA-256 of its sealed bytes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Digest>,
    /// What the queue answered.
    pub receipt: Receipt,
    /// What would be handed in, with nothing in it that is to be sealed; only in a check.
    #[serde(skip)]
    pub checked: Option<Box<Finding>>,
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
    /// It would be accepted: this was only a check.
    Checked,
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
    /// Columns that name a petitioner and were sealed, each once.
    pub sealed_columns: Vec<String>,
    /// Rows that are no findings: notes, totals, headings.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asides: Vec<RowError>,
    /// Cells that number several problems.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub several: Vec<Several>,
    /// How many rows were read.
    pub rows: u64,
    /// The findings that were accepted.
    pub accepted: Vec<Accepted>,
    /// What was refused.
    pub refused: Vec<RowError>,
    /// What was taken and is to be looked at.
    pub warnings: Vec<RowError>,
    /// Findings that earlier deliveries of the same documents held and this one does not. They stay as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no_longer: Vec<NoLonger>,
    /// The items of refused rows.
    #[serde(skip)]
    pub(crate) mentioned: Mentioned,
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
            if !self.sealed_columns.contains(header) {
                self.sealed_columns.push(header.clone());
            }
        }
    }
}
