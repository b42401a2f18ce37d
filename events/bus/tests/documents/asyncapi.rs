//! The `AsyncAPI` 3.0 document: what goes over NATS, for whoever speaks to it in another language.

use rectify_bus::{FINDING_TYPE, Mirrored, event_type};
use rectify_case::{CaseId, EventId, LogId, StreamId};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::samples::{instant, submission};
use crate::schemas::{self, EventSchema, Kind};
use crate::yaml;

/// Returns the whole document.
pub fn document(schemas: &[Value]) -> String {
    let events = schemas::events();
    assert_eq!(schemas.len(), events.len() + 1);
    let sections = [
        ("asyncapi", json!("3.0.0")),
        ("info", info()),
        ("defaultContentType", json!("application/json")),
        ("channels", channels(&events)),
        ("operations", operations()),
        ("components", components(&events)),
    ];
    let head = "# Written by events/bus/tests/documents.rs from the code. UPDATE_DOCS=1 writes it anew.".to_owned();
    let body = sections.iter().flat_map(|(key, value)| yaml::lines(key, value));
    [head].into_iter().chain(body).map(|line| line + "\n").collect()
}

fn info() -> Value {
    json!({
        "title": "Rectify (整改台账) over NATS",
        "version": "1",
        "description": "Findings in, events out, over NATS JetStream 2.12 or later. Every message is a CloudEvent 1.0 in \
            binary mode: attributes are headers `ce-…`, percent-encoded where they are not printable ASCII, and the payload \
            is the data. Findings go into the stream FINDINGS, a work queue; what cannot be read is kept in the stream \
            SET_ASIDE with the reason; the stream LOG has every event of the log at the sequence that is its position.",
        "license": { "name": "MIT OR Apache-2.0" },
    })
}

/// Addresses are asked of the code, with the parameters put back in.
fn channels(events: &[EventSchema]) -> Value {
    let source = submission(1).finding.source.to_string();
    let division = submission(1).finding.division.to_string();
    let address = |subject: String| {
        let subject = subject.replace(&source, "{source}").replace(&division, "{division}");
        subject.replace("registered", "{event}")
    };
    let findings = address(submission(1).subject());
    let mut channels = Map::new();
    let place = json!({
        "source": { "description": "The code of the source, such as audit: lower-case letters, digits and -." },
        "division": { "description": "The division of GB/T 2260, such as 623023." },
    });
    channels.insert("setAside".to_owned(), json!({
        "address": format!("set_aside.{findings}"),
        "description": "What came as a finding and could not be read or used: what came, byte by byte. The headers \
            rectify-reason, rectify-subject, rectify-received and rectify-delivered say why, under which subject, when, and \
            how often it had been delivered. Stream SET_ASIDE.",
        "parameters": place,
        "messages": { "setAside": { "$ref": "#/components/messages/setAside" } },
    }));
    channels.insert("findings".to_owned(), json!({
        "address": findings,
        "description": "Findings, from intakes to the registrar. Accepted when JetStream acknowledges; sent again it is not \
            doubled. The source and the division of the finding must be those of the subject. Stream FINDINGS.",
        "parameters": place,
        "messages": { "submission": { "$ref": "#/components/messages/submission" } },
    }));
    for (kind, stream) in [
        (Kind::Case, StreamId::Case(CaseId(Uuid::nil()))),
        (Kind::Directory, StreamId::Directory),
        (Kind::Access, StreamId::Access(CaseId(Uuid::nil()))),
    ] {
        let names: Vec<&str> =
            events.iter().filter(|event| event.kind == kind).map(|event| event.name.as_str()).collect();
        let messages = names.iter().map(|name| ((*name).to_owned(), reference(name))).collect::<Map<_, _>>();
        let mut parameters = json!({ "event": { "description": "The name of the event.", "enum": names } });
        if kind == Kind::Case {
            for name in ["source", "division"] {
                parameters[name] =
                    json!({ "description": format!("The {name} of the case; _ where it is not known.") });
            }
        }
        channels.insert(channel(kind).to_owned(), json!({
            "address": address(mirrored(stream).subject()),
            "description": "Events of the log, in its order. Only this installation's own services read them. Stream LOG.",
            "parameters": parameters,
            "messages": messages,
        }));
    }
    channels.into()
}

fn operations() -> Value {
    let operation = |action: &str, channel: &str, summary: &str| json!({ "action": action, "channel": { "$ref": format!("#/channels/{channel}") }, "summary": summary });
    json!({
        "takeFindings": operation("receive", "findings", "The registrar takes findings and opens or amends cases"),
        "setAside": operation("send", "setAside", "The registrar keeps what it cannot use where the office sees it"),
        "mirrorCases": operation("send", channel(Kind::Case), "The relay mirrors the events of cases"),
        "mirrorDirectory": operation("send", channel(Kind::Directory), "The relay mirrors the events of the directory"),
        "mirrorAccess": operation("send", channel(Kind::Access), "The relay mirrors looks at evidence"),
    })
}

fn components(events: &[EventSchema]) -> Value {
    let mut messages = Map::new();
    for event in events {
        messages.insert(
            event.name.clone(),
            json!({
                "name": event_type(&event.name),
                "title": event.name,
                "summary": event.description,
                "headers": { "$ref": "#/components/schemas/headers" },
                "payload": { "$ref": format!("./schemas/{}.json", event.name) },
            }),
        );
    }
    messages.insert(
        "submission".to_owned(),
        json!({
            "name": FINDING_TYPE,
            "title": "submission",
            "summary": "One finding, handed in.",
            "headers": { "$ref": "#/components/schemas/headers" },
            "payload": { "$ref": "./schemas/submission.json" },
        }),
    );
    messages.insert(
        "setAside".to_owned(),
        json!({
            "name": "set_aside",
            "title": "set_aside",
            "summary": "What came as a finding and could not be read or used.",
            "contentType": "application/octet-stream",
            "headers": { "$ref": "#/components/schemas/setAsideHeaders" },
        }),
    );
    json!({
        "messages": messages,
        "schemas": { "headers": headers(), "setAsideHeaders": set_aside_headers() },
    })
}

fn headers() -> Value {
    let text = |description: &str| json!({ "type": "string", "description": description });
    json!({
        "type": "object",
        "required": ["ce-specversion", "ce-id", "ce-source", "ce-type", "ce-datacontenttype"],
        "properties": {
            "ce-specversion": { "type": "string", "const": "1.0" },
            "ce-id": text("The id of the event; for a finding its id and the SHA-256 of its content."),
            "ce-source": text("urn:rectify:source:<code> of a finding, urn:uuid:<log id> of an event of the log."),
            "ce-type": text("The name of the message."),
            "ce-subject": text("The source's own reference of a finding; the stream of an event of the log."),
            "ce-time": text("When the finding came in, or the event was recorded (RFC 3339)."),
            "ce-dataschema": text("The $id of the JSON Schema of the payload."),
            "ce-datacontenttype": { "type": "string", "const": "application/json" },
            "traceparent": text("W3C Trace Context; also as ce-traceparent."),
            "Nats-Msg-Id": text("The same as ce-id."),
            "rectify-leaf": text("Of an event of the log: the SHA-256 of the payload, its leaf in the log's tree."),
            "rectify-key": text("Of the first event of an append: its idempotency key, percent-encoded."),
            "rectify-key-content": text("The SHA-256 of what was asked under the key."),
            "rectify-key-events": text("How many events the append wrote."),
        },
    })
}

fn set_aside_headers() -> Value {
    let required = ["rectify-reason", "rectify-subject", "rectify-received", "rectify-delivered"];
    let properties: Map<_, _> = required.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" }))).collect();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn reference(message: &str) -> Value {
    json!({ "$ref": format!("#/components/messages/{message}") })
}

fn channel(kind: Kind) -> &'static str {
    match kind {
        Kind::Case => "caseEvents",
        Kind::Directory => "directoryEvents",
        Kind::Access => "accessEvents",
    }
}

fn mirrored(stream: StreamId) -> Mirrored {
    Mirrored {
        log: LogId(Uuid::nil()),
        position: 1,
        stream,
        name: "registered".to_owned(),
        source: Some(submission(1).finding.source),
        division: Some(submission(1).finding.division),
        id: EventId(Uuid::nil()),
        recorded: instant(),
        leaf: [0; 32],
        keyed: None,
        trace: None,
        bytes: "{}".into(),
    }
}
