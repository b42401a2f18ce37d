//! `rectify keys`: the office's key, and how many petitions are sealed to it.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use rectify_keys::{Keys, KeysError, PrivateKeyFile};
use rectify_kit::{Part, clock};

use crate::keys;
use crate::settings::Settings;
use crate::terminal::say;

/// What is asked about the office's key.
#[derive(Subcommand, Clone, Copy, Debug)]
pub enum Asked {
    /// Make the office's key, and enter its public half in the key store
    New,
    /// Show the public key, whether the private one is here, and how many petitions are sealed
    Show,
}

/// Does what is asked.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let part = match asked {
        Asked::New => Part::Whole,
        Asked::Show => Part::Reader,
    };
    let db = keys::database(&config, part).await?;
    let db = db.context("there is no key store here yet: `rectify up` or `rectify keys new` makes one")?;
    let keys = match asked {
        Asked::New => {
            rectify_keys::migrate(&db).await.context("cannot migrate the key store")?;
            match Keys::open(db.clone()).await {
                Ok(keys) => bail!("the key store has the office's key already: {}", keys.public()),
                Err(KeysError::NoOffice) => keys::found(&config, db, clock::system().now()).await?,
                Err(error) => return Err(error.into()),
            }
        }
        Asked::Show => Keys::open(db).await?,
    };
    let (sealed, erased) = keys.count().await?;
    let path = &config.keys.private_key;
    let private = match PrivateKeyFile::read(path)? {
        None => "不在此处 / not here".to_owned(),
        Some(file) if file.public() != keys.public() => {
            format!("{}（另一单位的密钥 / of another office）", path.display())
        }
        Some(file) if file.is_locked() => format!("{}（需口令 / locked with a passphrase）", path.display()),
        Some(_) => path.display().to_string(),
    };
    say(format_args!("公钥 public key    {}", keys.public()))?;
    say(format_args!("私钥 private key   {private}"))?;
    say(format_args!("已密封 sealed      {sealed}"))?;
    say(format_args!("已销毁 erased      {erased}"))?;
    Ok(())
}
