//! Whatever comes in, no decoder panics, and none takes more memory than what came in is worth.
//!
//! Each test is a target of bolero named after its decoder, with its corpus in `__fuzz__`: files that are right as they are, or wrong
//! in a way that was worth keeping. Here the corpus is read, then random bytes, then what the corpus becomes when it is cut,
//! spliced and changed. `BOLERO_RANDOM_ITERATIONS=100000` goes on for longer; `cargo bolero test NAME` lets a fuzzer search.
#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect fails")]

mod corpus;

mod dossiers;
mod texts;

use bolero::check;
use rectify_tests::changed::{Changed, ChangedWithin, memory_is_bounded};

use crate::corpus::files;

/// The most memory that the whole program may have had, in KiB: what comes in has some ten thousand bytes.
const MOST: u64 = 512 << 10;

/// How many random bytes a decoder is given.
const RANDOM: usize = 200;

macro_rules! decoders {
    ($($name:ident $changed:literal $decode:path;)*) => {$(
        #[test]
        fn $name() {
            check!(name = stringify!($name)).with_iterations(RANDOM).for_each($decode);
            check!(name = concat!(stringify!($name), "-changed"))
                .with_generator(Changed::of(files(stringify!($name))))
                .with_iterations($changed)
                .for_each(|bytes: &Vec<u8>| $decode(bytes));
            memory_is_bounded(MOST);
        }
    )*};
}

decoders! {
    address 2_000 texts::address;
    tile 2_000 texts::tile;
    mark 2_000 texts::mark;
    checkpoint 2_000 texts::checkpoint;
    cosignature 2_000 texts::cosignature;
    key 2_000 texts::key;
    proof 2_000 texts::proof;
    name 4_000 texts::name;
    finding 2_000 texts::finding;
    event 2_000 texts::event;
    dossier 600 dossiers::dossier;
}

#[test]
fn files_of_a_dossier() {
    check!(name = "files-of-a-dossier")
        .with_generator(ChangedWithin::of(&files("dossier"), &[]))
        .with_iterations(600)
        .for_each(|bytes: &Vec<u8>| dossiers::dossier(bytes));
    check!(name = "parts-of-a-dossier")
        .with_generator(ChangedWithin::of(&files("dossier"), &dossiers::NAMES))
        .with_iterations(750)
        .for_each(|bytes: &Vec<u8>| dossiers::dossier(bytes));
    memory_is_bounded(MOST);
}

#[test]
fn what_is_right_in_the_corpus_is_taken() {
    assert!(files("dossier").iter().any(|bytes| dossiers::is_good(bytes)));
    assert!(files("checkpoint").iter().any(|bytes| texts::is_signed(bytes)));
    assert!(files("cosignature").iter().any(|bytes| texts::is_cosigned(bytes)));
    assert!(files("tile").iter().any(|bytes| texts::tree(bytes).is_some()));
}
