//! What a row says: the commands it asks for, and what is wrong with its cells.

use std::collections::BTreeSet;

use rectify_case::case::Case;
use rectify_case::quantity::{Amounts, Measured};
use rectify_case::{Happened, Refusal};
use rectify_intake::amount::{Unit, count, money};
use rectify_intake::cell::{Cell, narrow};
use rectify_intake::moment::{Days, moment};
use rectify_intake::reason::Reason;
use rectify_ledger::OutcomeKind;
use serde_json::{Map, Value, json};

use super::columns::Column;
use super::sent::{Key, SentRow};
use super::sheet::OUTCOMES;
use crate::language::Language;
use crate::pages::page::Page;
use crate::pages::wording::say;

/// What is wrong with a cell, or with its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Which cell, and what it is headed; nothing for the row as such.
    pub(super) place: String,
    /// Why.
    pub(super) said: String,
}

/// What a row says.
#[derive(Default)]
pub(super) struct Said {
    /// What is reported of how far it is.
    pub(super) progress: Option<Value>,
    /// What is reported as fixed.
    pub(super) completion: Option<Value>,
    pub(super) wrong: Vec<Wrong>,
}

/// A row that is being read.
struct Reading<'a> {
    row: &'a SentRow,
    page: &'a Page,
    wrong: Vec<Wrong>,
}

/// Reads what a row says of a case.
pub(super) fn said(row: &SentRow, key: Key, case: &Case, page: &Page) -> Said {
    let mut reading = Reading { row, page, wrong: Vec::new() };
    let fixed = reading.fixed();
    let done = reading.done();
    let (text, account) = (row.text(Column::Progress), row.text(Column::Account));
    let outcome = reading.outcome();
    let completes = outcome.is_some() || !account.is_empty() || row.cell(Column::Outcome).is_some();
    if completes && account.is_empty() {
        reading.missing(Column::Account);
    }
    if completes && row.cell(Column::Outcome).is_none() {
        reading.missing(Column::Outcome);
    }
    // Measures and amounts are told with how far it is, where nothing is reported as fixed.
    if text.is_empty() && !completes && (!done.is_empty() || !fixed.is_empty()) {
        reading.missing(Column::Progress);
    }
    let progress = (!text.is_empty()).then(|| {
        let mut data = Map::from_iter([("unit".to_owned(), json!(key.unit)), ("text".to_owned(), json!(text))]);
        if !fixed.is_empty() {
            data.insert("fixed".to_owned(), json!(fixed));
        }
        if !done.is_empty() {
            data.insert("done".to_owned(), json!(done));
        }
        Value::Object(data)
    });
    let completion = outcome.filter(|_| !account.is_empty()).map(|outcome| {
        // What is on file is listed again, as the form of the page does.
        let present = case.evidence.values().filter(|file| file.withdrawn.is_none());
        let evidence: Vec<_> = present.map(|file| &file.evidence).collect();
        let mut data = json!({
            "unit": key.unit, "outcome": outcome, "account": account, "fixed": fixed, "evidence": evidence,
        });
        if text.is_empty() && !done.is_empty() {
            data["done"] = json!(done);
        }
        data
    });
    Said { progress, completion, wrong: reading.wrong }
}

impl Reading<'_> {
    fn wrong(&mut self, column: Column, said: String) {
        self.wrong.push(Wrong { place: place(self.row, column, self.page), said });
    }

    fn missing(&mut self, column: Column) {
        let said = self.page.say("field-missing");
        self.wrong(column, said);
    }

    fn unreadable(&mut self, column: Column, reason: &Reason) {
        let said = match self.page.language {
            Language::Chinese => reason.chinese(),
            Language::English => reason.english(),
        };
        self.wrong(column, said);
    }

    fn fixed(&mut self) -> Amounts {
        let mut fixed = Amounts::new();
        for measured in [Measured::Money, Measured::Households, Measured::Persons, Measured::Records] {
            let column = Column::Fixed(measured);
            let Some(cell) = self.row.cell(column) else { continue };
            let read = if measured == Measured::Money { money(cell, Some(Unit::Yuan)) } else { count(cell) };
            match read {
                Ok(amount) => drop(fixed.insert(measured, amount)),
                Err(reason) => self.unreadable(column, &reason),
            }
        }
        fixed
    }

    /// Reads the numbers of the measures that are done, and returns their places.
    fn done(&mut self) -> BTreeSet<u32> {
        let text = narrow(&self.row.text(Column::Done));
        let numbers = text.split(|c: char| c.is_whitespace() || "、,;.".contains(c)).filter(|part| !part.is_empty());
        let read: Option<BTreeSet<u32>> = numbers.map(|part| part.parse::<u32>().ok()?.checked_sub(1)).collect();
        read.unwrap_or_else(|| {
            let said = self.page.say("fill-rule-done");
            self.wrong(Column::Done, said);
            BTreeSet::new()
        })
    }

    fn outcome(&mut self) -> Option<Value> {
        let review = self.review();
        let text = self.row.text(Column::Outcome);
        if text.is_empty() {
            return None;
        }
        let Some(kind) = outcome_named(&text) else {
            let said = self.page.say("fill-rule-outcome");
            self.wrong(Column::Outcome, said);
            return None;
        };
        match (kind, review) {
            (OutcomeKind::DoneAndKeptUp, Some(day)) => Some(json!({ "kind": kind, "review": day })),
            (OutcomeKind::DoneAndKeptUp, None) => {
                let said = self.page.say("field-no-review");
                self.wrong(Column::Review, said);
                None
            }
            (_, Some(_)) => {
                let said = self.page.say("fill-review-alone");
                self.wrong(Column::Review, said);
                None
            }
            (_, None) => Some(json!({ "kind": kind })),
        }
    }

    fn review(&mut self) -> Option<chrono::NaiveDate> {
        let cell: &Cell = self.row.cell(Column::Review)?;
        match moment(cell, Days::in_zone(self.page.zone)) {
            Ok(happened @ (Happened::On(_) | Happened::At(_))) => Some(self.page.day(&happened)),
            Err(reason) => {
                self.unreadable(Column::Review, &reason);
                None
            }
        }
    }
}

/// Returns the outcome that a word in either language names.
fn outcome_named(text: &str) -> Option<OutcomeKind> {
    let names = |outcome: &OutcomeKind, language| {
        let name = json!(outcome).as_str().unwrap_or_default().replace('_', "-");
        say(language, &format!("outcome-{name}"), &[])
    };
    let is_named = |outcome: &OutcomeKind| {
        [Language::Chinese, Language::English]
            .into_iter()
            .any(|language| names(outcome, language).eq_ignore_ascii_case(text))
    };
    OUTCOMES.into_iter().find(is_named)
}

/// Returns which cell it is, and what it is headed.
fn place(row: &SentRow, column: Column, page: &Page) -> String {
    format!("{} {}", row.address(column), column.label(page))
}

/// Returns what a refusal of a command is about: a cell, or the row.
pub(super) fn refused(refusal: Refusal, command: &str, said: String, row: &SentRow, page: &Page) -> Wrong {
    let completes = command == "report_completion";
    let column = match refusal {
        Refusal::TextMissing | Refusal::ClassifiedText if completes => Some(Column::Account),
        Refusal::TextMissing | Refusal::ClassifiedText => Some(Column::Progress),
        Refusal::FixedExceedsFound | Refusal::AmountTooLarge => {
            Column::ALL.into_iter().find(|column| matches!(column, Column::Fixed(_)) && row.cell(*column).is_some())
        }
        Refusal::NoSuchMeasure => Some(Column::Done),
        Refusal::ReviewNotInFuture => Some(Column::Review),
        Refusal::NotALead | Refusal::PlanNotApproved | Refusal::JointLeadsNotReported => Some(Column::Outcome),
        _ => None,
    };
    Wrong { place: column.map(|column| place(row, column, page)).unwrap_or_default(), said }
}
