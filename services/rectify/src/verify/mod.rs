//! Verifying an installation: what stands on the log, compared with it.
//!
//! The log, its tree, its checkpoints and the seven rules are verified by `rectify_proof`; here is the rest.

mod beside;
mod evidence;
mod ledger;
mod mirror;

pub use beside::{Beside, Part, Parts};
pub use evidence::evidence;
pub use ledger::ledger;
pub use mirror::mirror;
