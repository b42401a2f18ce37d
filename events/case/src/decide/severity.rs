//! How grave a case is held to be: raising owes more, lowering takes a second person and owes no less.

use crate::assignment::{Assignment, Level};
use crate::case::Case;
use crate::decide::guard::Guard;
use crate::decide::{Facts, assignment, reading};
use crate::event::{CaseEvent, Ground};
use crate::finding::Severity;
use crate::refusal::{Refusal, Refused};
use crate::stage::Stage;

pub(super) fn raise(case: &Case, to: Severity, reason: &str, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refused> {
    let reason = reading::reason(reason)?;
    if to <= case.severity {
        return Err(Refusal::NotHigher.into());
    }
    let owed = case.owed.max(to);
    let levels = case.assignment.as_ref().map(|a| raised(case, a, owed, facts)).unwrap_or_default();
    let mut events = Vec::new();
    if case.stage == Some(Stage::Verified) {
        events.push(CaseEvent::SetAside { ground: Ground::NewFact, reason: reason.clone() });
    }
    events.push(CaseEvent::SeverityRaised { from: case.severity, to, reason, levels });
    Ok(events)
}

/// The levels by the new severity; who was designated stays.
fn raised(case: &Case, a: &Assignment, owed: Severity, facts: &Facts<'_>) -> Vec<Level> {
    if Guard::RaisedLevelsOwed.is_out() {
        return a.levels.clone();
    }
    let mut levels = assignment::chain(case, a, owed, facts);
    for (level, before) in levels.iter_mut().zip(&a.levels).filter(|(_, before)| before.designated) {
        level.holder = before.holder;
        level.designated = true;
    }
    levels
}

pub(super) fn propose_lower(case: &Case, to: Severity, reason: &str) -> Result<CaseEvent, Refused> {
    let reason = reading::reason(reason)?;
    if to >= case.severity {
        return Err(Refusal::NotLower.into());
    }
    Ok(CaseEvent::SeverityLoweringProposed { to, reason })
}

pub(super) fn lower(case: &Case, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    let lowering = case.lowering.as_ref().ok_or(Refusal::NoLowering)?;
    let second = facts.actor.persons().all(|person| !lowering.by.contains(&person));
    Guard::SecondPersonAgrees.require(second, Refusal::SecondPersonNeeded)?;
    let proposed_by = *lowering.by.first().ok_or(Refusal::NoLowering)?;
    Ok(CaseEvent::SeverityLowered { from: case.severity, to: lowering.to, proposed_by })
}
