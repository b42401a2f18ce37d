//! OCEL 2.0 as a SQLite database: a table of all events and of all objects, one of each type with its attributes, and who has
//! to do with whom.

use std::fs::File;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, SqliteConnection};

use super::data::{ALWAYS, Changed, Event, Object, Relationship, instant};
use super::vocabulary::{BOOLEAN, Declared, INTEGER, OBJECT_TYPES, OF_EVENTS, TIME, event_types};
use crate::error::MiningError;

/// The tables that there are whatever the types.
const TABLES: &str = r#"
BEGIN;
CREATE TABLE "event_map_type" ("ocel_type" TEXT PRIMARY KEY, "ocel_type_map" TEXT);
CREATE TABLE "object_map_type" ("ocel_type" TEXT PRIMARY KEY, "ocel_type_map" TEXT);
CREATE TABLE "event" ("ocel_id" TEXT PRIMARY KEY, "ocel_type" TEXT REFERENCES "event_map_type" ("ocel_type"));
CREATE TABLE "object" ("ocel_id" TEXT PRIMARY KEY, "ocel_type" TEXT REFERENCES "object_map_type" ("ocel_type"));
CREATE TABLE "event_object" (
    "ocel_event_id" TEXT REFERENCES "event" ("ocel_id"),
    "ocel_object_id" TEXT REFERENCES "object" ("ocel_id"),
    "ocel_qualifier" TEXT,
    PRIMARY KEY ("ocel_event_id", "ocel_object_id", "ocel_qualifier")
);
CREATE TABLE "object_object" (
    "ocel_source_id" TEXT REFERENCES "object" ("ocel_id"),
    "ocel_target_id" TEXT REFERENCES "object" ("ocel_id"),
    "ocel_qualifier" TEXT,
    PRIMARY KEY ("ocel_source_id", "ocel_target_id", "ocel_qualifier")
);"#;

const INSERT_EVENT: &str = r#"INSERT INTO "event" VALUES (?, ?)"#;
const INSERT_OBJECT: &str = r#"INSERT INTO "object" VALUES (?, ?)"#;
const INSERT_EVENT_OBJECT: &str = r#"INSERT INTO "event_object" VALUES (?, ?, ?)"#;
const INSERT_OBJECT_OBJECT: &str = r#"INSERT INTO "object_object" VALUES (?, ?, ?)"#;
const INSERT_EVENT_TYPE: &str = r#"INSERT INTO "event_map_type" VALUES (?, ?)"#;
const INSERT_OBJECT_TYPE: &str = r#"INSERT INTO "object_map_type" VALUES (?, ?)"#;

/// A database as it is written, all in one transaction. What an event is about is there only later: who is whose is
/// checked nowhere but in the tests.
#[derive(Debug)]
pub struct SqliteFile(SqliteConnection);

impl SqliteFile {
    /// Begins a database in a file, which must not be there.
    pub(super) async fn begin(path: &Path) -> Result<SqliteFile, MiningError> {
        File::create_new(path)?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(false)
            .journal_mode(SqliteJournalMode::Off)
            .synchronous(SqliteSynchronous::Off);
        let mut file = SqliteFile(options.connect().await?);
        sqlx::raw_sql(TABLES).execute(&mut file.0).await?;
        for name in event_types() {
            file.declare("event", name, &OF_EVENTS).await?;
            sqlx::query(INSERT_EVENT_TYPE).bind(name).bind(name).execute(&mut file.0).await?;
        }
        for (name, attributes) in OBJECT_TYPES {
            file.declare("object", name, attributes).await?;
            sqlx::query(INSERT_OBJECT_TYPE).bind(name).bind(name).execute(&mut file.0).await?;
        }
        Ok(file)
    }

    async fn declare(&mut self, of: &str, name: &str, attributes: &[Declared]) -> Result<(), MiningError> {
        let changed = if of == "object" { r#", "ocel_changed_field" TEXT"# } else { "" };
        let columns: Vec<String> =
            attributes.iter().map(|(name, kind)| format!(r#", "{name}" {}"#, column(kind))).collect();
        let text = format!(
            r#"CREATE TABLE "{of}_{name}" ("ocel_id" TEXT REFERENCES "{of}" ("ocel_id"), "ocel_time" TIMESTAMP{changed}{})"#,
            columns.concat()
        );
        sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut self.0).await?;
        Ok(())
    }

    pub(super) async fn event(&mut self, event: &Event) -> Result<(), MiningError> {
        sqlx::query(INSERT_EVENT).bind(&event.id).bind(event.kind).execute(&mut self.0).await?;
        let columns: Vec<String> =
            event.attributes.iter().map(|attribute| format!(r#", "{}""#, attribute.name)).collect();
        let places = ", ?".repeat(event.attributes.len());
        let text = format!(
            r#"INSERT INTO "event_{}" ("ocel_id", "ocel_time"{}) VALUES (?, ?{places})"#,
            event.kind,
            columns.concat()
        );
        let query = sqlx::query(AssertSqlSafe(text)).bind(&event.id).bind(instant(event.time));
        let query = event.attributes.iter().fold(query, |query, attribute| query.bind(&attribute.value));
        query.execute(&mut self.0).await?;
        self.relate(INSERT_EVENT_OBJECT, &event.id, event.relationships.iter()).await
    }

    pub(super) async fn object(&mut self, object: &Object) -> Result<(), MiningError> {
        sqlx::query(INSERT_OBJECT).bind(&object.id).bind(object.kind).execute(&mut self.0).await?;
        // The first row has what it always had, each of the others one value that changed.
        let (always, changed): (Vec<&Changed>, Vec<&Changed>) =
            object.attributes.iter().partition(|value| value.time == ALWAYS);
        self.row(object, None, &always).await?;
        for value in changed {
            self.row(object, Some(value.name), &[value]).await?;
        }
        self.relate(INSERT_OBJECT_OBJECT, &object.id, object.relationships.iter()).await
    }

    async fn row(&mut self, object: &Object, changed: Option<&str>, values: &[&Changed]) -> Result<(), MiningError> {
        let columns: Vec<String> = values.iter().map(|value| format!(r#", "{}""#, value.name)).collect();
        let places = ", ?".repeat(values.len());
        let text = format!(
            r#"INSERT INTO "object_{}" ("ocel_id", "ocel_time", "ocel_changed_field"{}) VALUES (?, ?, ?{places})"#,
            object.kind,
            columns.concat()
        );
        let time = changed.and(values.first()).map_or(ALWAYS, |value| value.time);
        let query = sqlx::query(AssertSqlSafe(text)).bind(&object.id).bind(instant(time)).bind(changed);
        values.iter().fold(query, |query, value| query.bind(&value.value)).execute(&mut self.0).await?;
        Ok(())
    }

    async fn relate<'a>(
        &mut self,
        statement: &'static str,
        id: &str,
        relationships: impl Iterator<Item = &'a Relationship>,
    ) -> Result<(), MiningError> {
        for relationship in relationships {
            let query = sqlx::query(statement).bind(id).bind(&relationship.object).bind(relationship.qualifier);
            query.execute(&mut self.0).await?;
        }
        Ok(())
    }

    pub(super) async fn finish(mut self) -> Result<(), MiningError> {
        sqlx::raw_sql("COMMIT").execute(&mut self.0).await?;
        self.0.close().await?;
        Ok(())
    }
}

/// Returns the type of a column. What is written are texts: SQLite makes numbers of them where numbers are declared.
fn column(kind: &str) -> &'static str {
    match kind {
        INTEGER => "INTEGER",
        BOOLEAN => "BOOLEAN",
        TIME => "TIMESTAMP",
        _ => "TEXT",
    }
}
