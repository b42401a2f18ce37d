//! Witnesses: whoever watches the log from elsewhere, and signs a checkpoint once they have seen that it goes on from every
//! earlier one they saw (C2SP tlog-cosignature, Ed25519).

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, VerifyingKey};
use signed_note::{Verifier, is_key_name_valid, key_id};

use crate::checkpoint::{NotSigned, SignedCheckpoint, signatures};

/// The algorithm's number in a key of a signed note.
const COSIGNATURE: u8 = 4;

/// How many bytes of a cosignature say when it was made, in seconds since 1970: those before the signature itself.
const TIME: usize = 8;

/// The public key of a witness. Written `NAME+ID+KEY`, as the witness publishes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    name: String,
    id: u32,
    key: VerifyingKey,
}

/// A text that is no witness's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a witness's key is NAME+ID+KEY as in C2SP tlog-cosignature, of Ed25519")]
pub struct BadWitness;

/// What a witness signed a checkpoint with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// Who, as its key names it.
    pub witness: String,
    /// The line of the signed note.
    pub line: String,
}

impl FromStr for Witness {
    type Err = BadWitness;

    fn from_str(text: &str) -> Result<Witness, BadWitness> {
        // The key itself may have a plus in it.
        let mut parts = text.trim().splitn(3, '+');
        let (name, id, key) = (parts.next(), parts.next(), parts.next());
        let (name, id, key) = (name.ok_or(BadWitness)?, id.ok_or(BadWitness)?, key.ok_or(BadWitness)?);
        let whole = STANDARD.decode(key).map_err(|_| BadWitness)?;
        let (algorithm, key) = whole.split_first().ok_or(BadWitness)?;
        let said = u32::from_str_radix(id, 16).ok().filter(|_| id.len() == 8);
        if *algorithm != COSIGNATURE || !is_key_name_valid(name) || said != Some(key_id(name, &whole)) {
            return Err(BadWitness);
        }
        let key = key.try_into().ok().and_then(|key| VerifyingKey::from_bytes(key).ok()).ok_or(BadWitness)?;
        Ok(Witness { name: name.to_owned(), id: key_id(name, &whole), key })
    }
}

impl Verifier for Witness {
    fn name(&self) -> &str {
        &self.name
    }

    fn key_id(&self) -> u32 {
        self.id
    }

    fn verify(&self, text: &[u8], signature: &[u8]) -> bool {
        let Some((time, signature)) = signature.split_first_chunk::<TIME>() else { return false };
        let Ok(signature) = Signature::from_slice(signature) else { return false };
        self.key.verify_strict(&signed(u64::from_be_bytes(*time), text), &signature).is_ok()
    }
}

/// Returns what a witness signs: when, in seconds since 1970, and the text of the checkpoint.
fn signed(time: u64, text: &[u8]) -> Vec<u8> {
    [format!("cosignature/v1\ntime {time}\n").as_bytes(), text].concat()
}

/// Reads what witnesses signed of a checkpoint; lines of others are passed over. Whether it is a checkpoint of ours is not
/// asked.
pub fn cosigned(note: &str, witnesses: &[Witness]) -> Result<(SignedCheckpoint, Vec<Cosignature>), NotSigned> {
    let checkpoint = SignedCheckpoint::read(note)?;
    let lines = signatures(note, witnesses, Clone::clone)?.into_iter().map(|signature| {
        let line = String::from_utf8(signature.to_bytes()).map_err(|_| NotSigned::Malformed)?;
        Ok(Cosignature { witness: signature.name().to_owned(), line: line.trim_end().to_owned() })
    });
    Ok((checkpoint, lines.collect::<Result<_, _>>()?))
}

#[cfg(test)]
mod tests {
    use rectify_tests::witness;

    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::key::Signer;

    #[test]
    fn what_a_known_witness_signed_is_read() {
        let hand = witness::Witness::named("witness.example/a");
        let known: Witness = hand.key().parse().unwrap();
        let ours = Checkpoint { origin: "rectify/a".to_owned(), size: 7, root: [9; 32] };
        let note = hand.cosign(&ours.sign(&[Signer::generate("rectify/a")]).note, 1_700_000_000);
        let (checkpoint, lines) = cosigned(&note, &[known.clone(), known.clone()]).unwrap();
        assert_eq!((checkpoint.checkpoint.size, lines.len()), (7, 1));
        assert_eq!(lines[0].witness, "witness.example/a");
        assert!(note.ends_with(&format!("{}\n", lines[0].line)), "{note}");

        assert_eq!(cosigned(&note, &[]), Err(NotSigned::Unknown));
        assert_eq!(cosigned(&note.replace("\n7\n", "\n8\n"), std::slice::from_ref(&known)), Err(NotSigned::Forged));
        assert_eq!(cosigned("整改", &[known]), Err(NotSigned::Malformed));
    }

    #[test]
    fn what_is_no_key_of_a_witness_is_refused() {
        let good = witness::Witness::named("witness.example/a").key();
        assert!(good.parse::<Witness>().is_ok());
        let of_a_log = Signer::generate("rectify/a").key().to_string();
        for bad in ["", "整改", "a+b", &good.replace("/a+", "/b+"), &good[..good.len() - 4], &of_a_log] {
            assert_eq!(bad.parse::<Witness>(), Err(BadWitness), "{bad}");
        }
    }
}
