//! `rectify restore`: a backup back, into an empty place.

use std::path::PathBuf;

use clap::Args;

use crate::backup::{self, Restored};
use crate::settings::Settings;
use crate::terminal::{remark, say};

/// What is restored.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The folder of the backup
    folder: PathBuf,
    /// Restore the keys of petitions too, from this folder
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
}

/// Restores a backup, and says what is there now.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let Restored { manifest, was_there, folded } =
        backup::restore(&config, &arguments.folder, arguments.keys.as_deref()).await?;
    let at = manifest.made.format("%Y-%m-%d %H:%M:%S UTC");
    let how = if was_there { "was restored before" } else { "is restored" };
    say(format_args!("log {} {how} to position {}, as of {at}", manifest.log, manifest.position))?;
    say(manifest.told())?;
    say(format_args!("  ledger    folded from {folded} events, and serves"))?;
    for digest in &manifest.missing_evidence {
        remark(format_args!("佐证材料不在备份中 · evidence {digest} was missing when the backup was made"));
    }
    Ok(())
}
