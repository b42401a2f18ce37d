//! One case: how it stands or stood, what happened to it, what can be done with it now.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use rectify_case::{Case, CaseId, Command, Directory, PersonId, Position, Role, Stage, UnitId, Version, fold};
use rectify_kit::act;
use rectify_log::Recorded;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::api::commands::etag;
use crate::api::input::{Asking, In};
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::moment::Moment;
use crate::shown::ShownEvent;
use crate::sight::Sight;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/cases/{case}", show, |o| {
            o.says("show_case", "Shows how a case stands, or stood, and what the caller may do with it")
                .explains(
                    "The ETag is the version that commands name in If-Match. As of an earlier moment there is \
                     nothing to do, and no ETag.",
                )
                .query::<Moment>()
                .in_capacity()
                .answers::<ShownCase>(StatusCode::OK, "The case.")
                .problems(&[404])
        })
        .get("/api/cases/{case}/events", events, |o| {
            o.says("case_events", "Shows what happened to a case, in order")
                .query::<Moment>()
                .in_capacity()
                .answers::<History>(StatusCode::OK, "The events.")
                .problems(&[404])
        })
}

/// A case, with what is not in it but helps to read it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "CaseView")]
struct ShownCase {
    /// The case as its events tell it.
    case: Case,
    /// Its number as it is written, once registered.
    number: Option<String>,
    /// Its stage as the office writes it.
    stage_name: &'static str,
    /// Whether its deadline is past and it has not come to an end.
    overdue: bool,
    /// The position of its last event.
    position: Position,
    /// The names of the units and people in it, by id.
    names: BTreeMap<Uuid, String>,
    /// What the caller may ask of it at this stage, by the roles they hold.
    commands: Vec<Possible>,
}

/// A command that the caller may ask for.
#[derive(Debug, Serialize, JsonSchema)]
struct Possible {
    /// Its name.
    command: &'static str,
    /// The roles of the caller's that may ask it.
    roles: BTreeSet<Role>,
}

/// What happened to a case.
#[derive(Debug, Serialize, JsonSchema)]
struct History {
    /// The version after the last event.
    version: Version,
    /// The events, in order.
    events: Vec<ShownEvent>,
}

/// Returns a case that the caller may see, with its events.
pub(crate) async fn load(desk: &Desk, caller: &Caller, name: &str) -> Result<(Case, Vec<Recorded>), Error> {
    let id = desk.case_named(name).await?;
    let (case, events) = act::load(&desk.frame.log, id).await?;
    if caller.sees(&case) { Ok((case, events)) } else { Err(Code::NoSuchCase.into()) }
}

/// Returns a case that the caller may see, as of a moment.
async fn load_as_of(desk: &Desk, caller: &Caller, name: &str, moment: Moment) -> Result<(Case, Vec<Recorded>), Error> {
    let (case, mut events) = load(desk, caller, name).await?;
    if moment.is_now() {
        return Ok((case, events));
    }
    let zone = desk.frame.config.zone;
    events.retain(|event| moment.keeps(event, zone));
    Ok((stood(case.id, &events)?, events))
}

/// Returns a case as some of its events tell it, the first among them.
pub(crate) fn stood<'a>(id: CaseId, events: impl IntoIterator<Item = &'a Recorded>) -> Result<Case, Error> {
    let then = fold(id, events.into_iter().filter_map(|event| event.envelope.happening()));
    if then.stage.is_some() { Ok(then) } else { Err(Code::NotYet.into()) }
}

async fn show(
    State(desk): State<Desk>,
    caller: Caller,
    In(name): In<String>,
    Asking(moment): Asking<Moment>,
) -> Result<Response, Error> {
    let (mut case, events) = load_as_of(&desk, &caller, &name, moment).await?;
    Sight::of(&desk, &caller).case(&mut case).await?;
    let at = moment.instant(desk.frame.config.zone).unwrap_or(caller.now);
    let ended = case.stage.is_none_or(|stage| stage.is_final() || stage == Stage::Grouped);
    let shown = ShownCase {
        number: case.number.as_ref().map(ToString::to_string),
        stage_name: case.stage.map(Stage::chinese).unwrap_or_default(),
        overdue: !ended && case.deadline.as_ref().is_some_and(|deadline| deadline.is_late(at)),
        position: events.last().map_or(0, |event| event.position),
        names: names(&case, &caller.directory),
        commands: if moment.is_now() { possible(&case, &caller) } else { Vec::new() },
        case,
    };
    let version = shown.case.version;
    let mut response = Json(shown).into_response();
    if moment.is_now()
        && let Ok(tag) = etag(version).parse()
    {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

async fn events(
    State(desk): State<Desk>,
    caller: Caller,
    In(name): In<String>,
    Asking(moment): Asking<Moment>,
) -> Result<Json<History>, Error> {
    let (case, events) = load_as_of(&desk, &caller, &name, moment).await?;
    let shown = events.iter().filter_map(|event| ShownEvent::of(event, &caller.directory)).collect();
    let events = Sight::of(&desk, &caller).events(shown).await?;
    Ok(Json(History { version: case.version, events }))
}

/// Returns the commands that some role of the caller's may ask at the stage of a case.
fn possible(case: &Case, caller: &Caller) -> Vec<Possible> {
    let held: BTreeSet<Role> = caller.capacities(|_| true).into_iter().map(|actor| actor.role).collect();
    let at_this_stage = |name: &&&'static str| case.stage.is_some_and(|s| Command::stages_of(name).contains(&s));
    let possible = |name: &&'static str| {
        let roles: BTreeSet<Role> =
            Command::roles_of(name).iter().filter(|role| held.contains(role)).copied().collect();
        (!roles.is_empty()).then_some(Possible { command: name, roles })
    };
    Command::NAMES.iter().filter(at_this_stage).filter_map(possible).collect()
}

/// Returns the names of the units and people that a case mentions.
fn names(case: &Case, directory: &Directory) -> BTreeMap<Uuid, String> {
    let mut ids = BTreeSet::new();
    collect_ids(&serde_json::to_value(case).unwrap_or_default(), &mut ids);
    let name = |id: Uuid| {
        let unit = directory.unit(UnitId(id)).map(|unit| unit.name.clone());
        unit.or_else(|| directory.knows(PersonId(id)).then(|| directory.person_name(PersonId(id))))
    };
    ids.into_iter().filter_map(|id| Some((id, name(id)?))).collect()
}

fn collect_ids(value: &Value, ids: &mut BTreeSet<Uuid>) {
    match value {
        Value::String(text) => ids.extend(text.parse::<Uuid>().ok()),
        Value::Array(values) => values.iter().for_each(|value| collect_ids(value, ids)),
        Value::Object(fields) => {
            for (name, value) in fields {
                ids.extend(name.parse::<Uuid>().ok());
                collect_ids(value, ids);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
