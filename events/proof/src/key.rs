//! The keys of checkpoints: Ed25519, written as C2SP signed notes want them.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::slice;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use secrecy::{ExposeSecret as _, SecretString};
use signed_note::{StandardSigner, StandardVerifier, key_id, new_ed25519_verifier_key};
use zeroize::Zeroizing;

/// The algorithm's number in a signed note.
const ED25519: u8 = 1;

/// The public half: what checks signatures. Written `NAME+ID+KEY`, where the name is that of the log.
#[derive(Clone)]
pub struct Key {
    verifier: StandardVerifier,
    text: String,
}

/// The secret half: what signs. The sealer alone has it.
#[derive(Clone)]
pub struct Signer {
    hand: StandardSigner,
    seed: Zeroizing<[u8; 32]>,
    key: Key,
}

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key is NAME+ID+KEY as in a C2SP signed note, of Ed25519")]
pub struct BadKey;

/// Why a key's file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It cannot be read or written.
    #[error("cannot read or write {}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else is in it.
    #[error("{} has no key to sign with: PRIVATE+KEY+NAME+ID+KEY is wanted", file.display())]
    NotAKey {
        /// The file.
        file: PathBuf,
    },
}

impl FromStr for Key {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<Key, BadKey> {
        let text = text.trim();
        let verifier = StandardVerifier::new(text).map_err(|_| BadKey)?;
        Ok(Key { verifier, text: text.to_owned() })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        self.text == other.text
    }
}

impl Eq for Key {}

impl Key {
    /// Returns what checks signatures of it.
    pub(crate) fn verifier(&self) -> StandardVerifier {
        self.verifier.clone()
    }
}

impl Signer {
    /// Makes a pair that signs for a log.
    pub fn generate(origin: &str) -> Signer {
        Signer::of_seed(origin, Zeroizing::new(rand::random()))
    }

    /// Returns the same secret as it signs for another log: after a fork the log has another name.
    #[must_use]
    pub fn named(&self, origin: &str) -> Signer {
        Signer::of_seed(origin, self.seed.clone())
    }

    fn of_seed(origin: &str, seed: Zeroizing<[u8; 32]>) -> Signer {
        let public = SigningKey::from_bytes(&seed).verifying_key();
        let key: Key = new_ed25519_verifier_key(origin, &public).parse().expect("a key of ours is one");
        let secret = written(origin, &seed);
        let hand = StandardSigner::new(secret.expose_secret()).expect("a key of ours is one");
        Signer { hand, seed, key }
    }

    /// Returns the public half.
    pub fn key(&self) -> Key {
        self.key.clone()
    }

    pub(crate) fn inner(&self) -> &dyn signed_note::Signer {
        &self.hand
    }

    /// Reads the keys in a file, one a line, to sign for a log: all of them sign, so that who knows only the older one goes on
    /// trusting while it is replaced.
    pub fn read(file: &Path, origin: &str) -> Result<Vec<Signer>, KeyError> {
        let text = fs::read_to_string(file).map_err(|source| KeyError::File { file: file.to_owned(), source })?;
        let text = Zeroizing::new(text);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let signers = lines.map(|line| seed_in(line).map(|seed| Signer::of_seed(origin, seed)));
        let signers = signers.collect::<Option<Vec<_>>>().filter(|signers| !signers.is_empty());
        signers.ok_or_else(|| KeyError::NotAKey { file: file.to_owned() })
    }

    /// Reads the keys in a file, and makes one there, which only its owner may read, where there is no such file.
    pub fn read_or_make(file: &Path, origin: &str) -> Result<Vec<Signer>, KeyError> {
        match File::options().write(true).create_new(true).mode(0o600).open(file) {
            Ok(made) => {
                let signer = Signer::generate(origin);
                write(file, made, slice::from_ref(&signer), origin)?;
                Ok(vec![signer])
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Signer::read(file, origin),
            Err(source) => Err(KeyError::File { file: file.to_owned(), source }),
        }
    }

    /// Puts a new key before those in a file, whole or not at all, and returns its public half.
    pub fn rotate(file: &Path, origin: &str) -> Result<Key, KeyError> {
        let failed = |source| KeyError::File { file: file.to_owned(), source };
        let mut signers = Signer::read(file, origin)?;
        signers.insert(0, Signer::generate(origin));
        let new = file.with_extension("new");
        let made = File::options().write(true).create(true).truncate(true).mode(0o600).open(&new).map_err(failed)?;
        write(file, made, &signers, origin)?;
        fs::rename(&new, file).map_err(failed)?;
        Ok(signers[0].key())
    }
}

/// Writes secrets into a file that is open, one a line.
fn write(named: &Path, mut file: File, signers: &[Signer], origin: &str) -> Result<(), KeyError> {
    let mut all = || {
        for signer in signers {
            writeln!(file, "{}", written(origin, &signer.seed).expose_secret())?;
        }
        file.sync_all()
    };
    all().map_err(|source| KeyError::File { file: named.to_owned(), source })
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.key)
    }
}

/// Returns a secret as text.
fn written(origin: &str, seed: &[u8; 32]) -> SecretString {
    let public = SigningKey::from_bytes(seed).verifying_key().to_bytes();
    let id = key_id(origin, &[[ED25519].as_slice(), &public].concat());
    let secret = Zeroizing::new([[ED25519].as_slice(), seed].concat());
    format!("PRIVATE+KEY+{origin}+{id:08x}+{}", STANDARD.encode(&secret)).into()
}

/// Returns the secret in a text, whatever log it is named after.
fn seed_in(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    StandardSigner::new(text).ok()?;
    // The key itself may have a plus in it.
    let encoded = text.splitn(5, '+').nth(4)?;
    let bytes = Zeroizing::new(STANDARD.decode(encoded).ok()?);
    match bytes.split_first() {
        Some((&ED25519, seed)) => seed.try_into().ok().map(Zeroizing::new),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_kept_in_a_file_and_read_again() {
        let folder = rectify_tests::folder();
        let file = folder.path().join("seal.key");
        let made = Signer::read_or_make(&file, "rectify/a").unwrap();
        let read = Signer::read_or_make(&file, "rectify/a").unwrap();
        let [made, read] = [made, read].map(|signers| signers.iter().map(Signer::key).collect::<Vec<_>>());
        assert_eq!(read, made);
        assert_eq!(read[0].to_string().parse(), Ok(made[0].clone()));
        let other = Signer::read(&file, "rectify/b").unwrap().remove(0);
        assert_ne!(other.key(), made[0], "a key is named after its log");
        assert_eq!(other.named("rectify/a").key(), made[0]);
        assert!(!format!("{other:?}").contains(&STANDARD.encode(*other.seed)));

        let new = Signer::rotate(&file, "rectify/a").unwrap();
        let both: Vec<Key> = Signer::read(&file, "rectify/a").unwrap().iter().map(Signer::key).collect();
        assert_eq!(both, [new, made[0].clone()]);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        fs::write(&file, "整改").unwrap();
        let error = Signer::read(&file, "rectify/a").unwrap_err().to_string();
        assert!(error.contains("has no key to sign with"), "{error}");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for bad in
            ["", "rectify", "rectify/a+00000000+AAAA", "rectify/a+zz+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"]
        {
            assert!(bad.parse::<Key>().is_err(), "{bad}");
        }
    }
}
