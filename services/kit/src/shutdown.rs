//! How a process ends: everybody is told, everybody is waited for, but not for ever.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;

/// How long tasks may take to end once they are told.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// The end of a process, and the tasks that it waits for. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Shutdown {
    token: CancellationToken,
    tasks: TaskTracker,
    failure: Arc<Mutex<Option<anyhow::Error>>>,
}

impl Shutdown {
    /// Returns a shutdown that nobody has begun.
    pub fn new() -> Shutdown {
        Shutdown::default()
    }

    /// Begins it on SIGTERM or SIGINT. A second signal ends the process at once.
    pub fn on_signals(&self) -> std::io::Result<()> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let shutdown = self.clone();
        tokio::spawn(async move {
            let mut next = async || {
                tokio::select! {
                    _ = terminate.recv() => 128 + 15,
                    _ = interrupt.recv() => 128 + 2,
                }
            };
            next().await;
            tracing::info!("stopping; a second signal stops at once");
            shutdown.begin();
            std::process::exit(next().await);
        });
        Ok(())
    }

    /// Begins it.
    pub fn begin(&self) {
        self.token.cancel();
    }

    /// Returns whether it has begun.
    pub fn has_begun(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Waits until it begins.
    pub fn begun(&self) -> WaitForCancellationFutureOwned {
        self.token.clone().cancelled_owned()
    }

    /// Runs a task that the process waits for. Where one fails, all end, and the process fails with it.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = anyhow::Result<()>> + Send + 'static) {
        let shutdown = self.clone();
        let task = tokio::spawn(task);
        self.tasks.spawn(async move {
            let failure = match task.await {
                Ok(Ok(())) => return,
                Ok(Err(error)) => error,
                Err(panic) => anyhow::Error::new(panic),
            };
            tracing::error!(task = name, error = format!("{failure:#}"), "a task failed, the process ends");
            let mut first = shutdown.failure.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(failure.context(format!("{name} failed")));
            shutdown.begin();
        });
    }

    /// Waits until it has begun and all tasks have ended, at most `patience` after it began.
    /// Returns the first failure of a task.
    pub async fn finished(&self, patience: Duration) -> anyhow::Result<()> {
        self.token.cancelled().await;
        self.tasks.close();
        if tokio::time::timeout(patience, self.tasks.wait()).await.is_err() {
            tracing::warn!(tasks = self.tasks.len(), "some tasks did not end in time and are left");
        }
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take().map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_task_is_told_and_waited_for() {
        let shutdown = Shutdown::new();
        let begun = shutdown.begun();
        shutdown.spawn("patient", async move {
            begun.await;
            Ok(())
        });
        shutdown.begin();
        shutdown.finished(PATIENCE).await.unwrap();
        assert!(shutdown.tasks.is_empty());
    }

    #[tokio::test]
    async fn one_failed_task_ends_all_and_is_the_process_s_failure() {
        let shutdown = Shutdown::new();
        let begun = shutdown.begun();
        shutdown.spawn("patient", async move {
            begun.await;
            Ok(())
        });
        shutdown.spawn("projector", async { anyhow::bail!("the disk is full") });
        let error = shutdown.finished(PATIENCE).await.unwrap_err();
        assert_eq!(format!("{error:#}"), "projector failed: the disk is full");
    }

    #[tokio::test]
    async fn a_panic_ends_the_process_like_a_failure() {
        let shutdown = Shutdown::new();
        shutdown.spawn("registrar", async { panic!("out of range") });
        let error = shutdown.finished(PATIENCE).await.unwrap_err();
        assert!(format!("{error:#}").contains("out of range"), "{error:#}");
    }

    #[tokio::test]
    async fn a_task_that_never_ends_is_waited_for_only_so_long() {
        let shutdown = Shutdown::new();
        shutdown.spawn("stubborn", std::future::pending());
        shutdown.begin();
        shutdown.finished(Duration::from_millis(1)).await.unwrap();
        assert_eq!(shutdown.tasks.len(), 1);
    }
}
