//! In which order cases are listed.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// In which order cases are listed, written `due`, or `-due` for the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^-?(number|due|updated|registered|severity)$"))]
pub struct Sort {
    /// By what.
    pub by: SortBy,
    /// Whether what is greatest comes first.
    pub descending: bool,
}

/// What cases are ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortBy {
    /// The case number; cases without one come first.
    Number,
    /// The deadline; cases without one come last.
    Due,
    /// What happened last.
    Updated,
    /// The day of registration; cases not registered yet come first.
    Registered,
    /// The severity.
    Severity,
}

/// A text that names no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no order: number, due, updated, registered or severity, with - before it for the other way round")]
pub struct BadSort(String);

impl Default for Sort {
    /// What happened last comes first.
    fn default() -> Self {
        Sort { by: SortBy::Updated, descending: true }
    }
}

impl SortBy {
    /// Everything cases are ordered by.
    pub const ALL: [SortBy; 5] = [SortBy::Number, SortBy::Due, SortBy::Updated, SortBy::Registered, SortBy::Severity];

    /// Returns its name as it is written.
    pub fn name(self) -> &'static str {
        match self {
            SortBy::Number => "number",
            SortBy::Due => "due",
            SortBy::Updated => "updated",
            SortBy::Registered => "registered",
            SortBy::Severity => "severity",
        }
    }

    /// Returns what of a case is compared.
    pub(crate) fn key(self) -> Key {
        match self {
            SortBy::Number => Key::Text("c.number_order"),
            SortBy::Due => Key::Int("coalesce(c.due, 9223372036854775807)"),
            SortBy::Updated => Key::Int("c.position"),
            SortBy::Registered => Key::Text("coalesce(c.registered_on, '')"),
            SortBy::Severity => Key::Int("c.severity"),
        }
    }
}

/// An expression over a case, and of which kind it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Text(&'static str),
    Int(&'static str),
}

impl fmt::Display for Sort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.by.name())
    }
}

impl FromStr for Sort {
    type Err = BadSort;

    fn from_str(text: &str) -> Result<Self, BadSort> {
        let name = text.strip_prefix('-');
        let by = SortBy::ALL.into_iter().find(|by| by.name() == name.unwrap_or(text));
        by.map(|by| Sort { by, descending: name.is_some() }).ok_or_else(|| BadSort(text.to_owned()))
    }
}

impl From<Sort> for String {
    fn from(sort: Sort) -> Self {
        sort.to_string()
    }
}

impl TryFrom<String> for Sort {
    type Error = BadSort;

    fn try_from(text: String) -> Result<Self, BadSort> {
        text.parse()
    }
}
