//! Folding the log: what its events make of the cases, in memory, and what of that is to be written.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rectify_case::{CaseId, Directory, DirectoryEvent, Event, LogId, PersonId, Position, Role, StreamId, UnitId, Zone};
use rectify_log::Recorded;

use crate::batch::{Batch, Replaced};
use crate::entry::{Entry, changes_words};
use crate::error::{LedgerError, inconsistent};
use crate::facets::Facets;
use crate::generation::Generation;
use crate::signs::Signs;
use crate::sql::{Sql, Value, int};
use crate::standpoint::Standpoint;
use crate::tally::{Counted, Tally};
use crate::waiting::offices;
use crate::{state, statements, stored};

/// A generation and what is needed to fold on.
#[derive(Debug)]
pub(crate) struct Fold {
    pub(crate) generation: Arc<Generation>,
    /// Up to where it is folded; what of that is not written yet, is on its way.
    pub(crate) position: Position,
    log: LogId,
    zone: Zone,
    directory: Arc<Directory>,
    /// The last cases as they stand, while there is more to fold: among them all that are not written yet.
    recent: HashMap<CaseId, Entry>,
    /// Whether other processes are told how far it is folded.
    audible: bool,
    /// What is folded of the log: of a ledger of the past, not what happened later.
    standpoint: Standpoint,
}

/// How many cases are remembered beside those that are not written yet. They take some 10 KB each.
const RECENT: usize = 4_000;

/// How many events are gathered before they are written, where there are so many: of a case that comes several times, only
/// what it has become is written.
const EVENTS: u64 = 32_000;

/// How many cases are.
const CASES: usize = 8_000;

/// The directory's part of the fold, as it was written: position and event.
type DirectoryRow = (i64, String);

/// What was folded and is to be written together.
pub(crate) struct Gathered {
    from: Position,
    cases: HashMap<CaseId, Touched>,
    /// What happened to the directory, as rows.
    entered: Vec<Vec<Value>>,
    /// The directory before it.
    directory: Arc<Directory>,
    zone: Zone,
    /// Units that were added or changed.
    units: BTreeSet<UnitId>,
    /// Persons who may lead another unit.
    persons: BTreeSet<PersonId>,
    /// What its events show that may tell of a repair on paper only.
    signs: Signs,
}

/// A case that something happened to, and what was written of it before.
struct Touched {
    entry: Entry,
    before: Option<Before>,
    words: bool,
}

/// What was written of a case before.
struct Before {
    counted: Option<Counted>,
    reach: Facets,
    waits: Facets,
    relations: Facets,
}

impl Before {
    fn of(entry: &Entry, directory: &Directory, zone: Zone) -> Before {
        Before {
            counted: Counted::of(entry, zone),
            reach: Facets::reaching(entry, directory),
            waits: Facets::waiting(entry, directory),
            relations: Facets::relating(entry),
        }
    }
}

impl Fold {
    /// Opens a generation where it was left.
    pub(crate) async fn open(generation: Arc<Generation>, log: LogId, zone: Zone) -> Result<Fold, LedgerError> {
        let position = generation.checkpoint().await?.position;
        let rows: Vec<DirectoryRow> = Sql::new(statements::DIRECTORY_EVENTS, []).fetch_all(&generation.db).await?;
        let mut directory = Directory::default();
        // What is read may be further than the checkpoint that was: folding that again would be no harm, but it is not.
        for (at, event) in rows.into_iter().filter(|(at, _)| *at <= int(position)) {
            let event = serde_json::from_str(&event).map_err(|_| inconsistent("directory", "event", at))?;
            directory.evolve(&event);
        }
        let (directory, recent) = (Arc::new(directory), HashMap::new());
        let standpoint = Standpoint::known(Position::MAX);
        Ok(Fold { generation, position, log, zone, directory, recent, audible: false, standpoint })
    }

    /// Returns this fold as one that leaves out what is not seen from a standpoint.
    pub(crate) fn seen_from(self, standpoint: Standpoint) -> Fold {
        Fold { standpoint, ..self }
    }

    /// Returns this fold as one whose progress other processes are told.
    pub(crate) fn audible(self) -> Fold {
        Fold { audible: true, ..self }
    }

    /// Folds the next events and writes what they make, all or none. [`LedgerError::Overtaken`] when somebody else has,
    /// who was faster. After an error it has to be opened again.
    pub(crate) async fn take(&mut self, page: &[Recorded]) -> Result<(), LedgerError> {
        let mut gathered = self.begin();
        self.gather(&mut gathered, page).await?;
        if let Some(batch) = self.finish(gathered).await {
            batch.write().await?;
        }
        self.forget();
        Ok(())
    }

    /// Begins to gather what is written together.
    pub(crate) fn begin(&self) -> Gathered {
        Gathered {
            from: self.position,
            cases: HashMap::new(),
            entered: Vec::new(),
            directory: Arc::clone(&self.directory),
            zone: self.zone,
            units: BTreeSet::new(),
            persons: BTreeSet::new(),
            signs: Signs::default(),
        }
    }

    /// Folds the next events.
    pub(crate) async fn gather(&mut self, gathered: &mut Gathered, page: &[Recorded]) -> Result<(), LedgerError> {
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(()) };
        if first.position != self.position + 1 {
            return Err(LedgerError::Gap { at: self.position, given: first.position });
        }
        self.find(gathered, page).await?;
        for event in page.iter().filter(|event| self.standpoint.sees(event, self.zone)) {
            match (event.envelope.stream, &event.envelope.event) {
                (StreamId::Case(id), _) => gathered.fold(id, event),
                (StreamId::Directory, Event::Directory(entered)) => {
                    Arc::make_mut(&mut self.directory).evolve(entered);
                    gathered.enter(event.position, entered);
                }
                (StreamId::Directory | StreamId::Access(_), _) => {}
            }
        }
        self.position = last.position;
        Ok(())
    }

    /// Brings together the cases that something happens to, as they stand. Those that begin here do not yet.
    async fn find(&mut self, gathered: &mut Gathered, page: &[Recorded]) -> Result<(), LedgerError> {
        let (mut seen, mut unknown) = (HashSet::new(), Vec::new());
        for envelope in page.iter().map(|event| &event.envelope) {
            let StreamId::Case(id) = envelope.stream else { continue };
            if gathered.cases.contains_key(&id) || !seen.insert(id) {
                continue;
            }
            match self.recent.remove(&id) {
                Some(entry) => gathered.stands(entry),
                None if envelope.version > 1 => unknown.push(id),
                None => {}
            }
        }
        for entry in state::of_cases(&self.generation.db, unknown).await? {
            gathered.stands(entry);
        }
        Ok(())
    }

    /// Returns what is to be written of what was gathered; none when that is nothing.
    pub(crate) async fn finish(&mut self, gathered: Gathered) -> Option<Batch> {
        if gathered.from == self.position {
            return None;
        }
        let mut cases: Vec<Touched> = gathered.cases.into_values().collect();
        // In the order in which tables and most of their indexes grow.
        cases.sort_unstable_by_key(|touched| touched.entry.first);
        let offices = |directory: &Directory| (offices(directory), directory.prefecture_office());
        // Looked at only where a unit can have changed: most parts of a log tell of none.
        let entered = !gathered.entered.is_empty();
        let registering = entered && offices(&gathered.directory) != offices(&self.directory);
        let mut batch = Batch {
            generation: Arc::clone(&self.generation),
            log: self.log,
            zone: self.zone,
            from: gathered.from,
            to: self.position,
            audible: self.audible,
            directory: Arc::clone(&self.directory),
            entered: gathered.entered,
            registering,
            units: gathered.units,
            persons: gathered.persons,
            touched: HashSet::new(),
            states: Replaced::default(),
            cases: Replaced::default(),
            related: Vec::new(),
            worded: Vec::new(),
            reached: Vec::new(),
            waiting: Vec::new(),
            facets: Facets::default(),
            signs: gathered.signs,
            tally: Tally::default(),
        };
        for some in cases.chunks(BREATH) {
            for touched in some {
                touched.write(&mut batch);
            }
            tokio::task::yield_now().await;
        }
        if self.recent.len() + cases.len() > RECENT {
            self.recent.clear();
        }
        self.recent.extend(cases.into_iter().map(|touched| (touched.entry.case.id, touched.entry)));
        Some(batch)
    }

    /// Forgets the last cases: whoever follows the log sees few of them again soon.
    pub(crate) fn forget(&mut self) {
        self.recent = HashMap::new();
    }
}

/// After how many cases others may go on who share the thread.
const BREATH: usize = 100;

impl Gathered {
    /// Returns whether it is enough to be written.
    pub(crate) fn is_full(&self, to: Position) -> bool {
        to - self.from >= EVENTS || self.cases.len() >= CASES
    }

    /// Takes up a case as it stands in the tables, or will when what was gathered before is written.
    fn stands(&mut self, entry: Entry) {
        let before = Some(Before::of(&entry, &self.directory, self.zone));
        self.cases.insert(entry.case.id, Touched { entry, before, words: false });
    }

    fn fold(&mut self, id: CaseId, event: &Recorded) {
        let Recorded { position, envelope, .. } = event;
        let touched = self.cases.entry(id).or_insert_with(|| Touched {
            entry: Entry::begin(id, *position, envelope.recorded),
            before: None,
            words: false,
        });
        let unplaced = touched.entry.case.unplaced.len();
        touched.entry.fold(*position, envelope);
        touched.words |= changes_words(&envelope.event);
        if touched.entry.case.unplaced.len() > unplaced {
            metrics::counter!("rectify_ledger_unplaced_total").increment(1);
            tracing::warn!(case.id = %id, position, event.type = envelope.event.name(), "an event has no place in its case");
        } else if let Some(happening) = envelope.happening() {
            self.signs.note(&touched.entry, &happening, self.zone);
        }
    }

    fn enter(&mut self, position: Position, event: &DirectoryEvent) {
        match event {
            DirectoryEvent::UnitAdded(unit) | DirectoryEvent::UnitChanged(unit) => {
                self.units.insert(unit.id);
            }
            // Whom an accusation never reaches depends on which units its subject has led.
            DirectoryEvent::RoleGranted(holding)
                if matches!(holding.role, Role::ResponsibleLeader | Role::ClosingLeader) =>
            {
                self.persons.insert(holding.person);
            }
            DirectoryEvent::RoleGranted(_)
            | DirectoryEvent::UnitAbolished { .. }
            | DirectoryEvent::PersonAdded { .. }
            | DirectoryEvent::RoleEnded { .. }
            | DirectoryEvent::DelegationGranted { .. }
            | DirectoryEvent::DelegationEnded { .. }
            | DirectoryEvent::SourceDefined(_)
            | DirectoryEvent::LogForked(_) => {}
        }
        let text = serde_json::to_string(event).expect("an event has only texts as keys");
        self.entered.push(vec![int(position).into(), text.into()]);
    }
}

impl Touched {
    /// Adds what is to be written of it to a batch.
    fn write(&self, batch: &mut Batch) {
        let Touched { entry, before, words } = self;
        let key = int(entry.first);
        // Of a case that begins here nothing was written that would have to go.
        let written = before.as_ref().map(|_| key);
        batch.touched.insert(key);
        let counted = before.as_ref().and_then(|before| before.counted.as_ref());
        batch.tally.change(counted, Counted::of(entry, batch.zone).as_ref());
        let state = state::text(entry);
        batch.states.rows.push(vec![key.into(), entry.case.id.0.into(), state.into()]);
        batch.states.gone.extend(written);
        batch.cases.rows.extend(stored::values(entry, batch.zone));
        batch.cases.gone.extend(written);
        let relations = Facets::relating(entry);
        if before.as_ref().is_none_or(|before| before.relations != relations) {
            batch.related.extend(written);
            batch.facets.extend(relations);
        }
        if *words {
            batch.worded.extend(written);
            batch.facets.word(entry);
        }
        let reach = Facets::reaching(entry, &batch.directory);
        if before.as_ref().is_none_or(|before| before.reach != reach) {
            batch.reached.extend(written);
            batch.facets.extend(reach);
        }
        let waits = Facets::waiting(entry, &batch.directory);
        if before.as_ref().is_none_or(|before| before.waits != waits) {
            batch.waiting.extend(written);
            batch.facets.extend(waits);
        }
    }
}
