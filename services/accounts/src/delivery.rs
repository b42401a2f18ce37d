//! What each delivery of a document held.

use chrono::{DateTime, Utc};
use rectify_case::{FindingId, PersonId, UnitId};
use rectify_kit::ids;
use rectify_log::{DbError, on};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::statements;

/// What a document is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DocumentKey {
    /// The code of its source.
    pub source: String,
    /// Who issued it.
    pub issuing_body: String,
    /// Its number.
    pub document: String,
}

/// A finding that a delivery held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Held {
    /// What it is known by.
    pub finding: FindingId,
    /// The item it has in its document.
    pub item: String,
}

/// A finding that earlier deliveries held and a later one did not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gone {
    /// The finding.
    #[serde(flatten)]
    pub held: Held,
    /// When it was last delivered.
    pub last: DateTime<Utc>,
}

/// One delivery of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Who handed it in.
    pub person: PersonId,
    /// For which unit.
    pub unit: UnitId,
    /// When it came in.
    pub received: DateTime<Utc>,
    /// What it held.
    pub held: Vec<Held>,
    /// What earlier ones had held and it did not.
    pub gone: Vec<Gone>,
}

#[derive(sqlx::FromRow)]
struct DeliveryRow {
    id: Uuid,
    person: Uuid,
    unit: Uuid,
    received: DateTime<Utc>,
    held: String,
    gone: String,
}

impl Accounts {
    /// Returns the last delivery of a document.
    pub async fn last_delivery(&self, of: &DocumentKey) -> Result<Option<Delivery>, AccountsError> {
        let row: Option<DeliveryRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::LAST_DELIVERY)
            .bind(&of.source)
            .bind(&of.issuing_body)
            .bind(&of.document)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(Delivery::try_from).transpose()?)
    }

    /// Keeps what a delivery held of a document.
    #[expect(clippy::missing_panics_doc, reason = "ids, texts and times are JSON")]
    pub async fn note_delivery(&self, of: &DocumentKey, delivery: &Delivery) -> Result<(), AccountsError> {
        const WRITTEN: &str = "ids, texts and times are JSON";
        let held = serde_json::to_string(&delivery.held).expect(WRITTEN);
        let gone = serde_json::to_string(&delivery.gone).expect(WRITTEN);
        on!(Db, &self.db, pool => sqlx::query(statements::DELIVERED)
            .bind(ids::new())
            .bind(&of.source)
            .bind(&of.issuing_body)
            .bind(&of.document)
            .bind(delivery.person.0)
            .bind(delivery.unit.0)
            .bind(delivery.received)
            .bind(held)
            .bind(gone)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}

impl TryFrom<DeliveryRow> for Delivery {
    type Error = DbError;

    fn try_from(row: DeliveryRow) -> Result<Self, DbError> {
        let DeliveryRow { id, person, unit, received, held, gone } = row;
        let wrong = |column| move |_| DbError::Inconsistent { table: "deliveries", column, id: id.to_string() };
        Ok(Delivery {
            person: PersonId(person),
            unit: UnitId(unit),
            received,
            held: serde_json::from_str(&held).map_err(wrong("held"))?,
            gone: serde_json::from_str(&gone).map_err(wrong("gone"))?,
        })
    }
}
