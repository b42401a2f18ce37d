//! Somebody else looks and says whether it is fixed (rules 1 and 2).

use crate::assignment::{Level, Method};
use crate::case::Case;
use crate::completion::Verdict;
use crate::decide::guard::Guard;
use crate::decide::{Facts, assignment, reading};
use crate::event::CaseEvent;
use crate::evidence::Side;
use crate::finding::Subject;
use crate::identity::{Digest, PersonId, UnitId};
use crate::quantity::{Amounts, Quantity};
use crate::refusal::{Refusal, Refused};

/// What a verifier says.
pub(super) struct Passing {
    pub(super) level: u32,
    pub(super) relied_on: Vec<Digest>,
    pub(super) verified: Amounts,
    pub(super) verdict: Option<Verdict>,
    pub(super) opinion: String,
}

pub(super) fn pass(case: &Case, passing: Passing, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refused> {
    let Passing { level: number, relied_on, verified, verdict, opinion } = passing;
    let opinion = reading::text(&opinion)?;
    let (level, unit) = may_verify(case, number, facts)?;
    relies_on(case, level, unit, &relied_on, facts)?;
    reading::amounts(&verified)?;
    let within = verified.iter().all(|(kind, n)| {
        let quantity = case.quantities.get(kind).copied().unwrap_or_default();
        Quantity { verified: *n, ..quantity }.outstanding().is_some()
    });
    Guard::VerifiedWasFound.require(within, Refusal::FixedExceedsFound)?;
    let owed = case.assignment.as_ref().map_or(0, |a| a.levels.len());
    let last = case.passed.len() + 1 >= owed || Guard::EveryLevelPassed.is_out();
    let passed = CaseEvent::LevelPassed { level: number, unit, relied_on, verified, verdict, opinion };
    let verified = last.then(|| CaseEvent::Verified { levels: u32::try_from(owed).unwrap_or(u32::MAX) });
    Ok(std::iter::once(passed).chain(verified).collect())
}

pub(super) fn fail(case: &Case, level: u32, reason: &str, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    let reason = reading::reason(reason)?;
    let (_, unit) = may_verify(case, level, facts)?;
    Ok(CaseEvent::VerificationFailed { level, unit, reason })
}

pub(super) fn designate(
    case: &Case,
    level: u32,
    unit: UnitId,
    reason: &str,
    facts: &Facts<'_>,
) -> Result<CaseEvent, Refused> {
    let reason = reading::reason(reason)?;
    reading::unit(unit, facts)?;
    let a = case.assignment.as_ref().ok_or(Refusal::NoSuchLevel)?;
    let place = usize::try_from(level).unwrap_or(usize::MAX);
    if place >= a.levels.len() || place < case.passed.len() {
        return Err(Refusal::NoSuchLevel.into());
    }
    if !assignment::is_eligible(unit, case, a, facts) {
        return Err(Refusal::HolderNotEligible.into());
    }
    Ok(CaseEvent::VerifierDesignated { level, unit, reason })
}

/// Checks that the actor may verify a level now; returns it and the unit that holds it.
fn may_verify<'a>(case: &'a Case, number: u32, facts: &Facts<'_>) -> Result<(&'a Level, UnitId), Refused> {
    let levels = case.assignment.as_ref().map(|a| a.levels.as_slice()).unwrap_or_default();
    let place = usize::try_from(number).unwrap_or(usize::MAX);
    let level = levels.get(place).ok_or(Refusal::NoSuchLevel)?;
    Guard::LevelsInOrder.require(case.next_level() == Some(number), Refusal::LevelOutOfOrder)?;
    let holder = level.holder.ok_or(Refusal::LevelHasNoHolder)?;
    let holds = facts.directory.belongs(facts.actor.unit, holder);
    Guard::HolderVerifies.require(holds, Refusal::NotTheVerifyingUnit)?;
    for person in facts.actor.persons() {
        let responsible = case.responsible().any(|unit| works_in(person, unit, facts));
        Guard::ResponsibleDoesNotVerify.require(!responsible, Refusal::VerifiedByResponsibleUnit)?;
        let reporter = case.reporters.contains(&person);
        Guard::ReporterDoesNotVerify.require(!reporter, Refusal::VerifierPlannedOrReported)?;
        Guard::SubjectDoesNotVerify.require(!is_of_subject(person, case, facts), Refusal::SubjectWouldVerify)?;
    }
    Ok((level, holder))
}

/// Returns whether a level was passed in this round by a subject, or by somebody who works in one.
pub(super) fn by_subject(case: &Case, facts: &Facts<'_>) -> bool {
    case.passed.iter().flat_map(|passed| &passed.by).any(|person| is_of_subject(*person, case, facts))
}

fn is_of_subject(person: PersonId, case: &Case, facts: &Facts<'_>) -> bool {
    case.subjects.iter().any(|subject| match subject {
        Subject::Unit(unit) => works_in(person, *unit, facts),
        Subject::Person(accused) => *accused == person,
    })
}

fn works_in(person: PersonId, unit: UnitId, facts: &Facts<'_>) -> bool {
    facts.directory.holdings(person, facts.now).any(|h| facts.directory.belongs(h.unit, unit))
}

/// Checks the evidence a verifier relies on.
fn relies_on(
    case: &Case,
    level: &Level,
    holder: UnitId,
    relied_on: &[Digest],
    facts: &Facts<'_>,
) -> Result<(), Refused> {
    Guard::EvidenceNamed.require(!relied_on.is_empty(), Refusal::EvidenceNotNamed)?;
    let reported = case.report.as_ref().map_or(u64::MAX, |report| report.version);
    let mut gathered = false;
    for digest in relied_on {
        let about = |mut refused: Refused| {
            refused.about = Some(digest.to_string());
            refused
        };
        let entry = case.evidence.get(digest).ok_or(Refused::from(Refusal::NoSuchEvidence)).map_err(about)?;
        let on_site = entry.side == Side::Verifier && entry.unit == holder;
        let this_round = entry.filed > reported && (entry.side == Side::Responsible || on_site);
        let opened = facts.opened.contains(digest) || entry.by == facts.actor.person;
        Guard::WithdrawnNotReliedOn.require(entry.withdrawn.is_none(), Refusal::EvidenceIsWithdrawn).map_err(about)?;
        Guard::EvidenceOfThisRound.require(this_round, Refusal::EvidenceNotOfThisRound).map_err(about)?;
        Guard::EvidenceOpened.require(opened, Refusal::EvidenceNotOpened).map_err(about)?;
        gathered |= on_site;
    }
    let enough = level.method == Method::OnFile || gathered;
    Guard::GatheredOnSite.require(enough, Refusal::NothingGatheredOnSite)
}
