//! Folding the log into the ledger, from nothing.

use std::time::Instant;

use rectify_case::Zone;
use rectify_ledger::{Ledger, Projection, Viewer, Wanted};

use crate::bed::On;
use crate::measure::{median, per_second};
use crate::prepared::{OPEN, fill};
use crate::run::Run;
use crate::table::{Goal, Row};
use crate::world;

pub async fn run(run: &mut Run) {
    for on in On::BOTH {
        let bed = run.beds.make(on).await;
        let log = bed.log().await;
        let cases = run.of(20_000, 6_000);
        fill(&bed.db, &log, cases, OPEN).await;
        let mut rates = Vec::new();
        for turn in 0..run.of(3, 2) {
            let ledger = Ledger::open(&bed.db).await.expect("there is a ledger beside the log");
            // In another zone it is folded again from nothing.
            let zone = Zone::east(i32::try_from(turn).unwrap_or(0) + 7).expect("a zone");
            let mut projection = Projection::open(&ledger, &log, zone).await.expect("the ledger is opened");
            let start = Instant::now();
            let folded = projection.catch_up().await.expect("the log is folded");
            rates.push(per_second(folded, start.elapsed()));
            let wanted = Wanted { total: true, ..Wanted::default() };
            let page = ledger.list(&Viewer::operator(), &wanted, world::recorded()).await.expect("the ledger is read");
            assert_eq!(page.total, Some(cases));
        }
        run.tell(Row {
            bench: "projection",
            what: format!("projection of {} events into an empty ledger, {OPEN} cases open at a time", cases * 15),
            on: on.name(),
            figure: median(&mut rates),
            unit: "events/s",
            ratio: None,
            goal: Goal::at_least(60_000.0, Some(100_000.0)),
        });
    }
}
