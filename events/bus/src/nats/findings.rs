use std::error::Error;
use std::time::Duration;

use async_nats::jetstream::consumer::pull::{self, Config};
use async_nats::jetstream::consumer::{AckPolicy, PullConsumer};
use async_nats::jetstream::{AckKind, Message};
use futures::{FutureExt as _, StreamExt as _};

use super::{NatsBus, set_aside, streams};
use crate::cloud_event;
use crate::delivery::{Delivery, Hold, Seal};
use crate::error::BusError;
use crate::submission::Submission;

/// The name under which the server remembers how far the registrar is.
const REGISTRAR: &str = "registrar";

/// How many findings are fetched ahead.
const AHEAD: usize = 256;

/// How many findings may be unsettled. Those that wait for a retry count too, and must not hold up the rest.
const UNSETTLED: i64 = 10_000;

const PAUSE: Duration = Duration::from_millis(250);

/// The registrar's end of the queue on NATS: a durable pull consumer.
pub struct NatsFindings {
    bus: NatsBus,
    messages: Box<pull::Stream>,
    seal: Option<Seal>,
}

impl std::fmt::Debug for NatsFindings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NatsFindings").finish_non_exhaustive()
    }
}

impl NatsFindings {
    pub(super) async fn open(bus: NatsBus) -> Result<Self, BusError> {
        let messages = Box::new(messages(&bus).await?);
        Ok(Self { bus, messages, seal: None })
    }

    pub(crate) fn sealing(self, seal: Seal) -> Self {
        Self { seal: Some(seal), ..self }
    }

    fn held(&self, message: Message) -> Held {
        Held { bus: self.bus.clone(), message, seal: self.seal.clone() }
    }

    pub(crate) async fn next_batch(&mut self, max: usize) -> Result<Vec<Delivery>, BusError> {
        let mut batch = Vec::new();
        while batch.is_empty() {
            let message = self.wait().await?;
            batch.extend(self.read(message).await);
        }
        while batch.len() < max {
            // What goes wrong here goes wrong again in `wait`, where it is handled.
            let Some(Some(Ok(message))) = self.messages.next().now_or_never() else { break };
            batch.extend(self.read(message).await);
        }
        Ok(batch)
    }

    /// Waits for a message. Starts over when the server, the consumer or the stream went away.
    async fn wait(&mut self) -> Result<Message, BusError> {
        loop {
            let asked = format!("CONSUMER.MSG.NEXT.{}.{REGISTRAR}", streams::FINDINGS);
            match self.bus.link.or(&asked, self.messages.next()).await? {
                Some(Ok(message)) => return Ok(message),
                Some(Err(error)) => tracing::warn!(%error, "fetching findings was interrupted; starting over"),
                None => tracing::warn!("fetching findings ended; starting over"),
            }
            self.messages = loop {
                tokio::time::sleep(PAUSE).await;
                match messages(&self.bus).await {
                    Ok(messages) => break Box::new(messages),
                    Err(error @ (BusError::StreamDiffers { .. } | BusError::Forbidden(_))) => return Err(error),
                    Err(error) => {
                        tracing::warn!(error = &error as &dyn Error, "findings cannot be fetched; trying again");
                    }
                }
            };
        }
    }

    /// Reads a message, or sets it aside.
    async fn read(&self, message: Message) -> Option<Delivery> {
        match read(&message) {
            Ok((submission, delivered)) => {
                let trace = message.headers.as_ref().and_then(cloud_event::trace_of);
                let hold = Hold::Nats(self.held(message));
                Some(Delivery { submission, delivered, trace, hold })
            }
            Err(reason) => {
                tracing::warn!(reason, subject = %message.subject, "a finding cannot be read and is set aside");
                if let Err(error) = self.held(message).set_aside(&reason).await {
                    tracing::warn!(error = &error as &dyn Error, "it could not be set aside and will come again");
                }
                None
            }
        }
    }
}

async fn messages(bus: &NatsBus) -> Result<pull::Stream, BusError> {
    let stream = bus.link.ensure(streams::queue(&bus.options)).await?;
    streams::source_from(&bus.link, stream.clone(), &bus.options.leaves).await?;
    bus.link.ensure(streams::set_aside(bus.options.replicas)).await?;
    let config = Config {
        durable_name: Some(REGISTRAR.to_owned()),
        ack_policy: AckPolicy::Explicit,
        ack_wait: bus.options.ack_wait,
        max_deliver: -1,
        max_ack_pending: UNSETTLED,
        ..Config::default()
    };
    let making = format!("CONSUMER.CREATE.{}.{REGISTRAR}", streams::FINDINGS);
    let made = bus.link.or(&making, stream.create_consumer(config)).await?;
    let consumer: PullConsumer = made.map_err(|e| BusError::request("make the registrar's consumer")(e.into()))?;
    let fetched = consumer
        .stream()
        .max_messages_per_batch(AHEAD)
        .expires(Duration::from_secs(10))
        .heartbeat(Duration::from_secs(2))
        .messages()
        .await;
    fetched.map_err(|e| BusError::request("hand out findings")(e.into()))
}

/// Reads a message, or says why it is no finding of its subject.
fn read(message: &Message) -> Result<(Submission, u64), String> {
    let delivered = message.info().map_err(|e| format!("it was not delivered by JetStream: {e}"))?.delivered;
    let headers = message.headers.as_ref().ok_or("it has no headers, so it is no CloudEvent")?;
    if let Some(objection) = cloud_event::objection(headers) {
        return Err(objection);
    }
    let submission: Submission =
        serde_json::from_slice(&message.payload).map_err(|e| format!("its content is no finding: {}", told(&e)))?;
    // Senders are allowed subjects; what they send must be what they are allowed.
    let expected = submission.subject();
    if message.subject.as_str() != expected {
        return Err(format!("it came under {} and belongs under {expected}", message.subject));
    }
    Ok((submission, u64::try_from(delivered).unwrap_or(1)))
}

/// Returns what is wrong with a text, and nothing of what stands there: it may be a petition.
fn told(error: &serde_json::Error) -> String {
    const HARMLESS: [&str; 3] = ["missing field", "unknown field", "duplicate field"];
    let text = error.to_string();
    if error.is_data() && !HARMLESS.iter().any(|harmless| text.starts_with(harmless)) {
        return format!("a field holds what it cannot at line {} column {}", error.line(), error.column());
    }
    text
}

/// A message that is not settled yet. Dropped, it comes again after the ack wait.
#[derive(Debug)]
pub(crate) struct Held {
    bus: NatsBus,
    message: Message,
    seal: Option<Seal>,
}

impl Held {
    pub(crate) async fn ack(self) -> Result<(), BusError> {
        self.settle(AckKind::Ack).await
    }

    pub(crate) async fn retry(self, delay: Duration) -> Result<(), BusError> {
        self.settle(AckKind::Nak(Some(delay))).await
    }

    pub(crate) async fn set_aside(self, reason: &str) -> Result<(), BusError> {
        let seal = self.seal.as_ref().ok_or(BusError::Unsealed)?;
        set_aside::write(&self.bus.link, &self.message, reason, seal).await?;
        self.settle(AckKind::Term).await
    }

    async fn settle(&self, kind: AckKind) -> Result<(), BusError> {
        self.message.ack_with(kind).await.map_err(BusError::request("take an acknowledgement"))
    }
}
