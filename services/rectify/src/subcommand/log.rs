//! `rectify log`: what to do where the log and its mirror are two histories.

use anyhow::bail;
use clap::{Args, Subcommand};

use crate::recovery::{self, Forked, Left, Plan, Recovered, Sides};
use crate::settings::Settings;
use crate::terminal::say;

/// What is asked about the log.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// Put back into the log what only its mirror has
    Recover(Recover),
    /// Go on without what only the mirror has, as a log of its own
    Fork(Fork),
}

/// From where the log is put back.
#[derive(Args, Debug)]
pub struct Recover {
    /// From the mirror on the NATS server
    #[arg(long, required = true)]
    from_mirror: bool,
    /// Do it; without this it is only told what would be done
    #[arg(long)]
    yes: bool,
}

/// Why the log is forked.
#[derive(Args, Debug)]
pub struct Fork {
    /// Why, for whoever reads the log later
    #[arg(long, value_name = "TEXT", default_value = "数据库按较早的备份恢复，其后的记录不再沿用")]
    reason: String,
    /// Do it; without this it is only told what would be done
    #[arg(long)]
    yes: bool,
}

/// Does it, or says what would be done.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    match asked {
        Asked::Recover(Recover { from_mirror: _, yes }) => recover(&Sides::open(&config).await?, yes).await,
        Asked::Fork(Fork { reason, yes }) => fork(&Sides::open(&config).await?, config.zone, reason.trim(), yes).await,
    }
}

async fn recover(sides: &Sides, yes: bool) -> anyhow::Result<()> {
    let Some((first, last)) = recovery::plan_recovery(sides).await? else {
        say("nothing is to be put back: the mirror has nothing that the log has not")?;
        return Ok(());
    };
    say(format_args!(
        "the log ends at {}, and the mirror has {first} to {last} beyond it, of the same history",
        first - 1
    ))?;
    confirmed(yes)?;
    let Recovered { log, positions: (first, last), keys, cut } = recovery::recover(sides, (first, last)).await?;
    say(format_args!("put back into log {log}: positions {first} to {last}, with {keys} idempotency keys"))?;
    if let Some((key, position, events)) = cut {
        say(format_args!(
            "请核对 · look at the case of position {position}: the mirror got {} of the {events} events that were written \
             together there, under the key {key:?}; they are put back, the rest is lost",
            last + 1 - position
        ))?;
    }
    say("accounts are as the database had them: tokens issued since then are to be issued again")?;
    Ok(())
}

async fn fork(sides: &Sides, zone: rectify_case::Zone, reason: &str, yes: bool) -> anyhow::Result<()> {
    let plan = recovery::plan_fork(sides).await?;
    match &plan {
        Plan::Fork { left: None } => say("there is no mirror; the log gets an id of its own from its end on")?,
        Plan::Fork { left: Some(Left { log, same, last }) } => say(format_args!(
            "the log and the mirror of log {log} are the same to position {same}; the mirror's {} to {last} are left behind, \
             in a stream of their own",
            same + 1
        ))?,
        Plan::Finish(Left { log, .. }) => {
            say(format_args!("the log is forked already; the mirror of log {log} is left"))?;
        }
    }
    confirmed(yes)?;
    let Forked { log, position, kept_in } = recovery::fork(sides, plan, zone, reason).await?;
    say(format_args!("it is log {log} from position {} on", position + 1))?;
    if let Some(stream) = kept_in {
        say(format_args!("the stream {stream} keeps what the mirror had; the registrar publishes the whole log anew"))?;
    }
    Ok(())
}

fn confirmed(yes: bool) -> anyhow::Result<()> {
    if !yes {
        bail!("未写入 · nothing was written: stop every service, and ask again with --yes");
    }
    Ok(())
}
