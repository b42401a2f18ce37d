//! What a part of the log changes in the tables: rows and checkpoint in one transaction.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt as _;
use rectify_case::{Directory, LogId, PersonId, Position, UnitId, Zone};
use rectify_log::Tx;

use crate::changes::Changes;
use crate::error::LedgerError;
use crate::facets::Facets;
use crate::generation::{Generation, SHAPE, seconds_east};
use crate::signs::Signs;
use crate::sql::{Sql, Value, int};
use crate::tally::{Added, Tally};
use crate::waiting::{self, Act};
use crate::{dialect, state, statements, stored};

/// What a part of the log changes in the tables.
pub(crate) struct Batch {
    pub(crate) generation: Arc<Generation>,
    pub(crate) log: LogId,
    pub(crate) zone: Zone,
    pub(crate) from: Position,
    pub(crate) to: Position,
    /// Whether other processes are told.
    pub(crate) audible: bool,
    /// The directory after it.
    pub(crate) directory: Arc<Directory>,
    /// What happened to the directory, as rows.
    pub(crate) entered: Vec<Vec<Value>>,
    /// Units that were added or changed.
    pub(crate) units: BTreeSet<UnitId>,
    /// Persons who may lead another unit.
    pub(crate) persons: BTreeSet<PersonId>,
    /// Whether other offices register than before.
    pub(crate) registering: bool,
    /// The entries of the cases that something happened to.
    pub(crate) touched: HashSet<i64>,
    pub(crate) states: Replaced,
    pub(crate) cases: Replaced,
    /// New rows of the other tables.
    pub(crate) facets: Facets,
    /// The entries whose relations are written anew ...
    pub(crate) related: Vec<i64>,
    /// ... whose findings ...
    pub(crate) worded: Vec<i64>,
    /// ... whose audience ...
    pub(crate) reached: Vec<i64>,
    /// ... what they wait for.
    pub(crate) waiting: Vec<i64>,
    /// What its events show that may tell of a repair on paper only.
    pub(crate) signs: Signs,
    pub(crate) tally: Tally,
}

/// New rows of a table, and the entries whose old ones they replace.
#[derive(Debug, Default)]
pub(crate) struct Replaced {
    pub(crate) gone: Vec<i64>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// Whose audience is written anew and what waits for whom, and that of those of them that nothing else happened to.
struct Others {
    reached: Vec<i64>,
    waiting: Vec<i64>,
    facets: Facets,
}

/// How many cases of a batch are more than SQLite's few pages have room for.
const MANY: usize = 200;

impl Batch {
    /// Writes it, and returns how far the ledger is folded then. [`LedgerError::Overtaken`] when somebody else was faster.
    pub(crate) async fn write(mut self) -> Result<Position, LedgerError> {
        let start = Instant::now();
        let added = std::mem::take(&mut self.tally).rows();
        let db = self.generation.db.clone();
        db.transact("fold", |tx| self.write_in(tx, &added).boxed()).await?;
        metrics::histogram!("rectify_ledger_fold_seconds").record(start.elapsed());
        metrics::counter!("rectify_ledger_events_total").increment(self.to - self.from);
        Ok(self.to)
    }

    async fn write_in(&self, tx: &mut Tx<'_>, added: &Added) -> Result<(), LedgerError> {
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
        let much = matches!(tx, Tx::Sqlite(_)) && self.touched.len() > MANY;
        if much {
            Sql::new(dialect::KEEP_MORE_PAGES, []).execute(tx).await?;
        }
        self.write_directory(tx).await?;
        let mut others = self.reached_by_directory(tx).await?;
        self.waiting_by_directory(tx, &mut others).await?;
        self.changes(&others, added).write(tx).await?;
        for statement in &added.emptied {
            Sql::new(statement, []).execute(tx).await?;
        }
        if much {
            Sql::new(dialect::KEEP_FEWER_PAGES, []).execute(tx).await?;
        }
        if self.audible && matches!(tx, Tx::Postgres(_)) {
            Sql::new(dialect::RING, [self.to.to_string().into()]).execute(tx).await?;
        }
        Ok(())
    }

    async fn write_directory(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let mut changes = Changes::default();
        changes.insert(statements::INSERT_DIRECTORY, &self.entered);
        let above: Vec<_>;
        if !self.units.is_empty() {
            Sql::new(statements::DELETE_ABOVE, []).execute(tx).await?;
            let directory = &self.directory;
            let row = |unit: UnitId| move |above: UnitId| vec![Value::from(unit.0), above.0.into()];
            above = directory.units().flat_map(|unit| directory.upward(unit.id).map(row(unit.id))).collect();
            changes.insert(statements::INSERT_ABOVE, &above);
        }
        changes.write(tx).await?;
        Ok(())
    }

    /// Returns whom the cases reach that the directory's change is about, besides those that something happened to.
    async fn reached_by_directory(&self, tx: &mut Tx<'_>) -> Result<Others, LedgerError> {
        let mut about = state::with_units(tx, self.units.iter().copied()).await?;
        about.extend(state::walled_from(tx, self.persons.iter().copied()).await?);
        let mut looked_at = self.touched.clone();
        let (reached, waiting) = (self.reached.clone(), self.waiting.clone());
        let mut others = Others { reached, waiting, facets: Facets::default() };
        for entry in about {
            if looked_at.insert(int(entry.first)) {
                others.reached.push(int(entry.first));
                others.facets.reach(&entry, &self.directory);
            }
        }
        Ok(others)
    }

    /// Adds what waits to be registered, besides what something happened to, where other offices do so than before.
    async fn waiting_by_directory(&self, tx: &mut Tx<'_>, others: &mut Others) -> Result<(), LedgerError> {
        if !self.registering {
            return Ok(());
        }
        let rows: Vec<(i64, Option<i64>, Option<String>, bool)> =
            Sql::new(statements::CASES_TO_REGISTER, []).fetch_in(tx).await?;
        for (entry, due, division, walled) in rows {
            if self.touched.contains(&entry) {
                continue;
            }
            others.waiting.push(entry);
            let division = division.and_then(|division| division.parse().ok());
            if let Some(office) = waiting::registering(division.as_ref(), &self.directory) {
                others.facets.wait(entry, (Act::Register, office), due, division.as_ref(), walled);
            }
        }
        Ok(())
    }

    /// Returns what changes in the tables of the cases.
    fn changes<'a>(&'a self, others: &'a Others, added: &'a Added) -> Changes<'a> {
        let mut changes = Changes::default();
        changes.delete("case_state", &self.states.gone);
        changes.insert(statements::INSERT_STATES, &self.states.rows);
        changes.delete("cases", &self.cases.gone);
        changes.insert(&format!("INSERT INTO cases ({}) VALUES", stored::COLUMNS), &self.cases.rows);
        changes.delete("relations", &self.related);
        changes.insert(statements::INSERT_RELATIONS, &self.facets.relations);
        for (table, head, rows) in [
            ("findings", statements::INSERT_FINDINGS, &self.facets.findings),
            ("bands", statements::INSERT_BANDS, &self.facets.bands),
            ("search_queue", statements::QUEUE_TEXTS, &self.facets.texts),
        ] {
            changes.delete(table, &self.worded);
            changes.insert(head, rows);
        }
        let Others { reached, waiting, facets: others } = others;
        for (table, entries, head, own, others) in [
            ("case_units", reached, statements::INSERT_UNITS, &self.facets.units, &others.units),
            ("case_persons", reached, statements::INSERT_PERSONS, &self.facets.persons, &others.persons),
            ("case_divisions", reached, statements::INSERT_DIVISIONS, &self.facets.divisions, &others.divisions),
            ("case_walls", reached, statements::INSERT_WALLS, &self.facets.walls, &others.walls),
            ("case_waits", waiting, statements::INSERT_WAITS, &self.facets.waits, &others.waits),
        ] {
            changes.delete(table, entries);
            changes.insert(head, own);
            changes.insert(head, others);
        }
        changes.insert(statements::INSERT_SIGNS, &self.signs.rows);
        changes.insert(statements::INSERT_TOLD, &self.signs.told);
        changes.add(statements::INSERT_COUNTS, &added.counts, statements::ADD_COUNTS);
        changes.add(statements::INSERT_FLOWS, &added.flows, statements::ADD_FLOWS);
        changes.add(statements::INSERT_CLOSURES, &added.closures, statements::ADD_CLOSURES);
        changes
    }
}
