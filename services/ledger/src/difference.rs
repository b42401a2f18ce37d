//! What is different between two lists of cases: of one ledger at two moments, or by two clocks.

use std::collections::HashMap;

use rectify_case::CaseId;
use serde::Serialize;

use crate::row::Row;

/// What is different of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// It is in the second list only.
    Entered,
    /// It is in the first list only.
    Left,
    /// It is at another stage.
    Stage,
    /// It is late in the second list only.
    BecameLate,
    /// It is late in the first list only.
    NoLongerLate,
    /// Another unit answers for it.
    Lead,
    /// It has another deadline.
    Deadline,
    /// It is of another severity.
    Severity,
    /// It has another outcome.
    Outcome,
    /// It has another title.
    Title,
}

impl Difference {
    /// Everything that can be different.
    pub const ALL: [Difference; 10] = [
        Difference::Entered,
        Difference::Left,
        Difference::Stage,
        Difference::BecameLate,
        Difference::NoLongerLate,
        Difference::Lead,
        Difference::Deadline,
        Difference::Severity,
        Difference::Outcome,
        Difference::Title,
    ];

    /// Returns its name as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Difference::Entered => "entered",
            Difference::Left => "left",
            Difference::Stage => "stage",
            Difference::BecameLate => "became_late",
            Difference::NoLongerLate => "no_longer_late",
            Difference::Lead => "lead",
            Difference::Deadline => "deadline",
            Difference::Severity => "severity",
            Difference::Outcome => "outcome",
            Difference::Title => "title",
        }
    }
}

/// A case of which something is different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// What is different, in the order of [`Difference::ALL`].
    pub differences: Vec<Difference>,
    /// The case in the first list.
    pub before: Option<Row>,
    /// The case in the second list.
    pub after: Option<Row>,
}

/// Returns what is different between two lists, in the order of the second, and then what is in the first alone.
pub fn differences(before: Vec<Row>, after: Vec<Row>) -> Vec<Changed> {
    let order: Vec<CaseId> = before.iter().map(|row| row.id).collect();
    let mut before: HashMap<CaseId, Row> = before.into_iter().map(|row| (row.id, row)).collect();
    let mut changed = Vec::new();
    for row in after {
        let before = before.remove(&row.id);
        changed.extend(Changed::of(before, Some(row)));
    }
    let left = order.iter().filter_map(|id| before.remove(id));
    changed.extend(left.filter_map(|row| Changed::of(Some(row), None)));
    changed
}

impl Changed {
    /// Returns a case with what is different of it; none where that is nothing.
    fn of(before: Option<Row>, after: Option<Row>) -> Option<Changed> {
        let was_late = before.as_ref().is_some_and(|row| row.overdue);
        let is_late = after.as_ref().is_some_and(|row| row.overdue);
        let both = before.as_ref().zip(after.as_ref());
        let differs = |difference: &Difference| match difference {
            Difference::Entered => before.is_none(),
            Difference::Left => after.is_none(),
            Difference::BecameLate => is_late && !was_late,
            Difference::NoLongerLate => was_late && !is_late,
            Difference::Stage => both.is_some_and(|(one, other)| one.stage != other.stage),
            Difference::Lead => both.is_some_and(|(one, other)| one.lead != other.lead),
            Difference::Deadline => both.is_some_and(|(one, other)| one.due_day != other.due_day),
            Difference::Severity => both.is_some_and(|(one, other)| one.severity != other.severity),
            Difference::Outcome => both.is_some_and(|(one, other)| one.outcome != other.outcome),
            Difference::Title => both.is_some_and(|(one, other)| one.title != other.title),
        };
        let differences: Vec<Difference> = Difference::ALL.into_iter().filter(differs).collect();
        (!differences.is_empty()).then_some(Changed { differences, before, after })
    }

    /// Returns the case as it is in the second list, or was in the first where it is not there.
    pub fn row(&self) -> Option<&Row> {
        self.after.as_ref().or(self.before.as_ref())
    }
}
