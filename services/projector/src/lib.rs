//! Folds the log into the ledger.

use rectify_kit::Frame;
use rectify_ledger::{Indexer, Ledger, LedgerError, Projection};
use rectify_log::Log;

/// How many events the ledger may be behind before the process is not ready: less than a moment's work.
const BEHIND: u64 = 2_000;

/// Follows the log until the process ends: folds it into the ledger, and makes what was folded findable.
///
/// Returns once both are at work. The check `ledger` says when the ledger is behind.
pub async fn run(frame: &Frame, ledger: &Ledger) -> Result<(), LedgerError> {
    let projection = Projection::open(ledger, &frame.log, frame.config.zone).await?;
    let indexer = Indexer::new(ledger);
    check(frame, ledger);
    let begun = frame.shutdown.begun();
    frame.shutdown.spawn("projector", async move { Ok(projection.run(begun).await?) });
    let begun = frame.shutdown.begun();
    frame.shutdown.spawn("indexer", async move { Ok(indexer.run(begun).await?) });
    Ok(())
}

fn check(frame: &Frame, ledger: &Ledger) {
    let (log, ledger) = (frame.log.clone(), ledger.clone());
    frame.health.check("ledger", move || {
        let (log, ledger) = (log.clone(), ledger.clone());
        async move {
            match behind(&log, &ledger).await {
                Ok(events) if events > BEHIND => Err(format!("{events} events behind")),
                Ok(_) => Ok(()),
                Err(error) => Err(error.to_string()),
            }
        }
    });
}

async fn behind(log: &Log, ledger: &Ledger) -> Result<u64, LedgerError> {
    let events = log.head().await?.saturating_sub(ledger.checkpoint().await?);
    #[expect(clippy::cast_precision_loss, reason = "a gauge needs no more")]
    metrics::gauge!("rectify_ledger_behind_events").set(events as f64);
    Ok(events)
}
