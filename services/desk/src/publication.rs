//! What is published of the ledger (发布): made from the log alone, so that it can be made again of the same.
//!
//! The desk and `rectify reproduce` make it by the same way: a ledger that is folded up to the position, a viewer with the rights that
//! were held, the directory as it was. Read in this order:

mod making;

mod notice;

mod rights;

mod reproducing;

mod difference;

pub(crate) use making::{Asked, Made, fields_of, make, published, sheets_of};
pub(crate) use rights::{Seen, directory_at, seen};

pub use difference::Difference;
pub use reproducing::{Erased, NotReproduced, Reproduced, Source, reproduce};
