//! A case as one line of the ledger.

use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::completion::Outcome;
use rectify_case::finding::{PetitionClass, Severity};
use rectify_case::{CaseId, DivisionCode, Happened, Position, SourceCode, Stage, UnitId, Version};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A case as one line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// What it is known by.
    pub id: CaseId,
    /// Its number, once registered, such as `审计-2020-0007`.
    pub number: Option<String>,
    /// How many events it has had.
    pub version: Version,
    /// The position of the last of them in the log.
    pub position: Position,
    /// When the first of them was written.
    pub opened: DateTime<Utc>,
    /// When the last of them was written.
    pub updated: DateTime<Utc>,
    /// Where it stands.
    pub stage: Stage,
    /// Whether it waits for somebody: it is neither ended nor split.
    pub live: bool,
    /// Its title.
    pub title: String,
    /// Where, in words, as its first finding says.
    pub place: Option<String>,
    /// The source of its first finding.
    pub source: Option<SourceCode>,
    /// The division of its first finding.
    pub division: Option<DivisionCode>,
    /// How grave it is.
    pub severity: Severity,
    /// The class of its gravest petition.
    pub class: Option<PetitionClass>,
    /// The office that registered it.
    pub office: Option<UnitId>,
    /// The lead that answers for it.
    pub lead: Option<UnitId>,
    /// The instant at which it is late.
    pub due: Option<DateTime<Utc>>,
    /// The last day of its term.
    pub due_day: Option<NaiveDate>,
    /// Whether it waits for somebody and is late.
    pub overdue: bool,
    /// What came of it, once closed.
    pub outcome: Option<OutcomeKind>,
    /// Whether it is listed for supervision (挂牌督办).
    pub listed: bool,
    /// Whether an extension waits for a decision.
    pub extension: bool,
    /// The level of verification that is next, from 0, while it is reported.
    pub level: Option<u32>,
    /// The unit that holds that level.
    pub holder: Option<UnitId>,
    /// The case it is a part of.
    pub parent: Option<CaseId>,
    /// How many parts it was split into.
    pub parts: u32,
    /// When its first finding was made.
    pub discovered: Option<Happened>,
    /// When it was registered.
    pub registered: Option<Happened>,
    /// When it was last reported as fixed.
    pub reported: Option<Happened>,
    /// When it was closed, while it is.
    pub closed: Option<Happened>,
    /// How many seconds went by between discovery and the last completion report. What is known as a day counts as its
    /// first instant.
    pub elapsed: Option<u64>,
    /// How often it was returned or handed back.
    pub returns: u32,
    /// How often it was reopened.
    pub reopenings: u32,
    /// How often the office pressed for it.
    pub pressed: u32,
    /// How many deadlines had been missed when it was reopened.
    pub missed: u32,
    /// How often a source reported it again after it had ended.
    pub repeated: u32,
    /// How many of its events were entered after the day they happened (补录).
    pub late_entries: u32,
    /// How many of its events had no place in its history.
    pub unplaced: u32,
}

/// What came of a case, without the day on which it is looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeKind {
    /// 已整改.
    Rectified,
    /// 完成并长期坚持.
    DoneAndKeptUp,
    /// 不属实.
    Unfounded,
    /// 异议成立.
    DisagreementUpheld,
    /// 已无整改条件.
    Overtaken,
    /// 撤回.
    Withdrawn,
}

impl From<Outcome> for OutcomeKind {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Rectified => OutcomeKind::Rectified,
            Outcome::DoneAndKeptUp { .. } => OutcomeKind::DoneAndKeptUp,
            Outcome::Unfounded => OutcomeKind::Unfounded,
            Outcome::DisagreementUpheld => OutcomeKind::DisagreementUpheld,
            Outcome::Overtaken => OutcomeKind::Overtaken,
            Outcome::Withdrawn => OutcomeKind::Withdrawn,
        }
    }
}
