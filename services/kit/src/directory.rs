//! The directory as of the end of the log, kept up as the log grows.

use std::sync::Arc;
use std::time::Duration;

use rectify_case::{Directory, Event, Position, StreamId, Version};
use rectify_log::{Log, LogError, Recorded, Tail};
use tokio::sync::watch;

use crate::health::Health;
use crate::shutdown::Shutdown;

/// How long to wait before a database that failed is asked again.
const PAUSE: Duration = Duration::from_secs(1);

/// A live fold of the directory. Cheap to clone; all clones see the same.
#[derive(Clone, Debug)]
pub struct DirectoryView(watch::Receiver<Folded>);

/// The view is no longer kept up, because the process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the directory is no longer followed, the process ends")]
pub struct Stopped;

/// The directory, the position of the log it is folded to, and the version of its stream there.
#[derive(Clone, Debug)]
struct Folded {
    directory: Arc<Directory>,
    position: Position,
    version: Version,
}

impl DirectoryView {
    /// Folds the directory and follows the log until the shutdown begins.
    pub async fn open(log: &Log, health: &Health, shutdown: &Shutdown) -> Result<DirectoryView, LogError> {
        // The position first: what is written between the two reads is in the stream, and skipped in the tail.
        let position = log.head().await?;
        let mut folded = Folded { directory: Arc::default(), position, version: 0 };
        for recorded in log.read_stream(StreamId::Directory, 0).await? {
            folded.fold(&recorded);
        }

        let (log, tail) = (log.clone(), log.tail(position));
        let (publish, view) = watch::channel(folded);
        let begun = shutdown.begun();
        shutdown.spawn("directory", async move {
            tokio::select! {
                () = begun => Ok(()),
                failed = follow(&log, tail, &publish) => Err(failed.into()),
            }
        });
        let followed = view.clone();
        health.check("directory", move || {
            let stopped = followed.has_changed().is_err();
            async move { if stopped { Err(Stopped.to_string()) } else { Ok(()) } }
        });
        Ok(DirectoryView(view))
    }

    /// Returns the directory and the position of the log it is folded to.
    pub fn get(&self) -> (Arc<Directory>, Position) {
        let folded = self.0.borrow();
        (Arc::clone(&folded.directory), folded.position)
    }

    /// Waits until the directory is folded to a position or further, and returns it with the position it is folded to.
    pub async fn at_least(&self, position: Position) -> Result<(Arc<Directory>, Position), Stopped> {
        let mut view = self.0.clone();
        let folded = view.wait_for(|folded| folded.position >= position).await.map_err(|_| Stopped)?;
        Ok((Arc::clone(&folded.directory), folded.position))
    }
}

impl Folded {
    /// Folds one event of the directory's stream, unless it was.
    fn fold(&mut self, recorded: &Recorded) {
        let envelope = &recorded.envelope;
        if envelope.version > self.version
            && let Event::Directory(event) = &envelope.event
        {
            Arc::make_mut(&mut self.directory).evolve(event);
            self.version = envelope.version;
        }
    }
}

/// Follows the log for as long as it can be read. Only the directory's own stream is read of it: an intake may see no more.
async fn follow(log: &Log, mut tail: Tail, publish: &watch::Sender<Folded>) -> LogError {
    let mut folded = publish.borrow().clone();
    loop {
        let head = match tail.pass().await {
            Ok(head) => head,
            Err(error) => return error,
        };
        match read_on(log, folded.version).await {
            // What is beyond the head as it was is folded with the next.
            Ok(events) => events.iter().filter(|event| event.position <= head).for_each(|event| folded.fold(event)),
            Err(error) => return error,
        }
        folded.position = head;
        publish.send_replace(folded.clone());
    }
}

/// Reads what was written to the directory after a version, once the database answers.
async fn read_on(log: &Log, version: Version) -> Result<Vec<Recorded>, LogError> {
    loop {
        match log.read_stream(StreamId::Directory, version).await {
            Err(LogError::Db(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the directory cannot follow the log");
                tokio::time::sleep(PAUSE).await;
            }
            read => return read,
        }
    }
}
