//! Making a backup, while the services run.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use futures::StreamExt as _;
use rectify_accounts::{Accounts, Backup};
use rectify_case::{Digest, Position};
use rectify_kit::{Config, Part, Store, clock, database};
use rectify_log::rows::Kept;
use rectify_log::{Copied, Log, Raw, head_in};

use super::evidence::Named;
use super::files::{Files, hashed};
use super::manifest::{Counts, FORMAT, Manifest};
use super::segment::{self, EVENTS, events_path, keys_path};

/// How many events are read at once.
const PAGE: u32 = 1_000;

/// The rows of the accounts.
pub const ACCOUNTS: &str = "accounts.jsonl";

/// What was signed of the log.
pub const SIGNED: &str = "signed.jsonl";

/// The configuration that was in force, without its secrets: for whoever sets up the place where it is restored.
const SETTINGS: &str = "settings.toml";

/// A backup that was made.
pub struct Made {
    /// What it says of itself.
    pub manifest: Manifest,
    /// How many rows of the key store were backed up, where that was wanted.
    pub keys: Option<u64>,
    /// Evidence whose bytes in the store are not those that were filed.
    pub damaged_evidence: Vec<Digest>,
    /// Why the installation could not note that it was made.
    pub not_noted: Option<anyhow::Error>,
}

/// Makes a backup of everything as of the position that the log has now. Nobody is held up. Files of an earlier backup that
/// are as they would be written are taken from there.
///
/// The key store goes to a folder of its own, where one is named.
pub async fn make(config: &Config, target: &Path, earlier: Option<&Path>, keys: Option<&Path>) -> anyhow::Result<Made> {
    let (db, _) = database::open(config, Part::Reader).await?;
    if !rectify_log::is_migrated(&db).await? {
        bail!("the tables of the log are missing or older than this program: run `rectify migrate`");
    }
    Accounts::open(db.clone()).await?;
    let seals = rectify_proof::is_migrated(&db).await?;
    let clock = clock::system();
    let mut files = Files::begin(target)?;
    let keys = keys.map(|apart| super::keys::begin(apart, target)).transpose()?;

    // One look: the accounts as of the last position.
    let mut look = db.begin_reading().await?;
    let made = clock.now();
    let head = head_in(&mut look).await?.context("there is no log yet: start the installation first")?;
    let accounts = rectify_accounts::export(&mut look).await.context("the accounts cannot be read")?;
    let signed = if seals {
        rectify_proof::export(&mut look).await.context("what was signed cannot be read")?
    } else {
        // Nothing was sealed here yet.
        Vec::new()
    };
    drop(look);

    // What was written up to there stays as it is.
    let log = Log::open(db, clock).await.context("cannot open the log")?;
    let earlier = earlier.map(|folder| Earlier::open(folder, &log)).transpose()?;
    let mut copy = Copy { log, earlier, named: Named::default(), counts: Counts::default() };
    for (first, last) in segment::spans(head.position) {
        copy.segment(&mut files, first, last).await?;
    }
    let (missing_evidence, damaged_evidence) = copy.evidence(&mut files, config).await?;
    files.write(ACCOUNTS, &lines_of(&accounts)?)?;
    files.write(SIGNED, &lines_of(&signed)?)?;
    files.write(SETTINGS, config.shown().as_bytes())?;

    let manifest = files.finish(Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made,
        log: head.log,
        position: head.position,
        leaf: head.leaf.map(Digest::of),
        counts: Counts { accounts: accounts.len() as u64, signed: signed.len() as u64, ..copy.counts },
        missing_evidence,
        files: std::collections::BTreeMap::new(),
    })?;
    let keys = match keys {
        Some(files) => Some(super::keys::write(files, config, &manifest).await.context("the keys are not backed up")?),
        None => None,
    };
    let noted = note(config, &manifest, target).await;
    Ok(Made { manifest, keys, damaged_evidence, not_noted: noted.err() })
}

/// Returns rows, one a line.
fn lines_of(rows: &[Kept]) -> serde_json::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut lines, row)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Notes in the accounts that a backup was made, for the doctor to tell.
pub async fn note(config: &Config, manifest: &Manifest, place: &Path) -> anyhow::Result<()> {
    let accounts = Accounts::open(database::open_beside(config).await?).await?;
    let Manifest { made, log, position, .. } = *manifest;
    let place = std::path::absolute(place)?.display().to_string();
    Ok(accounts.note_backup(&Backup { made, place, log, position }).await?)
}

/// An earlier backup of the same log.
struct Earlier {
    folder: PathBuf,
    manifest: Manifest,
}

impl Earlier {
    fn open(folder: &Path, log: &Log) -> anyhow::Result<Earlier> {
        let manifest = Manifest::read(folder).with_context(|| format!("{} is no whole backup", folder.display()))?;
        if manifest.log != log.id() {
            bail!("{} is a backup of log {}, and this is log {}", folder.display(), manifest.log, log.id());
        }
        Ok(Earlier { folder: folder.to_owned(), manifest })
    }

    /// Takes a file over, where it is there and whole.
    fn lend(&self, files: &mut Files, path: &str) -> anyhow::Result<bool> {
        let Some(entry) = self.manifest.files.get(path) else { return Ok(false) };
        if hashed(&self.folder.join(path)).ok().as_ref() != Some(entry) {
            return Ok(false);
        }
        files.take(&self.folder, path, entry)?;
        Ok(true)
    }
}

struct Copy {
    log: Log,
    earlier: Option<Earlier>,
    named: Named,
    counts: Counts,
}

impl Copy {
    async fn segment(&mut self, files: &mut Files, first: Position, last: Position) -> anyhow::Result<()> {
        self.counts.events += last - first + 1;
        let is_full = last - first + 1 == EVENTS;
        if is_full && self.take_segment(files, first, last).await? {
            return Ok(());
        }
        let mut file = files.create(&events_path(first))?;
        let mut after = first - 1;
        while after < last {
            let wanted = u32::try_from(last - after).unwrap_or(PAGE).min(PAGE);
            let mut lines = Vec::new();
            for Raw { position, leaf, bytes, .. } in self.log.read_raw(after, wanted).await? {
                self.named.take(&bytes);
                segment::write_event(&mut lines, &Copied { position, leaf, bytes })?;
                after = position;
            }
            if lines.is_empty() {
                bail!("the event at position {} is missing", after + 1);
            }
            file.append(&lines)?;
        }
        files.keep(file)?;
        let keys = self.log.read_keys(first - 1, last).await?;
        self.counts.keys += keys.len() as u64;
        let mut lines = Vec::new();
        for key in &keys {
            segment::write_key(&mut lines, key);
        }
        files.write(&keys_path(first), &lines)
    }

    /// Takes the files of a full segment from the earlier backup, where they are whole and end with the event that the
    /// log has there.
    async fn take_segment(&mut self, files: &mut Files, first: Position, last: Position) -> anyhow::Result<bool> {
        let Some(earlier) = self.earlier.as_ref().filter(|earlier| earlier.manifest.position >= last) else {
            return Ok(false);
        };
        let (events, keys) = (events_path(first), keys_path(first));
        let (Ok(event_lines), Ok(key_lines)) =
            (std::fs::read(earlier.folder.join(&events)), std::fs::read(earlier.folder.join(&keys)))
        else {
            return Ok(false);
        };
        let there = segment::read_events(&event_lines).last().and_then(Result::ok).map(|event| event.leaf);
        let here = self.log.read_raw(last - 1, 1).await?.pop().map(|event| event.leaf);
        if there != here || !(earlier.lend(files, &keys)? && earlier.lend(files, &events)?) {
            return Ok(false);
        }
        self.counts.keys += segment::read_keys(&key_lines).count() as u64;
        segment::lines(&event_lines).filter_map(|(_, line)| line).for_each(|line| self.named.take(line));
        Ok(true)
    }

    /// Copies the evidence that the log refers to; returns what is not in the store, and what is there with other bytes.
    async fn evidence(&mut self, files: &mut Files, config: &Config) -> anyhow::Result<(Vec<Digest>, Vec<Digest>)> {
        let store = Store::open(&config.evidence)?;
        let (mut missing, mut damaged) = (Vec::new(), Vec::new());
        for (digest, needed) in self.named.all() {
            let path = evidence_path(digest);
            if let Some(earlier) = &self.earlier
                && earlier.lend(files, &path)?
            {
                self.counts.evidence += 1;
                continue;
            }
            let Some(mut bytes) = store.bytes(digest).await? else {
                missing.extend(needed.then(|| digest.clone()));
                continue;
            };
            let mut file = files.create(&path)?;
            while let Some(chunk) = bytes.next().await {
                file.append(&chunk.with_context(|| format!("the evidence {digest} cannot be read"))?)?;
            }
            if file.digest() == *digest {
                files.keep(file)?;
                self.counts.evidence += 1;
            } else {
                file.give_up()?;
                damaged.push(digest.clone());
                missing.push(digest.clone());
            }
        }
        Ok((missing, damaged))
    }
}

/// Returns where a file of evidence is in a backup.
pub fn evidence_path(digest: &Digest) -> String {
    let text = digest.as_str();
    format!("evidence/{}/{text}", &text[..2])
}
