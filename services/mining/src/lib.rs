//! The log as process mining reads it: object-centric event data (OCEL 2.0), and the paths that cases really took.
//!
//! Everything here is read from the log and nothing is kept. Persons appear nowhere: roles and units do. Read in this order:

mod paths;

mod ocel;

mod error;

pub use error::MiningError;
pub use ocel::{Exported, Ocel, Wanted, export};
pub use paths::{Histories, Loop, Paths, Variant, Wait, paths};
