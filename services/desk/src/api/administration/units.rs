//! Units are added, changed and abolished.

use axum::extract::State;
use axum::http::HeaderMap;
use rectify_case::directory::{Unit, UnitKind};
use rectify_case::{Directory, DirectoryEvent, DivisionCode, Refusal, UnitId};
use rectify_kit::ids;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Changed, Known, change, change_known, changes, check_prefix, named};
use crate::api::asked;
use crate::api::input::{self, In};
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .post("/api/directory/units", post_unit, |o| changes::<NewUnit>(o, "add_unit", "Adds a unit"))
        .put("/api/directory/units/{unit}", put_unit, |o| {
            changes::<ChangedUnit>(o, "change_unit", "Renames a unit or moves it in the tree").problems(&[404])
        })
        .post("/api/directory/units/{unit}/abolish", post_abolition, |o| {
            changes::<Abolished>(o, "abolish_unit", "Abolishes a unit; its history stays").problems(&[404])
        })
}

/// A unit to be added.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUnit {
    /// What it is known by; a new id where nothing is said.
    pub(crate) id: Option<UnitId>,
    /// Its full name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: UnitKind,
    /// The unit above it; none for the prefecture itself.
    pub(crate) parent: Option<UnitId>,
    /// Its division of GB/T 2260.
    pub(crate) division: DivisionCode,
    /// An office's prefix in case numbers.
    pub(crate) prefix: Option<String>,
}

/// A unit as it is from now on.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChangedUnit {
    /// Its full name.
    pub(crate) name: String,
    /// What it is.
    pub(crate) kind: UnitKind,
    /// The unit above it; none for the prefecture itself.
    pub(crate) parent: Option<UnitId>,
    /// Its division of GB/T 2260.
    pub(crate) division: DivisionCode,
    /// An office's prefix in case numbers.
    pub(crate) prefix: Option<String>,
}

/// What becomes of an abolished unit's duties.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Abolished {
    /// The unit that takes over, if any.
    pub(crate) successor: Option<UnitId>,
}

async fn post_unit(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<NewUnit>,
) -> Result<Changed, Error> {
    add_unit(&desk, &caller, &mut Known::default(), &asked::key(&headers, &caller)?, &asked).await
}

/// Adds a unit.
pub(crate) async fn add_unit(
    desk: &Desk,
    caller: &Caller,
    known: &mut Known,
    key: &str,
    asked: &NewUnit,
) -> Result<Changed, Error> {
    let fresh = UnitId(ids::new());
    change_known(desk, known, key, ("add_unit", asked), |directory| {
        let actor = caller.administrator()?;
        let NewUnit { id, name, kind, parent, division, prefix } = asked;
        let id = id.unwrap_or(fresh);
        if directory.unit(id).is_some() {
            return Err(Code::AlreadyThere.into());
        }
        let (parent, division, prefix) = (*parent, division.clone(), prefix.clone());
        let unit = checked(Unit { id, name: name.clone(), kind: *kind, parent, division, prefix }, directory)?;
        Ok((actor, vec![DirectoryEvent::UnitAdded(unit)]))
    })
    .await
}

async fn put_unit(
    State(desk): State<Desk>,
    caller: Caller,
    In(id): In<UnitId>,
    headers: HeaderMap,
    input::Json(asked): input::Json<ChangedUnit>,
) -> Result<Changed, Error> {
    change_unit(&desk, &caller, &mut Known::default(), &asked::key(&headers, &caller)?, (id, &asked)).await
}

/// Renames a unit or moves it in the tree.
pub(crate) async fn change_unit(
    desk: &Desk,
    caller: &Caller,
    known: &mut Known,
    key: &str,
    (id, asked): (UnitId, &ChangedUnit),
) -> Result<Changed, Error> {
    change_known(desk, known, key, ("change_unit", &(id, asked)), |directory| {
        let actor = caller.administrator()?;
        let before = directory.unit(id).ok_or(Code::NoSuchUnit)?;
        let ChangedUnit { name, kind, parent, division, prefix } = asked;
        let (parent, division, prefix) = (*parent, division.clone(), prefix.clone());
        let unit = checked(Unit { id, name: name.clone(), kind: *kind, parent, division, prefix }, directory)?;
        if unit == *before {
            return Err(Refusal::SameAsBefore.into());
        }
        Ok((actor, vec![DirectoryEvent::UnitChanged(unit)]))
    })
    .await
}

async fn post_abolition(
    State(desk): State<Desk>,
    caller: Caller,
    In(unit): In<UnitId>,
    headers: HeaderMap,
    input::Json(asked): input::Json<Abolished>,
) -> Result<Changed, Error> {
    abolish_unit(&desk, &caller, &asked::key(&headers, &caller)?, unit, &asked).await
}

/// Abolishes a unit.
pub(crate) async fn abolish_unit(
    desk: &Desk,
    caller: &Caller,
    key: &str,
    unit: UnitId,
    asked: &Abolished,
) -> Result<Changed, Error> {
    change(desk, key, ("abolish_unit", &(unit, asked)), |directory| {
        let actor = caller.administrator()?;
        let Abolished { successor } = *asked;
        directory.unit(unit).ok_or(Code::NoSuchUnit)?;
        if !directory.is_active(unit) {
            return Err(Refusal::SameAsBefore.into());
        }
        if successor.is_some_and(|successor| successor == unit || !directory.is_active(successor)) {
            return Err(Refusal::UnknownUnit.into());
        }
        Ok((actor, vec![DirectoryEvent::UnitAbolished { unit, successor }]))
    })
    .await
}

/// Returns a unit as it is kept, where it may stand among the others.
pub(crate) fn checked(unit: Unit, directory: &Directory) -> Result<Unit, Error> {
    let name = named(&unit.name)?;
    if let Some(parent) = unit.parent {
        if directory.upward(parent).any(|above| above == unit.id) {
            return Err(Code::LoopInTree.into());
        }
        if !directory.is_active(parent) {
            return Err(Refusal::UnknownUnit.into());
        }
    }
    unit.prefix.as_deref().map_or(Ok(()), check_prefix)?;
    Ok(Unit { name, ..unit })
}
