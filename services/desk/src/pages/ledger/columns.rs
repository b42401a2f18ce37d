//! The columns of the ledger: which are shown, in which order, and what a case has in each.
//!
//! Number and problem come first and are always there, and so is the deadline, wherever it stands.

use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use rectify_case::{Directory, Happened, UnitId};
use rectify_ledger::{Row, SortBy};

use super::views::Own;
use super::{Line, address, division_name};
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::form::Fields;
use crate::pages::page::Page;
use crate::pages::visitor::{Away, Posted};

/// What an address says the columns under.
pub(super) const COLUMNS: &str = "columns";

/// What an address says while columns are being chosen.
pub(super) const CHOOSING: &str = "choosing";

/// A column beside number and problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Source,
    Division,
    Lead,
    Stage,
    Severity,
    Due,
    Discovered,
    Registered,
    Reported,
    Closed,
    Updated,
    Office,
    Holder,
    Outcome,
    Pressed,
    Returns,
    OldNumber,
}

/// The columns of whoever has chosen none.
pub(super) const USUAL: [Column; 5] = [Column::Source, Column::Lead, Column::Stage, Column::Severity, Column::Due];

/// What a case has in a column.
pub(super) enum Cell {
    /// Its stage, and what else there is to know.
    Stage,
    /// Its deadline.
    Due,
    /// A text; with what it is where only the head of the column would say so.
    Text { label: Option<String>, said: String },
}

impl Column {
    const ALL: [Column; 17] = [
        Column::Source,
        Column::Division,
        Column::Lead,
        Column::Stage,
        Column::Severity,
        Column::Due,
        Column::Discovered,
        Column::Registered,
        Column::Reported,
        Column::Closed,
        Column::Updated,
        Column::Office,
        Column::Holder,
        Column::Outcome,
        Column::Pressed,
        Column::Returns,
        Column::OldNumber,
    ];

    /// Returns its name as an address has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Column::Source => "source",
            Column::Division => "division",
            Column::Lead => "lead",
            Column::Stage => "stage",
            Column::Severity => "severity",
            Column::Due => "due",
            Column::Discovered => "discovered",
            Column::Registered => "registered",
            Column::Reported => "reported",
            Column::Closed => "closed",
            Column::Updated => "updated",
            Column::Office => "office",
            Column::Holder => "holder",
            Column::Outcome => "outcome",
            Column::Pressed => "pressed",
            Column::Returns => "returns",
            Column::OldNumber => "old_number",
        }
    }

    fn named(name: &str) -> Option<Column> {
        Column::ALL.into_iter().find(|column| column.name() == name)
    }

    /// Returns what stands above it.
    pub(super) fn said(self, page: &Page) -> String {
        page.say(&format!("column-{}", self.name().replace('_', "-")))
    }

    /// Returns the order by it, where there is one.
    pub(super) fn sorts(self) -> Option<SortBy> {
        match self {
            Column::Severity => Some(SortBy::Severity),
            Column::Due => Some(SortBy::Due),
            Column::Registered => Some(SortBy::Registered),
            Column::Updated => Some(SortBy::Updated),
            Column::Source
            | Column::Division
            | Column::Lead
            | Column::Stage
            | Column::Discovered
            | Column::Reported
            | Column::Closed
            | Column::Office
            | Column::Holder
            | Column::Outcome
            | Column::Pressed
            | Column::Returns
            | Column::OldNumber => None,
        }
    }

    /// Returns what a case has in it.
    pub(super) fn of(self, row: &Row, line: &Line, page: &Page, directory: &Directory) -> Cell {
        let unit = |unit: Option<UnitId>| unit.map(|unit| directory.unit_name(unit)).unwrap_or_default();
        let day = |happened: &Option<Happened>| happened.map(|at| page.day(&at).to_string()).unwrap_or_default();
        let count = |count: u32| if count == 0 { String::new() } else { count.to_string() };
        let plain = |said: String| Cell::Text { label: None, said };
        let labelled = |said: String| Cell::Text { label: (!said.is_empty()).then(|| self.said(page)), said };
        match self {
            Column::Stage => Cell::Stage,
            Column::Due => Cell::Due,
            Column::Source => plain(line.source.clone()),
            Column::Division => {
                plain(row.division.as_ref().map(|code| division_name(code, directory)).unwrap_or_default())
            }
            Column::Lead => plain(line.lead.clone()),
            Column::Severity => plain(line.severity.clone().unwrap_or_default()),
            Column::Outcome => plain(row.outcome.map(|outcome| page.outcome_kind(&outcome)).unwrap_or_default()),
            Column::Discovered => labelled(day(&row.discovered)),
            Column::Registered => labelled(day(&row.registered)),
            Column::Reported => labelled(day(&row.reported)),
            Column::Closed => labelled(day(&row.closed)),
            Column::Updated => labelled(page.moment(&row.updated)),
            Column::Office => labelled(unit(row.office)),
            Column::Holder => labelled(unit(row.holder)),
            Column::Pressed => labelled(count(row.pressed)),
            Column::Returns => labelled(count(row.returns)),
            Column::OldNumber => labelled(row.old_number.clone().unwrap_or_default()),
        }
    }
}

/// Returns the columns as an address has them.
pub(super) fn joined(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name()).collect::<Vec<_>>().join(",")
}

/// Reads columns: each once, and the deadline in any case.
fn read(text: &str) -> Result<Vec<Column>, Error> {
    let mut columns = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        let column =
            Column::named(name).ok_or_else(|| Error::Detailed(Code::BadRequest, format!("{COLUMNS}: {name}")))?;
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    if !columns.contains(&Column::Due) {
        columns.push(Column::Due);
    }
    Ok(columns)
}

/// Returns the columns that are asked for: those of the address, or else those somebody keeps. One that was kept and is none
/// any more is left out.
pub(super) fn shown(asked: &Fields, own: &Own) -> Result<Vec<Column>, Error> {
    match (asked.text(COLUMNS), &own.habits.columns) {
        ("", None) => Ok(USUAL.to_vec()),
        ("", Some(kept)) => {
            let known: Vec<&str> = kept.split(',').filter(|name| Column::named(name).is_some()).collect();
            read(&known.join(","))
        }
        (asked, _) => read(asked),
    }
}

/// A column as it is chosen.
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) said: String,
    pub(super) chosen: bool,
    /// Whether it is always there.
    pub(super) stays: bool,
}

/// Returns every column as it is chosen, first those that are shown, in their order.
pub(super) fn choices(columns: &[Column], page: &Page) -> Vec<Choice> {
    let others = Column::ALL.into_iter().filter(|column| !columns.contains(column));
    let choice = |column: Column| Choice {
        name: column.name(),
        said: column.said(page),
        chosen: columns.contains(&column),
        stays: column == Column::Due,
    };
    columns.iter().copied().chain(others).map(choice).collect()
}

/// Takes the columns somebody chose: kept as theirs, or in the address where a view is open, which may be changed by it.
pub(super) async fn choose(State(desk): State<Desk>, Posted { visitor, fields }: Posted) -> Result<Response, Away> {
    let asked = Fields::read(fields.text("query").as_bytes());
    let person = visitor.caller.who.person;
    let own = Own::of(&desk, person).await?;
    let chosen: Vec<&str> =
        fields.0.iter().filter(|(name, _)| name == "column").map(|(_, name)| name.as_str()).collect();
    let mut columns = read(&chosen.join(","))?;
    let is_moved = [("up", -1), ("down", 1)].into_iter().any(|(button, by)| {
        fields.get(button).and_then(Column::named).is_some_and(|column| moved(&mut columns, column, by))
    });
    let is_usual = fields.get("usual").is_some();
    if is_usual {
        columns = USUAL.to_vec();
    }
    let columns = joined(&columns);
    let mut with = Vec::new();
    if own.named(&asked).is_some() {
        with.push((COLUMNS, columns.as_str()));
    } else {
        desk.accounts.keep_columns(person, (!is_usual).then_some(columns.as_str())).await?;
    }
    if is_moved {
        with.push((CHOOSING, "true"));
    }
    Ok(Redirect::to(&address(&asked, &[COLUMNS, CHOOSING], &with)).into_response())
}

/// Moves a column by one place, and returns whether it was chosen at all.
fn moved(columns: &mut [Column], column: Column, by: isize) -> bool {
    let Some(at) = columns.iter().position(|known| *known == column) else { return false };
    if let Some(to) = at.checked_add_signed(by).filter(|to| *to < columns.len()) {
        columns.swap(at, to);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_in_their_order_each_once_and_the_deadline_always() {
        assert_eq!(read("lead, stage,lead").unwrap(), [Column::Lead, Column::Stage, Column::Due]);
        assert_eq!(read("due,source").unwrap(), [Column::Due, Column::Source]);
        assert!(read("lead,colour").is_err());
        for column in Column::ALL {
            assert_eq!(Column::named(column.name()), Some(column));
        }
    }

    #[test]
    fn a_column_moves_by_one_place_and_stays_within_the_row() {
        let mut columns = USUAL.to_vec();
        assert!(moved(&mut columns, Column::Lead, -1));
        assert_eq!(joined(&columns), "lead,source,stage,severity,due");
        assert!(moved(&mut columns, Column::Lead, -1) && moved(&mut columns, Column::Due, 1));
        assert_eq!(joined(&columns), "lead,source,stage,severity,due");
        assert!(!moved(&mut columns, Column::Office, 1));
    }
}
