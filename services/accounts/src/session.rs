//! Sessions: who is signed in, from where, and until when.

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::PersonId;
use rectify_kit::ids;
use rectify_log::{DbError, on};
use secrecy::SecretString;
use serde::Serialize;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::{secret, statements};

/// What the secret of a session begins with.
const PREFIX: &str = "rcs_";

/// How long a session lasts that nothing is done in.
pub const IDLE: TimeDelta = TimeDelta::hours(2);

/// How long a session lasts whatever is done in it.
pub const LONGEST: TimeDelta = TimeDelta::hours(12);

/// How far behind the last use of a session may be told.
const ROUGHLY: TimeDelta = TimeDelta::minutes(1);

/// Names one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SessionId(pub Uuid);

/// What is kept of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// What it is known by.
    pub id: SessionId,
    /// Who is signed in.
    pub person: PersonId,
    /// For whom they act in it (代办).
    pub on_behalf_of: Option<PersonId>,
    /// The address it was begun from.
    pub address: String,
    /// What the browser said it is.
    pub browser: String,
    /// When it was begun.
    pub created: DateTime<Utc>,
    /// When something was done in it last, give or take a minute.
    pub used: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: Uuid,
    person: Uuid,
    on_behalf_of: Option<Uuid>,
    address: String,
    browser: String,
    created: DateTime<Utc>,
    used: DateTime<Utc>,
}

impl Accounts {
    /// Begins a session. What is returned is what the browser holds, and never to be had again.
    pub(crate) async fn begin_session(
        &self,
        person: PersonId,
        address: &str,
        browser: &str,
        now: DateTime<Utc>,
    ) -> Result<SecretString, AccountsError> {
        let session = secret::random(PREFIX);
        let hash = secret::hash(PREFIX, &session).map(Vec::from);
        on!(Db, &self.db, pool => {
            sqlx::query(statements::FORGET_SESSIONS).bind(now - LONGEST).execute(pool).await?;
            sqlx::query(statements::BEGIN_SESSION)
                .bind(ids::new())
                .bind(hash)
                .bind(person.0)
                .bind(address)
                .bind(browser)
                .bind(now)
                .execute(pool)
                .await?;
        });
        Ok(session.into())
    }

    /// Returns the session of a browser, unless it has ended, by itself or by being ended.
    pub async fn session(&self, held: &str, now: DateTime<Utc>) -> Result<Option<Session>, AccountsError> {
        let Some(session) = self.find_session(held, now).await? else { return Ok(None) };
        if session.used + ROUGHLY < now {
            on!(Db, &self.db, pool => sqlx::query(statements::USE_SESSION)
                .bind(session.id.0)
                .bind(now)
                .execute(pool)
                .await
                .map(drop))?;
        }
        Ok(Some(session))
    }

    async fn find_session(&self, held: &str, now: DateTime<Utc>) -> Result<Option<Session>, AccountsError> {
        let Some(hash) = secret::hash(PREFIX, held) else { return Ok(None) };
        let asking = async {
            on!(Db, &self.db, pool => sqlx::query_as(statements::SESSION)
                .bind(hash.to_vec())
                .bind(now - LONGEST)
                .bind(now - IDLE)
                .fetch_optional(pool)
                .await)
        };
        let row: Option<SessionRow> = self.db.answered(asking).await?;
        Ok(row.map(Session::from))
    }

    /// Returns whether the session of a browser has not ended. To listen is not to do something: it goes on idle.
    pub async fn is_open(&self, held: &str, now: DateTime<Utc>) -> Result<bool, AccountsError> {
        Ok(self.find_session(held, now).await?.is_some())
    }

    /// Returns the sessions of a person that have not ended, newest first.
    pub async fn sessions_of(&self, person: PersonId, now: DateTime<Utc>) -> Result<Vec<Session>, AccountsError> {
        let rows: Vec<SessionRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::SESSIONS_OF)
            .bind(person.0)
            .bind(now - LONGEST)
            .bind(now - IDLE)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(Session::from).collect())
    }

    /// Says for whom somebody acts in a session from now on.
    pub async fn act_for(&self, session: SessionId, other: Option<PersonId>) -> Result<(), AccountsError> {
        on!(Db, &self.db, pool => sqlx::query(statements::ACT_FOR)
            .bind(session.0)
            .bind(other.map(|other| other.0))
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Ends a session.
    pub async fn sign_out(&self, session: SessionId, now: DateTime<Utc>) -> Result<(), AccountsError> {
        on!(Db, &self.db, pool => sqlx::query(statements::END_SESSION)
            .bind(session.0)
            .bind(now)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Ends every session of a person.
    pub async fn sign_out_everywhere(&self, person: PersonId, now: DateTime<Utc>) -> Result<(), AccountsError> {
        on!(Db, &self.db, pool => sqlx::query(statements::END_SESSIONS_OF)
            .bind(person.0)
            .bind(now)
            .execute(pool)
            .await
            .map(drop))
        .map_err(DbError::from)?;
        Ok(())
    }
}

impl From<SessionRow> for Session {
    fn from(row: SessionRow) -> Self {
        let SessionRow { id, person, on_behalf_of, address, browser, created, used } = row;
        let on_behalf_of = on_behalf_of.map(PersonId);
        Session { id: SessionId(id), person: PersonId(person), on_behalf_of, address, browser, created, used }
    }
}
