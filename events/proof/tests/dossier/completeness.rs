//! What a dossier can say of what it leaves out, and what it cannot.

use crate::bed::{Asked, Bed};
use crate::checkers::{judged, wrong_with};

#[tokio::test]
async fn an_event_left_out_before_the_last_is_missed() {
    let (bed, _) = Bed::new().await;
    let keys = bed.keys().await;
    for position in [1, 4, 5] {
        let mut dossier = bed.dossier(&Asked::default()).await;
        dossier.drop(position);
        let wrong = wrong_with(&dossier.packed(), &keys);
        assert!(wrong.iter().any(|(_, code)| *code == "missing"), "{wrong:?}");
    }
    // Whoever renumbers them changes them.
    let mut dossier = bed.dossier(&Asked::default()).await;
    dossier.drop(4);
    dossier.rewrite(5, "\"version\":3", "\"version\":2");
    dossier.describe(|manifest| manifest["events"][1]["version"] = 2.into());
    let wrong = wrong_with(&dossier.packed(), &keys);
    assert!(wrong.contains(&("proofs/000000000005.tlog-proof".to_owned(), "proof")), "{wrong:?}");
}

#[tokio::test]
async fn the_last_event_left_out_is_not_missed_and_the_verdict_says_where_it_ends() {
    let (bed, _) = Bed::new().await;
    let mut dossier = bed.dossier(&Asked::default()).await;
    dossier.drop(8);
    let verdict = judged(&dossier.packed(), &bed.keys().await).unwrap();
    assert!(verdict.is_good(), "no proof of inclusion can show that nothing follows");
    assert_eq!((verdict.last, verdict.last_position, verdict.size), (3, 5, 8));
}

#[tokio::test]
async fn a_dossier_without_an_event_is_none() {
    let (bed, _) = Bed::new().await;
    let mut dossier = bed.dossier(&Asked::default()).await;
    for position in [1, 4, 5, 8] {
        dossier.drop(position);
    }
    let wrong = wrong_with(&dossier.packed(), &bed.keys().await);
    assert!(wrong.contains(&("dossier.json".to_owned(), "missing")), "{wrong:?}");
}
