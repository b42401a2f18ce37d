//! A case as one line of the ledger.

use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::assignment::Assignment;
use rectify_case::completion::Outcome;
use rectify_case::finding::{PetitionClass, Severity};
use rectify_case::{CaseId, DivisionCode, Happened, Position, SourceCode, Stage, UnitId, Version, Zone};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entry::Entry;
use crate::error::{LedgerError, inconsistent};
use crate::facets::words;
use crate::sql::{Value, int};
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

/// The columns of a row, in the order in which [`values`] writes them.
pub(crate) const COLUMNS: &str = "entry, id, version, position, opened, updated, stage, live, number, number_order, \
    old_number, carried_over, declared, title, place, words, source, division, severity, class, walled, office, lead, due, due_day, outcome, listed, extension, \
    level, holder, parent, parts, discovered, discovered_on, registered, registered_on, reported, reported_on, closed, closed_on, \
    elapsed, returns, reopenings, pressed, missed, repeated, late_entries, unplaced";

/// Returns the row of a case; none when it is at no stage, for all it had were events without a place.
pub(crate) fn values(entry: &Entry, zone: Zone) -> Option<Vec<Value>> {
    let case = &entry.case;
    let stage = case.stage?;
    let number = case.number.as_ref();
    let place = case.findings.first().and_then(|finding| finding.finding.place.clone());
    let reported = case.report.as_ref().map(|report| report.happened);
    let level = case.next_level().filter(|_| stage == Stage::Reported);
    let holder = level.and_then(|level| {
        let levels = &case.assignment.as_ref()?.levels;
        levels.get(usize::try_from(level).ok()?)?.holder
    });
    let elapsed = reported.zip(case.discovered).map(|(reported, discovered)| {
        micros(reported.earliest(zone)).saturating_sub(micros(discovered.earliest(zone))).max(0)
    });
    let text = |happened: Option<Happened>| Value::from(happened.map(|happened| happened.to_string()));
    let day = |happened: Option<Happened>| Value::from(happened.map(|happened| happened.day(zone).to_string()));
    let unit = |unit: Option<UnitId>| Value::from(unit.map(|unit| unit.0));
    Some(vec![
        int(entry.first).into(),
        case.id.0.into(),
        int(case.version).into(),
        int(entry.position).into(),
        micros(entry.opened).into(),
        micros(entry.updated).into(),
        stage.name().into(),
        entry.is_live().into(),
        number.map(ToString::to_string).into(),
        number.map(|number| format!("{}-{:010}", number.series, number.serial)).unwrap_or_default().into(),
        case.carried_over.as_ref().and_then(|row| row.old_number.clone()).into(),
        case.carried_over.is_some().into(),
        case.is_closed_as_declared().into(),
        case.title.clone().into(),
        place.into(),
        words(case).into(),
        case.source.clone().map(String::from).into(),
        case.division.clone().map(String::from).into(),
        weight(case.severity).into(),
        case.class.map(class_name).map(str::to_owned).into(),
        entry.is_walled().into(),
        unit(case.office),
        unit(case.assignment.as_ref().and_then(Assignment::answering)),
        case.deadline.as_ref().map(|deadline| micros(deadline.due)).into(),
        case.deadline.as_ref().map(|deadline| deadline.last_day.to_string()).into(),
        case.outcome.map(|outcome| outcome.name().to_owned()).into(),
        case.listing.is_some().into(),
        case.extension.is_some().into(),
        level.map(i64::from).into(),
        unit(holder),
        case.parent.map(|parent| parent.0).into(),
        int(case.parts.len()).into(),
        text(case.discovered),
        day(case.discovered),
        text(entry.registered),
        day(entry.registered),
        text(reported),
        day(reported),
        text(case.closed),
        day(case.closed),
        elapsed.into(),
        i64::from(case.returns).into(),
        i64::from(case.reopenings).into(),
        i64::from(case.pressed).into(),
        int(case.missed.len()).into(),
        i64::from(case.repeated).into(),
        int(case.late_entries.len()).into(),
        int(case.unplaced.len()).into(),
    ])
}

/// What of a row a list shows, as it is selected from `cases AS c`.
pub(crate) const SHOWN: &str = "c.id, c.version, c.position, c.opened, c.updated, c.stage, c.live, c.number, \
    c.old_number, c.carried_over, c.declared, c.title, c.place, c.source, c.division, c.severity, c.class, c.office, c.lead, c.due, c.due_day, c.outcome, c.listed, \
    c.extension, c.level, c.holder, c.parent, c.parts, c.discovered, c.registered, c.reported, c.closed, c.elapsed, \
    c.returns, c.reopenings, c.pressed, c.missed, c.repeated, c.late_entries, c.unplaced, c.entry";

/// A row as it is read.
#[derive(Debug, sqlx::FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(crate) struct Stored {
    pub(crate) entry: i64,
    pub(crate) id: Uuid,
    version: i64,
    position: i64,
    opened: i64,
    updated: i64,
    stage: String,
    live: bool,
    number: Option<String>,
    old_number: Option<String>,
    carried_over: bool,
    declared: bool,
    title: String,
    place: Option<String>,
    source: Option<String>,
    division: Option<String>,
    severity: i64,
    class: Option<String>,
    office: Option<Uuid>,
    lead: Option<Uuid>,
    due: Option<i64>,
    due_day: Option<String>,
    outcome: Option<String>,
    listed: bool,
    extension: bool,
    level: Option<i64>,
    holder: Option<Uuid>,
    parent: Option<Uuid>,
    parts: i64,
    discovered: Option<String>,
    registered: Option<String>,
    reported: Option<String>,
    closed: Option<String>,
    elapsed: Option<i64>,
    returns: i64,
    reopenings: i64,
    pressed: i64,
    missed: i64,
    repeated: i64,
    late_entries: i64,
    unplaced: i64,
}

impl Stored {
    /// Returns the row as it stands at an instant.
    pub(crate) fn into_row(self, now: DateTime<Utc>) -> Result<Row, LedgerError> {
        let id = self.id;
        let wrong = |column| inconsistent("cases", column, id);
        let instant = |column, micros| DateTime::from_timestamp_micros(micros).ok_or_else(|| wrong(column));
        let happened = |column, text: Option<String>| {
            text.map(|text| text.parse::<Happened>().map_err(|_| wrong(column))).transpose()
        };
        let count = |column, number: i64| u32::try_from(number).map_err(|_| wrong(column));
        let due = self.due.map(|due| instant("due", due)).transpose()?;
        Ok(Row {
            id: CaseId(id),
            number: self.number,
            old_number: self.old_number,
            carried_over: self.carried_over,
            declared: self.declared,
            version: self.version.try_into().map_err(|_| wrong("version"))?,
            position: self.position.try_into().map_err(|_| wrong("position"))?,
            opened: instant("opened", self.opened)?,
            updated: instant("updated", self.updated)?,
            stage: named(&self.stage).ok_or_else(|| wrong("stage"))?,
            live: self.live,
            title: self.title,
            place: self.place,
            source: self.source.map(|text| text.parse().map_err(|_| wrong("source"))).transpose()?,
            division: self.division.map(|text| text.parse().map_err(|_| wrong("division"))).transpose()?,
            severity: severity(self.severity).ok_or_else(|| wrong("severity"))?,
            class: self.class.map(|text| named(&text).ok_or_else(|| wrong("class"))).transpose()?,
            office: self.office.map(UnitId),
            lead: self.lead.map(UnitId),
            due,
            due_day: self.due_day.map(|text| text.parse().map_err(|_| wrong("due_day"))).transpose()?,
            overdue: self.live && due.is_some_and(|due| due <= now),
            outcome: self.outcome.map(|text| named(&text).ok_or_else(|| wrong("outcome"))).transpose()?,
            listed: self.listed,
            extension: self.extension,
            level: self.level.map(|level| count("level", level)).transpose()?,
            holder: self.holder.map(UnitId),
            parent: self.parent.map(CaseId),
            parts: count("parts", self.parts)?,
            discovered: happened("discovered", self.discovered)?,
            registered: happened("registered", self.registered)?,
            reported: happened("reported", self.reported)?,
            closed: happened("closed", self.closed)?,
            elapsed: self.elapsed.map(|micros| u64::try_from(micros / 1_000_000).unwrap_or(0)),
            returns: count("returns", self.returns)?,
            reopenings: count("reopenings", self.reopenings)?,
            pressed: count("pressed", self.pressed)?,
            missed: count("missed", self.missed)?,
            repeated: count("repeated", self.repeated)?,
            late_entries: count("late_entries", self.late_entries)?,
            unplaced: count("unplaced", self.unplaced)?,
            waits: Vec::new(),
        })
    }
}

/// Returns an instant as it is kept.
pub(crate) fn micros(at: DateTime<Utc>) -> i64 {
    at.timestamp_micros()
}

/// Returns what is written under this name.
pub(crate) fn named<T: DeserializeOwned>(name: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<serde::de::value::Error>::new(name)).ok()
}

/// Returns a severity as it is kept, so that the gravest is the greatest.
pub(crate) fn weight(severity: Severity) -> i64 {
    match severity {
        Severity::Ordinary => 0,
        Severity::Serious => 1,
        Severity::Grave => 2,
    }
}

fn severity(weight: i64) -> Option<Severity> {
    [Severity::Ordinary, Severity::Serious, Severity::Grave].into_iter().find(|one| self::weight(*one) == weight)
}

fn class_name(class: PetitionClass) -> &'static str {
    match class {
        PetitionClass::Request => "request",
        PetitionClass::Suggestion => "suggestion",
        PetitionClass::Accusation => "accusation",
    }
}
