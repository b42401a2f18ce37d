//! The bus over NATS `JetStream`.

mod checkpoints;
mod connect;
mod findings;
mod set_aside;
mod submit;

mod link;
mod refusals;
mod streams;

use std::sync::Arc;

use async_nats::connection::State;
use rectify_case::{LogId, Position};

pub(crate) use connect::ANSWER;
pub use connect::{NatsOptions, Tls};
pub(crate) use findings::Held;
pub use findings::NatsFindings;
pub(crate) use link::Link;
pub use refusals::{Act, Forbidden};
pub(crate) use streams::{LOG, kept, log as log_stream};

use crate::delivery::SetAside;
use crate::error::BusError;

/// A connection to a NATS server. Cheap to clone; all clones are the same connection.
#[derive(Clone, Debug)]
pub struct NatsBus {
    pub(crate) link: Arc<Link>,
    pub(crate) options: Arc<NatsOptions>,
}

impl NatsBus {
    pub(crate) async fn connect(options: NatsOptions) -> Result<Self, BusError> {
        let link = Arc::new(connect::connect(&options).await?);
        let bus = Self { link, options: Arc::new(options) };
        bus.ensure_queue().await?;
        Ok(bus)
    }

    pub(crate) async fn make_streams(&self) -> Result<(), BusError> {
        let replicas = self.options.replicas;
        let queue = self.link.ensure(streams::queue(&self.options)).await?;
        streams::source_from(&self.link, queue, &self.options.leaves).await?;
        self.link.ensure(streams::set_aside(replicas)).await?;
        self.link.ensure(streams::log(replicas, 1)).await?;
        self.link.ensure(streams::checkpoints(replicas)).await?;
        Ok(())
    }

    pub(crate) async fn ready(&self) -> Result<(), BusError> {
        if self.link.context.client().connection_state() != State::Connected {
            return Err(BusError::Disconnected);
        }
        let queue = streams::queue(&self.options).name;
        let found = self.link.stream(&queue).await?;
        found.map(|_| ()).ok_or(BusError::Lost { stream: streams::named(&queue) })
    }

    pub(crate) async fn findings(&self) -> Result<NatsFindings, BusError> {
        NatsFindings::open(self.clone()).await
    }

    pub(crate) async fn publish_checkpoint(&self, log: LogId, size: Position, note: &str) -> Result<(), BusError> {
        self.link.ensure(streams::checkpoints(self.options.replicas)).await?;
        checkpoints::publish(&self.link, log, size, note).await
    }

    pub(crate) async fn set_aside(&self) -> Result<Vec<SetAside>, BusError> {
        set_aside::read(&self.link).await
    }

    pub(crate) async fn set_aside_at(&self, sequence: u64) -> Result<Option<SetAside>, BusError> {
        set_aside::read_at(&self.link, sequence).await
    }

    /// Makes the stream of what comes in where it is not there: at first, or after the server lost its store. Who may
    /// not is told that somebody else must.
    async fn ensure_queue(&self) -> Result<(), BusError> {
        self.link.ensure(streams::queue(&self.options)).await.map(drop)
    }
}
