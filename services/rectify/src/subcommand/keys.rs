//! `rectify keys`: the office's key, another one in its place, and how many petitions are sealed to it.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use rectify_keys::{Keys, KeysError, PrivateKeyFile};
use rectify_kit::database::FolderLock;
use rectify_kit::{Part, clock};

use crate::keys;
use crate::rotation::{self, Rotated};
use crate::settings::Settings;
use crate::terminal::say;

/// What is asked about the office's key.
#[derive(Subcommand, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Make the office's key, and enter its public half in the key store
    New,
    /// Give the office another key, and wrap every data key to it; cut off, it is run again
    Rotate,
    /// Show the public key, whether the private one is here, and how many petitions are sealed
    Show,
}

/// Does what is asked.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let part = match asked {
        Asked::New => Part::Whole,
        Asked::Rotate => Part::Writer,
        Asked::Show => Part::Reader,
    };
    let is_here = asked == Asked::New || keys::is_here(&config);
    // In one process the server holds the key that it was started with.
    let _lock = match asked {
        Asked::Rotate if is_here && config.keys.database.is_none() && config.database.is_none() => Some(
            FolderLock::take(&config.data)
                .context("stop the server first: it holds the key that it was started with")?,
        ),
        Asked::New | Asked::Rotate | Asked::Show => None,
    };
    let db = if is_here { keys::database(&config, part).await? } else { None };
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
        Asked::Rotate => {
            let keys = Keys::open(db).await?;
            told(&rotation::rotate(&config, &keys).await?)?;
            keys
        }
        Asked::Show => Keys::open(db).await?,
    };
    let (sealed, erased) = keys.count().await?;
    let path = &config.keys.private_key;
    let private = match PrivateKeyFile::read(path)? {
        None => "不在此处 / not here".to_owned(),
        Some(file) if *file.public() != keys.public() => {
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

/// Says what was done, and what is to be done now.
fn told(Rotated { rewrapped, earlier }: &Rotated) -> anyhow::Result<()> {
    match rewrapped {
        Some(rewrapped) => say(format_args!(
            "已更换密钥，重新封装 {rewrapped} 个数据密钥 / {rewrapped} data keys were wrapped to another key"
        ))?,
        None => say("已完成上次中断的更换 / what was cut off before is finished")?,
    }
    say(
        "请立即另存新私钥，并重新启动服务；各服务配置的 keys.public_key 也要改 / keep a copy of the new private key elsewhere, start the services again, and change keys.public_key where it is set",
    )?;
    let earlier = earlier.display();
    say(format_args!("旧私钥在 {earlier}，30 天后删除 / the key before is in {earlier}: delete it after 30 days"))?;
    Ok(())
}
