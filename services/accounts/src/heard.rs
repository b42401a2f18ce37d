//! What was handed in again and is no news: no event tells it, and yet it may be the last word.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::FindingId;
use rectify_log::{DbError, Tx, on};

use crate::accounts::Accounts;
use crate::statements;

impl Accounts {
    /// Notes that a content of a finding, known by its SHA-256 in hexadecimal, was handed in at a moment when the log had it
    /// already. Never goes back.
    pub async fn hear(&self, finding: FindingId, content: &str, received: DateTime<Utc>) -> Result<(), DbError> {
        let asking = async {
            on!(Db, &self.db, pool => sqlx::query(statements::HEAR)
                .bind(finding.0)
                .bind(content)
                .bind(received)
                .execute(pool)
                .await
                .map(drop))
        };
        Ok(self.db.answered(asking).await?)
    }

    /// Returns when each content of a finding was heard last.
    pub async fn heard(&self, finding: FindingId) -> Result<BTreeMap<String, DateTime<Utc>>, DbError> {
        let asking = async {
            on!(Db, &self.db, pool => sqlx::query_as(statements::HEARD).bind(finding.0).fetch_all(pool).await)
        };
        let rows: Vec<(String, DateTime<Utc>)> = self.db.answered(asking).await?;
        Ok(rows.into_iter().collect())
    }

    /// Returns the latest moment at which anything was heard.
    pub async fn last_heard(&self) -> Result<Option<DateTime<Utc>>, DbError> {
        let asking =
            async { on!(Db, &self.db, pool => sqlx::query_scalar(statements::LAST_HEARD).fetch_optional(pool).await) };
        Ok(self.db.answered(asking).await?)
    }

    /// Gives out a span of moments for hand-ins, after a moment and after all that were given out so before; returns after
    /// which moment it begins.
    ///
    /// What is given out is known to nobody else until it is in the log, or heard: without this, who begins twice while the
    /// clock is behind the log gives the same moments twice.
    pub async fn give_span(&self, after: DateTime<Utc>, span: TimeDelta) -> Result<DateTime<Utc>, DbError> {
        let span = span.num_microseconds().unwrap_or(i64::MAX);
        let until: i64 = on!(Db, &self.db, pool => sqlx::query_scalar(statements::GIVE_SPAN)
            .bind(after.timestamp_micros())
            .bind(span)
            .fetch_one(pool)
            .await)?;
        moment(until - span)
    }

    /// Returns until when moments were given out in spans.
    pub async fn last_given(&self) -> Result<Option<DateTime<Utc>>, DbError> {
        let asking =
            async { on!(Db, &self.db, pool => sqlx::query_scalar(statements::LAST_GIVEN).fetch_optional(pool).await) };
        let until: Option<i64> = self.db.answered(asking).await?;
        until.map(moment).transpose()
    }
}

/// Notes that moments up to one may have been given out. Never goes back.
pub async fn note_given(tx: &mut Tx<'_>, until: DateTime<Utc>) -> Result<(), DbError> {
    on!(Tx, tx, conn => {
        sqlx::query(statements::NOTE_GIVEN).bind(until.timestamp_micros()).execute(&mut **conn).await?;
    });
    Ok(())
}

fn moment(micros: i64) -> Result<DateTime<Utc>, DbError> {
    let inconsistent = || DbError::Inconsistent { table: "given", column: "until", id: micros.to_string() };
    DateTime::from_timestamp_micros(micros).ok_or_else(inconsistent)
}
