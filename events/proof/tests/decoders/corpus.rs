//! The corpus.

use std::fs;
use std::path::{Path, PathBuf};

/// Returns the files of a decoder's corpus, in the order of their names.
pub fn files(decoder: &str) -> Vec<Vec<u8>> {
    rectify_tests::changed::corpus(&folder(decoder))
}

/// Returns the text of a decoder's corpus that has this name.
pub fn text(decoder: &str, name: &str) -> String {
    fs::read_to_string(folder(decoder).join(name)).unwrap()
}

fn folder(decoder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decoders/__fuzz__").join(decoder).join("corpus")
}
