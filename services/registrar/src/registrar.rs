//! The registrar: four things at once, until the shutdown begins.

use std::time::Duration;

use rectify_accounts::Accounts;
use rectify_bus::{Bus, BusError, Findings, Mirror, Seal};
use rectify_case::event::Likeness;
use rectify_case::{CaseId, Finding, Position};
use rectify_kit::Frame;

use crate::error::{Cause, RegistrarError};
use crate::standing::Standing;
use crate::{duplicates, findings, relay, seal as sealing};

/// How long to wait before a bus that has no time is asked again.
const PAUSE: Duration = Duration::from_millis(500);

/// Takes findings off a queue of this process, until the shutdown of the frame begins: of those that its pages take, in a process
/// beside which a registrar relays the log and flags likely duplicates.
pub async fn take_from(frame: Frame, queue: Bus) -> Result<(), RegistrarError> {
    let accounts = Accounts::open(frame.db.clone()).await?;
    let queue = queue.findings().await?;
    findings::take(&frame, &accounts, queue).await
}

/// Takes findings, flags likely duplicates, relays and seals the log, until the shutdown of the frame begins.
///
/// `alike` looks up the cases that may be about the same as a finding, in a ledger that is folded at least to a position.
/// It is handed in because the registrar itself knows no ledger. `seal` seals what is
/// set aside; without it a registrar on NATS does not begin, for what it cannot read may be a petition.
///
/// Two registrars of one installation do no harm, as when one takes over from the other: every act has a key, and every
/// mirrored event says which must stand before it.
pub async fn run<A, F>(frame: Frame, alike: A, seal: Option<Seal>) -> Result<(), RegistrarError>
where
    A: Fn(Finding, Position) -> F + Send + Sync,
    F: Future<Output = Result<Vec<(CaseId, Likeness)>, Cause>> + Send,
{
    let accounts = Accounts::open(frame.db.clone()).await?;
    if seal.is_none() && matches!(frame.bus, Bus::Nats(_)) {
        return Err(RegistrarError::NothingSeals);
    }
    let Some((queue, mirror)) = queue_and_mirror(&frame).await? else { return Ok(()) };
    let queue = match seal {
        Some(seal) => queue.sealing(seal),
        None => queue,
    };
    tokio::try_join!(
        Box::pin(findings::take(&frame, &accounts, queue)),
        Box::pin(duplicates::flag(&frame, &accounts, alike)),
        Box::pin(relay::keep(&frame, mirror)),
        Box::pin(sealing::keep(&frame)),
    )?;
    Ok(())
}

/// Returns what is taken from and what is relayed to. A bus that has no time is asked again until the shutdown begins: then there
/// is nothing.
async fn queue_and_mirror(frame: &Frame) -> Result<Option<(Findings, Option<Mirror>)>, BusError> {
    let standing = Standing::beginning(&frame.health, "registrar");
    let asked_of = async || Ok((frame.bus.findings().await?, frame.bus.mirror().await?));
    loop {
        let error: BusError = match asked_of().await {
            Ok(both) => return Ok(Some(both)),
            Err(error) => error,
        };
        if !error.passes() {
            return Err(error);
        }
        standing.held_up(&error, "the bus cannot be used yet; trying again");
        tokio::select! {
            () = frame.shutdown.begun() => return Ok(None),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}
