//! Following the log as it grows.

use std::error::Error;
use std::mem;
use std::sync::Arc;
use std::time::Duration;

use rectify_case::Position;
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::clock::Latest;
use crate::db::{Db, PATIENCE};
use crate::dialect::CHANNEL;
use crate::log::{Log, LogError};
use crate::read::{self, Raw, Recorded};
use crate::transaction::Reached;

/// A reader that follows the log.
#[derive(Clone, Debug)]
pub struct Tail {
    log: Log,
    after: Position,
    moved: watch::Receiver<Position>,
}

impl Tail {
    pub(crate) fn new(log: Log, after: Position, moved: watch::Receiver<Position>) -> Tail {
        Tail { log, after, moved }
    }

    /// Returns the position up to which events were returned.
    pub fn position(&self) -> Position {
        self.after
    }

    /// Waits for events and returns the next ones, at least one and at most `limit`.
    ///
    /// Dropping the wait loses nothing: the next call returns the same events.
    pub async fn next(&mut self, limit: u32) -> Result<Vec<Recorded>, LogError> {
        loop {
            self.moved.mark_unchanged();
            let page = self.log.read_all(self.after, limit).await?;
            if let Some(last) = page.last() {
                self.after = last.position;
                return Ok(page);
            }
            self.moved.changed().await.map_err(|_| LogError::Closed)?;
        }
    }

    /// Waits until the log goes further, and returns how far, without reading what came.
    pub async fn pass(&mut self) -> Result<Position, LogError> {
        loop {
            let head = *self.moved.borrow_and_update();
            if head > self.after {
                self.after = head;
                return Ok(head);
            }
            self.moved.changed().await.map_err(|_| LogError::Closed)?;
        }
    }

    /// Waits as [`Tail::next`] does and returns the same events, as the bytes that were hashed.
    pub async fn next_raw(&mut self, limit: u32) -> Result<Vec<Raw>, LogError> {
        loop {
            self.moved.mark_unchanged();
            let page = self.log.read_raw(self.after, limit).await?;
            if let Some(last) = page.last() {
                self.after = last.position;
                return Ok(page);
            }
            self.moved.changed().await.map_err(|_| LogError::Closed)?;
        }
    }
}

/// How often the head is looked up in case another process moved it and no bell rang.
const POLL: Duration = Duration::from_secs(1);

/// Tells the tails of one [`Log`] when another process moved the head, until no tail and no log is left.
pub(crate) async fn keep_watch(db: Db, moved: Arc<watch::Sender<Position>>, latest: Latest) {
    tokio::select! {
        () = moved.closed() => {}
        () = follow_head(&db, &moved, &latest) => {}
    }
}

async fn follow_head(db: &Db, moved: &watch::Sender<Position>, latest: &Latest) {
    let mut bell = Bell::Silent;
    loop {
        if let (Bell::Silent, Db::Postgres(pool)) = (&bell, db) {
            bell = listen(pool).await;
        }
        let rang = tokio::select! {
            () = bell.ring() => true,
            () = sleep(POLL) => false,
        };
        match read::reached(db).await {
            Ok(Reached { position: head, recorded }) => {
                latest.note(recorded);
                let news = moved.send_if_modified(|heard| mem::replace(heard, head) != head);
                if news && !rang {
                    // Its line may have fallen silent.
                    bell = Bell::Silent;
                }
            }
            Err(error) => warn(&error, "the log's head cannot be looked up"),
        }
    }
}

fn warn(error: &(dyn Error + 'static), message: &str) {
    tracing::warn!(error, "{message}");
}

/// What rings when another process has moved the head.
enum Bell {
    /// Nothing does: on SQLite, or while the connection is lost.
    Silent,
    /// PostgreSQL does.
    Listening(Box<PgListener>),
}

impl Bell {
    async fn ring(&mut self) {
        match self {
            Bell::Silent => std::future::pending().await,
            Bell::Listening(listener) => {
                if listener.recv().await.is_err() {
                    *self = Bell::Silent;
                }
            }
        }
    }
}

/// Listens on a connection of its own, for a pool's may all be in use.
async fn listen(pool: &PgPool) -> Bell {
    let own = PgPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
    let own = own.connect_lazy_with((*pool.connect_options()).clone());
    let listening = async {
        let mut listener = PgListener::connect_with(&own).await?;
        listener.listen(CHANNEL).await?;
        Ok::<_, sqlx::Error>(listener)
    };
    match listening.await {
        Ok(listener) => Bell::Listening(Box::new(listener)),
        Err(error) => {
            warn(&error, "nobody tells of other processes' events at once");
            Bell::Silent
        }
    }
}
