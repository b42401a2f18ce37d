//! `rectify replay`: what the log tells of any moment, by either clock, and what its histories show.
//!
//! Everything is folded from the log: the ledger may be behind, or not there at all.

mod moment;

mod case;
mod compare;
mod events;
mod ledger;
mod paths;

use clap::Subcommand;

use crate::settings::Settings;

/// What is replayed.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// List the cases as they stood at a moment: as was on record then, or as had happened by then
    Ledger(ledger::Arguments),
    /// Show a case as it stood at a moment
    Case(case::Arguments),
    /// Compare the ledger at two moments: what entered, left, moved on and became late
    Compare(compare::Arguments),
    /// List the events of the log, all or some
    Events(events::Arguments),
    /// Show the paths that cases took through the lifecycle, how often they went back, and how long they waited for whom
    Paths(paths::Arguments),
}

/// Shows what is asked for.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    match asked {
        Asked::Ledger(arguments) => ledger::run(settings, arguments).await,
        Asked::Case(arguments) => case::run(settings, arguments).await,
        Asked::Compare(arguments) => compare::run(settings, arguments).await,
        Asked::Events(arguments) => events::run(settings, arguments).await,
        Asked::Paths(arguments) => paths::run(settings, arguments).await,
    }
}
