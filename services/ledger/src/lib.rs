//! The read side: tables, folds and queries of the ledger (台账).
//!
//! Everything here is folded from the log and can be dropped and folded again. A view never decides anything. Read in
//! this order:

mod ledger;

mod generation;

mod batch;
mod catch_up;
mod fold;
mod indexes;
mod past;
mod projection;
mod rebuild;

mod entry;
mod facets;
mod row;
mod signs;
mod state;
mod stored;
mod tally;
mod waiting;

mod standpoint;

mod difference;
mod replay;

mod remembered;

mod counts;
mod duties;
mod filter;
mod list;
mod neighbours;
mod overview;
mod permission;
mod relation;
mod sort;

mod query;

mod indexer;
mod likeness;
mod tokens;

mod file_day;
mod searched;
mod signals;

mod dump;

mod changes;
mod dialect;
mod snapshot;
mod soonest;
mod sql;
mod statements;

mod error;

pub use counts::Counts;
pub use difference::{Changed, Difference, differences};
pub use duties::{Waiting, Waits};
pub use error::LedgerError;
pub use filter::Filter;
pub use generation::{drop_retired, grant, is_migrated, migrate};
pub use indexer::Indexer;
pub use ledger::Ledger;
pub use list::{Page, Wanted};
pub use overview::{Lead, Month, Overview};
pub use permission::Viewer;
pub use projection::Projection;
pub use rebuild::{Progress, rebuild};
pub use relation::{Related, Tie};
pub use replay::{Replayed, Stood, replay};
pub use row::{OutcomeKind, Row, Wait};
pub use signals::{Signal, SignalKind, SignalPage, Trace};
pub use snapshot::Snapshots;
pub use sort::{BadSort, Sort, SortBy};
pub use standpoint::Standpoint;
pub use waiting::Act;
