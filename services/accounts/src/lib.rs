//! Bearer tokens and who holds them, how far followers of the log have come, how foreign sheets are read, and what was
//! delivered: ordinary tables, never events.

mod accounts;
mod delivery;
mod error;
mod mapping;
mod statements;
mod token;

pub use accounts::{Accounts, grant, migrate};
pub use delivery::{Delivery, DocumentKey, Gone, Held};
pub use error::AccountsError;
pub use mapping::{KeptMapping, MappingKey};
pub use token::{Bearer, Issued, Token, TokenId};
