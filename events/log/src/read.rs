//! Reading: a stream, the whole log in pages, what a key wrote.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::{DateTime, Utc};
use rectify_case::{Envelope, LogId, Position, StreamId, Version};
use uuid::Uuid;

use crate::append::{Appended, Written};
use crate::db::{Db, DbError, Tx};
use crate::encoding::decode;
use crate::log::LogError;
use crate::position::{from_sql, to_sql};
use crate::transaction::Reached;
use crate::{on, statements};

/// An event as it stands in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Where.
    pub position: Position,
    /// The SHA-256 of its bytes.
    pub leaf: [u8; 32],
    /// The event.
    pub envelope: Envelope,
}

/// An event as the bytes that were hashed, for whoever hands it on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// Where.
    pub position: Position,
    /// The stream it belongs to.
    pub stream: StreamId,
    /// Its name, such as `completion_reported`.
    pub kind: String,
    /// The whole event, as it is hashed.
    pub bytes: Vec<u8>,
    /// The SHA-256 of its bytes.
    pub leaf: [u8; 32],
}

/// What an idempotency key first wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub key: String,
    /// The SHA-256 of what was asked under it.
    pub content: [u8; 32],
    /// The position of the first event.
    pub position: Position,
    /// How many events.
    pub events: u64,
}

/// Which log it is and how far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The log.
    pub log: LogId,
    /// The position of the last event; 0 when there is none.
    pub position: Position,
    /// When that was recorded, or the log made.
    pub recorded: DateTime<Utc>,
    /// The SHA-256 of its bytes.
    pub leaf: Option<[u8; 32]>,
}

type HeadRow = (Uuid, i64, DateTime<Utc>, Option<Vec<u8>>);
type Row = (i64, Vec<u8>, Vec<u8>);
type RawRow = (i64, String, String, Vec<u8>, Vec<u8>);

pub(crate) async fn head(db: &Db) -> Result<Position, LogError> {
    let asking = async { on!(Db, db, pool => sqlx::query_scalar(statements::HEAD).fetch_one(pool).await) };
    let position: i64 = db.answered(asking).await?;
    Ok(from_sql("head", "position", position)?)
}

/// Returns the head as a transaction sees it; none where no log was made yet.
pub async fn head_in(tx: &mut Tx<'_>) -> Result<Option<Head>, LogError> {
    let row: Option<HeadRow> = on!(Tx, tx, conn => {
        sqlx::query_as(statements::HEAD_WITH_LEAF).fetch_optional(&mut **conn).await?
    });
    row.map(as_head).transpose()
}

/// Takes the log's lock and returns the head under it.
pub(crate) async fn lock_head(tx: &mut Tx<'_>) -> Result<Option<Head>, LogError> {
    let row: Option<HeadRow> = on!(Tx, tx, conn => {
        sqlx::query_as(statements::LOCK_HEAD_WITH_LEAF).fetch_optional(&mut **conn).await?
    });
    row.map(as_head).transpose()
}

fn as_head((log, position, recorded, leaf): HeadRow) -> Result<Head, LogError> {
    let position = from_sql("head", "position", position)?;
    let leaf = leaf.map(|leaf| as_leaf(position, leaf)).transpose()?;
    Ok(Head { log: LogId(log), position, recorded, leaf })
}

/// Returns what keys first wrote after a position and up to another, in the order of the log.
pub(crate) async fn keys(db: &Db, after: Position, to: Position) -> Result<Vec<Key>, LogError> {
    let rows: Vec<(String, Vec<u8>, i64, i64)> = on!(Db, db, pool => {
        sqlx::query_as(statements::KEYS_BETWEEN).bind(to_sql(after)).bind(to_sql(to)).fetch_all(pool).await?
    });
    let key = |(key, content, position, events): (String, Vec<u8>, i64, i64)| {
        let inconsistent = |_| DbError::Inconsistent { table: "appends", column: "content", id: key.clone() };
        Ok(Key {
            content: content.try_into().map_err(inconsistent)?,
            position: from_sql("appends", "position", position)?,
            events: from_sql("appends", "events", events)?,
            key,
        })
    };
    rows.into_iter().map(key).collect()
}

/// Returns how far the log goes, and when its last event was recorded; when the log was made, where there is none.
pub(crate) async fn reached(db: &Db) -> Result<Reached, LogError> {
    let asking = async { on!(Db, db, pool => sqlx::query_as(statements::REACHED).fetch_one(pool).await) };
    let (position, recorded): (i64, _) = db.answered(asking).await?;
    Ok(Reached { position: from_sql("head", "position", position)?, recorded })
}

pub(crate) async fn stream(db: &Db, stream: StreamId, after: Version) -> Result<Vec<Recorded>, LogError> {
    let asking = async {
        on!(Db, db, pool => {
            sqlx::query_as(statements::EVENTS_OF_STREAM)
                .bind(stream.to_string())
                .bind(to_sql(after))
                .fetch_all(pool)
                .await
        })
    };
    let rows: Vec<Row> = db.answered(asking).await?;
    rows.into_iter().map(recorded).collect()
}

pub(crate) async fn all(db: &Db, after: Position, limit: u32) -> Result<Vec<Recorded>, LogError> {
    let asking = async {
        on!(Db, db, pool => {
            sqlx::query_as(statements::EVENTS_AFTER).bind(to_sql(after)).bind(i64::from(limit)).fetch_all(pool).await
        })
    };
    let rows: Vec<Row> = db.answered(asking).await?;
    let page = rows.into_iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
    dense(after, page.iter().map(|event| event.position))?;
    Ok(page)
}

pub(crate) async fn looks(db: &Db, before: Position, limit: u32) -> Result<Vec<Recorded>, LogError> {
    let asking = async {
        on!(Db, db, pool => {
            sqlx::query_as(statements::LOOKS_BEFORE).bind(to_sql(before)).bind(i64::from(limit)).fetch_all(pool).await
        })
    };
    let rows: Vec<Row> = db.answered(asking).await?;
    rows.into_iter().map(recorded).collect()
}

pub(crate) async fn custody(db: &Db) -> Result<Vec<Recorded>, LogError> {
    let asking = async { on!(Db, db, pool => sqlx::query_as(statements::CUSTODY).fetch_all(pool).await) };
    let rows: Vec<Row> = db.answered(asking).await?;
    rows.into_iter().map(recorded).collect()
}

pub(crate) async fn raw(db: &Db, after: Position, limit: u32) -> Result<Vec<Raw>, LogError> {
    let asking = async {
        on!(Db, db, pool => {
            sqlx::query_as(statements::RAW_AFTER).bind(to_sql(after)).bind(i64::from(limit)).fetch_all(pool).await
        })
    };
    let rows: Vec<RawRow> = db.answered(asking).await?;
    let page = rows.into_iter().map(as_raw).collect::<Result<Vec<_>, _>>()?;
    dense(after, page.iter().map(|event| event.position))?;
    Ok(page)
}

pub(crate) async fn leaves(db: &Db, after: Position, limit: u32) -> Result<Vec<[u8; 32]>, LogError> {
    let asking = async {
        on!(Db, db, pool => {
            sqlx::query_as(statements::LEAVES_AFTER).bind(to_sql(after)).bind(i64::from(limit)).fetch_all(pool).await
        })
    };
    let rows: Vec<(i64, Vec<u8>)> = db.answered(asking).await?;
    let read = |(position, leaf)| {
        let position = from_sql("events", "position", position)?;
        Ok((position, as_leaf(position, leaf)?))
    };
    let page = rows.into_iter().map(read).collect::<Result<Vec<_>, LogError>>()?;
    dense(after, page.iter().map(|(position, _)| *position))?;
    Ok(page.into_iter().map(|(_, leaf)| leaf).collect())
}

/// Returns the last number that was given in each series.
pub(crate) async fn series(db: &Db) -> Result<BTreeMap<String, u64>, LogError> {
    let rows: Vec<(String, i64)> = on!(Db, db, pool => sqlx::query_as(statements::SERIES).fetch_all(pool).await?);
    let read = |(name, last)| Ok((name, from_sql("series", "last", last)?));
    rows.into_iter().map(read).collect()
}

/// What a key first wrote.
pub(crate) struct WrittenUnder {
    /// The SHA-256 of what was asked.
    pub(crate) content: [u8; 32],
    /// Where it begins.
    pub(crate) first: Position,
    /// What was answered.
    pub(crate) appended: Appended,
}

/// Returns what a key first wrote.
pub(crate) async fn written_under(db: &Db, key: &str) -> Result<Option<WrittenUnder>, LogError> {
    let asking = async {
        on!(Db, db, pool => sqlx::query_as(statements::WRITTEN_UNDER_KEY).bind(key).fetch_optional(pool).await)
    };
    let row: Option<(i64, i64, Vec<u8>)> = db.answered(asking).await?;
    let Some((first, events, content)) = row else {
        return Ok(None);
    };
    let first = from_sql("appends", "position", first)?;
    let events = from_sql("appends", "events", events)?;
    let inconsistent = |_| DbError::Inconsistent { table: "appends", column: "content", id: key.to_owned() };
    let content = content.try_into().map_err(inconsistent)?;
    Ok(Some(WrittenUnder { content, first, appended: repeated(db, first..first + events).await? }))
}

/// Returns again what was answered when the events at these positions were written.
pub(crate) async fn repeated(db: &Db, positions: Range<Position>) -> Result<Appended, LogError> {
    let limit = u32::try_from(positions.end - positions.start).unwrap_or(u32::MAX);
    let events = all(db, positions.start - 1, limit).await?;
    Ok(Appended { events: events.into_iter().map(written).collect(), repeated: true })
}

fn written(recorded: Recorded) -> Written {
    let Recorded { position, mut envelope, .. } = recorded;
    let number = envelope.event.number_mut().cloned();
    Written { position, id: envelope.id, stream: envelope.stream, version: envelope.version, number }
}

fn recorded((position, leaf, bytes): Row) -> Result<Recorded, LogError> {
    let position = from_sql("events", "position", position)?;
    let envelope = decode(&bytes).map_err(|source| LogError::Undecodable { position, source })?;
    Ok(Recorded { position, leaf: as_leaf(position, leaf)?, envelope })
}

fn as_raw((position, stream, kind, leaf, bytes): RawRow) -> Result<Raw, LogError> {
    let position = from_sql("events", "position", position)?;
    let inconsistent = |_| DbError::Inconsistent { table: "events", column: "stream", id: position.to_string() };
    let stream = stream.parse().map_err(inconsistent)?;
    Ok(Raw { position, stream, kind, bytes, leaf: as_leaf(position, leaf)? })
}

fn as_leaf(position: Position, leaf: Vec<u8>) -> Result<[u8; 32], DbError> {
    leaf.try_into().map_err(|_| DbError::Inconsistent { table: "events", column: "leaf", id: position.to_string() })
}

/// Checks that no position is missing: events are written in order, so a gap is one that somebody made.
fn dense(after: Position, page: impl Iterator<Item = Position>) -> Result<(), LogError> {
    let mut last = after;
    for found in page {
        if found != last + 1 {
            return Err(LogError::Missing { position: last + 1 });
        }
        last = found;
    }
    Ok(())
}
