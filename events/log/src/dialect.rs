//! What is not portable, side by side: lists go in as JSON arrays, and the head is moved with or without a bell.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, Sqlite};

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

/// What did these keys ($1) first write, and at which version are these streams ($2)?
pub(crate) const STANDING: Text = Text {
    postgres: "
SELECT a.key AS name, a.position AS number, a.events AS events, a.content AS content
FROM json_array_elements_text($1::json) AS k (key)
JOIN appends AS a ON a.key = k.key
UNION ALL
SELECT s.stream, (SELECT max(e.version) FROM events AS e WHERE e.stream = s.stream), NULL, NULL
FROM json_array_elements_text($2::json) AS s (stream)",
    sqlite: "
SELECT a.key AS name, a.position AS number, a.events AS events, a.content AS content
FROM json_each($1) AS k
JOIN appends AS a ON a.key = k.value
UNION ALL
SELECT s.value, (SELECT max(e.version) FROM events AS e WHERE e.stream = s.value), NULL, NULL
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

/// Moves the head to a position ($1) and a time ($2); PostgreSQL rings for who listens, once this is committed.
pub(crate) const MOVE_HEAD: Text = Text {
    postgres: "
WITH moved AS (UPDATE head SET position = $1, recorded = $2)
SELECT pg_notify('rectify_log', CAST($1 AS TEXT))",
    sqlite: "
UPDATE head
SET position = $1, recorded = $2",
};

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

const INSERT_EVENTS: &str = "
INSERT INTO events (position, id, stream, version, type, happened, recorded, actor, leaf, bytes)
SELECT position, id, stream, version, type, happened, CAST($7 AS TIMESTAMPTZ), actor, leaf, bytes
FROM UNNEST(
    $1::bigint[], $2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $8::uuid[], $9::bytea[], $10::bytea[]
) AS e (position, id, stream, version, type, happened, actor, leaf, bytes)";

const INSERT_INTO_EVENTS: &str = "
INSERT INTO events (position, id, stream, version, type, happened, recorded, actor, leaf, bytes) ";

/// The most events one SQLite statement takes: ten parameters each, of 32,766.
const MOST_ROWS: usize = 3_000;

/// Inserts the events of a group in one statement (on SQLite, one for every 3,000).
pub(crate) async fn insert_events(
    tx: &mut Tx<'_>,
    recorded: DateTime<Utc>,
    events: &[Sealed],
) -> Result<(), sqlx::Error> {
    match tx {
        Tx::Postgres(conn) => {
            sqlx::query(INSERT_EVENTS)
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
                .execute(&mut **conn)
                .await?;
        }
        Tx::Sqlite(conn) => {
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
                query.build().persistent(false).execute(&mut **conn).await?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
const TEXTS: [&Text; 5] = [&STANDING, &DRAW_NUMBERS, &KEEP_KEYS, &PUT_BACK, &MOVE_HEAD];

#[cfg(test)]
pub(crate) fn on_postgres() -> Vec<&'static str> {
    TEXTS.iter().map(|text| text.postgres).chain([INSERT_EVENTS]).collect()
}

#[cfg(test)]
pub(crate) fn on_sqlite() -> Vec<&'static str> {
    TEXTS.iter().map(|text| text.sqlite).collect()
}
