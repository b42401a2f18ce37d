//! What comes in as a text: addresses of tiles and the tiles, marks, checkpoints and what witnesses add to them, keys, proofs, names of
//! files, findings, events. What a decoder reads, it reads from what it writes again.

use std::sync::LazyLock;

use rectify_case::Finding;
use rectify_proof::dossier::{Part, consistency_of, inclusion_of};
use rectify_proof::{Address, Edge, FULL, Key, Mark, SignedCheckpoint, Witness, cosigned};
use rectify_tests::witness;

use crate::corpus::text;

static KEYS: LazyLock<Vec<Key>> =
    LazyLock::new(|| text("key", "office.vkey").lines().map(|line| line.parse().unwrap()).collect());

static WITNESSES: LazyLock<Vec<Witness>> =
    LazyLock::new(|| vec![witness::Witness::named("witness.example/a").key().parse().unwrap()]);

pub fn address(bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).lines() {
        if let Ok(address) = line.parse::<Address>() {
            assert_eq!(address.to_string(), line, "there is one way to write it");
        }
    }
}

pub fn tile(bytes: &[u8]) {
    if let Some(mut tree) = tree(bytes) {
        tree.push(&[7; 32], drop);
        assert_ne!(tree.root(), [0; 32]);
    }
}

/// Reads the address of a tile and its hashes as the edge of the tree that ends with it.
pub fn tree(bytes: &[u8]) -> Option<Edge> {
    let ends = bytes.iter().position(|byte| *byte == b'\n')?;
    let (address, hashes) = (std::str::from_utf8(&bytes[..ends]).ok()?, &bytes[ends + 1..]);
    let address: Address = address.parse().ok()?;
    let size = address.n.checked_mul(FULL as u64)?.checked_add(address.width as u64)?;
    // A log is no longer than a database can count.
    i64::try_from(size).ok()?;
    Edge::of(size, |_, _, width| hashes.get(..width * 32))
}

pub fn mark(bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).lines() {
        if let Ok(mark) = line.parse::<Mark>() {
            assert_eq!(mark.to_string().parse(), Ok(mark));
        }
    }
}

pub fn checkpoint(bytes: &[u8]) {
    let note = String::from_utf8_lossy(bytes);
    if let Ok(opened) = SignedCheckpoint::open(&note, &KEYS) {
        assert_eq!(SignedCheckpoint::read(&note).as_ref(), Ok(&opened));
    }
    let _ = SignedCheckpoint::read(&note);
}

pub fn is_signed(bytes: &[u8]) -> bool {
    SignedCheckpoint::open(&String::from_utf8_lossy(bytes), &KEYS).is_ok()
}

pub fn cosignature(bytes: &[u8]) {
    let note = String::from_utf8_lossy(bytes);
    if let Ok((seen, lines)) = cosigned(&note, &WITNESSES) {
        assert_eq!(SignedCheckpoint::read(&note), Ok(seen));
        assert!(
            lines.iter().all(|cosignature| note.contains(&cosignature.line)),
            "a witness's line is a line of the note"
        );
    }
    let _ = note.parse::<Witness>();
}

pub fn is_cosigned(bytes: &[u8]) -> bool {
    cosigned(&String::from_utf8_lossy(bytes), &WITNESSES).is_ok_and(|(_, lines)| lines.len() == 1)
}

pub fn key(bytes: &[u8]) {
    let _ = String::from_utf8_lossy(bytes).trim().parse::<Key>();
}

pub fn proof(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = inclusion_of(&text);
    let _ = consistency_of(&text, 7);
}

pub fn name(bytes: &[u8]) {
    for line in String::from_utf8_lossy(bytes).lines() {
        if let Ok(part) = line.parse::<Part>() {
            assert_eq!(part.to_string(), line, "there is one way to write it");
            assert!(!line.contains("..") && !line.starts_with('/') && line.is_ascii(), "{line}");
        }
    }
}

pub fn finding(bytes: &[u8]) {
    if let Ok(finding) = serde_json::from_slice::<Finding>(bytes) {
        let again = serde_json::from_str::<Finding>(&serde_json::to_string(&finding).unwrap()).unwrap();
        assert_eq!((again.id(), &again), (finding.id(), &finding));
    }
}

pub fn event(bytes: &[u8]) {
    let _ = rectify_log::decode(bytes);
    let _ = rectify_log::outline(bytes);
}
