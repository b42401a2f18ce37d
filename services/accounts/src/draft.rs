//! Drafts: what somebody has begun to fill in, kept for them alone.

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::{CaseId, PersonId, Version};
use rectify_log::{DbError, on};

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::statements;

/// How long a draft is kept that nobody goes on with.
pub const LONGEST_DRAFT: TimeDelta = TimeDelta::days(30);

/// What a draft is kept by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftKey {
    /// Whose it is.
    pub person: PersonId,
    /// The case.
    pub case: CaseId,
    /// The act on it.
    pub act: String,
}

/// A draft as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// The form, as it would be sent.
    pub content: Vec<u8>,
    /// Whether that is sealed.
    pub is_sealed: bool,
    /// The version of the case that was seen.
    pub version: Version,
    /// When it was kept last.
    pub saved: DateTime<Utc>,
}

type DraftRow = (Vec<u8>, bool, i64, DateTime<Utc>);

impl Accounts {
    /// Keeps a draft in place of the one before, and forgets those of anybody that are too old.
    pub async fn save_draft(&self, key: &DraftKey, draft: &Draft) -> Result<(), AccountsError> {
        let version = i64::try_from(draft.version).unwrap_or(i64::MAX);
        on!(Db, &self.db, pool => {
            sqlx::query(statements::FORGET_DRAFTS).bind(draft.saved - LONGEST_DRAFT).execute(pool).await?;
            sqlx::query(statements::SAVE_DRAFT)
                .bind(key.person.0)
                .bind(key.case.0)
                .bind(&key.act)
                .bind(&draft.content)
                .bind(draft.is_sealed)
                .bind(version)
                .bind(draft.saved)
                .execute(pool)
                .await?;
        });
        Ok(())
    }

    /// Returns a draft, unless there is none or it is too old.
    pub async fn draft(&self, key: &DraftKey, now: DateTime<Utc>) -> Result<Option<Draft>, AccountsError> {
        let row: Option<DraftRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::DRAFT)
            .bind(key.person.0)
            .bind(key.case.0)
            .bind(&key.act)
            .bind(now - LONGEST_DRAFT)
            .fetch_optional(pool)
            .await)?;
        let Some((content, is_sealed, version, saved)) = row else { return Ok(None) };
        let inconsistent = |_| DbError::Inconsistent { table: "drafts", column: "version", id: key.case.to_string() };
        Ok(Some(Draft { content, is_sealed, version: version.try_into().map_err(inconsistent)?, saved }))
    }

    /// Forgets a draft.
    pub async fn discard_draft(&self, key: &DraftKey) -> Result<(), AccountsError> {
        on!(Db, &self.db, pool => sqlx::query(statements::DISCARD_DRAFT)
            .bind(key.person.0)
            .bind(key.case.0)
            .bind(&key.act)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Forgets everybody's drafts on a case.
    pub async fn discard_drafts_of(&self, case: CaseId) -> Result<(), AccountsError> {
        on!(Db, &self.db, pool => sqlx::query(statements::DISCARD_DRAFTS_OF)
            .bind(case.0)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}
