//! People are added, given roles, and let act for each other.

use axum::extract::State;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use rectify_case::directory::Holding;
use rectify_case::{Actor, Directory, DirectoryEvent, PersonId, Refusal, Role, UnitId};
use rectify_kit::ids;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Changed, change, changes, named};
use crate::api::routes::Routes;
use crate::api::{asked, input};
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .post("/api/directory/people", post_person, |o| changes::<NewPerson>(o, "add_person", "Adds a person"))
        .post("/api/directory/roles", post_role, |o| {
            changes::<NewRole>(o, "grant_role", "Gives a person a role in a unit")
        })
        .post("/api/directory/roles/end", post_end_of_role, |o| {
            changes::<EndedRole>(o, "end_role", "Ends a person's role")
        })
        .post("/api/directory/delegations", post_delegation, |o| {
            changes::<NewDelegation>(o, "grant_delegation", "Lets a person act on behalf of another (代办)")
                .explains("Given by whom it is for, or by an administrator.")
        })
        .post("/api/directory/delegations/end", post_end_of_delegation, |o| {
            changes::<EndedDelegation>(o, "end_delegation", "Takes a delegation back")
                .explains("Taken back by whom it is for, or by an administrator.")
        })
}

/// A person to be added.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPerson {
    /// What they are known by; a new id where nothing is said.
    pub(crate) person: Option<PersonId>,
    /// The name as pages show it.
    pub(crate) name: String,
}

/// A role to be given.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRole {
    /// Who.
    pub(crate) person: PersonId,
    /// Where.
    pub(crate) unit: UnitId,
    /// What.
    pub(crate) role: Role,
    /// From when; now where nothing is said.
    pub(crate) from: Option<DateTime<Utc>>,
    /// Until when, not included; none while it lasts.
    pub(crate) until: Option<DateTime<Utc>>,
}

/// A role to be ended.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndedRole {
    /// Who.
    pub(crate) person: PersonId,
    /// Where.
    pub(crate) unit: UnitId,
    /// What.
    pub(crate) role: Role,
    /// From when on it is no longer held; now where nothing is said.
    pub(crate) at: Option<DateTime<Utc>>,
}

/// A delegation to be given.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDelegation {
    /// Who acts.
    pub(crate) person: PersonId,
    /// For whom.
    pub(crate) on_behalf_of: PersonId,
    /// From when; now where nothing is said.
    pub(crate) from: Option<DateTime<Utc>>,
    /// Until when, not included.
    pub(crate) until: DateTime<Utc>,
}

/// A delegation to be taken back.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndedDelegation {
    /// Who acted.
    pub(crate) person: PersonId,
    /// For whom.
    pub(crate) on_behalf_of: PersonId,
    /// From when on it no longer holds; now where nothing is said.
    pub(crate) at: Option<DateTime<Utc>>,
}

/// The role that a new person begins with.
#[derive(Debug, Serialize)]
pub(crate) struct FirstRole {
    /// Where.
    pub(crate) unit: UnitId,
    /// What.
    pub(crate) role: Role,
}

async fn post_person(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<NewPerson>,
) -> Result<Changed, Error> {
    let key = asked::key(&headers, &caller)?;
    let fresh = PersonId(ids::new());
    change(&desk, &key, ("add_person", &asked), |directory| {
        let (actor, added) = adding(&caller, directory, &asked, fresh)?;
        Ok((actor, vec![added]))
    })
    .await
}

/// Adds a person with the role they begin with, if any, as one.
pub(crate) async fn add_person(
    desk: &Desk,
    caller: &Caller,
    key: &str,
    asked: &NewPerson,
    role: Option<&FirstRole>,
) -> Result<Changed, Error> {
    let fresh = PersonId(ids::new());
    change(desk, key, ("add_person_with_role", &(asked, role)), |directory| {
        let (actor, added) = adding(caller, directory, asked, fresh)?;
        let Some(&FirstRole { unit, role }) = role else { return Ok((actor, vec![added])) };
        let mut directory = directory.clone();
        directory.evolve(&added);
        let person = asked.person.unwrap_or(fresh);
        let (_, granted) = granting(caller, &directory, &NewRole { person, unit, role, from: None, until: None })?;
        Ok((actor, vec![added, granted]))
    })
    .await
}

fn adding(
    caller: &Caller,
    directory: &Directory,
    asked: &NewPerson,
    fresh: PersonId,
) -> Result<(Actor, DirectoryEvent), Error> {
    let actor = caller.administrator()?;
    let person = asked.person.unwrap_or(fresh);
    if directory.knows(person) {
        return Err(Code::AlreadyThere.into());
    }
    Ok((actor, DirectoryEvent::PersonAdded { person, name: named(&asked.name)? }))
}

async fn post_role(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<NewRole>,
) -> Result<Changed, Error> {
    grant_role(&desk, &caller, &asked::key(&headers, &caller)?, &asked).await
}

/// Gives a person a role in a unit.
pub(crate) async fn grant_role(desk: &Desk, caller: &Caller, key: &str, asked: &NewRole) -> Result<Changed, Error> {
    change(desk, key, ("grant_role", asked), |directory| {
        let (actor, granted) = granting(caller, directory, asked)?;
        Ok((actor, vec![granted]))
    })
    .await
}

fn granting(caller: &Caller, directory: &Directory, asked: &NewRole) -> Result<(Actor, DirectoryEvent), Error> {
    let actor = caller.administrator()?;
    let NewRole { person, unit, role, from, until } = *asked;
    known(person, directory)?;
    if !directory.is_active(unit) {
        return Err(Refusal::UnknownUnit.into());
    }
    let from = lasting(from, until, caller.now)?;
    let holding = Holding { person, unit, role, from, until };
    let meets = |held: &&Holding| held.until.is_none_or(|end| from < end) && until.is_none_or(|end| held.from < end);
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
}

async fn post_end_of_role(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<EndedRole>,
) -> Result<Changed, Error> {
    end_role(&desk, &caller, &asked::key(&headers, &caller)?, &asked).await
}

/// Ends a person's role.
pub(crate) async fn end_role(desk: &Desk, caller: &Caller, key: &str, asked: &EndedRole) -> Result<Changed, Error> {
    change(desk, key, ("end_role", asked), |directory| {
        let actor = caller.administrator()?;
        let EndedRole { person, unit, role, at } = *asked;
        let at = not_in_the_past(at, caller.now)?;
        let held = directory
            .all_holdings(person)
            .iter()
            .any(|held| held.unit == unit && held.role == role && held.until.is_none_or(|until| at < until));
        if !held {
            return Err(Code::NotHeld.into());
        }
        Ok((actor, vec![DirectoryEvent::RoleEnded { person, unit, role, at }]))
    })
    .await
}

async fn post_delegation(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<NewDelegation>,
) -> Result<Changed, Error> {
    delegate(&desk, &caller, &asked::key(&headers, &caller)?, &asked).await
}

/// Lets a person act on behalf of another.
pub(crate) async fn delegate(desk: &Desk, caller: &Caller, key: &str, asked: &NewDelegation) -> Result<Changed, Error> {
    change(desk, key, ("grant_delegation", asked), |directory| {
        let NewDelegation { person, on_behalf_of, from, until } = *asked;
        let actor = delegating(caller, on_behalf_of)?;
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
        Ok((actor, vec![DirectoryEvent::DelegationGranted { person, on_behalf_of, from, until }]))
    })
    .await
}

async fn post_end_of_delegation(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<EndedDelegation>,
) -> Result<Changed, Error> {
    end_delegation(&desk, &caller, &asked::key(&headers, &caller)?, &asked).await
}

/// Takes a delegation back.
pub(crate) async fn end_delegation(
    desk: &Desk,
    caller: &Caller,
    key: &str,
    asked: &EndedDelegation,
) -> Result<Changed, Error> {
    change(desk, key, ("end_delegation", asked), |directory| {
        let EndedDelegation { person, on_behalf_of, at } = *asked;
        let actor = delegating(caller, on_behalf_of)?;
        let at = not_in_the_past(at, caller.now)?;
        if !directory.delegations(person).iter().any(|d| d.on_behalf_of == on_behalf_of && at < d.until) {
            return Err(Code::NotHeld.into());
        }
        Ok((actor, vec![DirectoryEvent::DelegationEnded { person, on_behalf_of, at }]))
    })
    .await
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
