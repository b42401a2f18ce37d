//! A row as the tables keep it.

use chrono::{DateTime, Utc};
use rectify_case::finding::{PetitionClass, Severity};
use rectify_case::{Case, CaseId, Happened, UnitId, Zone};
use serde::de::DeserializeOwned;
use serde::de::value::StrDeserializer;
use uuid::Uuid;

use crate::entry::Entry;
use crate::error::{LedgerError, inconsistent};
use crate::facets::words;
use crate::row::{Row, elapsed};
use crate::sql::{Value, int};

/// The columns of a row, in the order in which [`values`] writes them.
pub(crate) const COLUMNS: &str = "entry, id, version, position, opened, updated, stage, live, number, number_order, \
    old_number, carried_over, declared, title, place, words, source, division, severity, class, walled, office, lead, due, due_day, outcome, listed, extension, \
    level, holder, parent, parts, discovered, discovered_on, registered, registered_on, reported, reported_on, closed, closed_on, \
    elapsed, returns, reopenings, pressed, missed, repeated, late_entries, unplaced";

/// Returns the row of a case; none when it is at no stage, for all it had were events without a place.
pub(crate) fn values(entry: &Entry, zone: Zone) -> Option<Vec<Value>> {
    // Whether it is late is asked when it is read.
    let row = Row::of(entry, zone, entry.updated)?;
    let case = &entry.case;
    let text = |happened: Option<Happened>| Value::from(happened.map(|happened| happened.to_string()));
    let day = |happened: Option<Happened>| Value::from(happened.map(|happened| happened.day(zone).to_string()));
    let unit = |unit: Option<UnitId>| Value::from(unit.map(|unit| unit.0));
    Some(vec![
        int(entry.first).into(),
        row.id.0.into(),
        int(row.version).into(),
        int(row.position).into(),
        micros(row.opened).into(),
        micros(row.updated).into(),
        row.stage.name().into(),
        row.live.into(),
        row.number.into(),
        number_order(case).into(),
        row.old_number.into(),
        row.carried_over.into(),
        row.declared.into(),
        row.title.into(),
        row.place.into(),
        words(case).into(),
        row.source.map(String::from).into(),
        row.division.map(String::from).into(),
        weight(row.severity).into(),
        row.class.map(class_name).map(str::to_owned).into(),
        entry.is_walled().into(),
        unit(row.office),
        unit(row.lead),
        row.due.map(micros).into(),
        row.due_day.map(|day| day.to_string()).into(),
        row.outcome.map(|outcome| outcome.name().to_owned()).into(),
        row.listed.into(),
        row.extension.into(),
        row.level.map(i64::from).into(),
        unit(row.holder),
        row.parent.map(|parent| parent.0).into(),
        i64::from(row.parts).into(),
        text(row.discovered),
        day(row.discovered),
        text(row.registered),
        day(row.registered),
        text(row.reported),
        day(row.reported),
        text(row.closed),
        day(row.closed),
        elapsed(case, zone).into(),
        i64::from(row.returns).into(),
        i64::from(row.reopenings).into(),
        i64::from(row.pressed).into(),
        i64::from(row.missed).into(),
        i64::from(row.repeated).into(),
        i64::from(row.late_entries).into(),
        i64::from(row.unplaced).into(),
    ])
}

/// Returns what cases are ordered by their number by: its series, then its place in that; those without one come first.
pub(crate) fn number_order(case: &Case) -> String {
    case.number.as_ref().map(|number| format!("{}-{:010}", number.series, number.serial)).unwrap_or_default()
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
