//! The server that an installation runs, and a bus over it.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use rectify_bus::{Bus, NatsOptions};
use rectify_tests::nats::{self, Server};

/// The ack wait of the tests.
pub const ACK_WAIT: Duration = Duration::from_secs(1);

/// The configuration that an installation runs its server with.
pub fn configuration() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats/nats.conf")
}

pub async fn server() -> Server {
    nats::server_with(&configuration()).await
}

pub async fn connected(server: &Server) -> Bus {
    Bus::connect(NatsOptions { ack_wait: ACK_WAIT, ..NatsOptions::new(server.url(), "conformance") }).await.unwrap()
}

/// Fails the test when something that must come does not.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    let limit = Duration::from_mins(1);
    tokio::time::timeout(limit, future).await.unwrap_or_else(|_| panic!("waited {limit:?} in vain for {what}"))
}
