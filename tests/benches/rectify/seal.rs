//! What the tree over the log costs: appends beside a sealer at work, and how fast a log is sealed that never was.

use std::path::Path;
use std::time::{Duration, Instant};

use rectify_log::Log;
use rectify_proof::{Sealer, Tree};

use crate::appends::appends;
use crate::bed::{self, Bed, On};
use crate::measure::{median, per_second};
use crate::prepared::{OPEN, fill};
use crate::run::Run;
use crate::table::{Goal, Row};
use crate::world::EVENTS;

/// How many append at once.
const WRITERS: u64 = 64;

/// How long what happens is gathered before it is sealed: a tenth of what the registrar does, to see more of it.
const EVERY: Duration = Duration::from_secs(1);

/// What of the throughput must be left.
const LEFT: f64 = 0.95;

pub async fn run(run: &mut Run) {
    for on in On::BOTH {
        beside_the_sealer(run, on).await;
    }
    for on in On::BOTH {
        at_once(run, on).await;
    }
}

async fn opened(run: &Run, on: On) -> (Bed, Log, Tree) {
    let bed = run.beds.make(on).await;
    rectify_proof::migrate(&bed.db).await.expect("the database takes the tables of the tree");
    let (log, tree) = (bed.log().await, Tree::new(bed.db.clone()));
    (bed, log, tree)
}

async fn beside_the_sealer(run: &mut Run, on: On) {
    let (_bed, log, tree) = opened(run, on).await;
    let folder = rectify_tests::folder();
    let length = run.seconds(6, 2);
    let (mut rates, mut ratios) = (Vec::new(), Vec::new());
    for turn in 0..run.turns() {
        let alone = appends(&log, WRITERS, turn * 2, length).await;
        let sealer = sealer(&log, &tree, folder.path());
        // What was written before is not of this turn.
        sealer.extend().await.expect("the log is sealed");
        let sealing = tokio::spawn(async move {
            loop {
                tokio::time::sleep(EVERY).await;
                sealer.extend().await.expect("the log is sealed");
                sealer.sign(bed::clock().now()).await.expect("the log is signed");
            }
        });
        let beside = appends(&log, WRITERS, turn * 2 + 1, length).await;
        sealing.abort();
        rates.push(beside);
        ratios.push(beside / alone);
    }
    run.tell(Row {
        bench: "seal",
        what: format!("appends of one event, {WRITERS} writers, beside a sealer (beside none)"),
        on: on.name(),
        figure: median(&mut rates),
        unit: "appends/s",
        ratio: Some(median(&mut ratios)),
        goal: Goal::ratio(LEFT, 1.0),
    });
}

/// Returns whoever seals a log, with a key in a folder.
fn sealer(log: &Log, tree: &Tree, folder: &Path) -> Sealer {
    Sealer::open(log.clone(), tree.clone(), Some(&folder.join("seal.key"))).expect("a key is made")
}

async fn at_once(run: &mut Run, on: On) {
    let (bed, log, tree) = opened(run, on).await;
    let folder = rectify_tests::folder();
    let events = fill(&bed.db, &log, run.of(1_000_000, 100_000) / EVENTS, OPEN).await;
    let sealer = sealer(&log, &tree, folder.path());
    let start = Instant::now();
    sealer.extend().await.expect("the log is sealed");
    sealer.sign(bed::clock().now()).await.expect("the log is signed");
    run.tell(Row {
        bench: "seal",
        what: format!("{events} events sealed at once"),
        on: on.name(),
        figure: per_second(events, start.elapsed()),
        unit: "events/s",
        ratio: None,
        goal: None,
    });
}
