//! `rectify config`: the configuration in force.

use clap::Subcommand;

use crate::settings::Settings;
use crate::terminal::say;

/// What is asked about the configuration.
#[derive(Subcommand, Clone, Copy, Debug)]
pub enum Asked {
    /// Show every setting with where it came from; secrets stay hidden
    Show,
}

/// Does what is asked.
pub fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    match asked {
        Asked::Show => say(settings.load()?.shown().trim_end())?,
    }
    Ok(())
}
