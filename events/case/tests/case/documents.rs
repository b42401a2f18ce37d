//! `docs/lifecycle.md` and `docs/events.md` are what the code says.

mod events;
mod lifecycle;

use std::fs;
use std::path::{Path, PathBuf};

use crate::golden;

#[test]
fn the_lifecycle_document_is_that_of_the_code() {
    compare("lifecycle.md", &lifecycle::document());
}

#[test]
fn the_document_of_the_events_is_that_of_the_code() {
    compare("events.md", &events::document());
}

/// Writes both documents, and the golden files that are missing.
#[test]
#[ignore = "it writes"]
fn what_is_generated_is_written() {
    golden::write_missing();
    fs::write(docs().join("lifecycle.md"), lifecycle::document()).unwrap();
    fs::write(docs().join("events.md"), events::document()).unwrap();
}

fn compare(name: &str, wanted: &str) {
    let found = fs::read_to_string(docs().join(name)).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/{name} is not as the code has it: run `cargo test -p rectify-case --test case -- --ignored`"
    );
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}
