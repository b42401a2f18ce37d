use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures::StreamExt as _;
use rectify_bus::Submission;
use rectify_case::{CaseEvent, Event};
use rectify_log::LogError;
use rectify_tests::until;

use crate::bed::{Bed, LIMIT, finding, saying};

pub async fn a_registrar_dropped_in_the_middle_loses_nothing_and_doubles_nothing(bed: Bed) {
    let mut running = bed.start();
    // Each finding twice with the same content and once with other content after it.
    let said = |item| [finding(item), finding(item), saying(&finding(item), "补充后")];
    let began = bed.frame.clock.now() - TimeDelta::seconds(1200);
    let hand_in = |(finding, n)| Submission { received: began + TimeDelta::seconds(n), ..bed.submission(finding) };
    let all: Vec<_> = (0..400).flat_map(said).zip(0..).map(hand_in).collect();
    let bus = bed.frame.bus.clone();
    let sending =
        tokio::spawn(async move { bus.submit_all(all).filter(|told| std::future::ready(told.is_ok())).count().await });
    for reached in [1, 60, 180, 300] {
        until(LIMIT, "it is in the middle", async || bed.count("finding_reported").await >= reached).await;
        running.kill().await;
        running = bed.start();
    }
    assert_eq!(sending.await.unwrap(), 1200);
    bed.until(400, "finding_reported").await;
    // What was on its way when it was dropped may be delivered after what was handed in later: then that is said again.
    for item in 0..400 {
        let (first, last) = (finding(item), saying(&finding(item), "补充后"));
        let told = async || bed.case(&first).await.findings[0].finding == last;
        until(LIMIT, "what was handed in last has the last word", told).await;
    }

    let mut told: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for event in bed.events().await {
        let Event::Case(case_event) = event.envelope.event else { panic!("only findings were handed in: {event:?}") };
        let (CaseEvent::FindingReported { finding } | CaseEvent::FindingAmended { finding }) = *case_event else {
            panic!("nothing else happens to a finding: {case_event:?}")
        };
        told.entry(event.envelope.stream).or_default().push(finding.title == "补充后");
    }
    assert_eq!(told.len(), 400);
    // Twice the same is told once. What was handed in last is told last: again, where it was delivered before the others.
    for changed in told.values() {
        assert!([&[false, true][..], &[true, false, true]].contains(&changed.as_slice()), "{changed:?}");
    }
}

pub async fn a_log_that_cannot_be_written_holds_findings_up_and_readiness_says_so(bed: Bed) {
    let _running = bed.start();
    bed.submit(finding(1)).await.unwrap();
    bed.until(1, "finding_reported").await;
    bed.until_ready(true, "registrar").await;

    bed.frame.log.halt("演练");
    let submission = bed.submission(finding(2));
    let bus = bed.frame.bus.clone();
    let sending = tokio::spawn(async move { bus.submit(&submission).await });
    let reason = bed.until_ready(false, "registrar").await.unwrap();
    assert!(reason.ends_with(&LogError::Halted { reason: "演练".to_owned() }.to_string()), "{reason}");
    assert_eq!(bed.until_ready(false, "log").await.unwrap(), "nothing is appended: 演练");
    assert_eq!(bed.events().await.len(), 1);
    // In the process nobody was told that it is accepted.
    assert_eq!(sending.is_finished(), bed.server.is_some());
}
