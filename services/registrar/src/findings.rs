//! Findings off the bus: many at once, so that the log commits them in groups; those of one finding in order of arrival.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use futures::future::join_all;
use rectify_accounts::Accounts;
use rectify_bus::{BusError, Delivery, Findings};
use rectify_case::FindingId;
use rectify_kit::Frame;
use rectify_kit::act::NotActed;

use crate::error::RegistrarError;
use crate::register::{Outcome, register};
use crate::standing::Standing;
use crate::verdict::Verdict;

/// How many findings are written at once.
const BATCH: usize = 256;

/// How long to wait before a log that cannot be written is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Registers what comes, until the shutdown begins. What is under way then is finished.
pub(crate) async fn take(frame: &Frame, accounts: &Accounts, mut queue: Findings) -> Result<(), RegistrarError> {
    let standing = Standing::shown(&frame.health, "registrar");
    let begun = frame.shutdown.begun();
    tokio::pin!(begun);
    loop {
        let batch = tokio::select! {
            biased;
            () = &mut begun => return Ok(()),
            batch = queue.next_batch(BATCH) => batch?,
        };
        join_all(lanes(batch).into_iter().map(|lane| settle_in_order(frame, accounts, &standing, lane))).await;
    }
}

/// Deliveries of one finding, in order of arrival.
#[derive(Debug, Default)]
struct Lane(VecDeque<Delivery>);

impl Drop for Lane {
    /// The last first: each goes back to the front of the queue, and then they stand there as before.
    fn drop(&mut self) {
        while self.0.pop_back().is_some() {}
    }
}

fn lanes(batch: Vec<Delivery>) -> Vec<Lane> {
    let mut places: HashMap<FindingId, usize> = HashMap::new();
    let mut lanes: Vec<Lane> = Vec::new();
    for delivery in batch {
        let place = *places.entry(delivery.submission.finding.id()).or_insert(lanes.len());
        if place == lanes.len() {
            lanes.push(Lane::default());
        }
        lanes[place].0.push_back(delivery);
    }
    lanes
}

async fn settle_in_order(frame: &Frame, accounts: &Accounts, standing: &Standing, mut lane: Lane) {
    // It stays in the lane until it is decided, so that it goes back before those behind it.
    while let Some(delivery) = lane.0.front() {
        let began = Instant::now();
        let Some(decided) = decided(frame, accounts, standing, delivery).await else { return };
        let Some(delivery) = lane.0.pop_front() else { return };
        metrics::histogram!("rectify_finding_seconds").record(began.elapsed());
        let id = delivery.submission.finding.id();
        if let Err(error) = settle(delivery, decided).await {
            tracing::warn!(finding.id = %id, error = &error as &dyn std::error::Error, "a finding will come again");
        }
    }
}

/// What is decided about a delivery.
enum Decision {
    Done(Outcome),
    SetAside(String),
    Later(NotActed),
}

/// Why a petition that is not sealed is never registered: what is in the log stays in it.
const UNSEALED: &str = "信访件未密封，不能登记；请经信访入口重新报送。 The petition is not sealed and cannot be registered; hand it in \
                        again by the petition intake.";

/// Returns what is decided about a delivery; nothing when the process ends first.
async fn decided(frame: &Frame, accounts: &Accounts, standing: &Standing, delivery: &Delivery) -> Option<Decision> {
    if delivery.submission.finding.lacks_seal() {
        return Some(Decision::SetAside(UNSEALED.to_owned()));
    }
    loop {
        let error = match register(frame, accounts, &delivery.submission).await {
            Ok(outcome) => {
                standing.goes_on();
                return Some(Decision::Done(outcome));
            }
            Err(error) => error,
        };
        match Verdict::on(error) {
            Verdict::Never(reason) => return Some(Decision::SetAside(reason)),
            Verdict::Later(error) => return Some(Decision::Later(error)),
            // Others would fare no better, and so the order of arrival is kept.
            Verdict::Wait(error) => standing.held_up(&error, "findings cannot be registered now; trying again"),
        }
        tokio::select! {
            () = frame.shutdown.begun() => return None,
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

async fn settle(delivery: Delivery, decided: Decision) -> Result<(), BusError> {
    let id = delivery.submission.finding.id();
    match decided {
        Decision::Done(outcome) => {
            count(outcome.name());
            tracing::debug!(finding.id = %id, outcome = outcome.name(), "a finding is in the log");
            delivery.ack().await
        }
        Decision::SetAside(reason) => {
            count("set_aside");
            tracing::warn!(finding.id = %id, reason, "a finding is set aside");
            delivery.set_aside(&reason).await
        }
        Decision::Later(error) => {
            count("later");
            tracing::error!(finding.id = %id, error = &error as &dyn std::error::Error, "a finding cannot be registered yet");
            let backoff = delivery.backoff();
            delivery.retry(backoff).await
        }
    }
}

fn count(outcome: &'static str) {
    metrics::counter!("rectify_findings_total", "outcome" => outcome).increment(1);
}
