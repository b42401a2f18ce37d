//! Login names, and the passwords that go with them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use rectify_case::PersonId;
use rectify_log::{DbError, on};
use secrecy::SecretString;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::{password, statements};

/// What somebody signs in as: 2 to 40 letters, digits, `.`, `_`, `-` and `@`, told apart without regard to case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Login(String);

/// A text that is no login name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a login name is 2 to 40 letters, digits, `.`, `_`, `-` and `@`")]
pub struct BadLogin;

impl Login {
    /// Returns it as it is compared.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Login {
    type Err = BadLogin;

    fn from_str(text: &str) -> Result<Self, BadLogin> {
        let login = text.trim().to_lowercase();
        let fits = (2..=40).contains(&login.chars().count());
        let plain = login.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@'));
        if fits && plain { Ok(Login(login)) } else { Err(BadLogin) }
    }
}

#[derive(sqlx::FromRow)]
pub(crate) struct CredentialRow {
    pub(crate) person: Uuid,
    pub(crate) login: String,
    pub(crate) password: String,
}

impl Accounts {
    /// Lets a person sign in by a name and a password from now on. Every session of theirs ends.
    pub async fn set_password(
        &self,
        person: PersonId,
        login: &Login,
        password: &SecretString,
        now: DateTime<Utc>,
    ) -> Result<(), AccountsError> {
        let kept = password::kept(password).await?;
        let set = on!(Db, &self.db, pool => sqlx::query(statements::SET_CREDENTIAL)
            .bind(person.0)
            .bind(login.as_str())
            .bind(kept)
            .bind(now)
            .execute(pool)
            .await
            .map(drop));
        match set {
            Err(sqlx::Error::Database(error)) if error.is_unique_violation() => return Err(AccountsError::LoginTaken),
            set => set?,
        }
        self.sign_out_everywhere(person, now).await
    }

    /// Returns whether a person's password is this one. None is that of who has none.
    pub async fn is_password_of(&self, person: PersonId, password: &SecretString) -> Result<bool, AccountsError> {
        let row: Option<CredentialRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::CREDENTIAL_OF)
            .bind(person.0)
            .fetch_optional(pool)
            .await)?;
        password::is_kept(password, row.map(|row| row.password)).await
    }

    /// Returns what a person signs in as, if they can.
    pub async fn login_of(&self, person: PersonId) -> Result<Option<Login>, AccountsError> {
        let row: Option<CredentialRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::CREDENTIAL_OF)
            .bind(person.0)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(|row| Login(row.login)))
    }

    /// Returns who can sign in, and as what.
    pub async fn logins(&self) -> Result<Vec<(PersonId, Login)>, AccountsError> {
        let rows: Vec<CredentialRow> =
            on!(Db, &self.db, pool => sqlx::query_as(statements::CREDENTIALS).fetch_all(pool).await)?;
        Ok(rows.into_iter().map(|row| (PersonId(row.person), Login(row.login))).collect())
    }

    /// Returns what is kept of a login name.
    pub(crate) async fn credential(&self, login: &Login) -> Result<Option<CredentialRow>, DbError> {
        Ok(on!(Db, &self.db, pool => sqlx::query_as(statements::CREDENTIAL_NAMED)
            .bind(login.as_str())
            .fetch_optional(pool)
            .await)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_name_is_short_and_plain_and_has_no_case() {
        let read = |text: &str| text.parse::<Login>().map(|login| login.to_string());
        assert_eq!(read(" YangWQ "), Ok("yangwq".to_owned()));
        assert_eq!(read("杨文清"), Ok("杨文清".to_owned()));
        assert_eq!(read("yang.wq@slj"), Ok("yang.wq@slj".to_owned()));
        for text in ["", "y", "yang wq", "<yang>", &"y".repeat(41)] {
            assert_eq!(read(text), Err(BadLogin), "{text:?}");
        }
    }
}
