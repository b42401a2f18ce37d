//! The ledger against a fresh fold of the log, row by row.

use std::collections::BTreeSet;

use anyhow::Context as _;
use rectify_case::Zone;
use rectify_ledger::{Ledger, Progress};
use rectify_log::{Db, Log, Options};

use super::beside::Beside;

/// Folds the log into a ledger of its own in a folder that is thrown away, and compares it with the one that serves. One that
/// moves meanwhile is not compared.
pub async fn ledger(db: &Db, log: &Log, zone: Zone, told: impl FnMut(Progress) + Send) -> anyhow::Result<Beside> {
    if !rectify_ledger::is_migrated(db).await? {
        return Ok(Beside::not_compared("there is no ledger yet"));
    }
    let serving = Ledger::open(db).await.context("cannot open the ledger")?;
    let place = tempfile::tempdir().context("cannot make a folder to fold into")?;
    let options = Options { durable: false, ..Options::default() };
    let own = Db::open(&place.path().join("rectify.db"), &options).await?;
    rectify_ledger::migrate(&own).await?;
    let fresh = Ledger::open(&own).await?;
    let folded = rectify_ledger::rebuild(&fresh, log, zone, told).await.context("the log cannot be folded")?.folded;

    let before = serving.checkpoint().await?;
    let rows = serving.dump().await?;
    let behind = "it is folded to another position than the log: ask again when nothing is written";
    if before != folded || serving.checkpoint().await? != before {
        return Ok(Beside::not_compared(behind));
    }
    // Each kind of database has an order of its own for texts.
    let [rows, wanted] = [rows, fresh.dump().await?].map(BTreeSet::from_iter);
    let bytes = wanted.iter().map(|row| row.len() as u64).sum();
    let mut found = Beside { compared: wanted.len() as u64, bytes, ..Beside::default() };
    for row in wanted.difference(&rows) {
        found.note(None, "ledger", format!("a row of the fold is not in the ledger: {row}"));
    }
    for row in rows.difference(&wanted) {
        found.note(None, "ledger", format!("a row of the ledger is not in the fold: {row}"));
    }
    Ok(found)
}
