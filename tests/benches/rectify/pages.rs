//! What an append, a page of the ledger and a page of a case cost, as the installation grows.

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{DateTime, Utc};
use rectify_case::{CaseId, Directory, PersonId, Reader, Stage, Zone};
use rectify_kit::act::load;
use rectify_ledger::{Filter, Ledger, Projection, Sort, SortBy, Viewer, Wanted};
use rectify_log::Log;
use uuid::Uuid;

use crate::appends::{appends, one};
use crate::bed::On;
use crate::measure::{median, millis, per_second};
use crate::prepared::{OPEN, fill};
use crate::run::Run;
use crate::table::{Goal, Row};
use crate::world::{self, HANDLER, OFFICER, case, mix};

/// How much a cost may grow, from the smallest installation to the largest.
const FLAT: f64 = 1.5;

/// What something costs, by its name.
type Costs = BTreeMap<&'static str, f64>;

pub async fn run(run: &mut Run) {
    let mut sizes = vec![run.of(10_000, 3_000), run.of(100_000, 30_000)];
    if run.arguments.million {
        sizes.push(1_000_000);
    }
    for on in On::BOTH {
        let mut first: Option<Costs> = None;
        for cases in &sizes {
            let costs = measured(run, on, *cases).await;
            let smallest = first.get_or_insert_with(|| costs.clone());
            for (what, cost) in &costs {
                let grown = cost / smallest[what];
                let goal = (*cases != sizes[0]).then(|| Goal::flat(FLAT)).flatten();
                run.tell(Row {
                    bench: "pages",
                    what: format!("{what}, {cases} cases"),
                    on: on.name(),
                    figure: *cost,
                    unit: "ms",
                    ratio: Some(grown),
                    goal,
                });
            }
        }
    }
}

async fn measured(run: &mut Run, on: On, cases: u64) -> Costs {
    let bed = run.beds.make(on).await;
    let log = bed.log().await;
    let start = Instant::now();
    let head = fill(&bed.db, &log, cases, OPEN).await;
    run.say(&format!("  {cases} cases on {}: {head} events in {:.0} s", on.name(), start.elapsed().as_secs_f64()));
    let ledger = Ledger::open(&bed.db).await.expect("there is a ledger beside the log");
    let start = Instant::now();
    let projection = Projection::open(&ledger, &log, Zone::SHANGHAI).await;
    projection.expect("the ledger is opened").catch_up().await.expect("the log is folded");
    let rate = per_second(head, start.elapsed());
    run.say(&format!("  folded in {:.0} s: {rate:.0} events/s", start.elapsed().as_secs_f64()));
    bed.settle().await;

    let mut costs = Costs::new();
    let times = run.of(41, 15);
    let pages =
        Pages { ledger: &ledger, log: &log, cases, times, now: "2020-10-20T00:00:00Z".parse().expect("an instant") };
    costs.insert("one append, p50", one_append(&log, run.of(200, 60)).await);
    let rate = appends(&log, 64, cases, run.seconds(4, 2)).await;
    costs.insert("an append among those of 64 writers", 1_000.0 / rate);
    let officer = viewer(OFFICER);
    let newest = Sort::default();
    let by = |by, descending| Sort { by, descending };
    let plain = Filter::default;
    let overdue = || Filter { overdue: Some(true), ..plain() };
    let of_source = || Filter { source: vec!["audit".parse().expect("a code")], stage: vec![Stage::Closed], ..plain() };
    costs.insert("list, first page", pages.page(&officer, plain(), newest).await);
    costs.insert("list, a page in the middle", pages.deep(&officer, plain(), newest).await);
    costs.insert("list, first page by number", pages.page(&officer, plain(), by(SortBy::Number, false)).await);
    costs.insert("list, first page by deadline", pages.page(&officer, plain(), by(SortBy::Due, false)).await);
    costs.insert("list, first page by registration", pages.page(&officer, plain(), by(SortBy::Registered, true)).await);
    costs.insert("list, overdue by deadline", pages.page(&officer, overdue(), by(SortBy::Due, false)).await);
    costs.insert("list, closed of one source", pages.page(&officer, of_source(), newest).await);
    costs.insert("list, first page of a department", pages.page(&viewer(HANDLER), plain(), newest).await);
    costs.insert("case page", pages.case(&officer).await);
    costs
}

/// Returns whoever looks, with their own eyes.
fn viewer(person: PersonId) -> Viewer {
    let mut directory = Directory::default();
    world::directory().iter().for_each(|event| directory.evolve(event));
    Viewer::of(Reader::of(person, &directory, world::recorded()))
}

async fn one_append(log: &Log, times: u64) -> f64 {
    let mut took = Vec::new();
    for n in 0..times {
        let stream = rectify_case::StreamId::Case(CaseId(Uuid::from_u64_pair(1, n)));
        let append = one(stream, 0, format!("alone-{n}"));
        let start = Instant::now();
        log.append(append).await.expect("a log takes an event");
        took.push(millis(start.elapsed()));
    }
    median(&mut took)
}

struct Pages<'a> {
    ledger: &'a Ledger,
    log: &'a Log,
    cases: u64,
    times: u64,
    now: DateTime<Utc>,
}

impl Pages<'_> {
    /// Returns what the first page costs.
    async fn page(&self, viewer: &Viewer, filter: Filter, sort: Sort) -> f64 {
        self.timed(viewer, &Wanted { filter, sort, limit: 50, ..Wanted::default() }).await
    }

    /// Returns what a page costs that is half way down.
    async fn deep(&self, viewer: &Viewer, filter: Filter, sort: Sort) -> f64 {
        let mut wanted = Wanted { filter, sort, limit: 1_000, ..Wanted::default() };
        for _ in 0..self.cases / 2_000 {
            let page = self.ledger.list(viewer, &wanted, self.now).await.expect("the ledger is read");
            wanted.cursor = page.next;
        }
        self.timed(viewer, &Wanted { limit: 50, ..wanted }).await
    }

    async fn timed(&self, viewer: &Viewer, wanted: &Wanted) -> f64 {
        let mut took = Vec::new();
        for _ in 0..self.times {
            let start = Instant::now();
            let page = self.ledger.list(viewer, wanted, self.now).await.expect("the ledger is read");
            took.push(millis(start.elapsed()));
            assert_eq!(page.rows.len(), 50, "a page is full");
        }
        median(&mut took)
    }

    /// Returns what it costs to show a case: its events, its line, what it has to do with.
    async fn case(&self, viewer: &Viewer) -> f64 {
        let mut took = Vec::new();
        for n in 0..self.times * 4 {
            let id = case(mix(n) % self.cases);
            let start = Instant::now();
            let (case, _) = load(self.log, id).await.expect("the log is read");
            let row = self.ledger.case(viewer, id, self.now).await.expect("the ledger is read");
            let related = self.ledger.related(viewer, id, self.now).await.expect("the ledger is read");
            took.push(millis(start.elapsed()));
            assert!(case.version == 15 && row.is_some() && related.is_empty());
        }
        median(&mut took)
    }
}
