//! A bearer token: made here, shown once, known afterwards only by its hash.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use rectify_case::PersonId;
use secrecy::SecretString;
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// What a token begins with, so that one that leaked is found by whoever looks for such things.
const PREFIX: &str = "rct_";

/// Names one token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct TokenId(pub Uuid);

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TokenId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A new token. This is the only time it is seen.
#[derive(Debug)]
pub struct Issued {
    /// What it is known by.
    pub id: TokenId,
    /// The token.
    pub token: SecretString,
}

/// Who came with a good token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bearer {
    /// The person.
    pub person: PersonId,
    /// The token.
    pub token: TokenId,
}

/// What is kept of a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    /// What it is known by.
    pub id: TokenId,
    /// Who holds it.
    pub person: PersonId,
    /// What it is for, in the holder's words.
    pub label: String,
    /// When it was issued.
    pub created: DateTime<Utc>,
    /// When it was last used, give or take some minutes.
    pub used: Option<DateTime<Utc>>,
    /// From when on it is no longer good.
    pub expires: Option<DateTime<Utc>>,
    /// When it was taken back.
    pub revoked: Option<DateTime<Utc>>,
}

impl Token {
    /// Returns whether it is good at an instant.
    pub fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

/// Returns 32 random bytes as a token.
pub(crate) fn random() -> String {
    format!("{PREFIX}{}", hex::encode(rand::random::<[u8; 32]>()))
}

/// Returns what a token is kept as, or nothing for a text that cannot be one.
///
/// A token is 256 random bits, so neither salt nor slowness adds anything to one hash, and looking the hash up tells
/// by its time nothing about the token.
pub(crate) fn hash(text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix(PREFIX)?;
    let well_formed = digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    well_formed.then(|| Sha256::digest(text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_token_is_looked_up() {
        let token = random();
        assert_eq!(token.len(), 68);
        assert!(hash(&token).is_some());
        assert_ne!(hash(&token), hash(&random()));
        for text in ["", "rct_", &token[4..], &token.to_uppercase(), &token[..67], &format!("{token} ")] {
            assert_eq!(hash(text), None, "{text:?}");
        }
    }
}
