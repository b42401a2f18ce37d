//! The seven rules that no path may break, each as a predicate over a *history*: every event of the log in its order, with
//! the directory as of each. They are written from the rules' own words and share nothing with `decide` and `evolve`, so
//! that each can find the other wrong; of the lifecycle they only ask [`Stage::after`](crate::stage::Stage::after) whether
//! there is such an arrow.
//!
//! A predicate names the events it is about. Every other event leaves it as it was, so here, unlike elsewhere, a `match`
//! over the events ends in `_`.
//!
//! Read in this order:

mod checker;
mod past;
mod violation;

mod verified_closure;

mod separation;
mod shredding;

mod firewall;
mod publishing;

mod nothing_disappears;

mod deadlines;

mod two_clocks;

mod quantities;

#[cfg(test)]
mod any_history;
#[cfg(test)]
mod sample;

pub use checker::{Checker, Memory, check};
pub use violation::{Rule, Violation};
