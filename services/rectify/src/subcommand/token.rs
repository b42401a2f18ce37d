//! `rectify token`: what lets somebody in over HTTP.

use anyhow::bail;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Subcommand;
use rectify_accounts::{Token, TokenId};
use rectify_case::PersonId;
use secrecy::ExposeSecret as _;

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{say, table};

/// What is asked about tokens.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// Issue a token; it is shown this once
    Issue {
        /// Whose, by name or id
        person: String,
        /// What it is for
        #[arg(long, default_value = "command line")]
        label: String,
        /// For how many days it is good; until it is revoked where nothing is said
        #[arg(long)]
        days: Option<u16>,
    },
    /// List the tokens, without what opens
    List {
        /// Only those of this person, by name or id
        #[arg(long)]
        person: Option<String>,
    },
    /// Take a token back from now on
    Revoke {
        /// Which, by the id that `list` shows
        token: TokenId,
    },
}

/// Does what is asked.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    match asked {
        Asked::Issue { person, label, days } => {
            let installation = Installation::to_write(&config).await?;
            let person = installation.person_named(&person)?;
            issue(&installation, person, &label, days).await?;
        }
        Asked::List { person } => {
            let installation = Installation::to_read(&config).await?;
            let person = person.map(|person| installation.person_named(&person)).transpose()?;
            let tokens = installation.accounts().await?.list(person).await?;
            list(&installation, &tokens, config.zone)?;
        }
        Asked::Revoke { token } => {
            let installation = Installation::to_write(&config).await?;
            if !installation.accounts().await?.revoke(token, installation.now()).await? {
                bail!("there is no token {token} that is still good: `rectify token list` shows them all");
            }
            say(format_args!("revoked {token}"))?;
        }
    }
    Ok(())
}

/// Issues a token and prints it, alone in its line.
pub async fn issue(
    installation: &Installation,
    person: PersonId,
    label: &str,
    days: Option<u16>,
) -> anyhow::Result<()> {
    let now = installation.now();
    let expires = days.map(|days| now + TimeDelta::days(days.into()));
    let issued = installation.accounts().await?.issue(person, label.trim(), expires, now).await?;
    say(issued.token.expose_secret())?;
    Ok(())
}

fn list(installation: &Installation, tokens: &[Token], zone: rectify_case::Zone) -> anyhow::Result<()> {
    let day = |at: Option<DateTime<Utc>>| at.map(|at| zone.day_of(at).to_string()).unwrap_or_default();
    let mut table = table(["标识", "持有人", "用途", "签发", "最近使用", "到期", "状态"]);
    for token in tokens {
        let standing = match (token.revoked, token.is_good(installation.now())) {
            (Some(_), _) => "已收回",
            (None, true) => "有效",
            (None, false) => "已到期",
        };
        table.add_row([
            token.id.to_string(),
            installation.directory.person_name(token.person),
            token.label.clone(),
            day(Some(token.created)),
            day(token.used),
            day(token.expires),
            standing.to_owned(),
        ]);
    }
    say(table)?;
    Ok(())
}
