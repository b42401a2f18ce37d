//! Putting events back that were in the log before, from a copy of it: the same bytes at the same positions.

use chrono::SecondsFormat;
use rectify_case::{Envelope, LogId, Position, StreamId};
use serde_json::{Value, json};

use crate::chain::{Broken, Chain, Copied};
use crate::db::{Db, DbError, Tx};
use crate::log::LogError;
use crate::position::to_sql;
use crate::read::{self, Head, Key};
use crate::transaction::versions_of;
use crate::{dialect, on, statements};

/// One transaction that puts events back under the log's lock. Dropped, it leaves the log as it was.
#[derive(Debug)]
pub struct PutBack {
    tx: Tx<'static>,
    chain: Chain,
    before: Position,
}

/// Why events cannot be put back.
#[derive(Debug, thiserror::Error)]
pub enum PutBackError {
    /// The log has events already.
    #[error("the log has {position} events already")]
    NotEmpty {
        /// How far it goes.
        position: Position,
    },
    /// Somebody wrote to the log meanwhile.
    #[error("the log goes to position {found} and not to {expected}: somebody writes to it")]
    Moved {
        /// Where it was.
        expected: Position,
        /// Where it is.
        found: Position,
    },
    /// An event cannot stand where the copy has it.
    #[error(transparent)]
    Broken(#[from] Broken),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl From<DbError> for PutBackError {
    fn from(error: DbError) -> Self {
        PutBackError::Log(error.into())
    }
}

impl From<sqlx::Error> for PutBackError {
    fn from(error: sqlx::Error) -> Self {
        PutBackError::Log(error.into())
    }
}

/// How many bytes of events go into one statement, about.
const FULL: usize = 4 * 1024 * 1024;

/// How many events go into one statement at most.
const MOST_ROWS: usize = 2_000;

impl PutBack {
    /// Begins in a database whose tables are up to date and whose log has no event. What is put back makes it the log
    /// that the copy was made of.
    pub async fn into_empty(db: &Db) -> Result<PutBack, PutBackError> {
        let mut tx = db.begin().await?;
        match read::lock_head(&mut tx).await? {
            Some(Head { position, .. }) if position > 0 => Err(PutBackError::NotEmpty { position }),
            Some(_) | None => Ok(PutBack { tx, chain: Chain::default(), before: 0 }),
        }
    }

    /// Begins after the last event of a log, which must be at this position.
    pub async fn after(db: &Db, position: Position) -> Result<PutBack, PutBackError> {
        let mut tx = db.begin().await?;
        let head = read::lock_head(&mut tx).await?;
        let found = head.map_or(0, |head| head.position);
        let Some(head) = head.filter(|head| head.position == position) else {
            return Err(PutBackError::Moved { expected: position, found });
        };
        let chain = Chain::after(Some(head.log), position, head.leaf, head.recorded);
        Ok(PutBack { tx, chain, before: position })
    }

    /// Puts events back, each checked against all before it, and returns them.
    pub async fn events(&mut self, copied: &[Copied]) -> Result<Vec<Envelope>, PutBackError> {
        self.look_up_streams(copied).await?;
        let mut envelopes = Vec::with_capacity(copied.len());
        let (mut rows, mut size) = (Vec::new(), 0);
        for copied in copied {
            let envelope = self.chain.follow(copied)?;
            size += copied.bytes.len();
            rows.push(row(copied, &envelope));
            envelopes.push(envelope);
            if size >= FULL || rows.len() >= MOST_ROWS {
                self.insert(std::mem::take(&mut rows)).await?;
                size = 0;
            }
        }
        self.insert(rows).await?;
        Ok(envelopes)
    }

    /// Puts back what idempotency keys wrote: events that were put back already.
    pub async fn keys(&mut self, keys: &[Key]) -> Result<(), PutBackError> {
        if keys.is_empty() {
            return Ok(());
        }
        let sql = dialect::KEEP_KEYS.on(&self.tx);
        let rows = keys.iter().map(|key| json!([key.key, hex::encode(key.content), key.position, key.events]));
        let rows = rows.collect::<Value>().to_string();
        on!(Tx, &mut self.tx, conn => { sqlx::query(sql).bind(rows).execute(&mut **conn).await?; });
        Ok(())
    }

    /// Returns the transaction, for what belongs to the same state and is kept beside the log.
    pub fn tx(&mut self) -> &mut Tx<'static> {
        &mut self.tx
    }

    /// Returns what is known of the history, with what was put back.
    pub fn chain(&self) -> &Chain {
        &self.chain
    }

    /// Moves the head to the last event that was put back, and makes all of it durable. `log` is which log it is where
    /// there is no event.
    pub async fn commit(mut self, log: LogId) -> Result<Position, PutBackError> {
        let reached = self.chain.position;
        let log = self.chain.log.unwrap_or(log);
        on!(Tx, &mut self.tx, conn => {
            for (name, last) in &self.chain.series {
                sqlx::query(statements::RAISE_SERIES).bind(name).bind(to_sql(*last)).execute(&mut **conn).await?;
            }
            sqlx::query(statements::SET_HEAD)
                .bind(log.0)
                .bind(to_sql(reached))
                .bind(self.chain.recorded)
                .execute(&mut **conn)
                .await?;
        });
        self.tx.commit().await?;
        tracing::info!(from = self.before + 1, to = reached, log.id = %log, "events were put back into the log");
        Ok(reached)
    }

    /// Looks up how far the streams are that what is put back belongs to.
    async fn look_up_streams(&mut self, copied: &[Copied]) -> Result<(), PutBackError> {
        if self.before == 0 {
            return Ok(());
        }
        let streams = copied.iter().filter_map(|copied| crate::decode(&copied.bytes).ok()).map(|event| event.stream);
        let unknown: Vec<StreamId> = streams.filter(|stream| !self.chain.versions.contains_key(stream)).collect();
        let versions = versions_of(&mut self.tx, unknown).await?;
        for (stream, version) in versions {
            self.chain.versions.entry(stream).or_insert(version);
        }
        Ok(())
    }

    async fn insert(&mut self, rows: Vec<Value>) -> Result<(), PutBackError> {
        if rows.is_empty() {
            return Ok(());
        }
        let sql = dialect::PUT_BACK.on(&self.tx);
        let rows = Value::from(rows).to_string();
        on!(Tx, &mut self.tx, conn => { sqlx::query(sql).bind(rows).execute(&mut **conn).await?; });
        Ok(())
    }
}

/// Returns the row of an event: as it was when it was first written.
fn row(copied: &Copied, event: &Envelope) -> Value {
    json!([
        copied.position,
        event.id.0.simple().to_string(),
        event.stream.to_string(),
        event.version,
        event.event.name(),
        event.happened.to_string(),
        // As the driver writes an instant into a text.
        event.recorded.to_rfc3339_opts(SecondsFormat::AutoSi, false),
        event.actor.person.0.simple().to_string(),
        hex::encode(copied.leaf),
        hex::encode(&copied.bytes),
    ])
}
