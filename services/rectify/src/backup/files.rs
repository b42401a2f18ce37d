//! The files of a backup under way: each hashed as it is written, all of them given their name when they are whole.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File};
use std::io::{Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use rectify_case::Digest;
use sha2::{Digest as _, Sha256};

use super::manifest::{Entry, MANIFEST, Manifest, SEAL, seal};

/// The file whose lock whoever writes a backup holds.
const LOCK: &str = ".lock";

/// A folder that becomes a backup.
#[derive(Debug)]
pub struct Files {
    target: PathBuf,
    folder: PathBuf,
    entries: BTreeMap<String, Entry>,
    lock: File,
}

impl Files {
    /// Begins beside the place where the backup is to be. What a run that was cut off left there goes.
    pub fn begin(target: &Path) -> anyhow::Result<Files> {
        if target.read_dir().map_or(target.exists(), |mut entries| entries.next().is_some()) {
            bail!(
                "{} 已存在 · there is something in {} already: a backup goes to a new place",
                target.display(),
                target.display()
            );
        }
        let name = target.file_name().with_context(|| format!("{} names no folder", target.display()))?;
        let mut partial = name.to_owned();
        partial.push(".partial");
        let folder = target.with_file_name(partial);
        make_folder(&folder)?;
        let lock = File::options().write(true).create(true).truncate(false).open(folder.join(LOCK));
        let lock = lock.with_context(|| format!("cannot write in {}", folder.display()))?;
        if lock.try_lock().is_err() {
            bail!("another backup is being written to {}", folder.display());
        }
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            match entry.file_type()?.is_dir() {
                true => fs::remove_dir_all(entry.path())?,
                false if entry.file_name() == LOCK => {}
                false => fs::remove_file(entry.path())?,
            }
        }
        Ok(Files { target: target.to_owned(), folder, entries: BTreeMap::new(), lock })
    }

    /// Writes a file of these bytes.
    pub fn write(&mut self, path: &str, bytes: &[u8]) -> anyhow::Result<()> {
        let mut file = self.create(path)?;
        file.append(bytes)?;
        self.keep(file)
    }

    /// Begins a file that is written bit by bit.
    pub fn create(&self, path: &str) -> anyhow::Result<Growing> {
        let full = self.folder.join(path);
        if let Some(folder) = full.parent() {
            make_folder(folder)?;
        }
        let file = File::options().write(true).create_new(true).mode(0o600).open(&full);
        let file = file.with_context(|| format!("cannot make {}", full.display()))?;
        Ok(Growing { path: path.to_owned(), full, file, hash: Sha256::new(), size: 0 })
    }

    /// Makes a file that was written durable, and counts it in.
    pub fn keep(&mut self, file: Growing) -> anyhow::Result<()> {
        file.file.sync_all().with_context(|| format!("cannot write {}", file.full.display()))?;
        let entry = Entry { size: file.size, sha256: Digest::of(file.hash.finalize().into()) };
        self.entries.insert(file.path, entry);
        Ok(())
    }

    /// Takes a file of an earlier backup as it is: the same file under two names, or a copy where that cannot be.
    pub fn take(&mut self, earlier: &Path, path: &str, entry: &Entry) -> anyhow::Result<()> {
        let full = self.folder.join(path);
        if let Some(folder) = full.parent() {
            make_folder(folder)?;
        }
        if fs::hard_link(earlier.join(path), &full).is_err() {
            fs::copy(earlier.join(path), &full)?;
            File::open(&full)?.sync_all()?;
        }
        self.entries.insert(path.to_owned(), entry.clone());
        Ok(())
    }

    /// Writes the manifest, and gives the whole its name.
    pub fn finish(self, manifest: Manifest) -> anyhow::Result<Manifest> {
        let Files { target, folder, entries, lock } = self;
        let manifest = Manifest { files: entries, ..manifest };
        let bytes = serde_json::to_vec_pretty(&manifest)?;
        for (name, bytes) in [(MANIFEST, bytes.as_slice()), (SEAL, seal(&bytes).as_bytes())] {
            let mut file = File::options().write(true).create_new(true).mode(0o600).open(folder.join(name))?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        sync_folders(&folder)?;
        fs::remove_file(folder.join(LOCK))?;
        fs::rename(&folder, &target).with_context(|| format!("cannot rename {}", folder.display()))?;
        drop(lock);
        if let Some(above) = target.canonicalize()?.parent() {
            File::open(above)?.sync_all()?;
        }
        Ok(manifest)
    }
}

/// A file that is being written.
#[derive(Debug)]
pub struct Growing {
    path: String,
    full: PathBuf,
    file: File,
    hash: Sha256,
    size: u64,
}

impl Growing {
    /// Writes on.
    pub fn append(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.file.write_all(bytes).with_context(|| format!("cannot write {}", self.full.display()))?;
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        Ok(())
    }

    /// Returns the SHA-256 of what was written so far.
    pub fn digest(&self) -> Digest {
        Digest::of(self.hash.clone().finalize().into())
    }

    /// Leaves nothing of it.
    pub fn give_up(self) -> anyhow::Result<()> {
        Ok(fs::remove_file(self.full)?)
    }
}

/// Returns the size and the SHA-256 of a file.
pub fn hashed(path: &Path) -> std::io::Result<Entry> {
    let mut file = File::open(path)?;
    let (mut hash, mut size) = (Sha256::new(), 0);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        size += bytes.len() as u64;
    }
    Ok(Entry { size, sha256: Digest::of(hash.finalize().into()) })
}

/// Only its owner may look into a backup.
fn make_folder(folder: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("cannot make the folder {}", folder.display()))
}

fn sync_folders(folder: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}
