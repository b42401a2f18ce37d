//! Another key of the office, step by step: the new private key is on disk before the key store has its public half, and takes
//! the place of the old one after that. Cut off between any two steps, it is asked again and goes on.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, bail};
use rectify_keys::{FileError, Keys, PrivateKey, PrivateKeyFile};
use rectify_kit::Config;

use crate::keys;

/// What was done.
pub struct Rotated {
    /// How many data keys were wrapped anew; none where that was done before, and only the files were left.
    pub rewrapped: Option<u64>,
    /// Where the key is now that the office had before.
    pub earlier: PathBuf,
}

/// Where the private keys are.
struct Places {
    /// The one that is used.
    here: PathBuf,
    /// The one that is being written.
    written: PathBuf,
    /// The one that will be used.
    next: PathBuf,
    /// The one that was used before.
    earlier: PathBuf,
}

impl Places {
    fn of(config: &Config) -> Places {
        let here = config.keys.private_key.clone();
        let beside = |ending: &str| {
            let mut name = here.clone().into_os_string();
            name.push(ending);
            PathBuf::from(name)
        };
        Places { written: beside(".written"), next: beside(".next"), earlier: beside(".earlier"), here }
    }

    /// Puts the new key in the place of the old one, which stays beside it.
    fn change(&self) -> anyhow::Result<()> {
        if !self.earlier.exists() {
            fs::hard_link(&self.here, &self.earlier)
                .with_context(|| format!("cannot keep the key before as {}", self.earlier.display()))?;
            synced(&self.here)?;
        }
        fs::rename(&self.next, &self.here).with_context(|| format!("cannot write {}", self.here.display()))?;
        synced(&self.here)
    }
}

/// Gives the office another key, or finishes what was cut off.
pub async fn rotate(config: &Config, keys: &Keys) -> anyhow::Result<Rotated> {
    let places = Places::of(config);
    let (next, public) = (PrivateKeyFile::read(&places.next)?, keys.current_public().await?);
    if next.as_ref().is_some_and(|next| *next.public() == public) {
        places.change()?;
        return Ok(Rotated { rewrapped: None, earlier: places.earlier });
    }
    let Some(here) = PrivateKeyFile::read(&places.here)? else {
        bail!("the office's private key is not in {}: this is done where it is", places.here.display());
    };
    if *here.public() != public {
        bail!("{} is not the private key of this key store, whose public one is {public}", places.here.display());
    }
    if places.earlier.exists() {
        bail!(
            "the key that the office had before is still in {}: delete it once nothing is set aside and no draft is kept that \
             was sealed to it, which takes 30 days at most",
            places.earlier.display()
        );
    }
    let passphrase = keys::passphrase(config, &here)?;
    let opened = tokio::task::spawn_blocking(move || {
        let from = here.unlock(passphrase.as_ref())?;
        let to = if let Some(next) = next {
            next.unlock(passphrase.as_ref())?
        } else {
            let key = PrivateKey::generate();
            match fs::remove_file(&places.written) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(FileError::Io(places.written, error));
                }
                Ok(()) | Err(_) => {}
            }
            PrivateKeyFile::write(&places.written, &key, passphrase.as_ref())?;
            fs::rename(&places.written, &places.next).map_err(|error| FileError::Io(places.next.clone(), error))?;
            key
        };
        Ok::<_, FileError>((from, to, places))
    });
    let (from, to, places) = opened.await??;
    synced(&places.here)?;
    let rewrapped = keys.rotate(&from, &to.public()).await.context("the office keeps the key it has")?;
    places.change()?;
    Ok(Rotated { rewrapped: Some(rewrapped), earlier: places.earlier })
}

/// What a rotation left behind.
pub enum Left {
    /// It was cut off.
    Unfinished,
    /// The key that the office had before is here, though nothing needs it any more.
    Earlier(PathBuf),
}

/// How long what was sealed to the office as a whole is kept, and with it the key before.
const KEPT: Duration = Duration::from_hours(30 * 24);

/// Returns what a rotation left behind that somebody is to see to.
pub fn left(config: &Config) -> Option<Left> {
    let places = Places::of(config);
    if places.next.exists() {
        return Some(Left::Unfinished);
    }
    // The new key was written when the old one was put aside.
    let age = places.here.metadata().ok()?.modified().ok()?.elapsed().unwrap_or_default();
    (places.earlier.exists() && age > KEPT).then_some(Left::Earlier(places.earlier))
}

/// Says what is to be done where the office's key was changed, and its file was not.
pub fn check(config: &Config, keys: &Keys) -> anyhow::Result<()> {
    let next = PrivateKeyFile::read(&Places::of(config).next)?;
    if next.is_some_and(|next| *next.public() == keys.public()) {
        bail!("another key of the office was on its way and cut off: run `rectify keys rotate` again");
    }
    Ok(())
}

/// Returns the key that the office had before, while it is kept and can be unlocked.
pub async fn earlier(config: &Config) -> anyhow::Result<Option<PrivateKey>> {
    let path = Places::of(config).earlier;
    let Some(file) = PrivateKeyFile::read(&path)? else { return Ok(None) };
    let passphrase = config.keys.passphrase.clone();
    let unlocked = tokio::task::spawn_blocking(move || file.unlock(passphrase.as_ref())).await?;
    Ok(unlocked
        .inspect_err(|error| {
            let (file, error) = (path.display(), error as &dyn std::error::Error);
            tracing::warn!(%file, error, "the key that the office had before cannot be unlocked: what was sealed to it stays shut");
        })
        .ok())
}

/// Makes what was done in the folder of a file survive a power cut.
fn synced(file: &Path) -> anyhow::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    synced.with_context(|| format!("cannot write to {}", folder.display()))
}
