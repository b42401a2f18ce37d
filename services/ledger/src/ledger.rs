//! The ledger as its readers hold it: always the generation that serves.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use rectify_case::Position;
use rectify_log::Db;
use sqlx::PgPool;
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::dialect;
use crate::error::LedgerError;
use crate::generation::{self, Generation};
use crate::remembered::Remembered;
use crate::sql::Sql;
use crate::statements;

/// The ledger. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub struct Ledger(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    main: Db,
    serving: RwLock<Arc<Generation>>,
    looked: Mutex<Instant>,
    folded: Arc<watch::Sender<Position>>,
    remembered: Remembered,
    /// Ends the task that listens to other processes, when dropped.
    _listening: watch::Sender<()>,
}

/// How often a reader looks whether another generation serves by now.
const LOOK: Duration = Duration::from_secs(1);

/// How often the checkpoint is looked up while somebody waits, in case another process moved it and no bell rang.
const POLL: Duration = Duration::from_millis(250);

/// How long to wait before a database that failed is asked again.
const PAUSE: Duration = Duration::from_secs(1);

impl Ledger {
    /// Opens the ledger beside a log, and makes it if there is none. Only reads where it is there already.
    pub async fn open(main: &Db) -> Result<Ledger, LedgerError> {
        if !generation::is_migrated(main).await? {
            generation::migrate(main).await?;
        }
        let number = Generation::serving(main).await?.ok_or(LedgerError::Missing)?;
        let serving = Generation::open(main, number).await?;
        let folded = Arc::new(watch::Sender::new(serving.checkpoint().await?.position));
        let (listening, dropped) = watch::channel(());
        if let Db::Postgres(pool) = main {
            tokio::spawn(listen(pool.clone(), Arc::clone(&folded), dropped));
        }
        Ok(Ledger(Arc::new(Shared {
            main: main.clone(),
            serving: RwLock::new(Arc::new(serving)),
            looked: Mutex::new(Instant::now()),
            folded,
            remembered: Remembered::default(),
            _listening: listening,
        })))
    }

    /// Returns how far the log is folded.
    pub async fn checkpoint(&self) -> Result<Position, LedgerError> {
        let position = self.serving().await?.checkpoint().await?.position;
        self.announce(position);
        Ok(position)
    }

    /// Waits until the log is folded to a position, and returns whether it was within the limit.
    pub async fn wait_for(&self, position: Position, limit: Duration) -> Result<bool, LedgerError> {
        let mut folded = self.0.folded.subscribe();
        let arrived = async {
            loop {
                let heard = *folded.borrow_and_update();
                if heard >= position && self.shows(position).await? {
                    return Ok(());
                }
                if tokio::time::timeout(POLL, folded.changed()).await.is_err() {
                    self.checkpoint().await?;
                }
            }
        };
        tokio::time::timeout(limit, arrived).await.map_or(Ok(false), |arrived| arrived.map(|()| true))
    }

    /// Returns whether what is read here is as far. Who folds may already be at work on another generation.
    async fn shows(&self, position: Position) -> Result<bool, LedgerError> {
        match self.current().checkpoint().await {
            Ok(checkpoint) if checkpoint.position >= position => return Ok(true),
            // It is behind, or it was dropped while nobody here read it: another may serve.
            Ok(_) | Err(_) => self.look().await?,
        }
        Ok(self.current().checkpoint().await?.position >= position)
    }

    /// Returns how many texts wait for the indexer before they can be found.
    pub async fn unindexed(&self) -> Result<u64, LedgerError> {
        let row: Option<(i64,)> = Sql::new(statements::UNINDEXED, []).fetch_optional(&self.serving().await?.db).await?;
        Ok(row.and_then(|(count,)| count.try_into().ok()).unwrap_or(0))
    }

    /// Returns the generation to read.
    pub(crate) async fn serving(&self) -> Result<Arc<Generation>, LedgerError> {
        let due = {
            let mut looked = self.0.looked.lock().unwrap_or_else(PoisonError::into_inner);
            let due = looked.elapsed() > LOOK;
            if due {
                *looked = Instant::now();
            }
            due
        };
        if due {
            self.look().await?;
        }
        let generation = self.current();
        if generation.outdated { Err(LedgerError::Outdated) } else { Ok(generation) }
    }

    /// Returns the generation that was read last, whatever serves by now.
    pub(crate) fn current(&self) -> Arc<Generation> {
        Arc::clone(&self.0.serving.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Turns to the generation that serves, however far that is.
    pub(crate) async fn restart(&self) -> Result<(), LedgerError> {
        let number = Generation::serving(&self.0.main).await?.ok_or(LedgerError::Missing)?;
        let generation = Generation::open(&self.0.main, number).await?;
        *self.0.serving.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(generation);
        self.0.folded.send_replace(0);
        Ok(())
    }

    /// Returns what tells how far the log is folded.
    pub(crate) fn folded(&self) -> watch::Receiver<Position> {
        self.0.folded.subscribe()
    }

    /// Turns to another generation if that serves by now: not before it is as far as what was read here.
    pub(crate) async fn look(&self) -> Result<(), LedgerError> {
        let number = Generation::serving(&self.0.main).await?.ok_or(LedgerError::Missing)?;
        if self.current().number == number {
            return Ok(());
        }
        let generation = Generation::open(&self.0.main, number).await?;
        if generation.checkpoint().await?.position >= *self.0.folded.borrow() {
            *self.0.serving.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(generation);
        }
        Ok(())
    }

    /// Tells everybody in this process who waits how far the log is folded.
    pub(crate) fn announce(&self, position: Position) {
        announce(&self.0.folded, position);
    }

    /// Returns what was counted lately.
    pub(crate) fn remembered(&self) -> &Remembered {
        &self.0.remembered
    }

    /// Returns the database that says which generation serves.
    pub(crate) fn main(&self) -> &Db {
        &self.0.main
    }
}

fn announce(folded: &watch::Sender<Position>, position: Position) {
    folded.send_if_modified(|folded| {
        let further = position > *folded;
        *folded = position.max(*folded);
        further
    });
}

/// Hears how far other processes have folded, until the ledger is dropped.
async fn listen(pool: PgPool, folded: Arc<watch::Sender<Position>>, mut dropped: watch::Receiver<()>) {
    tokio::select! {
        _ = dropped.changed() => {}
        () = hear(&pool, &folded) => {}
    }
}

async fn hear(pool: &PgPool, folded: &watch::Sender<Position>) {
    loop {
        if let Err(error) = hear_until_cut(pool, folded).await {
            tracing::debug!(error = &error as &dyn Error, "nobody tells how far other processes have folded");
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Listens on a connection of its own, for a pool's may all be in use.
async fn hear_until_cut(pool: &PgPool, folded: &watch::Sender<Position>) -> Result<(), sqlx::Error> {
    let own = PgPoolOptions::new().max_connections(1).connect_lazy_with((*pool.connect_options()).clone());
    let mut listener = PgListener::connect_with(&own).await?;
    listener.listen(dialect::CHANNEL).await?;
    loop {
        if let Ok(position) = listener.recv().await?.payload().parse() {
            announce(folded, position);
        }
    }
}
