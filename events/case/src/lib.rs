//! The vocabulary and the rules of rectification cases (整改事项): events, stages, decide, evolve, refusals, rules.
//! Pure: no clock, no database, no randomness.
//!
//! Read in this order:

pub mod stage;

pub mod event;

pub mod case;
pub mod command;
pub mod decide;
pub mod evolve;
pub mod permission;
pub mod refusal;

pub mod rules;

#[cfg(test)]
mod explore;

pub mod finding;
pub mod sealed;

pub mod assignment;
pub mod carried_over;
pub mod completion;
pub mod deadline;
pub mod evidence;
pub mod number;
pub mod plan;
pub mod quantity;

pub mod actor;
pub mod classified;
pub mod directory;

pub mod access;
pub mod certificate;
pub mod custody;
pub mod envelope;
pub mod identity;
pub mod kind;
pub mod publication;
pub mod time;

pub use access::AccessEvent;
pub use actor::Actor;
pub use carried_over::Declared;
pub use case::Case;
pub use certificate::Certificate;
pub use command::Command;
pub use custody::{Custody, CustodyRefusal};
pub use decide::{Decided, Facts, Late, decide};
pub use directory::{Directory, DirectoryEvent, Role};
pub use envelope::{Cause, Envelope, Event, Position, StreamId, Version};
pub use event::CaseEvent;
pub use evolve::{Happening, evolve, fold};
pub use finding::Finding;
pub use identity::{CaseId, Digest, DivisionCode, EventId, FindingId, LogId, PersonId, SourceCode, UnitId};
pub use kind::{EventKind, UnknownKind};
pub use number::CaseNumber;
pub use permission::{Audience, Reader, may_open_petition};
pub use publication::{Publication, PublicationKind};
pub use refusal::{Refusal, Refused};
pub use sealed::{PetitionPart, SealAlgorithm, Sealed};
pub use stage::Stage;
pub use time::{Happened, Zone};
