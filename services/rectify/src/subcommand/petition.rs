//! `rectify petition`: what is done to what is sealed of a petition.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use rectify_case::{AccessEvent, Actor, CaseId, CaseNumber, FindingId, StreamId};
use rectify_keys::Keys;
use rectify_keys::mask::Mask;
use rectify_kit::{Part, act};
use rectify_log::{Append, AppendError, Expected, Write};

use crate::installation::Installation;
use crate::keys;
use crate::settings::Settings;
use crate::terminal::say;

/// What is asked about a petition.
#[derive(Subcommand, Debug)]
pub enum Asked {
    /// Delete the keys of a petition, so that who wrote it and what it says is never read again
    Shred {
        /// The number of its case, or the id of the petition or of its case
        petition: String,
        /// Why; it stays in the log, so name nobody
        #[arg(long)]
        reason: String,
    },
}

/// Does what is asked, as the installation itself, on the word of whoever runs it.
pub async fn run(settings: &Settings, asked: Asked) -> anyhow::Result<()> {
    let Asked::Shred { petition, reason } = asked;
    let (config, _telling) = settings.load_for_tool()?;
    let reason = Mask::default().masked(&reason);
    if reason.is_empty() {
        bail!("say why, with --reason");
    }
    let installation = Installation::to_write(&config).await?;
    let db = keys::database(&config, Part::Writer).await?;
    let keys = Keys::open(db.context("there is no key store here: say in keys.url where it is")?).await?;
    let finding = finding_named(&installation, &petition).await?;
    let (was_sealed, now) = (keys.shred(finding, installation.now()).await?, installation.now());
    if !was_sealed && keys.erased(finding).await?.is_none() {
        bail!("the key store has no key of {petition}: nothing of it is sealed here");
    }
    let event = AccessEvent::PetitionShredded { finding, reason };
    let write =
        Write { stream: StreamId::Access(CaseId(finding.0)), expected: Expected::Any, events: vec![event.into()] };
    let append = Append {
        key: Some(act::shredding(finding)),
        actor: Actor::INSTALLATION,
        facts_at: installation.position,
        writes: vec![write],
    };
    match installation.log.append(append).await {
        Ok(_) | Err(AppendError::KeyReused { .. }) => {}
        Err(error) => {
            return Err(error).context("the keys are deleted; that they are could not be written: run this again");
        }
    }
    let day = config.zone.day_of(keys.erased(finding).await?.unwrap_or(now));
    say(format_args!("{petition} 的密钥已于 {day} 销毁，身份、原文和附件不可恢复 / its keys were deleted on {day}"))?;
    Ok(())
}

/// Returns the petition that a number or an id names.
async fn finding_named(installation: &Installation, name: &str) -> anyhow::Result<FindingId> {
    let case = if let Ok(id) = name.parse::<CaseId>() {
        id
    } else {
        let number: CaseNumber = name.parse()?;
        let numbers = installation.numbers().await?;
        let found = numbers.into_iter().find(|(_, known)| *known == number);
        found.with_context(|| format!("there is no case {name}: `rectify ledger` lists them all"))?.0
    };
    let (case, _) = act::load(&installation.log, case).await?;
    let sealed = case.findings.iter().filter(|finding| finding.finding.sealed().is_some());
    match sealed.map(|finding| finding.id).collect::<Vec<_>>().as_slice() {
        [only] => Ok(*only),
        // A petition whose case went on in another is named by its own id.
        [] => bail!("nothing of {name} is sealed"),
        several if several.contains(&FindingId(case.id.0)) && name.parse::<CaseId>().is_ok() => {
            Ok(FindingId(case.id.0))
        }
        several => {
            let ids: Vec<String> = several.iter().map(ToString::to_string).collect();
            bail!("{name} holds several petitions; say which by id: {}", ids.join(", "))
        }
    }
}
