//! What comes in as a text: addresses of tiles, marks, checkpoints, keys, proofs, names of files, findings, events.

use proptest::prelude::*;
use rectify_case::Finding;
use rectify_proof::dossier::{Part, consistency_of, inclusion_of};
use rectify_proof::{Address, Key, Mark, SignedCheckpoint};

use crate::changed::changed;
use crate::corpus::{files, memory_is_bounded, tried};

/// Tries a decoder of texts. What it reads, it reads from what it writes again.
fn each(kind: &str, cases: u32, decode: impl Fn(&str)) {
    for right in files(kind) {
        decode(&String::from_utf8_lossy(&right));
    }
    proptest!(tried(cases), |(bytes in changed(files(kind)))| decode(&String::from_utf8_lossy(&bytes)));
    memory_is_bounded();
}

#[test]
fn addresses_of_tiles() {
    each("address", 2_000, |text| {
        for line in text.lines() {
            if let Ok(address) = line.parse::<Address>() {
                assert_eq!(address.to_string(), line, "there is one way to write it");
            }
        }
    });
}

#[test]
fn marks() {
    each("mark", 2_000, |text| {
        for line in text.lines() {
            if let Ok(mark) = line.parse::<Mark>() {
                assert_eq!(mark.to_string().parse(), Ok(mark));
            }
        }
    });
}

#[test]
fn checkpoints() {
    let keys = String::from_utf8(files("key").concat()).unwrap();
    let keys: Vec<Key> = keys.lines().map(|line| line.parse().unwrap()).collect();
    let holds = |text: &str| SignedCheckpoint::open(text, &keys).is_ok();
    assert!(files("checkpoint").iter().any(|note| holds(&String::from_utf8_lossy(note))));
    each("checkpoint", 2_000, |text| {
        if let Ok(opened) = SignedCheckpoint::open(text, &keys) {
            assert_eq!(SignedCheckpoint::read(text).as_ref(), Ok(&opened));
        }
        let _ = SignedCheckpoint::read(text);
    });
}

#[test]
fn keys() {
    each("key", 2_000, |text| {
        let _ = text.trim().parse::<Key>();
    });
}

#[test]
fn proofs() {
    each("proof", 2_000, |text| {
        let _ = inclusion_of(text);
        let _ = consistency_of(text, 7);
    });
}

#[test]
fn names_of_files() {
    each("name", 4_000, |text| {
        for line in text.lines() {
            if let Ok(part) = line.parse::<Part>() {
                assert_eq!(part.to_string(), line, "there is one way to write it");
                assert!(!line.contains("..") && !line.starts_with('/') && line.is_ascii(), "{line}");
            }
        }
    });
}

#[test]
fn findings() {
    each("finding", 2_000, |text| {
        if let Ok(finding) = serde_json::from_str::<Finding>(text) {
            let again = serde_json::from_str::<Finding>(&serde_json::to_string(&finding).unwrap()).unwrap();
            assert_eq!((again.id(), &again), (finding.id(), &finding));
        }
    });
}

#[test]
fn events() {
    each("event", 2_000, |text| {
        let _ = rectify_log::decode(text.as_bytes());
        let _ = rectify_log::outline(text.as_bytes());
    });
}
