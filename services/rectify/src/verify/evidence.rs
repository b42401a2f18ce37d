//! Evidence against its digests.

use anyhow::Context as _;
use futures::StreamExt as _;
use rectify_case::Position;
use rectify_kit::{Config, Store};
use rectify_log::Log;
use sha2::{Digest as _, Sha256};

use super::beside::Beside;
use crate::backup::Named;

/// How many events are read at once.
const PAGE: u32 = 1_000;

/// Compares every file that the log names with its SHA-256. What was withdrawn may be gone.
pub async fn evidence(config: &Config, log: &Log, head: Position, mut told: impl FnMut(u64)) -> anyhow::Result<Beside> {
    let mut named = Named::default();
    let mut after = 0;
    while after < head {
        let page = log.read_raw(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for event in &page {
            named.take(&event.bytes);
        }
    }
    let store = Store::open(&config.evidence)?;
    let mut found = Beside::default();
    for (digest, needed) in named.all() {
        let Some(mut bytes) = store.bytes(digest).await? else {
            if needed {
                found.note(None, "evidence", format!("the file {digest} is on file and not in the store"));
            }
            continue;
        };
        let mut hasher = Sha256::new();
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.with_context(|| format!("the file {digest} cannot be read"))?;
            found.bytes += chunk.len() as u64;
            hasher.update(&chunk);
        }
        if hex::encode(hasher.finalize()) != digest.as_str() {
            found.note(None, "evidence", format!("the file {digest} is not what was filed"));
        }
        found.compared += 1;
        told(found.compared);
    }
    Ok(found)
}
