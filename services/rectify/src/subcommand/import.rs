//! `rectify import`: hands in the findings of files.

mod answer;
mod ledger;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::NaiveDate;
use clap::{Args, ValueEnum};
use indicatif::ProgressBar;
use rectify_accounts::Accounts;
use rectify_audit::AuditFinding;
use rectify_case::{Actor, Happened, PersonId, Role};
use rectify_inspection::InspectionItem;
use rectify_intake::report::Language;
use rectify_intake::{
    Document, File, Given, Handover, ImportError, Mapping, Progress, Split, Unit, door, workbook_of_errors,
};
use rectify_kit::database::{self, FolderInUse};
use rectify_kit::{Config, Frame, Part, shutdown, sources};
use rectify_petition::Petition;
use reqwest::multipart::{self, Form};
use serde::Serialize;

use crate::composition::{self, Service};
use crate::installation::Installation;
use crate::keys;
use crate::settings::Settings;
use crate::terminal::{self, remark, say};

/// The variable that a token may stand in.
pub const TOKEN: &str = "RECTIFY_TOKEN";

/// Which files are handed in, by whom, and how.
#[derive(Args, Debug)]
pub struct Arguments {
    /// What they are
    what: What,
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
    /// The year of days that say none
    #[arg(long)]
    year: Option<i32>,
    /// The unit of amounts that say none
    #[arg(long)]
    unit: Option<UnitName>,
    /// Take cells apart that number several problems: all, or those of these items
    #[arg(long, value_name = "ITEMS", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    split: Option<Split>,
    /// Read headers by this mapping (TOML), and remember it for files with the same header
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Only say what would come of it, and hand nothing in
    #[arg(long, visible_alias = "dry-run")]
    check: bool,
    /// The deadline of rows of an older ledger that name none
    #[arg(long, value_name = "DAY")]
    deadline: Option<NaiveDate>,
    /// The office that declares an older ledger, by name or id, where its officer has several
    #[arg(long, value_name = "UNIT")]
    office: Option<String>,
    /// How the report is printed
    #[arg(long, value_enum, default_value_t)]
    report: ReportForm,
    /// Write the files as a workbook, with what is wrong beside the cells
    #[arg(long, value_name = "FILE.xlsx")]
    errors: Option<PathBuf>,
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

/// What files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Inspection lists
    Inspection,
    /// Audit reports
    Audit,
    /// Petitions
    Petition,
    /// An older ledger (整改台账), whose cases are carried over as it leaves them (承前)
    Ledger,
}

/// How a report is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum ReportForm {
    /// As tables
    #[default]
    Table,
    /// As JSON, in both languages
    Json,
}

/// The unit of amounts, on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum UnitName {
    /// 元
    #[value(name = "元", alias = "yuan")]
    Yuan,
    /// 万元
    #[value(name = "万元", alias = "wan")]
    TenThousand,
    /// 亿元
    #[value(name = "亿元", alias = "yi")]
    HundredMillion,
}

impl From<UnitName> for Unit {
    fn from(name: UnitName) -> Unit {
        match name {
            UnitName::Yuan => Unit::Yuan,
            UnitName::TenThousand => Unit::TenThousand,
            UnitName::HundredMillion => Unit::HundredMillion,
        }
    }
}

impl Arguments {
    fn given(&self) -> Given {
        Given {
            source: self.source.clone(),
            issuing_body: self.issuing_body.clone(),
            document: self.document.clone(),
            division: self.division.clone(),
            discovered: self.discovered,
            year: self.year,
            unit: self.unit.map(Into::into),
        }
    }

    fn language(&self) -> Language {
        if self.english { Language::English } else { Language::Chinese }
    }

    /// Refuses what does not fit together.
    fn fit(&self) -> anyhow::Result<()> {
        match self.what {
            What::Ledger if self.split.is_some() => {
                bail!("an older ledger is read row by row: --split is not for it")
            }
            What::Ledger => Ok(()),
            _ if self.deadline.is_some() || self.office.is_some() => {
                bail!("--deadline and --office are for an older ledger only")
            }
            _ => Ok(()),
        }
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

    /// Reads the mapping, as it is written.
    async fn mapping_text(&self) -> anyhow::Result<Option<String>> {
        let Some(path) = &self.mapping else { return Ok(None) };
        let text = tokio::fs::read_to_string(path).await;
        Ok(Some(text.with_context(|| format!("cannot read {}", path.display()))?))
    }

    async fn mapping(&self) -> anyhow::Result<Option<Mapping>> {
        let Some(text) = self.mapping_text().await? else { return Ok(None) };
        Mapping::parse(&text).map(Some).map_err(|error| in_chinese(error.into()))
    }

    /// Writes the workbook with the errors where it is asked for.
    async fn keep(&self, workbook: Vec<u8>) -> anyhow::Result<()> {
        let Some(path) = &self.errors else { return Ok(()) };
        tokio::fs::write(path, workbook).await.with_context(|| format!("cannot write {}", path.display()))
    }

    /// Returns what a request says for every finding.
    fn said(&self) -> Vec<(&'static str, String)> {
        let Given { source, issuing_body, document, division, discovered, year, unit } = self.given();
        let said = [
            ("source", source),
            ("issuing_body", issuing_body),
            ("document", document),
            ("division", division),
            ("discovered", discovered.map(|day| day.to_string())),
            ("year", year.map(|year| year.to_string())),
            ("unit", unit.map(|unit| unit.word().to_owned())),
            ("split", self.split.as_ref().map(ToString::to_string)),
            ("check", self.check.then(|| "true".to_owned())),
            ("deadline", self.deadline.map(|day| day.to_string())),
            ("office", self.office.clone()),
        ];
        said.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// What came of the files, and the workbook with the errors where one is asked for.
struct Told {
    report: String,
    refused: bool,
    workbook: Option<Vec<u8>>,
}

impl Told {
    /// Tells a report in the form that is asked for.
    fn of(
        arguments: &Arguments,
        report: &impl Serialize,
        print: impl FnOnce(Language) -> String,
        refused: bool,
        workbook: Option<Vec<u8>>,
    ) -> anyhow::Result<Told> {
        let report = match arguments.report {
            ReportForm::Table => print(arguments.language()),
            ReportForm::Json => serde_json::to_string_pretty(report)?,
        };
        Ok(Told { report, refused, workbook })
    }
}

/// Hands the files in and prints what came of it. Fails when something was refused.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<ExitCode> {
    let (config, _telling) = settings.load_for_tool()?;
    let files = arguments.read().await?;
    arguments.fit()?;
    if let Some(url) = &arguments.url {
        return over_http(url, &arguments, files).await;
    }
    let listens = format!("http://{}", config.http.listen);
    let told = match arguments.what {
        What::Ledger => ledger::into_the_log(config, &arguments, files.clone()).await,
        _ if config.nats.is_some() => onto_the_bus(config, &arguments, files.clone()).await,
        _ => into_the_log(config, &arguments, files.clone()).await,
    };
    let Told { report, refused, workbook } = match told {
        Err(error) if error.is::<FolderInUse>() && arguments.token.is_some() => {
            remark(format_args!("{error}; handing in through {listens}"));
            return over_http(&listens, &arguments, files).await;
        }
        Err(error) if error.is::<FolderInUse>() => {
            return Err(error).with_context(|| {
                format!(
                    "a server is running: hand in through it, with --url (perhaps {listens}) and a token in {TOKEN}"
                )
            });
        }
        told => told?,
    };
    say(report.trim_end())?;
    if let Some(workbook) = workbook {
        arguments.keep(workbook).await?;
    }
    Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Hands in to a registrar elsewhere.
async fn onto_the_bus(config: Config, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<Told> {
    let bus = composition::bus(&config, "import").await?;
    let installation = Installation::to_read(&config).await?;
    let accounts = Accounts::open(database::open_beside(&config).await?).await?;
    let sender = sender(&installation, &accounts, arguments).await?;
    let received = installation.now();
    let keys = keys::open(&config, Part::Writer, received).await?.map(|opener| opener.keys().clone());
    let handover = Handover::new(bus, sender, received, Arc::new(installation.directory), config.zone);
    hand_in(arguments, Handover { accounts: Some(accounts), keys, ..handover }, files).await
}

/// Hands in to a registrar in this process, which has the log to itself or shares it with others on Postgres.
async fn into_the_log(config: Config, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<Told> {
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
    let running = composition::open(frame, &[Service::Registrar], String::new()).await?;
    let installation = Installation::within(frame).await?;
    let sender = sender(&installation, &running.accounts, arguments).await?;
    running.register()?;
    let (bus, received, zone) = (frame.bus.clone(), frame.log.clock().now(), frame.config.zone);
    let handover = Handover::new(bus, sender, received, frame.directory.get().0, zone);
    let (accounts, keys) = (Some(running.accounts.clone()), running.keys.as_ref().map(|opener| opener.keys().clone()));
    hand_in(arguments, Handover { accounts, keys, ..handover }, files).await
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

async fn hand_in(arguments: &Arguments, handover: Handover, files: Vec<File>) -> anyhow::Result<Told> {
    match arguments.what {
        What::Inspection => import::<InspectionItem>(arguments, handover, files).await,
        What::Audit => import::<AuditFinding>(arguments, handover, files).await,
        What::Petition => import::<Petition>(arguments, handover, files).await,
        What::Ledger => bail!("an older ledger is carried over, not handed in"),
    }
}

async fn import<D: Document>(arguments: &Arguments, handover: Handover, files: Vec<File>) -> anyhow::Result<Told> {
    let handover = Handover {
        given: arguments.given(),
        mapping: arguments.mapping().await?,
        split: arguments.split.clone().unwrap_or_default(),
        check: arguments.check,
        ..handover
    };
    let bar = bar();
    let report = rectify_intake::import::<D>(&handover, files.clone(), |Progress { rows, total, accepted }| {
        if let Some(total) = total {
            bar.set_length(total);
        }
        bar.set_position(rows);
        bar.set_message(format!("{accepted} accepted"));
    })
    .await;
    bar.finish_and_clear();
    let report = report.map_err(in_chinese)?;
    let mut workbook = None;
    if arguments.errors.is_some() {
        let made = workbook_of_errors::<D>(&handover, files, &report, arguments.language()).await;
        workbook = Some(made.map_err(in_chinese)?);
    }
    let print = |language| report.print(language);
    Told::of(arguments, &report, print, !report.refused.is_empty(), workbook)
}

/// Puts the sentence in Chinese before an error that has one.
fn in_chinese(error: ImportError) -> anyhow::Error {
    match error.chinese() {
        Some(chinese) => anyhow::Error::from(error).context(chinese),
        None => error.into(),
    }
}

/// Returns a bar of rows.
fn bar() -> ProgressBar {
    let bar = terminal::bar("rows, {msg}");
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Hands in through a server, all files in one form.
async fn over_http(url: &str, arguments: &Arguments, files: Vec<File>) -> anyhow::Result<ExitCode> {
    let token = arguments.token.as_deref();
    let token = token.with_context(|| format!("a server wants a token: --token, or better {TOKEN}"))?;
    let path = match arguments.what {
        What::Inspection => "intake/inspection/files",
        What::Audit => "intake/audit/files",
        What::Petition => "intake/petition/files",
        What::Ledger => {
            ledger::names_office_by_id(arguments)?;
            "carry-over/files"
        }
    };
    let route = format!("{}/{path}", url.trim_end_matches('/'));
    let mapping = arguments.mapping_text().await?;
    let ask = async |query: &[(&str, &str)]| -> anyhow::Result<reqwest::Response> {
        let form = files.iter().fold(Form::new(), |form, File { name, bytes, .. }| {
            form.part("file", multipart::Part::stream(bytes.clone()).file_name(name.clone()))
        });
        let form = match &mapping {
            Some(mapping) => form.text("mapping", mapping.clone()),
            None => form,
        };
        let said = arguments.said();
        let said = said.iter().filter(|(name, _)| query.iter().all(|(asked, _)| asked != name));
        let said: Vec<(&str, &str)> = said.map(|(name, value)| (*name, value.as_str())).collect();
        let request = reqwest::Client::new().post(&route).query(&said).query(query).bearer_auth(token);
        let request = request.header("Accept-Language", if arguments.english { "en" } else { "zh-CN" });
        request.multipart(form).send().await.with_context(|| format!("no answer from {route}"))
    };
    let bar = bar();
    let form = match arguments.report {
        ReportForm::Table => "table",
        ReportForm::Json => "json",
    };
    let answer = answer::read(ask(&[("report", form)]).await?).await?;
    bar.finish_and_clear();
    say(answer.text.trim_end())?;
    if arguments.errors.is_some() {
        // What the files are was handed in: this only asks what is wrong in them.
        let workbook = ask(&[("report", "workbook"), ("check", "true")]).await?;
        arguments.keep(answer::workbook(workbook).await?).await?;
    }
    Ok(if answer.refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
