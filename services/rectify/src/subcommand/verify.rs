//! `rectify verify`: whether the history is as it was written, and whether a dossier is what it says.

mod dossier;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use rectify_kit::Config;
use rectify_proof::{Checkpoint, Key, Mark, SignedCheckpoint, Tree, Trusted, Verdict, Verifying, Wrong};
use serde::Serialize;

use crate::composition;
use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{Paint, Style, bar, remark, say, shown_on};
use crate::verify::{self, Beside, Part, Parts};

/// What came out where something could not be looked at. Nothing wrong is 0, and something wrong is 1.
const NOT_VERIFIED: u8 = 2;

/// What is verified, and against what.
#[derive(Args, Debug)]
pub struct Arguments {
    /// A dossier, which is checked by itself: with the public key, no network and no database; else the installation is verified
    #[arg(value_name = "DOSSIER.zip", conflicts_with = "without")]
    dossier: Option<PathBuf>,
    /// What a paper says: SIZE:ROOT as it stands on lists, letters and workbooks
    #[arg(long, value_name = "SIZE:ROOT")]
    against: Vec<Mark>,
    /// A signed checkpoint that was kept elsewhere
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// A public key that checkpoints must be signed with, or a file that holds one; else those that the database names
    #[arg(long, value_name = "KEY")]
    key: Vec<String>,
    /// Leave something out; the verdict says so
    #[arg(long, value_name = "PART")]
    without: Vec<Part>,
    /// Write what was found to a file, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Everything that was found.
#[derive(Serialize)]
struct Report {
    verdict: String,
    log: Verdict,
    left_out: Vec<Part>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ledger: Option<Beside>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Beside>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mirror: Option<Beside>,
}

/// Verifies, says what was found, and ends with 0 where nothing is wrong, with 1 where something is, with 2 where it could not be
/// looked at.
pub async fn run(settings: &Settings, arguments: Arguments) -> anyhow::Result<ExitCode> {
    if let Some(file) = &arguments.dossier {
        return dossier::run(file, &arguments);
    }
    let report = match report(settings, &arguments).await {
        Ok(report) => report,
        Err(error) => return Ok(not_verified(&error)),
    };
    arguments.keep(&report)?;
    report.tell()?;
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says why something could not be looked at.
fn not_verified(error: &anyhow::Error) -> ExitCode {
    remark(format_args!("rectify: not verified: {error:#}"));
    ExitCode::from(NOT_VERIFIED)
}

async fn report(settings: &Settings, arguments: &Arguments) -> anyhow::Result<Report> {
    let (config, _telling) = settings.load_for_tool()?;
    let parts = Parts::without(&arguments.without);
    let trusted = arguments.trusted()?;
    let installation = Installation::to_read(&config).await?;
    if !rectify_proof::is_migrated(&installation.db).await? {
        bail!("there is no tree over the log yet: start the services of this version first, or run `rectify migrate`");
    }
    let (log, tree) = (&installation.log, Tree::new(installation.db.clone()));
    let bar = bar("events");
    bar.set_length(installation.position);
    let asked = Verifying { log, tree: &tree, zone: config.zone, trusted: &trusted, rules: parts.have(Part::Rules) };
    let verdict = rectify_proof::verify(asked, |position| bar.set_position(position)).await;
    bar.finish_and_clear();
    let log = verdict.context("the log cannot be read to its end")?;
    let mut report = Report {
        verdict: String::new(),
        left_out: parts.left_out().collect(),
        ledger: None,
        evidence: None,
        mirror: None,
        log,
    };
    beside(&config, &installation, &parts, &mut report).await?;
    report.verdict = report.in_one_line();
    Ok(report)
}

/// Compares what stands on the log.
async fn beside(
    config: &Config,
    installation: &Installation,
    parts: &Parts,
    report: &mut Report,
) -> anyhow::Result<()> {
    let log = &installation.log;
    if parts.have(Part::Ledger) {
        // What cannot be read cannot be folded.
        report.ledger = Some(if report.log.followed == report.log.events {
            let bar = bar("events folded");
            let found = verify::ledger(&installation.db, log, config.zone, shown_on(&bar)).await;
            bar.finish_and_clear();
            found.unwrap_or_else(|error| Beside::not_compared(format!("{error:#}")))
        } else {
            Beside::not_compared("the log cannot be folded to its end")
        });
    }
    if parts.have(Part::Evidence) {
        let bar = bar("files");
        let found = verify::evidence(config, log, report.log.followed, |files| bar.set_position(files)).await;
        bar.finish_and_clear();
        report.evidence = Some(found.unwrap_or_else(|error| Beside::not_compared(format!("{error:#}"))));
    }
    if parts.have(Part::Mirror) && config.nats.is_some() {
        let bar = bar("messages");
        let found = async {
            let bus = composition::bus(config, "rectify").await?;
            verify::mirror(&bus, log, |position| bar.set_position(position)).await
        };
        let found = found.await;
        bar.finish_and_clear();
        report.mirror = Some(found.unwrap_or_else(|error| Beside::not_compared(format!("{error:#}"))));
    }
    Ok(())
}

impl Arguments {
    /// Returns what is known from elsewhere.
    fn trusted(&self) -> anyhow::Result<Trusted> {
        let keys = self.key.iter().map(|key| keys_of(key)).collect::<anyhow::Result<Vec<_>>>()?.concat();
        let checkpoints = self.checkpoint.iter().map(|file| checkpoint_in(file, &keys));
        let checkpoints = checkpoints.collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Trusted { keys, marks: self.against.clone(), checkpoints })
    }

    /// Writes what was found to the file that was named for it, if any was.
    fn keep(&self, found: &impl Serialize) -> anyhow::Result<()> {
        let Some(file) = &self.json else { return Ok(()) };
        let text = serde_json::to_vec_pretty(found)?;
        std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))
    }
}

/// Returns a public key as it is, or those in the file of that name, one a line.
fn keys_of(text: &str) -> anyhow::Result<Vec<Key>> {
    if let Ok(key) = text.parse() {
        return Ok(vec![key]);
    }
    let read = std::fs::read_to_string(text).with_context(|| format!("{text:?} is neither a public key nor a file"))?;
    let lines = read.lines().filter(|line| !line.trim().is_empty());
    let keys = lines.map(|line| line.parse().with_context(|| format!("the file {text}")));
    let keys = keys.collect::<anyhow::Result<Vec<_>>>()?;
    if keys.is_empty() {
        bail!("the file {text} has no key")
    }
    Ok(keys)
}

fn checkpoint_in(file: &PathBuf, keys: &[Key]) -> anyhow::Result<Checkpoint> {
    let note = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    // Somebody kept it: whoever signed it, this is what they were told. With a key it must be that key's.
    let read = if keys.is_empty() { SignedCheckpoint::read(&note) } else { SignedCheckpoint::open(&note, keys) };
    Ok(read.with_context(|| format!("the file {}", file.display()))?.checkpoint)
}

impl Report {
    fn parts(&self) -> [(&'static str, &'static str, Option<&Beside>); 3] {
        [
            ("ledger", "rows", self.ledger.as_ref()),
            ("evidence", "files", self.evidence.as_ref()),
            ("mirror", "messages", self.mirror.as_ref()),
        ]
    }

    fn wrong(&self) -> impl Iterator<Item = &Wrong> {
        let beside = self.parts().into_iter().filter_map(|(_, _, beside)| beside);
        self.log.wrong.iter().chain(beside.flat_map(|beside| &beside.wrong))
    }

    fn is_good(&self) -> bool {
        self.wrong().next().is_none()
    }

    /// Returns the verdict.
    fn in_one_line(&self) -> String {
        let Verdict { events, signed, witnessed, .. } = self.log;
        let mut line = match self.wrong().next() {
            Some(Wrong { position: Some(position), what, .. }) => {
                format!("不一致 · NOT consistent: first at position {position}: {what}")
            }
            Some(Wrong { position: None, what, .. }) => format!("不一致 · NOT consistent: {what}"),
            None if witnessed == 0 => format!("一致，尚无外部见证 · consistent, not witnessed: {events} events"),
            None => format!("一致，有外部见证 · consistent, and witnessed up to {witnessed} of {events} events"),
        };
        if self.is_good() && signed < events {
            let uncovered = format!("; no checkpoint covers {} to {events} yet", signed + 1);
            line.push_str(&uncovered);
        }
        let skipped =
            self.parts().into_iter().filter(|(_, _, beside)| beside.is_some_and(|b| b.not_compared.is_some()));
        let left_out: Vec<String> = self.left_out.iter().map(|part| format!("{part:?}").to_lowercase()).collect();
        let not: Vec<String> = left_out.into_iter().chain(skipped.map(|(name, _, _)| name.to_owned())).collect();
        if !not.is_empty() {
            line.push_str("; not looked at: ");
            line.push_str(&not.join(", "));
        }
        line
    }

    fn tell(&self) -> anyhow::Result<()> {
        let paint = Paint::of_output();
        let Verdict { events, root, sealed, signed, witnessed, checkpoints, followed, rules, .. } = &self.log;
        say(format_args!("log          {events} events, root {root}"))?;
        say(format_args!("tree         {sealed} sealed"))?;
        say(format_args!("checkpoints  {checkpoints}, the last good one of {signed} events"))?;
        say(format_args!("witnessed    {witnessed} events by what came from elsewhere"))?;
        say(if *rules {
            format!("rules        checked over {followed} events")
        } else {
            "rules        left out".to_owned()
        })?;
        for (name, of, beside) in self.parts() {
            let Some(Beside { compared, bytes, not_compared, .. }) = beside else { continue };
            say(match not_compared {
                Some(reason) => format!("{name:<12} not compared: {reason}"),
                None => format!("{name:<12} {compared} {of}, {:.1} MB", mega(*bytes)),
            })?;
        }
        for Wrong { position, code, what } in self.wrong() {
            let at = position.map_or_else(String::new, |position| format!("position {position}: "));
            say(paint.put(Style::Bad, &format!("wrong        {at}{what} ({code})")))?;
        }
        let beside = self.parts().into_iter().filter_map(|(_, _, beside)| beside);
        let more_wrong = self.log.more_wrong + beside.map(|beside| beside.more_wrong).sum::<u64>();
        if more_wrong > 0 {
            say(format_args!("             and {more_wrong} more"))?;
        }
        let style = if self.is_good() { Style::Good } else { Style::Bad };
        say(paint.put(style, &self.verdict))?;
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, reason = "told to one decimal")]
fn mega(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
