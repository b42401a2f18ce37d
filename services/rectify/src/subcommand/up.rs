//! `rectify up`: every service in one process.

use anyhow::Context as _;
use clap::Args;
use rectify_kit::config::EvidenceStore;
use rectify_kit::{Frame, Part, shutdown};
use secrecy::ExposeSecret as _;

use crate::composition::{self, Running, Service};
use crate::demo;
use crate::installation::has_administrator;
use crate::settings::Settings;
use crate::terminal::say;

/// How every service is run in one process.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Fill an empty installation with a sample prefecture
    #[arg(long)]
    demo: bool,
}

/// Runs every service until the process is told to end.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_service()?;
    let frame = Frame::open(config, Part::Whole).await?;
    frame.shutdown.on_signals()?;
    let running = composition::start(&frame, &Service::ALL).await?;
    tell(&running)?;
    tokio::select! {
        played = play(&running, arguments.demo) => played?,
        () = frame.shutdown.begun() => {}
    }
    frame.shutdown.finished(shutdown::PATIENCE).await
}

/// Says where to look.
fn tell(running: &Running) -> anyhow::Result<()> {
    let Running { frame, url, .. } = running;
    let kept = match (&frame.config.database, &frame.config.nats) {
        (None, _) => format!("SQLite in {}", frame.config.data.display()),
        (Some(_), _) => "Postgres".to_owned(),
    };
    let bus = if frame.config.nats.is_some() { "NATS" } else { "inside this process" };
    let evidence = match &frame.config.evidence.store {
        EvidenceStore::Folder(folder) => folder.display().to_string(),
        EvidenceStore::S3(bucket) => bucket.url.clone(),
    };
    say(format_args!("Rectify 整改台账 is at work at {url}"))?;
    say(format_args!("  pages     {url}/"))?;
    say(format_args!("  API       {url}/api/openapi.json"))?;
    say(format_args!("  intakes   {url}/intake/<inspection|audit|petition>/<findings|files>"))?;
    say(format_args!("  health    {url}/readyz"))?;
    say(format_args!("  log       {kept}"))?;
    say(format_args!("  bus       {bus}"))?;
    say(format_args!("  evidence  {evidence}"))?;
    let keys = match &running.keys {
        Some(opener) if opener.opens() => {
            format!("petitions are opened with {}", frame.config.keys.private_key.display())
        }
        Some(_) => "petitions are sealed; the office's private key is not here, so none is opened".to_owned(),
        None => "none, so no petition is taken".to_owned(),
    };
    say(format_args!("  keys      {keys}"))?;
    Ok(())
}

/// Fills an empty installation with the sample where that is wanted; says how to begin where nobody can do anything yet.
async fn play(running: &Running, wanted: bool) -> anyhow::Result<()> {
    let Running { frame, url, .. } = running;
    if wanted {
        match demo::play(running).await.context("the sample prefecture cannot be filled in")? {
            Some(welcome) => say(welcome.told(url))?,
            None => say("the sample prefecture goes into an empty installation only, and somebody has begun this one")?,
        }
    } else if !has_administrator(&frame.directory.get().0, frame.clock.now()) {
        let link = running.accounts.make_link(None, frame.clock.now()).await?;
        say("尚无人可以使用本系统。请在三天内打开下面的一次性链接，设立系统管理员。")?;
        say("Nobody may do anything here yet. Open this link once, within three days, to become its administrator:")?;
        say(format_args!("  {url}/link/{}", link.expose_secret()))?;
    }
    frame.shutdown.begun().await;
    Ok(())
}
