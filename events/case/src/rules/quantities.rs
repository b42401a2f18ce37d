//! Rule 7: quantities balance. What is fixed and what was split off never exceed what was found; a case closes as rectified only
//! with nothing outstanding; what is split goes to named cases and adds up.

use std::collections::{BTreeMap, BTreeSet};

use super::past::{Step, starts_over};
use super::violation::{Rule, Violation};
use crate::completion::Outcome;
use crate::event::CaseEvent;
use crate::identity::CaseId;
use crate::quantity::{Amounts, Measured, Quantity};

/// Watches that what was counted adds up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Quantities {
    cases: BTreeMap<CaseId, Counts>,
    /// The parts that were opened: of what, and with how much.
    parts: BTreeMap<CaseId, (CaseId, Amounts)>,
    /// What was split off, from and to which case, that is not opened yet.
    rests: BTreeMap<(CaseId, CaseId), Pending<Amounts>>,
    /// The splits whose parts are not all opened yet.
    splits: BTreeMap<CaseId, Pending<Division>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Counts {
    found: Amounts,
    reported: Amounts,
    verified: Amounts,
    split_off: Amounts,
    /// The cases to which the rest was split off.
    rest: BTreeSet<CaseId>,
}

/// What waits for other events, with the index of the one that it came with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Pending<T> {
    at: usize,
    what: T,
}

/// A split: its parts, and what they must add up to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Division {
    parts: BTreeSet<CaseId>,
    outstanding: Amounts,
}

impl Quantities {
    /// Judges one event of a case.
    pub fn feed(&mut self, step: &Step, out: &mut Vec<Violation>) {
        let case = step.case;
        let counts = self.cases.entry(case).or_default();
        match step.event {
            CaseEvent::Closed { outcome, rest } => counts.judge_closure(*outcome, rest, step, out),
            CaseEvent::Split { parts, .. } => {
                let what = Division { parts: parts.iter().copied().collect(), outstanding: counts.outstanding() };
                self.splits.insert(case, Pending { at: step.at, what });
                self.judge_split(case, out);
            }
            CaseEvent::PartOpened { parent, found, .. } => {
                self.parts.insert(case, (*parent, found.clone()));
                if let Some(rest) = self.rests.remove(&(*parent, case)) {
                    judge_rest(*parent, &rest, found, out);
                }
                self.judge_split(*parent, out);
            }
            CaseEvent::RestSplitOff { to, amounts, .. } => {
                let rest = Pending { at: step.at, what: amounts.clone() };
                match self.parts.get(to) {
                    Some((parent, found)) if *parent == case => judge_rest(case, &rest, found, out),
                    _ => {
                        self.rests.insert((case, *to), rest);
                    }
                }
            }
            _ => {}
        }
        let counts = self.cases.entry(case).or_default();
        if counts.evolve(step.event) {
            counts.judge_balance(step, out);
        }
    }

    /// Returns what was split off to cases that were never opened.
    pub fn finish(&self, out: &mut Vec<Violation>) {
        for ((from, to), Pending { at, .. }) in &self.rests {
            let what = format!("what was split off to case {to} did not arrive: that case was not opened as a part");
            out.push(Violation { rule: Rule::Seven, case: Some(*from), at: *at, code: "rest_not_opened", what });
        }
    }

    /// Judges a split once all its parts are opened.
    fn judge_split(&mut self, parent: CaseId, out: &mut Vec<Violation>) {
        let Some(Pending { at, what: Division { parts, outstanding } }) = self.splits.get(&parent) else { return };
        let opened = |part: &CaseId| self.parts.get(part).filter(|(of, _)| *of == parent).map(|(_, found)| found);
        let Some(shares) = parts.iter().map(opened).collect::<Option<Vec<_>>>() else { return };
        let mut sum = Amounts::new();
        for share in shares {
            add(&mut sum, share);
        }
        if !are_equal(&sum, outstanding) {
            let what = format!("the parts have {sum:?} and {outstanding:?} was outstanding");
            out.push(Violation { rule: Rule::Seven, case: Some(parent), at: *at, code: "parts_do_not_add_up", what });
        }
        self.splits.remove(&parent);
    }
}

fn judge_rest(parent: CaseId, rest: &Pending<Amounts>, found: &Amounts, out: &mut Vec<Violation>) {
    if !are_equal(&rest.what, found) {
        let what = format!("{:?} was split off and the case opened with {found:?}", rest.what);
        out.push(Violation { rule: Rule::Seven, case: Some(parent), at: rest.at, code: "rest_does_not_match", what });
    }
}

impl Counts {
    /// Folds one event. Returns whether it changed what was counted.
    fn evolve(&mut self, event: &CaseEvent) -> bool {
        let starts_over = starts_over(event);
        if starts_over {
            self.verified.clear();
        }
        match event {
            CaseEvent::FindingReported { finding } => self.found.clone_from(&finding.found),
            CaseEvent::CarriedOver { declared, .. } => self.found.clone_from(&declared.finding.found),
            CaseEvent::PartOpened { found, .. }
            | CaseEvent::Registered { found, .. }
            | CaseEvent::QuantitiesRestated { found, .. }
            | CaseEvent::MergeReceived { found, .. }
            | CaseEvent::MergeUndone { found, .. } => self.found.clone_from(found),
            CaseEvent::ProgressReported { fixed, .. } | CaseEvent::CompletionReported { fixed, .. } => {
                say(&mut self.reported, fixed);
            }
            CaseEvent::LevelPassed { verified, .. } => say(&mut self.verified, verified),
            CaseEvent::RestSplitOff { to, amounts, .. } => {
                add(&mut self.split_off, amounts);
                self.rest.insert(*to);
            }
            _ => return starts_over,
        }
        true
    }

    fn of(&self, measured: Measured) -> Quantity {
        let Counts { found, reported, verified, split_off, .. } = self;
        Quantity {
            found: amount(found, measured),
            reported: amount(reported, measured),
            verified: amount(verified, measured),
            split_off: amount(split_off, measured),
        }
    }

    fn measured(&self) -> BTreeSet<Measured> {
        let all = [&self.found, &self.reported, &self.verified, &self.split_off];
        all.into_iter().flat_map(|amounts| amounts.keys().copied()).collect()
    }

    /// Returns what is left to fix; none of what does not balance.
    fn outstanding(&self) -> Amounts {
        let left = |measured| self.of(measured).outstanding().map(|left| (measured, left));
        self.measured().into_iter().filter_map(left).collect()
    }

    fn judge_balance(&self, step: &Step, out: &mut Vec<Violation>) {
        for measured in self.measured() {
            let quantity = self.of(measured);
            if !quantity.balances() {
                let what = format!("{measured:?} does not balance: {quantity:?}");
                out.push(step.breaks(Rule::Seven, "does_not_balance", what));
            }
        }
    }

    fn judge_closure(&self, outcome: Outcome, rest: &[CaseId], step: &Step, out: &mut Vec<Violation>) {
        if let Some(to) = rest.iter().find(|to| !self.rest.contains(to)) {
            let what = format!("the closure names case {to}, to which nothing was split off");
            out.push(step.breaks(Rule::Seven, "nothing_split_off", what));
        }
        if !matches!(outcome, Outcome::Rectified | Outcome::DoneAndKeptUp { .. }) {
            return;
        }
        for measured in self.measured() {
            let left = self.of(measured).outstanding();
            if left != Some(0) {
                let what = format!("{measured:?} is not all fixed or split off: {:?}", self.of(measured));
                out.push(step.breaks(Rule::Seven, "closed_with_outstanding", what));
            }
        }
    }
}

fn amount(amounts: &Amounts, measured: Measured) -> u64 {
    amounts.get(&measured).copied().unwrap_or(0)
}

fn add(sum: &mut Amounts, amounts: &Amounts) {
    for (measured, amount) in amounts {
        let total = sum.entry(*measured).or_default();
        *total = total.saturating_add(*amount);
    }
}

/// Takes over what was said now; where nothing is said of something, what was said of it before stands.
fn say(said: &mut Amounts, now: &Amounts) {
    said.extend(now.iter().map(|(measured, amount)| (*measured, *amount)));
}

/// Returns whether two counts are the same; what is not counted counts 0.
fn are_equal(one: &Amounts, other: &Amounts) -> bool {
    one.keys().chain(other.keys()).all(|measured| amount(one, *measured) == amount(other, *measured))
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use super::*;
    use crate::finding::Severity;

    fn rest_split_off(amount: u64) -> CaseEvent {
        CaseEvent::RestSplitOff { to: case(2), amounts: money(amount), reason: "另案".into() }
    }

    fn part_opened(amount: u64) -> CaseEvent {
        let findings = vec![];
        CaseEvent::PartOpened { parent: CASE, findings, found: money(amount), title: "其余水费".into() }
    }

    #[test]
    fn what_is_reported_or_verified_was_found() {
        let accepted = History::accepted(Severity::Ordinary, assignment(WATER, one_level()));
        assert_eq!(accepted.then(handler(), report(101)).breaks(), [(7, "does_not_balance")]);
        let verified = History::reported().then(verifier(), passed(1, 101));
        assert_eq!(verified.breaks(), [(7, "does_not_balance")]);
    }

    #[test]
    fn what_was_found_covers_what_was_reported_even_when_a_verifier_sent_it_back() {
        let restated = CaseEvent::QuantitiesRestated { found: money(50), reason: "重复计算".into() };
        let history = History::reported().then(verifier(), failed()).then(officer(), restated);
        assert_eq!(history.breaks(), [(7, "does_not_balance")]);
    }

    #[test]
    fn a_case_closes_as_rectified_with_nothing_outstanding_or_the_rest_split_off() {
        let verified = |amount| {
            History::reported()
                .then(handler(), filed(1, crate::evidence::Side::Responsible, WATER))
                .opened(verifier(), 1)
                .then(verifier(), passed(1, amount))
                .then(verifier(), CaseEvent::Verified { levels: 1 })
        };
        assert_eq!(verified(60).then(officer(), closed()).breaks(), [(7, "closed_with_outstanding")]);
        let rest = vec![case(2)];
        let closing = CaseEvent::Closed { outcome: Outcome::Rectified, rest };
        let history = verified(60).then(officer(), rest_split_off(40));
        assert_eq!(history.clone().then(officer(), closing.clone()).breaks(), [(7, "rest_not_opened")]);
        let opened = history.of(case(2), officer(), part_opened(40));
        assert_eq!(opened.then(officer(), closing).breaks(), []);
    }

    #[test]
    fn the_parts_of_a_split_add_up() {
        let split = CaseEvent::Split { parts: vec![case(2)], reason: "分别牵头".into() };
        let history = History::registered(finding("1"), Severity::Ordinary).then(officer(), split);
        assert_eq!(history.clone().of(case(2), officer(), part_opened(100)).breaks(), []);
        assert_eq!(history.of(case(2), officer(), part_opened(90)).breaks(), [(7, "parts_do_not_add_up")]);
    }
}
