//! What to do where the log and its mirror are two histories: put back what only the mirror has, or go on without it.
//!
//! Both write while no service runs. `docs/backup.md` tells when to do which. Read in this order:

mod sides;

mod fork;
mod recover;

pub use fork::{Forked, Left, Plan, fork, plan as plan_fork};
pub use recover::{Recovered, plan as plan_recovery, recover};
pub use sides::Sides;
