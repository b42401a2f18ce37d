//! The bus over NATS `JetStream`.

mod connect;
mod findings;
mod set_aside;
mod streams;
mod submit;

use std::sync::Arc;

use async_nats::connection::State;
use async_nats::jetstream::Context;

pub(crate) use connect::ANSWER;
pub use connect::NatsOptions;
pub(crate) use findings::Held;
pub use findings::NatsFindings;
pub(crate) use streams::{LOG, ensure, is_missing, log as log_stream};

use crate::delivery::SetAside;
use crate::error::BusError;

/// A connection to a NATS server. Cheap to clone; all clones are the same connection.
#[derive(Clone, Debug)]
pub struct NatsBus {
    pub(crate) context: Arc<Context>,
    pub(crate) options: Arc<NatsOptions>,
}

impl NatsBus {
    pub(crate) async fn connect(options: NatsOptions) -> Result<Self, BusError> {
        let context = Arc::new(connect::connect(&options).await?);
        let bus = Self { context, options: Arc::new(options) };
        bus.ensure_queues().await?;
        Ok(bus)
    }

    pub(crate) async fn ready(&self) -> Result<(), BusError> {
        if self.context.client().connection_state() != State::Connected {
            return Err(BusError::Disconnected);
        }
        let found = self.context.get_stream(streams::FINDINGS).await;
        found.map(|_| ()).map_err(|e| BusError::request("show the stream of findings")(e.into()))
    }

    pub(crate) async fn findings(&self) -> Result<NatsFindings, BusError> {
        NatsFindings::open(self.clone()).await
    }

    pub(crate) async fn set_aside(&self) -> Result<Vec<SetAside>, BusError> {
        set_aside::read(&self.context).await
    }

    /// Makes the streams of what comes in where they are not there: at first, or after the server lost its store.
    async fn ensure_queues(&self) -> Result<(), BusError> {
        let replicas = self.options.replicas;
        ensure(&self.context, streams::findings(replicas)).await?;
        ensure(&self.context, streams::set_aside(replicas)).await?;
        Ok(())
    }
}
