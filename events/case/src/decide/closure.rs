//! Approval, closure, and what comes after it.

use crate::case::Case;
use crate::command::Term;
use crate::completion::Outcome;
use crate::deadline::Start;
use crate::decide::guard::Guard;
use crate::decide::{Facts, assignment, firewall, reading, repair};
use crate::event::{CaseEvent, Ground, HandedAct};
use crate::refusal::{Refusal, Refused};
use crate::stage::Stage;

pub(super) fn approve(case: &Case, opinion: &str, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    let opinion = reading::text(opinion)?;
    if !case.owes_approval() {
        return Err(Refusal::ApprovalNotOwed.into());
    }
    let leader = case.assignment.as_ref().and_then(|a| a.responsible_leader);
    for person in facts.actor.persons() {
        let another = leader != Some(person);
        Guard::ApproverIsNotResponsible.require(another, Refusal::ApproverIsResponsibleLeader)?;
        let verified = case.verifiers().any(|verifier| verifier == person);
        Guard::ApproverDidNotVerify.require(!verified, Refusal::ApproverVerified)?;
    }
    Ok(CaseEvent::ClosureApproved { opinion })
}

pub(super) fn decline(case: &Case, reason: &str) -> Result<CaseEvent, Refused> {
    if !case.owes_approval() {
        return Err(Refusal::ApprovalNotOwed.into());
    }
    Ok(CaseEvent::SetAside { ground: Ground::ApprovalDeclined, reason: reading::reason(reason)? })
}

pub(super) fn set_aside(ground: Ground, reason: &str) -> Result<CaseEvent, Refused> {
    if ground == Ground::ApprovalDeclined {
        return Err(Refusal::WrongGround.into());
    }
    Ok(CaseEvent::SetAside { ground, reason: reading::reason(reason)? })
}

/// Asks every facet for what stands in the way, and names it all at once.
pub(super) fn close(case: &Case, outcome: Option<Outcome>, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    let reported = case.report.as_ref().map(|report| report.outcome);
    let outcome = outcome.or(reported).ok_or(Refusal::WrongStage)?;
    let verifiers: Vec<_> = case.verifiers().collect();
    let closer_verified = facts.actor.persons().any(|person| verifiers.contains(&person));
    let obstacles = [
        Guard::GraveIsApproved.require(!case.owes_approval() || case.approval.is_some(), Refusal::ApprovalMissing),
        Guard::CloserDidNotVerify.require(!closer_verified, Refusal::CloserVerified),
        Guard::NothingOutstanding
            .require(!outcome.is_fixed() || case.outstanding().is_empty(), Refusal::StillOutstanding),
        if case.listing.is_some() { Err(Refusal::ListingOpen.into()) } else { Ok(()) },
        repair::review_in_future(outcome, facts),
    ];
    let grounds: Vec<Refusal> = obstacles.into_iter().filter_map(Result::err).flat_map(|r| r.grounds).collect();
    if grounds.is_empty() {
        Ok(CaseEvent::Closed { outcome, rest: case.rest.keys().copied().collect() })
    } else {
        Err(Refused { grounds, about: None })
    }
}

pub(super) fn reopen(case: &Case, reason: &str, term: &Term, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refused> {
    let reason = reading::reason(reason)?;
    let deadline = assignment::term(term, Start::Reopened, facts.today(), facts)?;
    let then = Case { stage: Some(Stage::Rectifying), ..case.clone() };
    // Who answered for it may have been accused since it was closed.
    let consequences = firewall::consequences(&then, facts);
    Ok(std::iter::once(CaseEvent::Reopened { reason, deadline }).chain(consequences).collect())
}

pub(super) fn look_back(held: bool, note: &str) -> Result<CaseEvent, Refused> {
    Ok(CaseEvent::LookedBack { held, note: reading::text(note)? })
}

/// An office without a second eligible person hands an act to the office above.
pub(super) fn hand_up(case: &Case, act: HandedAct, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refused> {
    let from = facts.actor.unit;
    let to = facts.directory.superior_office(from).ok_or(Refusal::NoSuperiorOffice)?;
    let mut events = vec![CaseEvent::HandedUp { act, from, to }];
    if act == HandedAct::Verification {
        let level = case.next_level().ok_or(Refusal::NoSuchLevel)?;
        let a = case.assignment.as_ref().ok_or(Refusal::NoSuchLevel)?;
        if !assignment::is_eligible(to, case, a, facts) {
            return Err(Refusal::HolderNotEligible.into());
        }
        events.push(CaseEvent::VerifierDesignated { level, unit: to, reason: "报上级整改办核验".to_owned() });
    }
    Ok(events)
}
