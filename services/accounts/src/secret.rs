//! What somebody shows to be let in: made here, seen once, known afterwards only by its hash.

use sha2::{Digest, Sha256};

/// Returns 32 random bytes as text behind a prefix, so that one that leaked is found by whoever looks for such things.
pub(crate) fn random(prefix: &str) -> String {
    format!("{prefix}{}", hex::encode(rand::random::<[u8; 32]>()))
}

/// Returns what a secret is kept as, or nothing for a text that cannot be one.
///
/// It is 256 random bits, so neither salt nor slowness adds anything to one hash, and looking the hash up tells
/// by its time nothing about the secret.
pub(crate) fn hash(prefix: &str, text: &str) -> Option<[u8; 32]> {
    let digits = text.strip_prefix(prefix)?;
    let well_formed = digits.len() == 64 && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    well_formed.then(|| Sha256::digest(text).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_secret_is_looked_up() {
        let secret = random("rct_");
        assert_eq!(secret.len(), 68);
        assert!(hash("rct_", &secret).is_some());
        assert_ne!(hash("rct_", &secret), hash("rct_", &random("rct_")));
        for text in ["", "rct_", &secret[4..], &secret.to_uppercase(), &secret[..67], &format!("{secret} ")] {
            assert_eq!(hash("rct_", text), None, "{text:?}");
        }
        assert_eq!(hash("rcs_", &secret), None);
    }
}
