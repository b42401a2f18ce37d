//! What things are known by.

use std::fmt::{self, Write as _};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

id! {
    /// Names one case (整改事项), and with it the stream of its events.
    CaseId;
    /// Names one unit (单位).
    UnitId;
    /// Names one person. Separation of duties counts persons, not accounts.
    PersonId;
    /// Names one event.
    EventId;
    /// Names one log: one installation, made once.
    LogId;
    /// Names one finding: the same for the same source, issuing body, document and item.
    FindingId;
}

macro_rules! code {
    ($($(#[$doc:meta])* $name:ident = $pattern:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String", extend("pattern" = $pattern))]
        pub struct $name(String);

        impl $name {
            /// Returns the code as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadCode;

            fn try_from(text: String) -> Result<Self, BadCode> {
                text.parse()
            }
        }
    )*};
}

code! {
    /// Names one source of findings (问题来源): lower-case letters, digits and `-`, at most 32, for it is part of a subject.
    SourceCode = "^[a-z0-9-]{1,32}$";
    /// A division of GB/T 2260: six digits, or up to twelve with the street and village codes of GB/T 10114.
    DivisionCode = "^([0-9]{6}|[0-9]{9}|[0-9]{12})$";
    /// A file's SHA-256, as 64 lower-case hexadecimal digits.
    Digest = "^[0-9a-f]{64}$";
}

/// A text that is not the code it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {wanted}")]
pub struct BadCode {
    /// What was given.
    pub text: String,
    /// What was wanted.
    pub wanted: &'static str,
}

fn checked(text: &str, wanted: &'static str, good: impl FnOnce(&str) -> bool) -> Result<String, BadCode> {
    if good(text) { Ok(text.to_owned()) } else { Err(BadCode { text: text.to_owned(), wanted }) }
}

impl std::str::FromStr for SourceCode {
    type Err = BadCode;

    fn from_str(text: &str) -> Result<Self, BadCode> {
        checked(text, "a source code (lower-case letters, digits and `-`, at most 32)", |t| {
            (1..=32).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
        .map(Self)
    }
}

impl std::str::FromStr for DivisionCode {
    type Err = BadCode;

    fn from_str(text: &str) -> Result<Self, BadCode> {
        checked(text, "a GB/T 2260 division code (6, 9 or 12 digits)", |t| {
            matches!(t.len(), 6 | 9 | 12) && t.bytes().all(|b| b.is_ascii_digit())
        })
        .map(Self)
    }
}

impl Digest {
    /// Returns a hash as the digest it is.
    pub fn of(hash: [u8; 32]) -> Digest {
        Digest(hash.iter().fold(String::with_capacity(64), |mut text, byte| {
            // To write to a text never fails.
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }
}

impl std::str::FromStr for Digest {
    type Err = BadCode;

    fn from_str(text: &str) -> Result<Self, BadCode> {
        checked(text, "a SHA-256 (64 lower-case hexadecimal digits)", |t| {
            t.len() == 64 && t.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
        .map(Self)
    }
}

impl DivisionCode {
    /// Returns whether this division is `other` or lies in it: a prefecture's code ends in `00`, a province's in `0000`.
    pub fn lies_in(&self, other: &DivisionCode) -> bool {
        self.0.starts_with(other.significant())
    }

    /// Returns the digits that the codes of all divisions in it begin with.
    pub fn significant(&self) -> &str {
        let digits = match self.0.len() {
            6 if self.0.ends_with("0000") => 2,
            6 if self.0.ends_with("00") => 4,
            n => n,
        };
        self.0.get(..digits).unwrap_or(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_county_lies_in_its_prefecture_and_province_and_not_in_its_neighbour() {
        let code = |text: &str| text.parse::<DivisionCode>().unwrap();
        assert!(code("623023").lies_in(&code("623000")));
        assert!(code("623023").lies_in(&code("620000")));
        assert!(code("623023001").lies_in(&code("623023")));
        assert!(!code("623023").lies_in(&code("623024")));
        assert!(!code("623000").lies_in(&code("623023")));
        assert_eq!("62302".parse::<DivisionCode>().unwrap_err().text, "62302");
    }
}
