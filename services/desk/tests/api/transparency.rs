//! The tree over the log, open to all, and what witnesses send.

use axum::body::Body;
use axum::http::Method;
use rectify_proof::{Key, Sealer, SignedCheckpoint, Tree, leaf_hash};
use rectify_tests::witness::Witness;

use crate::client::{Answer, Caller};
use crate::office::Office;

/// Signs the log as it is, as the registrar does every ten seconds.
pub async fn seal(office: &Office) -> SignedCheckpoint {
    let (log, tree) = (office.desk.frame.log.clone(), Tree::new(office.desk.frame.db.clone()));
    let sealer = Sealer::open(log, tree, Some(&office.folder.path().join("seal.key"))).unwrap();
    sealer.extend().await.unwrap();
    sealer.sign(office.desk.frame.clock.now()).await.unwrap().expect("something happened since")
}

async fn cosigned(stranger: &Caller, note: impl Into<Body>) -> Answer {
    stranger.send(Method::POST, "/log/cosignatures", &[("content-type", "text/plain")], note.into()).await
}

fn text(answer: &Answer) -> String {
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.bytes.clone()).unwrap()
}

#[tokio::test]
async fn whoever_comes_reads_checkpoints_keys_and_tiles() {
    let office = Office::open().await;
    let stranger = office.stranger();
    stranger.get("/log/checkpoint").await.problem(404, "not_found");
    let signed = seal(&office).await;
    assert_eq!(text(&stranger.get("/log/checkpoint").await), signed.note);
    let keys: Vec<Key> = text(&stranger.get("/log/keys").await).lines().map(|key| key.parse().unwrap()).collect();
    assert_eq!(SignedCheckpoint::open(&signed.note, &keys), Ok(signed.clone()));

    let size = signed.checkpoint.size;
    let tile = stranger.get(&format!("/log/tile/0/000.p/{size}")).await;
    let leaves = office.desk.frame.log.read_leaves(0, 1_000).await.unwrap();
    let hashes: Vec<[u8; 32]> = leaves.iter().map(leaf_hash).collect();
    assert_eq!((tile.status.as_u16(), tile.bytes), (200, hashes.concat()));
    for bad in ["0/000", "0/001.p/1", "7/000", "0/000.p/256", "0/x000/000", "0/x"] {
        stranger.get(&format!("/log/tile/{bad}")).await.problem(404, "not_found");
    }
}

#[tokio::test]
async fn what_a_known_witness_signed_stands_under_the_checkpoint_from_then_on() {
    let [hand, unknown] = ["witness.example/a", "witness.example/b"].map(Witness::named);
    let office = Office::open_with(&[("seal.witnesses", &hand.key())]).await;
    let (stranger, note) = (office.stranger(), seal(&office).await.note);

    let (good, by_unknown) = (hand.cosign(&note, 1_600_000_000), unknown.cosign(&note, 1_600_000_000));
    cosigned(&stranger, by_unknown).await.problem(422, "not_cosigned");
    cosigned(&stranger, "整改").await.problem(422, "not_cosigned");
    cosigned(&stranger, vec![0xff; 9]).await.problem(422, "not_cosigned");
    cosigned(&stranger, "\n".repeat(16_385)).await.problem(413, "too_large");
    let (text_of, _) = note.split_once("\n\n").unwrap();
    let size: u64 = text_of.lines().nth(1).unwrap().parse().unwrap();
    let smaller = hand.cosign(&note.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size - 1), 1), 1);
    cosigned(&stranger, smaller).await.problem(404, "no_such_checkpoint");
    let root = text_of.lines().nth(2).unwrap();
    let other = format!("{}{}", if root.starts_with('A') { "B" } else { "A" }, &root[1..]);
    let another = hand.cosign(&note.replacen(root, &other, 1), 1);
    cosigned(&stranger, another).await.problem(409, "other_history");
    let another = hand.cosign(&note.replacen("rectify/", "rectify/0", 1), 1);
    cosigned(&stranger, another).await.problem(409, "other_history");

    assert_eq!(cosigned(&stranger, good.clone()).await.good()["kept"], 1);
    assert_eq!(cosigned(&stranger, good.clone()).await.good()["kept"], 0);
    let (_, line) = good.split_once("\n\n").unwrap();
    assert_eq!(text(&stranger.get("/log/checkpoint").await), format!("{note}{line}"));
}
