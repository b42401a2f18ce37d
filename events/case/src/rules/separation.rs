//! Rule 2: separation of duties. Who verifies belongs to no responsible unit and has not planned or reported; who closes did
//! not verify; who grants or agrees did not ask. Persons count, and whoever acts is entitled to.

use std::collections::{BTreeMap, BTreeSet};

use super::past::{Assigned, Step, assignment_made};
use super::violation::{Rule, Violation};
use crate::access::AccessEvent;
use crate::actor::Actor;
use crate::assignment::Method;
use crate::directory::Directory;
use crate::envelope::{Envelope, Event, StreamId};
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
    // The installation enters what the directory begins with, and writes that keys are deleted where whoever agreed is gone.
    let carries_out = matches!(envelope.event, Event::Access(AccessEvent::PetitionShredded { .. }));
    if *actor == Actor::INSTALLATION && (*stream == StreamId::Directory || carries_out) {
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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::sample::*;
    use super::*;
    use crate::assignment::Method;
    use crate::directory::{DirectoryEvent, Holding, Role};
    use crate::finding::Severity;

    fn accepted() -> History {
        History::accepted(Severity::Ordinary, assignment(WATER, one_level()))
    }

    fn granted(person: PersonId, unit: UnitId, role: Role) -> DirectoryEvent {
        let from = "2020-04-21T01:00:00Z".parse().unwrap();
        DirectoryEvent::RoleGranted(Holding { person, unit, role, from, until: None })
    }

    fn asked() -> CaseEvent {
        CaseEvent::ExtensionRequested { unit: WATER, until: "2020-06-30".parse().unwrap(), reason: "汛期".into() }
    }

    #[test]
    fn who_belongs_to_a_responsible_unit_does_not_verify_even_in_another_role() {
        let history = History::reported()
            .directory(granted(verifier().person, WATER_STATION, Role::Handler))
            .then(verifier(), failed());
        assert_eq!(history.breaks(), [(2, "verified_by_responsible")]);
    }

    #[test]
    fn who_reported_does_not_verify() {
        let history = History::reported();
        let report_again = history.then(verifier(), failed()).then(verifier(), report(100)).then(verifier(), failed());
        assert_eq!(report_again.breaks(), [(2, "verified_by_worker")]);
    }

    #[test]
    fn who_acts_for_another_acts_in_the_others_role() {
        let for_handler = Actor { person: officer().person, on_behalf_of: Some(handler().person), ..handler() };
        let note = || CaseEvent::NoteAdded { text: "已联系".into() };
        let at = "2020-04-21T01:00:00Z".parse().unwrap();
        let delegation = DirectoryEvent::DelegationGranted {
            person: officer().person,
            on_behalf_of: handler().person,
            from: at,
            until: at + TimeDelta::days(30),
        };
        assert_eq!(accepted().then(for_handler, note()).breaks(), [(2, "not_delegated")]);
        assert_eq!(accepted().directory(delegation.clone()).then(for_handler, note()).breaks(), []);
        let own_role_only = Actor { on_behalf_of: Some(handler().person), ..officer() };
        let history = accepted().directory(delegation).then(own_role_only, note());
        assert_eq!(history.breaks(), [(2, "role_not_held")]);
    }

    #[test]
    fn who_passed_a_level_does_not_close() {
        let history = History::verified().directory(granted(verifier().person, COUNTY_OFFICE, Role::Officer));
        let closer = Actor { role: Role::Officer, ..verifier() };
        assert_eq!(history.then(closer, closed()).breaks(), [(2, "closed_by_verifier")]);
    }

    #[test]
    fn who_asked_last_does_not_grant() {
        let grant = || CaseEvent::ExtensionGranted {
            deadline: deadline(crate::deadline::Start::Extended, "2020-04-21", 60),
            asked_by: vec![],
        };
        assert_eq!(accepted().then(officer(), asked()).then(officer(), grant()).breaks(), [(2, "granted_by_asker")]);
        let asked_again = accepted().then(officer(), asked()).then(handler(), asked());
        assert_eq!(asked_again.then(officer(), grant()).breaks(), []);
    }

    #[test]
    fn a_level_is_not_given_to_a_responsible_unit() {
        let history = History::registered(finding("1"), Severity::Ordinary);
        let own = assignment(WATER, vec![level(Method::OnFile, WATER_STATION)]);
        let history = history.then(officer(), CaseEvent::Assigned { assignment: own });
        assert_eq!(history.breaks(), [(2, "responsible_holds_level")]);
        let designated = CaseEvent::VerifierDesignated { level: 0, unit: WATER, reason: "就近".into() };
        assert_eq!(accepted().then(officer(), designated).breaks(), [(2, "responsible_holds_level")]);
    }
}
