//! What an administrator changes in the directory, each change an event.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use rectify_case::directory::{DirectoryEvent, Holding, Source, Unit, UnitKind};
use rectify_case::{
    Actor, Directory, DivisionCode, Event, PersonId, Position, Refusal, Role, StreamId, UnitId, classified,
};
use rectify_kit::ids;
use rectify_log::{Append, AppendError, Expected, Write};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use crate::asked;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::input::{self, In};
use crate::openapi::Operation;
use crate::routes::Routes;

/// How often a change is judged again because somebody else changed the directory first.
const ATTEMPTS: u32 = 16;

pub(crate) fn routes(routes: Routes) -> Routes {
    fn changes<'a, T: JsonSchema>(o: Operation<'a>, id: &str, summary: &str) -> Operation<'a> {
        o.says(id, summary)
            .keyed()
            .takes::<T>()
            .answers::<Changed>(StatusCode::CREATED, "The event that was written.")
            .problems(&[403, 409])
    }
    routes
        .post("/api/directory/units", add_unit, |o| changes::<NewUnit>(o, "add_unit", "Adds a unit"))
        .put("/api/directory/units/{unit}", change_unit, |o| {
            changes::<ChangedUnit>(o, "change_unit", "Renames a unit or moves it in the tree").problems(&[404])
        })
        .post("/api/directory/units/{unit}/abolish", abolish_unit, |o| {
            changes::<Abolished>(o, "abolish_unit", "Abolishes a unit; its history stays").problems(&[404])
        })
        .post("/api/directory/people", add_person, |o| changes::<NewPerson>(o, "add_person", "Adds a person"))
        .post("/api/directory/roles", grant_role, |o| {
            changes::<NewRole>(o, "grant_role", "Gives a person a role in a unit")
        })
        .post("/api/directory/roles/end", end_role, |o| changes::<EndedRole>(o, "end_role", "Ends a person's role"))
        .post("/api/directory/delegations", delegate, |o| {
            changes::<NewDelegation>(o, "grant_delegation", "Lets a person act on behalf of another (代办)")
                .explains("Given by whom it is for, or by an administrator.")
        })
        .post("/api/directory/delegations/end", end_delegation, |o| {
            changes::<EndedDelegation>(o, "end_delegation", "Takes a delegation back")
                .explains("Taken back by whom it is for, or by an administrator.")
        })
        .post("/api/directory/sources", define_source, |o| {
            changes::<Source>(o, "define_source", "Defines a source, or defines it anew under its code")
        })
}

/// A change of the directory.
#[derive(Debug, Serialize, JsonSchema)]
struct Changed {
    /// Where it was written.
    position: Position,
    /// What was written.
    event: DirectoryEvent,
    /// Whether an earlier request with the same key had done it.
    repeated: bool,
    /// Whether lists and counts show it already.
    listed: bool,
}

/// A unit to be added.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewUnit {
    /// What it is known by; a new id where nothing is said.
    id: Option<UnitId>,
    /// Its full name.
    name: String,
    /// What it is.
    kind: UnitKind,
    /// The unit above it; none for the prefecture itself.
    parent: Option<UnitId>,
    /// Its division of GB/T 2260.
    division: DivisionCode,
    /// An office's prefix in case numbers.
    prefix: Option<String>,
}

/// A unit as it is from now on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChangedUnit {
    /// Its full name.
    name: String,
    /// What it is.
    kind: UnitKind,
    /// The unit above it; none for the prefecture itself.
    parent: Option<UnitId>,
    /// Its division of GB/T 2260.
    division: DivisionCode,
    /// An office's prefix in case numbers.
    prefix: Option<String>,
}

/// What becomes of an abolished unit's duties.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Abolished {
    /// The unit that takes over, if any.
    successor: Option<UnitId>,
}

/// A person to be added.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPerson {
    /// What they are known by; a new id where nothing is said.
    person: Option<PersonId>,
    /// The name as pages show it.
    name: String,
}

/// A role to be given.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewRole {
    /// Who.
    person: PersonId,
    /// Where.
    unit: UnitId,
    /// What.
    role: Role,
    /// From when; now where nothing is said.
    from: Option<DateTime<Utc>>,
    /// Until when, not included; none while it lasts.
    until: Option<DateTime<Utc>>,
}

/// A role to be ended.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EndedRole {
    /// Who.
    person: PersonId,
    /// Where.
    unit: UnitId,
    /// What.
    role: Role,
    /// From when on it is no longer held; now where nothing is said.
    at: Option<DateTime<Utc>>,
}

/// A delegation to be given.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewDelegation {
    /// Who acts.
    person: PersonId,
    /// For whom.
    on_behalf_of: PersonId,
    /// From when; now where nothing is said.
    from: Option<DateTime<Utc>>,
    /// Until when, not included.
    until: DateTime<Utc>,
}

/// A delegation to be taken back.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EndedDelegation {
    /// Who acted.
    person: PersonId,
    /// For whom.
    on_behalf_of: PersonId,
    /// From when on it no longer holds; now where nothing is said.
    at: Option<DateTime<Utc>>,
}

async fn add_unit(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<NewUnit>,
) -> Result<Response, Error> {
    let fresh = UnitId(ids::new());
    change(&desk, &caller, &headers, ("add_unit", &asked), |directory| {
        let actor = caller.administrator()?;
        let NewUnit { id, name, kind, parent, division, prefix } = &asked;
        let id = id.unwrap_or(fresh);
        if directory.unit(id).is_some() {
            return Err(Code::AlreadyThere.into());
        }
        let (parent, division, prefix) = (*parent, division.clone(), prefix.clone());
        let unit = Unit { id, name: named(name)?, kind: *kind, parent, division, prefix };
        check_unit(&unit, directory)?;
        Ok((actor, DirectoryEvent::UnitAdded(unit)))
    })
    .await
}

async fn change_unit(
    State(desk): State<Desk>,
    caller: Caller,
    In(id): In<UnitId>,
    headers: HeaderMap,
    input::Json(asked): input::Json<ChangedUnit>,
) -> Result<Response, Error> {
    change(&desk, &caller, &headers, ("change_unit", &(id, &asked)), |directory| {
        let actor = caller.administrator()?;
        let before = directory.unit(id).ok_or(Code::NoSuchUnit)?;
        let ChangedUnit { name, kind, parent, division, prefix } = &asked;
        let (parent, division, prefix) = (*parent, division.clone(), prefix.clone());
        let unit = Unit { id, name: named(name)?, kind: *kind, parent, division, prefix };
        check_unit(&unit, directory)?;
        if unit == *before {
            return Err(Refusal::SameAsBefore.into());
        }
        Ok((actor, DirectoryEvent::UnitChanged(unit)))
    })
    .await
}

async fn abolish_unit(
    State(desk): State<Desk>,
    caller: Caller,
    In(unit): In<UnitId>,
    headers: HeaderMap,
    input::Json(asked): input::Json<Abolished>,
) -> Result<Response, Error> {
    change(&desk, &caller, &headers, ("abolish_unit", &(unit, &asked)), |directory| {
        let actor = caller.administrator()?;
        let Abolished { successor } = asked;
        directory.unit(unit).ok_or(Code::NoSuchUnit)?;
        if !directory.is_active(unit) {
            return Err(Refusal::SameAsBefore.into());
        }
        if successor.is_some_and(|successor| successor == unit || !directory.is_active(successor)) {
            return Err(Refusal::UnknownUnit.into());
        }
        Ok((actor, DirectoryEvent::UnitAbolished { unit, successor }))
    })
    .await
}

async fn add_person(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<NewPerson>,
) -> Result<Response, Error> {
    let fresh = PersonId(ids::new());
    change(&desk, &caller, &headers, ("add_person", &asked), |directory| {
        let actor = caller.administrator()?;
        let person = asked.person.unwrap_or(fresh);
        if directory.knows(person) {
            return Err(Code::AlreadyThere.into());
        }
        Ok((actor, DirectoryEvent::PersonAdded { person, name: named(&asked.name)? }))
    })
    .await
}

async fn grant_role(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<NewRole>,
) -> Result<Response, Error> {
    change(&desk, &caller, &headers, ("grant_role", &asked), |directory| {
        let actor = caller.administrator()?;
        let NewRole { person, unit, role, from, until } = asked;
        known(person, directory)?;
        if !directory.is_active(unit) {
            return Err(Refusal::UnknownUnit.into());
        }
        let from = lasting(from, until, caller.now)?;
        let holding = Holding { person, unit, role, from, until };
        let meets =
            |held: &&Holding| held.until.is_none_or(|end| from < end) && until.is_none_or(|end| held.from < end);
        let mut beside = directory.all_holdings(person).iter().filter(meets);
        let is_administrator = role == Role::Administrator;
        if beside.clone().any(|held| (held.role == Role::Administrator) != is_administrator)
            || (is_administrator && directory.delegations(person).iter().any(|d| from < d.until))
        {
            return Err(Code::AdministratorApart.into());
        }
        if beside.any(|held| held.unit == unit && held.role == role) {
            return Err(Refusal::SameAsBefore.into());
        }
        Ok((actor, DirectoryEvent::RoleGranted(holding)))
    })
    .await
}

async fn end_role(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<EndedRole>,
) -> Result<Response, Error> {
    change(&desk, &caller, &headers, ("end_role", &asked), |directory| {
        let actor = caller.administrator()?;
        let EndedRole { person, unit, role, at } = asked;
        let at = not_in_the_past(at, caller.now)?;
        let held = directory
            .all_holdings(person)
            .iter()
            .any(|held| held.unit == unit && held.role == role && held.until.is_none_or(|until| at < until));
        if held { Ok((actor, DirectoryEvent::RoleEnded { person, unit, role, at })) } else { Err(Code::NotHeld.into()) }
    })
    .await
}

async fn delegate(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<NewDelegation>,
) -> Result<Response, Error> {
    change(&desk, &caller, &headers, ("grant_delegation", &asked), |directory| {
        let NewDelegation { person, on_behalf_of, from, until } = asked;
        let actor = delegating(&caller, on_behalf_of)?;
        known(person, directory)?;
        known(on_behalf_of, directory)?;
        if person == on_behalf_of {
            return Err(Code::ForOneself.into());
        }
        let from = lasting(from, Some(until), caller.now)?;
        let administers = |who: PersonId| {
            let mut holdings = directory.all_holdings(who).iter();
            holdings.any(|h| h.role == Role::Administrator && h.from < until && h.until.is_none_or(|end| from < end))
        };
        if administers(person) || administers(on_behalf_of) {
            return Err(Code::AdministratorApart.into());
        }
        Ok((actor, DirectoryEvent::DelegationGranted { person, on_behalf_of, from, until }))
    })
    .await
}

async fn end_delegation(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<EndedDelegation>,
) -> Result<Response, Error> {
    change(&desk, &caller, &headers, ("end_delegation", &asked), |directory| {
        let EndedDelegation { person, on_behalf_of, at } = asked;
        let actor = delegating(&caller, on_behalf_of)?;
        let at = not_in_the_past(at, caller.now)?;
        if !directory.delegations(person).iter().any(|d| d.on_behalf_of == on_behalf_of && at < d.until) {
            return Err(Code::NotHeld.into());
        }
        Ok((actor, DirectoryEvent::DelegationEnded { person, on_behalf_of, at }))
    })
    .await
}

async fn define_source(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<Source>,
) -> Result<Response, Error> {
    change(&desk, &caller, &headers, ("define_source", &asked), |directory| {
        let actor = caller.administrator()?;
        check_prefix(&asked.prefix)?;
        let source = Source { name: named(&asked.name)?, ..asked.clone() };
        if directory.source(&source.code) == Some(&source) {
            return Err(Refusal::SameAsBefore.into());
        }
        Ok((actor, DirectoryEvent::SourceDefined(source)))
    })
    .await
}

/// Judges a change by the directory as the log has it, and writes it unless somebody changed it meanwhile.
async fn change(
    desk: &Desk,
    caller: &Caller,
    headers: &HeaderMap,
    request: (&str, &impl Serialize),
    judge: impl Fn(&Directory) -> Result<(Actor, DirectoryEvent), Error>,
) -> Result<Response, Error> {
    let key = asked::key(headers, caller)?;
    let text = serde_json::to_vec(&request).map_err(|error| Error::Internal(error.into()))?;
    let request: [u8; 32] = sha2::Sha256::digest(text).into();
    let log = &desk.frame.log;
    if let Some(first) = log.appended_for(request, &key).await? {
        return changed(desk, first.events.first().map_or(0, |event| event.position), true).await;
    }
    for _ in 0..ATTEMPTS {
        let events = log.read_stream(StreamId::Directory, 0).await?;
        let mut directory = Directory::default();
        for recorded in &events {
            if let Event::Directory(event) = &recorded.envelope.event {
                directory.evolve(event);
            }
        }
        let (actor, event) = judge(&directory)?;
        let version = events.last().map_or(0, |event| event.envelope.version);
        let facts_at = events.last().map_or(0, |event| event.position);
        let write =
            Write { stream: StreamId::Directory, expected: Expected::Exactly(version), events: vec![event.into()] };
        let append = Append { key: Some(key.clone()), actor, facts_at, writes: vec![write] };
        match log.append_for(request, append).await {
            Ok(written) => {
                let position = written.events.first().map_or(0, |event| event.position);
                return changed(desk, position, written.repeated).await;
            }
            Err(AppendError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Unavailable(anyhow::anyhow!("others kept changing the directory")))
}

async fn changed(desk: &Desk, position: Position, repeated: bool) -> Result<Response, Error> {
    let written = desk.frame.log.read_all(position.saturating_sub(1), 1).await?;
    let event = written.into_iter().next().map(|recorded| recorded.envelope.event);
    let Some(Event::Directory(event)) = event else {
        return Err(Error::Internal(anyhow::anyhow!("no event of the directory at position {position}")));
    };
    let listed = desk.shows(position).await?;
    Ok((StatusCode::CREATED, Json(Changed { position, event, repeated, listed })).into_response())
}

/// Returns who gives or takes back a delegation: whom it is for, or an administrator.
fn delegating(caller: &Caller, on_behalf_of: PersonId) -> Result<Actor, Error> {
    if let Ok(administrator) = caller.administrator() {
        return Ok(administrator);
    }
    let own = caller.who.person == on_behalf_of && caller.who.on_behalf_of.is_none();
    let capacity = caller.capacities(|_| true).into_iter().next();
    capacity.filter(|_| own).ok_or(Code::NotYourDelegation.into())
}

fn known(person: PersonId, directory: &Directory) -> Result<(), Error> {
    if directory.knows(person) { Ok(()) } else { Err(Refusal::UnknownPerson.into()) }
}

fn check_unit(unit: &Unit, directory: &Directory) -> Result<(), Error> {
    if let Some(parent) = unit.parent {
        if directory.upward(parent).any(|above| above == unit.id) {
            return Err(Code::LoopInTree.into());
        }
        if !directory.is_active(parent) {
            return Err(Refusal::UnknownUnit.into());
        }
    }
    unit.prefix.as_deref().map_or(Ok(()), check_prefix)
}

fn check_prefix(prefix: &str) -> Result<(), Error> {
    if prefix.is_empty() || prefix.contains(|c: char| c == '-' || c.is_whitespace()) {
        return Err(Code::BadPrefix.into());
    }
    Ok(())
}

/// Returns a name without the blanks around it.
fn named(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Refusal::TextMissing.into());
    }
    if classified::mark(name).is_some() {
        return Err(Refusal::ClassifiedText.into());
    }
    Ok(name.to_owned())
}

/// Returns when something begins that ends later, if it ends.
fn lasting(
    from: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Error> {
    let from = not_in_the_past(from, now)?;
    if until.is_some_and(|until| until <= from) { Err(Code::EndsBeforeItBegins.into()) } else { Ok(from) }
}

/// Returns the instant that is named, or now: what was judged already is not judged anew.
fn not_in_the_past(at: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
    match at {
        Some(at) if at < now => Err(Code::InThePast.into()),
        Some(at) => Ok(at),
        None => Ok(now),
    }
}
