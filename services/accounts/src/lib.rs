//! Bearer tokens and who holds them, and how far followers of the log have come: ordinary tables, never events.

mod accounts;
mod error;
mod statements;
mod token;

pub use accounts::{Accounts, migrate};
pub use error::AccountsError;
pub use token::{Bearer, Issued, Token, TokenId};
