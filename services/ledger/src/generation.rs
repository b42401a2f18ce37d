//! A generation of the ledger: one fold of the whole log, in a file or a schema of its own.

use std::io;
use std::path::PathBuf;

use chrono::NaiveDate;
use futures::FutureExt as _;
use rectify_case::{LogId, Position, Zone};
use rectify_log::{Db, DbError, Options, Roles, RolesError, Tx};
use sqlx::PgPool;
use sqlx::migrate::Migrator;
use uuid::Uuid;

use crate::error::{LedgerError, inconsistent};
use crate::sql::Sql;
use crate::{dialect, statements};

/// What the fold and the tokens look like. Raised with every change of either: a ledger of another shape is folded again.
pub(crate) const SHAPE: i64 = 8;

/// The most connections to one generation.
const CONNECTIONS: u32 = 6;

/// One generation.
#[derive(Debug)]
pub(crate) struct Generation {
    pub(crate) number: i64,
    pub(crate) db: Db,
    /// Whether another version of the program folded it.
    pub(crate) outdated: bool,
}

/// How far a generation is folded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checkpoint {
    pub(crate) log: Option<LogId>,
    pub(crate) position: Position,
    pub(crate) shape: i64,
    pub(crate) zone: Option<i64>,
}

/// Makes the ledger beside a log, unless there is one.
pub async fn migrate(main: &Db) -> Result<(), LedgerError> {
    main.migrate(
        "generations_migrations",
        sqlx::migrate!("../../migrations/postgres/generations"),
        sqlx::migrate!("../../migrations/sqlite/generations"),
    )
    .await?;
    if Generation::serving(main).await?.is_none() {
        main.transact("make ledger", |tx| make_first(main, tx).boxed()).await?;
    }
    Ok(())
}

/// Returns whether there is a ledger beside a log. Only reads.
pub async fn is_migrated(main: &Db) -> Result<bool, LedgerError> {
    let (postgres, sqlite) = (
        sqlx::migrate!("../../migrations/postgres/generations"),
        sqlx::migrate!("../../migrations/sqlite/generations"),
    );
    let migrated = main.is_migrated("generations_migrations", &postgres, &sqlite).await?;
    Ok(migrated && Generation::serving(main).await?.is_some())
}

/// Grants what is done to the ledgers, of which there is one: who folds owns them as a group, the others read.
pub async fn grant(roles: &Roles) -> Result<(), RolesError> {
    roles.run(dialect::GRANTS).await
}

async fn make_first(main: &Db, tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    let number = begin(tx).await?;
    // Another process may have made it between the look and the lock.
    if Generation::serving(main).await?.is_none() {
        Generation::make(main, number).await?;
        Sql::new(statements::SERVE, [number.into()]).execute(tx).await?;
    } else {
        Sql::new(statements::FORGET_GENERATION, [number.into()]).execute(tx).await?;
    }
    Ok(())
}

/// Enters a new generation, and returns its number. Those that others were folding beside the serving one are given up.
pub(crate) async fn begin(tx: &mut Tx<'_>) -> Result<i64, LedgerError> {
    if matches!(tx, Tx::Postgres(_)) {
        Sql::new(dialect::LOCK_GENERATIONS, []).execute(tx).await?;
    }
    Sql::new(statements::GIVE_UP_FOLDING, []).execute(tx).await?;
    Sql::new(statements::BEGIN_GENERATION, []).execute(tx).await?;
    let numbers: Vec<(i64,)> = Sql::new(statements::FOLDING_GENERATION, []).fetch_in(tx).await?;
    numbers.first().map(|(number,)| *number).ok_or(LedgerError::Missing)
}

/// Puts an empty generation in the place of the serving one, and returns its number.
pub(crate) async fn replace(main: &Db) -> Result<i64, LedgerError> {
    main.transact("replace ledger", |tx| replace_in(main, tx).boxed()).await
}

async fn replace_in(main: &Db, tx: &mut Tx<'_>) -> Result<i64, LedgerError> {
    let number = begin(tx).await?;
    Generation::make(main, number).await?;
    serve(tx, number).await?;
    Ok(number)
}

/// Lets a generation serve in the place of the one that does. [`LedgerError::Abandoned`] when it was given up.
pub(crate) async fn serve(tx: &mut Tx<'_>, number: i64) -> Result<(), LedgerError> {
    if matches!(tx, Tx::Postgres(_)) {
        Sql::new(dialect::LOCK_GENERATIONS, []).execute(tx).await?;
    }
    Sql::new(statements::RETIRE_SERVING, []).execute(tx).await?;
    if Sql::new(statements::SERVE, [number.into()]).execute(tx).await? == 0 {
        return Err(LedgerError::Abandoned);
    }
    Ok(())
}

/// Drops the ledgers that serve no more. A projection does so by itself, once nobody reads them.
pub async fn drop_retired(main: &Db) -> Result<(), LedgerError> {
    let retired: Vec<(i64,)> = Sql::new(statements::GENERATIONS_TO_DROP, []).fetch_all(main).await?;
    for (number,) in retired {
        Generation::drop(main, number).await?;
        main.transact("forget ledger", |tx| forget(tx, number).boxed()).await?;
    }
    Ok(())
}

async fn forget(tx: &mut Tx<'_>, number: i64) -> Result<(), LedgerError> {
    Sql::new(statements::FORGET_GENERATION, [number.into()]).execute(tx).await?;
    Ok(())
}

async fn begin_checkpoint(tx: &mut Tx<'_>) -> Result<(), LedgerError> {
    Sql::new(statements::BEGIN_CHECKPOINT, [SHAPE.into()]).execute(tx).await?;
    Ok(())
}

impl Generation {
    /// Returns the number of the generation that serves.
    pub(crate) async fn serving(main: &Db) -> Result<Option<i64>, LedgerError> {
        let row: Option<(i64,)> = Sql::new(statements::SERVING_GENERATION, []).fetch_optional(main).await?;
        Ok(row.map(|(number,)| number))
    }

    /// Opens a generation.
    pub(crate) async fn open(main: &Db, number: i64) -> Result<Generation, LedgerError> {
        let db = match main {
            Db::Postgres(pool) => open_schema(pool, number).await?,
            Db::Sqlite(_) => {
                let file = file(main, number).filter(|file| file.exists()).ok_or(LedgerError::Missing)?;
                open_file(&file).await?
            }
        };
        let generation = Generation { number, db, outdated: false };
        let outdated = generation.checkpoint().await?.shape != SHAPE;
        Ok(Generation { outdated, ..generation })
    }

    /// Makes a generation with nothing in it.
    pub(crate) async fn make(main: &Db, number: i64) -> Result<Generation, LedgerError> {
        // A generation whose making was cut off has no number, but may have left something.
        Generation::drop(main, number).await?;
        let db = match main {
            Db::Postgres(pool) => {
                dialect::make_schema(main, &schema(number)).await?;
                open_schema(pool, number).await?
            }
            Db::Sqlite(_) => open_file(&file(main, number).ok_or(LedgerError::Missing)?).await?,
        };
        let generation = Generation { number, db, outdated: false };
        let (postgres, sqlite) = migrations();
        generation.db.migrate("ledger_migrations", postgres, sqlite).await?;
        generation.db.transact("make ledger", |tx| begin_checkpoint(tx).boxed()).await?;
        Ok(generation)
    }

    /// Drops a generation. On SQLite, whoever has the file open keeps it until it is closed.
    pub(crate) async fn drop(main: &Db, number: i64) -> Result<(), LedgerError> {
        match main {
            Db::Postgres(_) => dialect::drop_schema(main, &schema(number)).await?,
            Db::Sqlite(_) => {
                let Some(file) = file(main, number) else { return Ok(()) };
                for ending in ["", "-wal", "-shm"] {
                    let mut name = file.clone().into_os_string();
                    name.push(ending);
                    match std::fs::remove_file(name) {
                        Err(error) if error.kind() != io::ErrorKind::NotFound => {
                            return Err(LedgerError::Remove(error));
                        }
                        Ok(()) | Err(_) => {}
                    }
                }
            }
        }
        Ok(())
    }

    pub(crate) async fn checkpoint(&self) -> Result<Checkpoint, LedgerError> {
        let row: Option<(Option<Uuid>, i64, i64, Option<i64>)> =
            Sql::new(statements::CHECKPOINT, []).fetch_optional(&self.db).await?;
        let (log, position, shape, zone) = row.ok_or(LedgerError::Missing)?;
        let position = position.try_into().map_err(|_| inconsistent("checkpoint", "position", position))?;
        Ok(Checkpoint { log: log.map(LogId), position, shape, zone })
    }
}

/// Returns a zone as the checkpoint keeps it: how many seconds it is east of UTC.
pub(crate) fn seconds_east(zone: Zone) -> i64 {
    -zone.start_of(NaiveDate::default()).timestamp()
}

fn migrations() -> (Migrator, Migrator) {
    (sqlx::migrate!("../../migrations/postgres/ledger"), sqlx::migrate!("../../migrations/sqlite/ledger"))
}

async fn open_file(file: &std::path::Path) -> Result<Db, DbError> {
    // What a power cut takes is folded again.
    Db::open(file, &Options { connections: CONNECTIONS, durable: false, ..Options::default() }).await
}

async fn open_schema(pool: &PgPool, number: i64) -> Result<Db, DbError> {
    // What a power cut takes is folded again. What is asked takes milliseconds: compiling it first takes hundreds.
    let off = || "off".to_owned();
    let own = [("search_path", schema(number)), ("synchronous_commit", off()), ("jit", off())];
    let mut connect = (*pool.connect_options()).clone().options(own);
    if let Some(group) = dialect::folders(pool).await? {
        connect = connect.options([("role", group)]);
    }
    Ok(Db::Postgres(rectify_log::db::postgres_pool(CONNECTIONS).connect_with(connect).await?))
}

fn schema(number: i64) -> String {
    format!("ledger_{number}")
}

/// Returns the file of a generation: beside that of the log.
fn file(main: &Db, number: i64) -> Option<PathBuf> {
    match main {
        Db::Postgres(_) => None,
        Db::Sqlite(pool) => Some(pool.connect_options().get_filename().with_file_name(format!("ledger-{number}.db"))),
    }
}
