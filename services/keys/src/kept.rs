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
    use rectify_log::{Db, Options};

    use super::*;

    #[tokio::test]
    async fn every_column_of_every_table_is_kept() {
        let folder = rectify_tests::folder();
        let db = Db::open(&folder.path().join("keys.db"), &Options::default()).await.unwrap();
        crate::migrate(&db).await.unwrap();
        let forgotten = rows::forgotten(&db, TABLES, &[]).await.unwrap();
        assert_eq!(forgotten, Vec::<String>::new(), "a new table goes into TABLES");
    }
}
