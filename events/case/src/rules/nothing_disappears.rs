//! Rule 4: nothing disappears. What leaves the spine says why and where it went, the other side says the same, one finding sent
//! twice is one finding, and numbers have no gaps. No arrow is taken that the lifecycle does not have.

use std::collections::{BTreeMap, BTreeSet};

use super::past::Step;
use super::violation::{Rule, Violation};
use crate::event::CaseEvent;
use crate::finding::Finding;
use crate::identity::{CaseId, FindingId};
use crate::number::{CaseNumber, Series};
use crate::stage::Stage;

/// Watches that every finding and every case can be followed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NothingDisappears {
    /// Every finding that came in.
    findings: BTreeSet<FindingId>,
    /// Which finding is attached to which case.
    attached: BTreeSet<(CaseId, FindingId)>,
    /// The last number given in each series.
    serials: BTreeMap<Series, u64>,
    /// Which case goes on in which other.
    merged: BTreeMap<CaseId, CaseId>,
    merges: Pairs,
    unmerges: Pairs,
    /// The parts that were opened, and of what.
    parts: BTreeMap<CaseId, CaseId>,
    /// The parts that a split names and that are not opened yet, with the index of the split.
    unopened: BTreeMap<(CaseId, CaseId), usize>,
}

/// Events on two streams that belong together, where only one was seen: (the merged case, its target) and the index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Pairs {
    left: BTreeMap<(CaseId, CaseId), usize>,
    received: BTreeMap<(CaseId, CaseId), usize>,
}

impl Pairs {
    fn leave(&mut self, pair: (CaseId, CaseId), at: usize) {
        if self.received.remove(&pair).is_none() {
            self.left.insert(pair, at);
        }
    }

    fn receive(&mut self, pair: (CaseId, CaseId), at: usize) {
        if self.left.remove(&pair).is_none() {
            self.received.insert(pair, at);
        }
    }

    fn finish(&self, code: &'static str, out: &mut Vec<Violation>) {
        for ((from, to), at) in &self.left {
            let what = format!("case {to} does not have the other half");
            out.push(Violation { rule: Rule::Four, case: Some(*from), at: *at, code, what });
        }
        for ((from, to), at) in &self.received {
            let what = format!("case {from} does not have the other half");
            out.push(Violation { rule: Rule::Four, case: Some(*to), at: *at, code, what });
        }
    }
}

impl NothingDisappears {
    /// Judges one event of a case.
    pub fn feed(&mut self, step: &Step, out: &mut Vec<Violation>) {
        judge_arrow(step, out);
        let mut breaks = |code, what: String| out.push(step.breaks(Rule::Four, code, what));
        let case = step.case;
        match step.event {
            CaseEvent::FindingReported { finding } => {
                if !self.findings.insert(finding.id()) {
                    breaks("finding_reported_twice", format!("finding {} was in the log already", finding.id()));
                }
                self.attach([finding.as_ref()], step, out);
            }
            CaseEvent::CarriedOver { number, declared, .. } => {
                let finding = &declared.finding;
                if !self.findings.insert(finding.id()) {
                    breaks("carried_over_twice", format!("finding {} was in the log already", finding.id()));
                }
                if declared.standing.whereabouts().is_some_and(is_blank) {
                    breaks("declared_gone_nowhere", "it left the older ledger, and nothing says where to".into());
                }
                self.attach([finding], step, out);
                self.judge_number(number, step, out);
            }
            CaseEvent::FindingCorroborated { finding, .. } => {
                self.findings.insert(finding.id());
                self.attach([finding.as_ref()], step, out);
            }
            CaseEvent::PartOpened { parent, findings, .. } => {
                self.parts.insert(case, *parent);
                self.unopened.remove(&(*parent, case));
                self.attach(findings, step, out);
            }
            CaseEvent::Registered { number, .. } => self.judge_number(number, step, out),
            CaseEvent::Dismissed { reason } if is_blank(reason) => {
                breaks("dismissed_without_reason", "the case was dismissed without a reason".into());
            }
            CaseEvent::Transferred { receiver, receipt, .. } if is_blank(receiver) || is_blank(receipt) => {
                breaks(
                    "transferred_nowhere",
                    "the case was transferred without a receiver or without a receipt".into(),
                );
            }
            CaseEvent::MergedInto { target, .. } => {
                self.merged.insert(case, *target);
                self.merges.leave((case, *target), step.at);
            }
            CaseEvent::MergeReceived { from, findings, .. } => {
                self.merges.receive((*from, case), step.at);
                self.attach(findings, step, out);
            }
            CaseEvent::Revived { .. } => {
                if let Some(target) = self.merged.get(&case) {
                    breaks("revived_while_merged", format!("the case goes on in case {target}"));
                }
            }
            CaseEvent::Unmerged { target, .. } => {
                if self.merged.remove(&case) != Some(*target) {
                    breaks("unmerged_from_elsewhere", format!("the case had not gone on in case {target}"));
                }
                self.unmerges.leave((case, *target), step.at);
            }
            CaseEvent::MergeUndone { from, findings, .. } => {
                self.unmerges.receive((*from, case), step.at);
                for finding in findings {
                    self.attached.remove(&(case, *finding));
                }
            }
            CaseEvent::Split { parts, .. } => {
                if parts.is_empty() {
                    breaks("split_into_nothing", "the case was split into no parts".into());
                }
                let unopened = parts.iter().filter(|part| self.parts.get(part) != Some(&case));
                self.unopened.extend(unopened.map(|part| ((case, *part), step.at)));
            }
            _ => {}
        }
    }

    /// Returns what left and never arrived.
    pub fn finish(&self, out: &mut Vec<Violation>) {
        self.merges.finish("merged_on_one_side", out);
        self.unmerges.finish("unmerged_on_one_side", out);
        for ((parent, part), at) in &self.unopened {
            let what = format!("part {part} was not opened");
            out.push(Violation { rule: Rule::Four, case: Some(*parent), at: *at, code: "part_not_opened", what });
        }
    }

    fn attach<'a>(&mut self, findings: impl IntoIterator<Item = &'a Finding>, step: &Step, out: &mut Vec<Violation>) {
        for finding in findings {
            if !self.attached.insert((step.case, finding.id())) {
                let what = format!("finding {} was attached to this case already", finding.id());
                out.push(step.breaks(Rule::Four, "finding_attached_twice", what));
            }
        }
    }

    fn judge_number(&mut self, number: &CaseNumber, step: &Step, out: &mut Vec<Violation>) {
        let last = self.serials.entry(number.series.clone()).or_default();
        if number.serial != last.saturating_add(1) {
            let what = format!("number {number} follows number {last} of its series");
            out.push(step.breaks(Rule::Four, "number_not_next", what));
        }
        *last = number.serial.max(*last);
    }
}

fn judge_arrow(step: &Step, out: &mut Vec<Violation>) {
    // Rule 1 judges these two arrows.
    if matches!(step.event, CaseEvent::Verified { .. } | CaseEvent::Closed { .. }) {
        return;
    }
    let name = step.event.name();
    if step.event.is_spine() && Stage::after(step.past.stage, step.event).is_none() {
        let stage = step.past.stage.map_or("nothing", Stage::name);
        out.push(step.breaks(Rule::Four, "no_such_arrow", format!("{name} does not follow {stage}")));
    } else if !step.event.is_spine() && step.past.stage.is_none() {
        let what = format!("the case begins with {name}, not with a finding, as a part or from an older ledger");
        out.push(step.breaks(Rule::Four, "no_beginning", what));
    }
}

fn is_blank(text: &str) -> bool {
    text.trim().is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::carried_over::Standing;
    use crate::finding::Severity;

    const OTHER: CaseId = case(2);

    fn registered() -> History {
        History::registered(finding("1"), Severity::Ordinary)
    }

    fn received(from: CaseId) -> CaseEvent {
        CaseEvent::MergeReceived {
            from,
            findings: vec![finding("1")],
            subjects: vec![],
            evidence: vec![],
            severity: Severity::Ordinary,
            deadline: None,
            assignment: None,
            found: money(100),
        }
    }

    #[test]
    fn one_finding_is_reported_and_attached_once() {
        let reported = || CaseEvent::FindingReported { finding: finding("1").into() };
        assert_eq!(registered().of(OTHER, source(), reported()).breaks(), [(4, "finding_reported_twice")]);
        let again = CaseEvent::FindingCorroborated { finding: finding("1").into(), from: None };
        assert_eq!(registered().then(officer(), again).breaks(), [(4, "finding_attached_twice")]);
    }

    #[test]
    fn what_is_carried_over_was_not_in_the_log_and_has_the_next_number() {
        let carry = |serial| CaseEvent::CarriedOver {
            number: number(serial),
            office: COUNTY_OFFICE,
            severity: Severity::Ordinary,
            declared: declared(finding("1"), struck_off()).into(),
            assignment: None,
        };
        assert_eq!(registered().of(OTHER, officer(), carry(2)).breaks(), [(4, "carried_over_twice")]);
        assert_eq!(History::begun().of(OTHER, officer(), carry(2)).breaks(), [(4, "number_not_next")]);
        assert_eq!(registered().then(officer(), carry(2)).breaks()[0], (4, "no_such_arrow"));
    }

    #[test]
    fn what_leaves_says_why_and_where_to() {
        let dismissed = CaseEvent::Dismissed { reason: " ".into() };
        assert_eq!(registered().then(officer(), dismissed).breaks(), [(4, "dismissed_without_reason")]);
        let (receiver, receipt) = ("县纪委监委".into(), String::new());
        let transferred = CaseEvent::Transferred { receiver, receipt, reason: "属其职责".into() };
        assert_eq!(registered().then(officer(), transferred).breaks(), [(4, "transferred_nowhere")]);
    }

    #[test]
    fn what_left_an_older_ledger_says_where_to() {
        let standings = [
            Standing::Dismissed { reason: " ".into(), on: None },
            Standing::Merged { into: String::new(), on: None },
            Standing::Transferred { receiver: String::new(), receipt: Some("收据1号".into()), on: None },
        ];
        for standing in standings {
            assert_eq!(History::carried_over(standing, None).breaks(), [(4, "declared_gone_nowhere")]);
        }
        let merged = Standing::Merged { into: "2019-3".into(), on: None };
        let revived = History::carried_over(merged, None).then(officer(), CaseEvent::Revived { reason: "误并".into() });
        assert_eq!(revived.breaks(), []);
    }

    #[test]
    fn what_was_merged_here_is_not_revived_while_it_goes_on_there() {
        let other = CaseEvent::FindingReported { finding: finding("2").into() };
        let merged = registered()
            .of(OTHER, source(), other)
            .then(officer(), CaseEvent::MergedInto { target: OTHER, reason: "同一问题".into() })
            .of(OTHER, officer(), received(CASE));
        let revived = merged.then(officer(), CaseEvent::Revived { reason: "误并".into() });
        assert_eq!(revived.breaks(), [(4, "revived_while_merged")]);
    }

    #[test]
    fn a_merge_is_told_on_both_sides() {
        let other = CaseEvent::FindingReported { finding: finding("2").into() };
        let left = registered()
            .of(OTHER, source(), other)
            .then(officer(), CaseEvent::MergedInto { target: OTHER, reason: "同一问题".into() });
        assert_eq!(left.breaks(), [(4, "merged_on_one_side")]);
        assert_eq!(left.of(OTHER, officer(), received(CASE)).breaks(), []);
    }

    #[test]
    fn a_split_opens_its_parts() {
        let split = CaseEvent::Split { parts: vec![OTHER], reason: "分别牵头".into() };
        let history = registered().then(officer(), split);
        assert_eq!(history.breaks(), [(4, "part_not_opened")]);
    }

    #[test]
    fn numbers_have_no_gaps_and_arrows_are_those_of_the_lifecycle() {
        let history = History::discovered(finding("1")).then(officer(), registration(2, Severity::Ordinary));
        assert_eq!(history.breaks(), [(4, "number_not_next")]);
        let accepted = CaseEvent::Accepted { unit: WATER };
        assert_eq!(registered().then(handler(), accepted).breaks(), [(4, "no_such_arrow")]);
    }
}
