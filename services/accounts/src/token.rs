//! A bearer token: made here, shown once, known afterwards only by its hash.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use rectify_case::PersonId;
use secrecy::SecretString;
use serde::Serialize;
use uuid::Uuid;

/// What a token begins with.
pub(crate) const PREFIX: &str = "rct_";

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
