use std::collections::BTreeMap;

use chrono::TimeDelta;
use futures::StreamExt as _;
use rectify_bus::Submission;
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

    let mut streams: BTreeMap<_, Vec<&str>> = BTreeMap::new();
    let events = bed.events().await;
    for event in &events {
        streams.entry(event.envelope.stream).or_default().push(event.envelope.event.name());
    }
    // The second hand-in said nothing new when it came in its turn; where it came last, it was amended, and the last again.
    let in_order = ["finding_reported", "finding_amended"];
    let once = |names: &Vec<&str>| match names.strip_prefix(&in_order) {
        Some(again) => again.len() <= 2 && again.iter().all(|name| *name == "finding_amended"),
        None => false,
    };
    assert!(streams.values().all(once), "{streams:?}");
    assert_eq!(streams.len(), 400);
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
