//! Mappings of foreign sheets, each for the unit that hands them in and the header it was used on.

use chrono::{DateTime, Utc};
use rectify_case::{PersonId, UnitId};
use rectify_log::on;
use serde::Serialize;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::statements;

/// What a mapping is kept by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MappingKey {
    /// The unit that hands in.
    pub unit: UnitId,
    /// The intake it hands in to.
    pub intake: String,
    /// The fingerprint of the header.
    pub fingerprint: String,
}

/// A mapping as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptMapping {
    /// What it is kept by.
    #[serde(flatten)]
    pub key: MappingKey,
    /// The header it was used on, as it stands in the sheet.
    pub header: String,
    /// The mapping, as it was written.
    pub mapping: String,
    /// Who gave it.
    pub person: PersonId,
    /// When.
    pub since: DateTime<Utc>,
}

#[derive(sqlx::FromRow)]
struct MappingRow {
    unit: Uuid,
    intake: String,
    fingerprint: String,
    header: String,
    mapping: String,
    person: Uuid,
    since: DateTime<Utc>,
}

impl Accounts {
    /// Returns the mappings of a unit for an intake, or of all, in the order they were given.
    pub async fn mappings(
        &self,
        unit: Option<UnitId>,
        intake: Option<&str>,
    ) -> Result<Vec<KeptMapping>, AccountsError> {
        let rows: Vec<MappingRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::MAPPINGS_OF)
            .bind(unit.map(|unit| unit.0))
            .bind(intake)
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(KeptMapping::from).collect())
    }

    /// Keeps a mapping, in place of the one before. One that says the same stays as it is.
    pub async fn remember(&self, mapping: &KeptMapping) -> Result<(), AccountsError> {
        let KeptMapping { key, header, mapping, person, since } = mapping;
        on!(Db, &self.db, pool => sqlx::query(statements::REMEMBER)
            .bind(key.unit.0)
            .bind(&key.intake)
            .bind(&key.fingerprint)
            .bind(header)
            .bind(mapping)
            .bind(person.0)
            .bind(since)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Forgets a mapping. Returns whether it was known.
    pub async fn forget(&self, key: &MappingKey) -> Result<bool, AccountsError> {
        let forgotten = on!(Db, &self.db, pool => sqlx::query(statements::FORGET)
            .bind(key.unit.0)
            .bind(&key.intake)
            .bind(&key.fingerprint)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(forgotten > 0)
    }
}

impl From<MappingRow> for KeptMapping {
    fn from(row: MappingRow) -> Self {
        let MappingRow { unit, intake, fingerprint, header, mapping, person, since } = row;
        let key = MappingKey { unit: UnitId(unit), intake, fingerprint };
        KeptMapping { key, header, mapping, person: PersonId(person), since }
    }
}
