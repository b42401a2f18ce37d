//! `dossier.json`: what a dossier says is in it. It is signed by nobody: whatever it says is compared with what is proved.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rectify_case::{CaseId, Digest, LogId, Position, Version};
use serde::{Deserialize, Serialize};

/// The shape of a dossier that this program writes, and the only one that it reads.
pub const FORMAT: u32 = 1;

/// What a dossier says is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The shape of its files.
    pub format: u32,
    /// The version of the program that made it: that of the seven rules by which it was written.
    pub program: String,
    /// When it was made.
    pub made: DateTime<Utc>,
    /// The log, as its checkpoint names it.
    pub log: LogId,
    /// The case.
    pub case: CaseId,
    /// Its number; none before it was registered.
    pub number: Option<String>,
    /// The shapes that its events have.
    pub schemas: BTreeSet<u32>,
    /// The packs of rules that its deadlines rest on.
    pub rule_packs: BTreeSet<String>,
    /// Its events, in the order of the log.
    pub events: Vec<Listed>,
    /// The evidence that they name.
    pub evidence: Vec<File>,
}

/// An event of a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// Where it stands in the log.
    pub position: Position,
    /// Of which of its streams it is.
    pub stream: Stream,
    /// Its place in that.
    pub version: Version,
    /// The SHA-256 of its bytes.
    pub leaf: Digest,
    /// Whether its bytes are in the dossier; where they are not, it names a case that its reader may not see.
    pub held: bool,
}

/// A stream of which a dossier has events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// What happened to the case: every version from the first.
    Case,
    /// Who looked at what of it: every version from the first, where the reader may see that.
    Access,
    /// The directory: only where the log was forked.
    Directory,
}

/// A file of evidence that the events name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Its SHA-256.
    pub digest: Digest,
    /// What it was called.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// Where it is in the dossier; none where it is not.
    pub file: Option<String>,
    /// Why it is not.
    pub absent: Option<Absence>,
}

/// Why the bytes of a file of evidence are not in a dossier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Absence {
    /// It was withdrawn, and its bytes are gone.
    Withdrawn,
    /// Its bytes were not in the store.
    Missing,
    /// Other bytes were in the store under its name.
    Damaged,
}
