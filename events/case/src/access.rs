//! Looks at what not everybody may see: each is an event.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::{Digest, FindingId};
use crate::sealed::PetitionPart;

/// What can happen on the access stream of a case. The actor of the event is who looked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum AccessEvent {
    /// A piece of evidence was opened.
    EvidenceOpened {
        /// Which.
        digest: Digest,
    },
    /// What is sealed of a petition was opened.
    PetitionOpened {
        /// Which petition.
        finding: FindingId,
        /// What of it.
        what: PetitionPart,
        /// Why.
        reason: String,
    },
    /// The keys of a petition were deleted: what is sealed of it is never opened again.
    PetitionShredded {
        /// Which petition.
        finding: FindingId,
        /// Why.
        reason: String,
    },
}

impl AccessEvent {
    /// Returns the event's name as it is written.
    pub fn name(&self) -> &'static str {
        match self {
            AccessEvent::EvidenceOpened { .. } => "evidence_opened",
            AccessEvent::PetitionOpened { .. } => "petition_opened",
            AccessEvent::PetitionShredded { .. } => "petition_shredded",
        }
    }
}
