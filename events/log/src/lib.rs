//! The append-only event log on SQL: PostgreSQL and SQLite by one code.
//!
//! Positions are dense and in commit order: a reader who has seen one has seen all before it. Read in this order:

mod log;

mod append;

mod prepare;

mod group;

mod judge;
mod transaction;

mod seal;

mod encoding;

mod examine;
mod read;
mod tail;

pub mod db;
mod roles;

mod dialect;
mod position;
mod statements;

mod clock;

pub use append::{Append, AppendError, Appended, Expected, LARGEST_EVENT, LONGEST_NAME, NewEvent, Write, Written};
pub use clock::Clock;
pub use db::{Db, DbError, Options, Tx};
pub use encoding::decode;
pub use examine::{Differing, Examined};
pub use log::{Log, LogError, is_migrated, migrate};
pub use read::{Raw, Recorded};
pub use roles::{Role, Roles, RolesError};
pub use tail::Tail;
