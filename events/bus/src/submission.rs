use chrono::{DateTime, Utc};
use rectify_case::{Actor, Finding};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::SubmitError;
use crate::subject;

/// The bytes one submission may have. An event has at most 256 KiB, and the finding shares it with the envelope.
pub const LIMIT: usize = 240 * 1024;

/// One finding, handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submission {
    /// What was found.
    pub finding: Finding,
    /// Who handed it in.
    pub sender: Actor,
    /// When it came in.
    pub received: DateTime<Utc>,
}

/// What a sender is told once a finding is accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// It is durable in the queue, and the registrar will see it.
    Queued {
        /// Its place in the queue.
        sequence: u64,
        /// Whether this very hand-in was queued a moment ago.
        repeated: bool,
    },
    /// Its event is in the log.
    Recorded,
}

const ALWAYS_JSON: &str = "texts, numbers and maps with texts for keys are JSON";

impl Submission {
    /// Returns the subject it is handed in under.
    pub fn subject(&self) -> String {
        subject::of_finding(&self.finding)
    }

    /// Returns what travels, unless it is too much.
    pub(crate) fn bytes(&self) -> Result<Vec<u8>, SubmitError> {
        let bytes = serde_json::to_vec(self).expect(ALWAYS_JSON);
        if bytes.len() > LIMIT {
            return Err(SubmitError::TooLarge { bytes: bytes.len(), limit: LIMIT });
        }
        Ok(bytes)
    }

    /// Returns what this hand-in is known by. The same content handed in again later is another one: in between the
    /// finding may have been amended, and then it says that it is as before.
    pub(crate) fn message_id(&self) -> String {
        let content = serde_json::to_vec(self).expect(ALWAYS_JSON);
        format!("{}.{}", self.finding.id(), hex::encode(Sha256::digest(content)))
    }
}
