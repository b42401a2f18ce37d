//! The tokens of an installation, and how far the followers of its log have come.

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::{LogId, PersonId, Position};
use rectify_kit::ids;
use rectify_log::{Db, DbError, Roles, RolesError, on};
use sqlx::migrate::Migrator;
use uuid::Uuid;

use crate::error::AccountsError;
use crate::token::{self, Bearer, Issued, Token, TokenId};
use crate::{secret, statements};

/// The table that remembers which migrations were applied.
const MIGRATIONS: &str = "accounts_migrations";

/// How far behind the last use of a token may be told: a write for every request would cost more than it tells.
const ROUGHLY: TimeDelta = TimeDelta::minutes(10);

/// Makes the tables, or brings them up to date.
pub async fn migrate(db: &Db) -> Result<(), AccountsError> {
    let (postgres, sqlite) = migrations();
    Ok(db.migrate(MIGRATIONS, postgres, sqlite).await?)
}

/// Grants what is done to the tables, which are there: the desk keeps tokens, the intakes look who holds one, and the
/// registrar keeps how far it has come.
pub async fn grant(roles: &Roles) -> Result<(), RolesError> {
    roles.run(statements::GRANTS).await
}

fn migrations() -> (Migrator, Migrator) {
    (sqlx::migrate!("../../migrations/postgres/accounts"), sqlx::migrate!("../../migrations/sqlite/accounts"))
}

/// The tokens of an installation, the cursors of its followers, mappings and deliveries. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub(crate) db: Db,
}

#[derive(sqlx::FromRow)]
struct HolderRow {
    id: Uuid,
    person: Uuid,
    used: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct TokenRow {
    id: Uuid,
    person: Uuid,
    label: String,
    created: DateTime<Utc>,
    used: Option<DateTime<Utc>>,
    expires: Option<DateTime<Utc>>,
    revoked: Option<DateTime<Utc>>,
}

/// A backup that was made of this installation, or that it was restored from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// When it was made.
    pub made: DateTime<Utc>,
    /// Where it was put.
    pub place: String,
    /// The log it is of.
    pub log: LogId,
    /// Up to where.
    pub position: Position,
}

type BackupRow = (DateTime<Utc>, String, Uuid, i64);

impl Accounts {
    /// Opens the accounts in a database that [`migrate`] has brought up to date.
    pub async fn open(db: Db) -> Result<Accounts, AccountsError> {
        let (postgres, sqlite) = migrations();
        if db.is_migrated(MIGRATIONS, &postgres, &sqlite).await? {
            Ok(Accounts { db })
        } else {
            Err(AccountsError::NotMigrated)
        }
    }

    /// Makes a token for a person. What is returned is never to be had again.
    pub async fn issue(
        &self,
        person: PersonId,
        label: &str,
        expires: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Issued, AccountsError> {
        let (id, token) = (ids::new(), secret::random(token::PREFIX));
        let hash = secret::hash(token::PREFIX, &token).map(Vec::from);
        on!(Db, &self.db, pool => sqlx::query(statements::ISSUE)
            .bind(id)
            .bind(hash)
            .bind(person.0)
            .bind(label)
            .bind(now)
            .bind(expires)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(Issued { id: TokenId(id), token: token.into() })
    }

    /// Returns who holds a token, unless it is unknown, taken back or expired.
    pub async fn authenticate(&self, token: &str, now: DateTime<Utc>) -> Result<Option<Bearer>, AccountsError> {
        let Some(hash) = secret::hash(token::PREFIX, token) else { return Ok(None) };
        let asking = async {
            on!(Db, &self.db, pool => sqlx::query_as(statements::HOLDER_OF)
                .bind(hash.to_vec())
                .bind(now)
                .fetch_optional(pool)
                .await)
        };
        let holder: Option<HolderRow> = self.db.answered(asking).await?;
        let Some(holder) = holder else { return Ok(None) };
        if holder.used.is_none_or(|used| used + ROUGHLY < now) {
            self.note_use(holder.id, now).await;
        }
        Ok(Some(Bearer { person: PersonId(holder.person), token: TokenId(holder.id) }))
    }

    /// Takes a token back from now on. Returns whether it was known and not taken back before.
    pub async fn revoke(&self, id: TokenId, now: DateTime<Utc>) -> Result<bool, AccountsError> {
        let revoked = on!(Db, &self.db, pool => sqlx::query(statements::REVOKE)
            .bind(id.0)
            .bind(now)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(revoked > 0)
    }

    /// Returns the tokens of one person, or of all, in the order they were issued.
    pub async fn list(&self, person: Option<PersonId>) -> Result<Vec<Token>, AccountsError> {
        let rows: Vec<TokenRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::TOKENS_OF)
            .bind(person.map(|person| person.0))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(Token::from).collect())
    }

    /// Returns how far a follower of the log has come; 0 for one that has not begun.
    pub async fn cursor(&self, follower: &str) -> Result<Position, AccountsError> {
        let asking = async {
            on!(Db, &self.db, pool => sqlx::query_scalar(statements::CURSOR).bind(follower).fetch_optional(pool).await)
        };
        let position: Option<i64> = self.db.answered(asking).await?;
        let inconsistent = || DbError::Inconsistent { table: "cursors", column: "position", id: follower.to_owned() };
        position.map_or(Ok(0), |position| Position::try_from(position).map_err(|_| inconsistent().into()))
    }

    /// Notes how far a follower of the log has come. Never goes back: of two that follow under one name, the further one
    /// has done what the other comes to say.
    pub async fn move_cursor(&self, follower: &str, position: Position) -> Result<(), AccountsError> {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        let asking = async {
            on!(Db, &self.db, pool => sqlx::query(statements::MOVE_CURSOR)
                .bind(follower)
                .bind(position)
                .execute(pool)
                .await
                .map(drop))
        };
        Ok(self.db.answered(asking).await?)
    }

    /// Notes that a backup was made.
    pub async fn note_backup(&self, backup: &Backup) -> Result<(), AccountsError> {
        let position = i64::try_from(backup.position).unwrap_or(i64::MAX);
        on!(Db, &self.db, pool => sqlx::query(statements::NOTE_BACKUP)
            .bind(backup.made)
            .bind(&backup.place)
            .bind(backup.log.0)
            .bind(position)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Returns the backup that was made last.
    pub async fn last_backup(&self) -> Result<Option<Backup>, AccountsError> {
        let row: Option<BackupRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::LAST_BACKUP)
            .fetch_optional(pool)
            .await)?;
        let Some((made, place, log, position)) = row else { return Ok(None) };
        let inconsistent = |_| DbError::Inconsistent { table: "backups", column: "position", id: place.clone() };
        let position = Position::try_from(position).map_err(inconsistent)?;
        Ok(Some(Backup { made, log: LogId(log), position, place }))
    }

    /// Whoever comes with a good token gets in, whether or not the use can be noted; a tool that only reads cannot.
    async fn note_use(&self, id: Uuid, now: DateTime<Utc>) {
        let noted = on!(Db, &self.db, pool => sqlx::query(statements::USED)
            .bind(id)
            .bind(now)
            .execute(pool)
            .await
            .map(drop));
        if let Err(error) = noted {
            tracing::debug!(token.id = %id, error = %DbError::from(error), "the use of a token could not be noted");
        }
    }
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        let TokenRow { id, person, label, created, used, expires, revoked } = row;
        Token { id: TokenId(id), person: PersonId(person), label, created, used, expires, revoked }
    }
}
