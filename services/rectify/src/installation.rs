//! The installation as a tool holds it, without a server: its log, its directory as of the end of the log, its tokens.
//!
//! What a tool writes to the directory it writes as the installation itself, on the word of whoever runs it.

use std::collections::{BTreeSet, HashMap};

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use rectify_accounts::Accounts;
use rectify_case::{Actor, CaseId, CaseNumber, Directory, DirectoryEvent, Event, PersonId, Role, StreamId, UnitId};
use rectify_case::{Position, SourceCode, Version};
use rectify_kit::database::{self, FolderInUse, FolderLock};
use rectify_kit::{Config, Frame, Part, clock, mirror};
use rectify_log::{Append, Clock, Db, Expected, Log, Write};

use crate::composition;

/// How many events are read at once.
const PAGE: u32 = 1000;

/// How many characters of an id stand for a case without a number, in lists and where a case is named.
pub const ID_PREFIX: usize = 8;

/// The unit in which the first administrator holds the role while there is no unit: that of the installation itself.
pub const NO_UNIT: UnitId = Actor::INSTALLATION.unit;

/// The installation, opened by a tool.
pub struct Installation {
    /// The database of the log and the accounts.
    pub db: Db,
    /// The log.
    pub log: Log,
    /// The time.
    pub clock: Clock,
    /// The directory as of `position`.
    pub directory: Directory,
    /// How far the directory is folded.
    pub position: Position,
    version: Version,
    config: Config,
    _lock: Option<FolderLock>,
}

impl Installation {
    /// Opens it to read. A server may be running.
    pub async fn to_read(config: &Config) -> anyhow::Result<Installation> {
        Installation::open(config, Part::Reader).await
    }

    /// Opens it to write. In a data folder, no server may be running.
    pub async fn to_write(config: &Config) -> anyhow::Result<Installation> {
        match Installation::open(config, Part::Writer).await {
            Err(error) if error.is::<FolderInUse>() => {
                Err(error).context("a server is running: ask it over HTTP, as /api/openapi.json tells")
            }
            opened => opened,
        }
    }

    async fn open(config: &Config, part: Part) -> anyhow::Result<Installation> {
        let (db, lock) = database::open(config, part).await?;
        if part.migrates(config) {
            rectify_log::migrate(&db).await?;
            rectify_accounts::migrate(&db).await?;
            rectify_proof::migrate(&db).await?;
        } else if !rectify_log::is_migrated(&db).await? {
            bail!("the tables of the log are missing or older than this program: run `rectify migrate`");
        }
        let clock = clock::system();
        let log = database::open_log(config, part, &db, &clock).await?;
        if part.migrates(config) {
            begin(config, &log).await?;
        }
        Installation::folded(config.clone(), db, log, clock, lock).await
    }

    /// Returns the installation that a frame has open.
    pub async fn within(frame: &Frame) -> anyhow::Result<Installation> {
        let config = Config::clone(&frame.config);
        Installation::folded(config, frame.db.clone(), frame.log.clone(), frame.clock.clone(), None).await
    }

    async fn folded(
        config: Config,
        db: Db,
        log: Log,
        clock: Clock,
        lock: Option<FolderLock>,
    ) -> anyhow::Result<Installation> {
        let directory = Directory::default();
        let mut opened = Installation { config, db, log, clock, directory, position: 0, version: 0, _lock: lock };
        opened.read_on().await?;
        Ok(opened)
    }

    /// Folds what was written to the directory since it was last read.
    async fn read_on(&mut self) -> anyhow::Result<()> {
        self.position = self.log.head().await?;
        for recorded in self.log.read_stream(StreamId::Directory, self.version).await? {
            if let Event::Directory(event) = &recorded.envelope.event {
                self.directory.evolve(event);
            }
            self.version = recorded.envelope.version;
            self.position = self.position.max(recorded.position);
        }
        Ok(())
    }

    /// Writes to the directory, unless somebody else did meanwhile.
    pub async fn write(&mut self, events: Vec<DirectoryEvent>) -> anyhow::Result<()> {
        self.compare().await.context("nothing was written; see `rectify doctor`")?;
        let write = Write {
            stream: StreamId::Directory,
            expected: Expected::Exactly(self.version),
            events: events.into_iter().map(Into::into).collect(),
        };
        let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: self.position, writes: vec![write] };
        self.log.append(append).await.context("nothing was written")?;
        self.read_on().await
    }

    /// Refuses to go on where the mirror says that the log is not what was told of it: whatever is added makes that worse.
    async fn compare(&self) -> anyhow::Result<()> {
        if self.config.nats.is_none() {
            return Ok(());
        }
        let bus = composition::bus(&self.config, "rectify").await?;
        if let Some(mirror) = bus.mirror().await? {
            mirror::compare(&self.log, &mirror).await?;
        }
        Ok(())
    }

    /// Returns the time.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Opens the tokens.
    pub async fn accounts(&self) -> anyhow::Result<Accounts> {
        Ok(Accounts::open(self.db.clone()).await?)
    }

    /// Returns whether anybody is administrator.
    pub fn has_administrator(&self) -> bool {
        has_administrator(&self.directory, self.now())
    }

    /// Returns the unit that a name or an id names.
    pub fn unit_named(&self, name: &str) -> anyhow::Result<UnitId> {
        let units = self.directory.units().filter(|unit| self.directory.is_active(unit.id));
        the_one("unit", name, units.map(|unit| (unit.id, unit.id.to_string(), unit.name.as_str())))
    }

    /// Returns the person that a name or an id names.
    pub fn person_named(&self, name: &str) -> anyhow::Result<PersonId> {
        the_one("person", name, self.directory.people().map(|(id, known)| (id, id.to_string(), known)))
    }

    /// Refuses a source that there is not, and names those that there are.
    pub fn known_source(&self, code: &SourceCode) -> anyhow::Result<()> {
        if self.directory.source(code).is_some() {
            return Ok(());
        }
        let known: Vec<&str> = self.directory.sources().map(|source| source.code.as_str()).collect();
        bail!("there is no source {:?}: the sources are {}", code.as_str(), known.join(", "))
    }

    /// Returns the name of a unit as lists show it.
    pub fn unit_name(&self, unit: UnitId) -> String {
        if unit == NO_UNIT { "（本系统）".to_owned() } else { self.directory.unit_name(unit) }
    }

    /// Returns every case that has a number, in the order of registration.
    pub async fn numbers(&self) -> anyhow::Result<Vec<(CaseId, CaseNumber)>> {
        let mut numbers = Vec::new();
        let mut after = 0;
        loop {
            let page = self.log.read_raw(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(numbers) };
            after = last.position;
            for raw in page.iter().filter(|raw| ["registered", "carried_over"].contains(&raw.kind.as_str())) {
                let envelope = rectify_log::decode(&raw.bytes).context("an event cannot be read")?;
                let (stream, mut event) = (envelope.stream, envelope.event);
                if let (StreamId::Case(case), Some(number)) = (stream, event.number_mut()) {
                    numbers.push((case, number.clone()));
                }
            }
        }
    }

    /// Returns the source of every case.
    pub async fn sources_of_cases(&self) -> anyhow::Result<HashMap<CaseId, SourceCode>> {
        let (mut sources, mut after) = (HashMap::new(), 0);
        loop {
            let page = self.log.read_raw(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(sources) };
            after = last.position;
            let begun = ["finding_reported", "part_opened", "carried_over"];
            for raw in page.iter().filter(|raw| begun.contains(&raw.kind.as_str())) {
                let envelope = rectify_log::decode(&raw.bytes).context("an event cannot be read")?;
                if let (StreamId::Case(id), Some(happening)) = (envelope.stream, envelope.happening()) {
                    let case = rectify_case::fold(id, [happening]);
                    sources.extend(case.source.map(|source| (id, source)));
                }
            }
        }
    }

    /// Returns the cases that had this number in the older ledger they were carried over from.
    pub async fn cases_once_numbered(&self, old_number: &str) -> anyhow::Result<Vec<CaseId>> {
        let mut cases = Vec::new();
        let mut after = 0;
        loop {
            let page = self.log.read_raw(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(cases) };
            after = last.position;
            for raw in page.iter().filter(|raw| raw.kind == "carried_over") {
                let envelope = rectify_log::decode(&raw.bytes).context("an event cannot be read")?;
                if let (StreamId::Case(case), Event::Case(event)) = (envelope.stream, envelope.event)
                    && let rectify_case::CaseEvent::CarriedOver { declared, .. } = *event
                    && declared.old_number.as_deref() == Some(old_number)
                {
                    cases.push(case);
                }
            }
        }
    }

    /// Returns the only case whose id begins so.
    pub async fn case_beginning(&self, beginning: &str) -> anyhow::Result<Option<CaseId>> {
        let beginning = beginning.to_lowercase();
        let mut found = BTreeSet::new();
        let mut after = 0;
        loop {
            let page = self.log.read_raw(after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            let cases = page.iter().filter_map(|raw| match raw.stream {
                StreamId::Case(case) => Some(case),
                StreamId::Directory | StreamId::Access(_) => None,
            });
            found.extend(cases.filter(|case| case.to_string().starts_with(&beginning)));
        }
        if found.len() > 1 {
            let ids: Vec<String> = found.iter().map(ToString::to_string).collect();
            bail!("several ids begin with {beginning}; say which: {}", ids.join(", "))
        }
        Ok(found.pop_first())
    }
}

/// Enters in a log that has nothing what every installation begins with. Not where the mirror says that it had something
/// and lost it.
pub async fn begin(config: &Config, log: &Log) -> anyhow::Result<()> {
    if log.head().await? == 0
        && config.nats.is_some()
        && let Ok(bus) = composition::bus(config, "rectify").await
        && let Some(mirror) = bus.mirror().await?
        && let Err(error) = mirror::compare(log, &mirror).await
        && error.is_divergence()
    {
        let mend = error.mend();
        return Err(error)
            .context(format!("数据库是空的，而镜像不是 · the log is empty and its mirror is not: {mend}"));
    }
    rectify_kit::sources::define(log).await.context("cannot enter the sources of findings")?;
    Ok(())
}

/// Returns whether anybody is administrator at an instant.
pub fn has_administrator(directory: &Directory, now: DateTime<Utc>) -> bool {
    directory.people().any(|(person, _)| directory.holdings(person, now).any(|held| held.role == Role::Administrator))
}

/// Returns the only one that has a name or an id.
fn the_one<'a, T: Copy>(
    kind: &str,
    wanted: &str,
    known: impl Iterator<Item = (T, String, &'a str)>,
) -> anyhow::Result<T> {
    let wanted = wanted.trim();
    let found: Vec<(T, String)> =
        known.filter(|(_, id, name)| id == wanted || *name == wanted).map(|(what, id, _)| (what, id)).collect();
    match found.as_slice() {
        [(only, _)] => Ok(*only),
        [] => bail!("there is no {kind} {wanted:?}: `rectify {kind} list` shows them all"),
        several => {
            let ids: Vec<&str> = several.iter().map(|(_, id)| id.as_str()).collect();
            bail!("{wanted:?} is the name of several; say which by id: {}", ids.join(", "))
        }
    }
}
