//! The databases and servers of a run: their data on a disk, with everything made durable as an installation has it.

use std::path::{Path, PathBuf};

use rectify_kit::config::{Config, Flags};
use rectify_log::{Clock, Db, Log, Options};
use rectify_tests::postgres::{Cluster, Database};
use rectify_tests::{TempFolder, folder};
use tokio::sync::OnceCell;

/// The two kinds of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    Postgres,
    Sqlite,
}

impl On {
    pub const BOTH: [On; 2] = [On::Postgres, On::Sqlite];

    pub fn name(self) -> &'static str {
        match self {
            On::Postgres => "Postgres",
            On::Sqlite => "SQLite",
        }
    }
}

/// What databases are made on.
#[derive(Debug)]
pub struct Beds {
    cluster: OnceCell<Cluster>,
    folder: TempFolder,
}

/// A database with nothing but the tables of the log, gone with this value.
#[derive(Debug)]
pub struct Bed {
    pub db: Db,
    pub url: String,
    _kept: Kept,
}

#[derive(Debug)]
#[expect(dead_code, reason = "dropped with the bed")]
enum Kept {
    Folder(TempFolder),
    Database(Database),
}

impl Beds {
    pub fn new() -> Beds {
        Beds { cluster: OnceCell::const_new(), folder: folder() }
    }

    /// Returns the folder whose disk everything is on.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Makes a database with the tables of the log.
    pub async fn make(&self, on: On) -> Bed {
        let (url, kept) = match on {
            On::Postgres => {
                let database = self.cluster.get_or_init(Cluster::start_durable).await.database().await;
                (database.url().to_owned(), Kept::Database(database))
            }
            On::Sqlite => {
                let folder = folder();
                (format!("sqlite:{}", folder.path().join("rectify.db").display()), Kept::Folder(folder))
            }
        };
        let db = connect(&url).await;
        rectify_log::migrate(&db).await.expect("an empty database takes the tables of the log");
        Bed { db, url, _kept: kept }
    }
}

impl Bed {
    /// Opens the log in it.
    pub async fn log(&self) -> Log {
        log(&self.db).await
    }

    /// Lets the database do now what it would do by itself some time after so much was written.
    pub async fn settle(&self) {
        match &self.db {
            Db::Postgres(pool) => {
                for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
                    sqlx::query(statement).execute(pool).await.expect("PostgreSQL tidies up");
                }
            }
            Db::Sqlite(pool) => {
                let truncated = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(pool).await;
                truncated.expect("SQLite tidies up");
            }
        }
    }
}

/// Opens the log in a database.
pub async fn log(db: &Db) -> Log {
    Log::open(db.clone(), clock()).await.expect("a migrated database has a log")
}

/// Connects as a service does, with as many connections.
pub async fn connect(url: &str) -> Db {
    Db::connect(url, &Options::default()).await.expect("the database answers")
}

/// Returns the system's clock.
pub fn clock() -> Clock {
    rectify_kit::clock::system()
}

/// Returns the configuration of a process with its data in a folder, and what is set beside.
pub fn configuration(folder: &Path, settings: &[(&str, &str)]) -> Config {
    let data = [("data", folder.to_str().expect("a path is text"))];
    let settings = data.iter().chain(settings).map(|(key, value)| ((*key).into(), (*value).into())).collect();
    Config::load_with(&Flags { config: None, settings }, []).expect("a configuration that was tried")
}

/// Returns where the configuration of an installation's NATS server is.
pub fn nats_configuration() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/nats/nats.conf")
}
