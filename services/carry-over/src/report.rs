//! What came of an older ledger, or what would: row by row.

use std::fmt::Write as _;

use chrono::NaiveDate;
use comfy_table::Table;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use rectify_case::{CaseId, Stage};
use rectify_intake::report::{Language, Place, Report};
use serde::{Deserialize, Serialize};

/// What came of the files of an older ledger.
#[derive(Debug, Serialize)]
pub struct CarryOverReport {
    /// Whether nothing was written: this is what would happen.
    pub dry_run: bool,
    /// The rows that were carried over, or would be, or are there.
    pub carried: Vec<CarriedRow>,
    /// What was read, what was refused, and what is to be looked at.
    #[serde(flatten)]
    pub report: Report,
}

/// A row of an older ledger as a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedRow {
    /// The file.
    #[serde(default)]
    pub file: String,
    /// The sheet.
    #[serde(default)]
    pub sheet: String,
    /// The row, as a spreadsheet counts.
    pub row: u64,
    /// The case.
    pub case: CaseId,
    /// Its number here; none where it would be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Its number in the old ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_number: Option<String>,
    /// Its title.
    pub title: String,
    /// Where it begins, or stands by now.
    pub stage: Stage,
    /// The lead that answers for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead: Option<String>,
    /// The last day of its term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<NaiveDate>,
    /// What came of the row.
    pub fate: Fate,
}

/// What came of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It would be carried over.
    WouldBeCarriedOver,
    /// It was carried over.
    CarriedOver,
    /// It had been carried over from this very row before: nothing was added.
    CarriedOverBefore,
    /// The case is in the ledger already, from elsewhere: nothing was added.
    Known,
}

impl CarriedRow {
    pub(crate) fn at(place: &Place) -> (String, String, u64) {
        (place.file.clone(), place.sheet.clone(), place.row)
    }

    pub(crate) fn place(&self) -> Place {
        Place { file: self.file.clone(), sheet: self.sheet.clone(), row: self.row }
    }
}

impl Fate {
    fn said(self, language: Language) -> &'static str {
        match self {
            Fate::WouldBeCarriedOver => language.pick("将承前", "would be carried over"),
            Fate::CarriedOver => language.pick("已承前", "carried over"),
            Fate::CarriedOverBefore => language.pick("以前已承前", "carried over before"),
            Fate::Known => language.pick("台账中已有", "in the ledger already"),
        }
    }
}

impl CarryOverReport {
    /// Prints the report for a terminal: what came of each row, or would, and what is to be said of the others.
    pub fn print(&self, language: Language) -> String {
        let say = |chinese, english| language.pick(chinese, english);
        let of = |fate: Fate| self.carried.iter().filter(|row| row.fate == fate).count();
        let mut refused: Vec<_> = self.report.refused.iter().map(|error| &error.place).collect();
        refused.dedup();
        let mut text = format!("{} {}", say("读取行数", "rows read"), self.report.rows);
        for fate in [Fate::WouldBeCarriedOver, Fate::CarriedOver, Fate::CarriedOverBefore, Fate::Known] {
            if of(fate) > 0 {
                let _ = write!(text, " · {} {}", fate.said(language), of(fate));
            }
        }
        let _ = writeln!(text, " · {} {}", say("未接收", "refused"), refused.len());
        if self.dry_run {
            let _ = writeln!(text, "{}", say("仅检查，未写入", "only checked: nothing was written"));
        }
        if !self.carried.is_empty() {
            let mut table = Table::new();
            table.load_style(UTF8_FULL_CONDENSED);
            table.set_header(match language {
                Language::Chinese => ["行", "原编号", "编号", "标题", "环节", "牵头单位", "时限", "结果"],
                Language::English => {
                    ["row", "old number", "number", "title", "stage", "lead", "deadline", "what came of it"]
                }
            });
            for row in &self.carried {
                let stage = match language {
                    Language::Chinese => row.stage.chinese(),
                    Language::English => row.stage.name(),
                };
                table.add_row([
                    row.row.to_string(),
                    row.old_number.clone().unwrap_or_default(),
                    row.number.clone().unwrap_or_default(),
                    row.title.clone(),
                    stage.to_owned(),
                    row.lead.clone().unwrap_or_default(),
                    row.deadline.map(|day| day.to_string()).unwrap_or_default(),
                    row.fate.said(language).to_owned(),
                ]);
            }
            let _ = writeln!(text, "{table}");
        }
        text.push_str(&self.report.print_remarks(language));
        text
    }
}
