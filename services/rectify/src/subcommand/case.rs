//! `rectify case`: one case, as the log tells it.

use std::collections::HashMap;

use anyhow::{Context as _, bail};
use clap::Subcommand;
use rectify_case::{Case, CaseId, CaseNumber};
use rectify_kit::act;
use rectify_log::Recorded;

use crate::installation::{ID_PREFIX, Installation};
use crate::settings::Settings;
use crate::terminal::{self, Paint, say};
use crate::timeline::{self, Names};

/// What is asked about a case.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// Show what happened to a case, in order
    Show {
        /// Its number, such as 审计-2020-0007, or that of an older ledger, or its id, or at least its first eight characters
        case: String,
    },
}

/// Does what is asked. It reads the log alone: the ledger may be behind, or not there at all.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let Asked::Show { case: wanted } = asked;
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_read(&config).await?;
    let numbers: HashMap<CaseId, CaseNumber> = installation.numbers().await?.into_iter().collect();
    let (case, events) = named(&installation, &wanted, &numbers).await?;
    let names = Names { directory: &installation.directory, numbers: &numbers, zone: config.zone };
    for line in timeline::told(&case, &events, &names, Paint::of_output(), terminal::width().into()) {
        say(line)?;
    }
    Ok(())
}

/// Returns the case that a number names, or that of an older ledger, or an id or its beginning, with its events.
pub async fn named(
    installation: &Installation,
    wanted: &str,
    numbers: &HashMap<CaseId, CaseNumber>,
) -> anyhow::Result<(Case, Vec<Recorded>)> {
    let nothing = || format!("there is no case {wanted}: `rectify ledger` lists them all");
    let id = if let Ok(id) = wanted.parse::<CaseId>() {
        id
    } else if begins_an_id(wanted) {
        installation.case_beginning(wanted).await?.with_context(nothing)?
    } else {
        match wanted.parse::<CaseNumber>() {
            Ok(number) if numbers.values().any(|known| *known == number) => {
                *numbers.iter().find(|(_, known)| **known == number).with_context(nothing)?.0
            }
            parsed => match installation.cases_once_numbered(wanted).await?.as_slice() {
                [only] => *only,
                [] => return Err(parsed.err().map_or_else(|| anyhow::anyhow!(nothing()), anyhow::Error::from)),
                several => {
                    let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
                    bail!("several cases had the number {wanted}; say which by id: {}", ids.join(", "))
                }
            },
        }
    };
    let (case, events) = act::load(&installation.log, id).await?;
    case.stage.with_context(nothing)?;
    Ok((case, events))
}

/// Returns whether a text can only be the beginning of an id: hexadecimal digits first, as many as lists show.
fn begins_an_id(text: &str) -> bool {
    let (first, rest) = text.split_at_checked(ID_PREFIX).unwrap_or_default();
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit());
    !first.is_empty() && digits(first) && digits(&rest.replace('-', ""))
}
