//! The office's pair of keys: HPKE (RFC 9180) with X25519, HKDF-SHA256 and ChaCha20-Poly1305, in its base mode.

use std::fmt;
use std::str::FromStr;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::{Kem, X25519HkdfSha256};
use hpke::{Deserializable as _, OpModeR, OpModeS, Serializable as _};
use secrecy::{ExposeSecret as _, SecretSlice};
use zeroize::Zeroizing;

type Suite = X25519HkdfSha256;

/// The bytes of an encapsulated key, which stand before what is sealed.
const ENCAPSULATED: usize = 32;

/// What is sealed that was set aside.
const SET_ASIDE: &[u8] = b"rectify: set aside, 1";

/// What is sealed that somebody has begun to write about a petition.
const DRAFT: &[u8] = b"rectify: draft, 1";

/// The half that seals. It is no secret.
#[derive(Clone)]
pub struct PublicKey(<Suite as Kem>::PublicKey);

/// The half that opens. Only the office has it.
#[derive(Clone)]
pub struct PrivateKey(<Suite as Kem>::PrivateKey);

/// A text that is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a public key of an office has 64 hexadecimal digits")]
pub struct BadKey;

impl PublicKey {
    /// Seals bytes so that only the private half opens them, for one purpose and about one thing.
    pub fn seal(&self, purpose: &[u8], about: &[u8], clear: &[u8]) -> Vec<u8> {
        let sealed = hpke::single_shot_seal::<ChaCha20Poly1305, HkdfSha256, Suite>(
            &OpModeS::Base,
            &self.0,
            purpose,
            clear,
            about,
        );
        let (encapsulated, ciphertext) = sealed.expect("a key that was read is a point, and a context seals once");
        let mut bytes = encapsulated.to_bytes().to_vec();
        bytes.extend(ciphertext);
        bytes
    }

    /// Seals what is set aside, as a whole: nobody can tell whether it is a petition.
    pub fn seal_set_aside(&self, clear: &[u8]) -> Vec<u8> {
        self.seal(SET_ASIDE, b"", clear)
    }

    /// Seals what somebody has begun to write, about what it is kept by.
    pub fn seal_draft(&self, about: &[u8], clear: &[u8]) -> Vec<u8> {
        self.seal(DRAFT, about, clear)
    }

    /// Returns the key's bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_bytes().into()
    }

    /// Reads a key's bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<PublicKey, BadKey> {
        <Suite as Kem>::PublicKey::from_bytes(bytes).map(PublicKey).map_err(|_| BadKey)
    }
}

impl PrivateKey {
    /// Makes a new pair.
    pub fn generate() -> PrivateKey {
        PrivateKey(Suite::gen_keypair().0)
    }

    /// Returns the half that seals.
    pub fn public(&self) -> PublicKey {
        PublicKey(Suite::sk_to_pk(&self.0))
    }

    /// Opens what was sealed to the public half for this purpose and about this thing; nothing where it was not.
    pub fn open(&self, purpose: &[u8], about: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (encapsulated, ciphertext) = sealed.split_at_checked(ENCAPSULATED)?;
        let encapsulated = <Suite as Kem>::EncappedKey::from_bytes(encapsulated).ok()?;
        let opened = hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Suite>(
            &OpModeR::Base,
            &self.0,
            &encapsulated,
            purpose,
            ciphertext,
            about,
        );
        opened.ok().map(Zeroizing::new)
    }

    /// Opens what was set aside; nothing where it was not sealed to the public half.
    pub fn open_set_aside(&self, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.open(SET_ASIDE, b"", sealed)
    }

    /// Opens a draft; nothing where it was not sealed to the public half, or is about something else.
    pub(crate) fn open_draft(&self, about: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.open(DRAFT, about, sealed)
    }

    pub(crate) fn to_secret(&self) -> SecretSlice<u8> {
        SecretSlice::from(self.0.to_bytes().to_vec())
    }

    pub(crate) fn of_secret(secret: &SecretSlice<u8>) -> Result<PrivateKey, BadKey> {
        <Suite as Kem>::PrivateKey::from_bytes(secret.expose_secret()).map(PrivateKey).map_err(|_| BadKey)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.to_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(***)")
    }
}

impl FromStr for PublicKey {
    type Err = BadKey;

    fn from_str(text: &str) -> Result<PublicKey, BadKey> {
        let bytes = hex::decode(text.trim()).map_err(|_| BadKey)?;
        PublicKey::from_bytes(&bytes)
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &PublicKey) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

impl Eq for PublicKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_private_half_opens_and_only_for_the_purpose_and_the_thing_it_was_sealed_for() {
        let office = PrivateKey::generate();
        let sealed = office.public().seal(b"purpose", b"thing", b"data key");
        assert_eq!(office.open(b"purpose", b"thing", &sealed).unwrap().as_slice(), b"data key");
        assert_eq!(office.open(b"other", b"thing", &sealed), None);
        assert_eq!(office.open(b"purpose", b"other", &sealed), None);
        assert_eq!(PrivateKey::generate().open(b"purpose", b"thing", &sealed), None);
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        assert_eq!(office.open(b"purpose", b"thing", &changed), None);
        assert_eq!(office.open(b"purpose", b"thing", &sealed[..20]), None);
        assert_ne!(office.public().seal(b"purpose", b"thing", b"data key"), sealed);
    }

    #[test]
    fn a_public_key_is_read_as_it_is_written_and_a_private_one_is_never_shown() {
        let office = PrivateKey::generate();
        let public = office.public();
        assert_eq!(public.to_string().parse(), Ok(public.clone()));
        assert_eq!("abc".parse::<PublicKey>(), Err(BadKey));
        assert_eq!(format!("{office:?}"), "PrivateKey(***)");
        assert_eq!(PrivateKey::of_secret(&office.to_secret()).unwrap().public(), public);
    }
}
