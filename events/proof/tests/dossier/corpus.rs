//! Makes the corpus of the decoders' tests anew: `cargo test -p rectify-proof --test dossier -- --ignored`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rectify_case::StreamId;
use rectify_tests::witness::Witness;

use crate::bed::{Asked, Bed, CASE, note};
use crate::unpacked::{lines, plain, zipped};

#[tokio::test]
#[ignore = "it writes into the source tree"]
async fn the_corpus_of_dossiers_checkpoints_keys_and_proofs_is_made() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/decoders/__fuzz__");
    let write = |decoder: &str, name: &str, bytes: &[u8]| {
        let folder = corpus.join(decoder).join("corpus");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), bytes).unwrap();
    };
    let (bed, first) = Bed::new().await;
    let keys = lines(bed.keys().await.iter().map(ToString::to_string));
    write("key", "office.vkey", keys.as_bytes());
    write("checkpoint", "first", first.note.as_bytes());
    let witness = Witness::named("witness.example/a");
    let cosigned = witness.cosign(&first.note, 1_700_000_000);
    write("cosignature", "alone", cosigned.as_bytes());
    let line = cosigned.lines().last().unwrap();
    write("cosignature", "beside-the-log", format!("{}{line}\n", first.note).as_bytes());
    let asked = Asked { looks: true, earlier: Some(first), ..Asked::default() };
    let whole = bed.dossier(&asked).await;
    for name in ["checkpoint", "consistency", "proofs/000000000005.tlog-proof"] {
        let kind = if name == "checkpoint" { "checkpoint" } else { "proof" };
        write(kind, name.rsplit('/').next().unwrap(), &whole.0[name]);
    }
    write("dossier", "whole.zip", &whole.clone().packed());
    write("dossier", "wide.zip", &zipped(&whole.0, plain().large_file(true)));
    let withheld = Asked { withheld: BTreeSet::from([3]), ..Asked::default() };
    write("dossier", "withheld.zip", &bed.dossier(&withheld).await.packed());
    let damaged = Asked { damaged: Some(b"other"), ..Asked::default() };
    write("dossier", "damaged.zip", &bed.dossier(&damaged).await.packed());
    bed.append(StreamId::Case(CASE), (0..40).map(|n| note(&n.to_string()))).await;
    bed.seal().await;
    write("dossier", "longer.zip", &bed.dossier(&Asked::default()).await.packed());
}
