//! Folding the whole log, every event through the real `evolve`.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Instant;

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use rectify_case::{Case, CaseId, StreamId, Zone, evolve};
use rectify_ledger::{Snapshots, Standpoint};
use rectify_log::Log;

use crate::bed::On;
use crate::measure::{median, per_second};
use crate::prepared::{OPEN, fill};
use crate::run::Run;
use crate::table::{Goal, Row};

pub async fn run(run: &mut Run) {
    for on in On::BOTH {
        let bed = run.beds.make(on).await;
        let log = bed.log().await;
        let cases = run.of(100_000, 6_000);
        fill(&bed.db, &log, cases, OPEN).await;
        let mut rates: Vec<f64> = Vec::new();
        for _ in 0..run.turns() {
            let start = Instant::now();
            let (events, folded) = replay(&log).await;
            rates.push(per_second(events, start.elapsed()));
            let whole = folded.values().filter(|case| case.version == 15 && case.unplaced.is_empty()).count();
            assert_eq!(whole as u64, cases, "every case is folded, and every event has its place");
        }
        run.tell(Row {
            bench: "replay",
            what: format!("replay of {} events through evolve", cases * 15),
            on: on.name(),
            figure: median(&mut rates),
            unit: "events/s",
            ratio: None,
            goal: Goal::at_least(250_000.0, Some(500_000.0)),
        });
        // A hundred thousand cases of fifteen events in three seconds, and in fifteen.
        let folder = rectify_tests::folder();
        let kept = Snapshots::in_folder(folder.path().join("snapshots"));
        let aim = Some(500_000.0);
        ledger(run, (&log, on), cases, ("as was on record, without a snapshot", None, None, None)).await;
        ledger(run, (&log, on), cases, ("as was on record, from a snapshot", None, Some(&kept), aim)).await;
        ledger(run, (&log, on), cases, ("as had happened", Some(DateTime::<Utc>::MAX_UTC), None, None)).await;
    }
}

/// Folds the whole ledger in memory, each case a line of it.
async fn ledger(
    run: &mut Run,
    (log, on): (&Log, On),
    cases: u64,
    (what, happened_by, snapshots, aim): (&str, Option<DateTime<Utc>>, Option<&Snapshots>, Option<f64>),
) {
    let known = log.head().await.expect("the log is read");
    let asked = [(Standpoint { known, happened_by }, DateTime::<Utc>::UNIX_EPOCH)];
    let mut rates: Vec<f64> = Vec::new();
    // The first keeps the snapshot.
    let first = u64::from(snapshots.is_some());
    for turn in 0..run.turns() + first {
        let start = Instant::now();
        let replayed = rectify_ledger::replay(log, Zone::SHANGHAI, &asked, snapshots, |_| {}).await;
        let took = start.elapsed();
        let replayed = replayed.expect("the log is read");
        assert_eq!(replayed.lists[0].len() as u64, cases, "every case is a line");
        if turn >= first {
            assert_eq!(replayed.after > 0, snapshots.is_some(), "a snapshot is used that is there");
            rates.push(per_second(known, took));
        }
    }
    run.tell(Row {
        bench: "replay",
        what: format!("the ledger {what}, {} events", cases * 15),
        on: on.name(),
        figure: median(&mut rates),
        unit: "events/s",
        ratio: None,
        goal: Goal::at_least(100_000.0, aim),
    });
}

async fn replay(log: &Log) -> (u64, HashMap<CaseId, Case>) {
    let mut cases: HashMap<CaseId, Case> = HashMap::new();
    let mut count = 0;
    let mut pages = pin!(log.replay(0, log.head().await.expect("the log is read")));
    while let Some(page) = pages.next().await {
        let page = page.expect("the log is read");
        count += page.len() as u64;
        for event in &page {
            if let (StreamId::Case(id), Some(happening)) = (event.envelope.stream, event.envelope.happening()) {
                evolve(cases.entry(id).or_insert_with(|| Case::new(id)), &happening);
            }
        }
    }
    (count, cases)
}
