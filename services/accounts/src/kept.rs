//! Everything that accounts keep, row by row, for a backup: no event tells it, so no log brings it back.

use rectify_log::Tx;
use rectify_log::rows::Kind::{Bytes, Id, Int, Text, Time};
use rectify_log::rows::{self, BadRow, Kept, Table};

use crate::error::AccountsError;

/// Every table that is kept. A test compares them with what the migrations make.
const TABLES: &[Table] = &[
    Table {
        name: "tokens",
        key: "id",
        columns: &[
            ("id", Id),
            ("hash", Bytes),
            ("person", Id),
            ("label", Text),
            ("created", Time),
            ("used", Time),
            ("expires", Time),
            ("revoked", Time),
        ],
    },
    Table { name: "cursors", key: "name", columns: &[("name", Text), ("position", Int)] },
    Table {
        name: "heard",
        key: "finding, content",
        columns: &[("finding", Id), ("content", Text), ("received", Time)],
    },
    Table {
        name: "mappings",
        key: "unit, intake, fingerprint",
        columns: &[
            ("unit", Id),
            ("intake", Text),
            ("fingerprint", Text),
            ("header", Text),
            ("mapping", Text),
            ("person", Id),
            ("since", Time),
        ],
    },
    Table {
        name: "deliveries",
        key: "id",
        columns: &[
            ("id", Id),
            ("source", Text),
            ("issuing_body", Text),
            ("document", Text),
            ("person", Id),
            ("unit", Id),
            ("received", Time),
            ("held", Text),
            ("gone", Text),
        ],
    },
    Table { name: "given", key: "one", columns: &[("one", Int), ("until", Int)] },
    Table {
        name: "credentials",
        key: "person",
        columns: &[("person", Id), ("login", Text), ("password", Text), ("changed", Time)],
    },
    Table {
        name: "ledger_views",
        key: "id",
        columns: &[("id", Id), ("person", Id), ("name", Text), ("query", Text), ("created", Time)],
    },
    Table { name: "ledger_habits", key: "person", columns: &[("person", Id), ("columns", Text), ("opens", Id)] },
    Table {
        name: "forms",
        key: "id",
        columns: &[
            ("id", Id),
            ("unit", Id),
            ("name", Text),
            ("file", Text),
            ("bytes", Bytes),
            ("sheet", Text),
            ("first", Int),
            ("columns", Text),
            ("person", Id),
            ("since", Time),
        ],
    },
];

/// Tables that are of this installation alone: where its backups are is known when one is brought back, and nobody is
/// signed in there, or let in by a link that was made for another. Drafts are their writers' alone, and gone when they are done
/// with: a backup would keep what was thought better of.
#[cfg(test)]
const NOT_KEPT: &[&str] = &["backups", "links", "sessions", "attempts", "drafts"];

/// Returns every row of every table, as a transaction sees them.
pub async fn export(tx: &mut Tx<'_>) -> Result<Vec<Kept>, AccountsError> {
    Ok(rows::export(tx, TABLES).await?)
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
        let forgotten = rows::forgotten(&db, TABLES, NOT_KEPT).await.unwrap();
        assert_eq!(forgotten, Vec::<String>::new(), "a new table goes into TABLES, or into NOT_KEPT with the reason");
    }
}
