//! The directory: units, people, roles, sources, delegations. Everybody with a token reads it.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rectify_case::directory::{Delegation, Holding, Source, Unit};
use rectify_case::{PersonId, Position};
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::desk::Desk;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/directory", show, |o| {
        o.says("directory", "Shows units, people with their roles and delegations, and sources")
            .answers::<ShownDirectory>(StatusCode::OK, "The directory as of the end of the log.")
            .problems(&[400, 403])
    })
}

/// The directory.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Directory")]
struct ShownDirectory {
    /// The position of the log it is folded to.
    position: Position,
    /// The units, abolished ones too.
    units: Vec<ShownUnit>,
    /// The people.
    people: Vec<ShownPerson>,
    /// The sources.
    sources: Vec<Source>,
}

/// A unit.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DirectoryUnit")]
struct ShownUnit {
    #[serde(flatten)]
    unit: Unit,
    /// Whether it was abolished.
    abolished: bool,
}

/// A person.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "DirectoryPerson")]
struct ShownPerson {
    /// Who.
    person: PersonId,
    /// The name.
    name: String,
    /// The roles, ended ones too.
    holdings: Vec<Holding>,
    /// For whom they may act, or might.
    delegations: Vec<Delegation>,
}

async fn show(State(desk): State<Desk>, _: Caller) -> Json<ShownDirectory> {
    let (directory, position) = desk.frame.directory.get();
    let unit = |unit: &Unit| ShownUnit { unit: unit.clone(), abolished: !directory.is_active(unit.id) };
    let person = |(person, name): (PersonId, &str)| ShownPerson {
        person,
        name: name.to_owned(),
        holdings: directory.all_holdings(person).to_vec(),
        delegations: directory.delegations(person).to_vec(),
    };
    Json(ShownDirectory {
        position,
        units: directory.units().map(unit).collect(),
        people: directory.people().map(person).collect(),
        sources: directory.sources().cloned().collect(),
    })
}
