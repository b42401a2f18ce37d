//! Lists of cases, page by page.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use futures::FutureExt as _;
use rectify_case::{Case, CaseId, CaseNumber, Position, Role, UnitId};
use rectify_log::Db;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::duties::Duties;
use crate::error::{LedgerError, inconsistent};
use crate::filter::Filter;
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::remembered::{AsOf, remembered};
use crate::row::{Row, Wait};
use crate::searched::Found;
use crate::soonest::{First, Soonest};
use crate::sort::{Key, Sort, SortBy};
use crate::sql::{Sql, VALUES, int};
use crate::stored::{SHOWN, Stored, named};
use crate::{dialect, state, statements};

/// What of the ledger is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Which cases.
    pub filter: Filter,
    /// Only what waits for somebody who holds these roles, each in a unit (待办): for one of the acts of the filter, where
    /// that names any.
    pub waits_for: Option<Vec<(UnitId, Role)>>,
    /// In which order: by `due`, what waits for somebody comes by its urgency, what is late first and what has no deadline
    /// last. With a text, cases that hold it as it stands come first.
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

/// How urgent what waits for somebody is: when it is late, and last what never is, also where it had a deadline once.
const URGENCY: &str = "CASE WHEN c.live THEN coalesce(c.due, 9223372036854775807) ELSE 9223372036854775807 END";

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

/// A row with what it is ordered by, and how many there are where they are counted as they are listed.
#[derive(Debug, sqlx::FromRow)]
struct Placed {
    #[sqlx(flatten)]
    row: Stored,
    phrase: i64,
    int_key: Option<i64>,
    text_key: Option<String>,
    total: i64,
}

impl Ledger {
    /// Returns the cases that are asked for and may reach a viewer, at most 1,000 on a page.
    ///
    /// Whoever follows `next` to the end gets every case whose place in the order did not change meanwhile exactly once.
    pub async fn list(&self, viewer: &Viewer, wanted: &Wanted, now: DateTime<Utc>) -> Result<Page, LedgerError> {
        let generation = self.serving().await?;
        let limit = wanted.limit.min(LONGEST_PAGE);
        let found = match &wanted.filter.text {
            Some(text) if limit > 0 => Some(Found::of(&generation, text).await?),
            Some(_) | None => None,
        };
        let as_of = match &found {
            Some(found) => AsOf::at(&generation, found.position, now),
            None => AsOf::of(&generation, now).await?,
        };
        let position = as_of.position;
        let duties = match &wanted.waits_for {
            Some(capacities) => Some(Duties::of(&generation.db, capacities).await?),
            None => None,
        };
        let (db, duties, filter) = (&generation.db, duties.as_ref(), &wanted.filter);
        // Who sees few cases looks for a text in those.
        let way = if filter.text.is_some() && !viewer.has_only_own() { Way::Searched } else { Way::Gathered };
        let mut asked = Asked { wanted, viewer, duties, db, now, way };
        let few = found.as_ref().and_then(|found| found.few.as_deref());
        // Few are counted as they are listed.
        let is_counted = wanted.total && few.is_none();
        let mut total = if is_counted { Some(self.total(&asked, as_of).await?) } else { None };
        if limit == 0 {
            return Ok(Page { rows: Vec::new(), next: None, total, position });
        }
        let is_by_due = duties.is_none() && wanted.sort.by == SortBy::Due;
        let soonest = if is_by_due { Soonest::of(filter, viewer, now) } else { None };
        asked.way = match (few, soonest, total) {
            (Some(entries), ..) => Way::Few(entries),
            (None, Some(soonest), _) => Way::Soonest(soonest),
            // What waits is found by what it waits for, and what is ranked is looked at as a whole.
            (None, None, Some(total)) if duties.is_none() && filter.ranked_by().is_none() => {
                let usual = filter.is_usual();
                let gathered = if usual { self.counts_as_of(&generation, viewer, as_of).await?.total } else { total };
                if is_dense((total, gathered), counted(db).await?, limit) { Way::InOrder } else { Way::Gathered }
            }
            (None, None, Some(_) | None) => way,
        };
        let sql = asked.select(limit)?;
        let mut placed: Vec<Placed> = sql.fetch_all(db).await?;
        let more = placed.len() > limit as usize;
        if wanted.total && few.is_some() {
            total = Some(match placed.first() {
                Some(first) => first.total.try_into().unwrap_or(0),
                None if wanted.cursor.is_none() => 0,
                None => self.total(&asked, as_of).await?,
            });
        }
        placed.truncate(limit as usize);
        let next = placed.last().filter(|_| more).map(|last| last.cursor(wanted.sort));
        let mut waits = asked.waits(placed.iter().map(|placed| placed.row.entry)).await?;
        let rows = placed.into_iter().map(|placed| {
            let waits = waits.remove(&placed.row.entry).unwrap_or_default();
            placed.row.into_row(now).map(|row| Row { waits, ..row })
        });
        let rows = rows.collect::<Result<_, _>>()?;
        Ok(Page { rows, next, total, position })
    }

    /// Returns every case that a filter finds and that may reach a viewer, by its number.
    pub async fn every(&self, viewer: &Viewer, filter: &Filter, now: DateTime<Utc>) -> Result<Vec<Row>, LedgerError> {
        let sort = Sort { by: SortBy::Number, descending: false };
        let mut wanted = Wanted { filter: filter.clone(), sort, limit: LONGEST_PAGE, ..Wanted::default() };
        let mut rows = Vec::new();
        loop {
            let page = self.list(viewer, &wanted, now).await?;
            rows.extend(page.rows);
            wanted.cursor = page.next;
            if wanted.cursor.is_none() {
                return Ok(rows);
            }
        }
    }

    /// Returns how many there are of what is asked for.
    async fn total(&self, asked: &Asked<'_>, as_of: AsOf) -> Result<u64, LedgerError> {
        let sql = Asked { now: as_of.now, ..*asked }.count();
        let told = sql.told();
        let counting = async move {
            let row: Option<(i64,)> = sql.once().fetch_optional(asked.db).await?;
            Ok(row.and_then(|(count,)| u64::try_from(count).ok()).unwrap_or(0))
        };
        // A text is found a moment after it was folded.
        if asked.wanted.filter.text.is_some() && is_text_waiting(asked.db).await? {
            return counting.await;
        }
        remembered(&self.remembered().totals, (as_of, told), counting.boxed()).await
    }

    /// Returns one case, if it may reach a viewer.
    pub async fn case(&self, viewer: &Viewer, id: CaseId, now: DateTime<Utc>) -> Result<Option<Row>, LedgerError> {
        Ok(self.cases(viewer, [id], now).await?.pop())
    }

    /// Returns those of some cases that may reach a viewer, oldest first.
    pub async fn cases(
        &self,
        viewer: &Viewer,
        ids: impl IntoIterator<Item = CaseId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Row>, LedgerError> {
        let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let generation = self.serving().await?;
        let mut sql = Sql::new("SELECT ", []);
        sql.push(SHOWN).push(" FROM cases AS c WHERE c.id IN ").list(ids).push(" AND ");
        viewer.push_each(&mut sql);
        sql.push(" ORDER BY c.entry");
        let rows: Vec<Stored> = sql.once().fetch_all(&generation.db).await?;
        rows.into_iter().map(|row| row.into_row(now)).collect()
    }

    /// Returns every case that may reach a viewer, by id only.
    pub async fn seen(&self, viewer: &Viewer) -> Result<HashSet<CaseId>, LedgerError> {
        let generation = self.serving().await?;
        let mut sql = Sql::new("SELECT c.id FROM cases AS c WHERE ", []);
        viewer.push(&mut sql);
        let rows: Vec<(Uuid,)> = sql.once().fetch_all(&generation.db).await?;
        Ok(rows.into_iter().map(|(id,)| CaseId(id)).collect())
    }

    /// Returns the cases of rows that were listed, in the same order, as they are folded; one that is gone meanwhile is left
    /// out.
    pub async fn behind(&self, rows: &[Row]) -> Result<Vec<Case>, LedgerError> {
        Ok(self.begun(rows).await?.into_iter().map(|(_, case)| case).collect())
    }

    /// Returns the same cases, each with the position of its first event.
    pub async fn begun(&self, rows: &[Row]) -> Result<Vec<(Position, Case)>, LedgerError> {
        let generation = self.serving().await?;
        let entries = state::of_cases(&generation.db, rows.iter().map(|row| row.id).collect()).await?;
        let mut cases: HashMap<CaseId, (Position, Case)> =
            entries.into_iter().map(|entry| (entry.case.id, (entry.first, entry.case))).collect();
        Ok(rows.iter().filter_map(|row| cases.remove(&row.id)).collect())
    }

    /// Returns whether every one of some cases may reach a viewer, by the positions of their first events.
    pub async fn shows_all(&self, viewer: &Viewer, entries: &[Position]) -> Result<bool, LedgerError> {
        let generation = self.serving().await?;
        for part in entries.chunks(VALUES) {
            let mut sql = Sql::new("SELECT count(*) FROM cases AS c WHERE c.entry IN ", []);
            sql.list(part.iter().map(|entry| int(*entry))).push(" AND ");
            viewer.push_each(&mut sql);
            let row: Option<(i64,)> = sql.once().fetch_optional(&generation.db).await?;
            if row != Some((int(part.len()),)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Returns the case that has a number. Whether it may be shown is not asked here.
    pub async fn resolve(&self, number: &CaseNumber) -> Result<Option<CaseId>, LedgerError> {
        let generation = self.serving().await?;
        let numbered = Sql::new(statements::CASE_NUMBERED, [number.to_string().into()]);
        let row: Option<(Uuid,)> = numbered.fetch_optional(&generation.db).await?;
        Ok(row.map(|(id,)| CaseId(id)))
    }
}

/// What of the ledger is asked for, by whom and when.
#[derive(Clone, Copy)]
struct Asked<'a> {
    wanted: &'a Wanted,
    viewer: &'a Viewer,
    duties: Option<&'a Duties>,
    db: &'a Db,
    now: DateTime<Utc>,
    way: Way<'a>,
}

/// How the cases that reach somebody are found.
#[derive(Clone, Copy)]
enum Way<'a> {
    /// All of them first.
    Gathered,
    /// Among all cases, in the order that is asked for.
    InOrder,
    /// Among what a search finds ...
    Searched,
    /// ... whose entries are known: a list as the database has it.
    Few(&'a str),
    /// By the first of what each unit and person has.
    Soonest(Soonest),
}

/// Returns how many cases there are, but for those that are kept from somebody or lie nowhere.
async fn counted(db: &Db) -> Result<u64, LedgerError> {
    let row: Option<(i64,)> = Sql::new(statements::COUNTED, []).fetch_optional(db).await?;
    Ok(row.and_then(|(cases,)| cases.try_into().ok()).unwrap_or(0))
}

/// Returns whether something that was folded is not to be found by its text yet.
async fn is_text_waiting(db: &Db) -> Result<bool, LedgerError> {
    let row: Option<(i64,)> = Sql::new(statements::IS_TEXT_WAITING, []).fetch_optional(db).await?;
    Ok(row.is_some())
}

/// Returns whether so many of all cases are best found by going through all in their order until a page is full: that passes over
/// about `limit * all / total`, and whoever gathers them first looks at so many, each of which costs about three times as much: at
/// all that reach the viewer, or at no more than are wanted where an index knows what is asked for.
fn is_dense((total, gathered): (u64, u64), all: u64, limit: u32) -> bool {
    3 * total.saturating_mul(gathered) > all.saturating_mul(limit.into())
}

impl Asked<'_> {
    /// Returns how many there are.
    fn count(&self) -> Sql {
        let mut sql = Sql::new("SELECT count(", []);
        if let Some(duties) = self.duties.filter(|_| self.wanted.filter.is_only_of_waits()) {
            sql.push("DISTINCT v.entry) FROM (");
            duties.push(&mut sql, self.viewer, &self.wanted.filter.waits, None);
            sql.push(") AS v");
        } else {
            sql.push("*) FROM cases AS c WHERE ");
            self.push(&mut sql, None);
        }
        sql
    }

    /// Pushes what a case `c` must be: of all, or of the first by deadline.
    fn push(&self, sql: &mut Sql, first: Option<First>) {
        let Wanted { filter, .. } = self.wanted;
        let Some(duties) = self.duties else {
            match (self.way, first) {
                (Way::Soonest(soonest), Some(first)) => soonest.push(sql, self.db, self.viewer, first),
                (Way::InOrder, _) => self.viewer.push_in_order(sql),
                (Way::Searched | Way::Few(_), _) => self.viewer.push_each(sql),
                (Way::Gathered | Way::Soonest(_), _) => self.viewer.push(sql),
            }
            filter.push_waits(sql);
            self.push_filter(sql);
            return;
        };
        sql.push(dialect::AMONG.on(self.db)).push("SELECT v.entry FROM (");
        duties.push(sql, self.viewer, &filter.waits, first);
        sql.push(") AS v");
        if let Some(first) = first {
            sql.push(" WHERE TRUE");
            first.push_after(sql, "v");
            sql.push(" GROUP BY v.due, v.entry");
            first.push_order(sql, "v");
        }
        sql.push(dialect::AMONG_END.on(self.db));
        self.push_filter(sql);
    }

    fn push_filter(&self, sql: &mut Sql) {
        let Wanted { filter, .. } = self.wanted;
        filter.push(sql, self.now);
        match self.way {
            Way::Few(entries) => {
                let [begin, end] = dialect::ENTRIES.on(self.db);
                sql.push(" AND ").push(dialect::AMONG.on(self.db)).push(begin).bind(entries).push(end);
                // Most of what is found reaches nobody who sees few: it need not be fetched to see that.
                if self.viewer.has_only_own() {
                    sql.push(" WHERE ");
                    self.viewer.push_own(sql, "e.entry");
                }
                sql.push(dialect::AMONG_END.on(self.db));
            }
            Way::Searched => filter.push_text(sql, self.db, &dialect::WITH_TOKENS),
            Way::Gathered | Way::InOrder | Way::Soonest(_) => filter.push_text(sql, self.db, &dialect::HAS_TOKENS),
        }
    }

    /// Returns what some cases wait for of what is asked for, where that is asked for at all.
    async fn waits(&self, entries: impl ExactSizeIterator<Item = i64>) -> Result<HashMap<i64, Vec<Wait>>, LedgerError> {
        let acts = &self.wanted.filter.waits;
        if entries.len() == 0 || (acts.is_empty() && self.duties.is_none()) {
            return Ok(HashMap::new());
        }
        let mut sql = Sql::new("SELECT w.entry, w.act, w.unit FROM case_waits AS w WHERE w.entry IN ", []);
        sql.list(entries).push(" AND ");
        match self.duties {
            Some(duties) => duties.push_of_known(&mut sql, self.viewer, acts),
            None => drop(sql.push("w.act IN ").list(acts.iter().map(|act| act.name()))),
        }
        let rows: Vec<(i64, String, Uuid)> = sql.once().fetch_all(self.db).await?;
        let mut waits: HashMap<i64, Vec<Wait>> = HashMap::new();
        for (entry, act, unit) in rows {
            let act = named(&act).ok_or_else(|| inconsistent("case_waits", "act", entry))?;
            waits.entry(entry).or_default().push(Wait { act, unit: UnitId(unit) });
        }
        for waits in waits.values_mut() {
            waits.sort_unstable();
        }
        Ok(waits)
    }

    fn select(&self, limit: u32) -> Result<Sql, LedgerError> {
        let Wanted { filter, sort, cursor, .. } = self.wanted;
        let cursor = match cursor {
            Some(cursor) => Some(read(cursor).filter(|cursor| cursor.sort == *sort).ok_or(LedgerError::BadCursor)?),
            None => None,
        };
        let by_urgency = self.duties.is_some() && sort.by == SortBy::Due;
        let key = if by_urgency { Key::Int(URGENCY) } else { sort.by.key() };
        let after = cursor.as_ref().and_then(Cursor::due);
        // One more, to see whether there are.
        let most = limit.saturating_add(1);
        let is_first = matches!(self.way, Way::Soonest(_)) || (by_urgency && filter.is_only_of_waits());
        let first = is_first.then_some(First { after, descending: sort.descending, limit: most });
        // What is the same for all is no order: SQLite would look at every case for it.
        let phrase = filter.ranked_by();
        let ranked = phrase.is_some();
        // Of the few that a search finds, all are counted and sorted: only what is shown of them is fetched whole.
        let narrow = matches!(self.way, Way::Few(_));
        let mut sql = Sql::default();
        if narrow {
            sql.push("SELECT ").push(SHOWN).push(", p.phrase, p.total, p.int_key, p.text_key FROM (");
        }
        sql.push("SELECT * FROM (SELECT ").push(if narrow { "c.entry" } else { SHOWN });
        match phrase {
            Some(phrase) => {
                sql.push(", CASE WHEN c.words LIKE ").bind(format!("%{phrase}%")).push(" THEN 0 ELSE 1 END")
            }
            None => sql.push(", 0"),
        };
        // A bare number is a narrower integer on PostgreSQL.
        sql.push(" + CAST(0 AS BIGINT) AS phrase, ");
        sql.push(if narrow && self.wanted.total { "count(*) OVER ()" } else { "CAST(0 AS BIGINT)" })
            .push(" AS total, ");
        match key {
            Key::Int(int) => sql.push(int).push(" AS int_key, CAST(NULL AS TEXT) AS text_key"),
            Key::Text(text) => sql.push("CAST(NULL AS BIGINT) AS int_key, ").push(text).push(" AS text_key"),
        };
        sql.push(" FROM cases AS c WHERE ");
        self.push(&mut sql, first);
        sql.push(") AS p");
        let (name, forward) = match key {
            Key::Int(_) => ("p.int_key", !sort.descending),
            Key::Text(_) => ("p.text_key", !sort.descending),
        };
        let (after, order) = if forward { (" > ", " ASC") } else { (" < ", " DESC") };
        if let Some(cursor) = cursor {
            sql.push(" WHERE ");
            if ranked {
                sql.push("p.phrase > ").bind(cursor.phrase).push(" OR p.phrase = ").bind(cursor.phrase).push(" AND ");
            }
            sql.push("(").push(name).push(", p.entry)").push(after).push("(");
            match (key, cursor.key) {
                (Key::Int(_), CursorKey::Int(key)) => sql.bind(key),
                (Key::Text(_), CursorKey::Text(key)) => sql.bind(key),
                (Key::Int(_), CursorKey::Text(_)) | (Key::Text(_), CursorKey::Int(_)) => {
                    return Err(LedgerError::BadCursor);
                }
            };
            sql.push(", ").bind(cursor.entry).push(")");
        }
        let ranks = if ranked { "p.phrase, " } else { "" };
        let in_order = format!(" ORDER BY {ranks}{name}{order}, p.entry{order}");
        // Written, and planned as what it is and not as anything.
        sql.push(&in_order).push(" LIMIT ").push(&most.to_string());
        if narrow {
            sql.push(") AS p JOIN cases AS c ON c.entry = p.entry").push(&in_order);
        }
        // How it is done is the same for all that is asked so. Where something else is asked, it depends on how much has that.
        Ok(if filter.is_usual() { sql } else { sql.once() })
    }
}

impl Cursor {
    /// Returns the deadline and the entry with which the page ends, where it goes by deadline.
    fn due(&self) -> Option<(i64, i64)> {
        match self.key {
            CursorKey::Int(due) => Some((due, self.entry)),
            CursorKey::Text(_) => None,
        }
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
