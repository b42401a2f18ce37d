//! What goes wrong with the ledger.

use std::fmt::Display;
use std::io;
use std::sync::Arc;

use rectify_case::Position;
use rectify_log::{DbError, LogError};

/// What goes wrong with the ledger.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The database failed.
    #[error("the ledger's database failed")]
    Db(#[from] DbError),
    /// The log could not be read.
    #[error("the log that the ledger is folded from could not be read")]
    Log(#[from] LogError),
    /// The file of a dropped ledger cannot be removed.
    #[error("the file of an old ledger cannot be removed")]
    Remove(#[source] io::Error),
    /// No ledger was ever made here.
    #[error("there is no ledger yet")]
    Missing,
    /// The next event to fold is not the one that was given.
    #[error("the ledger is folded to position {at}, so {given} is not the next")]
    Gap {
        /// How far it is folded.
        at: Position,
        /// What was given.
        given: Position,
    },
    /// The ledger was folded by another version of the program, in another shape.
    #[error("the ledger was folded by another version of this program: run `rectify rebuild`")]
    Outdated,
    /// Somebody else folds the same ledger, and was faster.
    #[error("the ledger was folded on by somebody else")]
    Overtaken,
    /// Another rebuild began after this one.
    #[error("another rebuild has begun, this one is given up")]
    Abandoned,
    /// Somebody else asked for the same at the same time, and it failed for all.
    #[error(transparent)]
    Together(Arc<LedgerError>),
    /// A cursor is not one that this list gave.
    #[error("the cursor is not one of this list")]
    BadCursor,
}

impl LedgerError {
    /// Returns whether it may be over when the database answers again.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            LedgerError::Together(error) => error.is_passing(),
            error => {
                matches!(error, LedgerError::Db(DbError::Sql(_)) | LedgerError::Log(LogError::Db(DbError::Sql(_))))
            }
        }
    }
}

impl From<sqlx::Error> for LedgerError {
    fn from(error: sqlx::Error) -> Self {
        LedgerError::Db(DbError::Sql(error))
    }
}

/// Returns what is wrong with a row that holds what the fold cannot have written.
pub(crate) fn inconsistent(table: &'static str, column: &'static str, id: impl Display) -> LedgerError {
    LedgerError::Db(DbError::Inconsistent { table, column, id: id.to_string() })
}
