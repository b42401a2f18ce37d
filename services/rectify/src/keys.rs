//! The key store as a process of this program holds it: apart from the log's database, with the office's private key only
//! where something is opened.

use std::fs::{DirBuilder, File};
use std::io::IsTerminal as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use chrono::{DateTime, Utc};
use rectify_keys::{Keys, KeysError, Opener, PrivateKey, PrivateKeyFile, PublicKey};
use rectify_kit::{Config, Part};
use rectify_log::{Db, Options};
use secrecy::{ExposeSecret as _, SecretString};

use crate::rotation;

/// The file of a key store without a server, in its folder.
const FILE: &str = "keys.db";

/// Opens the key store for a part; none where the part has none. The whole makes the office's first key itself.
pub async fn open(config: &Config, part: Part, now: DateTime<Utc>) -> anyhow::Result<Option<Opener>> {
    if let Part::Service(name) = part
        && !["petition", "desk"].contains(&name)
    {
        return Ok(None);
    }
    let Some(db) = database(config, part).await? else { return Ok(None) };
    if migrates(config, part) {
        rectify_keys::migrate(&db).await.context("cannot migrate the key store")?;
    }
    let keys = match Keys::open(db.clone()).await {
        Err(KeysError::NoOffice) if migrates(config, part) => found(config, db, now).await?,
        opened => opened.context("cannot open the key store")?,
    };
    if !opens(part) {
        return Ok(Some(Opener::new(keys, None)));
    }
    let private = private_key(config, &keys).await?;
    let earlier = if private.is_some() { rotation::earlier(config).await? } else { None };
    Ok(Some(Opener::new(keys, private).with_earlier(earlier)))
}

/// Returns the office's public key, for who has no key store and seals all the same.
pub fn public_key(config: &Config) -> anyhow::Result<Option<PublicKey>> {
    let text = config.keys.public_key.as_deref();
    text.map(str::parse).transpose().context("keys.public_key is no public key of an office")
}

/// Returns whether there is a key store, as far as that is told without opening it.
pub fn is_here(config: &Config) -> bool {
    config.keys.database.is_some() || config.keys.folder.join(FILE).exists()
}

/// Opens the database of the key store; none where there is none for this part.
pub async fn database(config: &Config, part: Part) -> anyhow::Result<Option<Db>> {
    let options = Options { connections: 4, read_only: part == Part::Reader, overwrite: true, ..Options::default() };
    if let Some(url) = &config.keys.database {
        let same = config.database.as_ref().is_some_and(|log| log.expose_secret() == url.expose_secret());
        if same {
            bail!(
                "keys.url is the database of the log: whoever has that one must not have the keys, so give them their own"
            );
        }
        let db = Db::connect(url.expose_secret(), &options).await;
        return Ok(Some(db.context("cannot connect to the key store of keys.url")?));
    }
    let file = config.keys.folder.join(FILE);
    let is_there = file.exists();
    let beside_servers = config.database.is_some() && part != Part::Whole;
    if !is_there && (beside_servers || part == Part::Reader) {
        return Ok(None);
    }
    if !is_there {
        private_folder(&config.keys.folder)?;
        let made = File::options().write(true).create_new(true).mode(0o600).open(&file);
        made.with_context(|| format!("cannot make {}", file.display()))?;
    }
    let db = Db::open(&file, &options).await.with_context(|| format!("cannot open {}", file.display()))?;
    Ok(Some(db))
}

/// Makes the office's first pair of keys, or takes the one that is there, and enters it in the store.
pub async fn found(config: &Config, db: Db, now: DateTime<Utc>) -> anyhow::Result<Keys> {
    let path = &config.keys.private_key;
    let public = if let Some(file) = PrivateKeyFile::read(path)? {
        file.public().clone()
    } else {
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let key = PrivateKey::generate();
        PrivateKeyFile::write(path, &key, config.keys.passphrase.as_ref())?;
        tracing::info!(file = %path.display(), "the office's private key was made; keep a copy of it elsewhere");
        key.public()
    };
    Keys::found(db, &public, now).await.context("cannot enter the office's key in the key store")
}

/// Whether this part brings the tables up to date, and makes the first key.
fn migrates(config: &Config, part: Part) -> bool {
    match part {
        Part::Whole => true,
        Part::Writer => config.keys.database.is_none() && config.database.is_none(),
        Part::Service(_) | Part::Reader => false,
    }
}

/// Whether this part shows what is sealed.
fn opens(part: Part) -> bool {
    match part {
        Part::Whole => true,
        Part::Service(name) => name == "desk",
        Part::Writer | Part::Reader => false,
    }
}

/// Returns the office's private key, where its file is here and can be unlocked.
async fn private_key(config: &Config, keys: &Keys) -> anyhow::Result<Option<PrivateKey>> {
    let path = &config.keys.private_key;
    let Some(file) = PrivateKeyFile::read(path)? else {
        tracing::warn!(file = %path.display(), "the office's private key is not here: nothing sealed can be opened");
        return Ok(None);
    };
    if *file.public() != keys.public() {
        rotation::check(config, keys)?;
        bail!("{} is not the private key of this key store, whose public one is {}", path.display(), keys.public());
    }
    let passphrase = passphrase(config, &file)?;
    if file.is_locked() && passphrase.is_none() {
        tracing::warn!(
            file = %path.display(),
            "the office's private key is locked and no passphrase was given: nothing sealed can be opened"
        );
        return Ok(None);
    }
    let unlocked = tokio::task::spawn_blocking(move || file.unlock(passphrase.as_ref())).await?;
    Ok(Some(unlocked?))
}

/// Returns the passphrase that is set, or that somebody types where one is needed.
pub fn passphrase(config: &Config, file: &PrivateKeyFile) -> anyhow::Result<Option<SecretString>> {
    match config.keys.passphrase.clone() {
        None if file.is_locked() => asked(&config.keys.private_key),
        given => Ok(given),
    }
}

/// Asks for the passphrase where somebody sits before the process.
fn asked(path: &Path) -> anyhow::Result<Option<SecretString>> {
    if !std::io::stdin().is_terminal() {
        return Ok(None);
    }
    let terminal = console::Term::stderr();
    terminal.write_str(&format!("{} 的口令 / passphrase: ", path.display()))?;
    let said = terminal.read_secure_line()?;
    Ok((!said.is_empty()).then(|| said.into()))
}

fn private_folder(folder: &Path) -> anyhow::Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
    made.with_context(|| format!("cannot make the folder {}", folder.display()))
}
