//! Rule 1: verified closure. After the last completion report every level owed has passed, each on evidence that its
//! verifier opened; a grave case also has the approval of a closing leader who is neither responsible leader nor verifier.

use std::collections::{BTreeMap, BTreeSet};

use super::past::{Step, assignment_made, starts_over};
use super::violation::{Rule, Violation};
use crate::actor::Actor;
use crate::directory::{Directory, Role};
use crate::event::CaseEvent;
use crate::evidence::Side;
use crate::finding::Severity;
use crate::identity::{CaseId, Digest, PersonId, UnitId};
use crate::stage::Stage;

/// Watches that nothing is closed unverified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct VerifiedClosure {
    cases: BTreeMap<CaseId, Round>,
}

/// What was done since the last completion report, and the evidence it can rest on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Round {
    severity: Severity,
    /// The highest severity since assignment: what is owed stays owed.
    highest: Severity,
    /// Whether the lead's own office is the prefecture's, so that the chain has one level less.
    under_prefecture_office: bool,
    /// Put on file by the responsible side after the last completion report.
    reported: BTreeSet<Digest>,
    /// Gathered by a verifier after it: which, by which unit and person.
    gathered: BTreeSet<(Digest, UnitId, PersonId)>,
    /// Who opened which; whoever put a file there knows it.
    opened: BTreeSet<(PersonId, Digest)>,
    passes: Vec<Pass>,
    /// The persons of each approval by a closing leader.
    approvals: Vec<Vec<PersonId>>,
}

/// A level that was passed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pass {
    level: u32,
    /// The evidence that bears it, and whether the verifier gathered it on site.
    borne_by: BTreeMap<Digest, bool>,
}

impl VerifiedClosure {
    /// Judges one event of a case.
    pub fn feed(&mut self, step: &Step, out: &mut Vec<Violation>) {
        let round = self.cases.entry(step.case).or_default();
        if matches!(step.event, CaseEvent::Verified { .. } | CaseEvent::Closed { .. }) {
            round.judge(step, out);
        }
        round.evolve(step);
    }

    /// Notes that somebody opened a piece of evidence.
    pub fn feed_opening(&mut self, case: CaseId, actor: &Actor, digest: &Digest) {
        // Only the eyes of whoever acts count, not those of whom they act for.
        self.cases.entry(case).or_default().opened.insert((actor.person, digest.clone()));
    }
}

impl Round {
    fn evolve(&mut self, step: &Step) {
        if starts_over(step.event) {
            self.passes.clear();
            self.approvals.clear();
        }
        match step.event {
            CaseEvent::Registered { severity, .. }
            | CaseEvent::CarriedOver { severity, .. }
            | CaseEvent::SeverityRaised { to: severity, .. }
            | CaseEvent::SeverityLowered { to: severity, .. }
            | CaseEvent::MergeReceived { severity, .. } => {
                self.severity = *severity;
                self.highest = self.highest.max(*severity);
            }
            CaseEvent::CompletionReported { .. } => {
                self.reported.clear();
                self.gathered.clear();
            }
            CaseEvent::EvidenceFiled { evidence, side, unit } => {
                let digest = &evidence.digest;
                self.opened.insert((step.actor().person, digest.clone()));
                match side {
                    Side::Responsible => {
                        self.reported.insert(digest.clone());
                    }
                    Side::Verifier => {
                        self.gathered.insert((digest.clone(), *unit, step.actor().person));
                    }
                    Side::Office => {}
                }
            }
            CaseEvent::EvidenceWithdrawn { digest, .. } => {
                self.reported.remove(digest);
                self.gathered.retain(|(gathered, ..)| gathered != digest);
                for pass in &mut self.passes {
                    pass.borne_by.remove(digest);
                }
            }
            CaseEvent::LevelPassed { level, unit, relied_on, .. } => {
                let borne_by = relied_on.iter().filter_map(|digest| self.bears(digest, *unit, step));
                self.passes.push(Pass { level: *level, borne_by: borne_by.collect() });
            }
            CaseEvent::ClosureApproved { .. } => {
                let Actor { unit, role, person, on_behalf_of } = *step.actor();
                let leader = on_behalf_of.unwrap_or(person);
                let holds = step.directory.holds(leader, Role::ClosingLeader, unit, step.recorded());
                if role == Role::ClosingLeader && holds {
                    self.approvals.push(step.actor().persons().collect());
                }
            }
            _ => {}
        }
        // Another assignment of a case that is assigned owes no less.
        if matches!(step.event, CaseEvent::Assigned { .. }) {
            self.highest = self.severity;
        }
        if let Some(assignment) = assignment_made(step.event) {
            self.under_prefecture_office =
                assignment.answering().is_some_and(|lead| is_under_prefecture_office(lead, step.directory));
        }
    }

    /// Returns a piece of evidence that can bear a pass, and whether it was gathered on site; nothing when it cannot.
    fn bears(&self, digest: &Digest, unit: UnitId, step: &Step) -> Option<(Digest, bool)> {
        if !self.opened.contains(&(step.actor().person, digest.clone())) {
            return None;
        }
        let on_site = self.gathered.iter().any(|(gathered, by, person)| {
            gathered == digest && (step.directory.belongs(*by, unit) || step.actor().persons().any(|p| p == *person))
        });
        (on_site || self.reported.contains(digest)).then(|| (digest.clone(), on_site))
    }

    fn judge(&self, step: &Step, out: &mut Vec<Violation>) {
        let breaks = |code, what: String| step.breaks(Rule::One, code, what);
        if Stage::after(step.past.stage, step.event).is_none() {
            let stage = step.past.stage.map_or("nothing", Stage::name);
            out.push(breaks("no_such_arrow", format!("{} does not follow {stage}", step.event.name())));
        }
        let levels = step.past.levels();
        let owed = if self.highest == Severity::Ordinary || self.under_prefecture_office { 1 } else { 2 };
        if levels.len() < owed {
            out.push(breaks("too_few_levels", format!("{} levels are owed and {} were set", owed, levels.len())));
        }
        if self.highest == Severity::Grave && levels.last().is_some_and(|level| !level.on_site) {
            out.push(breaks("grave_not_on_site", "the last level of a grave case is not on site".into()));
        }
        if let CaseEvent::Verified { levels: said } = step.event
            && usize::try_from(*said) != Ok(levels.len())
        {
            out.push(breaks(
                "levels_miscounted",
                format!("{} levels are owed and the event says {said}", levels.len()),
            ));
        }
        let mut passes = self.passes.as_slice();
        for (level, owed) in (0_u32..).zip(levels) {
            let bears = |pass: &Pass| pass.borne_by.values().any(|on_site| *on_site || !owed.on_site);
            let of_level = |pass: &Pass| pass.level == level;
            if let Some(place) = passes.iter().position(|pass| of_level(pass) && bears(pass)) {
                passes = &passes[place + 1..];
            } else if passes.iter().any(of_level) {
                let how = if owed.on_site { " gathered on site" } else { "" };
                let what = format!("level {level} names no evidence{how} that is new, was opened and still stands");
                out.push(breaks("level_without_evidence", what));
            } else {
                let what = format!("level {level} did not pass, in its order, after the last completion report");
                out.push(breaks("level_not_passed", what));
            }
        }
        if matches!(step.event, CaseEvent::Closed { .. }) && self.highest == Severity::Grave && !self.is_approved(step)
        {
            let what =
                "no closing leader who is neither responsible leader nor verifier approved after the last report";
            out.push(breaks("grave_not_approved", what.into()));
        }
    }

    fn is_approved(&self, step: &Step) -> bool {
        let leader = step.past.assigned.as_ref().and_then(|a| a.leader);
        let is_involved = |p: &PersonId| leader == Some(*p) || step.past.verifiers.contains(p);
        self.approvals.iter().any(|persons| !persons.iter().any(is_involved))
    }
}

fn is_under_prefecture_office(lead: UnitId, directory: &Directory) -> bool {
    directory.office_of(lead).is_some_and(|office| directory.prefecture_office() == Some(office))
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::assignment::Method;

    /// A grave case, reported, its first level passed.
    fn grave() -> History {
        History::accepted(Severity::Grave, assignment(WATER, two_levels()))
            .then(handler(), report(100))
            .filed_and_passed(1)
    }

    fn prefecture_verifier() -> Actor {
        by(OFFICE, Role::Verifier)
    }

    /// The second level, passed on evidence gathered on site, and the case verified.
    fn grave_verified() -> History {
        grave()
            .then(prefecture_verifier(), filed(2, Side::Verifier, OFFICE))
            .then(prefecture_verifier(), pass(1, OFFICE, &[2], 100))
            .then(prefecture_verifier(), CaseEvent::Verified { levels: 2 })
    }

    fn approved() -> CaseEvent {
        CaseEvent::ClosureApproved { opinion: "同意".into() }
    }

    fn verified_after(history: History) -> Vec<(u8, &'static str)> {
        history.then(verifier(), CaseEvent::Verified { levels: 1 }).breaks()
    }

    #[test]
    fn a_case_closes_after_its_level_passed_on_new_evidence_that_was_opened() {
        assert_eq!(History::verified().then(officer(), closed()).breaks(), []);
    }

    #[test]
    fn what_an_older_ledger_struck_off_is_declared_and_what_happens_to_it_here_is_proved() {
        let carried_over = || History::carried_over(struck_off(), Some(declared_assignment(WATER, one_level())));
        assert_eq!(carried_over().breaks(), []);
        let deadline = deadline(crate::deadline::Start::Reopened, "2020-04-21", 30);
        let reopened = carried_over().then(officer(), CaseEvent::Reopened { reason: "反弹".into(), deadline });
        let unproved = reopened.clone().then(officer(), closed());
        assert_eq!(unproved.breaks()[..2], [(1, "no_such_arrow"), (1, "level_not_passed")]);
        let proved = reopened.then(handler(), report(100)).filed_and_passed(1);
        assert_eq!(proved.then(verifier(), CaseEvent::Verified { levels: 1 }).then(officer(), closed()).breaks(), []);
    }

    #[test]
    fn a_level_that_did_not_pass_is_missed_at_verification_and_again_at_closure() {
        let history = History::reported().then(verifier(), CaseEvent::Verified { levels: 1 }).then(officer(), closed());
        let missing = (1, "level_not_passed");
        assert_eq!(history.breaks(), [missing, missing, (7, "closed_with_outstanding")]);
    }

    #[test]
    fn a_closure_that_skips_verification_has_no_arrow() {
        let history = History::reported().filed_and_passed(1).then(officer(), closed());
        assert_eq!(history.breaks(), [(1, "no_such_arrow")]);
    }

    #[test]
    fn evidence_that_the_verifier_did_not_open_bears_nothing() {
        let filed = History::reported().then(handler(), filed(1, Side::Responsible, WATER));
        assert_eq!(verified_after(filed.clone().then(verifier(), passed(1, 100))), [(1, "level_without_evidence")]);
        let by_another = filed.clone().opened(officer(), 1).then(verifier(), passed(1, 100));
        assert_eq!(verified_after(by_another), [(1, "level_without_evidence")]);
        let too_late = filed.then(verifier(), passed(1, 100)).opened(verifier(), 1);
        assert_eq!(verified_after(too_late), [(1, "level_without_evidence")]);
    }

    #[test]
    fn evidence_from_before_the_completion_report_bears_nothing() {
        let history = History::accepted(Severity::Ordinary, assignment(WATER, one_level()))
            .then(handler(), filed(1, Side::Responsible, WATER))
            .then(handler(), report(100))
            .opened(verifier(), 1)
            .then(verifier(), passed(1, 100));
        assert_eq!(verified_after(history), [(1, "level_without_evidence")]);
    }

    #[test]
    fn evidence_that_was_withdrawn_bears_nothing_even_after_verification() {
        let withdrawn = CaseEvent::EvidenceWithdrawn { digest: digest(1), reason: "传错".into() };
        let history = History::verified().then(handler(), withdrawn).then(officer(), closed());
        assert_eq!(history.breaks(), [(1, "level_without_evidence")]);
    }

    #[test]
    fn evidence_of_the_office_or_of_another_verifier_bears_nothing() {
        for filing in [filed(1, Side::Office, COUNTY_OFFICE), filed(1, Side::Verifier, OFFICE)] {
            let by_another = History::reported().then(prefecture_verifier(), filing);
            let history = by_another.opened(verifier(), 1).then(verifier(), passed(1, 100));
            assert_eq!(verified_after(history), [(1, "level_without_evidence")]);
        }
    }

    #[test]
    fn a_verifier_knows_what_they_gathered_themselves() {
        let gathered = History::reported().then(verifier(), filed(1, Side::Verifier, COUNTY_OFFICE));
        assert_eq!(verified_after(gathered.then(verifier(), passed(1, 100))), []);
    }

    #[test]
    fn what_passed_before_a_new_completion_report_counts_no_more() {
        let again = History::verified().then(officer(), set_aside()).then(handler(), report(100));
        let history = again.clone().then(verifier(), CaseEvent::Verified { levels: 1 });
        assert_eq!(history.breaks(), [(1, "level_not_passed")]);
        assert_eq!(verified_after(again.filed_and_passed(2)), []);
    }

    #[test]
    fn levels_pass_in_their_order() {
        let history = History::accepted(Severity::Serious, assignment(WATER, two_levels()))
            .then(handler(), report(100))
            .then(prefecture_verifier(), filed(2, Side::Verifier, OFFICE))
            .then(prefecture_verifier(), pass(1, OFFICE, &[2], 100))
            .filed_and_passed(1)
            .then(verifier(), CaseEvent::Verified { levels: 2 });
        assert_eq!(history.breaks(), [(1, "level_not_passed")]);
    }

    #[test]
    fn a_serious_case_owes_two_levels_unless_the_prefecture_office_is_the_leads_own() {
        let county = History::accepted(Severity::Serious, assignment(WATER, one_level())).then(handler(), report(100));
        assert_eq!(verified_after(county.filed_and_passed(1)), [(1, "too_few_levels")]);

        let lead = by(PREFECTURE_WATER, Role::Handler);
        let one_level = vec![level(Method::OnFile, OFFICE)];
        let prefecture = History::accepted(Severity::Serious, assignment(PREFECTURE_WATER, one_level))
            .then(lead, report(100))
            .then(lead, filed(1, Side::Responsible, PREFECTURE_WATER))
            .opened(prefecture_verifier(), 1)
            .then(prefecture_verifier(), pass(0, OFFICE, &[1], 100));
        assert_eq!(verified_after(prefecture), []);
    }

    #[test]
    fn what_is_owed_stays_owed_after_the_severity_was_lowered() {
        let proposed_by = officer().person;
        let to = Severity::Ordinary;
        let lowered = CaseEvent::SeverityLowered { from: Severity::Grave, to, proposed_by };
        let history = grave_verified()
            .then(officer(), CaseEvent::SeverityLoweringProposed { to, reason: "已退款".into() })
            .then(by(OFFICE, Role::Officer), lowered)
            .then(officer(), closed());
        assert_eq!(history.breaks(), [(1, "grave_not_approved")]);
    }

    #[test]
    fn a_case_that_was_made_graver_owes_the_new_levels() {
        let levels = two_levels();
        let (from, to) = (Severity::Ordinary, Severity::Serious);
        let raised = CaseEvent::SeverityRaised { from, to, reason: "金额较大".into(), levels };
        let history = History::verified().then(officer(), raised).then(officer(), closed());
        assert_eq!(history.breaks(), [(1, "level_not_passed")]);
    }

    #[test]
    fn the_last_level_of_a_grave_case_is_on_site_and_rests_on_what_was_gathered_there() {
        let leader = by(OFFICE, Role::ClosingLeader);
        assert_eq!(grave_verified().then(leader, approved()).then(officer(), closed()).breaks(), []);

        let on_file = grave()
            .opened(prefecture_verifier(), 1)
            .then(prefecture_verifier(), pass(1, OFFICE, &[1], 100))
            .then(prefecture_verifier(), CaseEvent::Verified { levels: 2 });
        assert_eq!(on_file.breaks(), [(1, "level_without_evidence")]);

        let levels = vec![level(Method::OnFile, COUNTY_OFFICE), level(Method::OnFile, OFFICE)];
        let all_on_file = History::accepted(Severity::Grave, assignment(WATER, levels))
            .then(handler(), report(100))
            .filed_and_passed(1)
            .opened(prefecture_verifier(), 1)
            .then(prefecture_verifier(), pass(1, OFFICE, &[1], 100))
            .then(prefecture_verifier(), CaseEvent::Verified { levels: 2 });
        assert_eq!(all_on_file.breaks(), [(1, "grave_not_on_site")]);
    }

    #[test]
    fn a_grave_closure_is_approved_by_a_closing_leader_with_no_other_part_in_it() {
        let close = |history: History| history.then(officer(), closed()).breaks();
        assert_eq!(close(grave_verified()), [(1, "grave_not_approved")]);
        assert_eq!(close(grave_verified().then(by(OFFICE, Role::Officer), approved())), [(1, "grave_not_approved")]);

        let both_roles = |person| {
            let from = "2020-04-21T01:00:00Z".parse().unwrap();
            let holding =
                crate::directory::Holding { person, unit: OFFICE, role: Role::ClosingLeader, from, until: None };
            let approver = Actor { person, unit: OFFICE, role: Role::ClosingLeader, on_behalf_of: None };
            let history = grave_verified().directory(crate::directory::DirectoryEvent::RoleGranted(holding));
            close(history.then(approver, approved()))
        };
        assert_eq!(both_roles(person(WATER, Role::ResponsibleLeader)), [(1, "grave_not_approved")]);
        assert_eq!(both_roles(verifier().person), [(1, "grave_not_approved")]);
        assert_eq!(both_roles(person(AUDIT, Role::Auditor)), []);
    }

    #[test]
    fn the_levels_are_counted_as_they_are_owed() {
        let history = History::reported().filed_and_passed(1).then(verifier(), CaseEvent::Verified { levels: 2 });
        assert_eq!(history.breaks(), [(1, "levels_miscounted")]);
    }
}
