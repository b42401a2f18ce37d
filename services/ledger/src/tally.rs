//! How many cases there are, kept as rows: what each change of a case adds and takes away.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike as _;
use rectify_case::assignment::Assignment;
use rectify_case::{DivisionCode, SourceCode, Stage, UnitId, Zone};
use uuid::Uuid;

use crate::entry::Entry;
use crate::row::OutcomeKind;
use crate::sql::Value;
use crate::statements;

/// What a case that is kept from nobody is counted by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    pub(crate) stage: Stage,
    pub(crate) source: Option<SourceCode>,
    pub(crate) division: Option<DivisionCode>,
    pub(crate) lead: Option<UnitId>,
    pub(crate) outcome: Option<OutcomeKind>,
    /// Whether its closure is declared and not proved (承前).
    pub(crate) declared: bool,
}

/// A month in which a case was registered or closed, by where it lies and who leads it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Flow {
    /// [`REGISTERED`] or [`CLOSED`].
    pub(crate) what: &'static str,
    /// Such as `2020-07`.
    pub(crate) month: String,
    pub(crate) division: Option<DivisionCode>,
    pub(crate) lead: Option<UnitId>,
}

/// How many days a case took that was closed in a year, by where it lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Closure {
    pub(crate) year: i32,
    pub(crate) division: Option<DivisionCode>,
    /// From the day on which its first finding was made to that on which it was closed.
    pub(crate) days: i64,
}

/// A case got its number.
pub(crate) const REGISTERED: &str = "registered";
/// A case was closed and proved here.
pub(crate) const CLOSED: &str = "closed";

/// All that one case is counted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    kind: Kind,
    /// Whether it was ever returned or handed back.
    returned: bool,
    /// Whether it was ever reopened.
    reopened: bool,
    flows: Vec<Flow>,
    closure: Option<Closure>,
}

impl Counted {
    /// Returns what a case is counted by; nothing when it has no row, or is kept from anybody.
    pub(crate) fn of(entry: &Entry, zone: Zone) -> Option<Counted> {
        let case = &entry.case;
        let stage = case.stage.filter(|_| !entry.is_walled())?;
        let (division, lead) = (case.division.clone(), case.assignment.as_ref().and_then(Assignment::answering));
        let declared = case.is_closed_as_declared();
        let closed = case.closed.filter(|_| stage == Stage::Closed && !declared).map(|closed| closed.day(zone));
        let registered = entry.registered.map(|registered| registered.day(zone));
        let days = [(REGISTERED, registered), (CLOSED, closed)];
        let flows = days.into_iter().filter_map(|(what, day)| {
            let month = day?.format("%Y-%m").to_string();
            Some(Flow { what, month, division: division.clone(), lead })
        });
        let closure = closed.zip(case.discovered).map(|(closed, discovered)| Closure {
            year: closed.year(),
            division: division.clone(),
            days: (closed - discovered.day(zone)).num_days().max(0),
        });
        let (flows, source, outcome) = (flows.collect(), case.source.clone(), case.outcome.map(OutcomeKind::from));
        let kind = Kind { stage, source, division, lead, outcome, declared };
        Some(Counted { kind, returned: case.returns > 0, reopened: case.reopenings > 0, flows, closure })
    }
}

/// How many cases of a kind there are, and how many of them were ever returned and reopened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    cases: i64,
    returned: i64,
    reopened: i64,
}

/// What is to be added to the counts.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    kinds: BTreeMap<Kind, Figures>,
    flows: BTreeMap<Flow, i64>,
    closures: BTreeMap<Closure, i64>,
}

/// What is to be added to the counts, as rows. Empty text and the nil id stand for none.
#[derive(Debug, Default)]
pub(crate) struct Added {
    pub(crate) counts: Vec<Vec<Value>>,
    pub(crate) flows: Vec<Vec<Value>>,
    pub(crate) closures: Vec<Vec<Value>>,
    /// What is taken away from may count nothing then: the statements that delete such rows.
    pub(crate) emptied: BTreeSet<&'static str>,
}

impl Tally {
    /// Takes a case out as it was, and puts it in as it is.
    pub(crate) fn change(&mut self, before: Option<&Counted>, after: Option<&Counted>) {
        if before == after {
            return;
        }
        for (counted, by) in [(before, -1), (after, 1)] {
            let Some(Counted { kind, returned, reopened, flows, closure }) = counted else { continue };
            let figures = self.kinds.entry(kind.clone()).or_default();
            figures.cases += by;
            figures.returned += by * i64::from(*returned);
            figures.reopened += by * i64::from(*reopened);
            for flow in flows {
                *self.flows.entry(flow.clone()).or_default() += by;
            }
            if let Some(closure) = closure {
                *self.closures.entry(closure.clone()).or_default() += by;
            }
        }
    }

    /// Returns what is to be added, as rows.
    pub(crate) fn rows(self) -> Added {
        let Tally { kinds, flows, closures } = self;
        let mut added = Added::default();
        let name = |division: &Option<DivisionCode>| Value::from(division.as_ref().map_or("", DivisionCode::as_str));
        let id = |unit: Option<UnitId>| Value::from(unit.map_or(Uuid::nil(), |unit| unit.0));
        for (kind, figures) in kinds.into_iter().filter(|(_, figures)| *figures != Figures::default()) {
            let Figures { cases, returned, reopened } = figures;
            added.emptied.extend((cases < 0).then_some(statements::DELETE_EMPTY_COUNTS));
            added.counts.push(vec![
                kind.stage.name().into(),
                kind.source.as_ref().map_or("", SourceCode::as_str).into(),
                name(&kind.division),
                id(kind.lead),
                kind.outcome.map_or("", OutcomeKind::name).into(),
                kind.declared.into(),
                cases.into(),
                returned.into(),
                reopened.into(),
            ]);
        }
        for (flow, cases) in flows.into_iter().filter(|(_, cases)| *cases != 0) {
            added.emptied.extend((cases < 0).then_some(statements::DELETE_EMPTY_FLOWS));
            added.flows.push(vec![
                flow.what.into(),
                flow.month.into(),
                name(&flow.division),
                id(flow.lead),
                cases.into(),
            ]);
        }
        for (closure, cases) in closures.into_iter().filter(|(_, cases)| *cases != 0) {
            added.emptied.extend((cases < 0).then_some(statements::DELETE_EMPTY_CLOSURES));
            added.closures.push(vec![
                i64::from(closure.year).into(),
                name(&closure.division),
                closure.days.into(),
                cases.into(),
            ]);
        }
        added
    }
}
