use std::collections::BTreeMap;

use rectify_case::StreamId;

use crate::bed::{Bed, case, notes, whole};
use crate::child::{Process, Task, drop_of_flood, once};

/// What stands is looked up, a case number is drawn, the group is written: on PostgreSQL its events, its keys and the head at
/// once, on SQLite one after the other. Each is a statement to die after.
const FEWEST_STATEMENTS: u64 = 3;

pub async fn a_process_killed_between_any_two_statements_leaves_a_whole_log(bed: &Bed) {
    let log = bed.log().await;
    for n in 1.. {
        let survived = Process::start(Task::DieAfter, &bed.url(), n).ended().await.success();
        // What it left is whole before anybody writes again.
        let events = whole(&log).await.len();
        let again = log.append(once(n)).await.unwrap();
        let added = whole(&log).await.len() - events;
        assert_eq!(added, if again.repeated { 0 } else { 2 }, "after statement {n}");
        assert_eq!(log.read_stream(case(n), 0).await.unwrap().len(), 2);
        assert_eq!(again.events[0].number.as_ref().unwrap().serial, n);
        if survived {
            assert!(again.repeated);
            assert!(n > FEWEST_STATEMENTS, "it ran only {} statements", n - 1);
            break;
        }
    }
}

pub async fn a_process_killed_while_it_appends_loses_nothing_it_was_told_and_doubles_nothing(bed: &Bed) {
    let log = bed.log().await;
    let mut child = Process::start(Task::Flood, &bed.url(), 0);
    let mut told = Vec::new();
    while told.len() < 300 {
        told.push(child.heard().unwrap());
    }
    child.kill();
    told.extend(std::iter::from_fn(|| child.heard()));
    assert!(!child.ended().await.success());

    whole(&log).await;
    // The caller asks again for all it asked for, told or not: at most one round was under way.
    let asked = (told.iter().max().unwrap() / 20 + 2) * 20;
    for n in 0..asked {
        let again = log.append(drop_of_flood(n)).await.unwrap();
        assert!(again.repeated || !told.contains(&n), "{n} was lost");
    }
    let events = whole(&log).await;
    let mut texts: BTreeMap<&str, u32> = BTreeMap::new();
    for text in notes(&events) {
        *texts.entry(text).or_default() += 1;
    }
    assert_eq!(u64::try_from(texts.len()).unwrap(), asked);
    assert!(texts.values().all(|times| *times == 1));
    assert!(events.iter().all(|event| matches!(event.envelope.stream, StreamId::Case(_))));
}
