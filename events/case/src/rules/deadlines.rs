//! Rule 5: deadlines have reasons. Each is what its start, days and suspensions give; reassignment does not move it; an extension
//! is asked before expiry; reopening sets a new one; what an older ledger declares says that it does.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::past::Step;
use super::violation::{Rule, Violation};
use crate::deadline::{Deadline, Start};
use crate::event::CaseEvent;
use crate::identity::CaseId;
use crate::time::Zone;

/// Watches that no deadline moves without a reason.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Deadlines {
    cases: BTreeMap<CaseId, Period>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Period {
    due: Option<DateTime<Utc>>,
    /// Whether an extension was asked and not yet answered.
    asked: bool,
}

impl Deadlines {
    /// Judges one event of a case.
    pub fn feed(&mut self, step: &Step, out: &mut Vec<Violation>) {
        let period = self.cases.entry(step.case).or_default();
        let mut breaks = |code, what: String| out.push(step.breaks(Rule::Five, code, what));
        match step.event {
            CaseEvent::CarriedOver { assignment: Some(assignment), .. } => {
                let Deadline { starts, rule, .. } = &assignment.deadline;
                if *starts != Start::CarriedOver || rule.cite.trim().is_empty() {
                    breaks("declared_without_saying_so", "the deadline does not say that it was carried over".into());
                }
            }
            CaseEvent::Reassigned { assignment, .. } => {
                if let Some(due) = period.due.filter(|due| *due != assignment.deadline.due) {
                    let what = format!("reassignment moved the deadline from {due} to {}", assignment.deadline.due);
                    breaks("moved_by_reassignment", what);
                }
            }
            CaseEvent::Reopened { deadline, .. } => {
                let day = step.envelope.happened.day(step.zone);
                if deadline.from < day {
                    breaks("reopened_in_the_past", format!("the new period starts on {}, before {day}", deadline.from));
                }
            }
            CaseEvent::ExtensionRequested { .. } => {
                if let Some(due) = period.due.filter(|due| *due <= step.recorded()) {
                    breaks("asked_too_late", format!("the extension was asked after the deadline of {due}"));
                }
                period.asked = true;
            }
            CaseEvent::ExtensionGranted { .. } => {
                if !period.asked {
                    breaks("granted_unasked", "no extension was asked".into());
                }
                period.asked = false;
            }
            CaseEvent::ExtensionRefused { .. } => period.asked = false,
            _ => {}
        }
        if let Some(deadline) = deadline_set(step.event) {
            let (last_day, due) = recounted(deadline, step.zone);
            if (last_day, due) != (deadline.last_day, deadline.due) {
                breaks("miscounted", format!("the period ends on {last_day} and not on {}", deadline.last_day));
            }
            period.due = Some(deadline.due);
        }
    }
}

fn deadline_set(event: &CaseEvent) -> Option<&Deadline> {
    match event {
        CaseEvent::Assigned { assignment }
        | CaseEvent::Reassigned { assignment, .. }
        | CaseEvent::CarriedOver { assignment: Some(assignment), .. }
        | CaseEvent::MergeReceived { assignment: Some(assignment), .. } => Some(&assignment.deadline),
        CaseEvent::MergeReceived { deadline, .. } => deadline.as_ref(),
        CaseEvent::Reopened { deadline, .. }
        | CaseEvent::ExtensionGranted { deadline, .. }
        | CaseEvent::DeadlineChanged { deadline, .. } => Some(deadline),
        _ => None,
    }
}

fn recounted(deadline: &Deadline, zone: Zone) -> (chrono::NaiveDate, DateTime<Utc>) {
    let Deadline { starts, from, rule, days, .. } = deadline.clone();
    let mut counted = Deadline::counted(starts, from, rule, days, zone);
    // Adding the last suspension counts them all.
    if let Some((last, before)) = deadline.suspensions.split_last() {
        counted.suspensions = before.to_vec();
        counted = counted.suspended(last.clone(), zone);
    }
    (counted.last_day, counted.due)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::sample::*;
    use super::*;
    use crate::deadline::Start;
    use crate::finding::Severity;

    fn accepted() -> History {
        History::accepted(Severity::Ordinary, assignment(WATER, one_level()))
    }

    fn asked() -> CaseEvent {
        CaseEvent::ExtensionRequested { unit: WATER, until: "2020-06-30".parse().unwrap(), reason: "汛期".into() }
    }

    #[test]
    fn an_extension_is_asked_before_the_deadline_and_granted_when_asked() {
        assert_eq!(accepted().later(TimeDelta::days(29)).then(handler(), asked()).breaks(), []);
        let late = accepted().later(TimeDelta::days(31)).then(handler(), asked());
        assert_eq!(late.breaks(), [(5, "asked_too_late")]);
        let deadline = deadline(Start::Extended, "2020-04-21", 60);
        let granted = CaseEvent::ExtensionGranted { deadline, asked_by: vec![] };
        assert_eq!(accepted().then(officer(), granted).breaks(), [(5, "granted_unasked")]);
    }

    #[test]
    fn a_deadline_from_an_older_ledger_says_so() {
        let carried_over =
            |assignment| History::carried_over(crate::carried_over::Standing::UnderWay, Some(assignment));
        assert_eq!(carried_over(declared_assignment(WATER, one_level())).breaks(), []);
        assert_eq!(carried_over(assignment(WATER, one_level())).breaks(), [(5, "declared_without_saying_so")]);
    }

    #[test]
    fn reassignment_does_not_move_a_deadline() {
        let reassigned = |days| {
            let deadline = deadline(Start::Assigned, "2020-04-21", days);
            let assignment = crate::assignment::Assignment { deadline, ..assignment(ROADS, one_level()) };
            accepted().then(officer(), CaseEvent::Reassigned { assignment, reason: "职责".into() })
        };
        assert_eq!(reassigned(30).breaks(), []);
        assert_eq!(reassigned(40).breaks(), [(5, "moved_by_reassignment")]);
    }

    #[test]
    fn a_deadline_is_what_its_days_give() {
        let mut deadline = deadline(Start::Assigned, "2020-04-21", 30);
        deadline.last_day = "2020-05-22".parse().unwrap();
        let changed = CaseEvent::DeadlineChanged { deadline, reason: "汛期".into() };
        assert_eq!(accepted().then(officer(), changed).breaks(), [(5, "miscounted")]);
    }
}
