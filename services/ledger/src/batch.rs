//! What a part of the log changes in the tables: rows and checkpoint in one transaction.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Instant;

use futures::FutureExt as _;
use rectify_case::{Directory, LogId, PersonId, Position, UnitId, Zone};
use rectify_log::Tx;

use crate::error::LedgerError;
use crate::facets::Facets;
use crate::generation::{Generation, SHAPE, seconds_east};
use crate::sql::{Sql, Value, add, delete, insert, int};
use crate::tally::Tally;
use crate::{dialect, row, state, statements};

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
    /// ... whose audience.
    pub(crate) reached: Vec<i64>,
    pub(crate) tally: Tally,
}

/// New rows of a table, and the entries whose old ones they replace.
#[derive(Debug, Default)]
pub(crate) struct Replaced {
    pub(crate) gone: Vec<i64>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// How many cases of a batch are more than SQLite's few pages have room for.
const MANY: usize = 200;

impl Batch {
    /// Writes it, and returns how far the ledger is folded then. [`LedgerError::Overtaken`] when somebody else was faster.
    pub(crate) async fn write(mut self) -> Result<Position, LedgerError> {
        let start = Instant::now();
        let counts = std::mem::take(&mut self.tally).rows();
        let db = self.generation.db.clone();
        db.transact("fold", |tx| self.write_in(tx, &counts).boxed()).await?;
        metrics::histogram!("rectify_ledger_fold_seconds").record(start.elapsed());
        metrics::counter!("rectify_ledger_events_total").increment(self.to - self.from);
        Ok(self.to)
    }

    async fn write_in(&self, tx: &mut Tx<'_>, counts: &[Vec<Value>]) -> Result<(), LedgerError> {
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
        self.write_cases(tx).await?;
        self.write_reach(tx).await?;
        write_counts(tx, counts).await?;
        if much {
            Sql::new(dialect::KEEP_FEWER_PAGES, []).execute(tx).await?;
        }
        if self.audible && matches!(tx, Tx::Postgres(_)) {
            Sql::new(dialect::RING, [self.to.to_string().into()]).execute(tx).await?;
        }
        Ok(())
    }

    async fn write_directory(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        insert(tx, statements::INSERT_DIRECTORY, &self.entered).await?;
        if !self.units.is_empty() {
            let directory = &self.directory;
            let above = directory
                .units()
                .flat_map(|unit| directory.upward(unit.id).map(|above| vec![Value::from(unit.id.0), above.0.into()]));
            Sql::new(statements::DELETE_ABOVE, []).execute(tx).await?;
            insert(tx, statements::INSERT_ABOVE, &above.collect::<Vec<_>>()).await?;
        }
        Ok(())
    }

    async fn write_cases(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let Facets { relations, findings, bands, texts, .. } = &self.facets;
        delete(tx, "case_state", &self.states.gone).await?;
        insert(tx, statements::INSERT_STATES, &self.states.rows).await?;
        delete(tx, "cases", &self.cases.gone).await?;
        insert(tx, &format!("INSERT INTO cases ({}) VALUES", row::COLUMNS), &self.cases.rows).await?;
        delete(tx, "relations", &self.related).await?;
        insert(tx, statements::INSERT_RELATIONS, relations).await?;
        delete(tx, "findings", &self.worded).await?;
        insert(tx, statements::INSERT_FINDINGS, findings).await?;
        delete(tx, "bands", &self.worded).await?;
        insert(tx, statements::INSERT_BANDS, bands).await?;
        delete(tx, "search_queue", &self.worded).await?;
        insert(tx, statements::QUEUE_TEXTS, texts).await?;
        Ok(())
    }

    /// Writes whom the cases reach: those that something happened to, and those that the directory's change is about.
    async fn write_reach(&self, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
        let mut about = state::with_units(tx, self.units.iter().copied()).await?;
        about.extend(state::walled_from(tx, self.persons.iter().copied()).await?);
        let mut looked_at = self.touched.clone();
        let mut others = Facets::default();
        let mut entries = self.reached.clone();
        for entry in about {
            if looked_at.insert(int(entry.first)) {
                entries.push(int(entry.first));
                others.reach(&entry, &self.directory);
            }
        }
        let Facets { units, persons, divisions, walls, .. } = &self.facets;
        for (table, head, rows, others) in [
            ("case_units", statements::INSERT_UNITS, units, &others.units),
            ("case_persons", statements::INSERT_PERSONS, persons, &others.persons),
            ("case_divisions", statements::INSERT_DIVISIONS, divisions, &others.divisions),
            ("case_walls", statements::INSERT_WALLS, walls, &others.walls),
        ] {
            delete(tx, table, &entries).await?;
            insert(tx, head, rows).await?;
            insert(tx, head, others).await?;
        }
        Ok(())
    }
}

async fn write_counts(tx: &mut Tx<'_>, counts: &[Vec<Value>]) -> Result<(), LedgerError> {
    if !counts.is_empty() {
        add(tx, statements::INSERT_COUNTS, counts, statements::ADD_COUNTS).await?;
        Sql::new(statements::DELETE_EMPTY_COUNTS, []).execute(tx).await?;
    }
    Ok(())
}
