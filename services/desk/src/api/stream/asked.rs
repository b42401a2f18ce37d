//! Which events are asked for.

use std::str::FromStr;

use rectify_case::{Directory, EventKind, PersonId, SourceCode, UnitId};
use rectify_log::{At, Selection};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::api::case;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// Which events are asked for: those for which everything holds that is said.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Follow {
    /// Of one case only, by its id or number.
    case: Option<String>,
    /// Of these kinds of events of cases, by name and with commas between, such as `registered,closed`; docs/events.md has them all.
    kind: Option<String>,
    /// Of cases from these sources, by code and with commas between.
    source: Option<String>,
    /// Done by this unit or one below it, by id or name.
    unit: Option<String>,
    /// Done by this person or on their behalf, by id or name.
    person: Option<String>,
    /// From this day, instant or position on.
    from: Option<String>,
    /// Up to the end of this day, this instant or this position; the answer ends there, or at what is on record by then.
    to: Option<String>,
    /// By which clock days and instants are; `recorded` where nothing is said.
    clock: Option<Clock>,
    /// At most so many.
    limit: Option<u32>,
}

/// Which clock a moment is told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "EventClock")]
enum Clock {
    /// When it was written.
    Recorded,
    /// When it happened.
    Happened,
}

impl Follow {
    /// Returns the same with what is named looked up, and at most how many events.
    pub(super) async fn selection(self, desk: &Desk, caller: &Caller) -> Result<(Selection, Option<u32>), Error> {
        let directory = &caller.directory;
        let case = match &self.case {
            Some(name) => Some(case::load(desk, caller, name).await?.0.id),
            None => None,
        };
        let selection = Selection {
            case,
            kinds: list("kind", self.kind.as_deref(), of_a_case)?,
            sources: list("source", self.source.as_deref(), |code| source(code, directory))?,
            unit: one("unit", self.unit.as_deref(), |name| unit(name, directory))?,
            person: one("person", self.person.as_deref(), |name| person(name, directory))?,
            from: one("from", self.from.as_deref(), At::from_str)?,
            to: one("to", self.to.as_deref(), At::from_str)?,
            by_happened: self.clock == Some(Clock::Happened),
        };
        Ok((selection, self.limit))
    }
}

/// Reads a parameter; what is wrong with it is told with its name before.
fn one<T>(name: &str, said: Option<&str>, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, Error> {
    let wrong = |why: String| Error::Detailed(Code::BadBody, format!("{name}: {why}"));
    said.map(str::trim).filter(|said| !said.is_empty()).map(read).transpose().map_err(wrong)
}

fn list<T>(name: &str, said: Option<&str>, read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, Error> {
    let items = said.unwrap_or_default().split(',').map(|item| one(name, Some(item), &read));
    items.filter_map(Result::transpose).collect()
}

/// Returns a kind of which there are events in the stream of a case: no others are told here.
fn of_a_case(name: &str) -> Result<EventKind, String> {
    let kind: EventKind = name.parse().map_err(|unknown: rectify_case::UnknownKind| unknown.to_string())?;
    if kind.is_of_a_case() { Ok(kind) } else { Err(format!("{name} is no event of a case: only those are told here")) }
}

fn source(code: &str, directory: &Directory) -> Result<SourceCode, String> {
    let known = directory.sources().find(|source| source.code.as_str() == code);
    known.map(|source| source.code.clone()).ok_or_else(|| {
        let codes: Vec<&str> = directory.sources().map(|source| source.code.as_str()).collect();
        format!("there is no source {code:?}: the sources are {}", codes.join(", "))
    })
}

fn unit(name: &str, directory: &Directory) -> Result<UnitId, String> {
    the_one("unit", name, directory.units().map(|unit| (unit.id.0, unit.name.as_str()))).map(UnitId)
}

fn person(name: &str, directory: &Directory) -> Result<PersonId, String> {
    the_one("person", name, directory.people().map(|(id, known)| (id.0, known))).map(PersonId)
}

/// Returns the only one of an id or a name.
fn the_one<'a>(what: &str, wanted: &str, known: impl Iterator<Item = (Uuid, &'a str)>) -> Result<Uuid, String> {
    let id: Option<Uuid> = wanted.parse().ok();
    let found: Vec<Uuid> =
        known.filter(|(own, name)| id == Some(*own) || *name == wanted).map(|(own, _)| own).collect();
    match found.as_slice() {
        [only] => Ok(*only),
        [] => Err(format!("there is no {what} {wanted:?}: /api/directory has them all")),
        several => {
            let ids: Vec<String> = several.iter().map(Uuid::to_string).collect();
            Err(format!("{wanted:?} is the name of several; say which by id: {}", ids.join(", ")))
        }
    }
}
