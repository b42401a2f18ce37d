//! The bus of servers, as the configuration names it.

use anyhow::Context as _;
use rectify_bus::{Bus, NatsOptions};

use crate::config::Nats;

/// Connects to the bus of servers under the name of this process.
pub async fn connect(nats: &Nats, name: &str) -> anyhow::Result<Bus> {
    let options = NatsOptions {
        credentials: nats.credentials.clone(),
        replicas: nats.replicas,
        tls: nats.tls.clone(),
        leaf: nats.leaf.clone(),
        leaves: nats.leaves.clone(),
        ..NatsOptions::new(nats.url(), name)
    };
    Bus::connect(options).await.context("cannot connect to the bus of nats.url")
}
