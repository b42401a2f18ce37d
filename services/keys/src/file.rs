//! The file of the office's private key: as it is, for its owner's eyes only, or locked with a passphrase (Argon2id).

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::content::{self, DataKey};
use crate::office::{PrivateKey, PublicKey};

/// The file of a private key, read.
#[derive(Debug)]
pub struct PrivateKeyFile {
    path: PathBuf,
    public: PublicKey,
    key: Written,
}

/// What is wrong with the file of a private key.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read or written.
    #[error("cannot read or write {}", .0.display())]
    Io(PathBuf, #[source] std::io::Error),
    /// It is no private key's file.
    #[error("{} is no private key of an office", .0.display())]
    Malformed(PathBuf),
    /// Everybody on the machine may read it.
    #[error("everybody may read {}: make it `chmod 600`", .0.display())]
    Exposed(PathBuf),
    /// It is locked and no passphrase was given.
    #[error("{} is locked: say its passphrase in keys.passphrase_file", .0.display())]
    Locked(PathBuf),
    /// The passphrase is another one.
    #[error("the passphrase does not unlock {}", .0.display())]
    WrongPassphrase(PathBuf),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer {
    what: String,
    public: String,
    #[serde(flatten)]
    key: Written,
}

/// The key as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Written {
    /// As it is.
    Private(#[serde(with = "wiped")] Zeroizing<String>),
    /// Locked with a passphrase.
    Locked(Lock),
}

impl std::fmt::Debug for Written {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Written::Private(_) => "Private(***)",
            Written::Locked(_) => "Locked(***)",
        })
    }
}

/// A text that is wiped when it is dropped.
mod wiped {
    use serde::{Deserialize as _, Deserializer, Serializer};
    use zeroize::Zeroizing;

    pub(super) fn serialize<S: Serializer>(text: &Zeroizing<String>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
        String::deserialize(deserializer).map(Zeroizing::new)
    }
}

/// A key sealed under what Argon2id makes of a passphrase.
#[derive(Serialize, Deserialize)]
struct Lock {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
    sealed: String,
}

/// What the file says it is.
const WHAT: &str = "rectify private key: HPKE DHKEM(X25519, HKDF-SHA256)";

/// The second choice of RFC 9106: 64 MiB, three passes, four lanes.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
const LANES: u32 = 4;

/// The most memory a file may ask for, 1 GiB.
const MOST_KIB: u32 = 1024 * 1024;

impl PrivateKeyFile {
    /// Writes a private key to a new file that only its owner may read, locked where a passphrase is given.
    pub fn write(path: &Path, key: &PrivateKey, passphrase: Option<&SecretString>) -> Result<(), FileError> {
        let io = |error| FileError::Io(path.to_owned(), error);
        let public = key.public();
        let secret = key.to_secret();
        let written = match passphrase {
            None => Written::Private(Zeroizing::new(hex::encode(secret.expose_secret()))),
            Some(passphrase) => Written::Locked(Lock::of(passphrase, &public, &secret)),
        };
        let outer = Outer { what: WHAT.to_owned(), public: public.to_string(), key: written };
        let text = Zeroizing::new(serde_json::to_string_pretty(&outer).expect("texts and numbers are JSON"));
        let mut file = File::options().write(true).create_new(true).mode(0o600).open(path).map_err(io)?;
        file.write_all(text.as_bytes()).map_err(io)?;
        file.write_all(b"\n").map_err(io)?;
        file.sync_all().map_err(io)
    }

    /// Reads the file; nothing where there is none.
    pub fn read(path: &Path) -> Result<Option<PrivateKeyFile>, FileError> {
        let io = |error| FileError::Io(path.to_owned(), error);
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        if file.metadata().map_err(io)?.permissions().mode() & 0o007 != 0 {
            return Err(FileError::Exposed(path.to_owned()));
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(io)?;
        let malformed = || FileError::Malformed(path.to_owned());
        let outer: Outer = serde_json::from_str(&text).map_err(|_| malformed())?;
        let public = outer.public.parse().map_err(|_| malformed())?;
        Ok(Some(PrivateKeyFile { path: path.to_owned(), public, key: outer.key }))
    }

    /// Returns the half that seals.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Returns whether it takes a passphrase.
    pub fn is_locked(&self) -> bool {
        matches!(self.key, Written::Locked(_))
    }

    /// Returns the key.
    pub fn unlock(&self, passphrase: Option<&SecretString>) -> Result<PrivateKey, FileError> {
        let malformed = || FileError::Malformed(self.path.clone());
        let secret = match (&self.key, passphrase) {
            (Written::Private(text), _) => SecretSlice::from(hex::decode(text.as_str()).map_err(|_| malformed())?),
            (Written::Locked(_), None) => return Err(FileError::Locked(self.path.clone())),
            (Written::Locked(lock), Some(passphrase)) => {
                let key = lock.key(passphrase).ok_or_else(malformed)?;
                let sealed = hex::decode(&lock.sealed).map_err(|_| malformed())?;
                let opened = content::open(&key, &self.public.to_bytes(), &sealed);
                let opened = opened.ok_or_else(|| FileError::WrongPassphrase(self.path.clone()))?;
                SecretSlice::from(opened.to_vec())
            }
        };
        let key = PrivateKey::of_secret(&secret).map_err(|_| malformed())?;
        if key.public() == self.public { Ok(key) } else { Err(malformed()) }
    }
}

impl Lock {
    fn of(passphrase: &SecretString, public: &PublicKey, secret: &SecretSlice<u8>) -> Lock {
        let salt = hex::encode(rand::random::<[u8; 16]>());
        let mut lock = Lock { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES, salt, sealed: String::new() };
        let key = lock.key(passphrase).expect("the parameters are those of RFC 9106");
        lock.sealed = hex::encode(content::seal(&key, &public.to_bytes(), secret.expose_secret()));
        lock
    }

    /// Returns what locks; nothing where the parameters or the salt cannot be.
    fn key(&self, passphrase: &SecretString) -> Option<DataKey> {
        if self.memory_kib > MOST_KIB {
            return None;
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok()?;
        let mut key = Zeroizing::new([0; 32]);
        let hash = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let salt = hex::decode(&self.salt).ok()?;
        hash.hash_password_into(passphrase.expose_secret().as_bytes(), &salt, key.as_mut_slice()).ok()?;
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_is_read_as_it_was_written_by_its_owner_only() {
        let folder = rectify_tests::folder();
        let path = folder.path().join("office.key");
        assert!(PrivateKeyFile::read(&path).unwrap().is_none());
        let key = PrivateKey::generate();
        PrivateKeyFile::write(&path, &key, None).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let file = PrivateKeyFile::read(&path).unwrap().unwrap();
        assert!(!file.is_locked());
        assert_eq!(file.unlock(None).unwrap().public(), key.public());
        assert!(matches!(PrivateKeyFile::write(&path, &key, None).unwrap_err(), FileError::Io(..)));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(PrivateKeyFile::read(&path).unwrap_err(), FileError::Exposed(_)));
    }

    #[test]
    fn a_locked_key_opens_with_its_passphrase_and_no_other() {
        let folder = rectify_tests::folder();
        let path = folder.path().join("office.key");
        let key = PrivateKey::generate();
        PrivateKeyFile::write(&path, &key, Some(&"甘南 2020".into())).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(&hex::encode(key.to_secret().expose_secret())));
        let file = PrivateKeyFile::read(&path).unwrap().unwrap();
        assert!(file.is_locked());
        assert_eq!(file.unlock(Some(&"甘南 2020".into())).unwrap().public(), key.public());
        assert!(matches!(file.unlock(Some(&"甘南".into())).unwrap_err(), FileError::WrongPassphrase(_)));
        assert!(matches!(file.unlock(None).unwrap_err(), FileError::Locked(_)));
    }

    #[test]
    fn what_is_no_key_is_said_to_be_none() {
        let folder = rectify_tests::folder();
        let path = folder.path().join("office.key");
        std::fs::write(&path, "{}").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(matches!(PrivateKeyFile::read(&path).unwrap_err(), FileError::Malformed(_)));
    }
}
