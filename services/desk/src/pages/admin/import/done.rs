//! What was looked over is done: a row at a time, each by itself.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use rectify_case::directory::Unit;
use rectify_case::{Directory, UnitId};

use super::judged::Confirmed;
use super::plan::same_place;
use crate::api::administration::Known;
use crate::api::administration::units::{ChangedUnit, NewUnit, add_unit, change_unit};
use crate::api::asked::own_key;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::page::Page;

/// How long is worked on before an answer: whoever waits longer is told what is left, and goes on.
const PATIENCE: TimeDelta = TimeDelta::seconds(40);

/// What came of rows.
pub(super) struct Carried {
    pub(super) outcomes: Vec<Outcome>,
    /// What is left to be done.
    pub(super) left: Vec<Confirmed>,
}

/// What came of a row.
pub(super) struct Outcome {
    pub(super) place: String,
    pub(super) name: String,
    /// The page of the unit, where it is there.
    pub(super) href: Option<String>,
    pub(super) became: Became,
}

/// What became of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Became {
    Added,
    Changed,
    /// Somebody else had added it meanwhile.
    There,
    /// Nothing, and why.
    Failed(String),
}

/// Adds and changes the units of rows. Sent once more under the same key, nothing is done twice.
pub(super) async fn done(
    desk: &Desk,
    caller: &Caller,
    page: &Page,
    key: &str,
    rows: Vec<Confirmed>,
) -> Result<Carried, Error> {
    let begun = desk.frame.clock.now();
    let mut known = Known::default();
    // What others had added meanwhile, by what it was to be known by here.
    let mut there: BTreeMap<UnitId, UnitId> = BTreeMap::new();
    let mut outcomes = Vec::new();
    let mut left = Vec::new();
    for mut row in rows {
        row.unit.parent = row.unit.parent.map(|parent| there.get(&parent).copied().unwrap_or(parent));
        if !left.is_empty() || desk.frame.clock.now() - begun > PATIENCE {
            left.push(row);
            continue;
        }
        let Confirmed { place, before, unit } = row;
        // Each row is judged by the directory as it is by then; only what was written meanwhile is read for it.
        known.read_on(&desk.frame.log).await?;
        let key = own_key(&format!("{key}/{}", unit.id), caller)?;
        let name = unit.name.clone();
        let (id, became) = match before {
            Some(before) => (unit.id, changed(desk, caller, page, &key, (before, unit), &mut known).await?),
            None => match found_there(&unit, known.directory()) {
                Some(found) => {
                    there.insert(unit.id, found);
                    (found, Became::There)
                }
                None => (unit.id, added(desk, caller, page, &key, unit, &mut known).await?),
            },
        };
        let is_there = became == Became::Added || known.directory().unit(id).is_some();
        let href = is_there.then(|| format!("/admin/units/{id}"));
        outcomes.push(Outcome { place, name, href, became });
    }
    Ok(Carried { outcomes, left })
}

/// Returns the unit that somebody else added at the place of one that is to be added.
fn found_there(unit: &Unit, directory: &Directory) -> Option<UnitId> {
    let found = same_place(&unit.name, unit.parent, directory)?;
    (found.id != unit.id).then_some(found.id)
}

async fn added(
    desk: &Desk,
    caller: &Caller,
    page: &Page,
    key: &str,
    unit: Unit,
    known: &mut Known,
) -> Result<Became, Error> {
    let Unit { id, name, kind, parent, division, prefix } = unit;
    let asked = NewUnit { id: Some(id), name, kind, parent, division, prefix };
    match add_unit(desk, caller, known, key, &asked).await {
        Ok(_) => Ok(Became::Added),
        Err(error) => failed(error, page),
    }
}

/// Changes a unit, unless it is no longer as it was looked at.
async fn changed(
    desk: &Desk,
    caller: &Caller,
    page: &Page,
    key: &str,
    (before, unit): (Unit, Unit),
    known: &mut Known,
) -> Result<Became, Error> {
    if known.directory().unit(unit.id).is_none_or(|present| *present != before && *present != unit) {
        return Ok(Became::Failed(page.say("unit-import-moved")));
    }
    let Unit { id, name, kind, parent, division, prefix } = unit;
    let asked = ChangedUnit { name, kind, parent, division, prefix };
    match change_unit(desk, caller, known, key, (id, &asked)).await {
        Ok(_) => Ok(Became::Changed),
        Err(error) => failed(error, page),
    }
}

fn failed(error: Error, page: &Page) -> Result<Became, Error> {
    match error {
        Error::Unavailable(_) | Error::Internal(_) => Err(error),
        error => Ok(Became::Failed(error.in_language(page.language))),
    }
}
