//! `rectify checkpoint`: what was signed of the log, and the key that signs.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use rectify_proof::{Signer, Tree, is_migrated, origin};

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{remark, say};

/// What is asked about checkpoints.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// Print the last signed checkpoint, as a file to keep elsewhere
    Show,
    /// Print the public keys that checkpoints were signed with, the newest first
    Keys,
    /// Put a new key before the one that signs; both sign until the older line is taken out of the file
    RotateKey,
}

/// Does what is asked.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    if !is_migrated(&installation.db).await? {
        bail!("nothing was signed yet: start the services of this version first");
    }
    let tree = Tree::new(installation.db.clone());
    match asked {
        Asked::Show => {
            let last = tree.last_checkpoint().await?.context("nothing was signed yet")?;
            say(last.note.trim_end())?;
            remark(format_args!("{} events, {}", last.checkpoint.size, last.checkpoint.mark()));
        }
        Asked::Keys => {
            for key in tree.keys().await? {
                say(key)?;
            }
        }
        Asked::RotateKey => {
            let file = config.seal.as_ref().context("no key is configured (seal.key)")?;
            let key = Signer::rotate(file, &origin(installation.log.id()))?;
            say(key)?;
            remark(format_args!(
                "start the registrar again: from then on this key signs too. Once every auditor has it, take the older line out \
                 of {}",
                file.display()
            ));
        }
    }
    Ok(())
}
