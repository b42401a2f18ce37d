//! Signing in, and how often somebody may try.

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::PersonId;
use rectify_kit::ids;
use rectify_log::on;
use secrecy::SecretString;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::login::Login;
use crate::{password, statements};

/// How far back attempts count.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// How many attempts one address has for one name.
const FOR_A_NAME_FROM_AN_ADDRESS: i64 = 5;

/// How many attempts one address has for all names.
const FROM_AN_ADDRESS: i64 = 30;

/// How many attempts there are for one name from everywhere: many more, for otherwise anybody could keep somebody out.
const FOR_A_NAME: i64 = 100;

/// How an attempt to sign in ended.
#[derive(Debug)]
pub enum SignedIn {
    /// A session began: what the browser holds, and who it is.
    Yes(SecretString, PersonId),
    /// There is no such name, or the password is another. It is not told which.
    No,
    /// There were too many attempts; it may be tried again after this moment.
    Later(DateTime<Utc>),
}

impl Accounts {
    /// Signs somebody in by name and password.
    ///
    /// An attempt counts before its password is looked at, so that many at once are not more than many one by one; it no
    /// longer counts when it succeeds.
    pub async fn sign_in(
        &self,
        login: &str,
        password: &SecretString,
        address: &str,
        browser: &str,
        now: DateTime<Utc>,
    ) -> Result<SignedIn, AccountsError> {
        let login: Option<Login> = login.parse().ok();
        let name = login.as_ref().map(Login::as_str).unwrap_or_default();
        let since = now - WINDOW;
        let (both, from, named, first): (i64, i64, i64, Option<DateTime<Utc>>) = on!(Db, &self.db, pool => {
            sqlx::query(statements::FORGET_ATTEMPTS).bind(since).execute(pool).await?;
            sqlx::query(statements::ATTEMPT)
                .bind(ids::new())
                .bind(name)
                .bind(address)
                .bind(now)
                .execute(pool)
                .await?;
            sqlx::query_as(statements::ATTEMPTS).bind(name).bind(address).bind(since).fetch_one(pool).await?
        });
        if both > FOR_A_NAME_FROM_AN_ADDRESS || from > FROM_AN_ADDRESS || named > FOR_A_NAME {
            return Ok(SignedIn::Later(first.unwrap_or(now) + WINDOW));
        }
        let credential = match &login {
            Some(login) => self.credential(login).await?,
            None => None,
        };
        let person = credential.as_ref().map(|credential| PersonId(credential.person));
        let good = password::is_kept(password, credential.map(|credential| credential.password)).await?;
        let Some(person) = person.filter(|_| good) else { return Ok(SignedIn::No) };
        on!(Db, &self.db, pool => sqlx::query(statements::FORGIVE_ATTEMPTS)
            .bind(name)
            .bind(address)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(SignedIn::Yes(self.begin_session(person, address, browser, now).await?, person))
    }
}
