//! Links that let somebody set a password once: for a new person, for one who forgot theirs, and for whoever sets the
//! installation up.

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::PersonId;
use rectify_log::on;
use secrecy::SecretString;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::{secret, statements};

/// What the secret of a link begins with.
const PREFIX: &str = "rcl_";

/// How long a link is good.
const GOOD_FOR: TimeDelta = TimeDelta::hours(72);

/// A link that is good still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// Who sets a password by it; none is whoever sets the installation up.
    pub person: Option<PersonId>,
    /// From when on it is no longer good.
    pub expires: DateTime<Utc>,
}

type LinkRow = (Option<Uuid>, DateTime<Utc>);

impl Accounts {
    /// Makes a link by which a person sets a password, good once, for three days; or whoever sets the installation up. Earlier
    /// links for the same are no longer good.
    pub async fn make_link(&self, person: Option<PersonId>, now: DateTime<Utc>) -> Result<SecretString, AccountsError> {
        let link = secret::random(PREFIX);
        let hash = secret::hash(PREFIX, &link).map(Vec::from);
        let person = person.map(|person| person.0);
        on!(Db, &self.db, pool => {
            sqlx::query(statements::SPEND_LINKS_OF).bind(person).bind(now).execute(pool).await?;
            sqlx::query(statements::MAKE_LINK)
                .bind(hash)
                .bind(person)
                .bind(now)
                .bind(now + GOOD_FOR)
                .execute(pool)
                .await?;
        });
        Ok(link.into())
    }

    /// Returns what a link is for, if it is good.
    pub async fn link(&self, link: &str, now: DateTime<Utc>) -> Result<Option<Link>, AccountsError> {
        let Some(hash) = secret::hash(PREFIX, link) else { return Ok(None) };
        let row: Option<LinkRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::LINK)
            .bind(hash.to_vec())
            .bind(now)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(|(person, expires)| Link { person: person.map(PersonId), expires }))
    }

    /// Says who it is that sets the installation up by a link, unless that was said before; returns who it is.
    pub async fn claim_link(&self, link: &str, person: PersonId) -> Result<Option<PersonId>, AccountsError> {
        let Some(hash) = secret::hash(PREFIX, link) else { return Ok(None) };
        let claimed: Option<Uuid> = on!(Db, &self.db, pool => sqlx::query_scalar(statements::CLAIM_LINK)
            .bind(hash.to_vec())
            .bind(person.0)
            .fetch_optional(pool)
            .await)?;
        Ok(claimed.map(PersonId))
    }

    /// Ends the life of a link. Returns whether it was good until now.
    pub async fn spend_link(&self, link: &str, now: DateTime<Utc>) -> Result<bool, AccountsError> {
        let Some(hash) = secret::hash(PREFIX, link) else { return Ok(false) };
        let spent = on!(Db, &self.db, pool => sqlx::query(statements::SPEND_LINK)
            .bind(hash.to_vec())
            .bind(now)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(spent > 0)
    }
}
