//! A witness of a log (C2SP tlog-cosignature, Ed25519), which signs whatever it is shown.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey};
use signed_note::key_id;

/// The algorithm's number in a key of a signed note.
const COSIGNATURE: u8 = 4;

/// A witness with a name of its own.
#[derive(Debug)]
pub struct Witness {
    name: String,
    hand: SigningKey,
}

impl Witness {
    /// Returns the witness of a name, the same each time.
    pub fn named(name: &str) -> Witness {
        let mut seed = [7; 32];
        for (byte, letter) in seed.iter_mut().zip(name.bytes()) {
            *byte ^= letter;
        }
        Witness { name: name.to_owned(), hand: SigningKey::from_bytes(&seed) }
    }

    /// Returns its public key, as it publishes it.
    pub fn key(&self) -> String {
        format!("{}+{:08x}+{}", self.name, self.id(), STANDARD.encode(self.public()))
    }

    /// Returns a signed note with the line of the witness in the place of every other, signed so many seconds after 1970.
    pub fn cosign(&self, note: &str, time: u64) -> String {
        let (text, _) = note.split_once("\n\n").expect("a note has a text and signatures");
        let signature = self.hand.sign(format!("cosignature/v1\ntime {time}\n{text}\n").as_bytes());
        let line = [&self.id().to_be_bytes(), time.to_be_bytes().as_slice(), &signature.to_bytes()].concat();
        format!("{text}\n\n\u{2014} {} {}\n", self.name, STANDARD.encode(line))
    }

    fn id(&self) -> u32 {
        key_id(&self.name, &self.public())
    }

    fn public(&self) -> Vec<u8> {
        [[COSIGNATURE].as_slice(), self.hand.verifying_key().as_bytes()].concat()
    }
}
