//! What is not portable, side by side.

use rectify_log::{Db, Tx};
use sqlx::AssertSqlSafe;

/// One text in two dialects.
pub(crate) struct Text {
    postgres: &'static str,
    sqlite: &'static str,
}

impl Text {
    pub(crate) fn on(&self, db: &Db) -> &'static str {
        match db {
            Db::Postgres(_) => self.postgres,
            Db::Sqlite(_) => self.sqlite,
        }
    }

    pub(crate) fn within(&self, tx: &Tx<'_>) -> &'static str {
        match tx {
            Tx::Postgres(_) => self.postgres,
            Tx::Sqlite(_) => self.sqlite,
        }
    }
}

/// The channel on which PostgreSQL tells how far the serving generation is folded.
pub(crate) const CHANNEL: &str = "rectify_ledger";

/// Lets nobody else enter a generation until the transaction ends. On SQLite, writing at all does.
pub(crate) const LOCK_GENERATIONS: &str = "
LOCK TABLE generations IN SHARE ROW EXCLUSIVE MODE";

/// Rings with a position, once the transaction is committed.
pub(crate) const RING: &str = "
SELECT pg_notify('rectify_ledger', CAST($1 AS TEXT))";

/// The cases with the tokens that a bound text asks for: what comes before it ...
pub(crate) const WITH_TOKENS: Text = Text {
    postgres: "c.entry IN (SELECT entry FROM search WHERE tokens @@ CAST(",
    sqlite: "c.entry IN (SELECT rowid FROM search WHERE search MATCH CAST(",
};

/// ... and what after.
pub(crate) const WITH_TOKENS_END: Text = Text { postgres: " AS TSQUERY))", sqlite: " AS TEXT))" };

/// Forgets the tokens of one case.
pub(crate) const DELETE_TOKENS: Text = Text {
    postgres: "
DELETE FROM search
WHERE entry = $1",
    sqlite: "
DELETE FROM search
WHERE rowid = $1",
};

/// Keeps the tokens ($2, separated by spaces) of one case.
pub(crate) const INSERT_TOKENS: Text = Text {
    postgres: "
INSERT INTO search (entry, tokens)
VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))",
    sqlite: "
INSERT INTO search (rowid, tokens)
VALUES ($1, $2)",
};

/// Makes a schema.
pub(crate) async fn make_schema(db: &Db, name: &str) -> Result<(), sqlx::Error> {
    if let Db::Postgres(pool) = db {
        sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {name}"))).execute(pool).await?;
    }
    Ok(())
}

/// Drops a schema with everything in it, if there is one.
pub(crate) async fn drop_schema(db: &Db, name: &str) -> Result<(), sqlx::Error> {
    if let Db::Postgres(pool) = db {
        sqlx::query(AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {name} CASCADE"))).execute(pool).await?;
    }
    Ok(())
}
