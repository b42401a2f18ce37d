//! What of a petition is sealed: the petitioner's identity, the original text and the source's reply.
//!
//! The log carries ciphertext only. The key that opens it lives in the key store; deleting it erases the person and leaves
//! the log, and every hash over it, as they are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::Digest;

/// What of a petition is sealed under data keys of that petition alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// How it is sealed.
    pub algorithm: SealAlgorithm,
    /// Which of the petition's data keys opens it, from 1: one for each content it was handed in with.
    pub generation: u32,
    /// What is sealed, in base64.
    pub ciphertext: String,
    /// The SHA-256 of the sealed bytes.
    pub digest: Digest,
    /// The SHA-256 of each sealed attachment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Digest>,
}

/// How a petition is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum SealAlgorithm {
    /// A nonce of 24 bytes, then what XChaCha20-Poly1305 makes, with the finding and the generation as associated data.
    #[serde(rename = "xchacha20-poly1305")]
    XChaCha20Poly1305,
}

/// A part of a petition that is opened by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PetitionPart {
    /// Who wrote, what, and what the source replied.
    Content,
    /// An attachment, by the SHA-256 of its sealed bytes.
    Attachment(Digest),
}
