//! Restoring a backup into an empty place, of either kind.

use std::path::Path;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use futures::{Stream, stream};
use rectify_case::{Digest, Position};
use rectify_kit::{Config, Part, Store, clock, database};
use rectify_log::{Copied, Db, Head, Key, Log, PutBack, PutBackError, head_in};
use tokio::io::AsyncReadExt as _;

use super::examine::{Examined, examine};
use super::make::note;
use super::manifest::Manifest;
use super::segment::{self, events_path, keys_path};
use crate::subcommand::rebuild;

/// What was restored.
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: Manifest,
    /// Whether the log was there already: an earlier attempt was cut off after it.
    pub was_there: bool,
    /// Up to where the ledger is folded.
    pub folded: Position,
}

/// Restores a backup: all of it is examined before anything is written.
pub async fn restore(config: &Config, folder: &Path, keys: Option<&Path>) -> anyhow::Result<Restored> {
    let examined = examine(folder)?;
    let manifest = &examined.manifest;
    let keys = keys.map(|apart| super::keys::examine(apart, manifest)).transpose()?;
    let (db, _lock) = database::open(config, Part::Writer).await?;
    let was_there = match head(&db).await? {
        None => false,
        Some(head) if head.position == 0 => false,
        Some(head) if is_of(&head, manifest) => true,
        Some(head) => bail!(
            "目标不是空的，未恢复 · the place is not empty, nothing was restored: it has log {} with {} events; restore into a \
             new data folder or an empty database",
            head.log,
            head.position
        ),
    };
    rectify_log::migrate(&db).await.context("cannot migrate the log")?;
    rectify_accounts::migrate(&db).await.context("cannot migrate the accounts")?;
    rectify_proof::migrate(&db).await.context("cannot migrate the tree")?;
    rectify_ledger::migrate(&db).await.context("cannot migrate the ledger")?;

    if let Some(keys) = keys {
        super::keys::restore(config, &keys).await?;
    }

    // The log last: what was cut off before it is there is begun again as if nothing had been.
    evidence(config, folder, manifest).await?;
    if !was_there {
        put_back(&db, folder, &examined).await.context("nothing was restored")?;
    }
    let log = Log::open(db.clone(), clock::system()).await.context("cannot open the log")?;
    let reached = rebuild::fold(&db, &log, config.zone).await?;
    note(config, manifest, folder).await.context("the backup could not be noted")?;
    Ok(Restored { manifest: examined.manifest, was_there, folded: reached })
}

/// Returns the head of whatever is in a database.
async fn head(db: &Db) -> anyhow::Result<Option<Head>> {
    if !rectify_log::has_tables(db).await? {
        return Ok(None);
    }
    let mut look = db.begin_reading().await?;
    Ok(head_in(&mut look).await?)
}

fn is_of(head: &Head, manifest: &Manifest) -> bool {
    head.log == manifest.log && head.position == manifest.position && head.leaf.map(Digest::of) == manifest.leaf
}

async fn evidence(config: &Config, folder: &Path, manifest: &Manifest) -> anyhow::Result<()> {
    let store = Store::open(&config.evidence)?;
    for (path, entry) in manifest.files.iter().filter(|(path, _)| path.starts_with("evidence/")) {
        let file = tokio::fs::File::open(folder.join(path)).await.with_context(|| format!("{path} cannot be read"))?;
        let put = store.put_back(&entry.sha256, Box::pin(chunks(file))).await;
        put.with_context(|| format!("{path} cannot be restored"))?;
    }
    Ok(())
}

fn chunks(file: tokio::fs::File) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold(file, async |mut file| {
        let mut buffer = vec![0; 1 << 20];
        let read = file.read(&mut buffer).await?;
        buffer.truncate(read);
        Ok((read > 0).then(|| (Bytes::from(buffer), file)))
    })
}

/// Puts log and accounts back in one transaction: all of it, or nothing.
async fn put_back(db: &Db, folder: &Path, examined: &Examined) -> anyhow::Result<()> {
    let Examined { manifest, accounts, signed } = examined;
    let mut put_back = match PutBack::into_empty(db).await {
        Err(PutBackError::NotEmpty { position }) => bail!("somebody wrote {position} events into the place meanwhile"),
        begun => begun?,
    };
    for (first, _) in segment::spans(manifest.position) {
        let lines = tokio::fs::read(folder.join(events_path(first))).await?;
        let events = segment::read_events(&lines).collect::<Result<Vec<Copied>, _>>()?;
        put_back.events(&events).await?;
        let lines = tokio::fs::read(folder.join(keys_path(first))).await?;
        let keys = segment::read_keys(&lines).collect::<Result<Vec<Key>, _>>()?;
        put_back.keys(&keys).await?;
    }
    rectify_accounts::import(put_back.tx(), accounts).await?;
    rectify_proof::import(put_back.tx(), signed).await?;
    put_back.commit(manifest.log).await?;
    Ok(())
}
