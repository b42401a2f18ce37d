//! What a case lacks that is said to be fixed: amounts that nobody says are fixed, and measures that nobody reported as done. It may
//! be reported and verified like that, for its rest can be split off once it is verified; but with an amount left it is not closed as
//! rectified before (rule 7). So whoever acts is told in time.

use rectify_case::assignment::Assignment;
use rectify_case::completion::Outcome;
use rectify_case::plan::Measure;
use rectify_case::quantity::{Amounts, Measured, Quantity};
use rectify_case::{Case, Directory, Stage, UnitId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::page::Page;
use super::wording::say;

/// What a case lacks.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Lacking {
    /// By what is counted: what is to be fixed here, what is said to be fixed, and what is left.
    short: Vec<(Measured, [u64; 3])>,
    /// The measures that were not reported as done.
    open: Vec<Open>,
    /// Whether it was verified what is fixed.
    #[serde(skip)]
    is_verified: bool,
}

/// A measure that was not reported as done.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Open {
    /// The lead whose plan it is of, and its place there, from 0.
    lead: UnitId,
    at: usize,
    #[serde(skip)]
    measure: Measure,
}

impl Lacking {
    /// Returns what a case would lack after a completion report, and what is told of how far it is before that; nothing where the
    /// report does not say that it is fixed.
    pub(super) fn after(case: &Case, report: &Value, progress: Option<&Value>) -> Lacking {
        let (outcome, unit) = (read::<Option<Outcome>>(report, "outcome"), read::<Option<UnitId>>(report, "unit"));
        if !outcome.is_some_and(Outcome::is_fixed) {
            return Lacking::default();
        }
        let fixed: Amounts = read(report, "fixed");
        // Of joint leads, only the one that speaks last says what is fixed.
        let answering = case.assignment.as_ref().and_then(Assignment::answering);
        let counts = unit.is_some() && unit == answering;
        let said = |measured: &Measured, quantity: &Quantity| fixed.get(measured).copied().unwrap_or(quantity.reported);
        let short = if counts { short(case, said) } else { Vec::new() };
        let told = [Some(report), progress].into_iter().flatten().flat_map(|told| read::<Vec<usize>>(told, "done"));
        let told: Vec<usize> = told.collect();
        let mut open = open(case);
        open.retain(|open| {
            (counts || Some(open.lead) == unit) && !(Some(open.lead) == unit && told.contains(&open.at))
        });
        Lacking { short, open, is_verified: false }
    }

    /// Returns what a case lacks that was reported as fixed: by what was verified, once it was.
    pub(super) fn reported(case: &Case) -> Lacking {
        if !case.report.as_ref().is_some_and(|report| report.outcome.is_fixed()) {
            return Lacking::default();
        }
        let is_verified = case.stage == Some(Stage::Verified);
        let said = |_: &Measured, quantity: &Quantity| if is_verified { quantity.verified } else { quantity.reported };
        Lacking { short: short(case, said), open: open(case), is_verified }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.short.is_empty() && self.open.is_empty()
    }

    /// Returns it as a form sends along that whoever acts knows it.
    pub(super) fn known(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns it in words, a line each.
    pub(super) fn lines(&self, page: &Page, directory: &Directory) -> Vec<String> {
        let short = self.short.iter().map(|(measured, [owed, said, left])| {
            let amount = |n: &u64| page.amount(measured, n).into();
            let name = if self.is_verified { "lacking-verified" } else { "lacking-reported" };
            say(page.language, name, &[("owed", amount(owed)), ("said", amount(said)), ("left", amount(left))])
        });
        let open = self.open.iter().map(|Open { measure, .. }| {
            let name = if measure.by < page.today() { "lacking-measure-late" } else { "lacking-measure" };
            let (unit, by) = (directory.unit_name(measure.unit), measure.by.to_string());
            let values = [("measure", measure.text.as_str().into()), ("unit", unit.into()), ("by", by.into())];
            say(page.language, name, &values)
        });
        short.chain(open).collect()
    }

    /// Returns what can be done about it, a line each.
    pub(super) fn ways(&self, page: &Page) -> Vec<String> {
        let amounts = (!self.short.is_empty()).then(|| page.say("lacking-way-out"));
        let measures = (!self.open.is_empty()).then(|| page.say("lacking-measures"));
        amounts.into_iter().chain(measures).collect()
    }
}

/// Returns the measures of the leads' plans that were not reported as done.
fn open(case: &Case) -> Vec<Open> {
    let plans = case.plans.iter().filter(|(lead, _)| case.is_led_by(**lead));
    let open = plans
        .flat_map(|(lead, plan)| plan.open().map(|(at, measure)| Open { lead: *lead, at, measure: measure.clone() }));
    open.collect()
}

/// Returns what is left of each count.
fn short(case: &Case, said: impl Fn(&Measured, &Quantity) -> u64) -> Vec<(Measured, [u64; 3])> {
    let left = case.quantities.iter().map(|(measured, quantity)| {
        let (owed, said) = (quantity.owed(), said(measured, quantity));
        (*measured, [owed, said, owed.saturating_sub(said)])
    });
    left.filter(|(_, [.., left])| *left > 0).collect()
}

/// Reads a field of a report as it is sent; what is not there or cannot be read says nothing.
fn read<T: DeserializeOwned + Default>(report: &Value, name: &str) -> T {
    report.get(name).and_then(|value| serde_json::from_value(value.clone()).ok()).unwrap_or_default()
}
