use std::path::PathBuf;
use std::time::Duration;

use async_nats::jetstream::Context;
use async_nats::jetstream::context::ContextBuilder;
use async_nats::{ConnectOptions, Event, ServerAddr};

use crate::bus::WINDOW;
use crate::error::BusError;

/// How long the server may take for an answer. A cluster that elects a leader takes some seconds.
pub(crate) const ANSWER: Duration = Duration::from_secs(5);

/// How a NATS server is reached, and what is asked of it.
#[derive(Clone)]
pub struct NatsOptions {
    /// The URL of the server, or of several of one cluster separated by commas. May carry a user and a password, or a
    /// token.
    pub url: String,
    /// The name of this program, as the server shows it.
    pub name: String,
    /// A credentials file, where the server wants one.
    pub credentials: Option<PathBuf>,
    /// On how many servers of a cluster a message is kept before it counts as accepted.
    pub replicas: usize,
    /// How long a delivered finding may stay unsettled before it is delivered again.
    pub ack_wait: Duration,
}

impl NatsOptions {
    /// Returns the options for one server without a credentials file.
    pub fn new(url: impl Into<String>, name: impl Into<String>) -> Self {
        Self { url: url.into(), name: name.into(), credentials: None, replicas: 1, ack_wait: Duration::from_secs(30) }
    }
}

impl std::fmt::Debug for NatsOptions {
    /// The URL may carry a password and is left out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NatsOptions").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Connects, and checks that the server can do what is needed.
pub(super) async fn connect(options: &NatsOptions) -> Result<Context, BusError> {
    let addresses: Vec<ServerAddr> =
        options.url.split(',').map(|url| url.trim().parse()).collect::<Result<_, _>>().map_err(BusError::Url)?;
    let server = addresses.iter().map(|a| format!("{}:{}", a.host(), a.port())).collect::<Vec<_>>().join(", ");

    let mut connection = ConnectOptions::new()
        .name(&options.name)
        .request_timeout(Some(ANSWER))
        .reconnect_delay_callback(|attempts| Duration::from_millis(100 * u64::try_from(attempts.min(20)).unwrap_or(20)))
        .event_callback(async |event| tell(&event));
    if let Some(credentials) = &options.credentials {
        connection = connection.credentials_file(credentials).await.map_err(BusError::Credentials)?;
    }
    // The client does not look into the URL for these.
    if let Some((user, password)) = addresses.iter().find_map(|a| Some((a.username()?, a.password()))) {
        connection = match password.map(decoded) {
            // Answers come to a place of this user's own, so that permissions can keep others from listening.
            Some(password) => {
                let user = decoded(user);
                connection.custom_inbox_prefix(format!("_INBOX.{user}")).user_and_password(user, password)
            }
            None => connection.token(decoded(user)),
        };
    }

    let connected = connection.connect(&addresses[..]).await;
    let client = connected.map_err(|source| BusError::Unreachable { server: server.clone(), source })?;
    if !client.is_server_compatible(2, 12, 0) {
        return Err(BusError::TooOld { server, version: client.server_info().version });
    }
    if !client.server_info().jetstream {
        return Err(BusError::WithoutJetStream { server });
    }
    Ok(ContextBuilder::new().timeout(ANSWER).max_ack_inflight(WINDOW).backpressure_on_inflight(true).build(client))
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// What the server refuses is told only here: the request it belonged to just gets no answer.
fn tell(event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to the NATS server"),
        Event::Disconnected => tracing::warn!("lost the connection to the NATS server; trying again"),
        Event::ServerError(error) => tracing::error!(%error, "the NATS server refused"),
        other => tracing::info!(event = %other, "the connection to the NATS server changed"),
    }
}
