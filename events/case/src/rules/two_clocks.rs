//! Rule 6: two clocks. Recorded times never go backwards; nothing happens in the future, before discovery or before the spine
//! event it follows; a unit's own acts happen when recorded, and only the office enters an earlier one, with a document. What
//! an older ledger declares happened before it was carried over, and not before discovery.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::past::Step;
use super::violation::{Rule, Violation};
use crate::carried_over::Declared;
use crate::directory::Role;
use crate::envelope::{Cause, Envelope, Event, StreamId};
use crate::event::{CaseEvent, Field};
use crate::identity::CaseId;
use crate::time::{Happened, Zone};

/// Watches both clocks.
#[derive(Clone, Debug, Default)]
pub struct TwoClocks {
    recorded: Option<DateTime<Utc>>,
    cases: HashMap<CaseId, Times>,
}

/// When a case's past happened, at the earliest.
#[derive(Clone, Debug, Default)]
struct Times {
    discovered: Option<DateTime<Utc>>,
    last_spine: Option<DateTime<Utc>>,
}

impl TwoClocks {
    /// Judges one event of any stream.
    pub fn feed(&mut self, at: usize, envelope: &Envelope, zone: Zone, out: &mut Vec<Violation>) {
        let Envelope { happened, recorded, .. } = envelope;
        let case = match envelope.stream {
            StreamId::Case(case) | StreamId::Access(case) => Some(case),
            StreamId::Directory => None,
        };
        let mut breaks = |code, what: String| out.push(Violation { rule: Rule::Six, case, at, code, what });
        if let Some(before) = self.recorded.filter(|before| before > recorded) {
            breaks("recorded_backwards", format!("it was recorded at {recorded}, after one recorded at {before}"));
        }
        self.recorded = self.recorded.max(Some(*recorded));
        if happened.earliest(zone) > *recorded {
            breaks("happened_in_the_future", format!("it happened at {happened} and was recorded at {recorded}"));
        }
        // A day is not earlier than an instant on it: no precision is invented.
        let is_finding = matches!(&envelope.event, Event::Case(event) if brings_finding(event));
        if !is_finding && happened.latest(zone) < *recorded {
            if envelope.actor.role != Role::Officer {
                breaks("entered_late_by_unit", format!("it happened at {happened}, and no officer entered it"));
            } else if !matches!(envelope.cause, Some(Cause::Document(_))) {
                breaks("entered_late_without_document", format!("it happened at {happened}, and names no document"));
            }
        }
    }

    /// Judges one event of a case against the case's past.
    pub fn feed_case(&mut self, step: &Step, out: &mut Vec<Violation>) {
        let of_parent = match step.event {
            CaseEvent::PartOpened { parent, .. } => self.cases.get(parent).and_then(|parent| parent.discovered),
            _ => None,
        };
        let times = self.cases.entry(step.case).or_default();
        let happened = step.envelope.happened;
        let is_before = |past: Option<DateTime<Utc>>| past.is_some_and(|past| happened.latest(step.zone) < past);
        if !brings_finding(step.event) {
            if is_before(times.discovered) {
                let what = format!("it happened at {happened}, before the case was discovered");
                out.push(step.breaks(Rule::Six, "before_discovery", what));
            }
            if is_before(times.last_spine) {
                let what = format!("it happened at {happened}, before the step of the case that it follows");
                out.push(step.breaks(Rule::Six, "before_what_it_follows", what));
            }
        }
        if let CaseEvent::CarriedOver { declared, .. } = step.event {
            judge_declared(declared, step, out);
        }
        let discovered = discovered(step.event).map(|discovered| discovered.earliest(step.zone)).or(of_parent);
        times.discovered = times.discovered.into_iter().chain(discovered).min();
        if step.event.is_spine() {
            times.last_spine = Some(happened.earliest(step.zone));
        }
    }
}

/// Judges the days that an older ledger declares.
fn judge_declared(declared: &Declared, step: &Step, out: &mut Vec<Violation>) {
    let found = declared.finding.discovered;
    for day in declared.days().chain([found]).chain(declared.registered) {
        if day.earliest(step.zone) > step.recorded() {
            out.push(step.breaks(Rule::Six, "declared_in_the_future", format!("{day} is declared, which is to come")));
        }
    }
    for day in declared.days().filter(|day| day.latest(step.zone) < found.earliest(step.zone)) {
        let what = format!("{day} is declared, before the discovery on {found}");
        out.push(step.breaks(Rule::Six, "declared_before_discovery", what));
    }
}

/// Returns whether an event brings a finding, which happens when its source says.
fn brings_finding(event: &CaseEvent) -> bool {
    matches!(
        event,
        CaseEvent::FindingReported { .. }
            | CaseEvent::FindingAmended { .. }
            | CaseEvent::FindingRepeated { .. }
            | CaseEvent::FindingCorroborated { .. }
    )
}

/// Returns when an event says that something was discovered. Of several such words the earliest counts.
fn discovered(event: &CaseEvent) -> Option<Happened> {
    match event {
        CaseEvent::FindingReported { finding }
        | CaseEvent::FindingAmended { finding }
        | CaseEvent::FindingCorroborated { finding, .. } => Some(finding.discovered),
        CaseEvent::CarriedOver { declared, .. } => Some(declared.finding.discovered),
        CaseEvent::PartOpened { findings, .. } | CaseEvent::MergeReceived { findings, .. } => {
            findings.iter().map(|finding| finding.discovered).min()
        }
        CaseEvent::Corrected { field: Field::Discovered, new, .. } => new.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::sample::*;
    use super::*;
    use crate::carried_over::Standing;
    use crate::completion::Outcome;
    use crate::finding::Severity;

    fn accepted() -> History {
        History::accepted(Severity::Ordinary, assignment(WATER, one_level()))
    }

    fn note() -> CaseEvent {
        CaseEvent::NoteAdded { text: "已约谈".into() }
    }

    #[test]
    fn nothing_happens_in_the_future_nor_is_recorded_backwards() {
        let future =
            accepted().then(officer(), note()).but(|e| e.happened = Happened::At(e.recorded + TimeDelta::days(1)));
        assert_eq!(future.breaks(), [(6, "happened_in_the_future")]);
        let backwards = accepted().then(officer(), note()).but(|e| {
            e.recorded -= TimeDelta::hours(1);
            e.happened = Happened::At(e.recorded);
        });
        assert_eq!(backwards.breaks()[0], (6, "recorded_backwards"));
    }

    #[test]
    fn what_an_older_ledger_declares_lies_between_discovery_and_now() {
        let closed = |on: &str| {
            let on = Some(Happened::On(on.parse().unwrap()));
            History::carried_over(Standing::Closed { outcome: Outcome::Rectified, on }, None).breaks()
        };
        assert_eq!(closed("2020-04-21"), []);
        assert_eq!(closed("2020-04-22"), [(6, "declared_in_the_future")]);
        assert_eq!(closed("2020-03-31"), [(6, "declared_before_discovery")]);
    }

    #[test]
    fn only_the_office_enters_late_and_with_a_document() {
        let late = |actor, cause: Option<Cause>| {
            accepted().later(TimeDelta::days(3)).then(actor, note()).but(|e| {
                e.happened = Happened::On("2020-04-22".parse().unwrap());
                e.cause = cause;
            })
        };
        let document = || Some(Cause::Document("会议纪要".into()));
        assert_eq!(late(officer(), document()).breaks(), []);
        assert_eq!(late(officer(), None).breaks(), [(6, "entered_late_without_document")]);
        assert_eq!(late(handler(), document()).breaks(), [(6, "entered_late_by_unit")]);
    }

    #[test]
    fn nothing_happens_before_the_step_it_follows_or_before_discovery() {
        let on = |day: &str| {
            accepted().later(TimeDelta::days(3)).then(officer(), note()).but(|e| {
                e.happened = Happened::On(day.parse().unwrap());
                e.cause = Some(Cause::Document("会议纪要".into()));
            })
        };
        assert_eq!(on("2020-04-20").breaks(), [(6, "before_what_it_follows")]);
        assert_eq!(on("2020-03-31").breaks(), [(6, "before_discovery"), (6, "before_what_it_follows")]);
    }
}
