//! How many cases there are, for whoever asks.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures::FutureExt as _;
use rectify_case::{DivisionCode, Position, Role, SourceCode, Stage, UnitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::duties::Waiting;
use crate::error::{LedgerError, inconsistent};
use crate::generation::Generation;
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::remembered::{AsOf, remembered};
use crate::row::OutcomeKind;
use crate::sql::Sql;
use crate::statements;
use crate::stored::{micros, named};

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

/// How many cases there are of one kind, and how many of them were ever returned and reopened. Empty text and the nil id
/// stand for none.
#[derive(Debug, sqlx::FromRow)]
pub(crate) struct Kept {
    stage: String,
    source: String,
    division: String,
    lead: Option<Uuid>,
    outcome: String,
    pub(crate) declared: bool,
    pub(crate) cases: i64,
    pub(crate) returned: i64,
    pub(crate) reopened: i64,
}

impl Ledger {
    /// Returns how many cases there are that may reach a viewer.
    ///
    /// What is kept from nobody and lies in a division the viewer governs is counted already; only the rest is looked at.
    pub async fn counts(&self, viewer: &Viewer, now: DateTime<Utc>) -> Result<Counts, LedgerError> {
        let generation = self.serving().await?;
        let as_of = AsOf::of(&generation, now).await?;
        self.counts_as_of(&generation, viewer, as_of).await
    }

    /// Returns the same, with how many cases wait for somebody who holds some roles, as of the same position.
    pub async fn counts_and_waiting(
        &self,
        viewer: &Viewer,
        capacities: &[(UnitId, Role)],
        now: DateTime<Utc>,
    ) -> Result<(Counts, Waiting), LedgerError> {
        let generation = self.serving().await?;
        let as_of = AsOf::of(&generation, now).await?;
        let counts = self.counts_as_of(&generation, viewer, as_of).await?;
        Ok((counts, self.waiting_as_of(&generation, viewer, capacities, as_of).await?))
    }

    pub(crate) async fn counts_as_of(
        &self,
        generation: &Generation,
        viewer: &Viewer,
        as_of: AsOf,
    ) -> Result<Counts, LedgerError> {
        let question = (as_of, viewer.clone());
        remembered(&self.remembered().counts, question, Counts::of(generation, viewer, as_of).boxed()).await
    }
}

impl Counts {
    async fn of(generation: &Generation, viewer: &Viewer, as_of: AsOf) -> Result<Counts, LedgerError> {
        let mut counts = Counts { position: as_of.position, ..Counts::default() };
        let governed = Governed::of(generation, viewer).await?;
        for kind in &governed.kinds {
            counts.add(kind)?;
        }
        let mut sql = Sql::new(statements::COUNT_KINDS, []);
        governed.push_rest(&mut sql, generation, viewer);
        sql.push(statements::BY_KIND);
        let rest: Vec<Kept> = sql.once().fetch_all(&generation.db).await?;
        for kind in &rest {
            counts.add(kind)?;
        }

        let mut sql = Sql::new("SELECT count(*) FROM cases AS c WHERE c.live AND c.due <= ", []);
        sql.bind(micros(as_of.now)).push(" AND ");
        viewer.push(&mut sql);
        let row: Option<(i64,)> = sql.once().fetch_optional(&generation.db).await?;
        counts.overdue = row.and_then(|(count,)| count.try_into().ok()).unwrap_or(0);
        Ok(counts)
    }

    /// Adds cases of one kind, and returns where they stand.
    pub(crate) fn add(&mut self, kind: &Kept) -> Result<Stage, LedgerError> {
        let Kept { stage, source, division, lead, outcome, declared, cases, .. } = kind;
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
        if let Some(lead) = kind.lead() {
            *self.by_lead.entry(lead).or_default() += cases;
        }
        if !outcome.is_empty() {
            let outcome = named(outcome).ok_or_else(|| wrong("outcome"))?;
            let outcomes = if *declared { &mut self.by_declared_outcome } else { &mut self.by_outcome };
            *outcomes.entry(outcome).or_default() += cases;
        }
        Ok(stage)
    }
}

/// What is counted already of the divisions that a viewer governs.
pub(crate) struct Governed {
    pub(crate) kinds: Vec<Kept>,
    /// Whether there are cases in other divisions.
    foreign: bool,
}

impl Governed {
    pub(crate) async fn of(generation: &Generation, viewer: &Viewer) -> Result<Governed, LedgerError> {
        let all: Vec<Kept> = Sql::new(statements::KEPT_COUNTS, []).fetch_all(&generation.db).await?;
        let (kinds, foreign): (Vec<Kept>, Vec<Kept>) = all.into_iter().partition(|kind| {
            let division = kind.division.parse().ok();
            division.is_some_and(|division| viewer.governs(&division))
        });
        Ok(Governed { kinds, foreign: !foreign.is_empty() })
    }

    /// Pushes the condition that a case `c` may reach the viewer and is not among them.
    pub(crate) fn push_rest(&self, sql: &mut Sql, generation: &Generation, viewer: &Viewer) {
        let divisions = self.kinds.iter().map(|kind| kind.division.as_str()).collect();
        viewer.push_rest(sql, &generation.db, &divisions, self.foreign);
    }
}

impl Kept {
    /// Returns the lead that answers.
    pub(crate) fn lead(&self) -> Option<UnitId> {
        self.lead.filter(|lead| !lead.is_nil()).map(UnitId)
    }

    /// Returns whether it is closed and that is proved here.
    pub(crate) fn is_proved(&self) -> bool {
        self.stage == Stage::Closed.name() && !self.declared
    }
}
