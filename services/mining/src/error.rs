//! What goes wrong when the log is mined.

use std::io;

use rectify_log::LogError;

/// What goes wrong when the log is mined.
#[derive(Debug, thiserror::Error)]
pub enum MiningError {
    /// The log could not be read.
    #[error("the log could not be read")]
    Log(#[from] LogError),
    /// The file could not be written.
    #[error("the file could not be written")]
    File(#[from] io::Error),
    /// The file could not be written as JSON.
    #[error("the file could not be written as JSON")]
    Json(#[from] serde_json::Error),
    /// The file could not be written as a database.
    #[error("the file could not be written as a database")]
    Sqlite(#[from] sqlx::Error),
}
