//! A case as the ledger keeps it: folded, with what its row needs beside.

use chrono::{DateTime, Utc};
use rectify_case::{Case, CaseEvent, CaseId, Envelope, Event, Happened, Position, Stage, evolve};
use serde::{Deserialize, Serialize};

/// A case as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// The position of its first event, by which all its rows are known.
    pub(crate) first: Position,
    /// The position of its last event.
    pub(crate) position: Position,
    /// When its first event was written.
    pub(crate) opened: DateTime<Utc>,
    /// When its last event was written.
    pub(crate) updated: DateTime<Utc>,
    /// When it was registered.
    pub(crate) registered: Option<Happened>,
    /// Whether a source reported it again after it had ended, and nobody has done anything about that.
    pub(crate) repeated: bool,
    /// What its events tell.
    pub(crate) case: Case,
}

impl Entry {
    /// Returns the entry of a case whose first event is at a position.
    pub(crate) fn begin(id: CaseId, position: Position, recorded: DateTime<Utc>) -> Entry {
        Entry {
            first: position,
            position,
            opened: recorded,
            updated: recorded,
            registered: None,
            repeated: false,
            case: Case::new(id),
        }
    }

    /// Folds an event of the case.
    pub(crate) fn fold(&mut self, position: Position, envelope: &Envelope) {
        let Some(happening) = envelope.happening() else { return };
        evolve(&mut self.case, &happening);
        self.position = position;
        self.updated = envelope.recorded;
        let moved = self.case.moved.is_some_and(|moved| moved.version == happening.version);
        if moved && matches!(happening.event, CaseEvent::Registered { .. }) {
            self.registered = Some(happening.happened);
        }
        if moved && let CaseEvent::CarriedOver { declared, .. } = happening.event {
            self.registered = declared.registered;
        }
        if matches!(happening.event, CaseEvent::FindingRepeated { .. }) {
            self.repeated = true;
        } else if answers_repeated(happening.event) {
            self.repeated = false;
        }
    }

    /// Returns whether the case waits for somebody: it is neither ended nor split.
    pub(crate) fn is_live(&self) -> bool {
        self.case.stage.is_some_and(|stage| !stage.is_final() && stage != Stage::Grouped)
    }

    /// Returns whether the firewall or a recusal keeps it from anybody.
    pub(crate) fn is_walled(&self) -> bool {
        !self.case.recused.is_empty() || (self.case.is_accusation() && !self.case.subjects.is_empty())
    }
}

/// Returns whether an event shows that somebody has looked at a case that had ended: it lives again, was looked at, or
/// something was said of it.
fn answers_repeated(event: &CaseEvent) -> bool {
    matches!(
        event,
        CaseEvent::Reopened { .. }
            | CaseEvent::Revived { .. }
            | CaseEvent::Unmerged { .. }
            | CaseEvent::LookedBack { .. }
            | CaseEvent::Linked { .. }
            | CaseEvent::CluePassedOn { .. }
            | CaseEvent::NoteAdded { .. }
    )
}

/// Returns whether an event may change what a case is found by: its findings, its title or its number.
pub(crate) fn changes_words(event: &Event) -> bool {
    match event {
        Event::Case(event) => matches!(
            **event,
            CaseEvent::FindingReported { .. }
                | CaseEvent::PartOpened { .. }
                | CaseEvent::CarriedOver { .. }
                | CaseEvent::Registered { .. }
                | CaseEvent::FindingCorroborated { .. }
                | CaseEvent::FindingAmended { .. }
                | CaseEvent::MergeReceived { .. }
                | CaseEvent::MergeUndone { .. }
                | CaseEvent::Corrected { .. }
        ),
        Event::Directory(_) | Event::Access(_) => false,
    }
}
