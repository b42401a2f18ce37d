//! Whether the log is still what was told of it: the mirror remembers what a restored database has forgotten.

use std::time::Duration;

use rectify_bus::{Last, Mirror, MirrorError};
use rectify_log::{Log, LogError};

use crate::shutdown::Shutdown;

/// How often a process that appends looks at the mirror.
const POLL: Duration = Duration::from_secs(5);

/// Why the mirror and the log are not known to agree.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The mirror has something else, or cannot be asked.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// The log cannot be read.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl CompareError {
    /// Returns how two histories become one again; nothing where they are not known to be two.
    pub fn mend(&self) -> &'static str {
        match self {
            CompareError::Mirror(MirrorError::Ahead { .. }) => {
                "stop every service, and put back what only the mirror has with `rectify log recover --from-mirror`, or \
                 leave it with `rectify log fork`"
            }
            CompareError::Mirror(MirrorError::Differs { .. }) => {
                "stop every service, and `rectify log recover --from-mirror` says where the two part; `rectify log fork` \
                 leaves what only the mirror has"
            }
            CompareError::Mirror(MirrorError::Foreign { .. }) => {
                "the stream LOG is not the mirror of a log: see to it that nats.url names this installation's server"
            }
            CompareError::Mirror(_) | CompareError::Log(_) => "see `rectify doctor`",
        }
    }

    /// Returns whether the two were compared and are two histories.
    pub fn is_divergence(&self) -> bool {
        match self {
            CompareError::Mirror(error) => match error {
                MirrorError::Ahead { .. } | MirrorError::Differs { .. } | MirrorError::Foreign { .. } => true,
                MirrorError::Gap { .. }
                | MirrorError::Lost
                | MirrorError::NotLost { .. }
                | MirrorError::Absent { .. }
                | MirrorError::NotCopied { .. }
                | MirrorError::Bus(_) => false,
            },
            CompareError::Log(_) => false,
        }
    }
}

/// Returns how far the mirror is, having compared its last event with the log's.
pub async fn compare(log: &Log, mirror: &Mirror) -> Result<Last, CompareError> {
    // The mirror first: whatever it has by now, the log had before.
    let last = mirror.last().await?;
    let head = log.head().await?;
    let there = match last.position {
        0 => None,
        position => log.read_raw(position - 1, 1).await?.pop(),
    };
    last.check(head, there.as_ref().map(|event| event.bytes.as_slice()))?;
    Ok(last)
}

/// Compares now and from then on, until the shutdown begins. Once the two are found to be two histories, nothing is
/// appended by this process any more, and what stands in the log is left for `rectify doctor`.
pub(crate) async fn keep_watch(log: &Log, mirror: Mirror, shutdown: &Shutdown) {
    look(log, &mirror).await;
    let (log, begun) = (log.clone(), shutdown.begun());
    tokio::spawn(async move {
        tokio::pin!(begun);
        while log.halted().is_none() && tokio::time::timeout(POLL, &mut begun).await.is_err() {
            look(&log, &mirror).await;
        }
    });
}

async fn look(log: &Log, mirror: &Mirror) {
    match compare(log, mirror).await {
        Ok(_) => {}
        Err(error) if error.is_divergence() => halt(log, &error),
        Err(error) => tracing::debug!(error = &error as &dyn std::error::Error, "the mirror cannot be compared now"),
    }
}

/// Stops all appending of this process, because the log and its mirror are two histories.
pub fn halt(log: &Log, error: &CompareError) {
    if log.halted().is_none() {
        tracing::error!(
            error = error as &dyn std::error::Error,
            "the log is not what its mirror says: nothing is appended"
        );
    }
    log.halt(&format!("{error}; the database seems to be restored from an older state: {}", error.mend()));
}
