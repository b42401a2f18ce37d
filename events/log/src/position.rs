//! Positions and versions as the databases keep them: signed.

use crate::db::DbError;

/// Returns a number to bind. Nothing reaches 2⁶³, and whoever asks for what comes after that gets nothing.
pub(crate) fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Returns a number that was read from a row.
pub(crate) fn from_sql(table: &'static str, column: &'static str, number: i64) -> Result<u64, DbError> {
    u64::try_from(number).map_err(|_| DbError::Inconsistent { table, column, id: number.to_string() })
}
