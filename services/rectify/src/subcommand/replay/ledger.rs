//! `rectify replay ledger`: the cases as they stood at a moment.

use clap::Args;
use rectify_case::Position;
use rectify_kit::Config;
use rectify_ledger::{Replayed, Row, Snapshots, Stood};

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
    #[command(flatten)]
    from: From,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// Print all of them instead, each as a line of JSON
    #[arg(long)]
    json: bool,
}

/// From where the log is folded.
#[derive(Args, Clone, Copy, Debug)]
pub struct From {
    /// Fold from the first event on, and believe no snapshot that an earlier replay has kept
    #[arg(long)]
    afresh: bool,
}

/// Prints the cases that are asked for, by their numbers.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { as_of, which, from, limit, json } = arguments;
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let moment = as_of.of(&installation, config.zone).await?;
    let ([rows], begun) = rows_at([&moment], which, from, &installation, &config).await?;
    if json {
        for row in &rows {
            say(serde_json::to_string(row)?)?;
        }
        return Ok(());
    }
    say(&moment.said)?;
    say_from(begun)?;
    let shown = &rows[..limit.min(rows.len())];
    if let Some(table) = listed(shown, &installation.directory) {
        say(table)?;
    }
    say(told_total(rows.len() as u64, shown.len()))?;
    Ok(say(standing(&rows))?)
}

/// Returns the cases that are asked for as they stood at each of some moments, by their numbers, and after which position the log
/// was read for that. Reads it once.
pub async fn rows_at<const N: usize>(
    moments: [&Moment; N],
    which: Which,
    from: From,
    installation: &Installation,
    config: &Config,
) -> anyhow::Result<([Vec<Row>; N], Position)> {
    let zone = config.zone;
    let filter = which.filter(installation)?;
    let asked = moments.map(|moment| (moment.standpoint, moment.at));
    let snapshots = Snapshots::in_folder(config.data.join("snapshots"));
    let snapshots = (!from.afresh).then_some(&snapshots);
    let bar = bar("events");
    let replayed = rectify_ledger::replay(&installation.log, zone, &asked, snapshots, shown_on(&bar)).await;
    bar.finish_and_clear();
    let admits = |stood: &Stood| which::admits(&filter, stood, &installation.directory, zone);
    let Replayed { lists, after } = replayed?;
    let mut lists = lists.into_iter();
    let mut next = || lists.next().into_iter().flatten().filter(admits).map(|stood| stood.row).collect();
    Ok((std::array::from_fn(|_| next()), after))
}

/// Says from where the log was folded, where that was not its first event.
pub fn say_from(after: Position) -> anyhow::Result<()> {
    if after > 0 {
        say(format!("（自第 {after} 号事件的快照续算；加 --afresh 则自第 1 号事件重新推算）"))?;
    }
    Ok(())
}

/// Returns how many cases wait for somebody and are late, in words.
pub fn standing(rows: &[Row]) -> String {
    let count = |is: fn(&Row) -> bool| rows.iter().filter(|row| is(row)).count();
    format!("在办 {} 件，超期 {} 件", count(|row| row.live), count(|row| row.overdue))
}
