//! Each way of forging a dossier that somebody thought of, done with care: the digests fit whatever was changed.

use rectify_proof::{Signer, origin};
use serde_json::json;

use crate::bed::{Asked, Bed, OTHER, REPORT, digest};
use crate::checkers::wrong_with;
use crate::unpacked::{Unpacked, lines, listed};

/// Forges the dossier of a bed, and returns what is found.
async fn forged(bed: &Bed, asked: &Asked, forge: impl FnOnce(&mut Unpacked)) -> Vec<(String, &'static str)> {
    let mut dossier = bed.dossier(asked).await;
    forge(&mut dossier);
    wrong_with(&dossier.packed(), &bed.keys().await)
}

fn found(file: &str, code: &'static str) -> (String, &'static str) {
    (file.to_owned(), code)
}

#[tokio::test]
async fn a_changed_event_is_found_however_it_is_covered_up() {
    let (bed, _) = Bed::new().await;
    let asked = Asked::default();
    let changed = forged(&bed, &asked, |dossier| {
        let text = dossier.text("events/000000000004.json").replace("已交办", "未交办");
        dossier.set("events/000000000004.json", text);
    });
    assert_eq!(changed.await, [found("events/000000000004.json", "event")]);
    let covered = forged(&bed, &asked, |dossier| dossier.rewrite(4, "已交办", "未交办"));
    assert_eq!(covered.await, [found("proofs/000000000004.tlog-proof", "proof")]);
    let no_event = forged(&bed, &asked, |dossier| dossier.set("events/000000000004.json", "整改"));
    assert!(no_event.await.contains(&found("events/000000000004.json", "event")));
}

#[tokio::test]
async fn an_event_of_another_case_is_found() {
    let (bed, _) = Bed::new().await;
    let raw = bed.log.read_raw(1, 1).await.unwrap().remove(0);
    let inclusion = bed.tree.inclusion(2, 8).await.unwrap();
    let checkpoint = bed.tree.last_checkpoint().await.unwrap().unwrap();
    let proof = rectify_proof::dossier::inclusion_text(&inclusion, &checkpoint);
    let asked = Asked::default();
    // It stands in the log and is proved to: only that it is of this case is not so.
    let put_in = |dossier: &mut Unpacked| {
        dossier.set("events/000000000002.json", raw.bytes.clone());
        dossier.set("proofs/000000000002.tlog-proof", proof.clone());
        dossier.describe(|manifest| {
            let leaf = digest(&raw.bytes).to_string();
            let event = json!({ "position": 2, "stream": "case", "version": 1, "leaf": leaf, "held": true });
            manifest["events"].as_array_mut().unwrap().insert(1, event);
        });
    };
    let wrong = forged(&bed, &asked, put_in).await;
    assert!(wrong.contains(&found("events/000000000002.json", "stream")), "{wrong:?}");
    // In place of one of its own.
    let wrong = forged(&bed, &asked, |dossier| {
        dossier.drop(1);
        put_in(dossier);
        dossier.describe(|manifest| manifest["events"].as_array_mut().unwrap().sort_by_key(|e| e["position"].as_u64()));
    });
    assert_eq!(wrong.await, [found("events/000000000002.json", "stream")]);
    // The whole dossier under another case's name.
    let wrong = forged(&bed, &asked, |dossier| {
        dossier.describe(|manifest| manifest["case"] = OTHER.to_string().into());
    });
    assert!(wrong.await.iter().all(|(_, code)| *code == "stream"));
}

#[tokio::test]
async fn changed_evidence_is_found() {
    let (bed, _) = Bed::new().await;
    let asked = Asked::default();
    let name = format!("evidence/{}.pdf", digest(REPORT));
    let changed = forged(&bed, &asked, |dossier| dossier.set(&name, "%PDF-1.7\n假的"));
    assert_eq!(changed.await, [found(&name, "evidence")]);

    // Under its own digest, as if that had been put on file.
    let other = format!("evidence/{}.pdf", digest(b"other"));
    let swapped = forged(&bed, &asked, |dossier| {
        dossier.0.remove(&name).unwrap();
        dossier.set(&other, "other");
        dossier.describe(|manifest| {
            manifest["evidence"][0]["file"] = other.clone().into();
            manifest["evidence"][0]["digest"] = digest(b"other").to_string().into();
        });
    });
    assert_eq!(swapped.await, [found("dossier.json", "evidence"), found("dossier.json", "evidence")]);

    let left_out = forged(&bed, &asked, |dossier| {
        dossier.0.remove(&name).unwrap();
        dossier.describe(|manifest| manifest["evidence"] = json!([]));
    });
    assert_eq!(left_out.await, [found("dossier.json", "evidence")]);
    let gone = forged(&bed, &asked, |dossier| drop(dossier.0.remove(&name)));
    assert_eq!(gone.await, [found(&name, "evidence")]);
    let added = forged(&bed, &asked, |dossier| dossier.set(&other, "other"));
    assert_eq!(added.await, [found(&other, "else")]);
    let elsewhere = forged(&bed, &asked, |dossier| {
        dossier.describe(|manifest| manifest["evidence"][0]["file"] = "README.txt".into());
        dossier.set("README.txt", dossier.0[&name].clone());
    });
    assert!(elsewhere.await.contains(&found("dossier.json", "evidence")));
}

#[tokio::test]
async fn a_replaced_checkpoint_and_a_wrong_key_are_found() {
    let (bed, first) = Bed::new().await;
    let asked = Asked::default();
    let older = forged(&bed, &asked, |dossier| dossier.set("checkpoint", first.note.clone()));
    assert!(older.await.iter().all(|(file, code)| file.starts_with("proofs/") && *code == "proof"));
    let resized = forged(&bed, &asked, |dossier| {
        let note = dossier.text("checkpoint").replace("\n8\n", "\n9\n");
        dossier.set("checkpoint", note);
    });
    assert_eq!(resized.await, [found("checkpoint", "checkpoint")]);

    // A forger signs a tree of their own with a key of their own.
    let theirs = Signer::generate(&origin(bed.log.id()));
    let last = bed.tree.last_checkpoint().await.unwrap().unwrap();
    let signed = last.checkpoint.clone().sign(std::slice::from_ref(&theirs));
    let resigned = forged(&bed, &asked, |dossier| {
        for (name, bytes) in &mut dossier.0 {
            if name.starts_with("proofs/") || name == "checkpoint" {
                *bytes = String::from_utf8_lossy(bytes).replace(&last.note, &signed.note).into_bytes();
            }
        }
    });
    assert_eq!(resigned.await, [found("checkpoint", "checkpoint")]);
    let dossier = bed.dossier(&asked).await.packed();
    assert_eq!(wrong_with(&dossier, &[theirs.key()]), [found("checkpoint", "checkpoint")]);

    // The key of another log, and a dossier that says it is of another log.
    let other_log = forged(&bed, &asked, |dossier| {
        dossier.describe(|manifest| manifest["log"] = OTHER.to_string().into());
    });
    assert!(other_log.await.contains(&found("checkpoint", "checkpoint")));
    let missing = forged(&bed, &asked, |dossier| drop(dossier.0.remove("checkpoint")));
    assert_eq!(missing.await, [found("checkpoint", "checkpoint")]);
}

#[tokio::test]
async fn a_proof_of_another_tree_or_of_another_place_is_found() {
    let (bed, _) = Bed::new().await;
    let (other, _) = Bed::new().await;
    let asked = Asked::default();
    let foreign = other.dossier(&asked).await;
    let of_another = forged(&bed, &asked, |dossier| {
        dossier.set("proofs/000000000005.tlog-proof", foreign.0["proofs/000000000005.tlog-proof"].clone());
    });
    assert_eq!(of_another.await, [found("proofs/000000000005.tlog-proof", "proof")]);
    let its_path = forged(&bed, &asked, |dossier| {
        let note = dossier.text("checkpoint");
        let text = foreign.text("proofs/000000000005.tlog-proof").replace(&foreign.text("checkpoint"), &note);
        dossier.set("proofs/000000000005.tlog-proof", text);
    });
    assert_eq!(its_path.await, [found("proofs/000000000005.tlog-proof", "proof")]);
    let of_another_place = forged(&bed, &asked, |dossier| {
        dossier.set("proofs/000000000005.tlog-proof", dossier.0["proofs/000000000004.tlog-proof"].clone());
    });
    assert_eq!(of_another_place.await, [found("proofs/000000000005.tlog-proof", "proof")]);
    let gone = forged(&bed, &asked, |dossier| drop(dossier.0.remove("proofs/000000000005.tlog-proof")));
    assert_eq!(gone.await, [found("proofs/000000000005.tlog-proof", "proof")]);
    let withheld = forged(&bed, &asked, |dossier| {
        dossier.0.remove("events/000000000005.json").unwrap();
        dossier.describe(|manifest| {
            let event = listed(manifest, 5);
            event["held"] = false.into();
            event["leaf"] = "0".repeat(64).into();
        });
    });
    assert!(withheld.await.contains(&found("proofs/000000000005.tlog-proof", "proof")));
}

#[tokio::test]
async fn a_history_that_does_not_go_on_from_the_earlier_one_is_found() {
    let (bed, first) = Bed::new().await;
    let (other, foreign) = Bed::new().await;
    let asked = Asked { earlier: Some(first), ..Asked::default() };
    let hashes = forged(&bed, &asked, |dossier| {
        let text = dossier.text("consistency");
        dossier.set("consistency", lines(text.lines().rev().map(str::to_owned)));
    });
    assert_eq!(hashes.await, [found("consistency", "earlier")]);
    let gone = forged(&bed, &asked, |dossier| drop(dossier.0.remove("consistency")));
    assert_eq!(gone.await, [found("consistency", "earlier")]);
    let of_another = forged(&bed, &asked, |dossier| dossier.set("earlier-checkpoint", foreign.note.clone()));
    assert_eq!(of_another.await, [found("earlier-checkpoint", "earlier")]);
    drop(other);
}

#[tokio::test]
async fn what_is_damaged_on_the_way_is_named() {
    let (bed, _) = Bed::new().await;
    let mut dossier = bed.dossier(&Asked::default()).await;
    dossier.set("events/000000000004.json", "{}");
    dossier.0.remove("proofs/000000000005.tlog-proof").unwrap();
    dossier.set("README.txt", "多出的");
    let wrong = wrong_with(&dossier.unsummed(), &bed.keys().await);
    for file in ["README.txt", "events/000000000004.json", "proofs/000000000005.tlog-proof"] {
        assert!(wrong.contains(&found(file, "sums")), "{file}: {wrong:?}");
    }
}
