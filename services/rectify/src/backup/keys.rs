//! The key store, backed up apart: whoever has the log's backup must not have what opens it.

use std::path::Path;

use anyhow::{Context as _, bail};
use rectify_kit::{Config, Part};
use rectify_log::Db;
use rectify_log::rows::Kept;

use super::files::{Files, hashed};
use super::manifest::{Counts, Manifest};
use super::segment;
use crate::keys;

/// The rows of the key store.
const KEYS: &str = "keys.jsonl";

/// Begins a backup of the key store in a folder of its own.
pub fn begin(target: &Path, of_the_log: &Path) -> anyhow::Result<Files> {
    let (target, of_the_log) = (std::path::absolute(target)?, std::path::absolute(of_the_log)?);
    if target.starts_with(&of_the_log) || of_the_log.starts_with(&target) {
        bail!("密钥须另处存放 · keys do not go where the log goes: {} is no place apart", target.display());
    }
    Files::begin(&target)
}

/// Writes every row of the key store. After the log was looked at: a key is there before the petition that it opens.
pub async fn write(mut files: Files, config: &Config, of: &Manifest) -> anyhow::Result<u64> {
    let db = keys::database(config, Part::Reader).await?;
    let db = db.context("there is no key store here: see `rectify keys show`")?;
    let mut look = db.begin_reading().await?;
    let rows = rectify_keys::export(&mut look).await.context("the key store cannot be read")?;
    drop(look);
    let mut lines = Vec::new();
    for row in &rows {
        lines.extend(serde_json::to_vec(row)?);
        lines.push(b'\n');
    }
    files.write(KEYS, &lines)?;
    let counts = Counts { keys: rows.len() as u64, ..Counts::default() };
    files.finish(Manifest { counts, missing_evidence: Vec::new(), ..of.clone() })?;
    Ok(rows.len() as u64)
}

/// Reads a backup of the key store, and checks all of it.
pub fn examine(folder: &Path, of: &Manifest) -> anyhow::Result<Vec<Kept>> {
    let damaged = |reason: String| {
        format!("备份已损坏，未恢复 · the backup {} is damaged, nothing was restored: {reason}", folder.display())
    };
    let manifest = Manifest::read(folder).with_context(|| damaged("manifest.json".to_owned()))?;
    if (manifest.log, manifest.position) != (of.log, of.position) {
        bail!(
            "{} is of log {} to position {}: it does not belong to the other",
            folder.display(),
            manifest.log,
            manifest.position
        );
    }
    let named: Vec<&str> = manifest.files.keys().map(String::as_str).collect();
    let (wanted, found) = (manifest.files.get(KEYS), hashed(&folder.join(KEYS)));
    if named != [KEYS] || wanted != Some(&found.with_context(|| damaged(KEYS.to_owned()))?) {
        bail!("{}", damaged(format!("{KEYS}: 内容被改动 · it is not what manifest.json says")));
    }
    let bytes = std::fs::read(folder.join(KEYS))?;
    let lines = segment::lines(&bytes)
        .map(|(number, line)| row(line.unwrap_or_default()).with_context(|| damaged(format!("{KEYS}: line {number}"))));
    lines.collect()
}

fn row(line: &[u8]) -> anyhow::Result<Kept> {
    let row: Kept = serde_json::from_slice(line)?;
    rectify_keys::check(&row)?;
    Ok(row)
}

/// Puts the rows into a key store that has none.
pub async fn restore(config: &Config, rows: &[Kept]) -> anyhow::Result<()> {
    let db = keys::database(config, Part::Whole).await?.context("there is no place for a key store")?;
    rectify_keys::migrate(&db).await.context("cannot migrate the key store")?;
    if held(&db).await? == rows {
        return Ok(());
    }
    let mut tx = db.begin().await?;
    if !rectify_keys::export(&mut tx).await?.is_empty() {
        bail!("密钥库不是空的，未恢复 · the key store is not empty, and has other keys: nothing was restored");
    }
    rectify_keys::import(&mut tx, rows).await.context("the keys cannot be restored")?;
    tx.commit().await?;
    Ok(())
}

async fn held(db: &Db) -> anyhow::Result<Vec<Kept>> {
    let mut look = db.begin_reading().await?;
    Ok(rectify_keys::export(&mut look).await?)
}
