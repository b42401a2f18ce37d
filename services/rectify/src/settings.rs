//! The flags that every subcommand takes, and the configuration they are a part of.

use std::path::PathBuf;

use clap::Args;
use rectify_kit::Config;
use rectify_kit::config::{Flags, Telemetry};
use rectify_kit::telemetry::{self, Telling};
use rustix::fs::Mode;

use crate::subcommand::import::TOKEN;

/// The flags that every subcommand takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Read this configuration file
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep the databases and the evidence in this folder
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<String>,
    /// Use this Postgres database
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Use this NATS server
    #[arg(long, global = true, value_name = "URL")]
    nats_url: Option<String>,
    /// Listen on this address and port
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Set any setting by its name, such as telemetry.format=json
    #[arg(long, global = true, value_name = "NAME=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

impl Settings {
    /// Reads the configuration: the file, over it credentials and variables, over them these flags.
    pub fn load(&self) -> anyhow::Result<Config> {
        let named = [
            ("data", &self.data),
            ("database.url", &self.database_url),
            ("nats.url", &self.nats_url),
            ("http.listen", &self.listen),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
        let flags = Flags { config: self.config.clone(), settings: named.chain(self.set.iter().cloned()).collect() };
        let mut config = Config::load(&flags)?;
        config.unknown_variables.retain(|name| name != TOKEN);
        Ok(config)
    }

    /// Reads the configuration for a service, which tells what it does in log lines.
    pub fn load_for_service(&self) -> anyhow::Result<(Config, Telling)> {
        let config = self.load()?;
        let telling = telemetry::install(&config.telemetry)?;
        // Whatever a service puts down is nobody else's.
        rustix::process::umask(Mode::RWXG | Mode::RWXO);
        Ok((config, telling))
    }

    /// Reads the configuration for a tool, whose output is what it says: only what goes wrong is a log line beside it.
    pub fn load_for_tool(&self) -> anyhow::Result<(Config, Telling)> {
        let config = self.load()?;
        let telemetry = &config.telemetry;
        let level = if telemetry.level == "info" { "warn".to_owned() } else { telemetry.level.clone() };
        let telling = telemetry::install(&Telemetry { level, ..telemetry.clone() })?;
        Ok((config, telling))
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()));
    pair.ok_or_else(|| "a setting is NAME=VALUE".to_owned())
}
