//! Units are added, changed and abolished.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use rectify_case::directory::{Unit, UnitKind};
use rectify_case::{Directory, DirectoryEvent, DivisionCode, Refusal, UnitId};
use rectify_kit::ids;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{change, changes, check_prefix, named};
use crate::api::input::{self, In};
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .post("/api/directory/units", add_unit, |o| changes::<NewUnit>(o, "add_unit", "Adds a unit"))
        .put("/api/directory/units/{unit}", change_unit, |o| {
            changes::<ChangedUnit>(o, "change_unit", "Renames a unit or moves it in the tree").problems(&[404])
        })
        .post("/api/directory/units/{unit}/abolish", abolish_unit, |o| {
            changes::<Abolished>(o, "abolish_unit", "Abolishes a unit; its history stays").problems(&[404])
        })
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
