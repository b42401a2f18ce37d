//! What is sealed of a petition, and how: `XChaCha20`-Poly1305 under a data key that seals nothing else.

use std::collections::BTreeMap;
use std::fmt;

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use rectify_case::FindingId;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What of a petition nobody sees who does not open it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Content {
    /// Who wrote, under the headers of the file: name, telephone, address and the like.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub identity: BTreeMap<String, String>,
    /// What it is about, in the petitioner's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it says.
    pub text: String,
    /// Where, in the petitioner's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whom it complains about, as it names them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// What the source replied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
}

impl fmt::Debug for Content {
    /// Shows nothing: what is logged by mistake tells nothing either.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Content(***)")
    }
}

impl Content {
    /// Returns what is sealed: the same content, the same bytes.
    pub fn to_clear(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).expect("texts and maps with texts for keys are JSON"))
    }

    pub(crate) fn of_clear(clear: &[u8]) -> Option<Content> {
        serde_json::from_slice(clear).ok()
    }
}

/// A key that seals one thing of one petition.
pub(crate) type DataKey = Zeroizing<[u8; 32]>;

/// The bytes of a nonce, which stand before what is sealed.
const NONCE: usize = 24;

/// Makes a data key.
pub(crate) fn data_key() -> DataKey {
    Zeroizing::new(rand::random())
}

/// Seals bytes under a data key, bound to what they are of.
pub(crate) fn seal(key: &DataKey, about: &[u8], clear: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE] = rand::random();
    let cipher = XChaCha20Poly1305::new(key.as_slice().try_into().expect("a data key has 32 bytes"));
    let sealed = cipher.encrypt(&XNonce::from(nonce), Payload { msg: clear, aad: about });
    let mut bytes = nonce.to_vec();
    bytes.extend(sealed.expect("what is sealed is far shorter than a cipher takes"));
    bytes
}

/// Opens what was sealed under a data key about this; nothing where it was not.
pub(crate) fn open(key: &DataKey, about: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, ciphertext) = sealed.split_first_chunk::<NONCE>()?;
    let cipher = XChaCha20Poly1305::new(key.as_slice().try_into().expect("a data key has 32 bytes"));
    cipher.decrypt(&XNonce::from(*nonce), Payload { msg: ciphertext, aad: about }).ok().map(Zeroizing::new)
}

/// Returns what the content of a petition in one generation is bound to.
pub(crate) fn about_content(finding: FindingId, generation: u32) -> Vec<u8> {
    [finding.0.as_bytes().as_slice(), &generation.to_be_bytes(), b"content"].concat()
}

/// Returns what an attachment of a petition is bound to.
pub(crate) fn about_attachment(finding: FindingId) -> Vec<u8> {
    [finding.0.as_bytes().as_slice(), b"attachment"].concat()
}

#[cfg(test)]
mod tests {
    use rectify_case::FindingId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_sealed_opens_with_its_key_for_its_petition_and_generation_only() {
        let (key, finding) = (data_key(), FindingId(Uuid::from_u128(1)));
        let sealed = seal(&key, &about_content(finding, 1), b"clear");
        assert_eq!(open(&key, &about_content(finding, 1), &sealed).unwrap().as_slice(), b"clear");
        assert_eq!(open(&key, &about_content(finding, 2), &sealed), None);
        assert_eq!(open(&key, &about_content(FindingId(Uuid::from_u128(2)), 1), &sealed), None);
        assert_eq!(open(&data_key(), &about_content(finding, 1), &sealed), None);
        assert_eq!(open(&key, &about_content(finding, 1), &sealed[..NONCE]), None);
    }

    #[test]
    fn nothing_of_a_content_is_shown_by_mistake() {
        let content = Content { text: "王五".to_owned(), ..Content::default() };
        assert_eq!(format!("{content:?}"), "Content(***)");
    }
}
