//! Evidence (佐证材料): files known by their SHA-256.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::Digest;

/// A file. Its bytes live in the object store, not in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Its SHA-256.
    pub digest: Digest,
    /// Its name, as it was handed in.
    pub name: String,
    /// Its media type, as its content shows.
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
}

/// Who put a file there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// A responsible unit.
    Responsible,
    /// A verifier, who gathered it on site.
    Verifier,
    /// The office.
    Office,
}
