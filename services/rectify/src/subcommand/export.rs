//! `rectify export`: what is taken away.

mod case;
mod ocel;

use clap::Subcommand;

use crate::settings::Settings;

/// What is taken away.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// Write the dossier of a case (案卷): its events, evidence and proofs in one ZIP, which `rectify verify` checks anywhere
    ///
    /// Who looked at the case is in it too. Whoever runs this holds the database: that it was taken away is not recorded, as it
    /// is where it is taken from the page of the case.
    Case(case::Arguments),
    /// Write the log for process mining, as OCEL 2.0: events, and the cases, findings, units, files they are about
    ///
    /// Persons appear nowhere in it, nor do texts. Accusations are left out, and events that name one.
    Ocel(ocel::Arguments),
}

/// Does what is asked.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    match asked {
        Asked::Case(arguments) => case::run(settings, arguments).await,
        Asked::Ocel(arguments) => ocel::run(settings, arguments).await,
    }
}
