//! `rectify backup`: one state of the installation as files, while it runs.

use std::path::PathBuf;

use clap::Args;

use crate::backup::{self, Made};
use crate::settings::Settings;
use crate::terminal::{remark, say};

/// Where a backup goes.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The folder to make; its name appears when the backup is whole
    folder: PathBuf,
    /// An earlier backup, whose files are taken over where they are good (as hard links)
    #[arg(long, value_name = "FOLDER")]
    earlier: Option<PathBuf>,
}

/// Makes a backup, and says what is in it.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let Arguments { folder, earlier } = arguments;
    let Made { manifest, damaged_evidence, not_noted } = backup::make(&config, &folder, earlier.as_deref()).await?;
    say(format_args!("log {} is backed up to position {} in {}", manifest.log, manifest.position, folder.display()))?;
    say(manifest.told())?;
    for digest in &manifest.missing_evidence {
        let how = if damaged_evidence.contains(digest) { "has other bytes" } else { "is missing" };
        remark(format_args!("佐证材料缺失或损坏 · evidence {digest} {how} in the store, and is not in the backup"));
    }
    if let Some(error) = not_noted {
        remark(format_args!("the backup is whole, and `rectify doctor` will not know of it: {error:#}"));
    }
    Ok(())
}
