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
    /// Back up the keys of petitions too, into this folder: not where the other goes
    #[arg(long, value_name = "FOLDER")]
    keys: Option<PathBuf>,
}

/// Makes a backup, and says what is in it.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let Arguments { folder, earlier, keys: apart } = arguments;
    let made = backup::make(&config, &folder, earlier.as_deref(), apart.as_deref()).await?;
    let Made { manifest, keys, damaged_evidence, not_noted } = made;
    say(format_args!("log {} is backed up to position {} in {}", manifest.log, manifest.position, folder.display()))?;
    say(manifest.told())?;
    if let (Some(rows), Some(apart)) = (keys, apart) {
        say(format_args!(
            "  keys      {rows} rows of the key store in {}; the private key is not among them",
            apart.display()
        ))?;
    }
    for digest in &manifest.missing_evidence {
        let how = if damaged_evidence.contains(digest) { "has other bytes" } else { "is missing" };
        remark(format_args!("佐证材料缺失或损坏 · evidence {digest} {how} in the store, and is not in the backup"));
    }
    if let Some(error) = not_noted {
        remark(format_args!("the backup is whole, and `rectify doctor` will not know of it: {error:#}"));
    }
    Ok(())
}
