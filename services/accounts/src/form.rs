//! Forms of superior offices: empty workbooks, each kept by the office that fills it from the ledger.

use chrono::{DateTime, Utc};
use rectify_case::{PersonId, UnitId};
use rectify_log::{DbError, on};
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::error::AccountsError;
use crate::statements;

/// A form, without its workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptForm {
    /// What it is known by.
    pub id: Uuid,
    /// The office that keeps it.
    pub unit: UnitId,
    /// What it is called there.
    pub name: String,
    /// The name of its file.
    pub file: String,
    /// How it is filled in.
    pub filling: Filling,
    /// Who brought it.
    pub person: PersonId,
    /// When.
    pub since: DateTime<Utc>,
}

/// How a form is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filling {
    /// The sheet.
    pub sheet: String,
    /// The first row that is filled in, as a spreadsheet counts.
    pub first: u32,
    /// What stands under which heading, as whoever fills it in writes it.
    pub columns: String,
}

#[derive(sqlx::FromRow)]
struct FormRow {
    id: Uuid,
    unit: Uuid,
    name: String,
    file: String,
    sheet: String,
    first: i64,
    columns: String,
    person: Uuid,
    since: DateTime<Utc>,
}

impl Accounts {
    /// Keeps a form with its workbook.
    pub async fn keep_form(&self, form: &KeptForm, bytes: &[u8]) -> Result<(), AccountsError> {
        let KeptForm { id, unit, name, file, filling, person, since } = form;
        on!(Db, &self.db, pool => sqlx::query(statements::KEEP_FORM)
            .bind(id)
            .bind(unit.0)
            .bind(name)
            .bind(file)
            .bind(bytes)
            .bind(&filling.sheet)
            .bind(i64::from(filling.first))
            .bind(&filling.columns)
            .bind(person.0)
            .bind(since)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Returns the forms that an office keeps, by their names.
    pub async fn forms(&self, unit: UnitId) -> Result<Vec<KeptForm>, AccountsError> {
        let rows: Vec<FormRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::FORMS_OF)
            .bind(unit.0)
            .fetch_all(pool)
            .await)?;
        rows.into_iter().map(KeptForm::try_from).collect()
    }

    /// Returns a form.
    pub async fn form(&self, id: Uuid) -> Result<Option<KeptForm>, AccountsError> {
        let row: Option<FormRow> = on!(Db, &self.db, pool => sqlx::query_as(statements::FORM)
            .bind(id)
            .fetch_optional(pool)
            .await)?;
        row.map(KeptForm::try_from).transpose()
    }

    /// Returns the workbook of a form.
    pub async fn workbook_of_form(&self, id: Uuid) -> Result<Option<Vec<u8>>, AccountsError> {
        Ok(on!(Db, &self.db, pool => sqlx::query_scalar(statements::WORKBOOK_OF_FORM)
            .bind(id)
            .fetch_optional(pool)
            .await)?)
    }

    /// Says what a form is called, and how it is filled in.
    pub async fn change_form(&self, id: Uuid, name: &str, filling: &Filling) -> Result<(), AccountsError> {
        on!(Db, &self.db, pool => sqlx::query(statements::CHANGE_FORM)
            .bind(id)
            .bind(name)
            .bind(&filling.sheet)
            .bind(i64::from(filling.first))
            .bind(&filling.columns)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Drops a form.
    pub async fn drop_form(&self, id: Uuid) -> Result<(), AccountsError> {
        on!(Db, &self.db, pool => sqlx::query(statements::DROP_FORM).bind(id).execute(pool).await.map(drop))?;
        Ok(())
    }
}

impl TryFrom<FormRow> for KeptForm {
    type Error = AccountsError;

    fn try_from(row: FormRow) -> Result<Self, AccountsError> {
        let FormRow { id, unit, name, file, sheet, first, columns, person, since } = row;
        let inconsistent = |_| DbError::Inconsistent { table: "forms", column: "first", id: id.to_string() };
        let first = u32::try_from(first).map_err(inconsistent)?;
        let filling = Filling { sheet, first, columns };
        Ok(KeptForm { id, unit: UnitId(unit), name, file, filling, person: PersonId(person), since })
    }
}
