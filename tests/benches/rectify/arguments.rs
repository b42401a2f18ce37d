//! What a run is asked.

use std::path::PathBuf;

use clap::Parser;

/// Measures what is promised of speed, each beside what it is compared with in the same run.
#[derive(Clone, Debug, Parser)]
#[command(name = "tests/bench", disable_version_flag = true)]
pub struct Arguments {
    /// Only these: appends, load, replay, projection, findings, relay, seal, verify, import, pages, desk
    pub names: Vec<String>,
    /// Write the figures to this file too
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Fewer turns and smaller logs: under five minutes
    #[arg(long)]
    pub quick: bool,
    /// Measure a million cases too: 15 million events, 60 GB of disk and an hour or two
    #[arg(long)]
    pub million: bool,
    /// Import these petitions in the place of invented ones
    #[arg(long, value_name = "FILE")]
    pub petitions: Option<PathBuf>,
    /// What cargo says to every bench
    #[arg(long, hide = true)]
    bench: bool,
    /// Be one of two processes that append: address, turn, milliseconds
    #[arg(long, hide = true, num_args = 3)]
    pub child: Option<Vec<String>>,
}

impl Arguments {
    /// Returns whether a bench is asked for.
    pub fn asks(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|asked| asked == name)
    }
}
