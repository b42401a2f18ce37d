//! Everything a ledger holds, as text, so that two folds of one log can be compared.

use rectify_log::Db;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::sql::Sql;

/// A table: its name, the columns it is ordered by, and all its columns with their kind.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) key: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Id,
    Flag,
}

use Kind::{Flag, Id, Int, Text};

/// Every table that the fold writes, but for the texts that wait for the indexer and the index itself, which come a moment
/// later.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "checkpoint",
        key: "one",
        columns: &[("one", Int), ("log", Id), ("position", Int), ("shape", Int), ("zone", Int)],
    },
    Table { name: "directory", key: "position", columns: &[("position", Int), ("event", Text)] },
    Table { name: "above", key: "above, unit", columns: &[("unit", Id), ("above", Id)] },
    Table {
        name: "cases",
        key: "entry",
        columns: &[
            ("entry", Int),
            ("id", Id),
            ("version", Int),
            ("position", Int),
            ("opened", Int),
            ("updated", Int),
            ("stage", Text),
            ("live", Flag),
            ("number", Text),
            ("number_order", Text),
            ("old_number", Text),
            ("carried_over", Flag),
            ("declared", Flag),
            ("title", Text),
            ("place", Text),
            ("words", Text),
            ("source", Text),
            ("division", Text),
            ("severity", Int),
            ("class", Text),
            ("walled", Flag),
            ("office", Id),
            ("lead", Id),
            ("due", Int),
            ("due_day", Text),
            ("outcome", Text),
            ("listed", Flag),
            ("extension", Flag),
            ("level", Int),
            ("holder", Id),
            ("parent", Id),
            ("parts", Int),
            ("discovered", Text),
            ("discovered_on", Text),
            ("registered", Text),
            ("registered_on", Text),
            ("reported", Text),
            ("reported_on", Text),
            ("closed", Text),
            ("closed_on", Text),
            ("elapsed", Int),
            ("returns", Int),
            ("reopenings", Int),
            ("pressed", Int),
            ("missed", Int),
            ("repeated", Int),
            ("late_entries", Int),
            ("unplaced", Int),
        ],
    },
    Table { name: "case_state", key: "entry", columns: &[("entry", Int), ("id", Id), ("state", Text)] },
    Table {
        name: "case_units",
        key: "entry, unit, part",
        columns: &[("entry", Int), ("unit", Id), ("part", Text), ("due", Int), ("live", Flag), ("walled", Flag)],
    },
    Table {
        name: "case_persons",
        key: "entry, person",
        columns: &[("entry", Int), ("person", Id), ("due", Int), ("live", Flag), ("walled", Flag)],
    },
    Table { name: "case_divisions", key: "entry, division", columns: &[("entry", Int), ("division", Text)] },
    Table {
        name: "case_walls",
        key: "entry, kind, walled",
        columns: &[("entry", Int), ("kind", Text), ("walled", Id)],
    },
    Table {
        name: "case_waits",
        key: "entry, act, unit",
        columns: &[("entry", Int), ("act", Text), ("unit", Id), ("due", Int), ("division", Text), ("walled", Flag)],
    },
    Table {
        name: "findings",
        key: "entry, id",
        columns: &[
            ("entry", Int),
            ("id", Id),
            ("document", Text),
            ("item", Text),
            ("division", Text),
            ("place", Text),
            ("words", Text),
        ],
    },
    Table { name: "bands", key: "entry, band", columns: &[("entry", Int), ("band", Int)] },
    Table { name: "relations", key: "entry, kind, other", columns: &[("entry", Int), ("kind", Text), ("other", Id)] },
    Table {
        name: "counts",
        key: "stage, source, division, lead, outcome, declared",
        columns: &[
            ("stage", Text),
            ("source", Text),
            ("division", Text),
            ("lead", Id),
            ("outcome", Text),
            ("declared", Flag),
            ("cases", Int),
            ("returned", Int),
            ("reopened", Int),
        ],
    },
    Table {
        name: "flows",
        key: "what, month, division, lead",
        columns: &[("what", Text), ("month", Text), ("division", Text), ("lead", Id), ("cases", Int)],
    },
    Table {
        name: "closures",
        key: "year, division, days",
        columns: &[("year", Int), ("division", Text), ("days", Int), ("cases", Int)],
    },
    Table {
        name: "signs",
        key: "position, kind, mark",
        columns: &[
            ("position", Int),
            ("kind", Text),
            ("mark", Text),
            ("entry", Int),
            ("version", Int),
            ("unit", Id),
            ("day", Text),
            ("other_day", Text),
            ("report", Int),
            ("seconds", Int),
        ],
    },
    Table { name: "told", key: "position", columns: &[("position", Int), ("entry", Int), ("words", Text)] },
];

impl Ledger {
    /// Returns every row of every table that the fold writes, a line each: table by table, in the order of their keys.
    ///
    /// Two ledgers that were folded from the same log to the same position give the same lines, on one database; the
    /// index is not among them.
    pub async fn dump(&self) -> Result<Vec<String>, LedgerError> {
        let generation = self.serving().await?;
        let mut lines = Vec::new();
        for table in TABLES {
            let rows: Vec<(String,)> = Sql::new(&table.select(&generation.db), []).fetch_all(&generation.db).await?;
            lines.extend(rows.into_iter().map(|(row,)| format!("{} {row}", table.name)));
        }
        Ok(lines)
    }
}

impl Table {
    /// Returns the statement that selects its rows as texts.
    pub(crate) fn select(&self, db: &Db) -> String {
        let columns = self.columns.iter().map(|(name, kind)| {
            let text = match (kind, db) {
                (Kind::Int, _) => format!("CAST({name} AS TEXT)"),
                (Kind::Text, _) => name.to_string(),
                (Kind::Flag, _) => format!("CASE WHEN {name} THEN 'true' ELSE 'false' END"),
                (Kind::Id, Db::Postgres(_)) => format!("replace(CAST({name} AS TEXT), '-', '')"),
                (Kind::Id, Db::Sqlite(_)) => format!("lower(hex({name}))"),
            };
            format!("coalesce({text}, '-')")
        });
        let columns: Vec<String> = columns.collect();
        format!("SELECT {} FROM {} ORDER BY {}", columns.join(" || ' | ' || "), self.name, self.key)
    }
}
