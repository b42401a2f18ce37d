//! The frame of an intake: sheets, columns, rows, reports and the way in by HTTP.
//!
//! Read in this order:

pub mod document;

pub mod column;
pub mod header;
pub mod ledger;
pub mod mapping;

pub mod foreign;
pub mod headings;
pub mod look;
pub mod plain;
pub mod reading;
pub mod table;

pub mod amount;
mod aside;
pub mod cell;
pub mod marking;
pub mod moment;

mod attached;
pub mod gone;
pub mod import;
mod seal;
pub mod several;
mod sort;

pub mod door;
pub mod way;

pub mod problem;
mod remembered;

pub mod errors;
pub mod reason;
pub mod report;

pub use amount::Unit;
pub use attached::Attachments;
pub use column::{Column, Kind, Need};
pub use document::{Basics, Context, Document, Fault, Given};
pub use door::{Door, router};
pub use foreign::Foreign;
pub use header::Wanted;
pub use import::{Handover, ImportError, Progress, import, import_documents, workbook_of_errors};
pub use look::Look;
pub use mapping::{Mapping, MappingError, Mappings};
pub use reading::{Reading, Row};
pub use reason::Reason;
pub use remembered::Remembered;
pub use report::{Language, Report};
pub use several::Split;
pub use table::{File, FileError};
pub use way::{Findings, HandIn, Outcome, Way, WayError};
