//! The bytes of an event: RFC 8785 canonical JSON, and their SHA-256.

use std::io;

use chrono::{DateTime, Utc};
use rectify_case::{Actor, Cause, Envelope, Event, EventId, Happened, LogId, StreamId, Version};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// Returns the bytes that are hashed and kept.
pub(crate) fn encode(value: &impl Serialize) -> io::Result<Vec<u8>> {
    serde_json_canonicalizer::to_vec(value).map_err(io::Error::from)
}

/// Returns the SHA-256 of an event's bytes: its leaf in the log's tree.
pub(crate) fn leaf(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Reads an event back from its bytes, whatever shape it was written in.
pub fn decode(bytes: &[u8]) -> Result<Envelope, serde_json::Error> {
    let written: Header = serde_json::from_slice(bytes)?;
    let event = read(written.stream, &Tagged { name: written.name, data: written.data }, written.schema)?;
    Ok(Envelope {
        id: written.id,
        salt: written.salt,
        log: written.log,
        stream: written.stream,
        version: written.version,
        schema: written.schema,
        happened: written.happened,
        received: written.received,
        recorded: written.recorded,
        actor: written.actor,
        facts_at: written.facts_at,
        cause: written.cause,
        event,
    })
}

/// Reads a bare event back from its bytes, as an event of this stream.
pub(crate) fn decode_event(bytes: &[u8], stream: StreamId) -> Result<Event, serde_json::Error> {
    read(stream, &serde_json::from_slice(bytes)?, Event::SCHEMA)
}

fn read(stream: StreamId, written: &Tagged<'_>, schema: u32) -> Result<Event, serde_json::Error> {
    let mut data = serde_json::Deserializer::from_str(written.data.get());
    Event::decode(stream, written.name, schema, &mut data)
}

/// Everything around the data, which stays text until its stream, name and schema are known.
#[derive(Deserialize)]
struct Header<'a> {
    id: EventId,
    salt: String,
    log: LogId,
    stream: StreamId,
    version: Version,
    #[serde(rename = "type")]
    name: &'a str,
    schema: u32,
    happened: Happened,
    received: Option<DateTime<Utc>>,
    recorded: DateTime<Utc>,
    actor: Actor,
    facts_at: u64,
    cause: Option<Cause>,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Tagged<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}
