use futures::stream::{self, Stream, StreamExt as _};
use rectify_case::{LogId, Position};

use crate::delivery::{Findings, SetAside};
use crate::error::{BusError, SubmitError};
use crate::in_process::InProcessBus;
use crate::mirror::Mirror;
use crate::nats::{NatsBus, NatsOptions};
use crate::submission::{Receipt, Submission};
use crate::trace::TraceParent;

/// How many submissions are on their way at once, at most.
pub(crate) const WINDOW: usize = 256;

/// The way of findings to the registrar, and of events to the mirror. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Bus {
    /// Over a NATS server with `JetStream`.
    Nats(NatsBus),
    /// Inside this process.
    InProcess(InProcessBus),
}

impl Bus {
    /// Returns a bus inside this process.
    pub fn in_process() -> Bus {
        Bus::InProcess(InProcessBus::new())
    }

    /// Connects to a NATS server, and makes the stream of findings where it is not there yet.
    pub async fn connect(options: NatsOptions) -> Result<Bus, BusError> {
        NatsBus::connect(options).await.map(Bus::Nats)
    }

    /// Makes every stream that is not there yet, for those that may only use them.
    pub async fn make_streams(&self) -> Result<(), BusError> {
        match self {
            Bus::Nats(bus) => bus.make_streams().await,
            Bus::InProcess(_) => Ok(()),
        }
    }

    /// Says what keeps the bus from working, if anything does.
    pub async fn ready(&self) -> Result<(), BusError> {
        match self {
            Bus::Nats(bus) => bus.ready().await,
            Bus::InProcess(_) => Ok(()),
        }
    }

    /// Hands in a finding, and waits until it is accepted: durable on NATS, in the log inside the process. Waits while
    /// too many are on their way.
    pub async fn submit(&self, submission: &Submission) -> Result<Receipt, SubmitError> {
        self.submit_traced(submission, None).await
    }

    /// Hands in a finding that belongs to a trace.
    pub async fn submit_traced(
        &self,
        submission: &Submission,
        trace: Option<&TraceParent>,
    ) -> Result<Receipt, SubmitError> {
        match self {
            Bus::Nats(bus) => bus.submit(submission, trace).await,
            Bus::InProcess(bus) => bus.submit(submission, trace).await,
        }
    }

    /// Hands in many findings, many at once, and gives the answers one by one in the same order. Takes no more from
    /// `submissions` than are on their way.
    pub fn submit_all<I: IntoIterator<Item = Submission>>(
        &self,
        submissions: I,
    ) -> impl Stream<Item = Result<Receipt, SubmitError>> + use<I> {
        let bus = self.clone();
        let sent = stream::iter(submissions).map(move |submission| {
            let bus = bus.clone();
            // A task that has done much is made to yield in the middle; then a later submission would overtake this one.
            tokio::task::unconstrained(async move { bus.submit(&submission).await })
        });
        sent.buffered(WINDOW)
    }

    /// Returns the registrar's end of the queue.
    pub async fn findings(&self) -> Result<Findings, BusError> {
        match self {
            Bus::Nats(bus) => bus.findings().await.map(Findings::Nats),
            Bus::InProcess(bus) => Ok(Findings::InProcess(bus.findings())),
        }
    }

    /// Publishes a signed checkpoint of a log, for whoever witnesses it. Inside the process nobody listens.
    pub async fn publish_checkpoint(&self, log: LogId, size: Position, note: &str) -> Result<(), BusError> {
        match self {
            Bus::Nats(bus) => bus.publish_checkpoint(log, size, note).await,
            Bus::InProcess(_) => Ok(()),
        }
    }

    /// Returns everything that was set aside, oldest first.
    pub async fn set_aside(&self) -> Result<Vec<SetAside>, BusError> {
        match self {
            Bus::Nats(bus) => bus.set_aside().await,
            Bus::InProcess(bus) => Ok(bus.set_aside()),
        }
    }

    /// Returns what was set aside under a number; nothing where there is none, or none any more.
    pub async fn set_aside_at(&self, sequence: u64) -> Result<Option<SetAside>, BusError> {
        match self {
            Bus::Nats(bus) => bus.set_aside_at(sequence).await,
            Bus::InProcess(bus) => Ok(bus.set_aside().into_iter().find(|aside| aside.sequence == sequence)),
        }
    }

    /// Returns the mirror of the log; none inside the process. Makes its stream where it is not there yet.
    pub async fn mirror(&self) -> Result<Option<Mirror>, BusError> {
        match self {
            Bus::Nats(bus) => Mirror::open(bus).await.map(Some),
            Bus::InProcess(_) => Ok(None),
        }
    }
}
