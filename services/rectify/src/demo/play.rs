//! The play: everything in the order in which it happened.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, bail};
use chrono::{Datelike as _, NaiveDate};
use rectify_audit::AuditFinding;
use rectify_case::assignment::Assignment;
use rectify_case::directory::Intake;
use rectify_case::evidence::Evidence;
use rectify_case::{AccessEvent, Actor, Case, CaseId, Digest, Happened, Late, SourceCode, StreamId, UnitId};
use rectify_inspection::InspectionItem;
use rectify_intake::{Document, Given, Handover, Language, import_documents};
use rectify_keys::Keys;
use rectify_kit::act::{Ask, Who, act, load};
use rectify_kit::{Frame, Store, sources};
use rectify_log::{Append, Expected, NewEvent, Write};
use rectify_petition::Petition;
use serde_json::Value;

use crate::composition::Running;

use super::opened::Opened;
use super::papers::{self, Paper};
use super::prefecture::{OFFICE, Post, Prefecture, id};
use super::script::{Act, LAST, Office, Script, Scripted, Step, scripts};
use super::staging::{Cue, Stage, What};
use super::welcome::Welcome;

/// What a second attempt to write the directory is known by.
const DIRECTORY: &str = "demo:directory";

/// How long the registrar is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// Plays the sample into an installation that has nothing in it yet, or plays on where it was cut off, and lets the guests in.
///
/// The registrar must be at work. Returns nothing, and does nothing, where somebody has begun an installation of their own.
pub async fn play(running: &Running) -> anyhow::Result<Option<Welcome>> {
    let Running { frame, accounts, store, keys, .. } = running;
    let store = store.as_ref().context("the sample is played where the desk is")?;
    let keys = keys.as_ref().map(|opener| opener.keys().clone());
    let begun = frame.log.appended_under(DIRECTORY).await?.is_some();
    if !begun {
        let directory = frame.directory.get().0;
        if directory.units().next().is_some() || directory.people().next().is_some() {
            return Ok(None);
        }
    }
    let prefecture = Prefecture::new();
    sources::define(&frame.log).await?;
    let year = year(frame).await?;
    if !begun {
        found(frame, &prefecture, year).await.context("cannot write the directory")?;
    }
    let head = frame.log.head().await?;
    frame.directory.at_least(head).await?;

    let scripts = scripts(year)?;
    let mut opened = Opened::read(&frame.log).await.context("cannot read the log")?;
    for script in &scripts {
        let handed_in = hand_in(frame, keys.clone(), &prefecture, script, &opened).await;
        handed_in.with_context(|| format!("cannot hand in {}", script.document))?;
    }
    let cases = tokio::time::timeout(PATIENCE, cases(&scripts, &mut opened)).await;
    let cases = cases.context("the registrar did not open a case for every finding")??;
    let today = frame.config.zone.day_of(frame.clock.now());
    let player = Player { frame, store, prefecture: &prefecture, cases, year, today };
    for turn in turns(&scripts) {
        player.play(&turn).await.with_context(|| format!("act {} of the case {} failed", turn.n + 1, turn.case.key))?;
    }
    Welcome::to(frame, accounts, &prefecture, year).await.map(Some)
}

/// Returns the year in which the sample plays: the last that had seen all of it when it was begun.
async fn year(frame: &Frame) -> anyhow::Result<i32> {
    let first = frame.log.read_all(0, 1).await?.pop();
    let begun = frame.config.zone.day_of(first.map_or(frame.log.now(), |first| first.envelope.recorded));
    let seen_all = (begun.month(), begun.day()) >= (LAST.month(), LAST.day());
    Ok(if seen_all { begun.year() } else { begun.year() - 1 })
}

/// Writes the directory. Everybody is in their post since the year began.
async fn found(frame: &Frame, prefecture: &Prefecture, year: i32) -> anyhow::Result<()> {
    let since = NaiveDate::from_ymd_opt(year, 1, 1).context("the sample plays in no year that there is")?;
    let events = prefecture.events(frame.config.zone.start_of(since));
    let events = events.into_iter().map(NewEvent::from).collect();
    let (_, facts_at) = frame.directory.get();
    let write = Write { stream: StreamId::Directory, expected: Expected::Any, events };
    let key = Some(DIRECTORY.to_owned());
    frame.log.append(Append { key, actor: Actor::INSTALLATION, facts_at, writes: vec![write] }).await?;
    Ok(())
}

/// Hands in the findings of a script that have no case yet, as its source would.
async fn hand_in(
    frame: &Frame,
    keys: Option<Keys>,
    prefecture: &Prefecture,
    script: &Script,
    opened: &Opened,
) -> anyhow::Result<()> {
    let is_new = |case: &&Scripted| script.reference(case).is_some_and(|reference| opened.case(&reference).is_none());
    let documents: Vec<Value> = script.cases.iter().filter(is_new).map(Scripted::document).collect();
    let (directory, _) = frame.directory.get();
    let code: SourceCode = script.source.parse()?;
    let intake = directory.source(&code).with_context(|| format!("there is no source {code}"))?.intake;
    let sender = match intake {
        Intake::Inspection => prefecture.actor(prefecture.unit(OFFICE)?, Post::Clerk),
        Intake::Audit => prefecture.actor(prefecture.unit("州审计局")?, Post::System),
        Intake::Petition => prefecture.actor(prefecture.unit("州信访局")?, Post::System),
    };
    let given = Given {
        source: Some(script.source.clone()),
        issuing_body: Some(script.issuing_body.clone()),
        document: Some(script.document.clone()),
        ..Given::default()
    };
    let (bus, received, zone) = (frame.bus.clone(), frame.log.clock().now(), frame.config.zone);
    let handover = Handover { given, keys, ..Handover::new(bus, sender?, received, directory, zone) };
    match intake {
        Intake::Inspection => import::<InspectionItem>(&handover, documents).await,
        Intake::Audit => import::<AuditFinding>(&handover, documents).await,
        Intake::Petition => import::<Petition>(&handover, documents).await,
    }
}

async fn import<D: Document>(handover: &Handover, documents: Vec<Value>) -> anyhow::Result<()> {
    let handed_in = documents.len();
    let report = import_documents::<D>(handover, documents).await?;
    if report.accepted.len() != handed_in {
        bail!("not all was accepted:\n{}", report.print(Language::English));
    }
    Ok(())
}

/// Returns the cases by what the script calls them, once the registrar has opened them all.
async fn cases(scripts: &[Script], opened: &mut Opened) -> anyhow::Result<BTreeMap<String, CaseId>> {
    let mut cases = BTreeMap::new();
    for (script, case) in scripts.iter().flat_map(|script| script.cases.iter().map(move |case| (script, case))) {
        let id = match script.reference(case) {
            None => CaseId(id("case", &case.key)),
            Some(reference) => loop {
                match opened.case(&reference) {
                    Some(id) => break id,
                    None => opened.read_on().await?,
                }
            },
        };
        cases.insert(case.key.clone(), id);
    }
    Ok(cases)
}

/// One act in its turn.
struct Turn<'a> {
    script: &'a Script,
    case: &'a Scripted,
    act: &'a Act,
    /// Which act of the case it is, from 0.
    n: usize,
}

/// Returns all acts in the order in which they happened; what happens now comes last.
fn turns(scripts: &[Script]) -> Vec<Turn<'_>> {
    let cases = scripts.iter().flat_map(|script| script.cases.iter().map(move |case| (script, case)));
    let mut turns: Vec<Turn<'_>> = cases
        .flat_map(|(script, case)| case.acts.iter().enumerate().map(move |(n, act)| Turn { script, case, act, n }))
        .collect();
    turns.sort_by_key(|turn| turn.act.on.unwrap_or(NaiveDate::MAX));
    turns
}

struct Player<'a> {
    frame: &'a Frame,
    store: &'a Store,
    prefecture: &'a Prefecture,
    cases: BTreeMap<String, CaseId>,
    year: i32,
    today: NaiveDate,
}

impl Player<'_> {
    /// Plays one act, unless it was played before.
    async fn play(&self, turn: &Turn<'_>) -> anyhow::Result<()> {
        let Turn { script, case: scripted, act: wanted, n } = turn;
        let key = format!("demo:{}:{n}", scripted.key);
        if self.frame.log.appended_under(&key).await?.is_some() {
            return Ok(());
        }
        let id = *self.cases.get(&scripted.key).context("the case was not handed in")?;
        let (case, _) = load(&self.frame.log, id).await?;
        let office = match scripted.office.unwrap_or(script.office) {
            Office::Prefecture => self.prefecture.unit(OFFICE)?,
            Office::County => self.prefecture.office(&scripted.division)?,
        };
        let papers = self.papers(&case, wanted, office).await?;
        let stage = Stage { prefecture: self.prefecture, cases: &self.cases, case: &case, office, papers };
        let late = wanted.on.map(|day| Late {
            happened: Happened::On(day),
            document: format!("{}{}年问题整改台账（纸质）", self.prefecture.name_of(office), self.year),
        });
        let cues = stage.cues(wanted)?;
        let last = cues.len().saturating_sub(1);
        for (at, Cue { actor, what }) in cues.into_iter().enumerate() {
            let key = if at == last { key.clone() } else { format!("{key}.{at}") };
            if self.frame.log.appended_under(&key).await?.is_some() {
                continue;
            }
            match what {
                What::Open(digests) => self.open(id, actor, digests, key).await?,
                What::Ask(command) => {
                    let name = command.name();
                    let (key, late) = (Some(key), late.clone());
                    let who = Who::from(actor);
                    let ask = Ask { case: id, command: *command, who, key, seen: None, late, received: None };
                    act(self.frame, &ask).await.with_context(|| format!("{name} was refused"))?;
                }
            }
        }
        Ok(())
    }

    /// Keeps the papers that an act names.
    async fn papers(&self, case: &Case, act: &Act, office: UnitId) -> anyhow::Result<Vec<Evidence>> {
        let lead = case.assignment.as_ref().and_then(Assignment::answering).unwrap_or(office);
        let (names, unit, text): (Vec<&str>, &str, &str) = match &act.step {
            Step::Report(report) => {
                let unit = report.unit.as_deref().unwrap_or_else(|| self.prefecture.name_of(lead));
                (report.papers.iter().map(String::as_str).collect(), unit, &report.account)
            }
            Step::Verify(verify) => {
                (verify.on_site.iter().map(String::as_str).collect(), self.prefecture.name_of(office), &verify.opinion)
            }
            _ => return Ok(Vec::new()),
        };
        let mut kept = Vec::new();
        for name in names {
            let day = act.on.unwrap_or(self.today);
            kept.push(papers::keep(self.store, &Paper { name, case: &case.title, unit, day, text }).await?);
        }
        Ok(kept)
    }

    /// Opens evidence, which is on record as when the desk opens it.
    async fn open(&self, case: CaseId, actor: Actor, digests: Vec<Digest>, key: String) -> anyhow::Result<()> {
        let events: Vec<NewEvent> =
            digests.into_iter().map(|digest| AccessEvent::EvidenceOpened { digest }.into()).collect();
        if events.is_empty() {
            return Ok(());
        }
        let (_, facts_at) = self.frame.directory.get();
        let write = Write { stream: StreamId::Access(case), expected: Expected::Any, events };
        self.frame.log.append(Append { key: Some(key), actor, facts_at, writes: vec![write] }).await?;
        Ok(())
    }
}
