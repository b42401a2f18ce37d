//! `rectify import ledger`: the cases of an older ledger (承前), declared by an officer.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use rectify_accounts::Accounts;
use rectify_carry_over::{Asked, CarryOverError, CarryOverReport, Given, carry_over, officer};
use rectify_case::PersonId;
use rectify_intake::File;
use rectify_kit::act::Who;
use rectify_kit::database::FolderInUse;
use rectify_kit::{Config, Frame, Part, shutdown, sources};
use reqwest::multipart::{self, Form};

use super::{Arguments, ReportForm, TOKEN, answer, bar};
use crate::composition;
use crate::installation::Installation;
use crate::terminal::{remark, say};

/// Carries the files over and prints what came of each row, or would. Fails when something was refused.
pub async fn run(config: Config, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<ExitCode> {
    if arguments.split.is_some() || arguments.mapping.is_some() || arguments.errors.is_some() {
        bail!("an older ledger is read row by row: --split, --mapping and --errors are not for it");
    }
    if let Some(url) = &arguments.url {
        return over_http(url, arguments, files).await;
    }
    let listens = format!("http://{}", config.http.listen);
    let report = match into_the_log(config, arguments, files.clone()).await {
        Err(error) if error.is::<FolderInUse>() && arguments.token.is_some() => {
            remark(format_args!("{error}; carrying over through {listens}"));
            return over_http(&listens, arguments, files).await;
        }
        Err(error) if error.is::<FolderInUse>() => {
            return Err(error).with_context(|| {
                format!(
                    "a server is running: carry over through it, with --url (perhaps {listens}) and a token in {TOKEN}"
                )
            });
        }
        report => report?,
    };
    match arguments.report {
        ReportForm::Table => say(report.print(arguments.language()).trim_end())?,
        ReportForm::Json => say(serde_json::to_string_pretty(&report)?)?,
    }
    Ok(if report.report.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Writes to the log, which this process has to itself or shares with others on Postgres.
async fn into_the_log(config: Config, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<CarryOverReport> {
    let frame = Frame::open(config, Part::Writer).await?;
    if frame.migrates() {
        sources::define(&frame.log).await.context("cannot enter the sources of findings")?;
    }
    let report = within(&frame, arguments, files).await;
    frame.shutdown.begin();
    frame.shutdown.finished(shutdown::PATIENCE).await?;
    report
}

async fn within(frame: &Frame, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<CarryOverReport> {
    let running = composition::open(frame, &[], String::new()).await?;
    let installation = Installation::within(frame).await?;
    let officer = declares(&installation, &running.accounts, arguments).await?;
    let given = Given { usual: arguments.given(), deadline: arguments.deadline };
    let asked = Asked { files, given, officer, dry_run: arguments.check };
    let bar = bar();
    let report = carry_over(frame, asked, |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    })
    .await;
    bar.finish_and_clear();
    report.map_err(|error: CarryOverError| match error.chinese() {
        Some(chinese) => anyhow::Error::from(error).context(chinese),
        None => error.into(),
    })
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

/// Carries over through a server, all files in one form.
async fn over_http(url: &str, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<ExitCode> {
    let token = arguments.token.as_deref();
    let token = token.with_context(|| format!("a server wants a token: --token, or better {TOKEN}"))?;
    if let Some(office) = arguments.office.as_ref().filter(|office| office.parse::<rectify_case::UnitId>().is_err()) {
        bail!("a server wants the id of the office, not {office}: `rectify unit list` shows it");
    }
    let route = format!("{}/carry-over/files", url.trim_end_matches('/'));
    let form = files.into_iter().fold(Form::new(), |form, File { name, bytes, .. }| {
        form.part("file", multipart::Part::stream(bytes).file_name(name))
    });
    let shown = match arguments.report {
        ReportForm::Table => "table",
        ReportForm::Json => "json",
    };
    let more = [
        ("deadline", arguments.deadline.map(|day| day.to_string())),
        ("office", arguments.office.clone()),
        ("report", Some(shown.to_owned())),
    ];
    let mut said = arguments.said();
    said.extend(more.into_iter().filter_map(|(name, value)| Some((name, value?))));
    let bar = bar();
    let request = reqwest::Client::new().post(&route).query(&said).bearer_auth(token);
    let request = request.header("Accept-Language", if arguments.english { "en" } else { "zh-CN" });
    let answer = request.multipart(form).send().await.with_context(|| format!("no answer from {route}"))?;
    let answer = answer::read(answer).await?;
    bar.finish_and_clear();
    say(answer.text.trim_end())?;
    Ok(if answer.refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
