//! What stands beside a case: the latest others of the same place, and of the same lead with the same kind of problem.

use chrono::{DateTime, Utc};
use rectify_case::{DivisionCode, UnitId};

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::row::Row;
use crate::sql::Sql;
use crate::stored::{SHOWN, Stored};
use crate::tokens::squeezed;

/// Among how many of the latest cases of a lead the same kind of problem is looked for.
const LATEST: u32 = 100;

/// From the latest to the earliest, as an index has them.
const LATEST_FIRST: &str = " ORDER BY coalesce(c.registered_on, '') DESC, c.entry DESC LIMIT ";

impl Ledger {
    /// Returns the latest cases of a place that may reach a viewer, at most so many.
    pub async fn of_place(
        &self,
        viewer: &Viewer,
        (division, place): (&DivisionCode, &str),
        most: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<Row>, LedgerError> {
        let mut sql = Sql::new("SELECT ", []);
        sql.push(SHOWN).push(" FROM cases AS c WHERE c.division = ").bind(division.as_str());
        sql.push(" AND c.place = ").bind(place).push(" AND ");
        viewer.push_each(&mut sql);
        sql.push(LATEST_FIRST).push(&most.to_string());
        self.rows(sql, now).await
    }

    /// Returns the latest cases that a unit answers for, whose words have a kind of problem in them, and that may reach a viewer,
    /// at most so many: among the 100 latest of that unit.
    pub async fn of_lead(
        &self,
        viewer: &Viewer,
        (lead, category): (UnitId, &str),
        most: u32,
        now: DateTime<Utc>,
    ) -> Result<Vec<Row>, LedgerError> {
        let mut sql = Sql::new("SELECT ", []);
        sql.push(SHOWN).push(" FROM (SELECT * FROM cases AS c WHERE c.lead = ").bind(lead.0);
        sql.push(LATEST_FIRST).push(&LATEST.to_string());
        sql.push(") AS c WHERE c.words LIKE ").bind(format!("%{}%", squeezed(category))).push(" AND ");
        viewer.push_each(&mut sql);
        sql.push(LATEST_FIRST).push(&most.to_string());
        self.rows(sql, now).await
    }

    async fn rows(&self, sql: Sql, now: DateTime<Utc>) -> Result<Vec<Row>, LedgerError> {
        let generation = self.serving().await?;
        let rows: Vec<Stored> = sql.fetch_all(&generation.db).await?;
        rows.into_iter().map(|row| row.into_row(now)).collect()
    }
}
