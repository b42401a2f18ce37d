//! The firewall (rule 3): subjects named, what follows from it, and recusal.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::decide::Facts;
use crate::decide::guard::Guard;
use crate::decide::{assignment, reading, verification};
use crate::event::CaseEvent;
use crate::finding::{Finding, PetitionClass, Subject};
use crate::identity::PersonId;
use crate::permission::{Audience, Reader};
use crate::refusal::{Refusal, Refused};
use crate::stage::Stage;

pub(super) fn name(
    case: &Case,
    subjects: &[Subject],
    reason: &str,
    facts: &Facts<'_>,
) -> Result<Vec<CaseEvent>, Refused> {
    let reason = reading::reason(reason)?;
    for subject in subjects {
        match subject {
            Subject::Unit(unit) => reading::unit(*unit, facts)?,
            Subject::Person(person) if facts.directory.knows(*person) => {}
            Subject::Person(_) => return Err(Refusal::UnknownPerson.into()),
        }
    }
    let new: BTreeSet<Subject> = subjects.iter().filter(|s| !case.subjects.contains(s)).copied().collect();
    if new.is_empty() {
        return Err(Refusal::SameAsBefore.into());
    }
    let new: Vec<Subject> = new.into_iter().collect();
    let mut then = case.clone();
    then.subjects.extend(&new);
    let named = CaseEvent::SubjectsNamed { subjects: new, reason };
    Ok(std::iter::once(named).chain(consequences(&then, facts)).collect())
}

pub(super) fn recuse(case: &Case, person: PersonId, reason: &str, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    use crate::directory::Role;
    if facts.actor.role != Role::Officer && !facts.actor.persons().any(|p| p == person) {
        return Err(Refusal::RoleMayNot.into());
    }
    if !facts.directory.knows(person) {
        return Err(Refusal::UnknownPerson.into());
    }
    if case.recused.contains(&person) {
        return Err(Refusal::SameAsBefore.into());
    }
    Ok(CaseEvent::Recused { person, reason: reading::reason(reason)? })
}

/// Returns a case as it will be once it tells of a finding.
pub(super) fn telling(case: &Case, finding: &Finding) -> Case {
    let mut then = case.clone();
    then.subjects.extend(finding.subjects());
    if finding.class() == Some(PetitionClass::Accusation) {
        then.class = finding.class();
    }
    then
}

/// Returns what follows in the same append when a case becomes this one: a case whose responsible side is now accused is
/// taken back, and so is one that a subject has verified; a level whose holder is now a subject passes to another.
pub(super) fn consequences(then: &Case, facts: &Facts<'_>) -> Vec<CaseEvent> {
    if Guard::NamingTakesBack.is_out() {
        return Vec::new();
    }
    let audience = Audience::of(then, facts.directory);
    let accused = |person: PersonId| audience.walls(&Reader::of(person, facts.directory, facts.now));
    let mut events = Vec::new();
    let live = matches!(then.stage, Some(Stage::Assigned | Stage::Rectifying | Stage::Reported | Stage::Verified));
    if let Some(a) = then.assignment.as_ref().filter(|_| live) {
        let takes_back = a.responsible().any(|unit| audience.walls_unit(unit, facts.directory))
            || a.responsible_leader.is_some_and(accused)
            || then.passed.iter().flat_map(|passed| &passed.by).any(|person| accused(*person))
            || verification::by_subject(then, facts)
            || assignment::without_holder(then, a, facts);
        if takes_back {
            let units = a.responsible().collect();
            events.push(CaseEvent::TakenBack { units, had_read: (1..=then.version).collect() });
        } else {
            events.extend(assignment::redesignated(then, a, facts));
        }
    }
    if then.listing.as_ref().is_some_and(|listing| accused(listing.leader)) {
        events.push(CaseEvent::Delisted { reason: "督办责任人为被反映对象".to_owned() });
    }
    events
}

/// Checks that what goes on elsewhere takes the accusation with it, so that the firewall stands there as well.
pub(super) fn carries_accusation(case: &Case) -> Result<(), Refused> {
    let carried = case.findings.iter().any(|f| f.finding.class() == Some(PetitionClass::Accusation));
    if case.is_accusation() && !carried { Err(Refusal::WouldRevealAccusation.into()) } else { Ok(()) }
}

/// Checks that a case may name another: an accusation is named only where its subjects are kept out as well.
pub(super) fn may_point(case: &Case, other: Option<&Case>) -> Result<(), Refused> {
    let reveals = other.is_some_and(|other| {
        other.is_accusation() && !(case.is_accusation() && other.subjects.is_subset(&case.subjects))
    });
    Guard::AccusationIsNotNamed.require(!reveals, Refusal::WouldRevealAccusation)
}
