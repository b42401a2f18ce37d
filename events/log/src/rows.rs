//! Rows of tables as text, for what no event tells: a backup takes them along as they are, and puts them back.

use std::collections::BTreeSet;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use crate::db::{Db, DbError, Tx};
use crate::{dialect, on};

/// A table that is kept.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns that its rows are ordered by.
    pub key: &'static str,
    /// All its columns.
    pub columns: &'static [(&'static str, Kind)],
}

/// What a column holds, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identity.
    Id,
    /// Bytes.
    Bytes,
    /// A text.
    Text,
    /// A whole number.
    Int,
    /// An instant.
    Time,
    /// Yes or no.
    Flag,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// The table.
    pub table: String,
    /// Its columns by name: identities and bytes as hexadecimal digits, instants as RFC 3339.
    pub row: Map<String, Value>,
}

/// Why a row cannot be put back.
#[derive(Debug, thiserror::Error)]
pub enum BadRow {
    /// There is no such table.
    #[error("there is no table {0:?}")]
    Table(String),
    /// It has other columns than the table.
    #[error("{table} has not the columns {found:?}")]
    Columns {
        /// The table.
        table: String,
        /// The columns of the row.
        found: Vec<String>,
    },
    /// A column holds what it cannot.
    #[error("{table}.{column} cannot hold {found}")]
    Value {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What is there.
        found: String,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sqlx::Error> for BadRow {
    fn from(error: sqlx::Error) -> Self {
        BadRow::Db(error.into())
    }
}

impl Kind {
    /// Returns what selects a column, whatever width its numbers have.
    fn selected(self, name: &str) -> String {
        if self == Kind::Int { format!("CAST({name} AS BIGINT) AS {name}") } else { name.to_owned() }
    }
}

/// A value of a column.
enum Cell {
    Id(Option<Uuid>),
    Bytes(Option<Vec<u8>>),
    Text(Option<String>),
    Int(Option<i64>),
    Time(Option<DateTime<Utc>>),
    Flag(Option<bool>),
}

/// Returns the columns that a database on SQLite has and no such table, and those of tables that it has not; nothing where
/// all of it is kept, but for what is named as not kept.
pub async fn forgotten(db: &Db, tables: &[Table], not_kept: &[&str]) -> Result<Vec<String>, DbError> {
    let Db::Sqlite(pool) = db else { return Ok(Vec::new()) };
    let made: Vec<(String, String)> = sqlx::query_as(dialect::SQLITE_COLUMNS).fetch_all(pool).await?;
    let made = made.into_iter().filter(|(table, _)| !not_kept.contains(&table.as_str()));
    let made: BTreeSet<String> = made.map(|(table, column)| format!("{table}.{column}")).collect();
    let kept =
        tables.iter().flat_map(|table| table.columns.iter().map(|(column, _)| format!("{}.{column}", table.name)));
    Ok(made.symmetric_difference(&kept.collect()).cloned().collect())
}

/// Returns every row of tables, as a transaction sees them.
pub async fn export(tx: &mut Tx<'_>, tables: &[Table]) -> Result<Vec<Kept>, sqlx::Error> {
    let mut kept = Vec::new();
    for table in tables {
        let columns: Vec<String> = table.columns.iter().map(|(name, kind)| kind.selected(name)).collect();
        let select = format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), table.name, table.key);
        on!(Tx, tx, conn => {
            for row in sqlx::query(AssertSqlSafe(select)).fetch_all(&mut **conn).await? {
                let mut cells = Map::new();
                for (column, kind) in table.columns {
                    let cell = match kind {
                        Kind::Id => Cell::Id(row.try_get(column)?),
                        Kind::Bytes => Cell::Bytes(row.try_get(column)?),
                        Kind::Text => Cell::Text(row.try_get(column)?),
                        Kind::Int => Cell::Int(row.try_get(column)?),
                        Kind::Time => Cell::Time(row.try_get(column)?),
                        Kind::Flag => Cell::Flag(row.try_get(column)?),
                    };
                    cells.insert((*column).to_owned(), cell.into());
                }
                kept.push(Kept { table: table.name.to_owned(), row: cells });
            }
        });
    }
    Ok(kept)
}

/// Puts rows into tables that have none of them.
pub async fn import(tx: &mut Tx<'_>, tables: &[Table], rows: &[Kept]) -> Result<(), BadRow> {
    for row in rows {
        let (table, cells) = row.cells(tables)?;
        let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        let places: Vec<String> = (1..=columns.len()).map(|place| format!("${place}")).collect();
        let insert = format!("INSERT INTO {} ({}) VALUES ({})", table.name, columns.join(", "), places.join(", "));
        on!(Tx, tx, conn => {
            let mut query = sqlx::query(AssertSqlSafe(insert));
            for cell in cells {
                query = match cell {
                    Cell::Id(id) => query.bind(id),
                    Cell::Bytes(bytes) => query.bind(bytes),
                    Cell::Text(text) => query.bind(text),
                    Cell::Int(int) => query.bind(int),
                    Cell::Time(time) => query.bind(time),
                    Cell::Flag(flag) => query.bind(flag),
                };
            }
            query.execute(&mut **conn).await?;
        });
    }
    Ok(())
}

impl Kept {
    /// Says why no table can take the row, if none can.
    pub fn check(&self, tables: &[Table]) -> Result<(), BadRow> {
        self.cells(tables).map(drop)
    }

    fn cells<'a>(&self, tables: &'a [Table]) -> Result<(&'a Table, Vec<Cell>), BadRow> {
        let table = tables.iter().find(|table| table.name == self.table);
        let table = table.ok_or_else(|| BadRow::Table(self.table.clone()))?;
        let fits = self.row.len() == table.columns.len()
            && table.columns.iter().all(|(column, _)| self.row.contains_key(*column));
        if !fits {
            return Err(BadRow::Columns { table: self.table.clone(), found: self.row.keys().cloned().collect() });
        }
        let cells = table.columns.iter().map(|(column, kind)| {
            let value = self.row.get(*column).unwrap_or(&Value::Null);
            let bad = || BadRow::Value { table: table.name, column, found: value.to_string() };
            Cell::read(*kind, value).ok_or_else(bad)
        });
        Ok((table, cells.collect::<Result<_, _>>()?))
    }
}

impl Cell {
    fn read(kind: Kind, value: &Value) -> Option<Cell> {
        #[expect(clippy::option_option, reason = "a column may hold nothing, and a value may be none that it can hold")]
        fn optional<T>(value: &Value, read: impl FnOnce(&Value) -> Option<T>) -> Option<Option<T>> {
            if value.is_null() { Some(None) } else { read(value).map(Some) }
        }
        Some(match kind {
            Kind::Id => Cell::Id(optional(value, |value| value.as_str()?.parse().ok())?),
            Kind::Bytes => Cell::Bytes(optional(value, |value| hex::decode(value.as_str()?).ok())?),
            Kind::Text => Cell::Text(optional(value, |value| value.as_str().map(str::to_owned))?),
            Kind::Int => Cell::Int(optional(value, Value::as_i64)?),
            Kind::Time => Cell::Time(optional(value, |value| value.as_str()?.parse().ok())?),
            Kind::Flag => Cell::Flag(optional(value, Value::as_bool)?),
        })
    }
}

impl From<Cell> for Value {
    fn from(cell: Cell) -> Value {
        match cell {
            Cell::Id(id) => id.map(|id| id.to_string()).into(),
            Cell::Bytes(bytes) => bytes.map(hex::encode).into(),
            Cell::Text(text) => text.into(),
            Cell::Int(int) => int.into(),
            Cell::Time(time) => time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true)).into(),
            Cell::Flag(flag) => flag.into(),
        }
    }
}
