//! A checkpoint: how many events the log had and the root over them, signed (C2SP tlog-checkpoint in a C2SP signed note).

use rectify_case::{LogId, Position};
use signed_note::{Note, NoteError, Signature, Verifier, VerifierList};
use tlog_tiles::{Checkpoint as Text, Hash};

use crate::key::{Key, Signer};
use crate::mark::Mark;

/// How large a log was, and the root over all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log, as [`origin`] names it.
    pub origin: String,
    /// How many events it had.
    pub size: Position,
    /// The root of the tree over them.
    pub root: [u8; 32],
}

/// A checkpoint with its signatures, as it is handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    /// What was signed.
    pub checkpoint: Checkpoint,
    /// The signed note, with every signature.
    pub note: String,
}

/// A note that is no checkpoint, or that nobody who is trusted has signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSigned {
    /// It cannot be read.
    #[error("it is no signed checkpoint")]
    Malformed,
    /// It says a signature is of a key that is known, and it is not.
    #[error("a signature is not of the key that it names")]
    Forged,
    /// No known key signed it.
    #[error("it is signed by none of the keys that were given")]
    Unknown,
    /// The key that signed it signs for another log.
    #[error("it is of {found}, and its key signs for {expected}")]
    OtherLog {
        /// What the key is named after.
        expected: String,
        /// What it is of.
        found: String,
    },
}

/// Returns how a log names itself in its checkpoints, and its key.
pub fn origin(log: LogId) -> String {
    format!("rectify/{log}")
}

impl Checkpoint {
    /// Returns what stands on paper of it.
    pub fn mark(&self) -> Mark {
        Mark::of(self.size, &self.root)
    }

    /// Signs it.
    #[expect(
        clippy::missing_panics_doc,
        reason = "an origin of ours is one line, and a key that was read signs anything"
    )]
    pub fn sign(self, signers: &[Signer]) -> SignedCheckpoint {
        let text =
            Text::new(&self.origin, self.size, Hash(self.root), "").expect("an origin is one line and not empty");
        let mut note = Note::new(&text.to_bytes(), &[]).expect("a checkpoint ends with its line");
        let signers: Vec<&dyn signed_note::Signer> = signers.iter().map(Signer::inner).collect();
        note.add_sigs(&signers).expect("a key that was read signs anything");
        let note = String::from_utf8(note.to_bytes()).expect("a checkpoint and its signatures are text");
        SignedCheckpoint { checkpoint: self, note }
    }
}

impl SignedCheckpoint {
    /// Reads a signed checkpoint without looking at who signed it.
    pub fn read(note: &str) -> Result<SignedCheckpoint, NotSigned> {
        let read = Note::from_bytes(note.as_bytes()).map_err(|_| NotSigned::Malformed)?;
        let text = Text::from_bytes(read.text()).map_err(|_| NotSigned::Malformed)?;
        let checkpoint = Checkpoint { origin: text.origin().to_owned(), size: text.size(), root: text.hash().0 };
        Ok(SignedCheckpoint { checkpoint, note: note.to_owned() })
    }

    /// Returns what is signed of it: the note up to where the signatures begin.
    pub(crate) fn text(&self) -> &str {
        self.note.split_once("\n\n").map_or(self.note.as_str(), |(text, _)| text)
    }

    /// Reads a signed checkpoint and checks that one of these keys signed it, for the log that the key is named after.
    pub fn open(note: &str, keys: &[Key]) -> Result<SignedCheckpoint, NotSigned> {
        let signed = SignedCheckpoint::read(note)?;
        let by_known = signatures(note, keys, Key::verifier)?;
        let origin = &signed.checkpoint.origin;
        // A key signs for the log it is named after and for no other.
        if by_known.iter().any(|signature| signature.name() == origin) {
            return Ok(signed);
        }
        let expected = by_known.first().map_or_else(String::new, |signature| signature.name().to_owned());
        Err(NotSigned::OtherLog { expected, found: origin.clone() })
    }
}

/// Returns the signatures of a note by keys that are known, of which there must be one.
pub(crate) fn signatures<K: PartialEq, V: Verifier + 'static>(
    note: &str,
    keys: &[K],
    verifier: impl Fn(&K) -> V,
) -> Result<Vec<Signature>, NotSigned> {
    let mut known: Vec<&K> = Vec::new();
    for key in keys {
        // The same twice would be taken for one that is not clear.
        if !known.contains(&key) {
            known.push(key);
        }
    }
    let known = VerifierList::new(known.into_iter().map(|key| Box::new(verifier(key)) as _).collect());
    let note = Note::from_bytes(note.as_bytes()).map_err(|_| NotSigned::Malformed)?;
    let (by_known, _) = note.verify(&known).map_err(|error| match error {
        NoteError::UnverifiedNote => NotSigned::Unknown,
        NoteError::InvalidSignature { .. } => NotSigned::Forged,
        _ => NotSigned::Malformed,
    })?;
    Ok(by_known)
}

#[cfg(test)]
mod tests {
    use rectify_case::LogId;

    use super::*;

    fn log() -> LogId {
        "0190163d-8694-739b-aea5-966c26f8ad90".parse().map(LogId).unwrap()
    }

    #[test]
    fn what_is_signed_is_opened_with_the_public_half() {
        let ours = Signer::generate(&origin(log()));
        let checkpoint = Checkpoint { origin: origin(log()), size: 7, root: [9; 32] };
        let signed = checkpoint.clone().sign(std::slice::from_ref(&ours));
        let opened = SignedCheckpoint::open(&signed.note, &[ours.key()]).unwrap();
        assert_eq!(opened.checkpoint, checkpoint);
        assert_eq!(SignedCheckpoint::open(&signed.note, &[]), Err(NotSigned::Unknown));

        let other = Signer::generate(&origin(log()));
        assert_eq!(SignedCheckpoint::open(&signed.note, &[other.key()]), Err(NotSigned::Unknown));
        let forged = signed.note.replace("\n7\n", "\n8\n");
        assert_eq!(SignedCheckpoint::open(&forged, &[ours.key()]), Err(NotSigned::Forged));
        assert_eq!(SignedCheckpoint::open("整改", &[ours.key()]), Err(NotSigned::Malformed));

        let both = checkpoint.sign(&[ours.clone(), other.clone()]);
        for key in [ours.key(), other.key()] {
            assert!(SignedCheckpoint::open(&both.note, &[key]).is_ok(), "both halves of a rotation will do");
        }
    }

    #[test]
    fn a_key_signs_for_its_own_log() {
        let ours = Signer::generate(&origin(log()));
        let signed =
            Checkpoint { origin: "rectify/other".to_owned(), size: 7, root: [9; 32] }.sign(std::slice::from_ref(&ours));
        let (expected, found) = (origin(log()), "rectify/other".to_owned());
        assert_eq!(SignedCheckpoint::open(&signed.note, &[ours.key()]), Err(NotSigned::OtherLog { expected, found }));
    }
}
