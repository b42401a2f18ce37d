use rectify_log::{Log, Recorded};

use crate::bed::{Bed, place, whole};
use crate::child::{Process, ROUNDS, Task, WRITERS};

const EVENTS: u64 = 2 * WRITERS * ROUNDS * 3;

pub async fn two_processes_append_at_once_and_nothing_is_filled_in_behind_a_reader(bed: &Bed) {
    let log = bed.log().await;
    let children = [0, 1].map(|n| Process::start(Task::Contend, &bed.url(), n));
    let (followed, polled) = futures::join!(follow(&log), poll(&log));
    for child in children {
        assert!(child.ended().await.success());
    }

    let written = whole(&log).await;
    assert_eq!(followed, written);
    assert_eq!(polled, written);
    let mut serials: Vec<_> = written
        .iter()
        .filter_map(|event| event.envelope.event.clone().number_mut().map(|number| number.serial))
        .collect();
    serials.sort_unstable();
    assert_eq!(serials, (1..=2 * WRITERS * ROUNDS).collect::<Vec<_>>());
}

/// Reads as a projector does. Each page begins where the last one ended.
async fn follow(log: &Log) -> Vec<Recorded> {
    let mut tail = log.tail(0);
    let mut read = Vec::new();
    while tail.position() < EVENTS {
        read.extend(tail.next(50).await.unwrap());
    }
    read
}

/// Reads as fast as it can, and looks back each time at what it has read.
async fn poll(log: &Log) -> Vec<Recorded> {
    let mut read: Vec<Recorded> = Vec::new();
    loop {
        let last = read.last().map_or(0, |event| event.position);
        let from = last.saturating_sub(20);
        let page = log.read_all(from, 1_000).await.unwrap();
        let (seen, new): (Vec<_>, Vec<_>) = page.into_iter().partition(|event| event.position <= last);
        assert_eq!(seen, read[place(from + 1)..]);
        read.extend(new);
        if last == EVENTS {
            return read;
        }
    }
}
