//! Ledgers of the past that are at hand: a few, each folded once and thrown away when nobody has asked for it for a while.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rectify_case::Position;
use rectify_ledger::{Ledger, Standpoint};
use tokio::time::Instant;

use crate::desk::Desk;
use crate::error::Error;

/// How many there are at most; another takes the place of the one that was asked for least recently. Two people may compare two
/// each.
const MOST: usize = 4;

/// How long one is kept that nobody asks for.
const KEPT: Duration = Duration::from_mins(30);

/// How often it is looked whether anybody asks.
const LOOK: Duration = Duration::from_mins(1);

/// The ledgers of the past. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub(crate) struct Past(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    ready: Vec<Ready>,
    /// The one that is being folded: one at a time.
    folding: Option<Folding>,
    /// The one that could not be folded last, and why: told to whoever asks next, who may try again.
    failed: Option<(Standpoint, anyhow::Error)>,
    /// Whether what a process that was killed left behind is gone.
    is_tidy: bool,
}

struct Ready {
    stood: Arc<Stood>,
    asked: Instant,
}

/// A ledger as it is seen from a standpoint in the past.
pub(crate) struct Stood {
    standpoint: Standpoint,
    pub(super) ledger: Ledger,
    _folder: Folder,
}

/// How far the folding of one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Folding {
    /// What is folded.
    pub(crate) standpoint: Standpoint,
    pub(crate) folded: Position,
}

/// What there is of the past.
pub(crate) enum Found {
    Ready(Arc<Stood>),
    /// It is being folded, or another is and this comes after.
    Folding(Folding),
}

/// A folder that goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn make(path: PathBuf) -> std::io::Result<Folder> {
        DirBuilder::new().recursive(true).mode(0o700).create(&path)?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

impl Past {
    /// Returns the ledger as it is seen from a standpoint, or begins to fold it.
    pub(crate) fn ask(&self, desk: &Desk, standpoint: Standpoint) -> Result<Found, Error> {
        let now = Instant::now();
        let mut held = self.held();
        if let Some(ready) = held.ready.iter_mut().find(|ready| ready.stood.standpoint == standpoint) {
            ready.asked = now;
            return Ok(Found::Ready(Arc::clone(&ready.stood)));
        }
        if let Some(folding) = held.folding {
            return Ok(Found::Folding(folding));
        }
        if let Some((_, error)) = held.failed.take_if(|(failed, _)| *failed == standpoint) {
            return Err(Error::Internal(error));
        }
        let root = desk.frame.config.data.join("past");
        if !held.is_tidy {
            remove(&root);
            held.is_tidy = true;
        }
        let folding = Folding { standpoint, folded: 0 };
        held.folding = Some(folding);
        drop(held);
        let (past, desk, ends) = (self.clone(), desk.clone(), desk.frame.shutdown.begun());
        let happened_by = standpoint.happened_by.map_or(0, |by| by.timestamp_micros());
        let folder = root.join(format!("{}-{happened_by}", standpoint.known));
        desk.frame.shutdown.clone().spawn("ledger of the past", async move {
            tokio::select! {
                () = ends => {}
                () = past.keep(&desk, standpoint, folder) => {}
            }
            Ok(())
        });
        Ok(Found::Folding(folding))
    }

    /// Folds a ledger, and keeps it as long as it is asked for.
    async fn keep(&self, desk: &Desk, standpoint: Standpoint, folder: PathBuf) {
        let made = self.fold(desk, standpoint, folder).await;
        {
            let mut held = self.held();
            held.folding = None;
            match made {
                Ok(stood) => held.put(Ready { stood: Arc::new(stood), asked: Instant::now() }),
                Err(error) => held.failed = Some((standpoint, error)),
            }
        }
        while self.is_wanted(standpoint) {
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn fold(&self, desk: &Desk, standpoint: Standpoint, folder: PathBuf) -> anyhow::Result<Stood> {
        let folder = Folder::make(folder)?;
        let tell = |progress: rectify_ledger::Progress| {
            if let Some(folding) = &mut self.held().folding {
                folding.folded = progress.folded;
            }
        };
        let ledger = Ledger::of_past(&folder.0, &desk.frame.log, desk.frame.config.zone, standpoint, tell).await?;
        Ok(Stood { standpoint, ledger, _folder: folder })
    }

    /// Returns whether a ledger is at hand, and forgets it when it was not asked for lately.
    fn is_wanted(&self, standpoint: Standpoint) -> bool {
        let mut held = self.held();
        held.ready.retain(|ready| ready.stood.standpoint != standpoint || ready.asked.elapsed() < KEPT);
        held.ready.iter().any(|ready| ready.stood.standpoint == standpoint)
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn put(&mut self, ready: Ready) {
        if self.ready.len() >= MOST
            && let Some(oldest) = (0..self.ready.len()).min_by_key(|at| self.ready[*at].asked)
        {
            self.ready.remove(oldest);
        }
        self.ready.push(ready);
    }
}

/// Removes a folder. What cannot be removed now is removed before the next ledger of the past is folded.
fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::debug!(%error, folder = %folder.display(), "a ledger of the past cannot be removed");
    }
}
