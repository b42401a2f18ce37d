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
mod selection;
mod tail;

mod chain;
mod fork;
mod put_back;

mod copying;
pub mod db;
mod roles;
pub mod rows;

mod dialect;
mod position;
mod statements;

mod clock;

pub use append::{Append, AppendError, Appended, Expected, LARGEST_EVENT, LONGEST_NAME, NewEvent, Write, Written};
pub use chain::{Broken, Chain, Copied, Fault};
pub use clock::Clock;
pub use copying::Copying;
pub use db::{Db, DbError, Options, Tx};
pub use encoding::{Outline, decode, outline};
pub use examine::{Differing, Examined, Looked};
pub use fork::{ForkError, fork};
pub use log::{Log, LogError, has_tables, is_migrated, migrate};
pub use put_back::{PutBack, PutBackError};
pub use read::{Head, Key, Raw, Recorded, head_in};
pub use roles::{Role, Roles, RolesError};
pub use selection::{At, Selection};
pub use tail::Tail;
