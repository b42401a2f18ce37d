//! A row held against the directory: what would become of it.

use rectify_case::directory::Unit;
use serde::{Deserialize, Serialize};

/// What may become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The unit is added.
    New,
    /// The unit is there, with another division or prefix: it is changed.
    Changed,
    /// The unit is there, as the row has it.
    There,
    /// Something is in the way.
    Wrong,
}

/// What is wrong with a cell, or with its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Which cell, and what it is headed; nothing for the row as such.
    pub(super) place: String,
    /// Why.
    pub(super) said: String,
}

/// A row held against the directory.
pub(super) struct Judged {
    pub(super) place: String,
    pub(super) standing: Standing,
    pub(super) name: String,
    /// The page of the unit, where it is there.
    pub(super) href: Option<String>,
    /// The units above it, from the top.
    pub(super) above: String,
    pub(super) kind: String,
    pub(super) division: String,
    pub(super) prefix: String,
    /// Other units of that name, where it is new.
    pub(super) alike: String,
    pub(super) wrong: Vec<Wrong>,
    /// What is sent to change the unit.
    pub(super) value: String,
}

/// What is to be done, as the page that shows it sends it on: nothing of the file is kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmed {
    /// The row it stood in.
    pub(super) place: String,
    /// The unit as it was when that was looked at; none where it is added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Unit>,
    /// The unit as it is to be.
    pub(super) unit: Unit,
}

impl Confirmed {
    /// Returns it as it is sent on.
    pub(super) fn sent(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
