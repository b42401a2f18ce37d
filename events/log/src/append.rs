//! What is asked of the log, and what it answers.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rectify_case::{
    AccessEvent, Actor, CaseEvent, CaseNumber, Cause, DirectoryEvent, Event, EventId, Happened, Position, StreamId,
    Version,
};

use crate::log::LogError;

/// Events for one or many streams, written together or not at all.
#[derive(Clone, Debug)]
pub struct Append {
    /// What makes a second attempt known for what it is. Without one, a caller who got no answer cannot safely ask again.
    pub key: Option<String>,
    /// Who does it.
    pub actor: Actor,
    /// The position at which the directory was looked up.
    pub facts_at: Position,
    /// What is written, in order.
    pub writes: Vec<Write>,
}

/// Events for one stream. With none, only the stream's version is checked.
#[derive(Clone, Debug)]
pub struct Write {
    /// The stream.
    pub stream: StreamId,
    /// What the stream must be like for this to hold.
    pub expected: Expected,
    /// The events, in order.
    pub events: Vec<NewEvent>,
}

/// What a stream must be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// However it is.
    Any,
    /// At this version: nothing was written since. 0 is a stream that does not exist.
    Exactly(Version),
}

/// An event that is not written yet.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The event. A case number in it is completed by the log.
    pub event: Event,
    /// When it happened; nothing is when it is recorded.
    pub happened: Option<Happened>,
    /// When a finding came in.
    pub received: Option<DateTime<Utc>>,
    /// What it rests on.
    pub cause: Option<Cause>,
}

impl From<Event> for NewEvent {
    fn from(event: Event) -> Self {
        NewEvent { event, happened: None, received: None, cause: None }
    }
}

impl From<CaseEvent> for NewEvent {
    fn from(event: CaseEvent) -> Self {
        Event::from(event).into()
    }
}

impl From<DirectoryEvent> for NewEvent {
    fn from(event: DirectoryEvent) -> Self {
        Event::from(event).into()
    }
}

impl From<AccessEvent> for NewEvent {
    fn from(event: AccessEvent) -> Self {
        Event::from(event).into()
    }
}

/// What an append wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// The events, in order.
    pub events: Vec<Written>,
    /// Whether an earlier append with the same key had written them, and this one nothing.
    pub repeated: bool,
}

/// Where an event was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its position in the log.
    pub position: Position,
    /// Its id.
    pub id: EventId,
    /// Its stream.
    pub stream: StreamId,
    /// Its place in the stream.
    pub version: Version,
    /// The case number it was given.
    pub number: Option<CaseNumber>,
}

/// Why nothing was written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AppendError {
    /// A stream is not as it was expected to be.
    #[error("{stream} is at version {actual}, not {expected}")]
    Conflict {
        /// Which.
        stream: StreamId,
        /// The version it was expected at.
        expected: Version,
        /// The version it is at.
        actual: Version,
    },
    /// The key was used for other content.
    #[error("the idempotency key {key:?} was used for something else, at position {first}")]
    KeyReused {
        /// The key.
        key: String,
        /// Where what it was used for begins.
        first: Position,
    },
    /// The key is empty, longer than [`LONGEST_NAME`] bytes or contains a control character.
    #[error("{key:?} cannot be an idempotency key")]
    BadKey {
        /// The key.
        key: String,
    },
    /// There is no event to write.
    #[error("an append without events writes nothing")]
    Empty,
    /// An event is larger than [`LARGEST_EVENT`].
    #[error("{event} for {stream} takes {size} bytes, more than an event may; a longer text is evidence")]
    TooLarge {
        /// The stream it was for.
        stream: StreamId,
        /// Its name.
        event: &'static str,
        /// How many bytes it takes.
        size: usize,
    },
    /// An event could not be read back as what it is, has a NUL, or names a series that no number can carry.
    #[error("{event} for {stream} cannot be written: {reason}")]
    Unwritable {
        /// The stream it was for.
        stream: StreamId,
        /// Its name.
        event: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The log failed. Whether anything was written is not known: ask again with the same key.
    #[error("the log failed")]
    Log(#[source] Arc<LogError>),
}

/// The most bytes an event takes as it is hashed.
pub const LARGEST_EVENT: usize = 256 * 1024;

/// The most bytes a key takes, or a series of case numbers.
pub const LONGEST_NAME: usize = 256;
