//! What was signed, row by row, for a backup: the tree follows from the log again, a signature does not.

use rectify_log::Tx;
use rectify_log::rows::Kind::{Bytes, Int, Text, Time};
use rectify_log::rows::{self, BadRow, Kept, Table};

/// Every table that is kept. A test compares them with what the migrations make.
const TABLES: &[Table] = &[
    Table {
        name: "checkpoints",
        key: "size",
        columns: &[("size", Int), ("root", Bytes), ("note", Text), ("signed", Time)],
    },
    Table { name: "signers", key: "key", columns: &[("key", Text), ("since", Int)] },
    Table {
        name: "cosignatures",
        key: "size, witness",
        columns: &[("size", Int), ("witness", Text), ("line", Text), ("received", Time)],
    },
];

/// What follows from the log.
#[cfg(test)]
const NOT_KEPT: &[&str] = &["tiles"];

/// Returns every row of every table, as a transaction sees them.
pub async fn export(tx: &mut Tx<'_>) -> Result<Vec<Kept>, sqlx::Error> {
    rows::export(tx, TABLES).await
}

/// Puts rows into tables that have none of them.
pub async fn import(tx: &mut Tx<'_>, rows: &[Kept]) -> Result<(), BadRow> {
    rows::import(tx, TABLES, rows).await
}

/// Says why no table can take a row, if none can.
pub fn check(row: &Kept) -> Result<(), BadRow> {
    row.check(TABLES)
}

#[cfg(test)]
mod tests {
    use rectify_log::{Db, Options};

    use super::*;

    #[tokio::test]
    async fn every_column_of_every_table_is_kept_or_named_as_not() {
        let folder = rectify_tests::folder();
        let db = Db::open(&folder.path().join("rectify.db"), &Options::default()).await.unwrap();
        crate::migrate(&db).await.unwrap();
        let not_kept: Vec<&str> = NOT_KEPT.iter().copied().chain(["proof_migrations"]).collect();
        assert_eq!(rows::forgotten(&db, TABLES, &not_kept).await.unwrap(), Vec::<String>::new());
    }
}
