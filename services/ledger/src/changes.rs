//! What several tables lose and gain: of few rows, PostgreSQL is told in two statements whatever the number of tables.

use rectify_log::{Copying, Tx};
use sqlx::{AssertSqlSafe, PgConnection, SqliteConnection};

use crate::sql::{VALUES, Value, bound};

/// What several tables lose, and then gain.
#[derive(Default)]
pub(crate) struct Changes<'a> {
    /// The entries whose rows go, and of which table.
    gone: Vec<(&'static str, &'a [i64])>,
    come: Vec<Come<'a>>,
}

/// What a table gains.
struct Come<'a> {
    /// The table, and its columns.
    into: String,
    rows: &'a [Vec<Value>],
    /// What follows the rows.
    tail: &'static str,
}

/// From how many rows on PostgreSQL is given them by `COPY`, which asks it three times for an answer.
const MANY: usize = 500;

/// About how many bytes of a `COPY` are sent at once.
const PIECE: usize = 256 * 1024;

impl<'a> Changes<'a> {
    /// Deletes the rows of these entries.
    pub(crate) fn delete(&mut self, table: &'static str, entries: &'a [i64]) {
        if !entries.is_empty() {
            self.gone.push((table, entries));
        }
    }

    /// Inserts rows of one table: `head` is the statement up to `VALUES`.
    pub(crate) fn insert(&mut self, head: &str, rows: &'a [Vec<Value>]) {
        self.add(head, rows, "");
    }

    /// Inserts rows of one table: `head` is the statement up to `VALUES`, `tail` what follows.
    pub(crate) fn add(&mut self, head: &str, rows: &'a [Vec<Value>], tail: &'static str) {
        if !rows.is_empty() {
            let into = head.trim().trim_start_matches("INSERT INTO ").trim_end_matches("VALUES").trim_end();
            self.come.push(Come { into: into.to_owned(), rows, tail });
        }
    }

    /// Writes them.
    pub(crate) async fn write(self, tx: &mut Tx<'_>) -> Result<(), sqlx::Error> {
        match tx {
            Tx::Postgres(conn) => self.write_on_postgres(conn).await,
            Tx::Sqlite(conn) => self.write_on_sqlite(conn).await,
        }
    }

    async fn write_on_postgres(self, conn: &mut PgConnection) -> Result<(), sqlx::Error> {
        let (many, few): (Vec<_>, Vec<_>) =
            self.come.iter().partition(|come| come.rows.len() >= MANY && come.tail.is_empty());
        delete_at_once(conn, &self.gone).await?;
        insert_at_once(conn, &few).await?;
        for come in many {
            copy(conn, come).await?;
        }
        Ok(())
    }

    async fn write_on_sqlite(self, conn: &mut SqliteConnection) -> Result<(), sqlx::Error> {
        for (table, entries) in self.gone {
            let text = AssertSqlSafe(format!("DELETE FROM {table} WHERE entry IN (SELECT value FROM json_each(?1))"));
            let entries = serde_json::to_string(entries).unwrap_or_default();
            sqlx::query(text).bind(entries).execute(&mut *conn).await?;
        }
        for come in self.come {
            insert_rows(conn, &come).await?;
        }
        Ok(())
    }
}

async fn delete_at_once(conn: &mut PgConnection, gone: &[(&'static str, &[i64])]) -> Result<(), sqlx::Error> {
    let delete = |(place, (table, _)): (usize, &(&str, &[i64]))| {
        format!("gone_{place} AS (DELETE FROM {table} WHERE entry = ANY(${place}))")
    };
    let Some(text) = at_once((1..).zip(gone).map(delete)) else { return Ok(()) };
    let query = gone.iter().fold(sqlx::query(text), |query, (_, entries)| query.bind(*entries));
    query.execute(conn).await.map(drop)
}

/// Inserts rows column by column: one text for however many, that is parsed and planned once.
async fn insert_at_once(conn: &mut PgConnection, come: &[&Come<'_>]) -> Result<(), sqlx::Error> {
    let mut places = 1..;
    let mut array = |value: &Value| {
        let kind = match value {
            Value::Int(_) => "bigint",
            Value::Text(_) => "text",
            Value::Id(_) => "uuid",
            Value::Flag(_) => "boolean",
        };
        format!("${}::{kind}[]", places.next().unwrap_or(0))
    };
    let insert = |(place, Come { into, rows, tail }): (usize, &&Come<'_>)| {
        let arrays = rows[0].iter().map(&mut array).collect::<Vec<_>>().join(", ");
        format!("come_{place} AS (INSERT INTO {into} SELECT * FROM UNNEST({arrays}){tail})")
    };
    let Some(text) = at_once(come.iter().enumerate().map(insert)) else { return Ok(()) };
    let mut query = sqlx::query(text);
    for rows in come.iter().map(|come| come.rows) {
        for (place, value) in rows[0].iter().enumerate() {
            let column = rows.iter().map(|row| &row[place]);
            query = match value {
                Value::Int(_) => query.bind(column.map(Value::int).collect::<Vec<_>>()),
                Value::Text(_) => query.bind(column.map(Value::text).collect::<Vec<_>>()),
                Value::Id(_) => query.bind(column.map(Value::id).collect::<Vec<_>>()),
                Value::Flag(_) => query.bind(column.map(|value| *value == Value::Flag(true)).collect::<Vec<_>>()),
            };
        }
    }
    query.execute(conn).await.map(drop)
}

/// Returns one statement that runs these parts, each of which sees nothing of the others.
fn at_once(parts: impl Iterator<Item = String>) -> Option<AssertSqlSafe<String>> {
    let parts = parts.collect::<Vec<_>>().join(",\n");
    (!parts.is_empty()).then(|| AssertSqlSafe(format!("WITH {parts}\nSELECT")))
}

/// Inserts rows as PostgreSQL takes them fastest.
async fn copy(conn: &mut PgConnection, Come { into, rows, .. }: &Come<'_>) -> Result<(), sqlx::Error> {
    let copying = Copying::begin();
    let mut copy = conn.copy_in_raw(&format!("COPY {into} FROM STDIN (FORMAT binary)")).await?;
    let mut bytes = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
    for row in *rows {
        bytes.extend(i16::try_from(row.len()).unwrap_or(i16::MAX).to_be_bytes());
        for value in row {
            value.copy(&mut bytes);
        }
        if bytes.len() > PIECE {
            copy.send(std::mem::take(&mut bytes)).await?;
        }
    }
    bytes.extend((-1i16).to_be_bytes());
    copy.send(bytes).await?;
    copy.finish().await?;
    copying.ended();
    Ok(())
}

async fn insert_rows(conn: &mut SqliteConnection, come: &Come<'_>) -> Result<(), sqlx::Error> {
    let Come { into, rows, tail } = come;
    let width = rows[0].len();
    let full = VALUES / width.max(1);
    let one = format!("({})", vec!["?"; width].join(", "));
    for rows in rows.chunks(full) {
        let places = vec![one.as_str(); rows.len()].join(", ");
        // The text of one row comes again and again while the log is followed, that of as many as fit while there is much.
        let query = sqlx::query(AssertSqlSafe(format!("INSERT INTO {into} VALUES {places}{tail}")));
        let query = query.persistent(rows.len() == 1 || rows.len() == full);
        bound!(query, rows.iter().flatten()).execute(&mut *conn).await?;
    }
    Ok(())
}
