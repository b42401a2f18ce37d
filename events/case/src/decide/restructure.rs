//! Cases are split, merged, dropped, handed on and brought back. Nothing disappears (rule 4), and counts add up (rule 7).

use std::collections::BTreeSet;

use crate::assignment::Assignment;
use crate::case::Case;
use crate::command::Part;
use crate::deadline::Deadline;
use crate::decide::guard::Guard;
use crate::decide::{Decided, Facts, assignment, firewall, intake, reading, repair};
use crate::event::CaseEvent;
use crate::evidence::Evidence;
use crate::finding::Finding;
use crate::identity::{CaseId, PersonId, UnitId};
use crate::permission::{Audience, Reader};
use crate::quantity::Amounts;
use crate::refusal::{Refusal, Refused};
use crate::stage::Stage;

pub(super) fn dismiss(case: &Case, reason: &str, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refused> {
    let reason = reason.trim().to_owned();
    Guard::DismissalSaysWhy.require(!reason.is_empty(), Refusal::ReasonMissing)?;
    ending(case, CaseEvent::Dismissed { reason }, facts)
}

pub(super) fn transfer(
    case: &Case,
    receiver: &str,
    receipt: &str,
    reason: &str,
    facts: &Facts<'_>,
) -> Result<Vec<CaseEvent>, Refused> {
    let reason = reading::reason(reason)?;
    let (receiver, receipt) = (receiver.trim().to_owned(), receipt.trim().to_owned());
    let named = !receiver.is_empty() && !receipt.is_empty();
    Guard::TransferHasReceipt.require(named, Refusal::ReceiptMissing)?;
    ending(case, CaseEvent::Transferred { receiver, receipt, reason }, facts)
}

/// What was merged here is given back by the case it went into, and in no other way.
pub(super) fn revive(case: &Case, reason: &str) -> Result<CaseEvent, Refused> {
    Guard::MergedIsGivenBack.require(case.merged_into().is_none(), Refusal::MergedElsewhere)?;
    Ok(CaseEvent::Revived { reason: reading::reason(reason)? })
}

/// A case that was never registered is numbered before it ends, so that none ends without a number.
fn ending(case: &Case, event: CaseEvent, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refused> {
    let mut events = Vec::new();
    if case.stage == Some(Stage::Discovered) {
        events.push(intake::register(case, None, None, None, facts)?);
    }
    events.push(event);
    Ok(events)
}

pub(super) fn split(case: &Case, parts: Vec<Part>, reason: &str, facts: &Facts<'_>) -> Result<Vec<Decided>, Refused> {
    let reason = reading::reason(reason)?;
    if parts.len() < 2 {
        return Err(Refusal::TooFewParts.into());
    }
    let ids: BTreeSet<CaseId> = parts.iter().map(|part| part.id).chain([case.id]).collect();
    if ids.len() != parts.len() + 1 {
        return Err(Refusal::SelfReference.into());
    }
    for part in &parts {
        reading::amounts(&part.found)?;
    }
    let adds_up = sum(parts.iter().map(|part| &part.found)) == Some(case.outstanding());
    Guard::PartsAddUp.require(adds_up, Refusal::PartsDoNotAddUp)?;
    let split = CaseEvent::Split { parts: parts.iter().map(|part| part.id).collect(), reason };
    let mut decided = vec![Decided { case: case.id, event: split }];
    for part in parts {
        decided.extend(open_part(case, part, facts)?);
    }
    Ok(decided)
}

pub(super) fn split_off_rest(
    case: &Case,
    id: CaseId,
    amounts: Amounts,
    reason: &str,
    facts: &Facts<'_>,
) -> Result<Vec<Decided>, Refused> {
    let reason = reading::reason(reason)?;
    if id == case.id {
        return Err(Refusal::SelfReference.into());
    }
    reading::amounts(&amounts)?;
    let outstanding = case.outstanding();
    let within = amounts.iter().all(|(kind, n)| *n > 0 && *n <= outstanding.get(kind).copied().unwrap_or(0));
    Guard::RestWasOutstanding.require(within && !amounts.is_empty(), Refusal::RestExceedsOutstanding)?;
    let off = CaseEvent::RestSplitOff { to: id, amounts: amounts.clone(), reason };
    let part = Part { id, title: case.title.clone(), found: amounts };
    let mut decided = vec![Decided { case: case.id, event: off }];
    decided.extend(open_part(case, part, facts)?);
    Ok(decided)
}

/// A part carries the findings, the subjects and the recusals of what it is a part of, and a number of its own.
fn open_part(case: &Case, part: Part, facts: &Facts<'_>) -> Result<Vec<Decided>, Refused> {
    let Part { id, title, found } = part;
    let title = reading::text(&title)?;
    firewall::carries_accusation(case)?;
    let findings: Vec<Finding> = case.findings.iter().map(|f| f.finding.clone()).collect();
    let registered = intake::register(case, Some(case.severity), Some(&title), Some(found.clone()), facts)?;
    let mut events = vec![CaseEvent::PartOpened { parent: case.id, findings, found, title }];
    if !case.subjects.is_empty() {
        let subjects = case.subjects.iter().copied().collect();
        events.push(CaseEvent::SubjectsNamed { subjects, reason: "随原事项".to_owned() });
    }
    events.extend(case.recused.iter().map(|person| recusal(*person)));
    events.push(registered);
    Ok(events.into_iter().map(|event| Decided { case: id, event }).collect())
}

fn recusal(person: PersonId) -> CaseEvent {
    CaseEvent::Recused { person, reason: "随原事项".to_owned() }
}

fn sum<'a>(amounts: impl Iterator<Item = &'a Amounts>) -> Option<Amounts> {
    let mut total = Amounts::new();
    for (kind, n) in amounts.flatten().filter(|(_, n)| **n > 0) {
        let entry: &mut u64 = total.entry(*kind).or_default();
        *entry = entry.checked_add(*n)?;
    }
    Some(total)
}

/// Merges a case into another, in one append to both.
pub(super) fn merge(
    case: &Case,
    found: Option<Amounts>,
    reason: &str,
    facts: &Facts<'_>,
) -> Result<Vec<Decided>, Refused> {
    let reason = reading::reason(reason)?;
    let target = facts.other.filter(|other| other.stage.is_some()).ok_or(Refusal::NoSuchCase)?;
    if target.id == case.id {
        return Err(Refusal::SelfReference.into());
    }
    let fits =
        |stage| matches!(stage, Some(Stage::Discovered | Stage::Registered | Stage::Assigned | Stage::Rectifying));
    if !fits(target.stage) {
        return Err(Refusal::OtherCaseUnfit.into());
    }
    if !case.absorbed.is_empty() {
        return Err(Refusal::NumberWouldBeLost.into());
    }
    firewall::may_point(case, Some(target))?;
    if !target.is_accusation() {
        firewall::carries_accusation(case)?;
    }
    let found = found.unwrap_or_else(|| restated(case, target));
    repair::covers(target, &found)?;
    let severity = target.severity.max(case.severity);
    let deadline = earlier(target.deadline.as_ref(), case.deadline.as_ref());
    let mut together = target.clone();
    together.subjects.extend(&case.subjects);
    together.recused.extend(&case.recused);
    together.class = if case.is_accusation() { case.class } else { target.class };
    let mut assignment = target.assignment.clone();
    if let Some(a) = &mut assignment {
        join(a, case, deadline);
        keeps_firewall(&together, a.responsible().collect(), a.responsible_leader, facts)?;
        a.levels = assignment::chain(&together, a, together.owed.max(severity), facts);
    }
    keeps_firewall(&together, Vec::new(), target.listing.as_ref().map(|listing| listing.leader), facts)?;
    let known = |finding: &Finding| target.findings.iter().any(|f| f.id == finding.id());
    let findings = case.findings.iter().map(|f| f.finding.clone()).filter(|f| !known(f)).collect();
    let evidence: Vec<Evidence> = case
        .evidence
        .values()
        .filter(|e| e.withdrawn.is_none() && !target.evidence.contains_key(&e.evidence.digest))
        .map(|e| e.evidence.clone())
        .collect();
    let received = CaseEvent::MergeReceived {
        from: case.id,
        findings,
        subjects: case.subjects.iter().copied().collect(),
        evidence,
        severity,
        deadline: deadline.cloned(),
        assignment,
        found,
    };
    let own = ending(case, CaseEvent::MergedInto { target: target.id, reason }, facts)?;
    let recused = case.recused.difference(&target.recused).map(|person| recusal(*person));
    let theirs = recused.chain([received]);
    let own = own.into_iter().map(|event| Decided { case: case.id, event });
    Ok(own.chain(theirs.map(|event| Decided { case: target.id, event })).collect())
}

/// The merged case's responsible units help from now on, and the earlier deadline wins.
fn join(assignment: &mut Assignment, merged: &Case, deadline: Option<&Deadline>) {
    let more: Vec<UnitId> =
        merged.responsible().filter(|unit| !assignment.responsible().any(|known| known == *unit)).collect();
    assignment.co_responsible.extend(more);
    if let Some(deadline) = deadline {
        assignment.deadline = deadline.clone();
    }
}

/// Checks that who would answer for the merged case is none of its subjects.
fn keeps_firewall(
    together: &Case,
    units: Vec<UnitId>,
    leader: Option<PersonId>,
    facts: &Facts<'_>,
) -> Result<(), Refused> {
    let audience = Audience::of(together, facts.directory);
    let walled_leader = leader.is_some_and(|p| audience.walls(&Reader::of(p, facts.directory, facts.now)));
    let walled = walled_leader || units.into_iter().any(|unit| audience.walls_unit(unit, facts.directory));
    Guard::MergeKeepsFirewall.require(!walled, Refusal::SubjectWouldHandle)
}

/// Quantities are restated, not summed: the target's, and the merged case's where the target counts nothing.
fn restated(case: &Case, target: &Case) -> Amounts {
    let mut found = target.found();
    for (kind, n) in case.found() {
        let entry: &mut u64 = found.entry(kind).or_insert(0);
        if *entry == 0 {
            *entry = n;
        }
    }
    found
}

fn earlier<'a>(one: Option<&'a Deadline>, other: Option<&'a Deadline>) -> Option<&'a Deadline> {
    match (one, other) {
        (Some(one), Some(other)) => Some(if other.due < one.due { other } else { one }),
        (one, other) => one.or(other),
    }
}

/// Gives a merged case back, in one append to both.
pub(super) fn unmerge(case: &Case, reason: &str, facts: &Facts<'_>) -> Result<Vec<Decided>, Refused> {
    let reason = reading::reason(reason)?;
    let target = facts.other.ok_or(Refusal::NoSuchCase)?;
    let absorbed = target.absorbed.get(&case.id).ok_or(Refusal::OtherCaseUnfit)?;
    if !matches!(target.stage, Some(Stage::Discovered | Stage::Registered | Stage::Assigned | Stage::Rectifying)) {
        return Err(Refusal::OtherCaseUnfit.into());
    }
    let found = absorbed.found_before.clone();
    repair::covers(target, &found)?;
    let undone = CaseEvent::MergeUndone { from: case.id, findings: absorbed.findings.clone(), found };
    Ok(vec![
        Decided { case: case.id, event: CaseEvent::Unmerged { target: target.id, reason } },
        Decided { case: target.id, event: undone },
    ])
}
