//! What the log is compared with: the same checks, the same bytes, the same tables and indexes, one append a commit.
//!
//! It is written as well as that can be: one statement asks what stands, one writes event and key. Positions come from a
//! sequence on PostgreSQL, where appends run side by side and a reader of positions would miss some; SQLite has one
//! writer, and a mutex here keeps the others from spinning on its lock.

use chrono::{DateTime, Utc};
use rectify_case::{Actor, Envelope, Event, EventId, Happened, LogId, StreamId, Version};
use rectify_log::{Clock, Db};
use sha2::{Digest as _, Sha256};
use sqlx::{PgPool, SqlitePool};
use tokio::sync::Mutex;
use uuid::{Builder, Uuid};

use crate::prepared::{as_sql, canonical};

/// A log without groups.
#[derive(Debug)]
pub struct Naive {
    db: Db,
    log: LogId,
    clock: Clock,
    writer: Mutex<()>,
}

const NEXT: &str = "CREATE SEQUENCE naive_position";

const STANDING: &str = "
SELECT (SELECT max(version) FROM events WHERE stream = $1), (SELECT content FROM appends WHERE key = $2)";

const WRITE: &str = "
WITH written AS (
    INSERT INTO events (position, id, stream, version, type, happened, recorded, actor, leaf, bytes)
    VALUES (nextval('naive_position'), $1, $2, $3, $4, $5, $6, $7, $8, $9)
    RETURNING position
)
INSERT INTO appends (key, content, position, events)
SELECT $10, $11, position, 1
FROM written";

const WRITE_EVENT: &str = "
INSERT INTO events (position, id, stream, version, type, happened, recorded, actor, leaf, bytes)
VALUES ((SELECT coalesce(max(position), 0) + 1 FROM events), $1, $2, $3, $4, $5, $6, $7, $8, $9)
RETURNING position";

const WRITE_KEY: &str = "
INSERT INTO appends (key, content, position, events)
VALUES ($1, $2, $3, 1)";

type Standing = (Option<i64>, Option<Vec<u8>>);

impl Naive {
    pub async fn new(db: Db, log: LogId, clock: Clock) -> Naive {
        if let Db::Postgres(pool) = &db {
            sqlx::query(NEXT).execute(pool).await.expect("a database takes a sequence");
            // The foreign key from appends to events is no deferred one, and one statement writes both.
        }
        Naive { db, log, clock, writer: Mutex::new(()) }
    }

    /// Writes one event: true, unless the stream is at another version.
    pub async fn append(&self, key: &str, actor: Actor, stream: StreamId, expected: Version, event: Event) -> bool {
        let content: [u8; 32] = Sha256::digest(canonical(&(actor, stream, &event))).into();
        let written = match &self.db {
            Db::Postgres(pool) => self.on_postgres(pool, key, content, actor, stream, expected, event).await,
            Db::Sqlite(pool) => {
                let _alone = self.writer.lock().await;
                self.on_sqlite(pool, key, content, actor, stream, expected, event).await
            }
        };
        written.expect("the database takes an event")
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one append")]
    async fn on_postgres(
        &self,
        pool: &PgPool,
        key: &str,
        content: [u8; 32],
        actor: Actor,
        stream: StreamId,
        expected: Version,
        event: Event,
    ) -> Result<bool, sqlx::Error> {
        let mut tx = pool.begin().await?;
        let standing: Standing =
            sqlx::query_as(STANDING).bind(stream.to_string()).bind(key).fetch_one(&mut *tx).await?;
        if !stands(&standing, expected, content) {
            return Ok(false);
        }
        let sealed = self.seal(actor, stream, expected + 1, event);
        sqlx::query(WRITE)
            .bind(sealed.id)
            .bind(stream.to_string())
            .bind(as_sql(expected + 1))
            .bind(sealed.name)
            .bind(sealed.happened)
            .bind(sealed.recorded)
            .bind(actor.person.0)
            .bind(sealed.leaf.as_slice())
            .bind(sealed.bytes)
            .bind(key)
            .bind(content.as_slice())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one append")]
    async fn on_sqlite(
        &self,
        pool: &SqlitePool,
        key: &str,
        content: [u8; 32],
        actor: Actor,
        stream: StreamId,
        expected: Version,
        event: Event,
    ) -> Result<bool, sqlx::Error> {
        let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
        let standing: Standing =
            sqlx::query_as(STANDING).bind(stream.to_string()).bind(key).fetch_one(&mut *tx).await?;
        if !stands(&standing, expected, content) {
            return Ok(false);
        }
        let sealed = self.seal(actor, stream, expected + 1, event);
        let position: i64 = sqlx::query_scalar(WRITE_EVENT)
            .bind(sealed.id)
            .bind(stream.to_string())
            .bind(as_sql(expected + 1))
            .bind(sealed.name)
            .bind(sealed.happened)
            .bind(sealed.recorded)
            .bind(actor.person.0)
            .bind(sealed.leaf.as_slice())
            .bind(sealed.bytes)
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query(WRITE_KEY).bind(key).bind(content.as_slice()).bind(position).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    fn seal(&self, actor: Actor, stream: StreamId, version: Version, event: Event) -> Sealed {
        let recorded = self.clock.now();
        let millis = u64::try_from(recorded.timestamp_millis()).unwrap_or(0);
        let id = Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid();
        let happened = Happened::At(recorded);
        let envelope = Envelope {
            id: EventId(id),
            salt: hex::encode(rand::random::<[u8; 16]>()),
            log: self.log,
            stream,
            version,
            schema: Event::SCHEMA,
            happened,
            received: None,
            recorded,
            actor,
            facts_at: 0,
            cause: None,
            event,
        };
        let bytes = canonical(&envelope);
        let name = envelope.event.name();
        Sealed { id, name, happened: happened.to_string(), recorded, leaf: Sha256::digest(&bytes).into(), bytes }
    }
}

struct Sealed {
    id: Uuid,
    name: &'static str,
    happened: String,
    recorded: DateTime<Utc>,
    leaf: [u8; 32],
    bytes: Vec<u8>,
}

/// Returns whether an event may be written: the stream is as expected, and the key was used for nothing else.
fn stands((version, kept): &Standing, expected: Version, content: [u8; 32]) -> bool {
    version.unwrap_or(0) == as_sql(expected) && kept.as_ref().is_none_or(|kept| *kept == content)
}
