use std::path::{Path, PathBuf};
use std::time::Duration;

use async_nats::jetstream::context::ContextBuilder;
use async_nats::{ConnectOptions, Event, ServerAddr};
use rectify_case::DivisionCode;

use super::Link;
use super::refusals::Refusals;
use crate::bus::WINDOW;
use crate::error::BusError;

/// How long the server may take for an answer. A cluster that elects a leader takes some seconds.
pub(crate) const ANSWER: Duration = Duration::from_secs(5);

/// How often the server is asked for a sign of life: after two without an answer, the line has fallen silent and another
/// is opened.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// How the two ends of a connection know each other. Without an authority the machine's own are trusted, where the URL
/// or the server asks for TLS at all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// A PEM file with who vouches for the server. Nothing is then said without TLS.
    pub authority: Option<PathBuf>,
    /// PEM files with the certificate that this end shows, and its key.
    pub own: Option<(PathBuf, PathBuf)>,
}

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
    /// How the two ends know each other.
    pub tls: Tls,
    /// On how many servers of a cluster a message is kept before it counts as accepted.
    pub replicas: usize,
    /// How long a delivered finding may stay unsettled before it is delivered again.
    pub ack_wait: Duration,
    /// The division of the county whose leaf node this is: only findings of that division are handed in here, into a stream
    /// of its own.
    pub leaf: Option<DivisionCode>,
    /// The divisions of the counties whose leaf nodes hand findings in.
    pub leaves: Vec<DivisionCode>,
}

impl NatsOptions {
    /// Returns the options for one server without a credentials file.
    pub fn new(url: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            name: name.into(),
            credentials: None,
            tls: Tls::default(),
            replicas: 1,
            ack_wait: Duration::from_secs(30),
            leaf: None,
            leaves: Vec::new(),
        }
    }
}

impl std::fmt::Debug for NatsOptions {
    /// The URL may carry a password and is left out.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NatsOptions").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Connects, and checks that the server can do what is needed.
pub(super) async fn connect(options: &NatsOptions) -> Result<Link, BusError> {
    let addresses: Vec<ServerAddr> =
        options.url.split(',').map(|url| url.trim().parse()).collect::<Result<_, _>>().map_err(BusError::Url)?;
    // The client does not look into the URL for these.
    let named = addresses.iter().find_map(|a| Some((decoded(a.username()?), a.password().map(decoded))));
    let refusals = Refusals::of(match &named {
        Some((user, Some(_))) => user,
        Some((_, None)) | None => "of this connection",
    });
    // What the client knows of an address it tells in its log lines.
    let addresses: Vec<ServerAddr> = addresses.into_iter().map(anonymous).collect::<Result<_, _>>()?;
    let server = addresses.iter().map(|a| format!("{}:{}", a.host(), a.port())).collect::<Vec<_>>().join(", ");

    let mut connection = ConnectOptions::new()
        .name(&options.name)
        .request_timeout(Some(ANSWER))
        .ping_interval(SIGN_OF_LIFE)
        .reconnect_delay_callback(|attempts| Duration::from_millis(100 * u64::try_from(attempts.min(20)).unwrap_or(20)))
        .event_callback({
            let refusals = refusals.clone();
            move |event| {
                tell(&event, &refusals);
                std::future::ready(())
            }
        });
    if let Some(credentials) = &options.credentials {
        connection = connection.credentials_file(credentials).await.map_err(BusError::Credentials)?;
    }
    if let Some(authority) = &options.tls.authority {
        readable(authority).await?;
        connection = connection.add_root_certificates(authority.clone()).require_tls(true);
    }
    if let Some((certificate, key)) = &options.tls.own {
        readable(certificate).await?;
        readable(key).await?;
        connection = connection.add_client_certificate(certificate.clone(), key.clone()).require_tls(true);
    }
    connection = match named {
        // Answers come to a place of this user's own, so that permissions can keep others from listening.
        Some((user, Some(password))) => {
            connection.custom_inbox_prefix(format!("_INBOX.{user}")).user_and_password(user, password)
        }
        Some((token, None)) => connection.token(token),
        None => connection,
    };

    let connected = connection.connect(&addresses[..]).await;
    let client = connected.map_err(|source| {
        let server = server.clone();
        if is_answer_in_clear(&source) {
            BusError::WithoutTls { server }
        } else {
            BusError::Unreachable { server, source }
        }
    })?;
    if !client.is_server_compatible(2, 12, 0) {
        return Err(BusError::TooOld { server, version: client.server_info().version });
    }
    if !client.server_info().jetstream {
        return Err(BusError::WithoutJetStream { server });
    }
    let context = ContextBuilder::new().timeout(ANSWER).max_ack_inflight(WINDOW).backpressure_on_inflight(true);
    Ok(Link { context: context.build(client), refusals })
}

/// Returns an address without who goes there.
fn anonymous(address: ServerAddr) -> Result<ServerAddr, BusError> {
    let mut url = address.into_inner();
    // A URL with a host takes these, and without one it is no address.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    ServerAddr::from_url(url).map_err(BusError::Url)
}

/// Returns whether TLS was asked for, and the server went on in clear: what it says then is no message of TLS.
fn is_answer_in_clear(error: &(dyn std::error::Error + 'static)) -> bool {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).any(|cause| cause.contains("InvalidContentType"))
}

/// The client does not say which of several files it cannot read.
async fn readable(file: &Path) -> Result<(), BusError> {
    let read = tokio::fs::read(file).await;
    read.map(drop).map_err(|source| BusError::Certificate { file: file.to_owned(), source })
}

fn decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// What the server refuses is told only here: the request it belonged to just gets no answer.
fn tell(event: &Event, refusals: &Refusals) {
    match event {
        Event::Connected => {
            refusals.forget();
            tracing::info!("connected to the NATS server");
        }
        Event::Disconnected => tracing::warn!("lost the connection to the NATS server; trying again"),
        Event::ServerError(error) => {
            if let Some(forbidden) = refusals.note(error) {
                tracing::error!(%forbidden, "the NATS server refused");
            } else {
                tracing::error!(%error, "the NATS server refused");
            }
        }
        other => tracing::info!(event = %other, "the connection to the NATS server changed"),
    }
}
