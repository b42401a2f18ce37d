//! What is done with the keys of a petition (信访件密钥): held to storage only, or deleted when two administrators want it.
//!
//! It stands on the access stream of the case that the petition began, wherever that case went on. As elsewhere, what was
//! looked up comes in, and an event or a refusal comes out.

use chrono::{DateTime, Utc};

use crate::access::AccessEvent;
use crate::actor::Actor;
use crate::directory::Role;
use crate::envelope::{Envelope, Event, Position, StreamId, Version};
use crate::identity::{CaseId, Digest, FindingId};

/// How the keys of a petition stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Custody {
    /// Which petition.
    pub finding: FindingId,
    /// The version of the stream that tells it, as far as it was folded.
    pub version: Version,
    /// Who held it to storage only, while it is.
    pub hold: Option<Step>,
    /// Who asked for the keys to be deleted, until somebody declined.
    pub proposal: Option<Step>,
    /// Who agreed.
    pub approval: Option<Step>,
    /// What keys opened then, by the SHA-256 of the sealed bytes.
    pub keyed: Keyed,
    /// Who wrote that the keys are deleted.
    pub erasure: Option<Step>,
}

/// One step: who took it, when, and where it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its position in the log.
    pub position: Position,
    /// When it was written.
    pub recorded: DateTime<Utc>,
    /// Who took it.
    pub actor: Actor,
    /// Why; nothing is said where somebody agreed.
    pub reason: String,
}

/// What of a petition keys open, by the SHA-256 of the sealed bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keyed {
    /// What it says, in each content it was handed in with.
    pub contents: Vec<Digest>,
    /// What came with it.
    pub attachments: Vec<Digest>,
}

/// What is asked about the keys of a petition, by an administrator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Delete them.
    Propose {
        /// Why.
        reason: String,
    },
    /// Do not delete them.
    Decline {
        /// Why.
        reason: String,
    },
    /// Agree that they are deleted.
    Approve {
        /// What they open.
        keyed: Keyed,
    },
    /// Hold the petition to storage only.
    Hold {
        /// Why.
        reason: String,
    },
    /// Hold it no longer.
    Release {
        /// Why.
        reason: String,
    },
}

macro_rules! refusals {
    ($($name:ident = $code:literal, $zh:literal, $en:literal;)*) => {
        /// Why nothing is done with the keys of a petition.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
        #[error("{}", self.english())]
        pub enum CustodyRefusal {$(
            #[doc = $en]
            $name,
        )*}

        impl CustodyRefusal {
            /// Every refusal.
            pub const ALL: &[CustodyRefusal] = &[$(CustodyRefusal::$name),*];

            /// Returns the stable code, which never changes.
            pub fn code(self) -> &'static str {
                match self { $(CustodyRefusal::$name => $code,)* }
            }

            /// Returns the sentence in Chinese.
            pub fn chinese(self) -> &'static str {
                match self { $(CustodyRefusal::$name => $zh,)* }
            }

            /// Returns the sentence in English.
            pub fn english(self) -> &'static str {
                match self { $(CustodyRefusal::$name => $en,)* }
            }
        }
    };
}

refusals! {
    NotAdministrator = "not_administrator",
        "只有管理员可以办理。",
        "Only an administrator does this.";
    ReasonMissing = "reason_missing",
        "请写明理由。",
        "Give the reason.";
    StorageOnly = "storage_only",
        "该信访件已限为仅存储：不得拆阅，也不得销毁密钥。确需办理的，请管理员先解除。",
        "This petition is held to storage only: it is not opened, and its keys are not deleted. Ask an administrator to lift that first.";
    SecondAdministratorNeeded = "second_administrator_needed",
        "须由另一名管理员决定，提请人本人不得同意或不同意。",
        "Another administrator decides: whoever asked for it neither agrees nor declines.";
    AlreadyProposed = "shredding_already_proposed",
        "已有人提请销毁密钥，请另一名管理员决定。",
        "Somebody has asked already for the keys to be deleted; another administrator decides.";
    NothingProposed = "no_shredding_proposed",
        "没有待决定的销毁密钥提请。",
        "Nobody has asked for the keys to be deleted.";
    AlreadyApproved = "shredding_already_approved",
        "已同意销毁密钥，不能再改。",
        "Two have decided already that the keys are deleted.";
    AlreadyHeld = "already_held",
        "该信访件已限为仅存储。",
        "The petition is held to storage only already.";
    NotHeld = "not_held_to_storage",
        "该信访件没有限为仅存储。",
        "The petition is not held to storage only.";
    KeysDeleted = "keys_deleted",
        "该信访件的密钥已销毁。",
        "The keys of this petition were deleted.";
}

impl Custody {
    /// Returns how the keys of a petition stand of which nothing was said yet.
    pub fn new(finding: FindingId) -> Custody {
        Custody {
            finding,
            version: 0,
            hold: None,
            proposal: None,
            approval: None,
            keyed: Keyed::default(),
            erasure: None,
        }
    }

    /// Returns the stream that tells how the keys of a petition stand.
    pub fn stream(finding: FindingId) -> StreamId {
        StreamId::Access(CaseId(finding.0))
    }

    /// Folds one event of that stream. Never fails: what is of another petition, or of something else, changes nothing.
    pub fn evolve(&mut self, position: Position, envelope: &Envelope) {
        self.version = envelope.version;
        let Event::Access(event) = &envelope.event else { return };
        let step = |reason: &str| Step {
            position,
            recorded: envelope.recorded,
            actor: envelope.actor,
            reason: reason.to_owned(),
        };
        match event {
            AccessEvent::PetitionHeld { finding, reason } if *finding == self.finding => self.hold = Some(step(reason)),
            AccessEvent::PetitionReleased { finding, .. } if *finding == self.finding => self.hold = None,
            AccessEvent::ShreddingProposed { finding, reason } if *finding == self.finding => {
                self.proposal = Some(step(reason));
            }
            AccessEvent::ShreddingDeclined { finding, .. } if *finding == self.finding => self.proposal = None,
            AccessEvent::ShreddingApproved { finding, contents, attachments, .. } if *finding == self.finding => {
                self.approval = Some(step(""));
                self.keyed = Keyed { contents: contents.clone(), attachments: attachments.clone() };
            }
            AccessEvent::PetitionShredded { finding, reason, .. } if *finding == self.finding => {
                self.erasure = Some(step(reason));
            }
            AccessEvent::PetitionHeld { .. }
            | AccessEvent::PetitionReleased { .. }
            | AccessEvent::ShreddingProposed { .. }
            | AccessEvent::ShreddingDeclined { .. }
            | AccessEvent::ShreddingApproved { .. }
            | AccessEvent::PetitionShredded { .. }
            | AccessEvent::EvidenceOpened { .. }
            | AccessEvent::PetitionOpened { .. }
            | AccessEvent::SetAsideOpened { .. }
            | AccessEvent::SetAsideResent { .. }
            | AccessEvent::DossierExported { .. }
            | AccessEvent::Published(_) => {}
        }
    }

    /// Decides on what is asked: returns what happens, or why not.
    pub fn decide(&self, asked: Asked, actor: &Actor) -> Result<AccessEvent, CustodyRefusal> {
        if actor.role != Role::Administrator {
            return Err(CustodyRefusal::NotAdministrator);
        }
        if self.erasure.is_some() {
            return Err(CustodyRefusal::KeysDeleted);
        }
        let finding = self.finding;
        match asked {
            Asked::Propose { reason } => {
                self.not_held()?;
                self.not_approved()?;
                if self.proposal.is_some() {
                    return Err(CustodyRefusal::AlreadyProposed);
                }
                Ok(AccessEvent::ShreddingProposed { finding, reason: given(reason)? })
            }
            Asked::Decline { reason } => {
                self.proposed_by_another(actor)?;
                Ok(AccessEvent::ShreddingDeclined { finding, reason: given(reason)? })
            }
            Asked::Approve { keyed: Keyed { contents, attachments } } => {
                self.not_held()?;
                let proposed_by = self.proposed_by_another(actor)?.actor.person;
                Ok(AccessEvent::ShreddingApproved { finding, proposed_by, contents, attachments })
            }
            Asked::Hold { reason } => {
                self.not_approved()?;
                if self.hold.is_some() {
                    return Err(CustodyRefusal::AlreadyHeld);
                }
                Ok(AccessEvent::PetitionHeld { finding, reason: given(reason)? })
            }
            Asked::Release { reason } => {
                if self.hold.is_none() {
                    return Err(CustodyRefusal::NotHeld);
                }
                Ok(AccessEvent::PetitionReleased { finding, reason: given(reason)? })
            }
        }
    }

    /// Returns what is written once the keys are deleted, where two have decided on it.
    pub fn shredded(&self) -> Option<AccessEvent> {
        let (proposal, approval) = (self.proposal.as_ref()?, self.approval.as_ref()?);
        Some(AccessEvent::PetitionShredded {
            finding: self.finding,
            reason: proposal.reason.clone(),
            proposed_by: Some(proposal.actor.person),
            approved_by: Some(approval.actor.person),
        })
    }

    /// Returns whether two have decided, and it is not written yet that the keys are deleted.
    pub fn is_unfinished(&self) -> bool {
        self.approval.is_some() && self.erasure.is_none()
    }

    /// Says why what is sealed is not opened, nor added to, by anybody; nothing where it may be.
    pub fn not_held(&self) -> Result<(), CustodyRefusal> {
        if self.hold.is_some() { Err(CustodyRefusal::StorageOnly) } else { Ok(()) }
    }

    fn not_approved(&self) -> Result<(), CustodyRefusal> {
        if self.approval.is_some() { Err(CustodyRefusal::AlreadyApproved) } else { Ok(()) }
    }

    /// Returns what waits for a second administrator, where the actor may be that one. Persons count, not accounts.
    fn proposed_by_another(&self, actor: &Actor) -> Result<&Step, CustodyRefusal> {
        self.not_approved()?;
        let proposal = self.proposal.as_ref().ok_or(CustodyRefusal::NothingProposed)?;
        let is_same = proposal.actor.persons().any(|one| actor.persons().any(|other| one == other));
        if is_same { Err(CustodyRefusal::SecondAdministratorNeeded) } else { Ok(proposal) }
    }
}

fn given(reason: String) -> Result<String, CustodyRefusal> {
    if reason.trim().is_empty() { Err(CustodyRefusal::ReasonMissing) } else { Ok(reason) }
}
