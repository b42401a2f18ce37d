//! The corpus: files beside the tests, each right as it is or wrong in a way that was worth keeping.

use std::fs;
use std::path::Path;

use proptest::test_runner::Config;

/// The most memory that the whole program may have had, in KiB: what comes in has some ten thousand bytes.
const MOST: u64 = 512 << 10;

/// Returns the files of one kind, in the order of their names.
pub fn files(kind: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decoders/corpus").join(kind);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "there is nothing in the corpus of {kind}");
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Returns how a decoder is tried: so many times, or many more in a long run. What fails is told, to be put into the corpus.
pub fn tried(cases: u32) -> Config {
    let is_long = std::env::var_os("RECTIFY_TEST_LONG").is_some();
    Config { cases: if is_long { cases * 50 } else { cases }, failure_persistence: None, ..Config::default() }
}

/// Checks that memory stayed within its bound.
#[track_caller]
pub fn memory_is_bounded() {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(peak < MOST, "{peak} KiB were held at once");
}
