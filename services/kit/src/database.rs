//! The database of an installation: SQLite files in the data folder, or Postgres.

use std::fs::{DirBuilder, File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use rectify_log::{Clock, Db, Log, Options};
use secrecy::ExposeSecret as _;

use crate::config::Config;
use crate::part::Part;

/// The file that holds the log and the accounts, in the data folder.
const FILE: &str = "rectify.db";

/// The file whose lock whoever writes holds, in the data folder.
const LOCK: &str = "rectify.lock";

/// How many connections a process appends by: one group is written at a time.
const APPENDING: u32 = 2;

/// The right to write in a data folder. One process has it, until the last clone is dropped.
#[derive(Clone, Debug)]
pub struct FolderLock {
    _file: Arc<File>,
}

/// Another process writes in the data folder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} is in use by process {holder}: stop it first, or do this through it", folder.display())]
pub struct FolderInUse {
    /// The folder.
    pub folder: PathBuf,
    /// The id of the process that has it, as it wrote it down.
    pub holder: String,
}

impl FolderLock {
    /// Takes the lock of a data folder. [`FolderInUse`] when another process has it.
    pub fn take(folder: &Path) -> anyhow::Result<FolderLock> {
        let path = folder.join(LOCK);
        let open = File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let mut file = open.with_context(|| format!("cannot open {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                bail!(FolderInUse { folder: folder.to_owned(), holder: holder.trim().to_owned() });
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
        file.set_len(0)?;
        file.rewind()?;
        writeln!(file, "{}", std::process::id())?;
        Ok(FolderLock { _file: Arc::new(file) })
    }
}

/// Opens the database for a part: on SQLite, one that writes takes the lock of the data folder and makes the folder.
pub async fn open(config: &Config, part: Part) -> anyhow::Result<(Db, Option<FolderLock>)> {
    let options = Options { read_only: part == Part::Reader, ..Options::default() };
    if let Some(url) = &config.database {
        let db = Db::connect(url.expose_secret(), &options).await;
        return Ok((db.context("cannot connect to the database of database.url")?, None));
    }
    let folder = &config.data;
    let lock = match part {
        Part::Reader => None,
        Part::Whole | Part::Service(_) | Part::Writer => {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.with_context(|| format!("cannot make the data folder {}", folder.display()))?;
            Some(FolderLock::take(folder)?)
        }
    };
    let file = folder.join(FILE);
    if part == Part::Reader && !file.exists() {
        bail!("there is no installation in {}: start one with `rectify up`", folder.display());
    }
    let db = Db::open(&file, &options).await.with_context(|| format!("cannot open {}", file.display()))?;
    Ok((db, lock))
}

/// Opens the log for a part. One that appends does so by `database.append_url`, where that is set: then the database of
/// `database.url` needs to grant it no right to insert events.
pub async fn open_log(config: &Config, part: Part, db: &Db, clock: &Clock) -> anyhow::Result<Log> {
    let appender = match config.appender.as_ref().filter(|_| part.appends()) {
        None => db.clone(),
        Some(url) => {
            let options = Options { connections: APPENDING, ..Options::default() };
            let db = Db::connect(url.expose_secret(), &options).await;
            db.context("cannot connect to the database of database.append_url")?
        }
    };
    Log::open_apart(db.clone(), appender, clock.clone()).await.context("cannot open the log")
}

/// Opens the database beside whoever else writes in it, for a row that nobody else writes and no event depends on.
pub async fn open_beside(config: &Config) -> anyhow::Result<Db> {
    let options = Options { connections: 1, ..Options::default() };
    let opened = match &config.database {
        Some(url) => Db::connect(url.expose_secret(), &options).await,
        None => Db::open(&config.data.join(FILE), &options).await,
    };
    opened.context("cannot open the database")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_writes_in_a_data_folder_and_the_next_learns_which() {
        let folder = rectify_tests::folder();
        let lock = FolderLock::take(folder.path()).unwrap();
        let error = FolderLock::take(folder.path()).unwrap_err().downcast::<FolderInUse>().unwrap();
        assert_eq!(error.holder, std::process::id().to_string());
        drop(lock);
        FolderLock::take(folder.path()).unwrap();
    }
}
