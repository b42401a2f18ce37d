//! How many cases there are, kept as rows: what each change of a case adds and takes away.

use std::collections::BTreeMap;

use rectify_case::{DivisionCode, SourceCode, Stage, UnitId};
use uuid::Uuid;

use crate::entry::Entry;
use crate::row::OutcomeKind;
use crate::sql::Value;

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

impl Kind {
    /// Returns what a case is counted by; nothing when it has no row, or is kept from anybody.
    pub(crate) fn of(entry: &Entry) -> Option<Kind> {
        let case = &entry.case;
        let stage = case.stage.filter(|_| !entry.is_walled())?;
        Some(Kind {
            stage,
            source: case.source.clone(),
            division: case.division.clone(),
            lead: case.assignment.as_ref().and_then(rectify_case::assignment::Assignment::answering),
            outcome: case.outcome.map(OutcomeKind::from),
            declared: case.is_closed_as_declared(),
        })
    }
}

/// What is to be added to the counts.
#[derive(Debug, Default)]
pub(crate) struct Tally(BTreeMap<Kind, i64>);

impl Tally {
    /// Takes a case out as it was, and puts it in as it is.
    pub(crate) fn change(&mut self, before: Option<Kind>, after: Option<Kind>) {
        if before == after {
            return;
        }
        for (kind, by) in [(before, -1), (after, 1)] {
            if let Some(kind) = kind {
                *self.0.entry(kind).or_default() += by;
            }
        }
    }

    /// Returns what is to be added, as rows. Empty text and the nil id stand for none.
    pub(crate) fn rows(self) -> Vec<Vec<Value>> {
        let changed = self.0.into_iter().filter(|(_, by)| *by != 0);
        let row = |(kind, by): (Kind, i64)| {
            vec![
                kind.stage.name().into(),
                kind.source.as_ref().map_or("", SourceCode::as_str).into(),
                kind.division.as_ref().map_or("", DivisionCode::as_str).into(),
                kind.lead.map_or(Uuid::nil(), |lead| lead.0).into(),
                kind.outcome.map_or("", OutcomeKind::name).into(),
                kind.declared.into(),
                by.into(),
            ]
        };
        changed.map(row).collect()
    }
}
