//! The firewall (rule 3): subjects named, what follows from it, and recusal.

use std::collections::BTreeSet;

use crate::case::Case;
use crate::decide::Facts;
use crate::decide::guard::Guard;
use crate::decide::{assignment, reading};
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
    let consequences = consequences(case, case.findings.iter().map(|f| &f.finding), &new, facts);
    let named = CaseEvent::SubjectsNamed { subjects: new, reason };
    Ok(std::iter::once(named).chain(consequences).collect())
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

/// Returns what follows in the same append when the findings or the subjects of a case become these: a case whose
/// responsible side is now accused is taken back, a level whose holder is now a subject passes to another.
pub(super) fn consequences<'a>(
    case: &Case,
    findings: impl Iterator<Item = &'a Finding>,
    added: &[Subject],
    facts: &Facts<'_>,
) -> Vec<CaseEvent> {
    if Guard::NamingTakesBack.is_out() {
        return Vec::new();
    }
    let mut then = case.clone();
    then.subjects.extend(added.iter().copied());
    if findings.filter_map(Finding::class).any(|class| class == PetitionClass::Accusation) {
        then.class = Some(PetitionClass::Accusation);
    }
    let audience = Audience::of(&then, facts.directory);
    let walled = |person: PersonId| audience.walls(&Reader::of(person, facts.directory, facts.now));
    let mut events = Vec::new();
    let takes_back = case.assignment.as_ref().is_some_and(|a| {
        a.responsible().any(|unit| audience.walls_unit(unit, facts.directory))
            || a.responsible_leader.is_some_and(walled)
            || assignment::without_holder(&then, a, facts)
    });
    if takes_back && matches!(case.stage, Some(Stage::Assigned | Stage::Rectifying | Stage::Reported | Stage::Verified))
    {
        events
            .push(CaseEvent::TakenBack { units: case.responsible().collect(), had_read: (1..=case.version).collect() });
    } else if let Some(a) = &case.assignment {
        events.extend(assignment::redesignated(&then, a, facts));
    }
    if case.listing.as_ref().is_some_and(|listing| walled(listing.leader)) {
        events.push(CaseEvent::Delisted { reason: "督办责任人为被反映对象".to_owned() });
    }
    events
}

/// Checks that a case may name another: an accusation is named only where its subjects are kept out as well.
pub(super) fn may_point(case: &Case, other: Option<&Case>) -> Result<(), Refused> {
    let reveals = other.is_some_and(|other| {
        other.is_accusation() && !(case.is_accusation() && other.subjects.is_subset(&case.subjects))
    });
    if reveals { Err(Refusal::WouldRevealAccusation.into()) } else { Ok(()) }
}
