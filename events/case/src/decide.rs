//! The decision: a command, the case as it stands and the facts that were looked up, into events or a refusal.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::actor::Actor;
use crate::case::Case;
use crate::command::Command;
use crate::directory::Directory;
use crate::event::CaseEvent;
use crate::identity::{CaseId, Digest};
use crate::refusal::{Refusal, Refused};
use crate::time::{Happened, Zone};

/// What was looked up before deciding. No clock, no database, no randomness is left to ask.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The instant of the decision.
    pub now: DateTime<Utc>,
    /// The office's zone.
    pub zone: Zone,
    /// Who asks.
    pub actor: Actor,
    /// Units, people, roles, sources.
    pub directory: &'a Directory,
    /// The evidence of this case that the actor, or whom they act for, has opened.
    pub opened: &'a BTreeSet<Digest>,
    /// The other case, where the command names one.
    pub other: Option<&'a Case>,
    /// When it really happened and the document that shows it, when it is entered later (补录).
    pub late: Option<&'a Late>,
}

/// An act entered after the day it happened (补录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// When it happened.
    pub happened: Happened,
    /// The document that shows it.
    pub document: String,
}

/// An event that a decision makes, and the case it is of. All events of one decision are appended at once or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The case whose stream it goes to.
    pub case: CaseId,
    /// The event.
    pub event: CaseEvent,
}

/// Decides on a command.
pub fn decide(case: &Case, command: Command, facts: &Facts<'_>) -> Result<Vec<Decided>, Refused> {
    let _ = (case, command, facts);
    Err(Refusal::WrongStage.into())
}
