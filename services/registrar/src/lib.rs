//! Takes findings off the bus and opens a case for each; flags likely duplicates; relays the log to its mirror;
//! seals it.
//!
//! A finding is acked only when its event is in the log. Killed at any moment, the registrar does what it had begun again:
//! what was written already is known by its key. Read in this order:

mod registrar;

mod findings;
mod register;
mod verdict;

mod duplicates;

mod relay;

mod seal;

mod standing;

mod error;

pub use error::{Cause, RegistrarError};
pub use registrar::{run, take_from};
