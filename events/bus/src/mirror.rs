use std::collections::VecDeque;

use async_nats::jetstream::context::{ContextBuilder, PublishAckFuture, PublishError};
use async_nats::jetstream::message::{PublishMessage, StreamMessage};
use async_nats::jetstream::stream::{Info, Stream};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::future::join_all;
use futures::{StreamExt as _, TryStreamExt as _};
use rectify_case::{DivisionCode, EventId, LogId, Position, SourceCode, StreamId};

use crate::bus::WINDOW;
use crate::error::{BusError, MirrorError};
use crate::nats::{LOG, Link, NatsBus, log_stream};
use crate::trace::TraceParent;
use crate::{cloud_event, subject};

/// The mirror of the log on NATS: every event at the stream sequence that is its position.
///
/// One relay writes it. That two write at once does no harm: every event says which sequence must stand before it, so
/// none is ever doubled or out of place.
#[derive(Clone, Debug)]
pub struct Mirror {
    pub(crate) link: Link,
    pub(crate) replicas: usize,
}

/// One event, as it is mirrored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mirrored {
    /// The log it was written to.
    pub log: LogId,
    /// Its position in the log.
    pub position: Position,
    /// Its stream.
    pub stream: StreamId,
    /// Its name, such as `registered`.
    pub name: String,
    /// The source of its case; none for what is no case.
    pub source: Option<SourceCode>,
    /// The division of its case; none for what is no case.
    pub division: Option<DivisionCode>,
    /// Its id.
    pub id: EventId,
    /// When it was recorded.
    pub recorded: DateTime<Utc>,
    /// The SHA-256 of its bytes.
    pub leaf: [u8; 32],
    /// The idempotency key of the append that begins with it, so that whoever asks again is known also when the log was
    /// brought back from here.
    pub keyed: Option<Keyed>,
    /// Where it stands in a trace.
    pub trace: Option<TraceParent>,
    /// The whole event, exactly as it is in the log.
    pub bytes: Bytes,
}

/// An append that had an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyed {
    /// The key.
    pub key: String,
    /// The SHA-256 of what was asked under it.
    pub content: [u8; 32],
    /// How many events it wrote.
    pub events: u64,
}

/// An event as the mirror has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its position.
    pub position: Position,
    /// The log it was written to.
    pub log: LogId,
    /// The SHA-256 of its bytes, as the relay said; none from a relay that did not say.
    pub leaf: Option<[u8; 32]>,
    /// The idempotency key of the append that begins with it.
    pub keyed: Option<Keyed>,
    /// The whole event.
    pub bytes: Bytes,
}

impl Mirrored {
    /// Returns the subject it is mirrored under.
    pub fn subject(&self) -> String {
        subject::of_event(self.stream, self.source.as_ref(), self.division.as_ref(), &self.name)
    }
}

/// How far the mirror is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// Its last position; 0 where it is empty.
    pub position: Position,
    /// The event there; none in a stream that was made to go on from here and has nothing yet.
    pub event: Option<LastEvent>,
}

/// The last event of the mirror.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastEvent {
    /// The log it came from.
    pub log: LogId,
    /// The whole event.
    pub bytes: Bytes,
}

impl Last {
    /// Says whether the log still has what the mirror has. `head` is the last position of the log, and `bytes` what the
    /// log has at the mirror's last position, if it goes that far: the log's id is in them.
    ///
    /// A database that was restored from an older state is noticed here. Nothing may be appended or published then.
    pub fn check(&self, head: Position, bytes: Option<&[u8]>) -> Result<(), MirrorError> {
        if self.position > head {
            return Err(MirrorError::Ahead { mirror: self.position, log: head });
        }
        match &self.event {
            Some(event) if Some(event.bytes.as_ref()) != bytes => Err(MirrorError::Differs { position: self.position }),
            Some(_) | None => Ok(()),
        }
    }
}

impl Mirror {
    pub(crate) async fn open(bus: &NatsBus) -> Result<Self, BusError> {
        // A context of its own: the window of those who submit must not hold up the relay.
        let context = ContextBuilder::new().timeout(crate::nats::ANSWER).build(bus.link.context.client());
        let link = Link { context, refusals: bus.link.refusals.clone() };
        let replicas = bus.options.replicas;
        link.ensure(log_stream(replicas, 1)).await?;
        Ok(Self { link, replicas })
    }

    /// Returns how far the mirror is.
    pub async fn last(&self) -> Result<Last, MirrorError> {
        let stream = self.stream().await?;
        let position = stream.cached_info().state.last_sequence;
        if stream.cached_info().state.messages == 0 {
            return Ok(Last { position, event: None });
        }
        // It cannot be taken out: a server that does not find it has not caught up with the others of its cluster.
        let unfound = || BusError::request("find the last event of the mirror")("no message found".into());
        let message = self.link.message(&stream, position).await?.ok_or_else(unfound)?;
        let Found { log, bytes, .. } = found(position, message)?;
        Ok(Last { position, event: Some(LastEvent { log, bytes }) })
    }

    /// Returns the events after a position and up to another, in order, many asked for at once.
    /// [`MirrorError::Absent`] where one is not there.
    pub async fn events(&self, after: Position, to: Position) -> Result<Vec<Found>, MirrorError> {
        let stream = self.stream().await?;
        let stream = &stream;
        let found = futures::stream::iter(after + 1..=to).map(|position| async move {
            found(position, self.link.message(stream, position).await?.ok_or(MirrorError::Absent { position })?)
        });
        found.buffered(WINDOW).try_collect().await
    }

    /// Publishes events that follow each other in the log, many on their way at once, and returns the last position of
    /// the batch. What is there already is not published again; it is an error when it is another event.
    ///
    /// Begin a batch with the last event that is mirrored, as the log has it now: so it is noticed when the database was
    /// restored under a running relay.
    pub async fn publish(&self, batch: &[Mirrored]) -> Result<Position, MirrorError> {
        let mut rest = self.missing(batch).await?;
        while !rest.is_empty() {
            let any_event = format!("{}.>", subject::LOG);
            let sent = self.link.or(&any_event, self.send(rest)).await.map_err(BusError::from)?;
            let Err(error) = sent else { break };
            // Whatever it was, the stream knows best how far it is.
            let still = self.missing(rest).await?;
            if still.len() == rest.len() {
                return Err(BusError::request("take an event")(error.into()).into());
            }
            tracing::warn!(%error, left = still.len(), "publishing to the mirror was interrupted; going on");
            rest = still;
        }
        match batch.last() {
            Some(event) => Ok(event.position),
            None => Ok(self.last().await?.position),
        }
    }

    /// Makes a lost stream again, to go on with this position: 1 to publish the whole log once more.
    pub async fn recreate_from(&self, position: Position) -> Result<(), MirrorError> {
        match self.stream().await {
            Err(MirrorError::Lost) => {}
            Err(error) => return Err(error),
            Ok(stream) => {
                let state = &stream.cached_info().state;
                if state.messages > 0 {
                    return Err(MirrorError::NotLost { last: state.last_sequence });
                }
                let deleted = self.link.or("STREAM.DELETE.LOG", self.link.context.delete_stream(LOG)).await;
                deleted.map_err(BusError::from)?.map_err(|e| BusError::request("delete an empty stream")(e.into()))?;
            }
        }
        self.link.ensure(log_stream(self.replicas, position)).await?;
        Ok(())
    }

    /// Returns those events of a batch that the stream does not have yet, having compared the last that it has.
    async fn missing<'a>(&self, batch: &'a [Mirrored]) -> Result<&'a [Mirrored], MirrorError> {
        let stream = self.stream().await?;
        let last = stream.cached_info().state.last_sequence;
        match batch.first() {
            Some(first) if last + 1 < first.position => return Err(MirrorError::Gap { last, first: first.position }),
            Some(_) | None => {}
        }
        let (there, missing) = batch.split_at(batch.partition_point(|event| event.position <= last));
        if let Some(known) = there.last() {
            let found = self.link.message(&stream, known.position).await?;
            if found.is_some_and(|message| message.payload != known.bytes) {
                return Err(MirrorError::Differs { position: known.position });
            }
        }
        Ok(missing)
    }

    /// Sends events in order, and waits until each is taken or one is not.
    async fn send(&self, events: &[Mirrored]) -> Result<(), PublishError> {
        let mut under_way: VecDeque<PublishAckFuture> = VecDeque::with_capacity(WINDOW);
        let mut outcome = Ok(());
        let mut previous = None;
        for event in events {
            if under_way.len() == WINDOW
                && let Some(oldest) = under_way.pop_front()
            {
                outcome = oldest.await.map(|_| ());
            }
            if outcome.is_ok() {
                match self.link.context.send_publish(event.subject(), message(event, previous)).await {
                    Ok(sent) => under_way.push_back(sent),
                    Err(error) => outcome = Err(error),
                }
            }
            if outcome.is_err() {
                break;
            }
            previous = Some(event.id);
        }
        // Those still under way are waited for, so that the stream does not move when it is asked how far it is.
        let rest = join_all(under_way.into_iter().map(IntoFuture::into_future)).await;
        rest.into_iter().fold(outcome, |outcome, sent| outcome.and(sent.map(|_| ())))
    }

    pub(crate) async fn stream(&self) -> Result<Stream<Info>, MirrorError> {
        self.link.stream(LOG).await?.ok_or(MirrorError::Lost)
    }
}

/// Every event names the sequence that must stand before it, and within a batch the event too: an event that follows
/// one that was refused is refused as well, though its sequence may be free.
fn message(event: &Mirrored, previous: Option<EventId>) -> PublishMessage {
    let message = PublishMessage::build()
        .payload(event.bytes.clone())
        .headers(cloud_event::of_event(event))
        .message_id(event.id.to_string())
        .expected_last_sequence(event.position.saturating_sub(1));
    match previous {
        Some(id) => message.expected_last_message_id(id.to_string()),
        None => message,
    }
}

fn found(position: Position, message: StreamMessage) -> Result<Found, MirrorError> {
    let log = cloud_event::log_of(&message.headers).ok_or(MirrorError::Foreign { position })?;
    let (leaf, keyed) = (cloud_event::leaf_of(&message.headers), cloud_event::keyed_of(&message.headers));
    Ok(Found { position, log, leaf, keyed, bytes: message.payload })
}
