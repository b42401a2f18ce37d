//! `rectify replay ledger`: the cases as they stood at a moment.

use clap::Args;
use rectify_ledger::{Row, Stood};

use super::moment::AsOf;
use crate::installation::Installation;
use crate::settings::Settings;
use crate::subcommand::ledger::which::{self, Which};
use crate::subcommand::ledger::{listed, told_total};
use crate::terminal::{bar, say};

/// Which cases are listed, as of when.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    as_of: AsOf,
    #[command(flatten)]
    which: Which,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// Print all of them instead, each as a line of JSON
    #[arg(long)]
    json: bool,
}

/// Prints the cases that are asked for, by their numbers.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { as_of, which, limit, json } = arguments;
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let (moment, filter) = (as_of.of(&installation, config.zone).await?, which.filter(&installation)?);
    let asked = [(moment.standpoint, moment.at)];
    let bar = bar("events");
    let replayed = rectify_ledger::replay(&installation.log, config.zone, &asked, |progress| {
        bar.set_length(progress.head);
        bar.set_position(progress.folded);
    });
    let stood = replayed.await?.pop().unwrap_or_default();
    bar.finish_and_clear();
    let admits = |stood: &Stood| which::admits(&filter, stood, &installation.directory, config.zone);
    let rows: Vec<Row> = stood.into_iter().filter(admits).map(|stood| stood.row).collect();
    if json {
        for row in &rows {
            say(serde_json::to_string(row)?)?;
        }
        return Ok(());
    }
    say(&moment.said)?;
    let shown = &rows[..limit.min(rows.len())];
    if let Some(table) = listed(shown, &installation.directory) {
        say(table)?;
    }
    say(told_total(rows.len() as u64, shown.len()))?;
    Ok(say(standing(&rows))?)
}

/// Returns how many cases wait for somebody and are late, in words.
pub fn standing(rows: &[Row]) -> String {
    let count = |is: fn(&Row) -> bool| rows.iter().filter(|row| is(row)).count();
    format!("在办 {} 件，超期 {} 件", count(|row| row.live), count(|row| row.overdue))
}
