//! Deadlines and extensions (rule 5).

use chrono::NaiveDate;

use crate::case::Case;
use crate::command::DeadlineChange;
use crate::deadline::{Deadline, Rule, Start};
use crate::decide::guard::Guard;
use crate::decide::{Facts, assignment, reading};
use crate::event::CaseEvent;
use crate::identity::UnitId;
use crate::refusal::{Refusal, Refused};

pub(super) fn request_extension(
    case: &Case,
    unit: UnitId,
    until: NaiveDate,
    reason: &str,
    facts: &Facts<'_>,
) -> Result<CaseEvent, Refused> {
    let reason = reading::reason(reason)?;
    if !case.is_led_by(unit) {
        return Err(Refusal::NotALead.into());
    }
    if case.extension.is_some() {
        return Err(Refusal::ExtensionAlreadyAsked.into());
    }
    let deadline = case.deadline.as_ref().ok_or(Refusal::NoDeadline)?;
    if deadline.is_late(facts.now) || deadline.is_late(facts.happened().earliest(facts.zone)) {
        return Err(Refusal::ExtensionTooLate.into());
    }
    if until <= deadline.last_day {
        return Err(Refusal::ExtensionNotLater.into());
    }
    Ok(CaseEvent::ExtensionRequested { unit, until, reason })
}

pub(super) fn grant_extension(case: &Case, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    let asked = case.extension.as_ref().ok_or(Refusal::NoExtensionAsked)?;
    let another = facts.actor.persons().all(|person| !asked.by.contains(&person));
    Guard::GranterDidNotAsk.require(another, Refusal::GranterAsked)?;
    let present = case.deadline.as_ref().ok_or(Refusal::NoDeadline)?;
    let rule = Rule { pack: "office".to_owned(), cite: "同意延期".to_owned() };
    let deadline = Deadline::until(Start::Extended, present.from, rule, asked.until, facts.zone);
    let deadline = deadline.ok_or(Refusal::TermNotAfterStart)?;
    Ok(CaseEvent::ExtensionGranted { deadline, asked_by: asked.by.clone() })
}

pub(super) fn refuse_extension(case: &Case, reason: &str) -> Result<CaseEvent, Refused> {
    if case.extension.is_none() {
        return Err(Refusal::NoExtensionAsked.into());
    }
    Ok(CaseEvent::ExtensionRefused { reason: reading::reason(reason)? })
}

pub(super) fn change(
    case: &Case,
    change: DeadlineChange,
    reason: &str,
    facts: &Facts<'_>,
) -> Result<CaseEvent, Refused> {
    let reason = reading::reason(reason)?;
    let present = case.deadline.as_ref().ok_or(Refusal::NoDeadline)?;
    let deadline = match change {
        DeadlineChange::Suspend(suspension) => {
            reading::reason(&suspension.reason)?;
            if suspension.to < suspension.from || (suspension.to - suspension.from).num_days() > 3_660 {
                return Err(Refusal::TermNotAfterStart.into());
            }
            present.clone().suspended(suspension, facts.zone)
        }
        DeadlineChange::Replace(term) => assignment::term(&term, present.starts, present.from, facts)?,
    };
    if deadline == *present {
        return Err(Refusal::SameAsBefore.into());
    }
    Ok(CaseEvent::DeadlineChanged { deadline, reason })
}
