//! The cases a case has to do with.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rectify_case::CaseId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{LedgerError, inconsistent};
use crate::facets::{DUPLICATE, MERGED, PART, RECURRENCE, RELATED, SIMILAR};
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::row::Row;
use crate::sql::Sql;
use crate::statements;

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
        let generation = self.serving().await?;
        let rows: Vec<(String, Uuid, bool)> =
            Sql::new(statements::RELATIONS, [id.0.into()]).fetch_all(&generation.db).await?;
        let mut ties: BTreeSet<(Tie, CaseId)> = BTreeSet::new();
        for (kind, other, named) in rows {
            ties.insert((tie(&kind, named).ok_or_else(|| inconsistent("relations", "kind", id))?, CaseId(other)));
        }
        let cases = self.cases(viewer, ties.iter().map(|(_, other)| *other), now).await?;
        let cases: BTreeMap<CaseId, Row> = cases.into_iter().map(|case| (case.id, case)).collect();
        let related =
            ties.into_iter().filter_map(|(tie, other)| Some(Related { tie, case: cases.get(&other)?.clone() }));
        Ok(related.collect())
    }
}

/// Returns what the other case is, of which this one says so (`named`) or which says so of this one.
fn tie(kind: &str, named: bool) -> Option<Tie> {
    Some(match (kind, named) {
        (DUPLICATE, _) => Tie::LikelyDuplicate,
        (RECURRENCE, true) => Tie::EarlierOccurrence,
        (RECURRENCE, false) => Tie::Recurrence,
        (SIMILAR, _) => Tie::Similar,
        (RELATED, _) => Tie::Related,
        (MERGED, true) => Tie::MergedInto,
        (MERGED, false) => Tie::Absorbed,
        (PART, true) => Tie::Whole,
        (PART, false) => Tie::Part,
        _ => return None,
    })
}
