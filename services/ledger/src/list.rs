//! Lists of cases, page by page.

use chrono::{DateTime, Utc};
use rectify_case::{CaseId, CaseNumber, Position};
use rectify_log::Db;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::filter::Filter;
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::row::{Row, SHOWN, Stored};
use crate::sort::{Key, Sort};
use crate::sql::Sql;
use crate::statements;

/// What of the ledger is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Which cases.
    pub filter: Filter,
    /// In which order. With a text, cases that hold it as it stands come first.
    pub sort: Sort,
    /// After which page: its `next`.
    pub cursor: Option<String>,
    /// At most how many; 0 asks for none, which is enough for a total.
    pub limit: u32,
    /// Whether the number of all such cases is asked for.
    pub total: bool,
}

/// Some rows of the ledger, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// What to ask with for those after them; none where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// How many there are on all pages, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// How far the log was folded when they were read, or further.
    pub position: Position,
}

/// The most rows of one page.
pub const LONGEST_PAGE: u32 = 1_000;

/// Where a page ends: in which order, whether its last row holds the phrase (0) or not (1), its key and its entry.
#[derive(Serialize, Deserialize)]
struct Cursor {
    sort: Sort,
    phrase: i64,
    key: CursorKey,
    entry: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum CursorKey {
    Int(i64),
    Text(String),
}

/// A row with what it is ordered by.
#[derive(Debug, sqlx::FromRow)]
struct Placed {
    #[sqlx(flatten)]
    row: Stored,
    phrase: i64,
    int_key: Option<i64>,
    text_key: Option<String>,
}

impl Ledger {
    /// Returns the cases that are asked for and may reach a viewer, at most 1,000 on a page.
    ///
    /// Whoever follows `next` to the end gets every case whose place in the order did not change meanwhile exactly once.
    pub async fn list(&self, viewer: &Viewer, wanted: &Wanted, now: DateTime<Utc>) -> Result<Page, LedgerError> {
        let generation = self.serving().await?;
        let position = generation.checkpoint().await?.position;
        let total = if wanted.total {
            let mut sql = Sql::new("SELECT count(*) FROM cases AS c WHERE ", []);
            viewer.push(&mut sql);
            wanted.filter.push(&mut sql, &generation.db, now);
            let row: Option<(i64,)> = sql.once().fetch_optional(&generation.db).await?;
            row.and_then(|(count,)| u64::try_from(count).ok())
        } else {
            None
        };
        let limit = wanted.limit.min(LONGEST_PAGE);
        if limit == 0 {
            return Ok(Page { rows: Vec::new(), next: None, total, position });
        }
        let sql = wanted.select(viewer, &generation.db, limit, now)?;
        let mut placed: Vec<Placed> = sql.once().fetch_all(&generation.db).await?;
        let more = placed.len() > limit as usize;
        placed.truncate(limit as usize);
        let next = placed.last().filter(|_| more).map(|last| last.cursor(wanted.sort));
        let rows = placed.into_iter().map(|placed| placed.row.into_row(now)).collect::<Result<_, _>>()?;
        Ok(Page { rows, next, total, position })
    }

    /// Returns one case, if it may reach a viewer.
    pub async fn case(&self, viewer: &Viewer, id: CaseId, now: DateTime<Utc>) -> Result<Option<Row>, LedgerError> {
        Ok(self.cases(viewer, [id], now).await?.pop())
    }

    /// Returns those of some cases that may reach a viewer, oldest first.
    pub(crate) async fn cases(
        &self,
        viewer: &Viewer,
        ids: impl IntoIterator<Item = CaseId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Row>, LedgerError> {
        let generation = self.serving().await?;
        let mut sql = Sql::new("SELECT ", []);
        sql.push(SHOWN).push(" FROM cases AS c WHERE c.id IN ").list(ids.into_iter().map(|id| id.0)).push(" AND ");
        viewer.push(&mut sql);
        sql.push(" ORDER BY c.entry");
        let rows: Vec<Stored> = sql.once().fetch_all(&generation.db).await?;
        rows.into_iter().map(|row| row.into_row(now)).collect()
    }

    /// Returns the case that has a number. Whether it may be shown is not asked here.
    pub async fn resolve(&self, number: &CaseNumber) -> Result<Option<CaseId>, LedgerError> {
        let generation = self.serving().await?;
        let numbered = Sql::new(statements::CASE_NUMBERED, [number.to_string().into()]);
        let row: Option<(Uuid,)> = numbered.fetch_optional(&generation.db).await?;
        Ok(row.map(|(id,)| CaseId(id)))
    }
}

impl Wanted {
    fn select(&self, viewer: &Viewer, db: &Db, limit: u32, now: DateTime<Utc>) -> Result<Sql, LedgerError> {
        let key = self.sort.by.key();
        // What is the same for all is no order: SQLite would look at every case for it.
        let ranked = self.filter.phrase().is_some();
        let mut sql = Sql::new("SELECT * FROM (SELECT ", []);
        sql.push(SHOWN);
        match self.filter.phrase() {
            Some(phrase) => {
                sql.push(", CASE WHEN c.words LIKE ").bind(format!("%{phrase}%")).push(" THEN 0 ELSE 1 END")
            }
            None => sql.push(", 0"),
        };
        // A bare number is a narrower integer on PostgreSQL.
        sql.push(" + CAST(0 AS BIGINT) AS phrase, ");
        match key {
            Key::Int(int) => sql.push(int).push(" AS int_key, CAST(NULL AS TEXT) AS text_key"),
            Key::Text(text) => sql.push("CAST(NULL AS BIGINT) AS int_key, ").push(text).push(" AS text_key"),
        };
        sql.push(" FROM cases AS c WHERE ");
        viewer.push(&mut sql);
        self.filter.push(&mut sql, db, now);
        sql.push(") AS p");
        let (name, forward) = match key {
            Key::Int(_) => ("int_key", !self.sort.descending),
            Key::Text(_) => ("text_key", !self.sort.descending),
        };
        let (after, order) = if forward { (" > ", " ASC") } else { (" < ", " DESC") };
        if let Some(cursor) = &self.cursor {
            let cursor = read(cursor).filter(|cursor| cursor.sort == self.sort).ok_or(LedgerError::BadCursor)?;
            sql.push(" WHERE ");
            if ranked {
                sql.push("phrase > ").bind(cursor.phrase).push(" OR phrase = ").bind(cursor.phrase).push(" AND ");
            }
            sql.push("(").push(name).push(", entry)").push(after).push("(");
            match (key, cursor.key) {
                (Key::Int(_), CursorKey::Int(key)) => sql.bind(key),
                (Key::Text(_), CursorKey::Text(key)) => sql.bind(key),
                (Key::Int(_), CursorKey::Text(_)) | (Key::Text(_), CursorKey::Int(_)) => {
                    return Err(LedgerError::BadCursor);
                }
            };
            sql.push(", ").bind(cursor.entry).push(")");
        }
        sql.push(" ORDER BY ")
            .push(if ranked { "phrase, " } else { "" })
            .push(name)
            .push(order)
            .push(", entry")
            .push(order);
        sql.push(" LIMIT ").bind(i64::from(limit) + 1);
        Ok(sql)
    }
}

impl Placed {
    fn cursor(&self, sort: Sort) -> String {
        let key = match (&self.text_key, self.int_key) {
            (Some(text), _) => CursorKey::Text(text.clone()),
            (None, int) => CursorKey::Int(int.unwrap_or_default()),
        };
        let cursor = Cursor { sort, phrase: self.phrase, key, entry: self.row.entry };
        hex::encode(serde_json::to_vec(&cursor).expect("a cursor is numbers and texts"))
    }
}

fn read(cursor: &str) -> Option<Cursor> {
    serde_json::from_slice(&hex::decode(cursor).ok()?).ok()
}
