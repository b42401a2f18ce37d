//! The one transaction that writes a group.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use rectify_case::{LogId, Position, StreamId, Version};
use serde_json::json;
use uuid::Uuid;

use crate::append::{AppendError, Appended, NewEvent};
use crate::clock::Clock;
use crate::db::{Db, DbError, Tx};
use crate::dialect::Keyed;
use crate::encoding::Draft;
use crate::judge::{Judgement, Kept, Place, Standing, judge};
use crate::log::LogError;
use crate::position::from_sql;
use crate::prepare::Prepared;
use crate::seal::{Moment, Sealed, seal};
use crate::{dialect, on};

/// What a transaction made of one append.
#[derive(Debug)]
pub(crate) enum Outcome {
    Written(Appended),
    /// The same was written before, at these positions.
    Repeated(Range<Position>),
    Refused(AppendError),
}

/// How far the log goes, and when its last event was recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reached {
    pub(crate) position: Position,
    pub(crate) recorded: DateTime<Utc>,
}

/// Writes what can be written of a group; returns the head after it, and what became of each member.
pub(crate) async fn write_group(
    db: &Db,
    clock: &Clock,
    group: &[Prepared],
) -> Result<(Reached, Vec<Outcome>), LogError> {
    db.transact_after(dialect::BEGIN_LOCKED, "append", |tx| write_in(tx, clock, group).boxed()).await
}

async fn write_in(tx: &mut Tx<'_>, clock: &Clock, group: &[Prepared]) -> Result<(Reached, Vec<Outcome>), LogError> {
    let (head, standing) = look_up(tx, group).await?;
    let judged = judge(head.position, standing, group);
    let mut series = draw_numbers(tx, group, &judged).await?;

    let moment = Moment { log: head.log, recorded: recorded_at(clock.now().max(head.recorded), group) };
    let mut sealed = Vec::new();
    let mut keys = Vec::new();
    let mut outcomes = Vec::new();
    for (member, judgement) in group.iter().zip(judged) {
        outcomes.push(match judgement {
            Judgement::Refused(error) => Outcome::Refused(error),
            Judgement::Repeated(positions) => Outcome::Repeated(positions),
            Judgement::Written(places) => {
                let events = seal_member(moment, member, &places, &mut series)?;
                keys.extend(keyed(member, &places));
                let written = events.iter().map(|event| event.written.clone()).collect();
                sealed.extend(events);
                Outcome::Written(Appended { events: written, repeated: false })
            }
        });
    }

    let Some(last) = sealed.last() else {
        return Ok((Reached { position: head.position, recorded: head.recorded }, outcomes));
    };
    let reached = Reached { position: last.written.position, recorded: moment.recorded };
    dialect::write(tx, moment.recorded, &sealed, &keys).await?;
    Ok((reached, outcomes))
}

/// How much later than now a group may be recorded, for the sake of what was received: less than writing it takes. Whoever hands
/// in may name any time, and must not push that of the log into the future.
const AHEAD: TimeDelta = TimeDelta::microseconds(200);

/// Returns when a group is recorded: not before it was received, as far as that is no more than a moment ahead.
fn recorded_at(now: DateTime<Utc>, group: &[Prepared]) -> DateTime<Utc> {
    let events = group.iter().flat_map(|member| member.append.writes.iter().flat_map(|write| &write.events));
    let received = events.filter_map(|event| event.received).max().unwrap_or(now);
    now.max(received.min(now + AHEAD))
}

fn seal_member(
    moment: Moment,
    member: &Prepared,
    places: &[Place],
    series: &mut HashMap<String, u64>,
) -> Result<Vec<Sealed>, LogError> {
    let append = &member.append;
    let events = append.writes.iter().flat_map(|write| write.events.iter().map(|new| (write.stream, new)));
    let seal_one = |(((stream, new), draft), place): (((StreamId, &NewEvent), &Draft), &Place)| {
        seal(moment, append, (stream, new, draft), *place, |number| {
            let last = series.entry(number.series.to_string()).or_default();
            *last += 1;
            number.serial = *last;
        })
    };
    events.zip(&member.drafts).zip(places).map(seal_one).collect()
}

/// Returns what is kept under an append's key.
fn keyed<'a>(member: &'a Prepared, places: &[Place]) -> Option<Keyed<'a>> {
    let (key, first) = (member.append.key.as_ref()?, places.first()?);
    Some(Keyed { key, content: &member.content, first: first.position, events: places.len() })
}

struct Head {
    log: LogId,
    position: Position,
    recorded: DateTime<Utc>,
}

/// The head's log and time; nothing else but a name: of a key with its first position, its events and its content, or of a
/// stream with its version.
type StandingRow = (Option<Uuid>, Option<DateTime<Utc>>, Option<String>, Option<i64>, Option<i64>, Option<Vec<u8>>);

/// Looks up the head, and what stands of the keys and streams that a group names.
async fn look_up(tx: &mut Tx<'_>, group: &[Prepared]) -> Result<(Head, Standing), LogError> {
    let keys: BTreeSet<&str> = group.iter().filter_map(|m| m.append.key.as_deref()).collect();
    let streams: BTreeSet<StreamId> = group.iter().flat_map(|m| m.append.writes.iter().map(|w| w.stream)).collect();
    let (head, standing) = standing(tx, &keys, &streams).await?;
    Ok((head.ok_or(sqlx::Error::RowNotFound)?, standing))
}

async fn standing(
    tx: &mut Tx<'_>,
    keys: &BTreeSet<&str>,
    streams: &BTreeSet<StreamId>,
) -> Result<(Option<Head>, Standing), LogError> {
    let (keys, streams) = (json!(keys).to_string(), json!(streams).to_string());
    let sql = dialect::STANDING.on(tx);
    let rows: Vec<StandingRow> = on!(Tx, tx, conn => {
        sqlx::query_as(sql).bind(keys).bind(streams).fetch_all(&mut **conn).await?
    });

    let (mut head, mut standing) = (None, Standing::default());
    for (log, recorded, name, number, events, content) in rows {
        if let Some((log, recorded)) = log.zip(recorded) {
            let position = from_sql("head", "position", number.unwrap_or(0))?;
            head = Some(Head { log: LogId(log), position, recorded });
            continue;
        }
        let name = name.unwrap_or_default();
        let inconsistent = |table, column| DbError::Inconsistent { table, column, id: name.clone() };
        match (number, events, content) {
            (Some(first), Some(events), Some(content)) => {
                let content = content.try_into().map_err(|_| inconsistent("appends", "content"))?;
                let first = from_sql("appends", "position", first)?;
                let positions = first..first + from_sql("appends", "events", events)?;
                standing.keys.insert(name, Kept { content, positions });
            }
            (version, ..) => {
                let stream = name.parse().map_err(|_| inconsistent("events", "stream"))?;
                standing.versions.insert(stream, from_sql("events", "version", version.unwrap_or(0))?);
            }
        }
    }
    Ok((head, standing))
}

/// Returns the version of each of these streams; 0 where it does not exist.
pub(crate) async fn versions_of(
    tx: &mut Tx<'_>,
    streams: impl IntoIterator<Item = StreamId>,
) -> Result<HashMap<StreamId, Version>, LogError> {
    let streams: BTreeSet<StreamId> = streams.into_iter().collect();
    Ok(standing(tx, &BTreeSet::new(), &streams).await?.1.versions)
}

/// Draws the case numbers of those who write; returns the last number given before in each series.
async fn draw_numbers(
    tx: &mut Tx<'_>,
    group: &[Prepared],
    judged: &[Judgement],
) -> Result<HashMap<String, u64>, LogError> {
    let mut drawn: BTreeMap<&str, u64> = BTreeMap::new();
    for (member, judgement) in group.iter().zip(judged) {
        if let Judgement::Written(_) = judgement {
            for series in &member.draws {
                *drawn.entry(series).or_default() += 1;
            }
        }
    }
    if drawn.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = dialect::DRAW_NUMBERS.on(tx);
    let rows: Vec<(String, i64)> = on!(Tx, tx, conn => {
        sqlx::query_as(sql).bind(json!(drawn).to_string()).fetch_all(&mut **conn).await?
    });
    let mut before = HashMap::new();
    for (series, last) in rows {
        let count = drawn.get(series.as_str()).copied().unwrap_or(0);
        before.insert(series, from_sql("series", "last", last)?.saturating_sub(count));
    }
    Ok(before)
}
