//! Views of the ledger: what people named of it, and how each has it where nothing else is said.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use rectify_case::PersonId;
use rectify_kit::ids;
use rectify_log::on;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::statements;

/// Names one view.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ViewId(pub Uuid);

impl fmt::Display for ViewId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ViewId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// A view of the ledger that somebody named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// What it is known by.
    pub id: ViewId,
    /// What its owner calls it.
    pub name: String,
    /// What it asks for, in which order and with which columns, as a query says it.
    pub query: String,
}

/// How somebody has the ledger where nothing else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// Which columns, with commas between; none for the usual ones.
    pub columns: Option<String>,
    /// Which of their views comes first; none for the whole ledger.
    pub opens: Option<ViewId>,
}

#[derive(sqlx::FromRow)]
struct ViewRow {
    id: Uuid,
    name: String,
    query: String,
}

impl Accounts {
    /// Returns the views of a person, in the order they were named.
    pub async fn views(&self, person: PersonId) -> Result<Vec<View>, AccountsError> {
        let rows: Vec<ViewRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::VIEWS_OF)
            .bind(person.0)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(View::from).collect())
    }

    /// Names a view. A person has one view of a name.
    pub async fn name_view(
        &self,
        person: PersonId,
        name: &str,
        query: &str,
        now: DateTime<Utc>,
    ) -> Result<ViewId, AccountsError> {
        let id = ids::new();
        named(on!(Db, &self.db, pool => sqlx::query(statements::NAME_VIEW)
            .bind(id)
            .bind(person.0)
            .bind(name)
            .bind(query)
            .bind(now)
            .execute(pool)
            .await
            .map(|done| done.rows_affected())))?;
        Ok(ViewId(id))
    }

    /// Calls a view of a person otherwise. Returns whether there is such a view.
    pub async fn rename_view(&self, person: PersonId, view: ViewId, name: &str) -> Result<bool, AccountsError> {
        named(on!(Db, &self.db, pool => sqlx::query(statements::RENAME_VIEW)
            .bind(view.0)
            .bind(person.0)
            .bind(name)
            .execute(pool)
            .await
            .map(|done| done.rows_affected())))
    }

    /// Has a view of a person ask for something else. Returns whether there is such a view.
    pub async fn change_view(&self, person: PersonId, view: ViewId, query: &str) -> Result<bool, AccountsError> {
        let changed = on!(Db, &self.db, pool => sqlx::query(statements::CHANGE_VIEW)
            .bind(view.0)
            .bind(person.0)
            .bind(query)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(changed > 0)
    }

    /// Forgets a view of a person. Returns whether there was such a view.
    pub async fn forget_view(&self, person: PersonId, view: ViewId) -> Result<bool, AccountsError> {
        let forgotten = on!(Db, &self.db, pool => sqlx::query(statements::FORGET_VIEW)
            .bind(view.0)
            .bind(person.0)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(forgotten > 0)
    }

    /// Returns how a person has the ledger.
    pub async fn habits(&self, person: PersonId) -> Result<Habits, AccountsError> {
        let row: Option<(Option<String>, Option<Uuid>)> = on!(Db, &self.db, pool => sqlx::query_as(statements::HABITS_OF)
            .bind(person.0)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map_or_else(Habits::default, |(columns, opens)| Habits { columns, opens: opens.map(ViewId) }))
    }

    /// Notes which columns a person has; none for the usual ones.
    pub async fn keep_columns(&self, person: PersonId, columns: Option<&str>) -> Result<(), AccountsError> {
        on!(Db, &self.db, pool => sqlx::query(statements::KEEP_COLUMNS)
            .bind(person.0)
            .bind(columns)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Notes which of their views a person's ledger opens with; none for the whole ledger.
    pub async fn open_with(&self, person: PersonId, view: Option<ViewId>) -> Result<(), AccountsError> {
        on!(Db, &self.db, pool => sqlx::query(statements::OPEN_WITH)
            .bind(person.0)
            .bind(view.map(|view| view.0))
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}

/// Returns whether a view was given a name, which no other of the person's may have.
fn named(done: Result<u64, sqlx::Error>) -> Result<bool, AccountsError> {
    match done {
        Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Err(AccountsError::ViewNameTaken),
        done => Ok(done? > 0),
    }
}

impl From<ViewRow> for View {
    fn from(row: ViewRow) -> Self {
        let ViewRow { id, name, query } = row;
        View { id: ViewId(id), name, query }
    }
}
