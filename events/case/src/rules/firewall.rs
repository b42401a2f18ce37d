//! Rule 3: the firewall. An accusation never reaches its subject, a unit below it, or a person subject to it; a request may be
//! handled by the unit complained about, which then never verifies; whoever is recused keeps out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::past::{Past, Step, assignment_made};
use super::violation::{Rule, Violation};
use crate::actor::Actor;
use crate::assignment::Level;
use crate::directory::{Directory, Role};
use crate::envelope::Envelope;
use crate::event::CaseEvent;
use crate::finding::{Finding, PetitionClass, Subject};
use crate::identity::{CaseId, PersonId, UnitId};
use crate::stage::Stage;

/// Watches that no accusation reaches its subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Firewall {
    cases: BTreeMap<CaseId, Wall>,
}

/// Whom a case is kept from. What once named them stays in its history, so a wall only ever grows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Wall {
    /// Whether any of its findings is an accusation.
    accusation: bool,
    subjects: BTreeSet<Subject>,
    recused: BTreeSet<PersonId>,
    /// Who answers for its listing.
    listed: Option<PersonId>,
    /// The event after which somebody answers for the case who may not even read it, until it is answered.
    unanswered: Option<usize>,
}

/// The directory at the time of an event.
#[derive(Clone, Copy)]
struct View<'a> {
    directory: &'a Directory,
    now: DateTime<Utc>,
}

impl Firewall {
    /// Judges one event of a case.
    pub fn feed(&mut self, step: &Step, out: &mut Vec<Violation>) {
        let view = View { directory: step.directory, now: step.recorded() };
        // Its place stays while it is away: a case says nothing of itself.
        let mut wall = std::mem::take(self.cases.entry(step.case).or_default());
        let answers = matches!(
            step.event,
            CaseEvent::TakenBack { .. } | CaseEvent::VerifierDesignated { .. } | CaseEvent::Delisted { .. }
        );
        let unanswered = wall.unanswered.take();
        if let Some(at) = unanswered.filter(|_| !answers) {
            out.push(not_taken_back(step.case, at));
        }
        let unanswered = unanswered.filter(|_| answers);
        // Whoever names the subject, and is one, may still do at once what follows from it.
        if unanswered.is_none() {
            wall.judge_actor(step, view, out);
        }
        let grew = wall.grow(step.event, |other| self.cases.get(&other));
        wall.judge_named(step, view, out);
        if let Some(other) = points_to(step.event).and_then(|other| self.cases.get(&other)) {
            wall.judge_pointer(other, step, out);
        }
        if grew || unanswered.is_some() || matches!(step.event, CaseEvent::Reopened { .. }) {
            let at = unanswered.unwrap_or(step.at);
            wall.unanswered = wall.must_be_answered(step, view).then_some(at);
        }
        self.cases.insert(step.case, wall);
    }

    /// Judges that something of a case was opened, taken away or published.
    pub fn feed_opening(
        &self,
        at: usize,
        envelope: &Envelope,
        case: CaseId,
        directory: &Directory,
        out: &mut Vec<Violation>,
    ) {
        let view = View { directory, now: envelope.recorded };
        if self.cases.get(&case).is_some_and(|wall| wall.keeps_out_actor(&envelope.actor, view)) {
            let what =
                "what is of an accusation was opened, taken away or published by its subject or somebody below it"
                    .into();
            out.push(Violation { rule: Rule::Three, case: Some(case), at, code: "opened_by_subject", what });
        }
    }

    /// Returns the cases that were to be taken back and have not been.
    pub fn finish(&self, out: &mut Vec<Violation>) {
        let owed = self.cases.iter().filter_map(|(case, wall)| Some(not_taken_back(*case, wall.unanswered?)));
        out.extend(owed);
    }
}

fn not_taken_back(case: CaseId, at: usize) -> Violation {
    let what = "who answers for the case, or verified it, is a subject of it, and it was not taken back at once".into();
    Violation { rule: Rule::Three, case: Some(case), at, code: "not_taken_back", what }
}

impl Wall {
    fn judge_actor(&self, step: &Step, view: View, out: &mut Vec<Violation>) {
        let actor = step.actor();
        let mut breaks = |code, what: &str| out.push(step.breaks(Rule::Three, code, what));
        if actor.persons().any(|p| self.recused.contains(&p)) {
            breaks("recused_acts", "who acts was recused");
        }
        if !hands_over(step) && self.keeps_out_actor(actor, view) {
            breaks("subject_acts", "who acts on the accusation is its subject or somebody below it");
        }
        let verifies = matches!(step.event, CaseEvent::LevelPassed { .. } | CaseEvent::VerificationFailed { .. });
        if verifies && !self.accusation && actor.persons().any(|p| self.is_of_subject(p, view)) {
            breaks("subject_verifies", "who verifies is the subject of the petition or belongs to it");
        }
    }

    /// Takes in whom an event names. Returns whether the wall grew.
    fn grow<'a>(&mut self, event: &CaseEvent, other: impl Fn(CaseId) -> Option<&'a Wall>) -> bool {
        let before = (self.accusation, self.subjects.len());
        match event {
            CaseEvent::FindingReported { finding }
            | CaseEvent::FindingAmended { finding }
            | CaseEvent::FindingRepeated { finding } => self.take_in([finding.as_ref()]),
            CaseEvent::CarriedOver { declared, .. } => self.take_in([&declared.finding]),
            CaseEvent::FindingCorroborated { finding, from } => {
                self.take_in([finding.as_ref()]);
                self.take_over((*from).and_then(other));
            }
            CaseEvent::PartOpened { parent, findings, .. } => {
                self.take_in(findings);
                self.take_over(other(*parent));
            }
            CaseEvent::MergeReceived { from, findings, subjects, .. } => {
                self.take_in(findings);
                self.subjects.extend(subjects);
                self.take_over(other(*from));
            }
            CaseEvent::SubjectsNamed { subjects, .. } => self.subjects.extend(subjects),
            CaseEvent::Recused { person, .. } => {
                self.recused.insert(*person);
            }
            CaseEvent::Listed { leader, .. } => self.listed = Some(*leader),
            CaseEvent::Delisted { .. } => self.listed = None,
            _ => {}
        }
        before != (self.accusation, self.subjects.len())
    }

    fn take_in<'a>(&mut self, findings: impl IntoIterator<Item = &'a Finding>) {
        for finding in findings {
            self.accusation |= finding.class() == Some(PetitionClass::Accusation);
            self.subjects.extend(finding.subjects());
        }
    }

    fn take_over(&mut self, other: Option<&Wall>) {
        if let Some(other) = other {
            self.accusation |= other.accusation;
            self.subjects.extend(&other.subjects);
        }
    }

    /// Judges the units and persons an event puts in charge.
    fn judge_named(&self, step: &Step, view: View, out: &mut Vec<Violation>) {
        if let Some(assignment) = assignment_made(step.event) {
            for unit in assignment.responsible() {
                self.judge_unit(unit, "answers for", step, view, out);
            }
            if let Some(leader) = assignment.responsible_leader {
                self.judge_leader(leader, step, view, out);
            }
            self.judge_levels(&assignment.levels, step, view, out);
        }
        match step.event {
            CaseEvent::SeverityRaised { levels, .. } => self.judge_levels(levels, step, view, out),
            CaseEvent::VerifierDesignated { unit, .. } => self.judge_holder(*unit, step, view, out),
            CaseEvent::HandedUp { to, .. } => self.judge_unit(*to, "is handed an act of", step, view, out),
            CaseEvent::Listed { leader, .. } => self.judge_leader(*leader, step, view, out),
            _ => {}
        }
    }

    fn judge_levels(&self, levels: &[Level], step: &Step, view: View, out: &mut Vec<Violation>) {
        for holder in levels.iter().filter_map(|level| level.holder) {
            self.judge_holder(holder, step, view, out);
        }
    }

    fn judge_holder(&self, unit: UnitId, step: &Step, view: View, out: &mut Vec<Violation>) {
        if !self.accusation && self.is_subject(unit, view) {
            let what = format!("unit {unit} is a subject of the petition and holds a level");
            out.push(step.breaks(Rule::Three, "subject_holds_level", what));
        }
        self.judge_unit(unit, "holds a level of", step, view, out);
    }

    fn judge_unit(&self, unit: UnitId, what: &str, step: &Step, view: View, out: &mut Vec<Violation>) {
        if self.keeps_out(unit, view) {
            let what = format!("unit {unit} {what} an accusation against it or those who lead it");
            out.push(step.breaks(Rule::Three, "subject_in_charge", what));
        }
    }

    fn judge_leader(&self, leader: PersonId, step: &Step, view: View, out: &mut Vec<Violation>) {
        if self.keeps_out_person(leader, view) {
            let what = format!("person {leader} leads on an accusation against them or those above them");
            out.push(step.breaks(Rule::Three, "subject_leads", what));
        }
    }

    /// Judges an event that names another case.
    fn judge_pointer(&self, other: &Wall, step: &Step, out: &mut Vec<Violation>) {
        if other.accusation && !(self.accusation && other.subjects.is_subset(&self.subjects)) {
            let what = "the case names an accusation, and those accused can read it".to_owned();
            out.push(step.breaks(Rule::Three, "points_to_accusation", what));
        }
    }

    /// Returns whether, after this event, somebody answers for the case, is to verify it, or has verified it, who may not.
    fn must_be_answered(&self, step: &Step, view: View) -> bool {
        let mut now: Past = step.past.clone();
        now.evolve(step.actor(), step.event);
        let live = matches!(now.stage, Some(Stage::Assigned | Stage::Rectifying | Stage::Reported | Stage::Verified));
        let leads = |leader| self.keeps_out_person(leader, view);
        let assigned = now.assigned.as_ref().filter(|_| live);
        self.listed.is_some_and(leads)
            || assigned.is_some_and(|a| {
                let holders = a.levels.iter().filter_map(|level| level.holder);
                a.responsible.iter().any(|unit| self.keeps_out(*unit, view))
                    || a.leader.is_some_and(leads)
                    || now.verifiers.iter().any(|person| self.is_of_subject(*person, view) || leads(*person))
                    || holders.into_iter().any(|unit| self.is_subject(unit, view) || self.keeps_out(unit, view))
            })
    }

    fn keeps_out_actor(&self, actor: &Actor, view: View) -> bool {
        self.keeps_out(actor.unit, view) || actor.persons().any(|p| self.keeps_out_person(p, view))
    }

    fn keeps_out_person(&self, person: PersonId, view: View) -> bool {
        self.accusation
            && (self.subjects.contains(&Subject::Person(person))
                || view.directory.holdings(person, view.now).any(|holding| self.keeps_out(holding.unit, view)))
    }

    fn keeps_out(&self, unit: UnitId, view: View) -> bool {
        self.accusation && (self.is_subject(unit, view) || self.is_led_by_subject(unit, view))
    }

    fn is_of_subject(&self, person: PersonId, view: View) -> bool {
        self.subjects.contains(&Subject::Person(person))
            || view.directory.holdings(person, view.now).any(|holding| self.is_subject(holding.unit, view))
    }

    fn is_subject(&self, unit: UnitId, view: View) -> bool {
        view.directory.upward(unit).any(|above| self.subjects.contains(&Subject::Unit(above)))
    }

    fn is_led_by_subject(&self, unit: UnitId, view: View) -> bool {
        let leads = |person, above| {
            let leader = [Role::ResponsibleLeader, Role::ClosingLeader];
            leader.into_iter().any(|role| view.directory.holds(person, role, above, view.now))
        };
        self.subjects.iter().any(|subject| match subject {
            Subject::Person(person) => view.directory.upward(unit).any(|above| leads(*person, above)),
            Subject::Unit(_) => false,
        })
    }
}

/// Returns the case that an event names.
fn points_to(event: &CaseEvent) -> Option<CaseId> {
    match event {
        CaseEvent::Linked { other, .. }
        | CaseEvent::LikelyDuplicateFlagged { other, .. }
        | CaseEvent::FindingCorroborated { from: Some(other), .. }
        | CaseEvent::MergedInto { target: other, .. } => Some(*other),
        _ => None,
    }
}

/// Returns whether a source system hands over a finding: it knows what it says and reads nothing here.
fn hands_over(step: &Step) -> bool {
    step.actor().role == Role::SourceSystem
        && matches!(
            step.event,
            CaseEvent::FindingReported { .. } | CaseEvent::FindingAmended { .. } | CaseEvent::FindingRepeated { .. }
        )
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::event::Relation;
    use crate::finding::Severity;

    const OTHER: CaseId = case(2);

    fn accusation(subject: Subject) -> History {
        History::registered(petition("1", PetitionClass::Accusation, &[subject]), Severity::Ordinary)
    }

    fn request(subject: Subject) -> History {
        History::registered(petition("1", PetitionClass::Request, &[subject]), Severity::Ordinary)
    }

    fn assigned(history: History, lead: UnitId) -> History {
        history.then(officer(), CaseEvent::Assigned { assignment: assignment(lead, one_level()) })
    }

    fn note() -> CaseEvent {
        CaseEvent::NoteAdded { text: "已了解".into() }
    }

    #[test]
    fn an_accusation_is_not_handled_by_its_subject_nor_below_it_nor_led_by_who_is_below() {
        let leads = [(3, "subject_in_charge"), (3, "subject_leads")];
        assert_eq!(assigned(accusation(Subject::Unit(WATER)), WATER).breaks(), leads);
        assert_eq!(assigned(accusation(Subject::Unit(WATER)), WATER_STATION).breaks(), leads);
        assert_eq!(assigned(accusation(Subject::Unit(WATER)), ROADS).breaks(), []);
        let leader = person(WATER, Role::ResponsibleLeader);
        assert_eq!(assigned(accusation(Subject::Person(leader)), WATER).breaks(), leads);
    }

    #[test]
    fn a_request_is_handled_by_the_unit_complained_about_which_never_verifies() {
        assert_eq!(assigned(request(Subject::Unit(WATER)), WATER).breaks(), []);
        let history = assigned(request(Subject::Unit(COUNTY_OFFICE)), WATER);
        assert_eq!(history.breaks(), [(3, "subject_holds_level")]);
        let verifies = History::reported().then(
            officer(),
            CaseEvent::SubjectsNamed { subjects: vec![Subject::Person(verifier().person)], reason: "来信".into() },
        );
        assert_eq!(verifies.then(verifier(), failed()).breaks(), [(3, "subject_verifies")]);
    }

    #[test]
    fn who_is_accused_or_recused_does_not_act() {
        assert_eq!(accusation(Subject::Unit(WATER)).then(handler(), note()).breaks(), [(3, "subject_acts")]);
        let recused = CaseEvent::Recused { person: officer().person, reason: "亲属".into() };
        let history = request(Subject::Unit(WATER)).then(officer(), recused);
        assert_eq!(history.then(officer(), note()).breaks(), [(3, "recused_acts")]);
    }

    #[test]
    fn naming_who_answers_takes_the_case_back_at_once() {
        let named = |unit| CaseEvent::SubjectsNamed { subjects: vec![Subject::Unit(unit)], reason: "来信".into() };
        let taken_back = || CaseEvent::TakenBack { units: vec![WATER], had_read: vec![1] };
        let history = || assigned(accusation(Subject::Unit(ROADS)), WATER).then(officer(), named(WATER));
        assert_eq!(history().breaks(), [(3, "not_taken_back")]);
        assert_eq!(history().then(officer(), note()).breaks(), [(3, "not_taken_back")]);
        assert_eq!(history().then(officer(), taken_back()).breaks(), []);
    }

    #[test]
    fn an_officer_who_names_their_own_office_may_still_do_what_follows() {
        let named = CaseEvent::SubjectsNamed { subjects: vec![Subject::Unit(COUNTY_OFFICE)], reason: "来信".into() };
        let designated = CaseEvent::VerifierDesignated { level: 0, unit: OFFICE, reason: "被反映".into() };
        let history = assigned(accusation(Subject::Unit(ROADS)), WATER).then(officer(), named);
        assert_eq!(history.breaks(), [(3, "not_taken_back")]);
        let answered = history.then(officer(), designated);
        assert_eq!(answered.breaks(), []);
        assert_eq!(answered.then(officer(), note()).breaks(), [(3, "subject_acts")]);
    }

    #[test]
    fn an_accusation_from_an_older_ledger_has_its_wall() {
        let carried_over = |lead| {
            let accusation = petition("1", PetitionClass::Accusation, &[Subject::Unit(WATER)]);
            let declared = declared(accusation, crate::carried_over::Standing::UnderWay).into();
            let assignment = Some(declared_assignment(lead, one_level()));
            let (number, severity) = (number(1), Severity::Ordinary);
            let event = CaseEvent::CarriedOver { number, office: COUNTY_OFFICE, severity, declared, assignment };
            History::begun().then(officer(), event)
        };
        assert_eq!(carried_over(ROADS).then(by(ROADS, Role::Handler), note()).breaks(), []);
        assert_eq!(carried_over(ROADS).then(handler(), note()).breaks(), [(3, "subject_acts")]);
        assert!(carried_over(WATER).breaks().contains(&(3, "subject_in_charge")));
    }

    #[test]
    fn what_once_was_an_accusation_stays_one() {
        let amended = petition("1", PetitionClass::Request, &[Subject::Unit(WATER)]);
        let history = accusation(Subject::Unit(WATER))
            .then(source(), CaseEvent::FindingAmended { finding: amended.into() })
            .then(handler(), note());
        assert_eq!(history.breaks(), [(3, "subject_acts")]);
    }

    #[test]
    fn what_the_accused_can_read_does_not_name_the_accusation() {
        let reported = CaseEvent::FindingReported { finding: finding("2").into() };
        let linked = CaseEvent::Linked { other: CASE, relation: Relation::SimilarTo };
        let history = accusation(Subject::Unit(WATER)).of(OTHER, source(), reported).of(OTHER, officer(), linked);
        assert_eq!(history.breaks(), [(3, "points_to_accusation")]);
    }
}
