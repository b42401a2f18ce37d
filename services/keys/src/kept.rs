//! Every row of the key store, for a backup that is kept apart from the log's.

use rectify_log::Tx;
use rectify_log::rows::Kind::{Bytes, Id, Int, Text, Time};
use rectify_log::rows::{self, BadRow, Kept, Table};

use crate::error::KeysError;

/// Every table that is kept. A test compares them with what the migrations make.
const TABLES: &[Table] = &[
    Table {
        name: "office",
        key: "id",
        columns: &[("id", Int), ("public", Bytes), ("secret", Bytes), ("created", Time)],
    },
    Table {
        name: "data_keys",
        key: "finding, generation",
        columns: &[
            ("finding", Id),
            ("generation", Int),
            ("fingerprint", Bytes),
            ("wrapped", Bytes),
            ("sealed", Bytes),
            ("created", Time),
        ],
    },
    Table {
        name: "attachments",
        key: "finding, digest",
        columns: &[("finding", Id), ("digest", Text), ("fingerprint", Bytes), ("wrapped", Bytes), ("created", Time)],
    },
    Table { name: "shredded", key: "finding", columns: &[("finding", Id), ("shredded", Time)] },
];

/// Returns every row of every table, as a transaction sees them.
pub async fn export(tx: &mut Tx<'_>) -> Result<Vec<Kept>, KeysError> {
    Ok(rows::export(tx, TABLES).await?)
}

/// Puts rows into a store that has none.
pub async fn import(tx: &mut Tx<'_>, rows: &[Kept]) -> Result<(), BadRow> {
    rows::import(tx, TABLES, rows).await
}

/// Says why no table can take a row, if none can.
pub fn check(row: &Kept) -> Result<(), BadRow> {
    row.check(TABLES)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rectify_log::{Db, Options};

    use super::*;

    #[tokio::test]
    async fn every_column_of_every_table_is_kept() {
        let folder = rectify_tests::folder();
        let db = Db::open(&folder.path().join("keys.db"), &Options::default()).await.unwrap();
        crate::migrate(&db).await.unwrap();
        let Db::Sqlite(pool) = &db else { panic!("it was opened on SQLite") };
        let made: Vec<(String, String)> = sqlx::query_as(
            "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
            WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '%_migrations'",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        let made: BTreeSet<(&str, &str)> =
            made.iter().map(|(table, column)| (table.as_str(), column.as_str())).collect();
        let kept: BTreeSet<(&str, &str)> =
            TABLES.iter().flat_map(|table| table.columns.iter().map(|(column, _)| (table.name, *column))).collect();
        assert_eq!(made, kept, "a new table goes into TABLES");
    }
}
