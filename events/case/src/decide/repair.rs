//! What the responsible side does: take on or give back, plan, report.

use crate::case::{Case, PlanStanding};
use crate::completion::Outcome;
use crate::decide::Facts;
use crate::decide::guard::Guard;
use crate::decide::reading;
use crate::event::CaseEvent;
use crate::evidence::{Evidence, Side};
use crate::identity::UnitId;
use crate::plan::Plan;
use crate::quantity::Amounts;
use crate::refusal::{Refusal, Refused};

/// What a lead reports as done.
pub(super) struct Report {
    pub(super) unit: UnitId,
    pub(super) outcome: Outcome,
    pub(super) account: String,
    pub(super) fixed: Amounts,
    pub(super) done: Vec<u32>,
    pub(super) evidence: Vec<Evidence>,
}

/// What is said of measures that are told as done with a completion report.
const DONE_WITH_REPORT: &str = "随销号申请报告：所列措施已完成。";

pub(super) fn accept(case: &Case, unit: UnitId) -> Result<CaseEvent, Refused> {
    answering(case, unit)?;
    Ok(CaseEvent::Accepted { unit })
}

pub(super) fn give_back(case: &Case, unit: UnitId, reason: &str) -> Result<CaseEvent, Refused> {
    answering(case, unit)?;
    Ok(CaseEvent::Returned { unit, reason: reading::reason(reason)? })
}

pub(super) fn hand_back(case: &Case, unit: UnitId, reason: &str) -> Result<CaseEvent, Refused> {
    answering(case, unit)?;
    Ok(CaseEvent::HandedBack { unit, reason: reading::reason(reason)? })
}

pub(super) fn submit_plan(case: &Case, unit: UnitId, plan: Plan, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    lead(case, unit)?;
    if plan.measures.is_empty() {
        return Err(Refusal::EmptyPlan.into());
    }
    for measure in &plan.measures {
        reading::text(&measure.text)?;
        if !case.responsible().any(|responsible| facts.directory.belongs(measure.unit, responsible)) {
            return Err(Refusal::NotResponsible.into());
        }
    }
    Ok(CaseEvent::PlanSubmitted { unit, plan })
}

pub(super) fn approve_plan(case: &Case, unit: UnitId) -> Result<CaseEvent, Refused> {
    waiting_plan(case, unit)?;
    Ok(CaseEvent::PlanApproved { unit })
}

pub(super) fn return_plan(case: &Case, unit: UnitId, reason: &str) -> Result<CaseEvent, Refused> {
    waiting_plan(case, unit)?;
    Ok(CaseEvent::PlanReturned { unit, reason: reading::reason(reason)? })
}

pub(super) fn report_progress(
    case: &Case,
    unit: UnitId,
    text: &str,
    fixed: Amounts,
    done: Vec<u32>,
) -> Result<CaseEvent, Refused> {
    let text = reading::text(text)?;
    if !case.responsible().any(|responsible| responsible == unit) {
        return Err(Refusal::NotResponsible.into());
    }
    within_found(case, &fixed)?;
    planned(case, unit, &done)?;
    Ok(CaseEvent::ProgressReported { unit, text, fixed, done })
}

/// Joint leads each report; the first named speaks last, and its report moves the case.
pub(super) fn report_completion(case: &Case, report: Report, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refused> {
    let Report { unit, outcome, account, fixed, done, evidence } = report;
    lead(case, unit)?;
    let account = reading::text(&account)?;
    let progress = done_with_report(case, unit, done)?.into_iter();
    let filed =
        evidence.into_iter().map(|evidence| CaseEvent::EvidenceFiled { evidence, side: Side::Responsible, unit });
    let assignment = case.assignment.as_ref().ok_or(Refusal::NotALead)?;
    if assignment.answering() != Some(unit) {
        return Ok(progress.chain([CaseEvent::JointLeadReported { unit, account }]).chain(filed).collect());
    }
    if assignment.leads.iter().skip(1).any(|other| !case.joint_reports.contains(other)) {
        return Err(Refusal::JointLeadsNotReported.into());
    }
    let plans = case.plans.iter().filter(|(unit, _)| assignment.leads.contains(unit));
    if plans.into_iter().any(|(_, plan)| plan.standing != PlanStanding::Approved) {
        return Err(Refusal::PlanNotApproved.into());
    }
    review_in_future(outcome, facts)?;
    within_found(case, &fixed)?;
    let reported = CaseEvent::CompletionReported { unit, outcome, account, fixed };
    Ok(progress.chain([reported]).chain(filed).collect())
}

/// Returns how measures are told that are done with a completion report; nothing where all were told before.
fn done_with_report(case: &Case, unit: UnitId, mut done: Vec<u32>) -> Result<Option<CaseEvent>, Refused> {
    planned(case, unit, &done)?;
    let known = case.plans.get(&unit).map(|state| &state.done);
    done.retain(|at| known.is_none_or(|known| !known.contains(at)));
    let (text, fixed) = (DONE_WITH_REPORT.to_owned(), Amounts::new());
    Ok((!done.is_empty()).then_some(CaseEvent::ProgressReported { unit, text, fixed, done }))
}

pub(super) fn restate(case: &Case, found: Amounts, reason: &str) -> Result<CaseEvent, Refused> {
    let reason = reading::reason(reason)?;
    covers(case, &found)?;
    Ok(CaseEvent::QuantitiesRestated { found, reason })
}

/// Checks that amounts found are no less than what is fixed or split off already.
pub(super) fn covers(case: &Case, found: &Amounts) -> Result<(), Refused> {
    reading::amounts(found)?;
    let covered = case.quantities.iter().all(|(kind, quantity)| {
        let then = crate::quantity::Quantity { found: found.get(kind).copied().unwrap_or(0), ..*quantity };
        then.balances()
    });
    Guard::FoundCoversFixed.require(covered, Refusal::FoundBelowFixed)
}

/// Checks that the review of what is kept up lies in the future.
pub(super) fn review_in_future(outcome: Outcome, facts: &Facts<'_>) -> Result<(), Refused> {
    match outcome {
        Outcome::DoneAndKeptUp { review } if review <= facts.today() => Err(Refusal::ReviewNotInFuture.into()),
        _ => Ok(()),
    }
}

fn within_found(case: &Case, fixed: &Amounts) -> Result<(), Refused> {
    reading::amounts(fixed)?;
    let within = fixed.iter().all(|(kind, n)| *n <= case.quantities.get(kind).map_or(0, |q| q.found));
    Guard::FixedWasFound.require(within, Refusal::FixedExceedsFound)
}

/// Checks that a unit's plan has measures at some places.
fn planned(case: &Case, unit: UnitId, done: &[u32]) -> Result<(), Refused> {
    let measures = case.plans.get(&unit).map_or(0, |state| state.plan.measures.len());
    if done.iter().any(|at| usize::try_from(*at).map_or(true, |at| at >= measures)) {
        return Err(Refusal::NoSuchMeasure.into());
    }
    Ok(())
}

fn lead(case: &Case, unit: UnitId) -> Result<(), Refused> {
    if case.is_led_by(unit) { Ok(()) } else { Err(Refusal::NotALead.into()) }
}

fn answering(case: &Case, unit: UnitId) -> Result<(), Refused> {
    let answers = case.assignment.as_ref().and_then(crate::assignment::Assignment::answering) == Some(unit);
    if answers { Ok(()) } else { Err(Refusal::NotALead.into()) }
}

fn waiting_plan(case: &Case, unit: UnitId) -> Result<(), Refused> {
    match case.plans.get(&unit) {
        Some(state) if state.standing == PlanStanding::Submitted => Ok(()),
        _ => Err(Refusal::NoPlan.into()),
    }
}
