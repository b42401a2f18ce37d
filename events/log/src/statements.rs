//! The statements that both databases read alike.

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub(crate) const $name: &str = $text;)*

        #[cfg(test)]
        const ALL: &[&str] = &[$($name),*];
    };
}

statements! {
    /// Makes the log, unless it was made.
    MAKE_HEAD = "
INSERT INTO head (one, log, position, recorded)
VALUES (1, $1, 0, $2)
ON CONFLICT DO NOTHING";

    /// Which log is this?
    LOG_ID = "
SELECT log
FROM head";

    /// How far does the log go?
    HEAD = "
SELECT position
FROM head";

    /// How far does the log go, and when was its last event recorded?
    REACHED = "
SELECT position, recorded
FROM head";

    /// Takes the log's lock and says what the head is under it, with the leaf of its event.
    LOCK_HEAD_WITH_LEAF = "
UPDATE head
SET position = position
RETURNING log, position, recorded, (SELECT leaf FROM events AS e WHERE e.position = head.position)";

    /// What is the head, with the leaf of its event?
    HEAD_WITH_LEAF = "
SELECT log, position, recorded, (SELECT leaf FROM events AS e WHERE e.position = head.position)
FROM head";

    /// Makes the head this, whatever it was.
    SET_HEAD = "
INSERT INTO head (one, log, position, recorded)
VALUES (1, $1, $2, $3)
ON CONFLICT (one) DO UPDATE
SET log = excluded.log, position = excluded.position, recorded = excluded.recorded";

    /// Makes a number the last of its series, unless a later one was given.
    RAISE_SERIES = "
INSERT INTO series (name, last)
VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE
SET last = excluded.last
WHERE series.last < excluded.last";

    /// Which events come after a position?
    EVENTS_AFTER = "
SELECT position, leaf, bytes
FROM events
WHERE position > $1
ORDER BY position
LIMIT $2";

    /// Which events of a stream come after a version?
    EVENTS_OF_STREAM = "
SELECT position, leaf, bytes
FROM events
WHERE stream = $1 AND version > $2
ORDER BY version";

    /// Which events come after a position, with what is said of them beside their bytes?
    RAW_AFTER = "
SELECT position, stream, type, leaf, bytes
FROM events
WHERE position > $1
ORDER BY position
LIMIT $2";

    /// Which leaves come after a position?
    LEAVES_AFTER = "
SELECT position, leaf
FROM events
WHERE position > $1
ORDER BY position
LIMIT $2";

    /// What was the last number of each series?
    SERIES = "
SELECT name, last
FROM series";

    /// Which events come after a position, with every copy of what their bytes say?
    COPIES_AFTER = "
SELECT position, id, stream, version, type, happened, recorded, actor, leaf, bytes
FROM events
WHERE position > $1
ORDER BY position
LIMIT $2";

    /// Which looks at petitioners were there before a position, the latest first? An index has these types by position.
    LOOKS_BEFORE = "
SELECT position, leaf, bytes
FROM events
WHERE type IN ('petition_opened', 'set_aside_opened') AND position < $1
ORDER BY position DESC
LIMIT $2";

    /// What was done with the keys of petitions? An index has these types by position.
    CUSTODY = "
SELECT position, leaf, bytes
FROM events
WHERE type IN ('petition_held', 'petition_released', 'shredding_proposed', 'shredding_declined',
    'shredding_approved', 'petition_shredded')
ORDER BY position";

    /// What did keys first write after a position and up to another?
    KEYS_BETWEEN = "
SELECT key, content, position, events
FROM appends
WHERE position > $1 AND position <= $2
ORDER BY position, key";

    /// What did a key first write?
    WRITTEN_UNDER_KEY = "
SELECT position, events, content
FROM appends
WHERE key = $1";
}

#[cfg(test)]
mod tests {
    use rectify_tests::TempFolder;
    use rectify_tests::postgres::Database;
    use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};

    use super::ALL;
    use crate::{Db, Options, dialect, migrate, on};

    struct Both {
        postgres: Db,
        sqlite: Db,
        _dropped_last: (Database, TempFolder),
    }

    async fn migrated() -> Both {
        let (database, folder) = (rectify_tests::postgres::database().await, rectify_tests::folder());
        let postgres = Db::connect(database.url(), &Options::default()).await.unwrap();
        let sqlite = Db::open(&folder.path().join("rectify.db"), &Options::default()).await.unwrap();
        for db in [&postgres, &sqlite] {
            migrate(db).await.unwrap();
            // Once is enough.
            migrate(db).await.unwrap();
        }
        Both { postgres, sqlite, _dropped_last: (database, folder) }
    }

    #[tokio::test]
    async fn every_statement_can_be_prepared_on_both_databases() {
        let both = migrated().await;
        for (db, own) in [(&both.postgres, dialect::on_postgres()), (&both.sqlite, dialect::on_sqlite())] {
            for statement in ALL.iter().copied().chain(own) {
                let prepared = on!(Db, db, pool => {
                    pool.acquire().await.unwrap().prepare(AssertSqlSafe(statement).into_sql_str()).await.map(drop)
                });
                prepared.unwrap_or_else(|error| panic!("{statement}: {error}"));
            }
        }
    }

    /// Table, column, type, whether it may be null: as SQLite would say it.
    type Column = (String, String, String, bool);

    const POSTGRES_COLUMNS: &str = "
SELECT table_name::text, column_name::text,
    CASE data_type
        WHEN 'bigint' THEN 'INTEGER' WHEN 'smallint' THEN 'INTEGER'
        WHEN 'uuid' THEN 'BLOB' WHEN 'bytea' THEN 'BLOB'
        WHEN 'timestamp with time zone' THEN 'TEXT' ELSE upper(data_type)
    END,
    is_nullable = 'YES'
FROM information_schema.columns
WHERE table_schema = 'public' AND table_name <> 'log_migrations'
ORDER BY table_name, ordinal_position";

    const SQLITE_COLUMNS: &str = "
SELECT t.name, c.name, c.type, NOT (c.\"notnull\" OR c.pk > 0)
FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
WHERE t.type = 'table' AND t.name <> 'log_migrations'
ORDER BY t.name, c.cid";

    #[tokio::test]
    async fn the_migrations_agree_table_by_table() {
        let both = migrated().await;
        let mut columns: Vec<Vec<Column>> = Vec::new();
        for (db, statement) in [(&both.postgres, POSTGRES_COLUMNS), (&both.sqlite, SQLITE_COLUMNS)] {
            columns.push(on!(Db, db, pool => sqlx::query_as(statement).fetch_all(pool).await.unwrap()));
        }
        assert_eq!(columns[0], columns[1]);
        assert_eq!(columns[0].len(), 20);
    }
}
