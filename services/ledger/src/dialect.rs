//! What is not portable, side by side.

use rectify_log::{Db, Tx};
use sqlx::{AssertSqlSafe, PgPool};

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

/// What stands before a bound value and after it, in two dialects.
pub(crate) struct Around {
    postgres: [&'static str; 2],
    sqlite: [&'static str; 2],
}

impl Around {
    pub(crate) fn on(&self, db: &Db) -> [&'static str; 2] {
        match db {
            Db::Postgres(_) => self.postgres,
            Db::Sqlite(_) => self.on_sqlite(),
        }
    }

    pub(crate) fn on_sqlite(&self) -> [&'static str; 2] {
        self.sqlite
    }
}

/// The channel on which PostgreSQL tells how far the serving generation is folded.
pub(crate) const CHANNEL: &str = "rectify_ledger";

/// Lets nobody else enter a generation until the transaction ends. On SQLite, writing at all does.
pub(crate) const LOCK_GENERATIONS: &str = "
LOCK TABLE generations IN SHARE ROW EXCLUSIVE MODE";

/// Lets nobody else fold or index a generation until the transaction ends. On SQLite, writing at all does.
pub(crate) const LOCK_CHECKPOINT: &str = "
LOCK TABLE checkpoint IN SHARE ROW EXCLUSIVE MODE";

/// Are the indexes of a generation made? One row if so.
pub(crate) const IS_INDEXED: Text = Text {
    postgres: "
SELECT CAST(1 AS BIGINT)
FROM pg_indexes
WHERE schemaname = current_schema() AND indexname = 'cases_by_id'",
    sqlite: "
SELECT 1
FROM sqlite_schema
WHERE type = 'index' AND name = 'cases_by_id'",
};

/// Which group of roles owns the ledger, if this is a member?
const FOLDERS: &str = "
SELECT rolname::text
FROM pg_roles
WHERE rolname = current_database() || '_ledger' AND pg_has_role(oid, 'MEMBER')";

/// Lets a connection to SQLite keep 64 MiB of pages for a while: a page of the log that is full touches more than the little
/// it keeps else, and what has no room is written twice.
pub(crate) const KEEP_MORE_PAGES: &str = "
PRAGMA cache_size = -65536";

/// Lets it keep again what every connection does.
pub(crate) const KEEP_FEWER_PAGES: &str = "
PRAGMA cache_size = -512";

/// Rings with a position, once the transaction is committed.
pub(crate) const RING: &str = "
SELECT pg_notify('rectify_ledger', CAST($1 AS TEXT))";

/// How many cases have the tokens that a text ($1) asks for, which (a list as [`ENTRIES`] reads it), and how far is the ledger folded?
/// At most how many follows ...
pub(crate) const TOKENED: Text = Text {
    postgres: "
SELECT count(*), coalesce(CAST(array_agg(f.entry) AS TEXT), '{}'), (SELECT position FROM checkpoint)
FROM (SELECT entry FROM search WHERE tokens @@ CAST($1 AS TSQUERY) LIMIT ",
    sqlite: "
SELECT count(*), json_group_array(f.entry), (SELECT position FROM checkpoint)
FROM (SELECT rowid AS entry FROM search WHERE search MATCH $1 LIMIT ",
};

/// ... and it ends with this.
pub(crate) const TOKENED_END: &str = ") AS f";

/// The cases with the tokens that a bound text asks for, which are found first.
pub(crate) const WITH_TOKENS: Around = Around {
    postgres: ["c.entry = ANY (ARRAY(SELECT entry FROM search WHERE tokens @@ CAST(", " AS TSQUERY)))"],
    sqlite: ["c.entry IN (SELECT rowid FROM search WHERE search MATCH CAST(", " AS TEXT))"],
};

/// The same, asked of each case by itself.
pub(crate) const HAS_TOKENS: Around = Around {
    postgres: ["EXISTS (SELECT 1 FROM search AS s WHERE s.entry = c.entry AND s.tokens @@ CAST(", " AS TSQUERY))"],
    sqlite: ["EXISTS (SELECT 1 FROM search AS s WHERE s.rowid = c.entry AND s.tokens MATCH CAST(", " AS TEXT))"],
};

/// The cases that a query names, however many it names: what comes before it. PostgreSQL would else guess how many those
/// are, and read all cases in their order to look each up among them ...
pub(crate) const AMONG: Text = Text { postgres: "c.entry = ANY (ARRAY(", sqlite: "c.entry IN (" };

/// ... and what after.
pub(crate) const AMONG_END: Text = Text { postgres: "))", sqlite: ")" };

/// The entries `e` of a bound list: an array as PostgreSQL writes it, JSON on SQLite.
pub(crate) const ENTRIES: Around = Around {
    postgres: ["SELECT e.entry FROM UNNEST(CAST(", " AS BIGINT[])) AS e (entry)"],
    sqlite: ["SELECT e.entry FROM (SELECT j.value AS entry FROM json_each(", ") AS j) AS e"],
};

/// A list without entries.
pub(crate) const NO_ENTRIES: Text = Text { postgres: "{}", sqlite: "[]" };

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

/// Makes a schema, owned by the group of those who fold where there is one.
pub(crate) async fn make_schema(db: &Db, name: &str) -> Result<(), sqlx::Error> {
    if let Db::Postgres(pool) = db {
        let owner = folders(pool).await?.map_or_else(String::new, |group| format!(" AUTHORIZATION {group}"));
        sqlx::query(AssertSqlSafe(format!("CREATE SCHEMA {name}{owner}"))).execute(pool).await?;
    }
    Ok(())
}

/// Returns the group of roles that own the ledger, if there is one and this is a member.
pub(crate) async fn folders(pool: &PgPool) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(FOLDERS).fetch_optional(pool).await
}

/// Who may do what to the ledgers and their list? Those that are there change hands too.
pub(crate) const GRANTS: &str = "
REVOKE ALL ON generations, generations_migrations FROM PUBLIC, {all};
GRANT SELECT ON generations, generations_migrations TO {registrar}, {projector}, {desk}, {reader};
GRANT INSERT, UPDATE, DELETE ON generations TO {projector}, {desk};
ALTER DEFAULT PRIVILEGES FOR ROLE {ledger} GRANT USAGE ON SCHEMAS TO {registrar}, {reader};
ALTER DEFAULT PRIVILEGES FOR ROLE {ledger} GRANT SELECT ON TABLES TO {registrar}, {reader};
DO $$
DECLARE
    made RECORD;
BEGIN
    FOR made IN SELECT format('ledger_%s', generation) AS name FROM generations LOOP
        EXECUTE format('ALTER SCHEMA %I OWNER TO {ledger}', made.name);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO {registrar}, {reader}', made.name);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO {registrar}, {reader}', made.name);
    END LOOP;
    FOR made IN
        SELECT t.schemaname AS name, t.tablename AS kept
        FROM pg_tables AS t
        JOIN generations AS g ON t.schemaname = format('ledger_%s', g.generation)
    LOOP
        EXECUTE format('ALTER TABLE %I.%I OWNER TO {ledger}', made.name, made.kept);
    END LOOP;
END;
$$";

/// Drops a schema with everything in it, if there is one.
pub(crate) async fn drop_schema(db: &Db, name: &str) -> Result<(), sqlx::Error> {
    if let Db::Postgres(pool) = db {
        sqlx::query(AssertSqlSafe(format!("DROP SCHEMA IF EXISTS {name} CASCADE"))).execute(pool).await?;
    }
    Ok(())
}
