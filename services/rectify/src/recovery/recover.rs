//! Putting back into the log what only the mirror has.

use anyhow::{Context as _, bail};
use chrono::TimeDelta;
use rectify_bus::{Found, MirrorError};
use rectify_case::{LogId, Position};
use rectify_log::{Copied, Key, PutBack};
use sha2::Digest as _;

use super::sides::{Compared, Sides};

/// How many events are put back in one transaction.
const PAGE: u64 = 1_000;

/// How long after what was put back hand-ins are received at the earliest: the spans of moments that were given out since the
/// older database, and are in no event yet, lie between.
const SINCE: TimeDelta = TimeDelta::seconds(1);

/// What was put back.
pub struct Recovered {
    /// The log.
    pub log: LogId,
    /// The first and the last position that were put back.
    pub positions: (Position, Position),
    /// How many idempotency keys.
    pub keys: u64,
    /// An append whose first events the mirror has and whose last ones it never got: its key, where it begins, how many
    /// events it had.
    pub cut: Option<(String, Position, u64)>,
}

/// Says what would be put back: from where to where. None where the mirror has nothing that the log has not.
pub async fn plan(sides: &Sides) -> anyhow::Result<Option<(Position, Position)>> {
    let mirror = sides.mirror.as_ref().context("there is no mirror: no NATS server is configured (nats.url)")?;
    let Compared { last, parts_after } = sides.compared(mirror).await.map_err(explained)?;
    let position = sides.position();
    if let Some(same) = parts_after {
        bail!(
            "日志与镜像自第{0}条起不同，未写入 · the log and the mirror are the same to position {same} and part at {0}: both \
             were written on, nothing was put back; keep this database, restore an older one that ends at {same} or before, \
             or leave what the mirror has with `rectify log fork`",
            same + 1
        );
    }
    if last.position <= position {
        return Ok(None);
    }
    let log =
        mirror.events(position, position + 1).await.map_err(|error| explained(error.into()))?.pop().map(|e| e.log);
    if let (Some(head), Some(log)) = (sides.head, log)
        && head.log != log
        && !is_fork(sides, position).await?
    {
        bail!("the mirror goes on with log {log}, and this is log {}: nothing was put back", head.log);
    }
    Ok(Some((position + 1, last.position)))
}

/// Puts back what [`plan`] said.
pub async fn recover(sides: &Sides, (first, last): (Position, Position)) -> anyhow::Result<Recovered> {
    let mirror = sides.mirror.as_ref().context("there is no mirror")?;
    rectify_log::migrate(&sides.db).await.context("cannot migrate the log")?;
    rectify_accounts::migrate(&sides.db).await.context("cannot migrate the accounts")?;
    let (mut after, mut keys, mut cut, mut log) = (first - 1, 0, None, sides.head.map(|head| head.log));
    while after < last {
        let to = last.min(after + PAGE);
        let found = mirror.events(after, to).await?;
        let mut put_back = match after {
            0 => PutBack::into_empty(&sides.db).await,
            _ => PutBack::after(&sides.db, after).await,
        }
        .with_context(|| not_further(after))?;
        let events: Vec<Copied> = found.iter().map(copied).collect();
        let mut received = None;
        for (envelope, found) in put_back.events(&events).await.with_context(|| not_further(after))?.iter().zip(&found)
        {
            if envelope.log != found.log {
                bail!("{}: position {} says that it is of log {}", not_further(after), found.position, found.log);
            }
            log = Some(envelope.log);
            received = received.max(envelope.received);
        }
        let page: Vec<Key> = found.iter().filter_map(|found| key(found, last)).collect();
        cut = cut.or_else(|| found.iter().find_map(|found| cut_off(found, last)));
        put_back.keys(&page).await.with_context(|| not_further(after))?;
        keys += page.len() as u64;
        if let Some(received) = received {
            // What the older database says was given out is as old as itself.
            rectify_accounts::note_given(put_back.tx(), received + SINCE).await.with_context(|| not_further(after))?;
        }
        let log = log.context("the mirror names no log")?;
        after = put_back.commit(log).await.with_context(|| not_further(after))?;
    }
    let log = log.context("the mirror names no log")?;
    Ok(Recovered { log, positions: (first, last), keys, cut })
}

/// The mirror may go on with another log just where that one was forked from this.
async fn is_fork(sides: &Sides, position: Position) -> anyhow::Result<bool> {
    let Some(mirror) = &sides.mirror else { return Ok(false) };
    let next = mirror.events(position, position + 1).await?.pop();
    Ok(next.is_some_and(|next| {
        let forked = rectify_log::decode(&next.bytes).map(|envelope| envelope.event.name() == "log_forked");
        forked.unwrap_or(false)
    }))
}

fn copied(found: &Found) -> Copied {
    // An older relay said no leaf: then the bytes are what there is.
    let leaf = found.leaf.unwrap_or_else(|| sha2::Sha256::digest(&found.bytes).into());
    Copied { position: found.position, leaf, bytes: found.bytes.to_vec() }
}

fn key(found: &Found, last: Position) -> Option<Key> {
    let keyed = found.keyed.as_ref().filter(|_| cut_off(found, last).is_none())?;
    let (key, content, events) = (keyed.key.clone(), keyed.content, keyed.events);
    Some(Key { key, content, position: found.position, events })
}

fn cut_off(found: &Found, last: Position) -> Option<(String, Position, u64)> {
    let keyed = found.keyed.as_ref()?;
    let ends = found.position.saturating_add(keyed.events).saturating_sub(1);
    (ends > last).then(|| (keyed.key.clone(), found.position, keyed.events))
}

fn not_further(after: Position) -> String {
    format!("恢复停在第{after}条 · the log is put back to position {after}, and no further")
}

/// Says of an error of the mirror what it means here.
fn explained(error: anyhow::Error) -> anyhow::Error {
    match error.downcast_ref::<MirrorError>() {
        Some(MirrorError::Absent { position }) => {
            let position = *position;
            error.context(format!(
                "the mirror does not have what would have to be compared or put back at position {position}: it was begun later"
            ))
        }
        _ => error,
    }
}
