//! Looks at what not everybody may see, what is done with the keys of petitions, and what is published: each is an event.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::envelope::{Position, Version};
use crate::identity::{CaseId, Digest, FindingId, PersonId};
use crate::publication::Publication;
use crate::sealed::PetitionPart;

/// The access stream of what was set aside has this for a case: what could not be read is of none.
pub const SET_ASIDE: CaseId = CaseId(Uuid::from_u128(0x6f1d_39a2_0b57_4e8c_b0a4_55d1_7ac3_2e90));

/// The access stream of what was published has this for a case: it is of many. A publication has its version for a number.
pub const PUBLICATIONS: CaseId = CaseId(Uuid::from_u128(0x9c51_7be4_3d0a_4f16_8e27_c60b_92d4_18f3));

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
    /// 仅限存储: what is sealed of a petition is kept and nothing else: not opened, and not erased (个人信息保护法 art. 47).
    PetitionHeld {
        /// Which petition.
        finding: FindingId,
        /// Why.
        reason: String,
    },
    /// A petition is no longer held to storage only.
    PetitionReleased {
        /// Which petition.
        finding: FindingId,
        /// Why.
        reason: String,
    },
    /// 提请销毁密钥: an administrator asked for the keys of a petition to be deleted.
    ShreddingProposed {
        /// Which petition.
        finding: FindingId,
        /// Why.
        reason: String,
    },
    /// 不同意销毁: another administrator did not agree.
    ShreddingDeclined {
        /// Which petition.
        finding: FindingId,
        /// Why.
        reason: String,
    },
    /// 同意销毁: another administrator agreed. The keys are deleted after this is in the log.
    ShreddingApproved {
        /// Which petition.
        finding: FindingId,
        /// Who had asked.
        proposed_by: PersonId,
        /// The SHA-256 of the sealed bytes of every content that a key opened then.
        contents: Vec<Digest>,
        /// The SHA-256 of the sealed bytes of every attachment that a key opened then.
        attachments: Vec<Digest>,
    },
    /// The keys of a petition were deleted: what is sealed of it is never opened again.
    PetitionShredded {
        /// Which petition.
        finding: FindingId,
        /// Why.
        reason: String,
        /// Who asked for it; none where one was enough.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        proposed_by: Option<PersonId>,
        /// Who agreed; none where one was enough.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approved_by: Option<PersonId>,
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
    /// The dossier of the case was taken away: all that the log has of it, with its evidence.
    DossierExported {
        /// The SHA-256 of the `SHA256SUMS` in it, by which it is known.
        digest: Digest,
        /// The last version of the case that is in it.
        version: Version,
        /// How many events the checkpoint covers that its proofs lead to.
        checkpoint: Position,
    },
    /// 发布: something was published of the ledger.
    Published(Box<Publication>),
}

impl AccessEvent {
    /// The names of all of them.
    pub const NAMES: &[&str] = &[
        "evidence_opened",
        "petition_opened",
        "petition_held",
        "petition_released",
        "shredding_proposed",
        "shredding_declined",
        "shredding_approved",
        "petition_shredded",
        "set_aside_opened",
        "set_aside_resent",
        "dossier_exported",
        "published",
    ];

    /// Returns the event's name as it is written.
    pub fn name(&self) -> &'static str {
        match self {
            AccessEvent::EvidenceOpened { .. } => "evidence_opened",
            AccessEvent::PetitionOpened { .. } => "petition_opened",
            AccessEvent::PetitionHeld { .. } => "petition_held",
            AccessEvent::PetitionReleased { .. } => "petition_released",
            AccessEvent::ShreddingProposed { .. } => "shredding_proposed",
            AccessEvent::ShreddingDeclined { .. } => "shredding_declined",
            AccessEvent::ShreddingApproved { .. } => "shredding_approved",
            AccessEvent::PetitionShredded { .. } => "petition_shredded",
            AccessEvent::SetAsideOpened { .. } => "set_aside_opened",
            AccessEvent::SetAsideResent { .. } => "set_aside_resent",
            AccessEvent::DossierExported { .. } => "dossier_exported",
            AccessEvent::Published(_) => "published",
        }
    }

    /// Returns the petition that it is about; none where that is not told.
    pub fn petition(&self) -> Option<FindingId> {
        match self {
            AccessEvent::PetitionOpened { finding, .. }
            | AccessEvent::PetitionHeld { finding, .. }
            | AccessEvent::PetitionReleased { finding, .. }
            | AccessEvent::ShreddingProposed { finding, .. }
            | AccessEvent::ShreddingDeclined { finding, .. }
            | AccessEvent::ShreddingApproved { finding, .. }
            | AccessEvent::PetitionShredded { finding, .. } => Some(*finding),
            AccessEvent::EvidenceOpened { .. }
            | AccessEvent::SetAsideOpened { .. }
            | AccessEvent::SetAsideResent { .. }
            | AccessEvent::DossierExported { .. }
            | AccessEvent::Published(_) => None,
        }
    }
}
