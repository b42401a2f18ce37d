//! A history in words: who did what, an event a line.

use serde_json::Value;

use super::state::State;
use super::walk::Broken;
use super::world::{CASE, OTHER, PARTS};
use crate::directory::Directory;
use crate::envelope::{Envelope, Event, StreamId};
use crate::identity::CaseId;

/// Tells a broken history, and what is wrong with it.
pub(super) fn told(broken: &Broken) -> String {
    let directory = State::new().directory;
    let mut lines: Vec<String> = Vec::new();
    for (n, envelope) in broken.history.iter().enumerate() {
        lines.push(format!("{:>2}. {}", n + 1, line(envelope, &directory)));
    }
    for violation in &broken.violations {
        let what = named(&violation.what, &directory);
        lines.push(format!("    breaks rule {}, {}: {what}", violation.rule.number(), violation.code));
    }
    lines.join("\n")
}

fn line(envelope: &Envelope, directory: &Directory) -> String {
    let actor = envelope.actor;
    let (StreamId::Case(case) | StreamId::Access(case)) = envelope.stream else {
        return envelope.event.name().to_owned();
    };
    let behalf = actor.on_behalf_of.map(|other| format!(" for {}", directory.person_name(other))).unwrap_or_default();
    let data = match &envelope.event {
        Event::Case(event) => serde_json::to_value(event),
        Event::Access(event) => serde_json::to_value(event),
        Event::Directory(event) => serde_json::to_value(event),
    };
    let mut said = Vec::new();
    say("", &data.unwrap()["data"], &mut said);
    let role = serde_json::to_value(actor.role).unwrap();
    let line = format!(
        "{} {} {}{behalf} ({}): {} {}",
        case_name(case),
        directory.unit_name(actor.unit),
        directory.person_name(actor.person),
        role.as_str().unwrap_or_default(),
        envelope.event.name(),
        said.join(", "),
    );
    named(line.trim_end(), directory)
}

/// What of an event does not matter to a reader of a broken rule.
const LEFT_OUT: [&str; 19] = [
    "account",
    "category",
    "deadline",
    "discovered",
    "division",
    "document",
    "goal",
    "issuing_body",
    "item",
    "media_type",
    "name",
    "number",
    "office",
    "opinion",
    "reason",
    "size",
    "source",
    "text",
    "title",
];

/// Says the leaves of a value, each with the name it stands under.
fn say(name: &str, value: &Value, said: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            // By name, also where a crate that is built along has maps keep the order in which they were filled.
            let mut fields: Vec<_> = fields.iter().filter(|(name, _)| !LEFT_OUT.contains(&name.as_str())).collect();
            fields.sort_by_key(|(name, _)| *name);
            for (name, value) in fields {
                say(name, value, said);
            }
        }
        Value::Array(values) if values.iter().any(Value::is_object) => {
            for value in values {
                say(name, value, said);
            }
        }
        Value::Array(values) if values.is_empty() && name != "relied_on" => {}
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(plain).collect();
            said.push(format!("{name} [{}]", values.join(" ")));
        }
        Value::Null | Value::Bool(false) => {}
        Value::Bool(true) | Value::Number(_) | Value::String(_) => said.push(format!("{name} {}", plain(value))),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), |text| format!("“{text}”"))
}

/// Puts names where ids stand.
fn named(text: &str, directory: &Directory) -> String {
    let mut text = text.to_owned();
    let units = directory.units().map(|unit| (unit.id.to_string(), unit.name.clone()));
    let people = directory.people().map(|(id, name)| (id.to_string(), name.to_owned()));
    let cases = [CASE, OTHER, PARTS[0], PARTS[1]].map(|id| (id.to_string(), case_name(id).to_owned()));
    let files = (1..4).map(|n| (super::moves::digest(n).to_string(), format!("材料{n}")));
    for (id, name) in units.chain(people).chain(cases).chain(files) {
        text = text.replace(&format!("“{id}”"), &name).replace(&id, &name);
    }
    text
}

fn case_name(case: CaseId) -> &'static str {
    match [CASE, OTHER, PARTS[0], PARTS[1]].iter().position(|id| *id == case) {
        Some(0) => "[A]",
        Some(1) => "[B]",
        Some(2) => "[A.1]",
        _ => "[A.2]",
    }
}
