//! The way in for older ledgers (承前): a row of an existing 整改台账 becomes a case that begins as that ledger leaves it,
//! declared by the office and not proved.
//!
//! It is an act of the office and no finding of a source: it goes straight into the log, under the office's name.
//!
//! Read in this order:

mod row;

mod status;

mod standing;

mod term;

mod units;

mod reading;

mod carry;

mod report;

mod door;

mod way;

pub use carry::{Asked, CarryOverError, carry_over, officer, workbook_of_errors};
pub use door::{Door, router};
pub use reading::Given;
pub use report::{CarriedRow, CarryOverReport, Fate};
pub use way::Ledgers;
