//! What goes wrong with accounts.

use rectify_log::DbError;

/// What goes wrong with accounts.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// The database failed.
    #[error("the accounts cannot be read or written")]
    Database(#[from] DbError),
    /// The tables are missing or older than this program.
    #[error("the tables of the accounts are not up to date: run `rectify migrate`")]
    NotMigrated,
    /// Somebody else signs in by that name.
    #[error("the login name is taken")]
    LoginTaken,
    /// Another view of the same person has that name.
    #[error("the name of the view is taken")]
    ViewNameTaken,
    /// A password cannot be hashed, or its hash cannot be read.
    #[error("a password cannot be hashed: {0}")]
    Password(String),
}

impl From<sqlx::Error> for AccountsError {
    fn from(error: sqlx::Error) -> Self {
        AccountsError::Database(error.into())
    }
}
