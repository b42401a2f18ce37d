//! What is genuine is found so, and what the verdict says of it.

use std::collections::BTreeSet;
use std::io::Cursor;

use rectify_case::{AccessEvent, FindingId, PetitionPart, StreamId};
use rectify_proof::dossier::{Verdict, check};
use rectify_proof::{Mark, Trusted};
use uuid::Uuid;

use crate::bed::{Asked, Bed, CASE, absent, note};
use crate::checkers::judged;

#[tokio::test]
async fn a_dossier_is_genuine_unsummed_and_put_together_again() {
    let (bed, first) = Bed::new().await;
    let keys = bed.keys().await;
    let asked = Asked { looks: true, earlier: Some(first), ..Asked::default() };
    let unpacked = bed.dossier(&asked).await;
    for dossier in [unpacked.clone().unsummed(), unpacked.packed()] {
        let verdict = judged(&dossier, &keys).unwrap();
        assert!(verdict.is_good());
        let Verdict { events, last, last_position, looks, evidence, goes_on_from, size, .. } = verdict;
        assert_eq!((events, last, last_position, looks, evidence), (4, 4, 8, Some(1), 1));
        assert_eq!((size, goes_on_from), (8, Some(3)));
    }
}

#[tokio::test]
async fn the_same_dossier_is_the_same_file() {
    let (bed, _) = Bed::new().await;
    let one = bed.written(&Asked::default()).await;
    let again = bed.written(&Asked::default()).await;
    assert_eq!(one.size, again.size);
    assert_eq!(one.manifest.events, again.manifest.events);
}

#[tokio::test]
async fn it_holds_where_the_log_goes_on_and_is_signed_again() {
    let (bed, _) = Bed::new().await;
    let keys = bed.keys().await;
    let before = bed.dossier(&Asked::default()).await.packed();
    for n in 0..600 {
        bed.append(StreamId::Case(CASE), [note(&format!("第 {n} 次调度"))]).await;
    }
    bed.seal().await;
    let after = bed.dossier(&Asked::default()).await.packed();
    for (dossier, last) in [(before, 4), (after, 604)] {
        let verdict = judged(&dossier, &keys).unwrap();
        assert!(verdict.is_good());
        assert_eq!((verdict.last, verdict.looks), (last, None));
    }
}

#[tokio::test]
async fn what_is_withheld_is_proved_and_not_shown() {
    let (bed, _) = Bed::new().await;
    let asked = Asked { withheld: BTreeSet::from([3]), ..Asked::default() };
    let unpacked = bed.dossier(&asked).await;
    assert!(!unpacked.0.contains_key("events/000000000005.json"));
    let verdict = judged(&unpacked.packed(), &bed.keys().await).unwrap();
    assert!(verdict.is_good());
    assert_eq!((verdict.events, verdict.withheld, verdict.evidence), (4, 1, 0));
}

#[tokio::test]
async fn evidence_that_the_store_has_otherwise_is_left_out_and_named() {
    let (bed, _) = Bed::new().await;
    for damaged in [&b"other"[..], b"%PDF-1.7\n", &[b'x'; 5_000]] {
        let unpacked = bed.dossier(&Asked { damaged: Some(damaged), ..Asked::default() }).await;
        let verdict = judged(&unpacked.packed(), &bed.keys().await).unwrap();
        assert!(verdict.is_good());
        assert_eq!((verdict.evidence, verdict.absent), (0, vec![absent()]));
        // Nothing is left of it behind the end either.
        let written = bed.written(&Asked { damaged: Some(damaged), ..Asked::default() }).await;
        let keys = bed.keys().await;
        assert!(check(written.file, &Trusted { keys, ..Trusted::default() }).unwrap().is_good());
    }
}

#[tokio::test]
async fn what_was_kept_elsewhere_is_compared_where_the_sizes_are_known() {
    let (bed, first) = Bed::new().await;
    let keys = bed.keys().await;
    let root = bed.tree.root(8).await.unwrap();
    let asked = Asked { earlier: Some(first.clone()), ..Asked::default() };
    let dossier = bed.dossier(&asked).await.packed();
    let judge = |marks: Vec<Mark>| {
        let trusted = Trusted { keys: keys.clone(), marks, checkpoints: vec![first.checkpoint.clone()] };
        check(Cursor::new(&dossier), &trusted).unwrap()
    };
    let verdict = judge(vec![Mark::of(8, &root), Mark::of(5, &root)]);
    assert!(verdict.is_good());
    assert_eq!(verdict.witnessed, 8);
    assert_eq!(verdict.not_compared, [Mark::of(5, &root).to_string()]);
    let verdict = judge(vec![Mark::of(8, &[7; 32])]);
    assert_eq!(verdict.wrong.len(), 1);
    assert_eq!(verdict.wrong[0].code, "against");
}

#[tokio::test]
async fn a_petition_opened_while_it_was_held_is_told_of_and_what_shows_it_is_genuine() {
    let (bed, _) = Bed::new().await;
    let finding = FindingId(Uuid::from_u128(7));
    let other = FindingId(Uuid::from_u128(8));
    let because = || "依法仅存储".to_owned();
    let opened =
        |finding| AccessEvent::PetitionOpened { finding, what: PetitionPart::Content, reason: "核查".to_owned() };
    // No desk writes this order: each look is written against the version at which nothing was held.
    let looks = [
        opened(finding),
        AccessEvent::PetitionHeld { finding, reason: because() },
        opened(other),
        opened(finding),
        AccessEvent::PetitionReleased { finding, reason: because() },
        opened(finding),
    ];
    bed.append(StreamId::Access(CASE), looks.map(Into::into)).await;
    bed.seal().await;
    let asked = Asked { looks: true, ..Asked::default() };
    let verdict = judged(&bed.dossier(&asked).await.packed(), &bed.keys().await).unwrap();
    assert!(verdict.is_good(), "{:#?}", verdict.wrong);
    assert_eq!((verdict.looks, verdict.opened_while_held), (Some(7), vec![12]));
}
