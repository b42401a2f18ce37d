//! What a checker reads of an event: where it belongs, and what evidence it names. Whatever else it says, of whatever shape, is
//! for people.

use rectify_case::{Digest, LogId, Position, Version};
use serde::Deserialize;
use serde_json::Value;

/// What an event says of itself.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Told {
    /// The log it was written to.
    pub log: LogId,
    /// Its stream, as in `case-…`.
    pub stream: String,
    /// Its place in that.
    pub version: Version,
    /// Its name.
    #[serde(rename = "type")]
    pub name: String,
    /// Its shape.
    pub schema: u32,
    data: Value,
}

/// A file that an event puts on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filed {
    pub(super) digest: Digest,
    pub(super) size: u64,
}

impl Told {
    /// Reads an event from its bytes.
    pub fn read(bytes: &[u8]) -> Result<Told, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// Returns the files that it puts on file; nothing where it names one of which it says no digest or size.
    pub(super) fn files(&self) -> Option<Vec<Filed>> {
        let pieces: &[Value] = match self.name.as_str() {
            "evidence_filed" => std::slice::from_ref(&self.data["evidence"]),
            "merge_received" => self.data["evidence"].as_array().map(Vec::as_slice).unwrap_or_default(),
            _ => &[],
        };
        let filed = |piece: &Value| {
            let digest = piece["digest"].as_str()?.parse().ok()?;
            Some(Filed { digest, size: piece["size"].as_u64()? })
        };
        pieces.iter().map(filed).collect()
    }

    /// Returns the petition that it is about, of an event of access that names one.
    pub(super) fn petition(&self) -> Option<&str> {
        self.data["finding"].as_str()
    }

    /// Returns the log that this one goes on from, and up to where, where the event says that the log was forked.
    pub(super) fn fork(&self) -> Option<(LogId, Position)> {
        if self.name != "log_forked" {
            return None;
        }
        let from = self.data["from"].as_str()?.parse().ok()?;
        Some((from, self.data["position"].as_u64()?))
    }
}
