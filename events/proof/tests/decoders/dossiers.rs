//! Dossiers: as files, and as ZIPs that are right with files in them that are not.

use std::io::Cursor;
use std::sync::LazyLock;

use rectify_proof::Trusted;
use rectify_proof::dossier::{Container, check};

use crate::corpus::text;

/// The files of a dossier that are of a kind of their own.
pub const NAMES: [&str; 5] = ["dossier.json", "checkpoint", "SHA256SUMS", "consistency", "earlier-checkpoint"];

static TRUSTED: LazyLock<Trusted> = LazyLock::new(|| {
    let keys = text("key", "office.vkey").lines().map(|line| line.parse().unwrap()).collect();
    Trusted { keys, ..Trusted::default() }
});

/// Looks into a file as the program does: it is judged or refused.
pub fn dossier(bytes: &[u8]) {
    let _ = Container::open(Cursor::new(bytes));
    let _ = check(Cursor::new(bytes), &TRUSTED);
}

pub fn is_good(bytes: &[u8]) -> bool {
    check(Cursor::new(bytes), &TRUSTED).is_ok_and(|verdict| verdict.is_good())
}
