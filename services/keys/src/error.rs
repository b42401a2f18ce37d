//! What goes wrong with the key store, and why something sealed is not opened.

use chrono::{DateTime, Utc};
use rectify_case::FindingId;
use rectify_kit::StoreError;
use rectify_log::DbError;

/// What goes wrong with the key store.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The database failed.
    #[error("the key store cannot be read or written")]
    Database(#[from] DbError),
    /// The tables are missing or older than this program.
    #[error("the tables of the key store are not up to date: run `rectify migrate`")]
    NotMigrated,
    /// No office has its key here yet.
    #[error("the key store has no key of the office yet: run `rectify keys new`")]
    NoOffice,
    /// The office's key is another one.
    #[error("the key store has another key of the office already: {0}")]
    OtherOffice(String),
    /// A data key is not wrapped to the office's key.
    #[error(
        "a data key of petition {0} does not open with the office's key: it is not wrapped anew, and nothing else is"
    )]
    NotWrapped(FindingId),
    /// Others kept sealing the same petitions.
    #[error("others kept sealing the same petitions")]
    Contended,
    /// The sealed bytes of an attachment cannot be stored.
    #[error("the sealed bytes of an attachment cannot be stored")]
    Store(#[from] StoreError),
    /// The process ends.
    #[error("the process ends")]
    Stopped(#[from] tokio::task::JoinError),
}

impl From<sqlx::Error> for KeysError {
    fn from(error: sqlx::Error) -> Self {
        KeysError::Database(error.into())
    }
}

/// Why something sealed is not opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// Its key was deleted.
    #[error("its key was deleted on {0}: it is erased for good")]
    Erased(DateTime<Utc>),
    /// The store has no key of it.
    #[error("the key store has no key of it")]
    NoDataKey,
    /// The office's private key is not here.
    #[error("the office's private key is not here")]
    NoPrivateKey,
    /// The key here does not open it, or it was changed.
    #[error("the office's key here does not open it, or it was changed")]
    Broken,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] KeysError),
}
