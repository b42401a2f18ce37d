//! Rule 2: separation of duties. Who verifies belongs to no responsible unit and has not planned or reported; who closes did
//! not verify; who grants or agrees did not ask. Persons count, and whoever acts is entitled to.

use std::collections::{BTreeMap, BTreeSet};

use super::past::{Assigned, Step, assignment_made};
use super::violation::{Rule, Violation};
use crate::actor::Actor;
use crate::assignment::Method;
use crate::directory::Directory;
use crate::envelope::{Envelope, StreamId};
use crate::event::CaseEvent;
use crate::identity::{CaseId, PersonId, UnitId};

/// Watches that nobody judges their own work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Separation {
    cases: BTreeMap<CaseId, Doers>,
}

/// Who did what for a case.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Doers {
    /// Who ever planned or reported.
    worked: BTreeSet<PersonId>,
    /// Who asked for the extension that is open.
    asked: BTreeSet<PersonId>,
    /// Who proposed to lower the severity last.
    proposed: BTreeSet<PersonId>,
}

/// Judges whether whoever acts, on any stream, may act so at all.
pub fn feed_actor(at: usize, envelope: &Envelope, directory: &Directory, out: &mut Vec<Violation>) {
    let Envelope { actor, stream, recorded, .. } = envelope;
    if *stream == StreamId::Directory && *actor == Actor::INSTALLATION {
        return;
    }
    let case = match stream {
        StreamId::Case(case) | StreamId::Access(case) => Some(*case),
        StreamId::Directory => None,
    };
    // Who acts for another acts in the other's role.
    let holder = actor.on_behalf_of.unwrap_or(actor.person);
    if !directory.holds(holder, actor.role, actor.unit, *recorded) {
        let what = format!("person {holder} does not hold the role {:?} in unit {}", actor.role, actor.unit);
        out.push(Violation { rule: Rule::Two, case, at, code: "role_not_held", what });
    }
    if let Some(other) = actor.on_behalf_of
        && !directory.acts_for(actor.person, other, *recorded)
    {
        let what = format!("no delegation lets person {} act for person {other}", actor.person);
        out.push(Violation { rule: Rule::Two, case, at, code: "not_delegated", what });
    }
}

impl Separation {
    /// Judges one event of a case.
    pub fn feed(&mut self, step: &Step, out: &mut Vec<Violation>) {
        let doers = self.cases.entry(step.case).or_default();
        let persons = || step.actor().persons();
        let mut breaks = |code, what: &str| out.push(step.breaks(Rule::Two, code, what));
        match step.event {
            CaseEvent::LevelPassed { level, unit, .. } | CaseEvent::VerificationFailed { level, unit, .. } => {
                doers.judge_verifier(step, *level, *unit, out);
            }
            CaseEvent::Closed { .. } if persons().any(|p| step.past.verifiers.contains(&p)) => {
                breaks("closed_by_verifier", "who closes passed a level in this round");
            }
            CaseEvent::PlanSubmitted { .. }
            | CaseEvent::ProgressReported { .. }
            | CaseEvent::JointLeadReported { .. }
            | CaseEvent::CompletionReported { .. } => doers.worked.extend(persons()),
            CaseEvent::ExtensionRequested { .. } => doers.asked = persons().collect(),
            CaseEvent::ExtensionRefused { .. } => doers.asked.clear(),
            CaseEvent::ExtensionGranted { asked_by, .. } => {
                if persons().any(|p| asked_by.contains(&p) || doers.asked.contains(&p)) {
                    breaks("granted_by_asker", "who grants the extension had asked for it");
                }
                doers.asked.clear();
            }
            CaseEvent::SeverityLoweringProposed { .. } => doers.proposed = persons().collect(),
            CaseEvent::SeverityLowered { proposed_by, .. } => {
                if persons().any(|p| p == *proposed_by || doers.proposed.contains(&p)) {
                    breaks("lowered_by_proposer", "who lowers the severity had proposed it");
                }
                if !doers.proposed.contains(proposed_by) {
                    breaks("nobody_proposed", "the person named did not propose to lower the severity");
                }
                doers.proposed.clear();
            }
            CaseEvent::SeverityRaised { levels, .. } => {
                let before = step.past.levels();
                let were_on_site = before.iter().filter(|level| level.on_site).count();
                let are_on_site = levels.iter().filter(|level| level.method == Method::OnSite).count();
                if levels.len() < before.len() || are_on_site < were_on_site {
                    breaks("levels_shrank", "less is owed than was since the assignment");
                }
            }
            _ => {}
        }
        judge_holders(step, out);
    }
}

/// Judges whether a level is given to a responsible unit.
fn judge_holders(step: &Step, out: &mut Vec<Violation>) {
    let assigned = assignment_made(step.event).map(Assigned::from);
    let Some(assigned) = assigned.as_ref().or(step.past.assigned.as_ref()) else { return };
    let given: Vec<UnitId> = match step.event {
        CaseEvent::SeverityRaised { levels, .. } => levels.iter().filter_map(|level| level.holder).collect(),
        CaseEvent::VerifierDesignated { unit, .. } => vec![*unit],
        event if assignment_made(event).is_some() => assigned.levels.iter().filter_map(|level| level.holder).collect(),
        _ => return,
    };
    let is_responsible = |unit| assigned.responsible.iter().any(|above| step.directory.belongs(unit, *above));
    if let Some(unit) = given.into_iter().find(|unit| is_responsible(*unit)) {
        let what = format!("unit {unit} holds a level and belongs to a responsible unit");
        out.push(step.breaks(Rule::Two, "responsible_holds_level", what));
    }
}

impl Doers {
    fn judge_verifier(&self, step: &Step, level: u32, unit: UnitId, out: &mut Vec<Violation>) {
        let mut breaks = |code, what: &str| out.push(step.breaks(Rule::Two, code, what));
        let Step { directory, past, .. } = step;
        let is_responsible = |unit| past.responsible().any(|responsible| directory.belongs(unit, responsible));
        let holds_in_one = |p| directory.holdings(p, step.recorded()).any(|holding| is_responsible(holding.unit));
        if is_responsible(step.actor().unit) || step.actor().persons().any(holds_in_one) {
            breaks("verified_by_responsible", "who verifies belongs to a responsible unit");
        }
        if step.actor().persons().any(|p| self.worked.contains(&p)) {
            breaks("verified_by_worker", "who verifies has planned or reported for this case");
        }
        match past.level(level) {
            None => breaks("no_such_level", "no such level is owed"),
            Some(owed) if owed.holder != Some(unit) && owed.handed_to != Some(unit) => {
                breaks("not_the_holder", "the unit that verifies does not hold the level");
            }
            Some(_) => {}
        }
        if !directory.belongs(step.actor().unit, unit) {
            breaks("verifier_not_of_holder", "who verifies does not act in the unit that verifies");
        }
    }
}
