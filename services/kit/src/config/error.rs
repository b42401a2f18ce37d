//! What may be wrong with a configuration.

use std::path::PathBuf;

use super::layers::Origin;

/// What is wrong with a configuration: where it stands, what stands there, what is wanted.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {} cannot be read", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration file {} line {line} is not TOML: {reason}", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the reader stumbled over.
        reason: String,
    },
    /// There is no such setting.
    #[error("{origin} sets `{key}`, which is not a setting; {known}")]
    UnknownKey {
        /// The key as it stands there.
        key: String,
        /// Where.
        origin: Origin,
        /// What there is instead.
        known: String,
    },
    /// A setting has a value that it cannot have.
    #[error("{origin} sets `{key}` to {value:?}; wanted is {wanted}")]
    Invalid {
        /// The key.
        key: &'static str,
        /// Where.
        origin: Origin,
        /// The value, redacted where it is a secret.
        value: String,
        /// What is wanted.
        wanted: &'static str,
    },
    /// A secret is given as a value and as a file in the same place.
    #[error("`{key}` ({origin}) and `{file_key}` ({file_origin}) are both set; keep one")]
    Twice {
        /// The value's key.
        key: &'static str,
        /// Where the value is.
        origin: Origin,
        /// The file's key.
        file_key: &'static str,
        /// Where the file is named.
        file_origin: Origin,
    },
    /// A setting is of no use without another.
    #[error("{origin} sets `{key}` without `{missing}`")]
    Alone {
        /// The key.
        key: &'static str,
        /// Where.
        origin: Origin,
        /// The other.
        missing: &'static str,
    },
    /// The file that holds a secret cannot be read.
    #[error("{origin} sets `{key}` to the file {}, which cannot be read", file.display())]
    SecretFile {
        /// The key that names the file.
        key: &'static str,
        /// Where.
        origin: Origin,
        /// The file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A variable's value is not Unicode.
    #[error("the variable {0} is not valid Unicode")]
    NotUnicode(String),
}
