//! Whatever a source hands in, as a workbook, as rows of text, as JSON or as a message: it is read or refused with a reason, no decoder
//! panics, and none takes more memory than what came in is worth.
//!
//! Each test is a target of bolero named after what is read, with its corpus in `__fuzz__`; the decoders of what proves a history
//! are tried alike in `events/proof/tests/decoders`, where it stands how to go on for longer.
#![expect(clippy::unwrap_used, reason = "a test that meets what it does not expect fails")]

#[expect(dead_code, reason = "not every test hands in alike")]
#[path = "../../../services/intake/tests/office/mod.rs"]
mod office;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use bolero::check;
use rectify_audit::AuditFinding;
use rectify_bus::Submission;
use rectify_inspection::InspectionItem;
use rectify_intake::{Document, Given, ImportError};
use rectify_petition::Petition;
use rectify_tests::changed::{Changed, ChangedWithin, corpus, memory_is_bounded};
use tokio::runtime::Runtime;

/// The most memory that the whole program may have had, in KiB.
const MOST: u64 = 512 << 10;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

macro_rules! ways_in {
    ($($name:ident $changed:literal $decode:expr;)*) => {$(
        #[test]
        fn $name() {
            check!(name = stringify!($name)).with_iterations(50).for_each($decode);
            check!(name = concat!(stringify!($name), "-changed"))
                .with_generator(Changed::of(corpus(&of(stringify!($name)))))
                .with_iterations($changed)
                .for_each(|bytes: &Vec<u8>| $decode(bytes));
            memory_is_bounded(MOST);
        }
    )*};
}

ways_in! {
    audit 300 file::<AuditFinding>;
    inspection 300 file::<InspectionItem>;
    petition 300 file::<Petition>;
    submission 2_000 message;
}

#[test]
fn parts_of_a_workbook() {
    check!(name = "parts-of-a-workbook")
        .with_generator(ChangedWithin::of(&corpus(&of("inspection")), &[]))
        .with_iterations(600)
        .for_each(|bytes: &Vec<u8>| file::<InspectionItem>(bytes));
    memory_is_bounded(MOST);
}

#[test]
fn what_is_right_in_the_corpus_is_taken() {
    for bytes in corpus(&of("audit")) {
        assert_ne!(taken::<AuditFinding>(&bytes), 0);
    }
    for bytes in corpus(&of("inspection")) {
        assert_ne!(taken::<InspectionItem>(&bytes), 0);
    }
    for bytes in corpus(&of("submission")) {
        serde_json::from_slice::<Submission>(&bytes).unwrap();
    }
}

fn of(source: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ways_in/__fuzz__").join(source).join("corpus")
}

fn message(bytes: &[u8]) {
    if let Ok(submission) = serde_json::from_slice::<Submission>(bytes) {
        let again = serde_json::from_slice::<Submission>(&serde_json::to_vec(&submission).unwrap()).unwrap();
        assert_eq!((again.subject(), &again), (submission.subject(), &submission));
    }
}

fn file<D: Document>(bytes: &[u8]) {
    taken::<D>(bytes);
}

/// Hands a file in as somebody does who only wants to know what would come of it, and returns how many findings would be taken.
fn taken<D: Document>(bytes: &[u8]) -> usize {
    let name = match bytes.first() {
        Some(b'P') => "a.xlsx",
        Some(b'[' | b'{') => "a.json",
        Some(_) | None => "a.csv",
    };
    let given = Given { division: Some("623023".to_owned()), ..Given::default() };
    let file = office::file(name, bytes.to_vec());
    let handed_in = office::hand_in_with::<D>(given, vec![file], |handover| {
        handover.received = "2021-01-01T00:00:00Z".parse().unwrap();
        handover.check = true;
    });
    match RUNTIME.block_on(handed_in) {
        Ok((report, _)) => report.accepted.len(),
        Err(error) => {
            assert!(!matches!(error, ImportError::Stopped(_)), "a reader panicked: {error:?}");
            0
        }
    }
}
