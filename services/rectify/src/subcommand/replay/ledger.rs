//! `rectify replay ledger`: the cases as they stood at a moment.

use clap::Args;
use rectify_case::Zone;
use rectify_ledger::{Row, Stood};

use super::moment::{AsOf, Moment};
use crate::installation::Installation;
use crate::settings::Settings;
use crate::subcommand::ledger::which::{self, Which};
use crate::subcommand::ledger::{listed, told_total};
use crate::terminal::{bar, say, shown_on};

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
    let moment = as_of.of(&installation, config.zone).await?;
    let [rows] = rows_at([&moment], which, &installation, config.zone).await?;
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

/// Returns the cases that are asked for as they stood at each of some moments, by their numbers. Reads the log once.
pub async fn rows_at<const N: usize>(
    moments: [&Moment; N],
    which: Which,
    installation: &Installation,
    zone: Zone,
) -> anyhow::Result<[Vec<Row>; N]> {
    let filter = which.filter(installation)?;
    let asked = moments.map(|moment| (moment.standpoint, moment.at));
    let bar = bar("events");
    let replayed = rectify_ledger::replay(&installation.log, zone, &asked, shown_on(&bar)).await;
    bar.finish_and_clear();
    let admits = |stood: &Stood| which::admits(&filter, stood, &installation.directory, zone);
    let mut lists = replayed?.into_iter();
    let mut next = || lists.next().into_iter().flatten().filter(admits).map(|stood| stood.row).collect();
    Ok(std::array::from_fn(|_| next()))
}

/// Returns how many cases wait for somebody and are late, in words.
pub fn standing(rows: &[Row]) -> String {
    let count = |is: fn(&Row) -> bool| rows.iter().filter(|row| is(row)).count();
    format!("在办 {} 件，超期 {} 件", count(|row| row.live), count(|row| row.overdue))
}
