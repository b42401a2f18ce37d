//! Events and capacities as they are shown.

use chrono::{DateTime, Utc};
use rectify_case::{
    Actor, CaseEvent, CaseId, Cause, Directory, Event, EventId, Happened, PersonId, Position, Role, StreamId, UnitId,
    Version,
};
use rectify_log::Recorded;
use schemars::JsonSchema;
use serde::Serialize;

/// An event of a case, with who, when and where.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub(crate) struct ShownEvent {
    /// Its position in the log.
    pub(crate) position: Position,
    /// Its id.
    id: EventId,
    /// The case.
    pub(crate) case: CaseId,
    /// Its place among the case's events; a case at this version has seen it.
    pub(crate) version: Version,
    /// When it happened.
    pub(crate) happened: Happened,
    /// When it was written.
    pub(crate) recorded: DateTime<Utc>,
    /// When a finding came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<DateTime<Utc>>,
    /// Whether the office entered it after the day it happened (补录).
    pub(crate) late: bool,
    /// The document that shows it, when it was entered late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) document: Option<String>,
    /// Who did it.
    pub(crate) who: Capacity,
    /// What happened.
    #[serde(flatten)]
    pub(crate) event: Box<CaseEvent>,
}

/// Who does something, and in what capacity.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Capacity {
    /// The person.
    pub(crate) person: PersonId,
    /// The person's name.
    pub(crate) person_name: String,
    /// The unit.
    pub(crate) unit: UnitId,
    /// The unit's name.
    pub(crate) unit_name: String,
    /// The role.
    pub(crate) role: Role,
    /// The person acted for (代办).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_behalf_of: Option<PersonId>,
    /// That person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) on_behalf_of_name: Option<String>,
}

impl Capacity {
    pub(crate) fn of(actor: Actor, directory: &Directory) -> Capacity {
        Capacity {
            person: actor.person,
            person_name: directory.person_name(actor.person),
            unit: actor.unit,
            unit_name: directory.unit_name(actor.unit),
            role: actor.role,
            on_behalf_of: actor.on_behalf_of,
            on_behalf_of_name: actor.on_behalf_of.map(|person| directory.person_name(person)),
        }
    }
}

impl ShownEvent {
    /// Returns an event of a case as it is shown; none for what is no event of a case.
    pub(crate) fn of(recorded: &Recorded, directory: &Directory) -> Option<ShownEvent> {
        let envelope = &recorded.envelope;
        let (StreamId::Case(case), Event::Case(event)) = (envelope.stream, &envelope.event) else {
            return None;
        };
        let document = match &envelope.cause {
            Some(Cause::Document(document)) => Some(document.clone()),
            Some(Cause::Event(_)) | None => None,
        };
        Some(ShownEvent {
            position: recorded.position,
            id: envelope.id,
            case,
            version: envelope.version,
            happened: envelope.happened,
            recorded: envelope.recorded,
            received: envelope.received,
            late: document.is_some(),
            document,
            who: Capacity::of(envelope.actor, directory),
            event: event.clone(),
        })
    }
}
