//! `rectify replay case`: one case as it stood at a moment.

use std::collections::HashMap;

use anyhow::Context as _;
use clap::Args;
use rectify_case::{CaseId, CaseNumber, fold};

use super::moment::AsOf;
use crate::installation::Installation;
use crate::settings::Settings;
use crate::subcommand::case::named;
use crate::terminal::{self, Paint, say};
use crate::timeline::{self, Names};

/// Which case is shown, as of when.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Its number, such as 审计-2020-0007, or that of an older ledger, or its id, or at least its first eight characters
    case: String,
    #[command(flatten)]
    as_of: AsOf,
    /// Print it as JSON instead, as its events tell it; what is sealed stays sealed
    #[arg(long)]
    json: bool,
}

/// Prints the case, and what is seen of its events from then.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { case, as_of, json } = arguments;
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let moment = as_of.of(&installation, config.zone).await?;
    let numbers: HashMap<CaseId, CaseNumber> = installation.numbers().await?.into_iter().collect();
    let (now, mut events) = named(&installation, &case, &numbers).await?;
    events.retain(|event| moment.standpoint.sees(event, config.zone));
    let then = fold(now.id, events.iter().filter_map(|event| event.envelope.happening()));
    then.stage.with_context(|| format!("当时还没有这个事项 · there was no case {case} then: {}", moment.said))?;
    if json {
        return Ok(say(serde_json::to_string(&then)?)?);
    }
    say(&moment.said)?;
    let names = Names { directory: &installation.directory, numbers: &numbers, zone: config.zone };
    for line in timeline::told(&then, &events, &names, Paint::of_output(), terminal::width().into()) {
        say(line)?;
    }
    Ok(())
}
