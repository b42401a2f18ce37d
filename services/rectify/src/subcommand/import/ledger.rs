//! `rectify import ledger`: the cases of an older ledger (承前), declared by an officer.

use anyhow::{Context as _, bail};
use rectify_accounts::Accounts;
use rectify_carry_over::{Asked, CarryOverError, Given, carry_over, officer, workbook_of_errors};
use rectify_case::{PersonId, UnitId};
use rectify_intake::File;
use rectify_kit::act::Who;
use rectify_kit::{Config, Frame, Part, shutdown, sources};

use super::{Arguments, TOKEN, Told, bar};
use crate::composition;
use crate::installation::Installation;

/// Writes to the log, which this process has to itself or shares with others on Postgres.
pub async fn into_the_log(config: Config, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<Told> {
    let frame = Frame::open(config, Part::Writer).await?;
    if frame.migrates() {
        sources::define(&frame.log).await.context("cannot enter the sources of findings")?;
    }
    let told = within(&frame, arguments, files).await;
    frame.shutdown.begin();
    frame.shutdown.finished(shutdown::PATIENCE).await?;
    told
}

async fn within(frame: &Frame, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<Told> {
    let running = composition::open(frame, &[], String::new()).await?;
    let installation = Installation::within(frame).await?;
    let officer = declares(&installation, &running.accounts, arguments).await?;
    let given = Given { usual: arguments.given(), deadline: arguments.deadline };
    let (mapping, accounts) = (arguments.mapping().await?, Some(running.accounts.clone()));
    let asked = Asked { files, given, mapping, accounts, officer, dry_run: arguments.check };
    let bar = bar();
    let report = carry_over(frame, asked.clone(), |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })
    .await;
    bar.finish_and_clear();
    let report = report.map_err(in_chinese)?;
    let mut workbook = None;
    if arguments.errors.is_some() {
        let made = workbook_of_errors(frame, asked, &report, arguments.language()).await;
        workbook = Some(made.map_err(in_chinese)?);
    }
    let print = |language| report.print(language);
    Told::of(arguments, &report, print, !report.report.refused.is_empty(), workbook)
}

/// Puts the sentence in Chinese before an error that has one.
fn in_chinese(error: CarryOverError) -> anyhow::Error {
    match error.chinese() {
        Some(chinese) => anyhow::Error::from(error).context(chinese),
        None => error.into(),
    }
}

/// Returns the officer who declares it: whoever holds the token, or is named, or is the only one.
async fn declares(installation: &Installation, accounts: &Accounts, arguments: &Arguments) -> anyhow::Result<Who> {
    let now = installation.now();
    let office = arguments.office.as_ref().map(|office| installation.unit_named(office)).transpose()?;
    let may = |person: PersonId| officer(&installation.directory, person, office, now);
    let person = match (&arguments.token, &arguments.person) {
        (_, Some(named)) => installation.person_named(named)?,
        (Some(token), None) => accounts.authenticate(token, now).await?.context("the token is not valid")?.person,
        (None, None) => {
            let officers: Vec<(PersonId, &str)> =
                installation.directory.people().filter(|(person, _)| may(*person).is_some()).collect();
            match officers.as_slice() {
                [(only, _)] => *only,
                [] => bail!("nobody may carry a ledger over yet: give somebody the role officer in an office"),
                several => {
                    let names: Vec<&str> = several.iter().take(6).map(|(_, name)| *name).collect();
                    bail!("say who declares it, with --as or a token in {TOKEN}: {} …", names.join(", "))
                }
            }
        }
    };
    may(person).with_context(|| {
        let name = installation.directory.person_name(person);
        format!("{name} may not carry a ledger over: that takes the role officer in an office (整改办经办人)")
    })
}

/// Refuses the name of an office where a server is asked, which wants its id.
pub fn names_office_by_id(arguments: &Arguments) -> anyhow::Result<()> {
    match arguments.office.as_ref().filter(|office| office.parse::<UnitId>().is_err()) {
        Some(office) => bail!("a server wants the id of the office, not {office}: `rectify unit list` shows it"),
        None => Ok(()),
    }
}
