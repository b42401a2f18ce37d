//! Looks at what not everybody may see: each is an event.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::Digest;

/// What can happen on the access stream of a case. The actor of the event is who looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum AccessEvent {
    /// A piece of evidence was opened.
    EvidenceOpened {
        /// Which.
        digest: Digest,
    },
}

impl AccessEvent {
    /// Returns the event's name as it is written.
    pub fn name(&self) -> &'static str {
        match self {
            AccessEvent::EvidenceOpened { .. } => "evidence_opened",
        }
    }
}
