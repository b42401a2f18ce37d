//! The description of the API says what the API does.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Method;
use serde_json::{Value, json};

use crate::client::Caller;
use crate::life::Hands;
use crate::office::{ADMINISTRATOR, OFFICER, Office, id};

const METHODS: [&str; 5] = ["get", "post", "put", "delete", "patch"];

async fn description(office: &Office) -> Value {
    office.stranger().get("/api/openapi.json").await.good()
}

fn operations(description: &Value) -> Vec<(String, String, Value)> {
    let mut operations = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(METHODS.contains(&method.as_str()), "{method} {path}");
            operations.push((method.clone(), path.clone(), operation.clone()));
        }
    }
    operations
}

/// Returns a validator of what a place in the description describes.
fn validator(description: &Value, schema: &Value) -> jsonschema::Validator {
    let mut whole = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "allOf": [schema] });
    whole["components"] = description["components"].clone();
    jsonschema::validator_for(&whole).unwrap_or_else(|error| panic!("{error} at {}", error.instance_path()))
}

#[tokio::test]
async fn it_is_whole_and_every_schema_in_it_is_one() {
    let office = Office::open().await;
    let description = description(&office).await;
    assert_eq!(description["openapi"], "3.1.0");
    let known: BTreeSet<&str> = ["openapi", "info", "paths", "components", "security"].into();
    assert!(description.as_object().unwrap().keys().all(|key| known.contains(key.as_str())));
    let mut schemas = Vec::new();
    for (name, schema) in description["components"]["schemas"].as_object().unwrap() {
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)), "{name}");
        schemas.push(schema);
    }
    let operations = operations(&description);
    let mut ids = BTreeSet::new();
    for (method, path, operation) in &operations {
        let at = format!("{method} {path}");
        assert!(ids.insert(operation["operationId"].as_str().expect(&at).to_owned()), "{at}: its id is taken");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{at}");
        let parameters = operation["parameters"].as_array().unwrap();
        let mut named = BTreeSet::new();
        for parameter in parameters {
            let (name, place) = (parameter["name"].as_str().unwrap(), parameter["in"].as_str().unwrap());
            assert!(named.insert((name, place)), "{at}: {name} twice");
            assert!(
                ["path", "query", "header"].contains(&place) && parameter["description"].is_string(),
                "{at}: {name}"
            );
            assert!(place != "path" || parameter["required"] == true, "{at}: {name}");
            schemas.push(&parameter["schema"]);
        }
        let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let in_path: BTreeSet<(&str, &str)> = in_path.map(|name| (name, "path")).collect();
        let told: BTreeSet<(&str, &str)> = named.into_iter().filter(|(_, place)| *place == "path").collect();
        assert_eq!(in_path, told, "{at}");
        if let Some(body) = operation.get("requestBody") {
            for media in body["content"].as_object().unwrap().values() {
                schemas.push(&media["schema"]);
            }
        }
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{at}");
        for (status, response) in responses {
            assert!(status.parse::<u16>().is_ok() && response["description"].is_string(), "{at}: {status}");
            for media in response.get("content").and_then(Value::as_object).into_iter().flatten() {
                schemas.push(&media.1["schema"]);
            }
        }
    }
    // One after the other would take a minute: all are compiled as one.
    validator(&description, &json!({ "allOf": schemas }));
    references(&description, &description);
}

/// Checks that every reference leads somewhere.
fn references(value: &Value, whole: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                let place = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads outside"));
                assert!(whole.pointer(place).is_some(), "{reference} leads nowhere");
            }
            fields.values().for_each(|value| references(value, whole));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, whole)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[tokio::test]
async fn every_route_that_is_described_is_there_and_asks_for_a_token() {
    let office = Office::open().await;
    let description = description(&office).await;
    let officer = office.caller(OFFICER).await;
    let mut commands = 0;
    for (method, path, operation) in operations(&description) {
        let real = path.replace("{case}", &id(999)).replace("{digest}", &"0".repeat(64)).replace("{sequence}", "7");
        let real = real.replace("{level}", "0").replace("{path}", "000").replace("{number}", "7");
        let real =
            ["{unit}", "{token}", "{petition}"].into_iter().fold(real, |real, name| real.replace(name, &id(999)));
        assert!(!real.contains('{'), "{path}");
        let send = async |caller: &Caller| {
            let method: Method = method.to_uppercase().parse().unwrap();
            caller.open(method, &real, &[], Body::empty()).await.status().as_u16()
        };
        if operation["security"] != json!([]) {
            assert_eq!(send(&office.stranger()).await, 401, "{method} {path}");
        }
        let status = send(&officer).await;
        assert!(operation["responses"].get(status.to_string()).is_some(), "{method} {path}: {status} is not described");
        assert_ne!(status, 405, "{method} {path}");
        let below = path.strip_prefix("/api/cases/{case}/");
        commands += u32::from(below.is_some_and(|name| !name.contains('/')) && method == "post");
    }
    // Every command but `report` and `carry_over`, which begin a case, and the upload of evidence.
    assert_eq!(commands as usize, rectify_case::Command::NAMES.len() - 1);
}

#[tokio::test]
async fn what_is_answered_is_as_described() {
    let office = Office::open().await;
    let description = description(&office).await;
    let hands = Hands::of(&office).await;
    let case = hands.accepted("一", "扶贫资产未确权").await;
    let evidence = hands.reported(&case, "确权书.txt").await;
    hands.closed(&case, &evidence).await.good();
    let admin = office.caller(ADMINISTRATOR).await;
    let stale = [("idempotency-key", "stale"), ("if-match", "\"3\"")];
    let one = json!({ "commands": [{ "case": case, "command": "reopen", "data": {} }] });
    let answers = [
        ("/api/cases/{case}", "get", hands.officer.get(&format!("/api/cases/{case}")).await),
        ("/api/cases/{case}/events", "get", hands.officer.get(&format!("/api/cases/{case}/events")).await),
        ("/api/cases/{case}/related", "get", hands.officer.get(&format!("/api/cases/{case}/related")).await),
        ("/api/cases/{case}/duplicates", "get", hands.officer.get(&format!("/api/cases/{case}/duplicates")).await),
        ("/api/cases", "get", hands.officer.get("/api/cases?total=true").await),
        ("/api/cases", "get", hands.officer.get("/api/cases?stage=x").await),
        ("/api/counts", "get", hands.officer.get("/api/counts").await),
        ("/api/overview", "get", hands.officer.get("/api/overview").await),
        ("/api/waiting", "get", hands.officer.get("/api/waiting").await),
        ("/api/signals", "get", hands.officer.get("/api/signals").await),
        ("/api/signals", "get", hands.handler.get("/api/signals").await),
        ("/api/directory", "get", admin.get("/api/directory").await),
        ("/api/me", "get", admin.get("/api/me").await),
        ("/api/tokens", "get", admin.get("/api/tokens").await),
        ("/api/directory/people", "post", admin.post("/api/directory/people", &json!({ "name": "新人" })).await),
        ("/api/bulk", "post", hands.officer.post("/api/bulk", &one).await),
        ("/api/cases/{case}/add_note", "post", hands.officer.ask(&case, "add_note", &json!({ "text": "归档" })).await),
        (
            "/api/cases/{case}/add_note",
            "post",
            hands.officer.post_with(&format!("/api/cases/{case}/add_note"), &stale, &json!({ "text": "归档" })).await,
        ),
    ];
    for (path, method, answer) in answers {
        let content = &description["paths"][path][method]["responses"][answer.status.as_str()]["content"];
        let media = answer.headers["content-type"].to_str().unwrap();
        let schema = &content[media]["schema"];
        assert!(schema.is_object(), "{method} {path}: {} as {media} is not described", answer.status);
        let body = answer.json();
        let validator = validator(&description, schema);
        let errors: Vec<String> = validator.iter_errors(&body).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{method} {path}: {errors:#?}\n{body:#}");
    }
}
