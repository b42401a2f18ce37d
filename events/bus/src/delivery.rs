use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::error::BusError;
use crate::submission::Submission;
use crate::trace::TraceParent;
use crate::{in_process, nats};

/// How long what was set aside is kept: it may hold what a person said in confidence.
pub(crate) const ASIDE: Duration = Duration::from_hours(30 * 24);

/// The registrar's end of the queue: findings to be registered, each delivered until it is acked or set aside.
#[derive(Debug)]
pub enum Findings {
    /// From NATS.
    Nats(nats::NatsFindings),
    /// From inside the process.
    InProcess(in_process::InProcessFindings),
}

/// Seals what is set aside: it may be a petition, whatever it says it is. Cheap to clone.
#[derive(Clone)]
pub struct Seal(Arc<Sealing>);

type Sealing = dyn Fn(&[u8]) -> Vec<u8> + Send + Sync;

impl Seal {
    /// Returns a seal that this function makes.
    pub fn new(seal: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Seal {
        Seal(Arc::new(seal))
    }

    pub(crate) fn sealed(&self, bytes: &[u8]) -> Vec<u8> {
        (self.0)(bytes)
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal")
    }
}

impl Findings {
    /// Returns the same end of the queue, with what seals whatever is set aside. Without it nothing is set aside on NATS:
    /// what would be stays in the queue. What is set aside inside the process stays in its memory as it is.
    pub fn sealing(self, seal: Seal) -> Findings {
        match self {
            Findings::Nats(findings) => Findings::Nats(findings.sealing(seal)),
            Findings::InProcess(findings) => Findings::InProcess(findings),
        }
    }

    /// Waits for a finding. Survives lost connections and servers; what cannot be read is set aside on the way.
    pub async fn next(&mut self) -> Result<Delivery, BusError> {
        loop {
            if let Some(delivery) = self.next_batch(1).await?.pop() {
                return Ok(delivery);
            }
        }
    }

    /// Waits for a finding, and returns with it whatever else is there already, up to `max`. May be dropped while it
    /// waits: what it had taken by then comes again.
    pub async fn next_batch(&mut self, max: usize) -> Result<Vec<Delivery>, BusError> {
        match self {
            Findings::Nats(findings) => findings.next_batch(max).await,
            Findings::InProcess(findings) => Ok(findings.next_batch(max).await),
        }
    }
}

/// A finding, delivered. It comes again unless it is acked or set aside: at once when dropped in the process, after the
/// ack wait on NATS.
#[derive(Debug)]
pub struct Delivery {
    /// What was handed in.
    pub submission: Submission,
    /// How many times it was delivered, this time included.
    pub delivered: u64,
    /// Where it stands in a trace.
    pub trace: Option<TraceParent>,
    pub(crate) hold: Hold,
}

/// What the queue holds of a delivery until it is settled.
#[derive(Debug)]
pub(crate) enum Hold {
    Nats(nats::Held),
    InProcess(in_process::Held),
}

impl Delivery {
    /// The pauses before a second, third, … delivery; the last goes on.
    const BACKOFF: [u64; 6] = [1, 2, 5, 15, 60, 300];

    /// Tells the queue that the event of this finding is in the log.
    pub async fn ack(self) -> Result<(), BusError> {
        match self.hold {
            Hold::Nats(held) => held.ack().await,
            Hold::InProcess(held) => {
                held.ack();
                Ok(())
            }
        }
    }

    /// Asks for it again after a delay.
    pub async fn retry(self, delay: Duration) -> Result<(), BusError> {
        match self.hold {
            Hold::Nats(held) => held.retry(delay).await,
            Hold::InProcess(held) => {
                held.retry(delay);
                Ok(())
            }
        }
    }

    /// Returns a delay to retry after: longer the more often it was delivered.
    pub fn backoff(&self) -> Duration {
        let at = usize::try_from(self.delivered.saturating_sub(1)).unwrap_or(usize::MAX);
        Duration::from_secs(Self::BACKOFF[at.min(Self::BACKOFF.len() - 1)])
    }

    /// Puts it where the office sees it, with the reason: it can never be registered as it is.
    pub async fn set_aside(self, reason: &str) -> Result<(), BusError> {
        match self.hold {
            Hold::Nats(held) => held.set_aside(reason).await,
            Hold::InProcess(held) => {
                held.set_aside(reason);
                Ok(())
            }
        }
    }
}

/// A message that could not become a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its place among those set aside.
    pub sequence: u64,
    /// The subject it came under.
    pub subject: String,
    /// Why it was set aside.
    pub reason: String,
    /// When it came in.
    pub received: DateTime<Utc>,
    /// How many times it had been delivered.
    pub delivered: u64,
    /// What came, byte by byte; sealed, where it is.
    pub bytes: Vec<u8>,
    /// Whether it is sealed.
    pub sealed: bool,
}
