//! Every setting there is.

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Its name, with its section before a dot.
    pub name: &'static str,
    /// What it is when nothing is said.
    pub default: Option<&'static str>,
    /// What kind of value it has.
    pub kind: Kind,
    /// What it wants, as part of a sentence.
    pub wanted: &'static str,
}

/// What kind of value a setting has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A whole number.
    Number,
    /// A text of which nothing is ever shown.
    Secret,
    /// A URL whose password is never shown.
    Url,
}

/// Every setting, by section.
pub const KEYS: &[Key] = &[
    key("data", Some("data"), Kind::Text, "the folder that keeps the databases and the evidence"),
    key("zone", Some("8"), Kind::Number, "the office's offset from UTC in hours, -23 to 23"),
    key("database.url", None, Kind::Url, "a postgres:// URL; leave it out to keep everything in the data folder"),
    key("database.url_file", None, Kind::Text, "a file that holds the database URL"),
    key(
        "database.append_url",
        None,
        Kind::Url,
        "the postgres:// URL of who may append to the log; leave it out where database.url may",
    ),
    key("database.append_url_file", None, Kind::Text, "a file that holds that URL"),
    key(
        "keys.url",
        None,
        Kind::Url,
        "the postgres:// URL of a database that holds the keys of petitions and nothing else; leave it out to keep them in `keys` in the data folder",
    ),
    key("keys.url_file", None, Kind::Text, "a file that holds the URL of the key store"),
    key(
        "keys.private_key",
        None,
        Kind::Text,
        "the file of the office's private key; without it, `keys/office.key` in the data folder",
    ),
    key("keys.passphrase", None, Kind::Secret, "the passphrase of the office's private key, where it is locked"),
    key("keys.passphrase_file", None, Kind::Text, "a file that holds the passphrase of the office's private key"),
    key(
        "keys.public_key",
        None,
        Kind::Text,
        "the office's public key, 64 hexadecimal digits, for a registrar without a key store: it seals what is set aside",
    ),
    key(
        "seal.key",
        None,
        Kind::Text,
        "the file of the key that checkpoints are signed with, made where it is missing; without it `seal.key` in the data folder, and beside Postgres none is signed",
    ),
    key(
        "seal.witnesses",
        None,
        Kind::Text,
        "the public keys of the witnesses whose signatures of checkpoints are kept, NAME+ID+KEY, separated by commas",
    ),
    key("nats.url", None, Kind::Url, "a nats:// or tls:// URL, or several separated by commas"),
    key("nats.url_file", None, Kind::Text, "a file that holds the URL of the NATS server"),
    key("nats.credentials", None, Kind::Text, "a NATS credentials file"),
    key("nats.tls_ca", None, Kind::Text, "a PEM file with who vouches for the NATS server; it is then asked for TLS"),
    key("nats.tls_cert", None, Kind::Text, "a PEM file with the certificate that the NATS server knows us by"),
    key("nats.tls_key", None, Kind::Text, "a PEM file with the key of that certificate"),
    key("nats.replicas", Some("1"), Kind::Number, "on how many servers of a cluster a message is kept, 1 to 5"),
    key("nats.leaf", None, Kind::Text, "the division of the county whose leaf node nats.url is, such as 623023"),
    key("nats.leaves", None, Kind::Text, "the divisions of counties with leaf nodes, separated by commas"),
    key(
        "http.listen",
        Some("127.0.0.1:8080"),
        Kind::Text,
        "an address and a port, such as 127.0.0.1:8080 or [::]:8080",
    ),
    key(
        "http.public_url",
        None,
        Kind::Url,
        "the http:// or https:// URL at which people reach the desk; without it, the address it listens on",
    ),
    key(
        "http.proxy",
        None,
        Kind::Text,
        "the IP address of the reverse proxy before the desk, whose X-Forwarded-For is believed",
    ),
    key(
        "http.requests_per_second",
        Some("200"),
        Kind::Number,
        "the requests that one address may make a second, at least 1; after a rest ten times as many at once",
    ),
    key("http.timeout_seconds", Some("120"), Kind::Number, "the seconds a request may take, at least 1"),
    key("http.body_limit", Some("16777216"), Kind::Number, "the bytes a request may carry, at least 1"),
    key(
        "evidence.store",
        None,
        Kind::Text,
        "a folder, or s3://bucket/prefix; without it, `evidence` in the data folder",
    ),
    key("evidence.max_bytes", Some("104857600"), Kind::Number, "the bytes one file may have, at least 1"),
    key("evidence.s3_endpoint", None, Kind::Url, "the http:// or https:// URL of the S3 server"),
    key("evidence.s3_region", None, Kind::Text, "the region of the bucket"),
    key("evidence.s3_access_key", None, Kind::Text, "the access key of the bucket"),
    key("evidence.s3_secret_key", None, Kind::Secret, "the secret key of the bucket"),
    key("evidence.s3_secret_key_file", None, Kind::Text, "a file that holds the secret key of the bucket"),
    key("telemetry.format", Some("text"), Kind::Text, "`text` or `json`"),
    key(
        "telemetry.level",
        Some("info"),
        Kind::Text,
        "off, error, warn, info, debug or trace, or directives such as `info,rectify_log=debug`",
    ),
    key("telemetry.otlp", None, Kind::Url, "the http:// or https:// URL of an OTLP collector"),
];

const fn key(name: &'static str, default: Option<&'static str>, kind: Kind, wanted: &'static str) -> Key {
    Key { name, default, kind, wanted }
}

impl Key {
    /// Returns the setting of a name.
    pub fn named(name: &str) -> Option<&'static Key> {
        KEYS.iter().find(|key| key.name == name)
    }

    /// Returns the setting that a variable sets, given in lower case and without its `rectify_`:
    /// `database_url` and `database__url` are both `database.url`, and `listen` is `http.listen`.
    pub fn of_variable(name: &str) -> Option<&'static Key> {
        let flat = name.replace("__", "_");
        let flat = if flat == "listen" { "http_listen" } else { &flat };
        KEYS.iter().find(|key| key.name.replace('.', "_") == flat)
    }

    /// Returns the section it stands in and its name there.
    pub fn parts(&self) -> (Option<&'static str>, &'static str) {
        self.name.split_once('.').map_or((None, self.name), |(section, name)| (Some(section), name))
    }
}
