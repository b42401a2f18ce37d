//! `docs/asyncapi.yaml` and `docs/schemas` are what the code says. With `UPDATE_DOCS=1` they are written anew.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "documents/asyncapi.rs"]
mod asyncapi;
#[path = "documents/schemas.rs"]
mod schemas;
#[path = "documents/yaml.rs"]
mod yaml;

mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use rectify_case::envelope::Cause;
use rectify_case::{
    AccessEvent, CaseEvent, CaseId, DirectoryEvent, Envelope, Event, EventId, EventKind, Happened, LogId, StreamId,
    UnitId,
};
use samples::{finding, instant, submission};
use serde_json::{Value, json};
use uuid::Uuid;

#[test]
fn the_schemas_are_those_of_the_code() {
    let wanted: BTreeMap<String, String> = schemas::all().iter().map(|schema| (file(schema), pretty(schema))).collect();
    let folder = docs().join("schemas");
    if is_update() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, text) in &wanted {
            fs::write(folder.join(name), text).unwrap();
        }
    }
    let found: BTreeMap<String, String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read_to_string(entry.path()).unwrap()))
        .collect();
    for name in wanted.keys().chain(found.keys()) {
        assert_eq!(wanted.get(name), found.get(name), "docs/schemas/{name} is not as the code has it: {ADVICE}");
    }
}

#[test]
fn the_asyncapi_document_is_that_of_the_code() {
    let path = docs().join("asyncapi.yaml");
    let wanted = asyncapi::document(&schemas::all());
    if is_update() {
        fs::write(&path, &wanted).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), wanted, "docs/asyncapi.yaml is not as the code has it: {ADVICE}");
}

#[test]
fn every_schema_is_valid_by_draft_2020_12_and_there_is_one_for_every_event() {
    for schema in schemas::all() {
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
        jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|error| panic!("{}: {error}", schema["$id"]));
    }
    let names: BTreeSet<String> = schemas::events().iter().map(|event| event.name.clone()).collect();
    let kinds: BTreeSet<String> = EventKind::all().map(|kind| kind.name().to_owned()).collect();
    assert_eq!(names, kinds, "an event came or went, or is not among the names of its kind");
}

#[test]
fn what_is_written_to_the_log_is_as_its_schema_says() {
    let case = CaseId(Uuid::from_u128(7));
    let unit = UnitId(Uuid::from_u128(8));
    let events: [(StreamId, Event); 4] = [
        (StreamId::Case(case), CaseEvent::FindingReported { finding: Box::new(finding(1)) }.into()),
        (StreamId::Case(case), CaseEvent::Accepted { unit }.into()),
        (StreamId::Directory, DirectoryEvent::UnitAbolished { unit, successor: None }.into()),
        (StreamId::Access(case), AccessEvent::EvidenceOpened { digest: "0".repeat(64).parse().unwrap() }.into()),
    ];
    for (stream, event) in events {
        let schema = schemas::of_event(event.name());
        let bare = envelope(stream, event);
        let full =
            Envelope { received: Some(instant()), cause: Some(Cause::Document("补录".to_owned())), ..bare.clone() };
        for envelope in [bare, full] {
            let written = serde_json::to_value(&envelope).unwrap();
            assert_eq!(problems(&schema, &written), Vec::<String>::new());
            let mut other = written.clone();
            other["type"] = json!("another");
            assert_eq!(problems(&schema, &other).len(), 1);
            other = written;
            other["unknown"] = json!(1);
            assert_eq!(problems(&schema, &other).len(), 1);
        }
    }
}

#[test]
fn what_is_handed_in_is_as_its_schema_says() {
    let schema = schemas::submission();
    let mut written = serde_json::to_value(submission(1)).unwrap();
    assert_eq!(problems(&schema, &written), Vec::<String>::new());
    written["finding"].as_object_mut().unwrap().remove("title");
    assert_eq!(problems(&schema, &written), ["\"title\" is a required property"]);
}

const ADVICE: &str = "run the test with UPDATE_DOCS=1 and look at what changed";

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the test says whether it may write")]
fn is_update() -> bool {
    std::env::var("UPDATE_DOCS").is_ok_and(|value| value == "1")
}

fn file(schema: &Value) -> String {
    format!("{}.json", schema["title"].as_str().unwrap())
}

fn pretty(schema: &Value) -> String {
    format!("{}\n", serde_json::to_string_pretty(&yaml::sorted(schema)).unwrap())
}

fn problems(schema: &Value, instance: &Value) -> Vec<String> {
    let validator = jsonschema::draft202012::new(schema).unwrap();
    validator.iter_errors(instance).map(|error| error.to_string()).collect()
}

fn envelope(stream: StreamId, event: Event) -> Envelope {
    Envelope {
        id: EventId(Uuid::from_u128(1)),
        salt: "0123456789abcdef0123456789abcdef".to_owned(),
        log: LogId(Uuid::from_u128(2)),
        stream,
        version: 1,
        schema: Event::SCHEMA,
        happened: Happened::On("2020-04-20".parse().unwrap()),
        received: None,
        recorded: instant(),
        actor: rectify_case::Actor::INSTALLATION,
        facts_at: 0,
        cause: None,
        event,
    }
}
