//! The command line.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::composition::Service;
use crate::settings::Settings;
use crate::subcommand::{
    backup, case, checkpoint, config, doctor, export, import, keys, ledger, log, mapping, migrate, person, petition,
    rebuild, replay, reproduce, restore, service, signals, source, token, unit, up, verify,
};

/// Track every problem that an inspection, an audit or a petition finds, until its repair is verified (整改台账)
#[derive(Parser, Debug)]
#[command(name = "rectify", version, max_term_width = 100, propagate_version = false)]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    asked: Asked,
}

#[derive(Subcommand, Debug)]
enum Asked {
    /// Run every service in one process
    Up(up::Arguments),
    /// Run the registrar: open cases from findings, relay the log
    Registrar,
    /// Run the projector: fold the log into the ledger
    Projector,
    /// Run the desk: serve the API
    Desk,
    /// Run the intake of inspection lists
    Inspection,
    /// Run the intake of audit reports
    Audit,
    /// Run the intake of petitions, or tell who looked at them and what is erased, and decide about their keys
    #[command(args_conflicts_with_subcommands = true)]
    Petition {
        #[command(subcommand)]
        asked: Option<petition::Asked>,
    },
    /// Hand in the findings of files
    Import(import::Arguments),
    /// Keep how foreign sheets are read
    #[command(subcommand)]
    Mapping(mapping::Asked),
    /// Show one case
    #[command(subcommand)]
    Case(case::Asked),
    /// List the cases of the ledger
    Ledger(ledger::Arguments),
    /// List what should be asked about: what may be a repair on paper only (疑点提示)
    Signals(signals::Arguments),
    /// Show how things stood at any moment, by either clock, and what histories show
    #[command(subcommand)]
    Replay(replay::Asked),
    /// Take something away: a case with what proves it, or the log as other programs read it
    #[command(subcommand)]
    Export(export::Asked),
    /// Fold the ledger again, beside the one that serves
    Rebuild,
    /// Back up the installation while it runs
    Backup(backup::Arguments),
    /// Restore a backup into an empty place
    Restore(restore::Arguments),
    /// Mend a log that is not what its mirror says
    #[command(subcommand)]
    Log(log::Asked),
    /// Check that the history is as it was written: its bytes, its order, its signatures and its rules
    Verify(verify::Arguments),
    /// Make a publication again from the log, and compare it with what was published
    Reproduce(reproduce::Arguments),
    /// Show what was signed of the log, or replace the key
    #[command(subcommand)]
    Checkpoint(checkpoint::Asked),
    /// Say what is wrong and how to mend it
    Doctor,
    /// Bring the tables up to date
    Migrate(migrate::Arguments),
    /// Show the configuration
    #[command(subcommand)]
    Config(config::Asked),
    /// Keep the office's key, to which petitions are sealed
    #[command(subcommand)]
    Keys(keys::Asked),
    /// Keep people and their roles
    #[command(subcommand)]
    Person(person::Asked),
    /// Keep the units
    #[command(subcommand)]
    Unit(unit::Asked),
    /// Keep the sources of findings
    #[command(subcommand)]
    Source(source::Asked),
    /// Issue tokens and take them back
    #[command(subcommand)]
    Token(token::Asked),
}

impl Cli {
    /// Does what is asked.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let settings = &self.settings;
        match self.asked {
            Asked::Up(arguments) => up::run(settings, arguments).await?,
            Asked::Registrar => service::run(settings, Service::Registrar).await?,
            Asked::Projector => service::run(settings, Service::Projector).await?,
            Asked::Desk => service::run(settings, Service::Desk).await?,
            Asked::Inspection => service::run(settings, Service::Inspection).await?,
            Asked::Audit => service::run(settings, Service::Audit).await?,
            Asked::Petition { asked: None } => service::run(settings, Service::Petition).await?,
            Asked::Petition { asked: Some(asked) } => petition::run(settings, asked).await?,
            Asked::Import(arguments) => return import::run(settings, arguments).await,
            Asked::Mapping(asked) => mapping::run(settings, asked).await?,
            Asked::Case(asked) => case::run(settings, asked).await?,
            Asked::Ledger(arguments) => ledger::run(settings, arguments).await?,
            Asked::Signals(arguments) => signals::run(settings, arguments).await?,
            Asked::Replay(asked) => replay::run(settings, asked).await?,
            Asked::Export(asked) => export::run(settings, asked).await?,
            Asked::Rebuild => rebuild::run(settings).await?,
            Asked::Backup(arguments) => backup::run(settings, arguments).await?,
            Asked::Restore(arguments) => restore::run(settings, arguments).await?,
            Asked::Log(asked) => log::run(settings, asked).await?,
            Asked::Verify(arguments) => return verify::run(settings, arguments).await,
            Asked::Reproduce(arguments) => return reproduce::run(settings, arguments).await,
            Asked::Checkpoint(asked) => checkpoint::run(settings, asked).await?,
            Asked::Doctor => return doctor::run(settings).await,
            Asked::Migrate(arguments) => migrate::run(settings, arguments).await?,
            Asked::Config(asked) => config::run(settings, asked)?,
            Asked::Keys(asked) => keys::run(settings, asked).await?,
            Asked::Person(asked) => person::run(settings, asked).await?,
            Asked::Unit(asked) => unit::run(settings, asked).await?,
            Asked::Source(asked) => source::run(settings, asked).await?,
            Asked::Token(asked) => token::run(settings, asked).await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
