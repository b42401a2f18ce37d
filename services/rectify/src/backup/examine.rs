//! Examining a backup: every file against its digest, every event against those before it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use rectify_case::{Digest, Position};
use rectify_log::Chain;
use rectify_log::rows::{BadRow, Kept};

use super::evidence::Named;
use super::files::hashed;
use super::make::{ACCOUNTS, SIGNED, evidence_path};
use super::manifest::{Counts, Entry, MANIFEST, Manifest, SEAL, digest};
use super::segment::{self, events_path, keys_path};

/// A backup that is whole.
pub struct Examined {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The rows of the accounts.
    pub accounts: Vec<Kept>,
    /// What was signed of the log.
    pub signed: Vec<Kept>,
}

/// Why a backup cannot be trusted, and where.
#[derive(Debug)]
pub struct Damage {
    folder: PathBuf,
    file: String,
    reason: String,
}

impl std::error::Error for Damage {}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Damage { folder, file, reason } = self;
        write!(
            f,
            "备份已损坏，未恢复 · the backup {} is damaged, nothing was restored: {file}: {reason}",
            folder.display()
        )
    }
}

/// Reads the whole backup, and says what is wrong with it first.
pub fn examine(folder: &Path) -> Result<Examined, Damage> {
    let damage = |file: &str, reason: String| Damage { folder: folder.to_owned(), file: file.to_owned(), reason };
    let manifest = Manifest::read(folder).map_err(|error| damage(MANIFEST, format!("{error:#}")))?;
    let mut examination = Examination {
        folder,
        manifest: &manifest,
        chain: Chain::default(),
        named: Named::default(),
        counts: Counts::default(),
    };
    let (accounts, signed) = examination.run().map_err(|(file, reason)| damage(&file, reason))?;
    Ok(Examined { manifest, accounts, signed })
}

type Wrong = (String, String);

struct Examination<'a> {
    folder: &'a Path,
    manifest: &'a Manifest,
    chain: Chain,
    named: Named,
    counts: Counts,
}

impl Examination<'_> {
    fn run(&mut self) -> Result<(Vec<Kept>, Vec<Kept>), Wrong> {
        self.listed()?;
        for (first, last) in segment::spans(self.manifest.position) {
            self.events(first, last)?;
            self.keys(first, last)?;
        }
        self.digests()?;
        let accounts = self.rows(ACCOUNTS, rectify_accounts::check)?;
        self.counts.accounts = accounts.len() as u64;
        // A backup of a version that signed nothing has no such file.
        let signed = if self.manifest.files.contains_key(SIGNED) {
            self.rows(SIGNED, rectify_proof::check)?
        } else {
            Vec::new()
        };
        self.counts.signed = signed.len() as u64;
        self.whole()?;
        Ok((accounts, signed))
    }

    /// Every file that there is must be known, and every one that is known must be there.
    fn listed(&self) -> Result<(), Wrong> {
        let mut found = BTreeSet::new();
        walk(self.folder, self.folder, &mut found).map_err(|error| (".".to_owned(), error.to_string()))?;
        for own in [MANIFEST, SEAL] {
            found.remove(own);
        }
        if let Some(path) = self.manifest.files.keys().find(|path| !found.contains(*path)) {
            return Err((path.clone(), "文件缺失 · the file is missing".to_owned()));
        }
        if let Some(path) = found.iter().find(|path| !self.manifest.files.contains_key(*path)) {
            return Err((
                path.clone(),
                format!("多出的文件 · the file does not belong to the backup: {MANIFEST} does not name it"),
            ));
        }
        Ok(())
    }

    fn events(&mut self, first: Position, last: Position) -> Result<(), Wrong> {
        let path = events_path(first);
        let bytes = self.read(&path)?;
        let mut followed = || {
            for event in segment::read_events(&bytes) {
                let event =
                    event.map_err(|error| format!("{error}; position {} was to come", self.chain.position + 1))?;
                self.chain.follow(&event).map_err(|error| error.to_string())?;
                self.named.take(&event.bytes);
            }
            if self.chain.position == last {
                Ok(())
            } else {
                Err(format!("position {} is missing", self.chain.position + 1))
            }
        };
        followed().map_err(|reason| (path.clone(), reason))?;
        self.counts.events = self.chain.position;
        self.is_as_listed(&path, &bytes)
    }

    fn keys(&mut self, first: Position, last: Position) -> Result<(), Wrong> {
        let path = keys_path(first);
        let bytes = self.read(&path)?;
        for key in segment::read_keys(&bytes) {
            let key = key.map_err(|error| (path.clone(), error.to_string()))?;
            let ends = key.position.saturating_add(key.events).saturating_sub(1);
            if !(first..=last).contains(&key.position) || key.events == 0 || ends > self.manifest.position {
                let reason = format!("key {:?} is of {} events from position {}", key.key, key.events, key.position);
                return Err((path, format!("{reason}, which are not there")));
            }
            self.counts.keys += 1;
        }
        self.is_as_listed(&path, &bytes)
    }

    /// The files that were not read yet.
    fn digests(&mut self) -> Result<(), Wrong> {
        let files: &BTreeMap<String, Entry> = &self.manifest.files;
        for (path, entry) in files.iter().filter(|(path, _)| !path.starts_with("log/")) {
            let found = hashed(&self.folder.join(path)).map_err(|error| (path.clone(), error.to_string()))?;
            if found != *entry {
                return Err((path.clone(), difference(&found, entry)));
            }
            if path.starts_with("evidence/") {
                if *path != evidence_path(&entry.sha256) {
                    return Err((path.clone(), format!("it is evidence {}", entry.sha256)));
                }
                self.counts.evidence += 1;
            }
        }
        Ok(())
    }

    fn rows(&self, file: &str, check: impl Fn(&Kept) -> Result<(), BadRow>) -> Result<Vec<Kept>, Wrong> {
        let mut rows = Vec::new();
        for (number, line) in segment::lines(&self.read(file)?) {
            let wrong = |reason: String| (file.to_owned(), format!("line {number}: {reason}"));
            let row: Kept =
                serde_json::from_slice(line.unwrap_or_default()).map_err(|error| wrong(error.to_string()))?;
            check(&row).map_err(|error| wrong(error.to_string()))?;
            rows.push(row);
        }
        Ok(rows)
    }

    /// What was read must be what the manifest says there is.
    fn whole(&self) -> Result<(), Wrong> {
        let wrong = |reason: String| Err((MANIFEST.to_owned(), reason));
        let Manifest { log, position, leaf, counts, missing_evidence, files, .. } = self.manifest;
        if *counts != self.counts {
            return wrong(format!("it counts {counts:?}, and there are {:?}", self.counts));
        }
        if self.chain.leaf.map(Digest::of) != *leaf {
            return wrong(format!("its leaf is not that of position {position}"));
        }
        if self.chain.log.is_some_and(|found| found != *log) {
            return wrong(format!("it is of log {log}, and the events are of another"));
        }
        for (digest, needed) in self.named.all() {
            let path = evidence_path(digest);
            if needed && !files.contains_key(&path) && !missing_evidence.contains(digest) {
                return Err((path, "文件缺失 · the file is missing, and the log refers to it".to_owned()));
            }
        }
        Ok(())
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Wrong> {
        if !self.manifest.files.contains_key(path) {
            return Err((path.to_owned(), format!("文件缺失 · the file is missing, and {MANIFEST} does not name it")));
        }
        std::fs::read(self.folder.join(path)).map_err(|error| (path.to_owned(), error.to_string()))
    }

    fn is_as_listed(&self, path: &str, bytes: &[u8]) -> Result<(), Wrong> {
        let found = Entry { size: bytes.len() as u64, sha256: digest(bytes) };
        match self.manifest.files.get(path) {
            Some(entry) if found != *entry => Err((path.to_owned(), difference(&found, entry))),
            Some(_) | None => Ok(()),
        }
    }
}

fn difference(found: &Entry, wanted: &Entry) -> String {
    if found.size == wanted.size {
        format!("内容被改动 · its SHA-256 is {}, not {}", found.sha256, wanted.sha256)
    } else {
        format!("长度不符 · it has {} bytes, not {}", found.size, wanted.size)
    }
}

fn walk(root: &Path, folder: &Path, found: &mut BTreeSet<String>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(root, &path, found)?;
        } else {
            found.insert(path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned());
        }
    }
    Ok(())
}
