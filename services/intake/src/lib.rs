//! The frame of an intake: sheets, columns, rows, reports and the way in by HTTP.
//!
//! Read in this order:

pub mod document;

pub mod column;
mod header;
pub mod table;

pub mod amount;
pub mod cell;
pub mod marking;
pub mod moment;

pub mod import;
mod plan;
mod sort;

pub mod door;
pub mod problem;

pub mod reason;
pub mod report;

pub use column::{Column, Kind, Need};
pub use document::{Basics, Context, Document, Fault, Given};
pub use door::{Door, router};
pub use import::{Handover, ImportError, Progress, import, import_documents};
pub use reason::Reason;
pub use report::{Language, Report};
pub use table::{File, FileError};
