//! The columns of the workbook that is filled in off line, and what shows that a row is still what it was made as.

use rectify_case::quantity::Measured;
use rectify_case::{CaseId, LogId, UnitId, Version};
use sha2::{Digest as _, Sha256};

use crate::pages::page::Page;

/// What shows that a workbook was made here, and in which form.
pub(super) const MARK: &str = "rectify-fill-in/1";

/// A column: what a row is known by, what is told of the case, and what is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    Case,
    Version,
    Unit,
    Check,
    Number,
    Problem,
    Due,
    Amounts,
    Measures,
    Progress,
    Fixed(Measured),
    Done,
    Outcome,
    Review,
    Account,
}

impl Column {
    /// Every column, in the order in which they stand.
    pub(super) const ALL: [Column; 18] = [
        Column::Case,
        Column::Version,
        Column::Unit,
        Column::Check,
        Column::Number,
        Column::Problem,
        Column::Due,
        Column::Amounts,
        Column::Measures,
        Column::Progress,
        Column::Fixed(Measured::Money),
        Column::Fixed(Measured::Households),
        Column::Fixed(Measured::Persons),
        Column::Fixed(Measured::Records),
        Column::Done,
        Column::Outcome,
        Column::Review,
        Column::Account,
    ];

    /// Returns the name it is found again by, whatever language it is headed in.
    pub(super) fn name(self) -> &'static str {
        match self {
            Column::Case => "case",
            Column::Version => "version",
            Column::Unit => "unit",
            Column::Check => "check",
            Column::Number => "number",
            Column::Problem => "problem",
            Column::Due => "due",
            Column::Amounts => "amounts",
            Column::Measures => "measures",
            Column::Progress => "progress",
            Column::Fixed(Measured::Money) => "fixed-money",
            Column::Fixed(Measured::Households) => "fixed-households",
            Column::Fixed(Measured::Persons) => "fixed-persons",
            Column::Fixed(Measured::Records) => "fixed-records",
            Column::Done => "done",
            Column::Outcome => "outcome",
            Column::Review => "review",
            Column::Account => "account",
        }
    }

    /// Returns the column of a name.
    pub(super) fn named(name: &str) -> Option<Column> {
        Column::ALL.into_iter().find(|column| column.name() == name)
    }

    /// Returns whether it says what a row is known by; nobody sees it.
    pub(super) fn is_key(self) -> bool {
        matches!(self, Column::Case | Column::Version | Column::Unit | Column::Check)
    }

    /// Returns whether it is there to be filled in.
    pub(super) fn is_filled_in(self) -> bool {
        self >= Column::Progress
    }

    /// Returns whether it belongs to the report that a case is fixed, which only leads make.
    pub(super) fn is_of_completion(self) -> bool {
        matches!(self, Column::Outcome | Column::Review | Column::Account)
    }

    /// Returns what it is headed.
    pub(super) fn label(self, page: &Page) -> String {
        page.say(&format!("fill-column-{}", self.name()))
    }

    /// Returns how wide it is, in characters.
    pub(super) fn width(self) -> f64 {
        match self {
            Column::Case | Column::Version | Column::Unit | Column::Check => 10.0,
            Column::Number | Column::Amounts => 20.0,
            Column::Problem | Column::Progress | Column::Account => 44.0,
            Column::Measures => 36.0,
            Column::Due | Column::Fixed(_) | Column::Review => 13.0,
            Column::Done | Column::Outcome => 16.0,
        }
    }
}

/// Returns what shows that the key of a row, and the number beside it, are as they were made.
pub(super) fn check(log: LogId, case: CaseId, version: Version, unit: UnitId, number: &str) -> String {
    let text = format!("{MARK}\n{log}\n{case}\n{version}\n{unit}\n{number}");
    hex::encode(&Sha256::digest(text)[..10])
}
