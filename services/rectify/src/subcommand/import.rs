//! `rectify import`: hands in the findings of files.

mod answer;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use rectify_accounts::Accounts;
use rectify_audit::AuditFinding;
use rectify_case::{Actor, Happened, PersonId, Role};
use rectify_inspection::InspectionItem;
use rectify_intake::report::Language;
use rectify_intake::{Document, File, Given, Handover, Progress, Report, door};
use rectify_kit::database::FolderInUse;
use rectify_kit::{Config, Frame, Part, shutdown, sources};
use rectify_petition::Petition;
use reqwest::multipart::{self, Form};

use crate::composition;
use crate::installation::Installation;
use crate::settings::Settings;
use crate::subcommand::source::IntakeName;
use crate::terminal::{remark, say};

/// The variable that a token may stand in.
pub const TOKEN: &str = "RECTIFY_TOKEN";

/// Which files are handed in, by whom, and how.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The intake that reads them
    intake: IntakeName,
    /// XLSX, CSV or JSON files; those of one audit report together
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The source of findings that name none, by code or name
    #[arg(long)]
    source: Option<String>,
    /// Who issued the document, where the files do not say it
    #[arg(long)]
    issuing_body: Option<String>,
    /// The document's number, where the files do not say it
    #[arg(long)]
    document: Option<String>,
    /// The division, by name or code, where the files do not say it
    #[arg(long)]
    division: Option<String>,
    /// When it was found, where the files do not say it
    #[arg(long, value_name = "DAY")]
    discovered: Option<Happened>,
    /// Hand them in through the server at this address
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Hand them in as the holder of this token
    #[arg(long, env = TOKEN, hide_env_values = true)]
    token: Option<String>,
    /// Hand them in as this person, by name or id; not through a server, which wants a token
    #[arg(long = "as", value_name = "PERSON", conflicts_with = "url")]
    person: Option<String>,
    /// Print the report in English
    #[arg(long)]
    english: bool,
}

impl Arguments {
    fn given(&self) -> Given {
        Given {
            source: self.source.clone(),
            issuing_body: self.issuing_body.clone(),
            document: self.document.clone(),
            division: self.division.clone(),
            discovered: self.discovered,
        }
    }

    fn language(&self) -> Language {
        if self.english { Language::English } else { Language::Chinese }
    }

    /// Reads the files.
    async fn read(&self) -> anyhow::Result<Vec<File>> {
        let mut files = Vec::new();
        for path in &self.files {
            let bytes = tokio::fs::read(path).await.with_context(|| format!("cannot read {}", path.display()))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push(File { name, media_type: None, bytes: bytes.into() });
        }
        Ok(files)
    }
}

/// Hands the files in and prints what came of it. Fails when something was refused.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (config, _telling) = settings.load_for_tool()?;
    let files = arguments.read().await?;
    if let Some(url) = &arguments.url {
        return over_http(url, &arguments, files).await;
    }
    let listens = format!("http://{}", config.http.listen);
    let part = if config.nats.is_some() { Part::Reader } else { Part::Writer };
    let report = match part {
        Part::Reader => onto_the_bus(config, &arguments, files).await,
        _ => into_the_log(config, &arguments, files).await,
    };
    let report = match report {
        Err(error) if error.is::<FolderInUse>() && arguments.token.is_some() => {
            remark(format_args!("{error}; handing in through {listens}"));
            return over_http(&listens, &arguments, arguments.read().await?).await;
        }
        Err(error) if error.is::<FolderInUse>() => {
            return Err(error).with_context(|| {
                format!(
                    "a server is running: hand in through it, with --url (perhaps {listens}) and a token in {TOKEN}"
                )
            });
        }
        report => report?,
    };
    say(report.print(arguments.language()).trim_end())?;
    Ok(if report.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Hands in to a registrar elsewhere.
async fn onto_the_bus(config: Config, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<Report> {
    let bus = composition::bus(&config, "import").await?;
    let installation = Installation::to_read(&config).await?;
    let accounts = installation.accounts().await?;
    let sender = sender(&installation, &accounts, arguments).await?;
    let handover = Handover {
        bus,
        sender,
        received: installation.now(),
        directory: std::sync::Arc::new(installation.directory),
        zone: config.zone,
        given: arguments.given(),
    };
    hand_in(&handover, arguments.intake, files).await
}

/// Hands in to a registrar in this process, which has the log to itself or shares it with others on Postgres.
async fn into_the_log(config: Config, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<Report> {
    let frame = Frame::open(config, Part::Writer).await?;
    if frame.migrates() {
        sources::define(&frame.log).await.context("cannot enter the sources of findings")?;
    }
    let report = within(&frame, arguments, files).await;
    frame.shutdown.begin();
    frame.shutdown.finished(shutdown::PATIENCE).await?;
    report
}

async fn within(frame: &Frame, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<Report> {
    let running = composition::open(frame, String::new()).await?;
    let installation = Installation::within(frame).await?;
    let sender = sender(&installation, &running.accounts, arguments).await?;
    running.register();
    let handover = Handover {
        bus: frame.bus.clone(),
        sender,
        received: frame.clock.now(),
        directory: frame.directory.get().0,
        zone: frame.config.zone,
        given: arguments.given(),
    };
    hand_in(&handover, arguments.intake, files).await
}

/// Returns who hands in: whoever holds the token, or is named, or is the only one who may.
async fn sender(installation: &Installation, accounts: &Accounts, arguments: &Arguments) -> anyhow::Result<Actor> {
    let now = installation.now();
    let may = |person: PersonId| door::acting(&installation.directory, person, now);
    let person = match (&arguments.token, &arguments.person) {
        (_, Some(named)) => installation.person_named(named)?,
        (Some(token), None) => accounts.authenticate(token, now).await?.context("the token is not valid")?.person,
        (None, None) => {
            let senders: Vec<(PersonId, &str)> =
                installation.directory.people().filter(|(person, _)| may(*person).is_some()).collect();
            match senders.as_slice() {
                [(only, _)] => *only,
                [] => bail!("nobody may hand in findings yet: give somebody the role source-system or officer"),
                several => {
                    let names: Vec<&str> = several.iter().take(6).map(|(_, name)| *name).collect();
                    bail!("say who hands them in, with --as or a token in {TOKEN}: {} …", names.join(", "))
                }
            }
        }
    };
    may(person).with_context(|| {
        let roles = [Role::SourceSystem, Role::Officer].map(crate::wording::role).join("、");
        format!("{} may not hand in findings: that takes the role {roles}", installation.directory.person_name(person))
    })
}

async fn hand_in(handover: &Handover, intake: IntakeName, files: Vec<File>) -> anyhow::Result<Report> {
    match intake {
        IntakeName::Inspection => import::<InspectionItem>(handover, files).await,
        IntakeName::Audit => import::<AuditFinding>(handover, files).await,
        IntakeName::Petition => import::<Petition>(handover, files).await,
    }
}

async fn import<D: Document>(handover: &Handover, files: Vec<File>) -> anyhow::Result<Report> {
    let bar = bar();
    let report = rectify_intake::import::<D>(handover, files, |Progress { rows, total, accepted }| {
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(rows);
        bar.set_message(format!("{accepted} accepted"));
    })
    .await;
    bar.finish_and_clear();
    report.map_err(|error| match error.chinese() {
        Some(chinese) => anyhow::Error::from(error).context(chinese),
        None => error.into(),
    })
}

/// Returns a bar on the standard error; it is seen on a terminal only.
fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} rows, {msg} {eta}");
    let bar = ProgressBar::no_length().with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Hands in through a server, all files in one form.
async fn over_http(url: &str, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<ExitCode> {
    let token = arguments.token.as_deref();
    let token = token.with_context(|| format!("a server wants a token: --token, or better {TOKEN}"))?;
    let intake = match arguments.intake {
        IntakeName::Inspection => "inspection",
        IntakeName::Audit => "audit",
        IntakeName::Petition => "petition",
    };
    let route = format!("{}/intake/{intake}/files", url.trim_end_matches('/'));
    let Given { source, issuing_body, document, division, discovered } = arguments.given();
    let discovered = discovered.map(|day| day.to_string());
    let given = [
        ("source", source),
        ("issuing_body", issuing_body),
        ("document", document),
        ("division", division),
        ("discovered", discovered),
    ];
    let said: Vec<(&str, String)> = given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
    let form = files.into_iter().fold(Form::new(), |form, File { name, bytes, .. }| {
        form.part("file", multipart::Part::stream(bytes).file_name(name))
    });
    let bar = bar();
    let request = reqwest::Client::new().post(&route).query(&said).bearer_auth(token).multipart(form);
    let response = request.send().await.with_context(|| format!("no answer from {route}"))?;
    let status = response.status();
    let body = response.text().await.with_context(|| format!("the answer of {route} broke off"))?;
    bar.finish_and_clear();
    let answer = answer::read(status.as_u16(), &body)?;
    say(answer.print(arguments.language()).trim_end())?;
    Ok(if answer.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
