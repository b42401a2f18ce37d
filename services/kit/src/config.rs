//! The configuration of a process: one TOML file, over it credentials of the service manager, over them `RECTIFY_…`
//! variables, over them flags.

mod error;
mod key;
mod layers;
mod redact;
mod shown;

use std::ffi::OsString;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use rectify_bus::Tls;
use rectify_case::{DivisionCode, Zone};
use rectify_proof::Witness;
use secrecy::{ExposeSecret, SecretString};

pub use error::ConfigError;
pub use key::{KEYS, Key, Kind};
pub use layers::{Flags, Origin};

use layers::Layers;

/// What a process was told.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder: the databases and the evidence of an installation without servers.
    pub data: PathBuf,
    /// The office's zone, in which days are counted.
    pub zone: Zone,
    /// The URL of the Postgres database; none keeps everything in SQLite files in the data folder.
    pub database: Option<SecretString>,
    /// The URL of the same database for what is appended to the log; none appends by the other.
    pub appender: Option<SecretString>,
    /// Where the keys of petitions are kept, and what opens them.
    pub keys: Keys,
    /// The file of the key that checkpoints of the log are signed with; none where none are signed.
    pub seal: Option<PathBuf>,
    /// The witnesses whose signatures of checkpoints are kept.
    pub witnesses: Vec<Witness>,
    /// The NATS server; none keeps the bus inside the process.
    pub nats: Option<Nats>,
    /// How the process is reached.
    pub http: Http,
    /// Where evidence is kept.
    pub evidence: Evidence,
    /// What the process says about itself.
    pub telemetry: Telemetry,
    /// `RECTIFY_…` variables that set nothing: perhaps a slip of the pen.
    pub unknown_variables: Vec<String>,
    layers: Layers,
}

/// Where the keys of petitions are kept, and what opens them.
#[derive(Clone, Debug)]
pub struct Keys {
    /// The URL of their database; none keeps them in a folder of the data folder.
    pub database: Option<SecretString>,
    /// The folder of a key store without a database of its own.
    pub folder: PathBuf,
    /// The file of the office's private key. It may be elsewhere, and not be there.
    pub private_key: PathBuf,
    /// What unlocks it.
    pub passphrase: Option<SecretString>,
    /// The office's public key as text, for who has no key store.
    pub public_key: Option<String>,
}

/// How NATS is reached.
#[derive(Clone, Debug)]
pub struct Nats {
    /// The URL of the server, or several separated by commas.
    pub url: SecretString,
    /// The credentials file.
    pub credentials: Option<PathBuf>,
    /// On how many servers of a cluster a message is kept before it counts as accepted.
    pub replicas: usize,
    /// How the two know each other; none trusts the network, or what the machine trusts where the URL says `tls`.
    pub tls: Tls,
    /// The division of the county whose leaf node this is, for its intakes.
    pub leaf: Option<DivisionCode>,
    /// The divisions of the counties whose leaf nodes hand findings in, for the registrar.
    pub leaves: Vec<DivisionCode>,
}

/// How the process is reached.
#[derive(Clone, Debug)]
pub struct Http {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Where people reach the desk, without a slash at the end; none is the address it listens on.
    pub public_url: Option<String>,
    /// The reverse proxy that is believed when it says from where somebody comes.
    pub proxy: Option<IpAddr>,
    /// How many requests one address may make in a second, for as long as it likes; ten times as many after a rest.
    pub rate: NonZeroU32,
    /// How long a request may take until its answer begins.
    pub timeout: Duration,
    /// The bytes a request may carry where a route says nothing else.
    pub body_limit: usize,
}

/// Where evidence is kept.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The store.
    pub store: EvidenceStore,
    /// The bytes one file may have.
    pub max_bytes: u64,
}

impl Evidence {
    /// Returns whether other machines have the same files.
    pub fn is_shared(&self) -> bool {
        matches!(self.store, EvidenceStore::S3(_))
    }
}

/// A place for files.
#[derive(Clone, Debug)]
pub enum EvidenceStore {
    /// A folder.
    Folder(PathBuf),
    /// A bucket that speaks S3.
    S3(S3),
}

/// A bucket that speaks S3.
#[derive(Clone, Debug)]
pub struct S3 {
    /// The bucket and prefix, as `s3://bucket/prefix`.
    pub url: String,
    /// The endpoint, where it is not Amazon's.
    pub endpoint: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The access key; none takes what the machine's role gives.
    pub access_key: Option<String>,
    /// The secret key.
    pub secret_key: Option<SecretString>,
}

/// What the process says about itself.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// The shape of its log lines.
    pub format: Format,
    /// What it logs: a level, or directives such as `info,rectify_log=debug`.
    pub level: String,
    /// The OTLP endpoint that traces are sent to (builds with the `server` feature).
    pub otlp: Option<String>,
}

/// The shape of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// Reads the configuration of this process from its file, its environment and its flags.
    pub fn load(flags: &Flags) -> Result<Config, ConfigError> {
        Config::load_with(flags, std::env::vars_os())
    }

    /// Reads the configuration as [`Config::load`] does, from a given environment.
    pub fn load_with(
        flags: &Flags,
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> Result<Config, ConfigError> {
        let (layers, unknown_variables) = Layers::read(flags, environment)?;
        let data: PathBuf = layers.required("data", |text| Some(text.into()))?;
        let evidence = layers.optional("evidence.store", store)?;
        let database = layers.secret("database.url", "database.url_file", is_postgres)?;
        let seal: Option<PathBuf> = layers.optional("seal.key", |text| Some(text.into()))?;
        let witnesses =
            layers.optional("seal.witnesses", |text| text.split(',').map(|key| key.parse().ok()).collect())?;
        Ok(Config {
            zone: layers.required("zone", |text| Zone::east(text.parse().ok()?))?,
            // Beside a database of servers the data folder may not outlive the process.
            seal: seal.or_else(|| database.is_none().then(|| data.join("seal.key"))),
            witnesses: witnesses.unwrap_or_default(),
            database,
            appender: layers.secret("database.append_url", "database.append_url_file", is_postgres)?,
            keys: keys(&layers, data.join("keys"))?,
            nats: nats(&layers)?,
            http: Http {
                listen: layers.required("http.listen", |text| text.parse().ok())?,
                public_url: layers.optional("http.public_url", |text| {
                    has_scheme(text, &["http", "https"]).map(|url| url.trim_end_matches('/').to_owned())
                })?,
                proxy: layers.optional("http.proxy", |text| text.parse().ok())?,
                rate: layers.required("http.requests_per_second", |text| text.parse().ok())?,
                timeout: Duration::from_secs(layers.required("http.timeout_seconds", at_least_one)?),
                body_limit: layers.required("http.body_limit", at_least_one)?,
            },
            evidence: Evidence {
                store: match evidence {
                    None => EvidenceStore::Folder(data.join("evidence")),
                    Some(Store::Folder(folder)) => EvidenceStore::Folder(folder),
                    Some(Store::S3(url)) => EvidenceStore::S3(s3(&layers, url)?),
                },
                max_bytes: layers.required("evidence.max_bytes", at_least_one)?,
            },
            telemetry: Telemetry {
                format: layers.required("telemetry.format", format)?,
                level: layers.required("telemetry.level", level)?,
                otlp: layers.optional("telemetry.otlp", |text| has_scheme(text, &["http", "https"]))?,
            },
            data,
            unknown_variables,
            layers,
        })
    }

    /// Returns the configuration in force as TOML, each value with where it came from, secrets as `***`.
    pub fn shown(&self) -> String {
        shown::shown(&self.layers)
    }
}

enum Store {
    Folder(PathBuf),
    S3(String),
}

fn store(text: &str) -> Option<Store> {
    match text.split_once("://") {
        None => (!text.is_empty()).then(|| Store::Folder(text.into())),
        Some(("s3", bucket)) => (!bucket.is_empty()).then(|| Store::S3(text.to_owned())),
        Some(_) => None,
    }
}

fn s3(layers: &Layers, url: String) -> Result<S3, ConfigError> {
    let any = |text: &str| Some(text.to_owned());
    Ok(S3 {
        url,
        endpoint: layers.optional("evidence.s3_endpoint", |text| has_scheme(text, &["http", "https"]))?,
        region: layers.optional("evidence.s3_region", any)?,
        access_key: layers.optional("evidence.s3_access_key", any)?,
        secret_key: layers.secret("evidence.s3_secret_key", "evidence.s3_secret_key_file", |_| true)?,
    })
}

fn keys(layers: &Layers, folder: PathBuf) -> Result<Keys, ConfigError> {
    let is_public = |text: &str| {
        let digits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| text.to_owned())
    };
    let private_key: Option<PathBuf> = layers.optional("keys.private_key", |text| Some(text.into()))?;
    Ok(Keys {
        database: layers.secret("keys.url", "keys.url_file", is_postgres)?,
        private_key: private_key.unwrap_or_else(|| folder.join("office.key")),
        passphrase: layers.secret("keys.passphrase", "keys.passphrase_file", |text| !text.is_empty())?,
        public_key: layers.optional("keys.public_key", is_public)?,
        folder,
    })
}

fn nats(layers: &Layers) -> Result<Option<Nats>, ConfigError> {
    let is_nats = |text: &str| text.split(',').all(|url| has_scheme(url.trim(), &["nats", "tls"]).is_some());
    let credentials = layers.optional("nats.credentials", |text| Some(text.into()))?;
    let replicas = layers.required("nats.replicas", |text| text.parse().ok().filter(|n| (1..=5).contains(n)))?;
    let path = |name| layers.optional(name, |text| Some(PathBuf::from(text)));
    let (authority, certificate, key) = (path("nats.tls_ca")?, path("nats.tls_cert")?, path("nats.tls_key")?);
    layers.together("nats.tls_cert", "nats.tls_key")?;
    let tls = Tls { authority, own: certificate.zip(key) };
    let leaf = layers.optional("nats.leaf", |text| text.parse().ok())?;
    let leaves = layers.optional("nats.leaves", |text| text.split(',').map(|one| one.trim().parse().ok()).collect())?;
    let url = layers.secret("nats.url", "nats.url_file", is_nats)?;
    Ok(url.map(|url| Nats { url, credentials, replicas, tls, leaf, leaves: leaves.unwrap_or_default() }))
}

fn is_postgres(text: &str) -> bool {
    has_scheme(text, &["postgres", "postgresql"]).is_some()
}

fn has_scheme(text: &str, schemes: &[&str]) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    (schemes.contains(&scheme) && !rest.is_empty()).then(|| text.to_owned())
}

fn at_least_one<T: std::str::FromStr + PartialOrd + From<u8>>(text: &str) -> Option<T> {
    text.parse().ok().filter(|n| *n >= T::from(1))
}

fn format(text: &str) -> Option<Format> {
    match text {
        "text" => Some(Format::Text),
        "json" => Some(Format::Json),
        _ => None,
    }
}

/// A filter takes any bare word for the name of a target, so a misspelt level would silence everything.
fn level(text: &str) -> Option<String> {
    let is_level = |word: &str| word.parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
    let good = text.split(',').map(str::trim).all(|part| match part.rsplit_once('=') {
        None => is_level(part),
        Some((target, level)) => !target.is_empty() && is_level(level),
    });
    (good && tracing_subscriber::EnvFilter::try_new(text).is_ok()).then(|| text.to_owned())
}

impl Nats {
    /// Returns the URL's text, for whoever connects.
    pub fn url(&self) -> &str {
        self.url.expose_secret()
    }
}

#[cfg(test)]
mod tests;
