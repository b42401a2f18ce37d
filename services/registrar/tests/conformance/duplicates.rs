use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt as _;
use rectify_case::event::Likeness;
use rectify_case::finding::{Details, PetitionClass, PetitionDetails};
use rectify_case::{CaseId, Finding, SealAlgorithm, Sealed};
use rectify_kit::act::case_of;

use crate::bed::{Bed, finding};

/// What a ledger answers in which these are alike.
fn alike(cases: &[CaseId], finding: &Finding) -> Vec<(CaseId, Likeness)> {
    let own = case_of(finding);
    let others = cases.iter().filter(|case| **case != own);
    others.map(|case| (*case, Likeness::SamePlaceAndText)).collect()
}

pub async fn the_later_case_points_at_the_earlier_one_once(bed: Bed) {
    let cases = [case_of(&finding(1)), case_of(&finding(2))];
    let _running = bed.start_with(move |finding, _| async move { Ok(alike(&cases, &finding)) }.boxed());
    for item in [1, 2] {
        bed.submit(finding(item)).await.unwrap();
        bed.until(item, "finding_reported").await;
    }
    bed.until(1, "likely_duplicate_flagged").await;
    assert_eq!(bed.case(&finding(2)).await.likely_duplicates, [(cases[0], Likeness::SamePlaceAndText)].into());
    assert!(bed.case(&finding(1)).await.likely_duplicates.is_empty());
}

fn sealed() -> Sealed {
    Sealed {
        algorithm: SealAlgorithm::XChaCha20Poly1305,
        generation: 1,
        ciphertext: "YQ==".to_owned(),
        digest: "0".repeat(64).parse().unwrap(),
        attachments: vec![],
    }
}

pub async fn nothing_points_at_an_accusation(bed: Bed) {
    let mut accusation = finding(1);
    accusation.source = "petition".parse().unwrap();
    let details =
        PetitionDetails { class: PetitionClass::Accusation, subjects: vec![], reply: None, sealed: Some(sealed()) };
    accusation.details = Details::Petition(details);
    let cases = [case_of(&accusation), case_of(&finding(2)), case_of(&finding(3))];
    let _running = bed.start_with(move |finding, _| async move { Ok(alike(&cases, &finding)) }.boxed());
    for (count, finding) in [(1, accusation), (2, finding(2)), (3, finding(3))] {
        bed.submit(finding).await.unwrap();
        bed.until(count, "finding_reported").await;
    }
    // The third points at the second: by then it is done with the first.
    bed.until(1, "likely_duplicate_flagged").await;
    assert!(bed.case(&finding(2)).await.likely_duplicates.is_empty());
    assert_eq!(bed.case(&finding(3)).await.likely_duplicates.into_keys().collect::<Vec<_>>(), [cases[1]]);
}

pub async fn a_lookup_that_fails_is_asked_again_and_after_a_restart_nothing_is_asked_twice(bed: Bed) {
    let cases: Vec<CaseId> = (1..=3).map(|item| case_of(&finding(item))).collect();
    let asked = Arc::new(AtomicUsize::new(0));
    let start = || {
        let (cases, asked) = (cases.clone(), Arc::clone(&asked));
        bed.start_with(move |finding, _| {
            let found = match asked.fetch_add(1, Ordering::SeqCst) {
                1 => Err("the ledger is behind".into()),
                _ => Ok(alike(&cases, &finding)),
            };
            async move { found }.boxed()
        })
    };
    let running = start();
    for item in [1, 2] {
        bed.submit(finding(item)).await.unwrap();
        bed.until(item, "finding_reported").await;
    }
    assert_eq!(bed.until_ready(false, "duplicates").await.unwrap(), "the ledger is behind");
    bed.until(1, "likely_duplicate_flagged").await;
    bed.until_ready(true, "duplicates").await;
    running.kill().await;

    let _running = start();
    bed.submit(finding(3)).await.unwrap();
    bed.until(3, "likely_duplicate_flagged").await;
    let asked = asked.load(Ordering::SeqCst);
    assert!((4..=5).contains(&asked), "asked {asked} times: the cursor is one page behind at most");
}
