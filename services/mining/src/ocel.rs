//! Object-centric event data as OCEL 2.0 has it: events, the objects they are about, and what each is to the other.

mod data;
mod vocabulary;

mod export;
mod mention;
mod village;

mod json;
mod sqlite;

use std::path::Path;

use data::{Event, Object};
pub use export::{Exported, Wanted, export};
use json::JsonFile;
use sqlite::SqliteFile;

use crate::error::MiningError;

/// A file of object-centric event data that is written: events as they come, and then the objects.
#[derive(Debug)]
pub enum Ocel {
    /// As JSON.
    Json(JsonFile),
    /// As a SQLite database.
    Sqlite(SqliteFile),
}

impl Ocel {
    /// Begins a file of JSON, which must not be there.
    pub fn json(file: &Path) -> Result<Ocel, MiningError> {
        Ok(Ocel::Json(JsonFile::begin(file)?))
    }

    /// Begins a SQLite database in a file, which must not be there.
    pub async fn sqlite(file: &Path) -> Result<Ocel, MiningError> {
        Ok(Ocel::Sqlite(SqliteFile::begin(file).await?))
    }

    async fn event(&mut self, event: &Event) -> Result<(), MiningError> {
        match self {
            Ocel::Json(file) => file.event(event),
            Ocel::Sqlite(file) => file.event(event).await,
        }
    }

    async fn object(&mut self, object: &Object) -> Result<(), MiningError> {
        match self {
            Ocel::Json(file) => file.object(object),
            Ocel::Sqlite(file) => file.object(object).await,
        }
    }

    async fn finish(self) -> Result<(), MiningError> {
        match self {
            Ocel::Json(file) => file.finish(),
            Ocel::Sqlite(file) => file.finish().await,
        }
    }
}
