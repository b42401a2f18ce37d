//! Bearer tokens and who holds them, how far followers of the log have come, how foreign sheets are read, what was
//! delivered, what was heard again, and when it was last backed up: ordinary tables, never events.

mod accounts;
mod delivery;
mod error;
mod heard;
mod kept;
mod mapping;
mod statements;
mod token;

pub use accounts::{Accounts, Backup, grant, migrate};
pub use delivery::{Delivery, DocumentKey, Gone, Held};
pub use error::AccountsError;
pub use kept::{check, export, import};
pub use mapping::{KeptMapping, MappingKey};
pub use token::{Bearer, Issued, Token, TokenId};
