//! Whether bytes from elsewhere are the history of a log: each event is checked against all before it.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};
use rectify_case::{CaseNumber, DirectoryEvent, Envelope, Event, LogId, Position, StreamId, Version};

use crate::append::LARGEST_EVENT;
use crate::encoding::{decode, leaf};

/// An event as a copy of the log has it: a backup, or the mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Where it stands.
    pub position: Position,
    /// What the copy says is the SHA-256 of its bytes.
    pub leaf: [u8; 32],
    /// The whole event, as it is hashed.
    pub bytes: Vec<u8>,
}

/// An event that cannot stand where a copy has it.
#[derive(Debug, thiserror::Error)]
#[error("position {position}: {fault}")]
pub struct Broken {
    /// Where the copy has it, or should have one.
    pub position: Position,
    /// What is wrong.
    pub fault: Fault,
}

/// What can be wrong with an event of a copy.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Another position was to come.
    #[error("it follows position {last}")]
    Position {
        /// The position before.
        last: Position,
    },
    /// Its bytes do not have the hash that the copy says they have.
    #[error("its bytes are not those that were hashed")]
    Leaf,
    /// It is larger than any event.
    #[error("it has {size} bytes, more than an event may")]
    TooLarge {
        /// What it has.
        size: usize,
    },
    /// It is no event.
    #[error("it cannot be read: {0}")]
    Undecodable(serde_json::Error),
    /// It belongs to another log, and does not say that the log was forked there.
    #[error("it was written to log {found}, and the one before it to {expected}")]
    OtherLog {
        /// The log of those before it.
        expected: LogId,
        /// Its log.
        found: LogId,
    },
    /// Its stream has another version to come.
    #[error("it is version {found} of {stream}, which is at {last}")]
    Version {
        /// Its stream.
        stream: StreamId,
        /// The version that the stream has.
        last: Version,
        /// The version it has.
        found: Version,
    },
    /// Another number was to come in its series.
    #[error("it has the number {number}, and the last of its series is {last}")]
    Number {
        /// The number it has.
        number: CaseNumber,
        /// The last of the series; 0 where there was none.
        last: u64,
    },
    /// It was recorded before the one before it.
    #[error("it was recorded at {found}, before the event before it ({last})")]
    Backwards {
        /// When the one before it was.
        last: DateTime<Utc>,
        /// When it was.
        found: DateTime<Utc>,
    },
}

/// What is known of a history as far as it was followed.
#[derive(Clone, Debug)]
pub struct Chain {
    /// The log that the last event was written to; none before the first.
    pub log: Option<LogId>,
    /// The last position.
    pub position: Position,
    /// The last event's leaf.
    pub leaf: Option<[u8; 32]>,
    /// When the last event was recorded.
    pub recorded: DateTime<Utc>,
    pub(crate) versions: HashMap<StreamId, Version>,
    /// The last number given in each series.
    pub series: BTreeMap<String, u64>,
    /// Whether it was followed from the first event on, so that every number before is known.
    whole: bool,
}

impl Default for Chain {
    fn default() -> Self {
        Chain { whole: true, ..Chain::after(None, 0, None, DateTime::UNIX_EPOCH) }
    }
}

impl Chain {
    /// Returns what is known of a history up to its head, but for its streams.
    pub(crate) fn after(
        log: Option<LogId>,
        position: Position,
        leaf: Option<[u8; 32]>,
        recorded: DateTime<Utc>,
    ) -> Chain {
        Chain { log, position, leaf, recorded, versions: HashMap::new(), series: BTreeMap::new(), whole: false }
    }

    /// Returns whether an event says that the log goes on under another id from just here.
    fn is_forked_by(&self, event: &Event) -> bool {
        let Event::Directory(DirectoryEvent::LogForked(fork)) = event else { return false };
        let leaf = self.leaf.map(hex::encode);
        Some(fork.from) == self.log && fork.position == self.position && Some(fork.leaf.as_str()) == leaf.as_deref()
    }

    /// Follows the history by one event, and returns it. Nothing is followed that cannot stand there.
    pub fn follow(&mut self, copied: &Copied) -> Result<Envelope, Broken> {
        let at = |fault| Broken { position: copied.position, fault };
        if copied.position != self.position + 1 {
            return Err(at(Fault::Position { last: self.position }));
        }
        if copied.bytes.len() > LARGEST_EVENT {
            return Err(at(Fault::TooLarge { size: copied.bytes.len() }));
        }
        if leaf(&copied.bytes) != copied.leaf {
            return Err(at(Fault::Leaf));
        }
        let envelope = decode(&copied.bytes).map_err(|error| at(Fault::Undecodable(error)))?;
        self.step(copied.position, copied.leaf, envelope)
    }

    /// Follows the history by one event that was read and has this leaf.
    pub(crate) fn step(
        &mut self,
        position: Position,
        leaf: [u8; 32],
        mut envelope: Envelope,
    ) -> Result<Envelope, Broken> {
        let at = |fault| Broken { position, fault };
        if position != self.position + 1 {
            return Err(at(Fault::Position { last: self.position }));
        }
        match self.log {
            Some(expected) if expected != envelope.log && !self.is_forked_by(&envelope.event) => {
                return Err(at(Fault::OtherLog { expected, found: envelope.log }));
            }
            Some(_) | None => {}
        }
        let (stream, found) = (envelope.stream, envelope.version);
        let last = self.versions.get(&stream).copied().unwrap_or(0);
        if found != last + 1 {
            return Err(at(Fault::Version { stream, last, found }));
        }
        if envelope.recorded < self.recorded {
            return Err(at(Fault::Backwards { last: self.recorded, found: envelope.recorded }));
        }
        if let Some(number) = envelope.event.number_mut() {
            let last = self.series.entry(number.series.to_string()).or_default();
            if self.whole && number.serial != *last + 1 {
                return Err(at(Fault::Number { number: number.clone(), last: *last }));
            }
            *last = number.serial.max(*last);
        }
        self.versions.insert(stream, found);
        self.log = Some(envelope.log);
        self.position = position;
        self.leaf = Some(leaf);
        self.recorded = envelope.recorded;
        Ok(envelope)
    }
}
