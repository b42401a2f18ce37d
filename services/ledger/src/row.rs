//! A case as one line of the ledger.

use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::assignment::Assignment;
use rectify_case::completion::Outcome;
use rectify_case::finding::{PetitionClass, Severity};
use rectify_case::{Case, CaseId, DivisionCode, Happened, Position, SourceCode, Stage, UnitId, Version, Zone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::Entry;
use crate::waiting::Act;

/// A case as one line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Row {
    /// What it is known by.
    pub id: CaseId,
    /// Its number, once registered, such as `审计-2020-0007`.
    pub number: Option<String>,
    /// Its number in the older ledger it was carried over from (原编号).
    pub old_number: Option<String>,
    /// Whether it was carried over from an older ledger (承前).
    pub carried_over: bool,
    /// Whether its closure is that of the older ledger: declared, not proved.
    pub declared: bool,
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
    /// What it waits for, in a list of what waits for somebody: only what that list asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<Wait>,
}

/// An act that a case waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Wait {
    /// What.
    pub act: Act,
    /// The unit whose people can do it.
    pub unit: UnitId,
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

impl Row {
    /// Returns a case as it stands at an instant; none when it is at no stage, for all it had were events without a place.
    pub(crate) fn of(entry: &Entry, zone: Zone, now: DateTime<Utc>) -> Option<Row> {
        let case = &entry.case;
        let stage = case.stage?;
        let (live, deadline) = (entry.is_live(), case.deadline.as_ref());
        let reported = case.report.as_ref().map(|report| report.happened);
        let level = case.next_level().filter(|_| stage == Stage::Reported);
        let holder = level.and_then(|level| {
            let levels = &case.assignment.as_ref()?.levels;
            levels.get(usize::try_from(level).ok()?)?.holder
        });
        let many = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Some(Row {
            id: case.id,
            number: case.number.as_ref().map(ToString::to_string),
            old_number: case.carried_over.as_ref().and_then(|row| row.old_number.clone()),
            carried_over: case.carried_over.is_some(),
            declared: case.is_closed_as_declared(),
            version: case.version,
            position: entry.position,
            opened: entry.opened,
            updated: entry.updated,
            stage,
            live,
            title: case.title.clone(),
            place: case.findings.first().and_then(|finding| finding.finding.place.clone()),
            source: case.source.clone(),
            division: case.division.clone(),
            severity: case.severity,
            class: case.class,
            office: case.office,
            lead: case.assignment.as_ref().and_then(Assignment::answering),
            due: deadline.map(|deadline| deadline.due),
            due_day: deadline.map(|deadline| deadline.last_day),
            overdue: live && deadline.is_some_and(|deadline| deadline.is_late(now)),
            outcome: case.outcome.map(OutcomeKind::from),
            listed: case.listing.is_some(),
            extension: case.extension.is_some(),
            level,
            holder,
            parent: case.parent,
            parts: many(case.parts.len()),
            discovered: case.discovered,
            registered: entry.registered,
            reported,
            closed: case.closed,
            elapsed: elapsed(case, zone).and_then(|micros| u64::try_from(micros / 1_000_000).ok()),
            returns: case.returns,
            reopenings: case.reopenings,
            pressed: case.pressed,
            missed: many(case.missed.len()),
            repeated: case.repeated,
            late_entries: many(case.late_entries.len()),
            unplaced: many(case.unplaced.len()),
            waits: Vec::new(),
        })
    }
}

/// Returns how many microseconds went by between discovery and the last completion report.
pub(crate) fn elapsed(case: &Case, zone: Zone) -> Option<i64> {
    let instant = |happened: Happened| happened.earliest(zone).timestamp_micros();
    let reported = instant(case.report.as_ref()?.happened);
    Some(reported.saturating_sub(instant(case.discovered?)).max(0))
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

impl OutcomeKind {
    /// Returns its name as it is written.
    pub fn name(self) -> &'static str {
        match self {
            OutcomeKind::Rectified => "rectified",
            OutcomeKind::DoneAndKeptUp => "done_and_kept_up",
            OutcomeKind::Unfounded => "unfounded",
            OutcomeKind::DisagreementUpheld => "disagreement_upheld",
            OutcomeKind::Overtaken => "overtaken",
            OutcomeKind::Withdrawn => "withdrawn",
        }
    }
}
