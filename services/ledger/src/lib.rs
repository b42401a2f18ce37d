//! The read side: tables, folds and queries of the ledger (台账).
//!
//! Everything here is folded from the log and can be dropped and folded again. A view never decides anything. Read in
//! this order:

mod ledger;

mod generation;

mod counts;
mod filter;
mod list;
mod permission;
mod relation;
mod sort;

mod query;
mod row;

mod likeness;
mod tokens;

mod dialect;
mod sql;
mod statements;

mod error;

pub use counts::Counts;
pub use error::LedgerError;
pub use filter::Filter;
pub use generation::{is_migrated, migrate};
pub use ledger::Ledger;
pub use list::{Page, Wanted};
pub use permission::Viewer;
pub use relation::{Related, Tie};
pub use row::{OutcomeKind, Row};
pub use sort::{BadSort, Sort, SortBy};
