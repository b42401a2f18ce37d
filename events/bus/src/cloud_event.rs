//! `CloudEvents` 1.0, NATS binding, binary mode: attributes are headers, data is the payload.

use std::borrow::Cow;

use async_nats::HeaderMap;
use chrono::{DateTime, SecondsFormat, Utc};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use rectify_case::{Event, LogId, SourceCode};

use crate::mirror::{Keyed, Mirrored};
use crate::submission::Submission;
use crate::trace::TraceParent;

/// The `type` of a finding handed in.
pub const FINDING_TYPE: &str = "rectify.finding.submitted";

/// Returns the `type` of an event of the log.
pub fn event_type(name: &str) -> String {
    format!("rectify.{name}")
}

/// Returns the `dataschema` of an event of the log: the `$id` of its JSON Schema.
pub fn data_schema(name: &str, schema: u32) -> String {
    format!("urn:rectify:event:{name}:{schema}")
}

/// The `dataschema` of a finding handed in.
pub const FINDING_SCHEMA: &str = "urn:rectify:submission:1";

/// What the binding says must be encoded, beside everything that is not ASCII.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// What only whoever brings the log back needs of an event.
const LEAF: &str = "rectify-leaf";
const KEY: &str = "rectify-key";
const KEY_CONTENT: &str = "rectify-key-content";
const KEY_EVENTS: &str = "rectify-key-events";

const LOG_SOURCE: &str = "urn:uuid:";

/// Returns the headers of a finding handed in. `id` is its message id.
pub(crate) fn of_submission(submission: &Submission, id: &str, trace: Option<&TraceParent>) -> HeaderMap {
    let finding = &submission.finding;
    let reference = &finding.reference;
    let mut headers = attributes(&Attributes {
        id,
        source: &source_of(&finding.source),
        kind: FINDING_TYPE,
        subject: &format!("{}/{}/{}", reference.issuing_body, reference.document, reference.item),
        schema: FINDING_SCHEMA,
        time: submission.received,
    });
    add_trace(&mut headers, trace);
    headers
}

/// Returns the headers of an event of the log.
pub(crate) fn of_event(event: &Mirrored) -> HeaderMap {
    let mut headers = attributes(&Attributes {
        id: &event.id.to_string(),
        source: &format!("{LOG_SOURCE}{}", event.log),
        kind: &event_type(&event.name),
        subject: &event.stream.to_string(),
        schema: &data_schema(&event.name, Event::SCHEMA),
        time: event.recorded,
    });
    headers.insert(LEAF, hex::encode(event.leaf));
    if let Some(Keyed { key, content, events }) = &event.keyed {
        headers.insert(KEY, encoded(key));
        headers.insert(KEY_CONTENT, hex::encode(content));
        headers.insert(KEY_EVENTS, events.to_string());
    }
    add_trace(&mut headers, event.trace.as_ref());
    headers
}

/// Returns the SHA-256 that the relay said an event has.
pub(crate) fn leaf_of(headers: &HeaderMap) -> Option<[u8; 32]> {
    hash(&header(headers, LEAF)?)
}

/// Returns the idempotency key of the append that begins with an event.
pub(crate) fn keyed_of(headers: &HeaderMap) -> Option<Keyed> {
    let (key, content) = (header(headers, KEY)?, hash(&header(headers, KEY_CONTENT)?)?);
    Some(Keyed { key, content, events: header(headers, KEY_EVENTS)?.parse().ok()? })
}

fn hash(text: &str) -> Option<[u8; 32]> {
    let mut hash = [0; 32];
    hex::decode_to_slice(text, &mut hash).ok()?;
    Some(hash)
}

/// Returns the log an event came from, by its headers.
pub(crate) fn log_of(headers: &HeaderMap) -> Option<LogId> {
    header(headers, "ce-source")?.strip_prefix(LOG_SOURCE)?.parse().ok()
}

/// Says why these are not the headers of a finding handed in, if they are not.
pub(crate) fn objection(headers: &HeaderMap) -> Option<String> {
    let wanted = [("ce-specversion", "1.0"), ("ce-type", FINDING_TYPE), ("ce-datacontenttype", "application/json")];
    wanted.into_iter().find_map(|(name, wanted)| match header(headers, name) {
        Some(found) if found == wanted => None,
        Some(found) => Some(format!("its header {name} is {found:?} and not {wanted:?}")),
        None => Some(format!("it has no header {name}")),
    })
}

/// Returns where a message stands in a trace, if it says so.
pub(crate) fn trace_of(headers: &HeaderMap) -> Option<TraceParent> {
    header(headers, "traceparent").or_else(|| header(headers, "ce-traceparent"))?.parse().ok()
}

/// Encodes a text as the value of a header.
pub(crate) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ENCODED).to_string()
}

/// Reads a header whatever the case of its name, unquoted and decoded; nothing where it is not UTF-8.
pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let (_, values) = headers.iter().find(|(found, _)| AsRef::<str>::as_ref(found).eq_ignore_ascii_case(name))?;
    let raw = unquoted(values.first()?.as_str().trim());
    percent_decode_str(&raw).decode_utf8().ok().map(Cow::into_owned)
}

/// Takes off the double quotes that older senders put around a value, and the backslashes within.
fn unquoted(value: &str) -> Cow<'_, str> {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.into();
    };
    let mut escaped = false;
    let unescaped = inner.chars().filter(|&letter| {
        escaped = letter == '\\' && !escaped;
        !escaped
    });
    unescaped.collect::<String>().into()
}

struct Attributes<'a> {
    id: &'a str,
    source: &'a str,
    kind: &'a str,
    subject: &'a str,
    schema: &'a str,
    time: DateTime<Utc>,
}

fn attributes(of: &Attributes<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("ce-specversion", "1.0");
    headers.insert("ce-id", encoded(of.id));
    headers.insert("ce-source", encoded(of.source));
    headers.insert("ce-type", encoded(of.kind));
    headers.insert("ce-subject", encoded(of.subject));
    headers.insert("ce-time", of.time.to_rfc3339_opts(SecondsFormat::AutoSi, true));
    headers.insert("ce-dataschema", encoded(of.schema));
    headers.insert("ce-datacontenttype", "application/json");
    headers
}

fn source_of(source: &SourceCode) -> String {
    format!("urn:rectify:source:{source}")
}

/// The trace goes as W3C has it and as the extension of `CloudEvents`, which the binding wants besides.
fn add_trace(headers: &mut HeaderMap, trace: Option<&TraceParent>) {
    if let Some(trace) = trace {
        headers.insert("traceparent", trace.as_str());
        headers.insert("ce-traceparent", trace.as_str());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, value);
        headers
    }

    #[test]
    fn chinese_and_quotes_and_spaces_are_percent_encoded_and_come_back() {
        let text = "舟审报〔2020〕3号/\"100%\" 一";
        let value = encoded(text);
        assert!(value.bytes().all(|byte| (0x21..=0x7e).contains(&byte) && byte != b'"'), "{value}");
        assert!(value.starts_with("%E8%88%9F%E5%AE%A1"), "{value}");
        assert_eq!(header(&headers("ce-subject", &value), "ce-subject").unwrap(), text);
        assert_eq!(encoded("Euro € 😀"), "Euro%20%E2%82%AC%20%F0%9F%98%80");
    }

    #[test]
    fn a_header_is_read_in_any_case_quoted_and_needlessly_encoded() {
        assert_eq!(header(&headers("CE-Type", r#""a \"b\" \\ c""#), "ce-type").unwrap(), r#"a "b" \ c"#);
        assert_eq!(header(&headers("ce-type", "%61%c3%a9"), "ce-type").unwrap(), "aé");
        assert_eq!(header(&headers("ce-type", "%C0%A0"), "ce-type"), None);
        assert_eq!(header(&headers("ce-type", "x"), "ce-id"), None);
    }
}
