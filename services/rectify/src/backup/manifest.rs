//! What a backup says of itself: `manifest.json`, and the digest of that beside it.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use rectify_case::{Digest, LogId, Position};
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

/// The file that describes a backup.
pub const MANIFEST: &str = "manifest.json";

/// The file with the digest of the manifest, as `sha256sum -c` reads it.
pub const SEAL: &str = "manifest.json.sha256";

/// The shape of a backup that this program writes, and the only one it reads.
pub const FORMAT: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The shape of its files.
    pub format: u32,
    /// The version of the program that made it.
    pub program: String,
    /// When it was made.
    pub made: DateTime<Utc>,
    /// The log it is of.
    pub log: LogId,
    /// The last position in it: everything is as of then.
    pub position: Position,
    /// The SHA-256 of the last event; none where there is no event.
    pub leaf: Option<Digest>,
    /// How much there is of everything.
    pub counts: Counts,
    /// Evidence that is on file and was not in the store any more.
    pub missing_evidence: Vec<Digest>,
    /// Every other file of the backup, by its path in it.
    pub files: BTreeMap<String, Entry>,
}

/// How much there is of everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    /// Events.
    pub events: u64,
    /// Idempotency keys.
    pub keys: u64,
    /// Rows of the accounts.
    pub accounts: u64,
    /// Rows of what was signed of the log.
    #[serde(default)]
    pub signed: u64,
    /// Files of evidence.
    pub evidence: u64,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// How many bytes it has.
    pub size: u64,
    /// Their SHA-256.
    pub sha256: Digest,
}

impl Manifest {
    /// Reads the manifest of a backup, and checks it against its digest.
    pub fn read(folder: &Path) -> anyhow::Result<Manifest> {
        let read = |name| std::fs::read(folder.join(name)).with_context(|| format!("{name} cannot be read"));
        if !folder.join(MANIFEST).exists() {
            bail!("there is no {MANIFEST} in it: a backup that was cut off, or none");
        }
        let bytes = read(MANIFEST)?;
        if read(SEAL)? != seal(&bytes).as_bytes() {
            bail!("{MANIFEST} or {SEAL} is damaged: the digest in one is not that of the other");
        }
        let format: Format = serde_json::from_slice(&bytes).with_context(|| format!("{MANIFEST} says no format"))?;
        if format.format != FORMAT {
            bail!("{MANIFEST} is of format {}, and this program reads format {FORMAT}", format.format);
        }
        serde_json::from_slice(&bytes).with_context(|| format!("{MANIFEST} cannot be read"))
    }
}

impl Manifest {
    /// Returns what is in the backup, a line each.
    pub fn told(&self) -> String {
        let Counts { events, keys, accounts, signed, evidence } = self.counts;
        format!(
            "  events    {events}\n  keys      {keys}\n  accounts  {accounts} rows\n  signed    {signed} rows\n  evidence  \
             {evidence} files"
        )
    }
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Returns what stands in the file beside a manifest.
pub fn seal(manifest: &[u8]) -> String {
    format!("{}  {MANIFEST}\n", digest(manifest))
}

/// Returns the SHA-256 of bytes.
pub fn digest(bytes: &[u8]) -> Digest {
    Digest::of(sha2::Sha256::digest(bytes).into())
}
