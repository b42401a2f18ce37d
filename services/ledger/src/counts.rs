//! How many cases there are, for whoever asks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rectify_case::{DivisionCode, Position, SourceCode, Stage, UnitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{LedgerError, inconsistent};
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::row::{OutcomeKind, micros, named};
use crate::sql::Sql;
use crate::statements;

/// How many cases there are that may reach a viewer. What there is none of is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// All of them.
    pub total: u64,
    /// Those that wait for somebody: neither ended nor split.
    pub live: u64,
    /// Those that wait for somebody and are late.
    pub overdue: u64,
    /// By where they stand.
    pub by_stage: BTreeMap<Stage, u64>,
    /// By source.
    pub by_source: BTreeMap<SourceCode, u64>,
    /// By the division of the first finding.
    pub by_division: BTreeMap<DivisionCode, u64>,
    /// By the lead that answers.
    pub by_lead: BTreeMap<UnitId, u64>,
    /// By what came of them, once closed and proved here. Nothing is ever added to `rectified`.
    pub by_outcome: BTreeMap<OutcomeKind, u64>,
    /// By what an older ledger says came of them, where that ledger closed them (承前): declared, not proved.
    pub by_declared_outcome: BTreeMap<OutcomeKind, u64>,
    /// How far the log was folded when they were counted, or further.
    pub position: Position,
}

/// How many cases there are of one kind: stage, source, division, lead, outcome, whether that is declared, cases. Empty text
/// and the nil id stand for none.
type Kind = (String, String, String, Option<Uuid>, String, bool, i64);

impl Ledger {
    /// Returns how many cases there are that may reach a viewer.
    ///
    /// What is kept from nobody and lies in a division the viewer governs is counted already; only the rest is looked at.
    pub async fn counts(&self, viewer: &Viewer, now: DateTime<Utc>) -> Result<Counts, LedgerError> {
        let generation = self.serving().await?;
        let mut counts = Counts { position: generation.checkpoint().await?.position, ..Counts::default() };
        let kept: Vec<Kind> = Sql::new(statements::KEPT_COUNTS, []).fetch_all(&generation.db).await?;
        let mut foreign = BTreeSet::new();
        for kind in kept {
            let division = kind.2.parse().ok();
            if division.is_some_and(|division| viewer.governs(&division)) {
                counts.add(&kind)?;
            } else {
                foreign.insert(kind.2);
            }
        }

        let mut sql = Sql::new(statements::COUNT_KINDS, []);
        sql.push(" WHERE (c.walled");
        if !foreign.is_empty() {
            sql.push(" OR coalesce(c.division, '') IN ").list(foreign.iter().map(String::as_str));
        }
        sql.push(") AND ");
        viewer.push(&mut sql);
        sql.push(statements::BY_KIND);
        let rest: Vec<Kind> = sql.once().fetch_all(&generation.db).await?;
        for kind in rest {
            counts.add(&kind)?;
        }

        let mut sql = Sql::new("SELECT count(*) FROM cases AS c WHERE c.live AND c.due <= ", []);
        sql.bind(micros(now)).push(" AND ");
        viewer.push(&mut sql);
        let row: Option<(i64,)> = sql.once().fetch_optional(&generation.db).await?;
        counts.overdue = row.and_then(|(count,)| count.try_into().ok()).unwrap_or(0);
        Ok(counts)
    }
}

impl Counts {
    fn add(&mut self, (stage, source, division, lead, outcome, declared, cases): &Kind) -> Result<(), LedgerError> {
        let wrong = |column| inconsistent("counts", column, format_args!("{stage} {source} {division} {lead:?}"));
        let cases = u64::try_from(*cases).map_err(|_| wrong("cases"))?;
        let stage: Stage = named(stage).ok_or_else(|| wrong("stage"))?;
        self.total += cases;
        if !stage.is_final() && stage != Stage::Grouped {
            self.live += cases;
        }
        *self.by_stage.entry(stage).or_default() += cases;
        if !source.is_empty() {
            let source = source.parse().map_err(|_| wrong("source"))?;
            *self.by_source.entry(source).or_default() += cases;
        }
        if !division.is_empty() {
            let division = division.parse().map_err(|_| wrong("division"))?;
            *self.by_division.entry(division).or_default() += cases;
        }
        if let Some(lead) = lead.filter(|lead| !lead.is_nil()) {
            *self.by_lead.entry(UnitId(lead)).or_default() += cases;
        }
        if !outcome.is_empty() {
            let outcome = named(outcome).ok_or_else(|| wrong("outcome"))?;
            let outcomes = if *declared { &mut self.by_declared_outcome } else { &mut self.by_outcome };
            *outcomes.entry(outcome).or_default() += cases;
        }
        Ok(())
    }
}
