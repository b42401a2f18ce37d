//! Forking: the log goes on under an id of its own, and its first event of that says from what.

use rectify_case::directory::Fork;
use rectify_case::{Actor, Digest, DirectoryEvent, LogId, Position, StreamId};

use crate::append::{Append, NewEvent};
use crate::clock::Clock;
use crate::db::Db;
use crate::encoding::Draft;
use crate::judge::Place;
use crate::log::LogError;
use crate::position::to_sql;
use crate::read::{self, Head};
use crate::seal::{Moment, seal, time_ordered_id};
use crate::transaction::versions_of;
use crate::{dialect, on, statements};

/// Why a log cannot be forked.
#[derive(Debug, thiserror::Error)]
pub enum ForkError {
    /// There is nothing to go on from.
    #[error("the log is empty: there is nothing to go on from")]
    Empty,
    /// It is not where it was when it was decided.
    #[error("the log goes to position {found} and not to {expected}: somebody writes to it")]
    Moved {
        /// Where it was.
        expected: Position,
        /// Where it is.
        found: Position,
    },
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl From<sqlx::Error> for ForkError {
    fn from(error: sqlx::Error) -> Self {
        ForkError::Log(error.into())
    }
}

/// Gives the log an id of its own from after a position, which must be its last, and returns it. The first event under it
/// says which log it goes on from.
pub async fn fork(db: &Db, clock: &Clock, position: Position, reason: &str) -> Result<LogId, ForkError> {
    let mut tx = db.begin().await?;
    let Some(Head { log: from, position: found, recorded, leaf: Some(leaf) }) = read::lock_head(&mut tx).await? else {
        return Err(ForkError::Empty);
    };
    if found != position {
        return Err(ForkError::Moved { expected: position, found });
    }
    let version = versions_of(&mut tx, [StreamId::Directory]).await?.into_values().next().unwrap_or(0);
    let recorded = clock.now().max(recorded);
    let log = LogId(time_ordered_id(recorded));
    let leaf = Digest::of(leaf);
    let event = DirectoryEvent::LogForked(Fork { from, position, leaf, reason: reason.to_owned() });
    let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: position, writes: Vec::new() };
    let place = Place { position: position + 1, version: version + 1 };
    let new = NewEvent::from(event);
    let draft = Draft::of(&new.event, None, StreamId::Directory).map_err(LogError::Unencodable)?.0;
    let sealed = seal(Moment { log, recorded }, &append, (StreamId::Directory, &new, &draft), place, |_| {})?;
    dialect::write(&mut tx, recorded, &[sealed], &[]).await?;
    on!(Tx, &mut tx, conn => {
        sqlx::query(statements::SET_HEAD)
            .bind(log.0)
            .bind(to_sql(place.position))
            .bind(recorded)
            .execute(&mut **conn)
            .await?;
    });
    tx.commit().await?;
    tracing::info!(log.id = %log, from = %from, position, "the log goes on under an id of its own");
    Ok(log)
}
