//! Looks at what not everybody may see: each is an event.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::identity::{CaseId, Digest, FindingId};
use crate::sealed::PetitionPart;

/// The access stream of what was set aside has this for a case: what could not be read is of none.
pub const SET_ASIDE: CaseId = CaseId(Uuid::from_u128(0x6f1d_39a2_0b57_4e8c_b0a4_55d1_7ac3_2e90));

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
    /// What was set aside, for it could not become a case, was opened: it may be a petition.
    SetAsideOpened {
        /// Its place among what was set aside.
        sequence: u64,
        /// The SHA-256 of it, as it is kept.
        digest: Digest,
        /// Why.
        reason: String,
    },
    /// What was set aside was handed in again, as it came or mended.
    SetAsideResent {
        /// Its place among what was set aside.
        sequence: u64,
        /// The SHA-256 of it, as it is kept.
        digest: Digest,
        /// The finding that it became.
        finding: FindingId,
    },
}

impl AccessEvent {
    /// Returns the event's name as it is written.
    pub fn name(&self) -> &'static str {
        match self {
            AccessEvent::EvidenceOpened { .. } => "evidence_opened",
            AccessEvent::PetitionOpened { .. } => "petition_opened",
            AccessEvent::PetitionShredded { .. } => "petition_shredded",
            AccessEvent::SetAsideOpened { .. } => "set_aside_opened",
            AccessEvent::SetAsideResent { .. } => "set_aside_resent",
        }
    }
}
