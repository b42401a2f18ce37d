//! A file for every shape of event ever written. What is in one is read for ever: a file is never changed, and a new shape
//! gets a file of its own (`<event>.<what is different>.json`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rectify_case::quantity::Amounts;
use rectify_case::{
    AccessEvent, Actor, CaseEvent, Cause, DirectoryEvent, Envelope, Event, EventId, EventKind, Finding, Happened,
    LogId, PetitionPart, Position, StreamId, Version,
};
use schemars::schema_for;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::acts::{digest, finding};
use crate::samples;
use crate::scenario::CASE;
use crate::world::{WATER, handler, leader};

#[test]
fn every_shape_is_read_and_written_as_it_was() {
    for (name, text) in files() {
        let envelope = read(&text).unwrap_or_else(|error| panic!("golden/{name}.json cannot be read: {error}"));
        assert_eq!(written(&envelope), text, "golden/{name}.json is written otherwise now");
        assert_eq!(name.split('.').next(), Some(envelope.event.name()));
    }
}

#[test]
fn every_event_has_a_file_and_every_file_an_event() {
    let files: BTreeSet<String> = files().into_keys().collect();
    let missing: Vec<String> = samples().into_keys().filter(|name| !files.contains(name)).collect();
    assert_eq!(missing, Vec::<String>::new(), "{ADVICE}");
    assert!(names().iter().all(|name| files.contains(name)), "an event has no sample in samples.rs");
    let events: BTreeSet<&str> = files.iter().filter_map(|name| name.split('.').next()).collect();
    assert!(events.iter().all(|name| names().contains(*name)));
}

#[test]
fn every_event_is_a_kind_that_can_be_asked_for() {
    let kinds: BTreeSet<String> = EventKind::all().map(|kind| kind.name().to_owned()).collect();
    assert_eq!(kinds, names());
}

#[test]
fn every_optional_field_of_every_event_is_filled() {
    let files = files();
    for (name, schema) in events() {
        let envelope: Value = serde_json::from_str(&files[&name]).unwrap();
        let mut empty = Vec::new();
        find_empty(&schema, &schema["$defs"], &envelope["data"], "data", &mut empty);
        assert_eq!(empty, Vec::<String>::new(), "golden/{name}.json");
        assert!(["received", "cause"].iter().all(|field| envelope.get(field).is_some()), "golden/{name}.json");
    }
}

/// Writes the files that are missing. What is there already is never written again.
pub fn write_missing() {
    for (name, text) in samples() {
        let path = folder().join(format!("{name}.json"));
        if !path.exists() {
            fs::write(path, text).unwrap();
        }
    }
}

/// Returns every event that can be written, by its name, with the schema of its data.
pub fn events() -> Vec<(String, Value)> {
    let schemas = [schema_for!(CaseEvent), schema_for!(DirectoryEvent), schema_for!(AccessEvent)];
    let variants = schemas.into_iter().flat_map(|schema| {
        let schema = schema.to_value();
        let shared = schema["$defs"].clone();
        schema["oneOf"].as_array().unwrap().clone().into_iter().map(move |variant| {
            let mut data = variant["properties"]["data"].clone();
            data["$defs"] = shared.clone();
            data["description"] = variant["description"].clone();
            (variant["properties"]["type"]["const"].as_str().unwrap().to_owned(), data)
        })
    });
    variants.collect()
}

/// Returns the files, by their names without `.json`.
pub fn files() -> BTreeMap<String, String> {
    let paths = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let named =
        |path: PathBuf| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap());
    paths.map(named).collect()
}

const ADVICE: &str =
    "`cargo test -p rectify-case --test case -- --ignored` writes what is missing; look at it and commit it";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden")
}

fn names() -> BTreeSet<String> {
    events().into_iter().map(|(name, _)| name).collect()
}

/// What the files of the shapes of today look like.
fn samples() -> BTreeMap<String, String> {
    let filled = samples::case_events(0).into_iter().map(Event::from);
    let filled = filled.chain(samples::directory_events().into_iter().map(Event::from));
    let filled = filled.chain(samples::access_events().into_iter().map(Event::from));
    let mut files: BTreeMap<String, String> =
        filled.map(|event| (event.name().to_owned(), written(&envelope(event)))).collect();
    for (n, shape) in [(1, "petition"), (1, "sealed_petition"), (2, "inspection")] {
        let event = samples::case_events(n).swap_remove(0);
        files.insert(format!("finding_reported.{shape}"), written(&envelope(event.into())));
    }
    let finding = CaseEvent::FindingReported { finding: bare_finding().into() };
    files.insert("finding_reported.bare".to_owned(), written(&bare(finding)));
    let (finding, what) = (bare_finding().id(), PetitionPart::Content);
    let opened = AccessEvent::PetitionOpened { finding, what, reason: "回访前了解诉求".to_owned() };
    files.insert("petition_opened.content".to_owned(), written(&envelope(opened.into())));
    let withdrawn = CaseEvent::EvidenceWithdrawn { digest: digest(1), reason: "传错".to_owned() };
    let caused = Envelope { cause: Some(Cause::Event(EventId(Uuid::from_u128(6)))), ..bare(withdrawn) };
    files.insert("evidence_withdrawn.caused_by_event".to_owned(), written(&caused));
    files
}

/// A finding that says no more than it must.
fn bare_finding() -> Finding {
    Finding { place: None, category: None, severity: None, found: Amounts::new(), ..finding("1") }
}

fn envelope(event: Event) -> Envelope {
    let stream = match &event {
        Event::Case(_) => StreamId::Case(CASE),
        Event::Directory(_) => StreamId::Directory,
        Event::Access(_) => StreamId::Access(CASE),
    };
    let recorded = "2020-04-21T01:32:09.123456Z".parse().unwrap();
    Envelope {
        id: EventId(Uuid::from_u128(7)),
        salt: "000102030405060708090a0b0c0d0e0f".to_owned(),
        log: LogId(Uuid::from_u128(8)),
        stream,
        version: 3,
        schema: Event::SCHEMA,
        happened: Happened::On("2020-04-20".parse().unwrap()),
        received: Some(recorded),
        recorded,
        actor: Actor { on_behalf_of: Some(leader(WATER).person), ..handler(WATER) },
        facts_at: 40,
        cause: Some(Cause::Document("舟水发〔2020〕15号".to_owned())),
        event,
    }
}

/// An envelope that says no more than it must, of something that happened at an instant.
fn bare(event: CaseEvent) -> Envelope {
    let full = envelope(event.into());
    Envelope { happened: Happened::At(full.recorded), received: None, cause: None, actor: handler(WATER), ..full }
}

fn written(envelope: &Envelope) -> String {
    pretty(&serde_json::to_value(envelope).unwrap())
}

/// Returns a value in print, its fields in order.
pub fn pretty(value: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(&sorted(value.clone())).unwrap())
}

/// With its fields in order, whatever order the map of this build keeps.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<String, Value> =
                fields.into_iter().map(|(name, field)| (name, sorted(field))).collect();
            Value::Object(fields.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

fn read(text: &str) -> serde_json::Result<Envelope> {
    let Written {
        id,
        salt,
        log,
        stream,
        version,
        name,
        schema,
        happened,
        received,
        recorded,
        actor,
        facts_at,
        cause,
        data,
    } = serde_json::from_str(text)?;
    let event = Event::decode(stream, &name, schema, data)?;
    Ok(Envelope { id, salt, log, stream, version, schema, happened, received, recorded, actor, facts_at, cause, event })
}

/// An envelope before its event is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: EventId,
    salt: String,
    log: LogId,
    stream: StreamId,
    version: Version,
    #[serde(rename = "type")]
    name: String,
    schema: u32,
    happened: Happened,
    received: Option<DateTime<Utc>>,
    recorded: DateTime<Utc>,
    actor: Actor,
    facts_at: Position,
    cause: Option<Cause>,
    data: Value,
}

/// Finds what a schema knows of and a value leaves out.
fn find_empty(schema: &Value, shared: &Value, value: &Value, place: &str, empty: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        return find_empty(&shared[name], shared, value, place, empty);
    }
    if value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty) {
        // An event without fields has none to fill.
        if schema["properties"].is_object() || value.is_array() || value.is_null() {
            empty.push(place.to_owned());
        }
        return;
    }
    for choice in ["anyOf", "oneOf"].into_iter().filter_map(|key| schema[key].as_array()).flatten() {
        if is_of(choice, shared, value) {
            find_empty(choice, shared, value, place, empty);
        }
    }
    for (field, of_field) in schema["properties"].as_object().into_iter().flatten() {
        find_empty(of_field, shared, &value[field], &format!("{place}.{field}"), empty);
    }
    for item in value.as_array().into_iter().flatten().filter(|_| schema["items"].is_object()) {
        find_empty(&schema["items"], shared, item, &format!("{place}[]"), empty);
    }
}

/// Returns whether a value can be of one of several schemas: their constants, and what they require, tell them apart.
fn is_of(choice: &Value, shared: &Value, value: &Value) -> bool {
    if let Some(name) = choice["$ref"].as_str().and_then(|path| path.strip_prefix("#/$defs/")) {
        return is_of(&shared[name], shared, value);
    }
    let required = choice["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let constants = choice["properties"].as_object().into_iter().flatten();
    let mut constants = constants.filter_map(|(field, of)| Some((field, of.get("const")?)));
    required.into_iter().all(|field| value.get(field).is_some())
        && constants.all(|(field, constant)| value.get(field) == Some(constant))
        && choice["type"] != json!("null")
}
