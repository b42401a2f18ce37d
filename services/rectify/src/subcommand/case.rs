//! `rectify case`: one case, as the log tells it.

use std::collections::HashMap;

use anyhow::Context as _;
use clap::Subcommand;
use rectify_case::{CaseId, CaseNumber};
use rectify_kit::act;

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{self, Paint, say};
use crate::timeline::{self, Names};

/// What is asked about a case.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// Show what happened to a case, in order
    Show {
        /// Its number, such as 审计-2020-0007, or its id
        case: String,
    },
}

/// Does what is asked. It reads the log alone: the ledger may be behind, or not there at all.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let Asked::Show { case: wanted } = asked;
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let numbers: HashMap<CaseId, CaseNumber> = installation.numbers().await?.into_iter().collect();
    let nothing = || format!("there is no case {wanted}: `rectify ledger` lists them all");
    let id = if let Ok(id) = wanted.parse::<CaseId>() {
        id
    } else {
        let number: CaseNumber = wanted.parse()?;
        *numbers.iter().find(|(_, known)| **known == number).with_context(nothing)?.0
    };
    let (case, events) = act::load(&installation.log, id).await?;
    case.stage.with_context(nothing)?;
    let names = Names { directory: &installation.directory, numbers: &numbers, zone: config.zone };
    for line in timeline::told(&case, &events, &names, Paint::of_output(), terminal::width().into()) {
        say(line)?;
    }
    Ok(())
}
