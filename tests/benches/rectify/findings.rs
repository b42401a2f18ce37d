//! From a finding that is accepted to the line it has in the ledger, at a steady rate.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rectify_accounts::Accounts;
use rectify_bus::{Seal, Submission};
use rectify_case::{CaseId, Finding, Position, StreamId};
use rectify_kit::act::case_of;
use rectify_kit::{Frame, Part};
use rectify_ledger::Ledger;
use rectify_tests::{TempFolder, folder};
use tokio::task::JoinSet;

use crate::bed::{Bed, On, configuration, nats_configuration};
use crate::measure::{millis, percentile};
use crate::prepared::enter_directory;
use crate::run::Run;
use crate::table::{Goal, Row};
use crate::world;

/// How long a finding may take before it counts as lost.
const LIMIT: Duration = Duration::from_mins(1);

pub async fn run(run: &mut Run) {
    for shape in ["Postgres, NATS", "SQLite, one process"] {
        for rate in [200, 1_000] {
            let length = run.seconds(15, 6);
            let office = Office::open(run, shape).await;
            let mut took = office.hand_in(rate, length).await;
            office.close().await;
            let goal = if rate == 200 { Goal::at_most(100.0, None) } else { Goal::hoped_at_most(50.0) };
            let bench = "findings";
            let what = format!("accepted finding in the ledger, {rate} findings/s, p99");
            let figure = percentile(&mut took, 99);
            run.tell(Row { bench, what, on: shape, figure, unit: "ms", ratio: None, goal });
            let what = "  the same, p50".to_owned();
            let figure = percentile(&mut took, 50);
            run.tell(Row { bench, what, on: shape, figure, unit: "ms", ratio: None, goal: None });
        }
    }
}

/// A registrar and a projector at work.
struct Office {
    frame: Frame,
    ledger: Ledger,
    _kept: (Option<Bed>, Option<rectify_tests::nats::Server>, TempFolder),
}

impl Office {
    async fn open(run: &Run, shape: &str) -> Office {
        let folder = folder();
        let (frame, bed, server) = if shape.starts_with("Postgres") {
            let bed = run.beds.make(On::Postgres).await;
            let server = rectify_tests::nats::server_with(&nats_configuration()).await;
            let settings = [("database.url", bed.url.as_str()), ("nats.url", &server.url())];
            let config = configuration(folder.path(), &settings);
            (Frame::open(config, Part::Service("registrar")).await, Some(bed), Some(server))
        } else {
            (Frame::open(configuration(folder.path(), &[]), Part::Whole).await, None, None)
        };
        let frame = frame.expect("everything the registrar stands on is there");
        rectify_accounts::migrate(&frame.db).await.expect("the database takes the tables of the accounts");
        rectify_proof::migrate(&frame.db).await.expect("the database takes the tables of the tree");
        Accounts::open(frame.db.clone()).await.expect("the accounts are opened");
        let entered = enter_directory(&frame.log).await;
        frame.directory.at_least(entered).await.expect("the directory is followed");
        let ledger = Ledger::open(&frame.db).await.expect("there is a ledger beside the log");
        rectify_projector::run(&frame, &ledger).await.expect("the ledger is folded");
        register(&frame, &ledger);
        Office { frame, ledger, _kept: (bed, server, folder) }
    }

    /// Hands in findings at a rate, and returns in how many milliseconds after it was accepted each was in the ledger.
    async fn hand_in(&self, rate: u64, length: Duration) -> Vec<f64> {
        let before = self.frame.log.head().await.expect("the log is read");
        let count = rate * length.as_secs();
        let watcher = tokio::spawn(watch(self.ledger.clone(), before, before + count));
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for n in 0..count {
            tokio::time::sleep_until((start + length.mul_f64(ratio(n, count))).into()).await;
            let finding = world::finding(n, &format!("item-{n:07}"), &world::words(n));
            let submission = Submission { finding, sender: world::sender(), received: self.frame.clock.now() };
            let bus = self.frame.bus.clone();
            tasks.spawn(async move {
                bus.submit(&submission).await.expect("the finding is accepted");
                (case_of(&submission.finding), Instant::now())
            });
        }
        let accepted: HashMap<CaseId, Instant> = tasks.join_all().await.into_iter().collect();
        let seen = watcher.await.expect("somebody looks at the ledger");
        let mut took = Vec::new();
        let mut at = before;
        loop {
            let page = self.frame.log.read_raw(at, 1_000).await.expect("the log is read");
            let Some(last) = page.last() else { break };
            at = last.position;
            for event in page.iter().filter(|event| event.kind == "finding_reported") {
                let StreamId::Case(case) = event.stream else { continue };
                let shown = seen.iter().find(|(folded, _)| *folded >= event.position);
                let (Some((_, shown)), Some(accepted)) = (shown, accepted.get(&case)) else { continue };
                took.push(millis(shown.saturating_duration_since(*accepted)));
            }
        }
        assert_eq!(took.len() as u64, count, "every accepted finding is in the ledger");
        took
    }

    async fn close(self) {
        self.frame.shutdown.begin();
        self.frame.shutdown.finished(rectify_kit::shutdown::PATIENCE).await.expect("everything ends in good order");
    }
}

/// Begins to take findings off the bus, as the program does.
fn register(frame: &Frame, ledger: &Ledger) {
    let (frame, ledger) = (frame.clone(), Arc::new(ledger.clone()));
    let shutdown = frame.shutdown.clone();
    let alike = move |finding: Finding, position: Position| {
        let ledger = Arc::clone(&ledger);
        async move {
            ledger.wait_for(position, LIMIT).await?;
            Ok::<_, rectify_registrar::Cause>(ledger.duplicates(&finding).await?)
        }
    };
    shutdown.spawn("registrar", async move {
        Ok(rectify_registrar::run(frame, alike, Some(Seal::new(<[u8]>::to_vec))).await?)
    });
}

/// Returns when the ledger was seen to be folded how far.
async fn watch(ledger: Ledger, from: Position, to: Position) -> Vec<(Position, Instant)> {
    let mut seen = Vec::new();
    let mut folded = from;
    while folded < to {
        assert!(ledger.wait_for(folded + 1, LIMIT).await.expect("the ledger is read"), "the ledger stands at {folded}");
        folded = ledger.checkpoint().await.expect("the ledger is read");
        seen.push((folded, Instant::now()));
    }
    // What was flagged meanwhile has moved the findings further than they are many.
    loop {
        if !ledger.wait_for(folded + 1, Duration::from_secs(2)).await.expect("the ledger is read") {
            return seen;
        }
        folded = ledger.checkpoint().await.expect("the ledger is read");
        seen.push((folded, Instant::now()));
    }
}

#[expect(clippy::cast_precision_loss, reason = "a moment needs no more")]
fn ratio(n: u64, count: u64) -> f64 {
    n as f64 / count as f64
}
