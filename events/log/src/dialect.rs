//! What is not portable, side by side: lists go in as JSON arrays, and a group is written with or without a bell.

use chrono::{DateTime, Utc};
use rectify_case::Position;
use serde_json::{Value, json};
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use crate::db::Tx;
use crate::position::to_sql;
use crate::seal::Sealed;

/// One question in two dialects, with the same parameters and the same columns.
pub(crate) struct Text {
    pub(crate) postgres: &'static str,
    pub(crate) sqlite: &'static str,
}

impl Text {
    pub(crate) fn on(&self, tx: &Tx<'_>) -> &'static str {
        match tx {
            Tx::Postgres(_) => self.postgres,
            Tx::Sqlite(_) => self.sqlite,
        }
    }
}

/// The channel that tells other processes of a moved head.
pub(crate) const CHANNEL: &str = "rectify_log";

/// Begins a transaction that has the log's lock, on PostgreSQL. What follows sees the log as it is under it, for each statement
/// there sees what was committed before it began. On SQLite whoever begins to write is alone.
pub(crate) const BEGIN_LOCKED: &str = "
BEGIN; SELECT position FROM head FOR UPDATE";

/// What is the head, what did these keys ($1) first write, and at which version are these streams ($2)? Each is looked up by
/// itself: a plan that was made while the log was short would go through all of a long one.
pub(crate) const STANDING: Text = Text {
    postgres: "
SELECT log, recorded, NULL AS name, position AS number, NULL AS events, NULL AS content
FROM head
UNION ALL
SELECT NULL, NULL, k.key, a.position, a.events, a.content
FROM json_array_elements_text($1::json) AS k (key)
CROSS JOIN LATERAL (SELECT position, events, content FROM appends WHERE key = k.key OFFSET 0) AS a
UNION ALL
SELECT NULL, NULL, s.stream, (SELECT max(e.version) FROM events AS e WHERE e.stream = s.stream), NULL, NULL
FROM json_array_elements_text($2::json) AS s (stream)",
    sqlite: "
SELECT log, recorded, NULL AS name, position AS number, NULL AS events, NULL AS content
FROM head
UNION ALL
SELECT NULL, NULL, a.key, a.position, a.events, a.content
FROM json_each($1) AS k
JOIN appends AS a ON a.key = k.value
UNION ALL
SELECT NULL, NULL, s.value, (SELECT max(e.version) FROM events AS e WHERE e.stream = s.value), NULL, NULL
FROM json_each($2) AS s",
};

/// Draws so many numbers from each of these series ($1, an object), and says which was the last.
pub(crate) const DRAW_NUMBERS: Text = Text {
    postgres: "
INSERT INTO series (name, last)
SELECT key, CAST(value AS BIGINT)
FROM json_each_text($1::json)
WHERE true
ON CONFLICT (name) DO UPDATE
SET last = series.last + excluded.last
RETURNING name, last",
    sqlite: "
INSERT INTO series (name, last)
SELECT key, value
FROM json_each($1)
WHERE true
ON CONFLICT (name) DO UPDATE
SET last = series.last + excluded.last
RETURNING name, last",
};

/// Keeps what these keys ($1, rows of key, content, position, events) wrote.
pub(crate) const KEEP_KEYS: Text = Text {
    postgres: "
INSERT INTO appends (key, content, position, events)
SELECT v ->> 0, decode(v ->> 1, 'hex'), CAST(v ->> 2 AS BIGINT), CAST(v ->> 3 AS BIGINT)
FROM json_array_elements($1::json) AS rows (v)",
    sqlite: "
INSERT INTO appends (key, content, position, events)
SELECT value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3
FROM json_each($1)",
};

/// Moves the head to a position ($1) and a time ($2).
const MOVE_HEAD: &str = "
UPDATE head
SET position = $1, recorded = $2";

/// Puts these events ($1, rows of what the table has) back where they were.
pub(crate) const PUT_BACK: Text = Text {
    postgres: "
INSERT INTO events (position, id, stream, version, type, happened, recorded, actor, leaf, bytes)
SELECT CAST(v ->> 0 AS BIGINT), CAST(v ->> 1 AS UUID), v ->> 2, CAST(v ->> 3 AS BIGINT), v ->> 4, v ->> 5,
    CAST(v ->> 6 AS TIMESTAMPTZ), CAST(v ->> 7 AS UUID), decode(v ->> 8, 'hex'), decode(v ->> 9, 'hex')
FROM json_array_elements($1::json) AS rows (v)",
    sqlite: "
INSERT INTO events (position, id, stream, version, type, happened, recorded, actor, leaf, bytes)
SELECT value ->> 0, unhex(value ->> 1), value ->> 2, value ->> 3, value ->> 4, value ->> 5,
    value ->> 6, unhex(value ->> 7), unhex(value ->> 8), unhex(value ->> 9)
FROM json_each($1)",
};

/// Writes a group: its events ($1 to $10), what its keys wrote ($11 to $14), and the head ($15). Rings for who listens, once this
/// is committed.
const WRITE_GROUP: &str = "
WITH written AS (
    INSERT INTO events (position, id, stream, version, type, happened, recorded, actor, leaf, bytes)
    SELECT position, id, stream, version, type, happened, CAST($7 AS TIMESTAMPTZ), actor, leaf, bytes
    FROM UNNEST(
        $1::bigint[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $8::uuid[], $9::bytea[], $10::bytea[]
    ) AS e (position, id, stream, version, type, happened, actor, leaf, bytes)
), kept AS (
    INSERT INTO appends (key, content, position, events)
    SELECT *
    FROM UNNEST($11::text[], $12::bytea[], $13::bigint[], $14::bigint[])
), moved AS (
    UPDATE head
    SET position = $15, recorded = $7
)
SELECT pg_notify('rectify_log', CAST($15 AS TEXT))";

const INSERT_INTO_EVENTS: &str = "
INSERT INTO events (position, id, stream, version, type, happened, recorded, actor, leaf, bytes) ";

/// The most events one SQLite statement takes: ten parameters each, of 32,766.
const MOST_ROWS: usize = 3_000;

/// What a key wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keyed<'a> {
    pub(crate) key: &'a str,
    pub(crate) content: &'a [u8; 32],
    pub(crate) first: Position,
    pub(crate) events: usize,
}

/// Writes the events of a group, which are some, and what its keys wrote, and moves the head to the last.
pub(crate) async fn write(
    tx: &mut Tx<'_>,
    recorded: DateTime<Utc>,
    events: &[Sealed],
    keys: &[Keyed<'_>],
) -> Result<(), sqlx::Error> {
    let Some(last) = events.last() else { return Ok(()) };
    let head = to_sql(last.written.position);
    match tx {
        Tx::Postgres(conn) => {
            sqlx::query(WRITE_GROUP)
                .bind(events.iter().map(|e| to_sql(e.written.position)).collect::<Vec<_>>())
                .bind(events.iter().map(|e| e.written.id.0).collect::<Vec<_>>())
                .bind(events.iter().map(|e| e.written.stream.to_string()).collect::<Vec<_>>())
                .bind(events.iter().map(|e| to_sql(e.written.version)).collect::<Vec<_>>())
                .bind(events.iter().map(|e| e.name).collect::<Vec<_>>())
                .bind(events.iter().map(|e| e.happened.to_string()).collect::<Vec<_>>())
                .bind(recorded)
                .bind(events.iter().map(|e| e.actor).collect::<Vec<_>>())
                .bind(events.iter().map(|e| e.leaf.as_slice()).collect::<Vec<_>>())
                .bind(events.iter().map(|e| e.bytes.as_slice()).collect::<Vec<_>>())
                .bind(keys.iter().map(|k| k.key).collect::<Vec<_>>())
                .bind(keys.iter().map(|k| k.content.as_slice()).collect::<Vec<_>>())
                .bind(keys.iter().map(|k| to_sql(k.first)).collect::<Vec<_>>())
                .bind(keys.iter().map(|k| i64::try_from(k.events).unwrap_or(i64::MAX)).collect::<Vec<_>>())
                .bind(head)
                .execute(&mut **conn)
                .await?;
        }
        Tx::Sqlite(conn) => {
            insert_events(conn, recorded, events).await?;
            if !keys.is_empty() {
                let row = |k: &Keyed| json!([k.key, hex::encode(k.content), k.first, k.events]);
                let keys = Value::from(keys.iter().map(row).collect::<Vec<_>>()).to_string();
                sqlx::query(KEEP_KEYS.sqlite).bind(keys).execute(&mut **conn).await?;
            }
            sqlx::query(MOVE_HEAD).bind(head).bind(recorded).execute(&mut **conn).await?;
        }
    }
    Ok(())
}

/// Inserts events in one statement for every 3,000.
async fn insert_events(
    conn: &mut SqliteConnection,
    recorded: DateTime<Utc>,
    events: &[Sealed],
) -> Result<(), sqlx::Error> {
    for events in events.chunks(MOST_ROWS) {
        let mut query = QueryBuilder::<Sqlite>::new(INSERT_INTO_EVENTS);
        query.push_values(events, |mut row, e| {
            row.push_bind(to_sql(e.written.position))
                .push_bind(e.written.id.0)
                .push_bind(e.written.stream.to_string())
                .push_bind(to_sql(e.written.version))
                .push_bind(e.name)
                .push_bind(e.happened.to_string())
                .push_bind(recorded)
                .push_bind(e.actor)
                .push_bind(e.leaf.as_slice())
                .push_bind(e.bytes.as_slice());
        });
        query.build().persistent(false).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Which columns has which table of ours?
pub(crate) const SQLITE_COLUMNS: &str = "
SELECT t.name, c.name
FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '%_migrations'";

#[cfg(test)]
const TEXTS: [&Text; 4] = [&STANDING, &DRAW_NUMBERS, &KEEP_KEYS, &PUT_BACK];

#[cfg(test)]
pub(crate) fn on_postgres() -> Vec<&'static str> {
    TEXTS.iter().map(|text| text.postgres).chain([WRITE_GROUP]).collect()
}

#[cfg(test)]
pub(crate) fn on_sqlite() -> Vec<&'static str> {
    TEXTS.iter().map(|text| text.sqlite).chain([MOVE_HEAD, SQLITE_COLUMNS]).collect()
}
