//! A JSON Schema for every message, derived from the types. Each stands alone, so that a reader needs one file.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rectify_bus::{FINDING_SCHEMA, Submission, data_schema};
use rectify_case::envelope::Cause;
use rectify_case::{AccessEvent, Actor, CaseEvent, DirectoryEvent, Event, EventId, Happened, LogId};
use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use serde_json::{Map, Value, json};

/// Which of the three kinds of streams an event belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Case,
    Directory,
    Access,
}

/// An event, as its type's schema has it.
pub struct EventSchema {
    pub kind: Kind,
    pub name: String,
    pub description: String,
    schema: Value,
}

/// Returns the schemas of all messages.
pub fn all() -> Vec<Value> {
    events().into_iter().map(|event| event.schema).chain([submission()]).collect()
}

/// Returns the schema of one event.
pub fn of_event(name: &str) -> Value {
    events().into_iter().find(|event| event.name == name).unwrap().schema
}

/// Returns every event there can be.
pub fn events() -> Vec<EventSchema> {
    let case = variants::<CaseEvent>(Kind::Case);
    let directory = variants::<DirectoryEvent>(Kind::Directory);
    let access = variants::<AccessEvent>(Kind::Access);
    [case, directory, access].into_iter().flatten().collect()
}

/// Returns the schema of a finding handed in.
pub fn submission() -> Value {
    let mut schema = root::<Submission>(SchemaSettings::draft2020_12().into_generator());
    let object = schema.as_object_mut().unwrap();
    object.insert("$id".to_owned(), FINDING_SCHEMA.into());
    object.insert("title".to_owned(), "submission".into());
    schema
}

/// What stands around the data of every event. A test compares it with what is really written.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Frame {
    /// The event's own id.
    id: EventId,
    /// 128 random bits: the commitment of a guessable event shows nothing.
    #[schemars(regex(pattern = "^[0-9a-f]{32}$"))]
    salt: String,
    /// The log it was written to.
    log: LogId,
    /// The stream it belongs to: `case-<id>`, `access-<case id>` or `directory`.
    #[schemars(regex(pattern = "^((case|access)-[0-9a-f-]{36}|directory)$"))]
    stream: String,
    /// Its place in the stream, from 1.
    #[schemars(range(min = 1))]
    version: u64,
    /// When it happened: a day, or an instant (RFC 3339).
    happened: Happened,
    /// When a finding came in.
    #[schemars(skip_serializing_if = "Option::is_none")]
    received: Option<DateTime<Utc>>,
    /// When it was written, under the log's lock.
    recorded: DateTime<Utc>,
    /// Who did it.
    actor: Actor,
    /// The position at which the directory was looked up.
    facts_at: u64,
    /// What it rests on.
    #[schemars(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause>,
}

fn written() -> SchemaGenerator {
    SchemaSettings::draft2020_12().for_serialize().into_generator()
}

fn root<T: JsonSchema>(generator: SchemaGenerator) -> Value {
    generator.into_root_schema_for::<T>().to_value()
}

/// Takes the schema of an enum of events apart, and puts the frame around each.
fn variants<T: JsonSchema>(kind: Kind) -> Vec<EventSchema> {
    let whole = root::<T>(written());
    let variants = whole["oneOf"].as_array().unwrap();
    variants.iter().map(|variant| framed(kind, variant, &whole["$defs"])).collect()
}

fn framed(kind: Kind, variant: &Value, definitions: &Value) -> EventSchema {
    let name = variant["properties"]["type"]["const"].as_str().unwrap().to_owned();
    let description = variant["description"].as_str().unwrap().to_owned();
    let mut schema = root::<Frame>(written());
    let frame = schema.as_object_mut().unwrap();
    frame.insert("$id".to_owned(), data_schema(&name, Event::SCHEMA).into());
    frame.insert("title".to_owned(), name.clone().into());
    frame.insert("description".to_owned(), description.clone().into());
    let properties = frame["properties"].as_object_mut().unwrap();
    properties.insert("type".to_owned(), json!({ "const": name, "description": "The name of the event." }));
    properties.insert("schema".to_owned(), json!({ "const": Event::SCHEMA, "description": "The shape of its data." }));
    properties.insert("data".to_owned(), variant["properties"]["data"].clone());
    frame["required"].as_array_mut().unwrap().extend(["type", "schema", "data"].map(Value::from));
    let frame_definitions = frame["$defs"].as_object().unwrap().clone();
    let known = definitions.as_object().cloned().unwrap_or_default().into_iter().chain(frame_definitions).collect();
    let used = used(&schema, &known);
    schema["$defs"] = known.into_iter().filter(|(name, _)| used.contains(name)).collect::<Map<_, _>>().into();
    EventSchema { kind, name, description, schema }
}

/// Returns the definitions that the properties of a schema reach.
fn used(schema: &Value, known: &Map<String, Value>) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    let mut ahead = vec![&schema["properties"]];
    while let Some(value) = ahead.pop() {
        match value {
            Value::Object(object) => {
                let target = object.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix("#/$defs/"));
                if let Some(name) = target
                    && used.insert(name.to_owned())
                {
                    ahead.push(&known[name]);
                }
                ahead.extend(object.values());
            }
            Value::Array(items) => ahead.extend(items),
            _ => {}
        }
    }
    used
}
