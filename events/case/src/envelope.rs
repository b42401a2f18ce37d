//! What is written to the log: one event with who, when, where and why around it.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use uuid::Uuid;

use crate::access::AccessEvent;
use crate::actor::Actor;
use crate::directory::DirectoryEvent;
use crate::event::CaseEvent;
use crate::identity::{CaseId, EventId, LogId};
use crate::number::CaseNumber;
use crate::time::Happened;

/// A position in the log, from 1, dense and in commit order. 0 is before the first.
pub type Position = u64;

/// A place in a stream, from 1. 0 is a stream with nothing in it.
pub type Version = u64;

/// The whole event, as it is hashed. Its position stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Envelope {
    /// The event's own id.
    pub id: EventId,
    /// 128 random bits, as 32 hexadecimal digits: the commitment of a guessable event shows nothing.
    pub salt: String,
    /// The log it was written to.
    pub log: LogId,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// The shape its data has; raised when a shape changes.
    pub schema: u32,
    /// When it happened.
    pub happened: Happened,
    /// When a finding came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received: Option<DateTime<Utc>>,
    /// When it was written, under the log's lock.
    pub recorded: DateTime<Utc>,
    /// Who did it.
    pub actor: Actor,
    /// The position at which the directory was looked up.
    pub facts_at: Position,
    /// What it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Its `type` and `data`.
    #[serde(flatten)]
    pub event: Event,
}

/// What an event rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Another event.
    Event(EventId),
    /// A document, for an act the office enters after the day it happened (补录).
    Document(String),
}

/// A stream of the log, written `case-<id>`, `access-<case id>` or `directory`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum StreamId {
    /// One case, or the group it became.
    Case(CaseId),
    /// Looks at one case's personal data and openings of its evidence.
    Access(CaseId),
    /// Units, people, roles, sources, delegations.
    Directory,
}

/// A text that names no stream.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no stream")]
pub struct BadStream(String);

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StreamId::Case(id) => write!(f, "case-{id}"),
            StreamId::Access(id) => write!(f, "access-{id}"),
            StreamId::Directory => f.write_str("directory"),
        }
    }
}

impl FromStr for StreamId {
    type Err = BadStream;

    fn from_str(text: &str) -> Result<Self, BadStream> {
        let id = |text: &str| Uuid::parse_str(text).map(CaseId).ok();
        let stream = match text.split_once('-') {
            Some(("case", rest)) => id(rest).map(StreamId::Case),
            Some(("access", rest)) => id(rest).map(StreamId::Access),
            _ => (text == "directory").then_some(StreamId::Directory),
        };
        stream.ok_or_else(|| BadStream(text.to_owned()))
    }
}

impl From<StreamId> for String {
    fn from(stream: StreamId) -> Self {
        stream.to_string()
    }
}

impl TryFrom<String> for StreamId {
    type Error = BadStream;

    fn try_from(text: String) -> Result<Self, BadStream> {
        text.parse()
    }
}

/// An event of any stream. Serialises as `type` and `data`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Event {
    /// Of a case.
    Case(Box<CaseEvent>),
    /// Of the directory.
    Directory(DirectoryEvent),
    /// Of a look at personal data or evidence.
    Access(AccessEvent),
}

impl From<CaseEvent> for Event {
    fn from(event: CaseEvent) -> Self {
        Event::Case(Box::new(event))
    }
}

impl From<DirectoryEvent> for Event {
    fn from(event: DirectoryEvent) -> Self {
        Event::Directory(event)
    }
}

impl From<AccessEvent> for Event {
    fn from(event: AccessEvent) -> Self {
        Event::Access(event)
    }
}

impl Event {
    /// The shape in which events are written now.
    pub const SCHEMA: u32 = 1;

    /// Returns the event's name as it is written, such as `completion_reported`.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Case(event) => event.name(),
            Event::Directory(event) => event.name(),
            Event::Access(event) => event.name(),
        }
    }

    /// Reads an event of a stream from its `type`, its schema and its `data`. Older shapes are brought up to date here.
    pub fn decode<'de, D: Deserializer<'de>>(
        stream: StreamId,
        name: &str,
        schema: u32,
        data: D,
    ) -> Result<Event, D::Error> {
        if schema != Event::SCHEMA {
            return Err(D::Error::custom(format_args!("schema {schema} of {name} is newer than this program")));
        }
        let tagged = MapAccessDeserializer::new(Tagged::new(name, data));
        match stream {
            StreamId::Case(_) => CaseEvent::deserialize(tagged).map(Event::from),
            StreamId::Access(_) => AccessEvent::deserialize(tagged).map(Event::from),
            StreamId::Directory => DirectoryEvent::deserialize(tagged).map(Event::from),
        }
    }

    /// Returns the case number this event carries, for the log to complete.
    pub fn number_mut(&mut self) -> Option<&mut CaseNumber> {
        match self {
            Event::Case(event) => match event.as_mut() {
                CaseEvent::Registered { number, .. } | CaseEvent::CarriedOver { number, .. } => Some(number),
                _ => None,
            },
            Event::Directory(_) | Event::Access(_) => None,
        }
    }
}

/// Presents a name and separate data as the one map that an adjacently tagged enum reads, without copying the data.
pub(crate) struct Tagged<'a, 'de, D> {
    name: &'a str,
    data: Option<D>,
    at: u8,
    lifetime: PhantomData<&'de ()>,
}

impl<'a, D> Tagged<'a, '_, D> {
    pub(crate) fn new(name: &'a str, data: D) -> Self {
        Tagged { name, data: Some(data), at: 0, lifetime: PhantomData }
    }
}

impl<'de, D: Deserializer<'de>> MapAccess<'de> for Tagged<'_, 'de, D> {
    type Error = D::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, D::Error> {
        self.at = self.at.saturating_add(1);
        match self.at {
            1 => seed.deserialize("type".into_deserializer()).map(Some),
            2 => seed.deserialize("data".into_deserializer()).map(Some),
            _ => Ok(None),
        }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, D::Error> {
        match (self.at, self.data.take()) {
            (1, data) => {
                self.data = data;
                seed.deserialize(self.name.into_deserializer())
            }
            (_, Some(data)) => seed.deserialize(data),
            (_, None) => Err(D::Error::custom("an event's data is read once")),
        }
    }
}
