//! The log.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};
use futures::stream::{self, Stream, StreamExt as _};
use rectify_case::{LogId, Position, StreamId, Version};
use sqlx::migrate::Migrator;
use tokio::sync::{mpsc, oneshot, watch};
use uuid::Uuid;

use crate::append::{Append, AppendError, Appended};
use crate::clock::{Clock, Latest};
use crate::db::{Db, DbError};
use crate::examine::{self, Examined};
use crate::group::{Waiting, write_groups};
use crate::prepare::{Prepared, prepare};
use crate::read::{self, Key, Raw, Recorded};
use crate::seal::time_ordered_id;
use crate::tail::{Tail, keep_watch};
use crate::transaction::Reached;
use crate::{on, statements};

/// The append-only log of an installation. Cheap to clone; its tasks end with the last clone.
#[derive(Clone, Debug)]
pub struct Log(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Db,
    id: LogId,
    queue: mpsc::Sender<Waiting>,
    moved: watch::Receiver<Position>,
    halted: OnceLock<String>,
    clock: Clock,
    latest: Latest,
}

/// What goes wrong with the log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The database failed.
    #[error("the log's database failed")]
    Db(#[from] DbError),
    /// An event in the log cannot be read.
    #[error("the event at position {position} cannot be read")]
    Undecodable {
        /// Where.
        position: Position,
        /// What is wrong with its bytes.
        source: serde_json::Error,
    },
    /// An event cannot be written as canonical JSON.
    #[error("an event cannot be written as canonical JSON")]
    Unencodable(#[source] io::Error),
    /// There is no event where there must be one.
    #[error("the event at position {position} is missing")]
    Missing {
        /// Where.
        position: Position,
    },
    /// What is appended would go into another log than the one that is read.
    #[error("the database that is appended to has another log than the one that is read")]
    Apart,
    /// The task that writes is gone.
    #[error("the log is closed")]
    Closed,
    /// Nothing may be appended any more.
    #[error("nothing is appended: {reason}")]
    Halted {
        /// Why.
        reason: String,
    },
}

impl From<sqlx::Error> for LogError {
    fn from(error: sqlx::Error) -> Self {
        LogError::Db(DbError::Sql(error))
    }
}

/// How many appends may wait before callers do.
const QUEUE: usize = 4096;

/// How many events a page of a replay has.
const PAGE: u32 = 2_000;

/// How many pages of a replay are under way at once.
const AHEAD: usize = 3;

/// The table that remembers which migrations were applied.
const MIGRATIONS: &str = "log_migrations";

/// Brings the log's tables up to date.
pub async fn migrate(db: &Db) -> Result<(), DbError> {
    let (postgres, sqlite) = migrations();
    db.migrate(MIGRATIONS, postgres, sqlite).await
}

/// Returns whether the log's tables are up to date. Only reads.
pub async fn is_migrated(db: &Db) -> Result<bool, DbError> {
    let (postgres, sqlite) = migrations();
    db.is_migrated(MIGRATIONS, &postgres, &sqlite).await
}

/// Returns whether there are tables of a log at all, of whatever version. Only reads.
pub async fn has_tables(db: &Db) -> Result<bool, DbError> {
    db.has_migrated(MIGRATIONS).await
}

fn migrations() -> (Migrator, Migrator) {
    (sqlx::migrate!("../../migrations/postgres/log"), sqlx::migrate!("../../migrations/sqlite/log"))
}

/// Where the answer to an append will be.
type Answer = oneshot::Receiver<Result<Appended, AppendError>>;

fn closed() -> AppendError {
    AppendError::Log(Arc::new(LogError::Closed))
}

impl Log {
    /// Opens the log in a database, and makes it if there is none. Only reads where it is there already.
    pub async fn open(db: Db, clock: Clock) -> Result<Log, LogError> {
        Log::open_apart(db.clone(), db, clock).await
    }

    /// Opens the log as [`Log::open`] does, with a second way to the same database for what is appended: only that one
    /// needs the right to insert events.
    pub async fn open_apart(db: Db, appender: Db, clock: Clock) -> Result<Log, LogError> {
        if !is_migrated(&db).await? {
            migrate(&db).await?;
        }
        let id = match log_id(&db).await? {
            Some(id) => id,
            None => make(&db, &clock).await?,
        };
        if log_id(&appender).await? != Some(id) {
            return Err(LogError::Apart);
        }
        let (queue, queued) = mpsc::channel(QUEUE);
        let Reached { position, recorded } = read::reached(&db).await?;
        let (moving, moved) = watch::channel(position);
        let (moving, latest) = (Arc::new(moving), Latest::new(recorded));
        tokio::spawn(write_groups(appender, clock.clone(), queued, Arc::clone(&moving), latest.clone()));
        tokio::spawn(keep_watch(db.clone(), moving, latest.clone()));
        Ok(Log(Arc::new(Shared { db, id, queue, moved, halted: OnceLock::new(), clock, latest })))
    }

    /// Returns which log this is.
    pub fn id(&self) -> LogId {
        self.0.id
    }

    /// Writes events, all or none, and returns where.
    ///
    /// The same key with the same content returns what it first wrote, even if the streams have moved on. After
    /// [`AppendError::Log`] it is not known whether anything was written: ask again with the same key.
    pub async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        self.write(prepare(append)?).await
    }

    /// Writes events as [`Log::append`] does, as what a request led to, told by its SHA-256: the same key with the same
    /// request returns what it first wrote, even if it would lead to something else by now. Who asks is part of the
    /// request.
    pub async fn append_for(&self, request: [u8; 32], append: Append) -> Result<Appended, AppendError> {
        self.write(Prepared { content: request, ..prepare(append)? }).await
    }

    /// Appends several, each by itself as [`append_for`](Log::append_for) does, in the order in which they come: what is first
    /// is first numbered. They share transactions as far as they may.
    pub async fn append_in_order(&self, appends: Vec<([u8; 32], Append)>) -> Vec<Result<Appended, AppendError>> {
        let mut queued = Vec::with_capacity(appends.len());
        for (request, append) in appends {
            queued.push(match prepare(append) {
                Ok(prepared) => self.queue(Prepared { content: request, ..prepared }).await,
                Err(error) => Err(error),
            });
        }
        let mut appended = Vec::with_capacity(queued.len());
        for answer in queued {
            appended.push(match answer {
                Ok(answer) => answer.await.unwrap_or_else(|_| Err(closed())),
                Err(error) => Err(error),
            });
        }
        appended
    }

    /// Refuses every append of this process from now on, and says this reason: the log is not what was told of it, and
    /// whatever is added makes that worse. The first reason stays.
    pub fn halt(&self, reason: &str) {
        self.0.halted.get_or_init(|| reason.to_owned());
    }

    /// Returns why nothing is appended any more, if so.
    pub fn halted(&self) -> Option<&str> {
        self.0.halted.get().map(String::as_str)
    }

    async fn write(&self, append: Prepared) -> Result<Appended, AppendError> {
        self.queue(append).await?.await.unwrap_or_else(|_| Err(closed()))
    }

    /// Puts an append in its place before those that come later, and returns where its answer will be.
    async fn queue(&self, append: Prepared) -> Result<Answer, AppendError> {
        if let Some(reason) = self.halted() {
            return Err(AppendError::Log(Arc::new(LogError::Halted { reason: reason.to_owned() })));
        }
        let (answer, answered) = oneshot::channel();
        self.0.queue.send(Waiting { append, answer }).await.map_err(|_| closed())?;
        Ok(answered)
    }

    /// Returns the time, as an event that is written now is recorded at: the clock's, but never before what this process
    /// knows to be recorded. A clock that was put back does not make a term begin before the event that sets it.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.clock.now().max(self.0.latest.recorded())
    }

    /// Returns a clock that follows the log: what it tells is never before what this process knows to be recorded, and each
    /// time later than the time before. Whatever is ordered by it keeps its order when the clock is put back.
    pub fn clock(&self) -> Clock {
        let log = self.clone();
        Clock::new(move || log.0.latest.give(log.0.clock.now()))
    }

    /// Says that a moment was given out by a clock that follows the log, though no event tells it: later ones come after it.
    pub fn note_given(&self, moment: DateTime<Utc>) {
        self.0.latest.note_given(moment);
    }

    /// Returns the events of a stream after a version, in order.
    pub async fn read_stream(&self, stream: StreamId, after: Version) -> Result<Vec<Recorded>, LogError> {
        read::stream(&self.0.db, stream, after).await
    }

    /// Returns at most so many events after a position, in order. No event ever appears before one that was returned.
    pub async fn read_all(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, LogError> {
        read::all(&self.0.db, after, limit).await
    }

    /// Returns at most so many looks at petitioners before a position, the latest first: petitions and what was set aside, as
    /// they were opened.
    pub async fn read_looks(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, LogError> {
        read::looks(&self.0.db, before, limit).await
    }

    /// Returns what was done with the keys of petitions, in order.
    pub async fn read_custody(&self) -> Result<Vec<Recorded>, LogError> {
        read::custody(&self.0.db).await
    }

    /// Returns the same events as [`Log::read_all`], as the bytes that were hashed.
    pub async fn read_raw(&self, after: Position, limit: u32) -> Result<Vec<Raw>, LogError> {
        read::raw(&self.0.db, after, limit).await
    }

    /// Returns the leaves of at most so many events after a position, in order: what the tree over the log is of.
    pub async fn read_leaves(&self, after: Position, limit: u32) -> Result<Vec<[u8; 32]>, LogError> {
        read::leaves(&self.0.db, after, limit).await
    }

    /// Returns the last number that was given in each series.
    pub async fn series(&self) -> Result<BTreeMap<String, u64>, LogError> {
        read::series(&self.0.db).await
    }

    /// Compares at most so many events after a position, as bytes, with the columns beside them.
    pub async fn examine(&self, after: Position, limit: u32) -> Result<Examined, LogError> {
        examine::examine(&self.0.db, after, limit).await
    }

    /// Returns what idempotency keys first wrote after a position and up to another, in the order of the log.
    pub async fn read_keys(&self, after: Position, to: Position) -> Result<Vec<Key>, LogError> {
        read::keys(&self.0.db, after, to).await
    }

    /// Returns the events after a position and up to another, page by page in order. The next pages are read and decoded
    /// meanwhile, for positions are dense: it is known where each begins.
    pub fn replay(&self, after: Position, to: Position) -> impl Stream<Item = Result<Vec<Recorded>, LogError>> + use<> {
        let log = self.clone();
        let pages = (0..to.saturating_sub(after).div_ceil(u64::from(PAGE))).map(move |page| {
            let (log, from) = (log.clone(), after + page * u64::from(PAGE));
            let limit = u32::try_from(to - from).map_or(PAGE, |left| left.min(PAGE));
            async move { tokio::spawn(async move { log.read_all(from, limit).await }).await }
        });
        let read = stream::iter(pages).buffered(AHEAD);
        read.map(|page| page.unwrap_or(Err(LogError::Closed)))
    }

    /// Returns the position of the last event; 0 when there is none.
    pub async fn head(&self) -> Result<Position, LogError> {
        read::head(&self.0.db).await
    }

    /// Returns the position of the last event that was recorded by an instant; 0 when there is none. Found by halving, for what
    /// is recorded never goes back.
    pub async fn position_at(&self, instant: DateTime<Utc>) -> Result<Position, LogError> {
        let (mut by_then, mut later) = (0, self.head().await? + 1);
        while later - by_then > 1 {
            let middle = by_then + (later - by_then) / 2;
            let found = self.read_all(middle - 1, 1).await?;
            if found.first().is_some_and(|event| event.envelope.recorded <= instant) {
                by_then = middle;
            } else {
                later = middle;
            }
        }
        Ok(by_then)
    }

    /// Returns what an idempotency key first wrote, if anything.
    pub async fn appended_under(&self, key: &str) -> Result<Option<Appended>, LogError> {
        Ok(read::written_under(&self.0.db, key).await?.map(|kept| kept.appended))
    }

    /// Returns what an idempotency key first wrote for a request, told by its SHA-256, if anything.
    /// [`AppendError::KeyReused`] when it was used for another request.
    pub async fn appended_for(&self, request: [u8; 32], key: &str) -> Result<Option<Appended>, AppendError> {
        let failed = |error| AppendError::Log(Arc::new(error));
        match read::written_under(&self.0.db, key).await.map_err(failed)? {
            Some(kept) if kept.content == request => Ok(Some(kept.appended)),
            Some(kept) => Err(AppendError::KeyReused { key: key.to_owned(), first: kept.first }),
            None => Ok(None),
        }
    }

    /// Returns a reader that follows the log from after a position.
    pub fn tail(&self, after: Position) -> Tail {
        Tail::new(self.clone(), after, self.0.moved.clone())
    }
}

async fn log_id(db: &Db) -> Result<Option<LogId>, LogError> {
    let id: Option<Uuid> = on!(Db, db, pool => sqlx::query_scalar(statements::LOG_ID).fetch_optional(pool).await?);
    Ok(id.map(LogId))
}

/// Makes the log, unless another process did just now.
async fn make(db: &Db, clock: &Clock) -> Result<LogId, LogError> {
    let now = clock.now();
    on!(Db, db, pool => {
        sqlx::query(statements::MAKE_HEAD).bind(time_ordered_id(now)).bind(now).execute(pool).await?;
    });
    log_id(db).await?.ok_or(LogError::Db(DbError::Inconsistent { table: "head", column: "log", id: "1".into() }))
}
