//! What a case lacks that is said to be fixed: amounts that nobody says are fixed. It may be reported and verified like that, for its
//! rest can be split off once it is verified; but it is not closed as rectified before (rule 7). So whoever acts is told in time.

use rectify_case::assignment::Assignment;
use rectify_case::completion::Outcome;
use rectify_case::quantity::{Amounts, Measured, Quantity};
use rectify_case::{Case, Stage, UnitId};
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
    /// Whether it was verified what is fixed.
    #[serde(skip)]
    is_verified: bool,
}

impl Lacking {
    /// Returns what a case would lack after a completion report; nothing where the report does not say that it is fixed.
    pub(super) fn after(case: &Case, report: &Value) -> Lacking {
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
        Lacking { short, is_verified: false }
    }

    /// Returns what a case lacks that was reported as fixed: by what was verified, once it was.
    pub(super) fn reported(case: &Case) -> Lacking {
        if !case.report.as_ref().is_some_and(|report| report.outcome.is_fixed()) {
            return Lacking::default();
        }
        let is_verified = case.stage == Some(Stage::Verified);
        let said = |_: &Measured, quantity: &Quantity| if is_verified { quantity.verified } else { quantity.reported };
        Lacking { short: short(case, said), is_verified }
    }

    pub(super) fn is_nothing(&self) -> bool {
        self.short.is_empty()
    }

    /// Returns it as a form sends along that whoever acts knows it.
    pub(super) fn known(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Returns it in words, a line each.
    pub(super) fn lines(&self, page: &Page) -> Vec<String> {
        let short = self.short.iter().map(|(measured, [owed, said, left])| {
            let amount = |n: &u64| page.amount(measured, n).into();
            let name = if self.is_verified { "lacking-verified" } else { "lacking-reported" };
            say(page.language, name, &[("owed", amount(owed)), ("said", amount(said)), ("left", amount(left))])
        });
        short.collect()
    }
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
