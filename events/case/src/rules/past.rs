//! What several rules need to know of a case's past.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::violation::{Rule, Violation};
use crate::actor::Actor;
use crate::assignment::{Assignment, Level, Method};
use crate::directory::Directory;
use crate::envelope::Envelope;
use crate::event::{CaseEvent, HandedAct};
use crate::identity::{CaseId, PersonId, UnitId};
use crate::stage::Stage;
use crate::time::Zone;

/// One event of a case, with what came before it.
pub struct Step<'a> {
    /// Its index in the history.
    pub at: usize,
    /// The whole event.
    pub envelope: &'a Envelope,
    /// The case.
    pub case: CaseId,
    /// What happened.
    pub event: &'a CaseEvent,
    /// The case before it.
    pub past: &'a Past,
    /// The directory before it.
    pub directory: &'a Directory,
    /// The office's zone.
    pub zone: Zone,
}

impl Step<'_> {
    /// Returns the violation that this event is.
    pub fn breaks(&self, rule: Rule, code: &'static str, what: impl Into<String>) -> Violation {
        Violation { rule, case: Some(self.case), at: self.at, code, what: what.into() }
    }

    /// Returns who did it.
    pub fn actor(&self) -> &Actor {
        &self.envelope.actor
    }

    /// Returns when it was recorded.
    pub fn recorded(&self) -> DateTime<Utc> {
        self.envelope.recorded
    }
}

/// A case as it stood: its stage, who answers for it, and who verified since the last completion report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Past {
    /// Where it stands.
    pub stage: Option<Stage>,
    /// The current assignment.
    pub assigned: Option<Assigned>,
    /// Who passed a level in this round.
    pub verifiers: BTreeSet<PersonId>,
    /// How many levels were passed in this round.
    pub passed: u32,
}

/// Who answers for a case, and who will look.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Assigned {
    /// The lead that answers.
    pub lead: Option<UnitId>,
    /// Every responsible unit.
    pub responsible: BTreeSet<UnitId>,
    /// Who answers for the repair.
    pub leader: Option<PersonId>,
    /// The levels owed.
    pub levels: Vec<Owed>,
}

/// A level that is owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Owed {
    /// Whether it must be done on site.
    pub on_site: bool,
    /// The unit that holds it.
    pub holder: Option<UnitId>,
    /// The office it was handed up to.
    pub handed_to: Option<UnitId>,
}

impl From<&Assignment> for Assigned {
    fn from(assignment: &Assignment) -> Self {
        Assigned {
            lead: assignment.answering(),
            responsible: assignment.responsible().collect(),
            leader: assignment.responsible_leader,
            levels: owed(&assignment.levels),
        }
    }
}

fn owed(levels: &[Level]) -> Vec<Owed> {
    let owed = |level: &Level| Owed { on_site: level.method == Method::OnSite, holder: level.holder, handed_to: None };
    levels.iter().map(owed).collect()
}

/// Returns the assignment an event makes.
pub fn assignment_made(event: &CaseEvent) -> Option<&Assignment> {
    match event {
        CaseEvent::Assigned { assignment }
        | CaseEvent::Reassigned { assignment, .. }
        | CaseEvent::CarriedOver { assignment: Some(assignment), .. }
        | CaseEvent::MergeReceived { assignment: Some(assignment), .. } => Some(assignment),
        _ => None,
    }
}

/// Returns whether an event voids what was reported, passed and approved before it.
pub fn starts_over(event: &CaseEvent) -> bool {
    matches!(
        event,
        CaseEvent::CompletionReported { .. }
            | CaseEvent::VerificationFailed { .. }
            | CaseEvent::SetAside { .. }
            | CaseEvent::Reopened { .. }
            | CaseEvent::TakenBack { .. }
    ) || assignment_made(event).is_some()
}

impl Past {
    /// Folds one event. Where there is no such arrow the case stays where it was.
    pub fn evolve(&mut self, actor: &Actor, event: &CaseEvent) {
        self.stage = Stage::after(self.stage, event).or(self.stage);
        if starts_over(event) {
            self.verifiers.clear();
            self.passed = 0;
        }
        if let Some(assignment) = assignment_made(event) {
            self.assigned = Some(assignment.into());
        }
        match event {
            CaseEvent::SeverityRaised { levels, .. } => {
                if let Some(assigned) = &mut self.assigned {
                    assigned.levels = owed(levels);
                }
            }
            CaseEvent::VerifierDesignated { level, unit, .. } => {
                if let Some(owed) = self.level_mut(*level) {
                    *owed = Owed { holder: Some(*unit), handed_to: None, ..*owed };
                }
            }
            CaseEvent::HandedUp { act: HandedAct::Verification, to, .. } => {
                if let Some(owed) = self.level_mut(self.passed) {
                    owed.handed_to = Some(*to);
                }
            }
            CaseEvent::LevelPassed { .. } => {
                self.verifiers.extend(actor.persons());
                self.passed = self.passed.saturating_add(1);
            }
            CaseEvent::Returned { .. }
            | CaseEvent::HandedBack { .. }
            | CaseEvent::TakenBack { .. }
            | CaseEvent::Revived { .. }
            | CaseEvent::Unmerged { .. } => self.assigned = None,
            _ => {}
        }
    }

    /// Returns the levels owed; none where nobody answers for the case.
    pub fn levels(&self) -> &[Owed] {
        self.assigned.as_ref().map(|a| a.levels.as_slice()).unwrap_or_default()
    }

    /// Returns a level owed, counted from 0.
    pub fn level(&self, level: u32) -> Option<Owed> {
        self.levels().get(usize::try_from(level).ok()?).copied()
    }

    /// Returns every responsible unit.
    pub fn responsible(&self) -> impl Iterator<Item = UnitId> {
        self.assigned.iter().flat_map(|a| a.responsible.iter().copied())
    }

    fn level_mut(&mut self, level: u32) -> Option<&mut Owed> {
        self.assigned.as_mut()?.levels.get_mut(usize::try_from(level).ok()?)
    }
}
