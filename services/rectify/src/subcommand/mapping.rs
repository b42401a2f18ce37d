//! `rectify mapping`: how foreign sheets are read, as it is remembered.

use anyhow::bail;
use clap::Subcommand;
use rectify_accounts::KeptMapping;

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{say, table};

/// How many characters of a fingerprint name a mapping.
const SHOWN: usize = 8;

/// What is asked about mappings.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// List the mappings, each with the header it is remembered for
    List,
    /// Show a mapping, as `import --mapping` reads it
    Show {
        /// Which, by the beginning of the id that `list` shows
        mapping: String,
    },
    /// Forget a mapping
    Forget {
        /// Which, by the beginning of the id that `list` shows
        mapping: String,
    },
}

/// Does what is asked.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    match asked {
        Asked::List => {
            let installation = Installation::to_read(&config).await?;
            let mut shown = table(["标识", "单位", "入口", "记于", "表头"]);
            for KeptMapping { key, header, since, .. } in installation.accounts().await?.mappings(None, None).await? {
                let day = config.zone.day_of(since).to_string();
                let id: String = key.fingerprint.chars().take(SHOWN).collect();
                shown.add_row([id, installation.unit_name(key.unit), key.intake, day, header]);
            }
            say(shown)?;
        }
        Asked::Show { mapping } => {
            let installation = Installation::to_read(&config).await?;
            let accounts = installation.accounts().await?;
            for kept in named(accounts.mappings(None, None).await?, &mapping)? {
                say(kept.mapping.trim_end())?;
            }
        }
        Asked::Forget { mapping } => {
            let installation = Installation::to_write(&config).await?;
            let accounts = installation.accounts().await?;
            for kept in named(accounts.mappings(None, None).await?, &mapping)? {
                accounts.forget(&kept.key).await?;
                say(format_args!("不再按这个对照读取：{}", kept.header))?;
            }
        }
    }
    Ok(())
}

/// Returns the mappings of the only header whose fingerprint begins so: several units may have one for it.
fn named(kept: Vec<KeptMapping>, beginning: &str) -> anyhow::Result<Vec<KeptMapping>> {
    let beginning = beginning.trim().to_lowercase();
    let found: Vec<KeptMapping> =
        kept.into_iter().filter(|kept| kept.key.fingerprint.starts_with(&beginning) && !beginning.is_empty()).collect();
    let several = found.iter().any(|kept| kept.key.fingerprint != found[0].key.fingerprint);
    match found.as_slice() {
        [] => bail!("there is no mapping {beginning:?}: `rectify mapping list` shows them all"),
        _ if several => bail!("several mappings begin with {beginning}; say more of it"),
        _ => Ok(found),
    }
}
