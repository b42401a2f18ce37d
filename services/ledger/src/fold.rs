//! Folding a page of the log into a generation: rows and checkpoint in one transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use futures::FutureExt as _;
use rectify_case::{
    CaseId, Directory, DirectoryEvent, Envelope, Event, LogId, PersonId, Position, Role, StreamId, UnitId, Zone,
};
use rectify_log::{LogError, Raw, Tx};

use crate::entry::{Entry, changes_words};
use crate::error::{LedgerError, inconsistent};
use crate::facets::Facets;
use crate::generation::{Generation, SHAPE, seconds_east};
use crate::projection::PAGE;
use crate::sql::{Sql, VALUES, Value, delete, insert, int};
use crate::tally::{Kind, Tally};
use crate::{dialect, row, statements};

/// A generation and what is needed to fold on.
#[derive(Debug)]
pub(crate) struct Fold {
    pub(crate) generation: Arc<Generation>,
    pub(crate) position: Position,
    log: LogId,
    zone: Zone,
    directory: Directory,
    /// The cases of the last pages as they stand, while there is more to fold than a page.
    recent: HashMap<CaseId, Entry>,
    /// Whether other processes are told how far it is folded.
    audible: bool,
}

/// How many cases are remembered at most. They take some 10 KB each.
const RECENT: usize = 4_000;

/// The directory's part of the fold, as it was written: position and event.
type DirectoryRow = (i64, String);

/// A state as it was written: entry and text.
type StateRow = (i64, String);

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
        Ok(Fold { generation, position, log, zone, directory, recent: HashMap::new(), audible: false })
    }

    /// Returns this fold as one whose progress other processes are told.
    pub(crate) fn audible(self) -> Fold {
        Fold { audible: true, ..self }
    }

    /// Folds the next events, all or none. [`LedgerError::Overtaken`] when somebody else has, who was faster.
    pub(crate) async fn take(&mut self, page: &[Raw]) -> Result<(), LedgerError> {
        let (Some(first), Some(last)) = (page.first(), page.last()) else { return Ok(()) };
        if first.position != self.position + 1 {
            return Err(LedgerError::Gap { at: self.position, given: first.position });
        }
        let batch = Batch::of(self, page, last.position)?;
        let db = self.generation.db.clone();
        let touched = db.transact("fold", |tx| batch.write(tx).boxed()).await?;
        let changed = batch.changed;
        self.position = last.position;
        self.remember(touched, page.len());
        self.directory = changed.unwrap_or_else(|| std::mem::take(&mut self.directory));
        metrics::counter!("rectify_ledger_events_total").increment(page.len() as u64);
        Ok(())
    }

    /// Keeps the cases of a page for the next one; where none follows at once, nothing.
    fn remember(&mut self, touched: Vec<Touched>, events: usize) {
        if events < PAGE as usize {
            self.recent = HashMap::new();
            return;
        }
        if self.recent.len() + touched.len() > RECENT {
            self.recent.clear();
        }
        self.recent.extend(touched.into_iter().take(RECENT).map(|touched| (touched.entry.case.id, touched.entry)));
    }
}

/// What one page of the log brings.
struct Batch<'a> {
    log: LogId,
    zone: Zone,
    from: Position,
    to: Position,
    events: Vec<(Position, CaseId, Envelope)>,
    /// What happened to the directory, as rows.
    entered: Vec<Vec<Value>>,
    audible: bool,
    directory: &'a Directory,
    recent: &'a HashMap<CaseId, Entry>,
    /// The directory after it, if anything did.
    changed: Option<Directory>,
    /// Units that were added or changed.
    units: BTreeSet<UnitId>,
    /// Persons who may lead another unit.
    persons: BTreeSet<PersonId>,
}

/// A case of the batch, and what was written of it before.
struct Touched {
    entry: Entry,
    before: Option<Before>,
    words: bool,
}

/// What was written of a case before a batch.
struct Before {
    counted: Option<Kind>,
    reach: Facets,
    relations: Facets,
}

impl Before {
    fn of(entry: &Entry, directory: &Directory) -> Before {
        Before {
            counted: Kind::of(entry),
            reach: Facets::reaching(entry, directory),
            relations: Facets::relating(entry),
        }
    }
}

impl Batch<'_> {
    fn of<'a>(fold: &'a Fold, page: &[Raw], to: Position) -> Result<Batch<'a>, LedgerError> {
        let mut batch = Batch {
            log: fold.log,
            zone: fold.zone,
            from: fold.position,
            to,
            events: Vec::new(),
            entered: Vec::new(),
            audible: fold.audible,
            directory: &fold.directory,
            recent: &fold.recent,
            changed: None,
            units: BTreeSet::new(),
            persons: BTreeSet::new(),
        };
        for raw in page {
            let decoded = || {
                let position = raw.position;
                rectify_log::decode(&raw.bytes).map_err(|source| LogError::Undecodable { position, source })
            };
            match raw.stream {
                StreamId::Case(id) => batch.events.push((raw.position, id, decoded()?)),
                StreamId::Directory => {
                    if let Event::Directory(event) = decoded()?.event {
                        batch.enter(raw.position, &event);
                    }
                }
                StreamId::Access(_) => {}
            }
        }
        Ok(batch)
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
        self.changed.get_or_insert_with(|| self.directory.clone()).evolve(event);
        let text = serde_json::to_string(event).expect("an event has only texts as keys");
        self.entered.push(vec![int(position).into(), text.into()]);
    }

    async fn write(&self, tx: &mut Tx<'_>) -> Result<Vec<Touched>, LedgerError> {
        // First of all: whoever moves the checkpoint is alone from there on.
        let moved = Sql::new(
            statements::MOVE_CHECKPOINT,
            [
                self.log.0.into(),
                int(self.to).into(),
                SHAPE.into(),
                seconds_east(self.zone).into(),
                int(self.from).into(),
            ],
        );
        if moved.execute(tx).await? == 0 {
            return Err(LedgerError::Overtaken);
        }
        let much = matches!(tx, Tx::Sqlite(_)) && self.to - self.from >= u64::from(PAGE);
        if much {
            Sql::new(dialect::KEEP_MORE_PAGES, []).execute(tx).await?;
        }
        self.write_directory(tx).await?;
        let touched = self.fold(tx).await?;
        self.write_cases(tx, &touched).await?;
        self.write_reach(tx, &touched).await?;
        if much {
            Sql::new(dialect::KEEP_FEWER_PAGES, []).execute(tx).await?;
        }
        if self.audible && matches!(tx, Tx::Postgres(_)) {
            Sql::new(dialect::RING, [self.to.to_string().into()]).execute(tx).await?;
        }
        Ok(touched)
    }

    async fn write_directory(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        insert(tx, statements::INSERT_DIRECTORY, &self.entered, "").await?;
        if !self.units.is_empty() {
            let directory = self.directory();
            let above = directory
                .units()
                .flat_map(|unit| directory.upward(unit.id).map(|above| vec![Value::from(unit.id.0), above.0.into()]));
            Sql::new(statements::DELETE_ABOVE, []).execute(tx).await?;
            insert(tx, statements::INSERT_ABOVE, &above.collect::<Vec<_>>(), "").await?;
        }
        Ok(())
    }

    /// Loads the cases that something happened to, and folds it.
    async fn fold(&self, tx: &mut Tx<'_>) -> Result<Vec<Touched>, LedgerError> {
        let ids: BTreeSet<CaseId> = self.events.iter().map(|(_, id, _)| *id).collect();
        let mut cases: BTreeMap<CaseId, Touched> = BTreeMap::new();
        let (known, unknown): (Vec<CaseId>, Vec<CaseId>) = ids.into_iter().partition(|id| self.recent.contains_key(id));
        let loaded = load(tx, statements::STATES_OF, "", unknown.into_iter().map(|id| id.0.into()).collect()).await?;
        for entry in known.iter().filter_map(|id| self.recent.get(id).cloned()).chain(loaded) {
            let before = Some(Before::of(&entry, self.directory));
            cases.insert(entry.case.id, Touched { entry, before, words: false });
        }
        for (position, id, envelope) in &self.events {
            let touched = cases.entry(*id).or_insert_with(|| Touched {
                entry: Entry::begin(*id, *position, envelope.recorded),
                before: None,
                words: false,
            });
            let unplaced = touched.entry.case.unplaced.len();
            touched.entry.fold(*position, envelope);
            touched.words |= changes_words(&envelope.event);
            if touched.entry.case.unplaced.len() > unplaced {
                metrics::counter!("rectify_ledger_unplaced_total").increment(1);
                tracing::warn!(case.id = %id, position, event.type = envelope.event.name(), "an event has no place in its case");
            }
        }
        Ok(cases.into_values().collect())
    }

    async fn write_cases(&self, tx: &mut Tx<'_>, touched: &[Touched]) -> Result<(), LedgerError> {
        let mut tally = Tally::default();
        let (mut rows, mut states) = (Vec::new(), Vec::new());
        let mut facets = Facets::default();
        // Of a case that begins here nothing was written that would have to go.
        let mut written = Vec::new();
        let (mut related, mut worded) = (Vec::new(), Vec::new());
        for Touched { entry, before, words } in touched {
            let key = int(entry.first);
            tally.change(before.as_ref().and_then(|before| before.counted.clone()), Kind::of(entry));
            rows.extend(row::values(entry, self.zone));
            let state = serde_json::to_string(entry).expect("a case has only texts as keys");
            states.push(vec![key.into(), entry.case.id.0.into(), state.into()]);
            written.extend(before.as_ref().map(|_| key));
            let relations = Facets::relating(entry);
            if before.as_ref().is_none_or(|before| before.relations != relations) {
                related.extend(before.as_ref().map(|_| key));
                facets.extend(relations);
            }
            if *words {
                worded.extend(before.as_ref().map(|_| key));
                facets.word(entry);
            }
        }
        insert(tx, statements::INSERT_STATES, &states, statements::REPLACE_STATES).await?;
        delete(tx, "cases", &written).await?;
        insert(tx, &format!("INSERT INTO cases ({}) VALUES", row::COLUMNS), &rows, "").await?;
        delete(tx, "relations", &related).await?;
        insert(tx, statements::INSERT_RELATIONS, &facets.relations, "").await?;
        delete(tx, "findings", &worded).await?;
        insert(tx, statements::INSERT_FINDINGS, &facets.findings, "").await?;
        delete(tx, "bands", &worded).await?;
        insert(tx, statements::INSERT_BANDS, &facets.bands, "").await?;
        insert(tx, statements::QUEUE_TEXTS, &facets.texts, statements::REPLACE_TEXTS).await?;
        let counts = tally.rows();
        if !counts.is_empty() {
            insert(tx, statements::INSERT_COUNTS, &counts, statements::ADD_COUNTS).await?;
            Sql::new(statements::DELETE_EMPTY_COUNTS, []).execute(tx).await?;
        }
        Ok(())
    }

    /// Writes whom the cases reach: those that something happened to, and those that the directory's change is about.
    async fn write_reach(&self, tx: &mut Tx<'_>, touched: &[Touched]) -> Result<(), LedgerError> {
        let directory = self.directory();
        let mut facets = Facets::default();
        let mut looked_at = BTreeSet::new();
        let mut entries = Vec::new();
        for Touched { entry, before, .. } in touched {
            let key = int(entry.first);
            looked_at.insert(key);
            let reach = Facets::reaching(entry, directory);
            if before.as_ref().is_none_or(|before| before.reach != reach) {
                entries.extend(before.as_ref().map(|_| key));
                facets.extend(reach);
            }
        }
        let units = self.units.iter().map(|unit| unit.0.into()).collect();
        let persons = self.persons.iter().map(|person| person.0.into()).collect();
        let mut about = load(tx, statements::STATES_WITH_UNITS, ")", units).await?;
        about.extend(load(tx, statements::STATES_WALLED_FROM, ")", persons).await?);
        for entry in about {
            if looked_at.insert(int(entry.first)) {
                entries.push(int(entry.first));
                facets.reach(&entry, directory);
            }
        }
        for (table, head, rows) in [
            ("case_units", statements::INSERT_UNITS, &facets.units),
            ("case_persons", statements::INSERT_PERSONS, &facets.persons),
            ("case_divisions", statements::INSERT_DIVISIONS, &facets.divisions),
            ("case_walls", statements::INSERT_WALLS, &facets.walls),
        ] {
            delete(tx, table, &entries).await?;
            insert(tx, head, rows, "").await?;
        }
        Ok(())
    }

    fn directory(&self) -> &Directory {
        self.changed.as_ref().unwrap_or(self.directory)
    }
}

/// Returns the cases that a statement finds by a list.
async fn load(
    tx: &mut Tx<'_>,
    statement: &'static str,
    ending: &'static str,
    list: Vec<Value>,
) -> Result<Vec<Entry>, LedgerError> {
    let mut entries = Vec::new();
    for list in list.chunks(VALUES) {
        let mut sql = Sql::new(statement, []);
        sql.list(list.iter().cloned()).push(ending);
        let sql = if list.len() > 1 { sql.once() } else { sql };
        let rows: Vec<StateRow> = sql.fetch_in(tx).await?;
        for (entry, state) in rows {
            let state = serde_json::from_str(&state).map_err(|_| inconsistent("case_state", "state", entry))?;
            entries.push(state);
        }
    }
    Ok(entries)
}
