//! Loading a case of fifteen events and deciding on it: what every act does before it appends.

use std::collections::BTreeSet;
use std::time::Instant;

use rectify_case::{Command, Directory, Facts, Role, Zone, decide};
use rectify_kit::act::load;

use crate::bed::On;
use crate::measure::{millis, percentile};
use crate::prepared::{OPEN, fill};
use crate::run::Run;
use crate::table::{Goal, Row};
use crate::world::{self, KINDS, actor, case, directory, is_live, mix, unit};

pub async fn run(run: &mut Run) {
    for on in On::BOTH {
        let bed = run.beds.make(on).await;
        let log = bed.log().await;
        let cases = run.of(20_000, 4_000);
        fill(&bed.db, &log, cases, OPEN).await;
        let mut known = Directory::default();
        directory().iter().for_each(|event| known.evolve(event));

        let live: Vec<u64> = (0..cases).filter(|n| is_live(*n)).collect();
        let mut took = Vec::new();
        for turn in 0..run.of(4_000, 1_000) {
            let n = live[usize::try_from(mix(turn)).unwrap_or(0) % live.len()];
            let start = Instant::now();
            let (case, events) = load(&log, case(n)).await.expect("the log is read");
            let kind = n % KINDS;
            let (county, place) = (kind % 8, 2 + kind % 5);
            let lead = unit(county, place);
            let command = Command::ReportProgress {
                unit: lead,
                text: "管道已全部更换，正在试通水。".to_owned(),
                fixed: [].into(),
                done: Vec::new(),
            };
            let facts = Facts {
                now: world::recorded(),
                zone: Zone::SHANGHAI,
                actor: actor(world::person(county, place), lead, Role::Handler),
                directory: &known,
                opened: &BTreeSet::new(),
                other: None,
                late: None,
            };
            let decided = decide(&case, command, &facts).expect("the lead reports how far it is");
            took.push(millis(start.elapsed()));
            assert_eq!((events.len(), decided.len()), (15, 1));
        }
        let goal = match on {
            On::Postgres => Goal::at_most(0.5, None),
            On::Sqlite => Goal::at_most(0.15, None),
        };
        let bench = "load";
        let what = "load and decide, a case of 15 events, p50".to_owned();
        run.tell(Row { bench, what, on: on.name(), figure: percentile(&mut took, 50), unit: "ms", ratio: None, goal });
        let what = "  the same, p99".to_owned();
        let figure = percentile(&mut took, 99);
        run.tell(Row { bench, what, on: on.name(), figure, unit: "ms", ratio: None, goal: None });
    }
}
