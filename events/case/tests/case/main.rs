//! The rules of a case as given/when/then, the laws of the fold, the shape of every event, and the two documents that are
//! made from the code: `docs/lifecycle.md` and `docs/events.md`.
//!
//! Read in this order:
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod world;

mod acts;
mod scenario;

mod carried_over;
mod intake;
mod stages;

mod acting_on_behalf;
mod authority;

mod levels;
mod separation;
mod verified_closure;

mod custody;
mod firewall;
mod petitions;
mod recusal;

mod merge;
mod nothing_disappears;
mod split;

mod deadlines;
mod extension;

mod late_entry;
mod two_clocks;

mod quantities;

mod correction;
mod evidence;
mod joint_leads;
mod links;
mod listing;
mod plan;
mod severity;

mod coverage;

mod asked;
mod matrix;

mod samples;

mod golden;
mod laws;

mod documents;
