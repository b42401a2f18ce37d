//! The sealer at work: the tree behind the log, and a checkpoint where something happened. No append ever waits for it.

use std::time::Duration;

use rectify_case::Position;
use rectify_kit::Frame;
use rectify_proof::{SealError, Sealer, Tree};

use crate::error::RegistrarError;
use crate::standing::Standing;

/// How long what happens is gathered before it is sealed and signed together.
const EVERY: Duration = Duration::from_secs(10);

/// How long to wait before a database that failed is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// Seals the log until the shutdown begins.
pub(crate) async fn keep(frame: &Frame) -> Result<(), RegistrarError> {
    let sealer = Sealer::open(frame.log.clone(), Tree::new(frame.db.clone()), frame.config.seal.as_deref())?;
    tokio::select! {
        () = frame.shutdown.begun() => Ok(()),
        () = seal(frame, &sealer) => Ok(()),
    }
}

async fn seal(frame: &Frame, sealer: &Sealer) {
    let standing = Standing::shown(&frame.health, "seal");
    let mut tail = frame.log.tail(0);
    loop {
        let size = match round(frame, sealer).await {
            Ok(size) => size,
            Err(error) => {
                standing.held_up(&error, "the log is not sealed");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        standing.goes_on();
        behind(0);
        tokio::time::sleep(EVERY).await;
        let Ok(head) = tail.pass().await else { return };
        behind(head.saturating_sub(size));
    }
}

/// Extends the tree to the end of the log, signs it, and returns how large it is. A log that is not what its mirror says is
/// sealed no further.
async fn round(frame: &Frame, sealer: &Sealer) -> Result<Position, SealError> {
    if frame.log.halted().is_some() {
        return Ok(0);
    }
    let extended = sealer.extend().await?;
    if let Some(signed) = sealer.sign(frame.clock.now()).await? {
        let size = signed.checkpoint.size;
        if let Err(error) = frame.bus.publish_checkpoint(frame.log.id(), size, &signed.note).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                size,
                "a checkpoint is not on the bus; the next will be"
            );
        }
    }
    Ok(extended)
}

fn behind(events: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float, exact to 2⁵³")]
    metrics::gauge!("rectify_seal_behind_events").set(events as f64);
}
