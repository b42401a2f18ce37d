//! The histories of all cases that are at hand: read once, read on when they are asked for, and thrown away when nobody has asked
//! for a while.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex as Short, PoisonError};
use std::time::Duration;

use rectify_case::Position;
use rectify_mining::Histories;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

use crate::desk::Desk;
use crate::error::Error;

/// How many events are read on while somebody waits; more are read behind a page that says how far that is.
const AT_ONCE: Position = 20_000;

/// How long somebody waits for another to be done.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long they are kept that nobody asks for.
const KEPT: Duration = Duration::from_mins(30);

/// How often it is looked whether anybody asks.
const LOOK: Duration = Duration::from_mins(1);

/// The histories at hand. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Held>);

#[derive(Default)]
struct Held {
    histories: Arc<Mutex<Option<Histories>>>,
    /// How far they are read while somebody reads them.
    read: AtomicU64,
    /// When they were asked for last; none where nothing is kept.
    asked: Short<Option<Instant>>,
    /// Whether they are being read behind a page.
    is_reading: AtomicBool,
}

/// What is at hand.
pub(super) enum Found {
    Ready(AtHand),
    /// They are being read: how far, and up to where.
    Reading(Position, Position),
}

/// The histories up to the end of the log. Nobody else has them meanwhile.
pub(super) struct AtHand(OwnedMutexGuard<Option<Histories>>);

impl AtHand {
    pub(super) fn histories(&self) -> Option<&Histories> {
        self.0.as_ref()
    }
}

impl Kept {
    /// Returns the histories up to the end of the log, or begins to read them.
    pub(super) async fn ask(&self, desk: &Desk) -> Result<Found, Error> {
        let head = desk.frame.log.head().await?;
        let is_new = self.asked().replace(Instant::now()).is_none();
        if is_new {
            self.forget_later(desk);
        }
        let shared = &self.0;
        let reading = || Ok(Found::Reading(shared.read.load(Ordering::Relaxed), head));
        if shared.is_reading.load(Ordering::Acquire) {
            return reading();
        }
        let lock = tokio::time::timeout(PATIENCE, Arc::clone(&shared.histories).lock_owned()).await;
        let Ok(mut guard) = lock else { return reading() };
        let histories = guard.get_or_insert_with(|| Histories::new(desk.frame.config.zone));
        let from = histories.position();
        if head.saturating_sub(from) <= AT_ONCE {
            let failed = |error: rectify_mining::MiningError| Error::Internal(error.into());
            histories.read_on(&desk.frame.log, head, |_| {}).await.map_err(failed)?;
            return Ok(Found::Ready(AtHand(guard)));
        }
        shared.read.store(from, Ordering::Relaxed);
        shared.is_reading.store(true, Ordering::Release);
        self.read_behind(desk, guard, head);
        Ok(Found::Reading(from, head))
    }

    /// Reads them up to a position while others are told how far that is.
    fn read_behind(&self, desk: &Desk, mut guard: OwnedMutexGuard<Option<Histories>>, head: Position) {
        let (kept, desk, ends) = (self.clone(), desk.clone(), desk.frame.shutdown.begun());
        desk.frame.shutdown.clone().spawn("paths of cases", async move {
            if let Some(histories) = guard.as_mut() {
                let tell = |read| kept.0.read.store(read, Ordering::Relaxed);
                tokio::select! {
                    () = ends => {}
                    read = histories.read_on(&desk.frame.log, head, tell) => if let Err(error) = read {
                        // Whoever asks next goes on from where it stopped.
                        tracing::warn!(%error, "the paths of cases cannot be read");
                    }
                }
            }
            drop(guard);
            kept.0.is_reading.store(false, Ordering::Release);
            Ok(())
        });
    }

    /// Throws them away once nobody has asked for a while.
    fn forget_later(&self, desk: &Desk) {
        let (kept, ends) = (self.clone(), desk.frame.shutdown.begun());
        desk.frame.shutdown.spawn("paths of cases that nobody asks for", async move {
            let forgotten = async {
                loop {
                    tokio::time::sleep(LOOK).await;
                    let mut histories = kept.0.histories.lock().await;
                    let mut asked = kept.asked();
                    if asked.is_none_or(|asked| asked.elapsed() >= KEPT) {
                        (*histories, *asked) = (None, None);
                        return;
                    }
                }
            };
            tokio::select! {
                () = ends => {}
                () = forgotten => {}
            }
            Ok(())
        });
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.0.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
