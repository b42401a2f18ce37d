//! One handle for both databases: code is written once, and type-checked for each.

use std::error::Error;
use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::error::DatabaseError;
use sqlx::migrate::{Migrate as _, MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteError, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, PgConnection, PgPool, Postgres, Row as _, Sqlite, SqlitePool, Transaction};

use crate::copying::Copying;

/// A database: a pool of connections to one of the two kinds. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Db {
    /// PostgreSQL.
    Postgres(PgPool),
    /// SQLite.
    Sqlite(SqlitePool),
}

/// A transaction on either database.
#[derive(Debug)]
pub enum Tx<'a> {
    /// On PostgreSQL.
    Postgres(Transaction<'a, Postgres>),
    /// On SQLite; one that writes has taken the write lock.
    Sqlite(Transaction<'a, Sqlite>),
}

/// Runs one body on whichever database it is, type-checked for each.
///
/// `on!(Db, &db, pool => query.fetch_all(pool).await)` or `on!(Tx, tx, conn => query.execute(&mut **conn).await)`.
#[macro_export]
macro_rules! on {
    ($kind:ident, $database:expr, $connection:ident => $body:expr) => {
        match $database {
            $crate::$kind::Postgres($connection) => $body,
            $crate::$kind::Sqlite($connection) => $body,
        }
    };
}

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct Options {
    /// The most connections held at once.
    pub connections: u32,
    /// The schema that unqualified names mean. PostgreSQL only; none is the server's default.
    pub schema: Option<String>,
    /// Whether a commit that returned survives a power cut. SQLite only; what can be folded again does without.
    pub durable: bool,
    /// Whether writing is refused, and a SQLite file that is not there is not made.
    pub read_only: bool,
    /// Whether what is deleted is overwritten, so that nothing of it is left in the file. SQLite only.
    pub overwrite: bool,
}

/// For how long a connection that was used counts as alive: what the server ends while nobody asks is found before somebody does.
const FRESH: Duration = Duration::from_millis(50);

/// How long a server may take to give a sign of life on a connection that is taken up or laid back.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);

impl Default for Options {
    fn default() -> Self {
        Options { connections: 8, schema: None, durable: true, read_only: false, overwrite: false }
    }
}

/// What goes wrong with a database.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The address names neither kind of database.
    #[error("a database address begins with sqlite: or postgres:, not with {0:?}")]
    Scheme(String),
    /// A certificate or key that the address names cannot be read.
    #[error("cannot read {file}")]
    Certificate {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// A statement, a connection or a commit failed.
    #[error("the database failed")]
    Sql(#[from] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("the tables could not be brought up to date")]
    Migrate(#[from] MigrateError),
    /// A row holds what nothing here can have written.
    #[error("{table}.{column} of {id} holds what cannot be")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row.
        id: String,
    },
}

/// How long a statement waits for SQLite's write lock, and a caller for a connection.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a server may take over a statement or a transaction. Where the line to it has fallen silent, nothing else ever
/// ends the wait.
const ANSWER: Duration = Duration::from_secs(30);

/// How many KiB of pages a connection to SQLite keeps; below nought, or SQLite takes it for a number of pages. Every
/// connection has a cache of its own and keeps it while nobody asks, and the system has the file's pages anyway: a
/// quarter of what SQLite would keep.
const CACHE: &str = "-512";

/// How many rows SQLite's thread may be ahead of who reads them. Each time it is not, one of the two wakes the other.
const ROWS: usize = 1_000;

/// How often a transaction is tried again after it lost to another.
const RETRIES: u32 = 8;

impl Db {
    /// Opens the database at an address: `sqlite:` and a path, or `postgres:` and what libpq takes.
    pub async fn connect(url: &str, options: &Options) -> Result<Db, DbError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Db::sqlite(SqliteConnectOptions::from_str(url)?, options).await,
            Some(("postgres" | "postgresql", rest)) => {
                read_certificates(rest)?;
                Db::postgres(PgConnectOptions::from_str(url)?, options).await
            }
            Some((scheme, _)) => Err(DbError::Scheme(scheme.to_owned())),
            None => Err(DbError::Scheme(String::new())),
        }
    }

    /// Opens the SQLite database in a file, which only its owner may read when it is made.
    pub async fn open(file: &Path, options: &Options) -> Result<Db, DbError> {
        if !options.read_only {
            // SQLite would make it for everybody to read. What it puts beside a file, it makes like that file.
            File::options().append(true).create(true).mode(0o600).open(file).map_err(sqlx::Error::Io)?;
        }
        Db::sqlite(SqliteConnectOptions::new().filename(file), options).await
    }

    async fn sqlite(connect: SqliteConnectOptions, options: &Options) -> Result<Db, DbError> {
        let connect = connect
            .foreign_keys(true)
            .busy_timeout(PATIENCE)
            .pragma("cache_size", CACHE)
            // What has no room there while it is written would be written twice.
            .pragma("cache_spill", "OFF")
            .row_buffer_size(ROWS)
            .synchronous(if options.durable { SqliteSynchronous::Full } else { SqliteSynchronous::Normal })
            .pragma("secure_delete", if options.overwrite { "ON" } else { "OFF" })
            .read_only(options.read_only);
        // A reader cannot set the journal's mode, and need not: the file remembers it.
        let connect = if options.read_only {
            connect
        } else {
            connect.journal_mode(SqliteJournalMode::Wal).create_if_missing(true)
        };
        let pool = SqlitePoolOptions::new()
            .max_connections(options.connections)
            .acquire_timeout(PATIENCE)
            // What fails on a full disk, SQLite rolls back by itself; sqlx then takes the transaction for one that is open,
            // and no other could ever begin on the connection.
            .before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }));
        Ok(Db::Sqlite(pool.connect_with(connect).await?))
    }

    async fn postgres(connect: PgConnectOptions, options: &Options) -> Result<Db, DbError> {
        // A server that does not learn that its client is gone keeps what the client had locked: the log's head, say.
        let mut connect = connect.application_name("rectify").options([
            ("idle_in_transaction_session_timeout", "20s"),
            ("tcp_keepalives_idle", "15s"),
            ("tcp_keepalives_interval", "5s"),
            ("tcp_keepalives_count", "3"),
        ]);
        if let Some(schema) = &options.schema {
            connect = connect.options([("search_path", schema)]);
        }
        if options.read_only {
            connect = connect.options([("default_transaction_read_only", "on")]);
        }
        Ok(Db::Postgres(postgres_pool(options.connections).connect_with(connect).await?))
    }

    /// Brings one crate's tables up to date. `kept_in` is the table that remembers what was applied, one a crate.
    pub async fn migrate(
        &self,
        kept_in: &'static str,
        mut postgres: Migrator,
        mut sqlite: Migrator,
    ) -> Result<(), DbError> {
        match self {
            Db::Postgres(pool) => {
                postgres.dangerous_set_table_name(kept_in);
                postgres.run_direct(None, &mut *pool.acquire().await?, false).await?;
            }
            Db::Sqlite(pool) => {
                sqlite.dangerous_set_table_name(kept_in);
                // Its migrator takes no lock, so two that begin at once would both make the tables.
                let mut alone = pool.begin_with("BEGIN IMMEDIATE").await?;
                sqlite.run_direct(None, &mut *alone, false).await?;
                alone.commit().await?;
            }
        }
        Ok(())
    }

    /// Returns whether one crate's tables are as [`Db::migrate`] makes them. Only reads.
    pub async fn is_migrated(
        &self,
        kept_in: &'static str,
        postgres: &Migrator,
        sqlite: &Migrator,
    ) -> Result<bool, DbError> {
        let (applied, wanted) = match self {
            Db::Postgres(pool) => (pool.acquire().await?.list_applied_migrations(kept_in).await, postgres),
            Db::Sqlite(pool) => (pool.acquire().await?.list_applied_migrations(kept_in).await, sqlite),
        };
        match applied {
            Ok(applied) => Ok(wanted.iter().all(|migration| applied.iter().any(|a| a.version == migration.version))),
            // There is no table to remember anything: nothing was ever applied.
            Err(MigrateError::Execute(sqlx::Error::Database(error))) if is_of_no_table(&*error) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Returns whether one crate's tables were ever made. Only reads.
    pub(crate) async fn has_migrated(&self, kept_in: &'static str) -> Result<bool, DbError> {
        let applied = match self {
            Db::Postgres(pool) => pool.acquire().await?.list_applied_migrations(kept_in).await,
            Db::Sqlite(pool) => pool.acquire().await?.list_applied_migrations(kept_in).await,
        };
        match applied {
            Ok(applied) => Ok(!applied.is_empty()),
            Err(MigrateError::Execute(sqlx::Error::Database(_))) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Begins a transaction that will write: on SQLite it takes the write lock at once.
    pub async fn begin(&self) -> Result<Tx<'static>, sqlx::Error> {
        self.begin_with("BEGIN").await
    }

    async fn begin_with(&self, on_postgres: &'static str) -> Result<Tx<'static>, sqlx::Error> {
        Ok(match self {
            Db::Postgres(pool) => Tx::Postgres(pool.begin_with(on_postgres).await?),
            Db::Sqlite(pool) => Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?),
        })
    }

    /// Begins a transaction that only reads, and sees one state of everything. It holds nobody up.
    pub async fn begin_reading(&self) -> Result<Tx<'static>, sqlx::Error> {
        Ok(match self {
            Db::Postgres(pool) => {
                Tx::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?)
            }
            Db::Sqlite(pool) => Tx::Sqlite(pool.begin().await?),
        })
    }

    /// Runs a body in a transaction and commits it; runs it again when it lost to another transaction, and only then.
    ///
    /// The body's error must keep what the database said as a `source` (not transparently), or be it. What the body
    /// borrows lives as long as `'a`: `db.transact("append", |tx| write(tx, &events).boxed())`.
    pub async fn transact<'a, T, E, F>(&self, name: &'static str, body: F) -> Result<T, E>
    where
        F: for<'t> FnMut(&'t mut Tx<'a>) -> BoxFuture<'t, Result<T, E>>,
        E: From<sqlx::Error> + Error + 'static,
    {
        self.transact_after("BEGIN", name, body).await
    }

    /// Runs a body as [`Db::transact`] does, in a transaction that begins with these statements on PostgreSQL.
    pub(crate) async fn transact_after<'a, T, E, F>(
        &self,
        begin: &'static str,
        name: &'static str,
        mut body: F,
    ) -> Result<T, E>
    where
        F: for<'t> FnMut(&'t mut Tx<'a>) -> BoxFuture<'t, Result<T, E>>,
        E: From<sqlx::Error> + Error + 'static,
    {
        let mut retries = 0;
        loop {
            let result = match self {
                Db::Sqlite(_) => self.attempt(begin, &mut body).await,
                Db::Postgres(_) => match tokio::time::timeout(ANSWER, self.attempt(begin, &mut body)).await {
                    Ok(result) => result,
                    Err(_) => Err(silent(ANSWER).into()),
                },
            };
            match &result {
                Err(error) if retries < RETRIES && lost(error) => {
                    count(name, "retried");
                    retries += 1;
                    tokio::time::sleep(Duration::from_millis(2 << retries)).await;
                    continue;
                }
                Ok(_) => count(name, "committed"),
                Err(_) => count(name, "failed"),
            }
            return result;
        }
    }

    async fn attempt<'a, T, E, F>(&self, begin: &'static str, body: &mut F) -> Result<T, E>
    where
        F: for<'t> FnMut(&'t mut Tx<'a>) -> BoxFuture<'t, Result<T, E>>,
        E: From<sqlx::Error>,
    {
        let mut tx = self.begin_with(begin).await?;
        let done = body(&mut tx).await?;
        tx.commit().await?;
        Ok(done)
    }

    /// Waits for what is asked of the database, but not for ever where that is a server.
    pub async fn answered<T>(&self, asking: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
        match self {
            Db::Sqlite(_) => asking.await,
            Db::Postgres(_) => tokio::time::timeout(ANSWER, asking).await.unwrap_or_else(|_| Err(silent(ANSWER))),
        }
    }

    /// Closes every connection, once what they do is done.
    pub async fn close(&self) {
        on!(Db, self, pool => pool.close().await);
    }
}

impl Tx<'_> {
    /// Makes what was written durable and visible.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        on!(Tx, self, transaction => transaction.commit().await)
    }
}

/// Returns whether a database has no table of the name that it was asked about.
fn is_of_no_table(error: &dyn DatabaseError) -> bool {
    match (error.code(), error.try_downcast_ref::<SqliteError>()) {
        (_, Some(error)) => error.message().starts_with("no such table"),
        (code, None) => code.as_deref() == Some("42P01"),
    }
}

/// Returns how connections to PostgreSQL are kept. One that lay idle is asked for a sign of life before it is used, and given
/// up when none comes: its line may have fallen silent.
pub fn postgres_pool(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move { Ok(known.idle_for < FRESH || soon(connection.ping()).await.is_ok()) })
        })
        // One that is dropped while it waits for an answer is waited for by sqlx without end, and its place in the pool lost.
        .after_release(|connection, _| {
            Box::pin(async move {
                if Copying::was_given_up() {
                    soon(in_step(connection)).await.map(|()| true)
                } else {
                    soon(connection.ping()).await.map(|()| true)
                }
            })
        })
}

/// Asks for something, and fails unless just that is answered.
async fn in_step(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let answer = sqlx::raw_sql("SELECT 'in step'").fetch_one(connection).await?;
    match answer.try_get_raw(0)?.as_str() {
        Ok("in step") => Ok(()),
        Ok(_) | Err(_) => Err(sqlx::Error::Protocol("another question was answered".to_owned())),
    }
}

async fn soon(asking: impl Future<Output = Result<(), sqlx::Error>>) -> Result<(), sqlx::Error> {
    tokio::time::timeout(SIGN_OF_LIFE, asking).await.unwrap_or_else(|_| Err(silent(SIGN_OF_LIFE)))
}

/// Whether a transaction that ended so was committed is not known.
fn silent(waited: Duration) -> sqlx::Error {
    let seconds = waited.as_secs();
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, format!("the database did not answer in {seconds} s")))
}

/// Refuses an address that names a certificate or key which cannot be read: the client says only that some file cannot.
fn read_certificates(address: &str) -> Result<(), DbError> {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let named = query.split('&').filter_map(|pair| pair.split_once('='));
    for (_, file) in named.filter(|(name, _)| matches!(*name, "sslrootcert" | "sslcert" | "sslkey")) {
        let file = percent_encoding::percent_decode_str(file).decode_utf8_lossy().into_owned();
        File::open(&file).map_err(|source| DbError::Certificate { file, source })?;
    }
    Ok(())
}

fn count(name: &'static str, result: &'static str) {
    metrics::counter!("rectify_transactions_total", "name" => name, "result" => result).increment(1);
}

/// Returns whether something failed because a disk is full: this machine's, or the database server's.
pub fn is_out_of_room(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| {
        let io = error.downcast_ref::<io::Error>().map(io::Error::kind);
        let database = error.downcast_ref::<sqlx::Error>().and_then(sqlx::Error::as_database_error);
        matches!(io, Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
            || database.is_some_and(|error| match (error.code(), error.try_downcast_ref::<SqliteError>()) {
                // The low byte of an extended code: full.
                (Some(code), Some(_)) => code.parse().unwrap_or(0) & 0xff == 13,
                (Some(code), None) => code == "53100",
                (None, _) => false,
            })
    })
}

/// Returns whether a transaction failed only because another was there at the same time.
fn lost(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source())
        .filter_map(|error| error.downcast_ref::<sqlx::Error>()?.as_database_error())
        .any(|error| match (error.code(), error.try_downcast_ref::<SqliteError>()) {
            // The low byte of an extended code: busy, or locked.
            (Some(code), Some(_)) => matches!(code.parse().unwrap_or(0) & 0xff, 5 | 6),
            // Serialization failure, or deadlock.
            (Some(code), None) => matches!(&*code, "40001" | "40P01"),
            (None, _) => false,
        })
}
