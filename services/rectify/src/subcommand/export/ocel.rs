//! `rectify export ocel`: the log as other programs read it.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args;
use rectify_mining::{Exported, Ocel, Wanted};

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{say, table};

/// Into which file.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The file, which must not be there: JSON where its name ends in .json, a database where it ends in .sqlite
    file: PathBuf,
    /// Tell of accusations too: such a file must not reach whom they accuse
    #[arg(long)]
    with_accusations: bool,
}

/// Writes it.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { file, with_accusations: accusations } = arguments;
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let beginning = || format!("cannot begin {}", file.display());
    let ocel = match file.extension().and_then(|extension| extension.to_str()) {
        Some("json") => Ocel::json(&file).with_context(beginning)?,
        Some("sqlite") => Ocel::sqlite(&file).await.with_context(beginning)?,
        Some(_) | None => bail!("the file's name must end in .json or .sqlite"),
    };
    let wanted = Wanted { to: installation.log.head().await?, zone: config.zone, accusations };
    let written = rectify_mining::export(&installation.log, wanted, ocel).await;
    tell(&written.with_context(|| format!("what is in {} is not whole: remove it", file.display()))?)
}

fn tell(exported: &Exported) -> anyhow::Result<()> {
    let mut counted = table(["类型", "数量"]);
    for (name, number) in &exported.objects {
        counted.add_row([(*name).to_owned(), number.to_string()]);
    }
    counted.add_row(["event".to_owned(), exported.events.values().sum::<u64>().to_string()]);
    say(counted)?;
    if exported.kept_back > 0 {
        say(format_args!("检举控告 {} 件未导出（--with-accusations 可一并导出）", exported.kept_back))?;
    }
    Ok(())
}
