//! The folded cases as they are kept.

use rectify_case::{CaseId, PersonId, UnitId};
use rectify_log::{Db, Tx};
use uuid::Uuid;

use crate::entry::Entry;
use crate::error::{LedgerError, inconsistent};
use crate::sql::{Sql, VALUES, Value};
use crate::statements;

/// A state as it was written: entry and text.
type Row = (i64, String);

/// Returns the text in which a case is kept.
pub(crate) fn text(entry: &Entry) -> String {
    serde_json::to_string(entry).expect("a case has only texts as keys")
}

/// Returns these cases, of which some may not be there.
pub(crate) async fn of_cases(db: &Db, cases: Vec<CaseId>) -> Result<Vec<Entry>, LedgerError> {
    let mut entries = Vec::new();
    for sql in listed(statements::STATES_OF, cases.into_iter().map(|case| case.0), "") {
        entries.extend(read(sql.fetch_all(db).await?)?);
    }
    Ok(entries)
}

/// Returns the cases that these units answer for or verify.
pub(crate) async fn with_units(
    tx: &mut Tx<'_>,
    units: impl IntoIterator<Item = UnitId>,
) -> Result<Vec<Entry>, LedgerError> {
    listed_in(tx, statements::STATES_WITH_UNITS, units.into_iter().map(|unit| unit.0)).await
}

/// Returns the cases that are kept from these persons.
pub(crate) async fn walled_from(
    tx: &mut Tx<'_>,
    persons: impl IntoIterator<Item = PersonId>,
) -> Result<Vec<Entry>, LedgerError> {
    listed_in(tx, statements::STATES_WALLED_FROM, persons.into_iter().map(|person| person.0)).await
}

async fn listed_in(
    tx: &mut Tx<'_>,
    statement: &str,
    list: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Entry>, LedgerError> {
    let mut entries = Vec::new();
    for sql in listed(statement, list, ")") {
        entries.extend(read(sql.fetch_in(tx).await?)?);
    }
    Ok(entries)
}

/// Returns a statement that ends in a list, as often as the list takes.
fn listed(statement: &str, list: impl IntoIterator<Item = impl Into<Value>>, ending: &str) -> Vec<Sql> {
    let list: Vec<Value> = list.into_iter().map(Into::into).collect();
    let part = |list: &[Value]| {
        let mut sql = Sql::new(statement, []);
        sql.list(list.iter().cloned()).push(ending);
        // The text of one comes again and again while the log is followed.
        if list.len() > 1 { sql.once() } else { sql }
    };
    list.chunks(VALUES).map(part).collect()
}

fn read(rows: Vec<Row>) -> Result<Vec<Entry>, LedgerError> {
    let read =
        |(entry, state): Row| serde_json::from_str(&state).map_err(|_| inconsistent("case_state", "state", entry));
    rows.into_iter().map(read).collect()
}
