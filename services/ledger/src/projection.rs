//! Keeping the serving generation up with the log.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use rectify_case::{Position, Zone};
use rectify_log::{Log, LogError, Recorded};
use tokio::time::Instant;

use crate::error::LedgerError;
use crate::fold::Fold;
use crate::generation::{self, Generation, SHAPE, seconds_east};
use crate::indexes;
use crate::ledger::Ledger;

/// How many events are folded at once, at most, while the log is followed. Where more have come, it is caught up with.
const PAGE: u32 = 2_000;

/// How long to wait before a database that failed is asked again.
pub(crate) const PAUSE: Duration = Duration::from_secs(1);

/// How often it is looked, while nothing happens, whether another generation serves: one that came to serve just when an
/// event was folded into the old one lacks that event, and whoever reads it waits.
const LOOK: Duration = Duration::from_secs(1);

/// How long who still reads a generation that serves no more is left with it.
const GRACE: Duration = Duration::from_secs(10);

/// Folds the log into the serving generation. Several at once, in as many processes, are no harm: one is the faster.
#[derive(Debug)]
pub struct Projection {
    ledger: Ledger,
    log: Log,
    zone: Zone,
    fold: Fold,
    /// When generations that serve no more may be dropped; none when that was done.
    tidy: Option<Instant>,
}

impl Projection {
    /// Opens the ledger where it was left. One that was folded from another log, in another shape or zone, or further
    /// than the log goes, is begun again from nothing.
    pub async fn open(ledger: &Ledger, log: &Log, zone: Zone) -> Result<Projection, LedgerError> {
        let checkpoint = ledger.current().checkpoint().await?;
        let same = checkpoint.log == Some(log.id())
            && checkpoint.zone == Some(seconds_east(zone))
            && checkpoint.position <= log.head().await?;
        if checkpoint.shape != SHAPE || (checkpoint.position > 0 && !same) {
            tracing::warn!(position = checkpoint.position, "the ledger does not fit the log, it is folded again");
            generation::replace(ledger.main()).await?;
            ledger.restart().await?;
        }
        let fold = Fold::open(ledger.current(), log.id(), zone).await?.audible();
        let (ledger, log) = (ledger.clone(), log.clone());
        Ok(Projection { ledger, log, zone, fold, tidy: Some(Instant::now() + GRACE) })
    }

    /// Folds everything there is, and returns up to where.
    pub async fn catch_up(&mut self) -> Result<Position, LedgerError> {
        loop {
            self.turn().await?;
            let head = self.log.head().await?;
            if head <= self.fold.position {
                indexes::make(&self.fold.generation).await?;
                return Ok(self.fold.position);
            }
            let ledger = &self.ledger;
            match self.fold.catch_up(&self.log, head, |position| ledger.announce(position)).await {
                Err(LedgerError::Overtaken) => self.reopen().await?,
                done => done?,
            }
        }
    }

    /// Follows the log until the shutdown begins.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<(), LedgerError> {
        tokio::pin!(shutdown);
        let mut behind = true;
        loop {
            let tidy = self.tidy;
            let mut tail = self.log.tail(self.fold.position);
            let done = tokio::select! {
                () = &mut shutdown => return Ok(()),
                () = at(tidy), if !behind => {
                    self.tidy = None;
                    tell(generation::drop_retired(self.ledger.main()).await, "an old ledger cannot be dropped");
                    continue;
                }
                done = self.catch_up(), if behind => done.map(|_| false),
                page = tail.next(PAGE), if !behind => self.fold_on(page).await,
                () = tokio::time::sleep(LOOK), if !behind => self.turn().await,
            };
            match done {
                Ok(more) => behind = more,
                Err(error) if !error.is_passing() => return Err(error),
                Err(error) => {
                    tell(Err(error), "the ledger cannot follow the log");
                    tokio::select! {
                        () = &mut shutdown => return Ok(()),
                        () = tokio::time::sleep(PAUSE) => {}
                    }
                    // What was written last is not known.
                    tell(self.reopen().await, "the ledger cannot be opened");
                    behind = true;
                }
            }
        }
    }

    /// Folds a page, unless another generation serves by now: that one is folded from where it is. Returns whether there
    /// is more than a page, or it came to serve meanwhile.
    async fn fold_on(&mut self, page: Result<Vec<Recorded>, LogError>) -> Result<bool, LedgerError> {
        let page = page?;
        if self.turn().await? {
            return Ok(true);
        }
        match self.fold.take(&page).await {
            Err(LedgerError::Overtaken) => self.reopen().await?,
            done => {
                done?;
                self.ledger.announce(self.fold.position);
            }
        }
        Ok(self.turn().await? || page.len() >= PAGE as usize)
    }

    /// Turns to the generation that serves, and returns whether that is another.
    async fn turn(&mut self) -> Result<bool, LedgerError> {
        // Not the one that this process reads: that may be the old one until the new one is as far.
        let number = Generation::serving(self.ledger.main()).await?.ok_or(LedgerError::Missing)?;
        if number == self.fold.generation.number {
            return Ok(false);
        }
        let generation = Generation::open(self.ledger.main(), number).await?;
        self.fold = Fold::open(Arc::new(generation), self.log.id(), self.zone).await?.audible();
        self.tidy = Some(Instant::now() + GRACE);
        Ok(true)
    }

    async fn reopen(&mut self) -> Result<(), LedgerError> {
        let generation = Arc::clone(&self.fold.generation);
        self.fold = Fold::open(generation, self.log.id(), self.zone).await?.audible();
        Ok(())
    }
}

async fn at(instant: Option<Instant>) {
    match instant {
        Some(instant) => tokio::time::sleep_until(instant).await,
        None => std::future::pending().await,
    }
}

/// Says what went wrong, where it is no reason to stop.
pub(crate) fn tell(done: Result<(), LedgerError>, message: &str) {
    if let Err(error) = done {
        tracing::warn!(error = &error as &dyn Error, "{message}");
    }
}
