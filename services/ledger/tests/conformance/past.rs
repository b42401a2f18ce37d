use std::collections::BTreeMap;

use rectify_case::{Case, CaseId, Position, Reader, StreamId, Zone, fold};
use rectify_ledger::{Ledger, Viewer, Wanted};
use rectify_log::{Db, Recorded};

use crate::bed::{Bed, assert_same, instant};
use crate::fold::write_history;
use crate::history::{PERSONS, person};

const NOW: &str = "2020-07-01T00:00:00Z";

/// Returns every case as events tell it.
fn told(events: &[Recorded]) -> BTreeMap<CaseId, Case> {
    let ids = events.iter().filter_map(|event| match event.envelope.stream {
        StreamId::Case(id) => Some(id),
        StreamId::Directory | StreamId::Access(_) => None,
    });
    let of = |id: CaseId| {
        let own = events.iter().filter(move |event| event.envelope.stream == StreamId::Case(id));
        (id, fold(id, own.filter_map(|event| event.envelope.happening())))
    };
    ids.map(of).filter(|(_, case)| case.stage.is_some()).collect()
}

async fn of_past(bed: &Bed, folder: &std::path::Path, to: Position) -> Ledger {
    std::fs::create_dir(folder).unwrap();
    let mut heard = Vec::new();
    let ledger = Ledger::of_past(folder, &bed.log, Zone::SHANGHAI, to, |progress| heard.push(progress)).await.unwrap();
    assert!(heard.iter().all(|progress| progress.head == to && progress.folded <= to));
    assert_eq!(heard.last().map(|progress| progress.folded), Some(to));
    ledger
}

async fn rows(ledger: &Ledger, viewer: &Viewer) -> BTreeMap<CaseId, rectify_ledger::Row> {
    let wanted = Wanted { limit: 1_000, ..Wanted::default() };
    let page = ledger.list(viewer, &wanted, instant(NOW)).await.unwrap();
    page.rows.into_iter().map(|row| (row.id, row)).collect()
}

pub async fn a_ledger_of_the_past_is_what_the_log_told_by_then(bed: &Bed) {
    write_history(bed, 31, 60, 500).await;
    let head = bed.fold().await;
    let folder = rectify_tests::folder();
    let whole = of_past(bed, &folder.path().join("whole"), head).await;
    // The other database writes down differently what is not there.
    if matches!(bed.db, Db::Sqlite(_)) {
        assert_same(&bed.ledger.dump().await.unwrap(), &whole.dump().await.unwrap());
    }
    let middle = head / 2;
    let past = of_past(bed, &folder.path().join("middle"), middle).await;
    let events = bed.log.read_all(0, u32::try_from(middle).unwrap()).await.unwrap();
    let then = told(&events);
    let listed = rows(&past, &Viewer::operator()).await;
    assert_eq!(listed.keys().collect::<Vec<_>>(), then.keys().collect::<Vec<_>>());
    for (id, row) in &listed {
        assert_eq!((Some(row.stage), &row.title), (then[id].stage, &then[id].title), "{id}");
    }
    // The log goes by what was recorded.
    let last = events.last().unwrap();
    assert_eq!(bed.log.position_at(last.envelope.recorded).await.unwrap(), middle);
    assert_eq!(
        bed.log.position_at(last.envelope.recorded - chrono::TimeDelta::microseconds(1)).await.unwrap(),
        middle - 1
    );
    assert_eq!(bed.log.position_at(instant("2000-01-01T00:00:00Z")).await.unwrap(), 0);
    assert_eq!(bed.log.position_at(instant("2100-01-01T00:00:00Z")).await.unwrap(), head);
}

pub async fn the_past_shows_what_may_be_seen_now_and_nothing_else(bed: &Bed) {
    let now = instant(NOW);
    write_history(bed, 37, 90, 600).await;
    let head = bed.fold().await;
    let middle = head * 2 / 3;
    let folder = rectify_tests::folder();
    let past = of_past(bed, &folder.path().join("past"), middle).await;
    let then = told(&bed.log.read_all(0, u32::try_from(middle).unwrap()).await.unwrap());
    let (_, directory) = bed.told().await;
    let (mut some, mut seen_by_then) = (0, 0);
    for n in 0..PERSONS {
        let viewer = Viewer::of(Reader::of(person(n), &directory, now));
        let present = rows(&bed.ledger, &viewer).await;
        let wanted: Vec<&CaseId> = then.keys().filter(|id| present.contains_key(id)).collect();
        let (of_past, known) = bed.ledger.viewer_of_past(&viewer, middle).await.unwrap();
        assert_eq!(known, bed.log.head().await.unwrap());
        let listed = rows(&past, &of_past).await;
        assert_eq!(listed.keys().collect::<Vec<_>>(), wanted, "{n}");
        let total = u64::try_from(wanted.len()).unwrap();
        assert_eq!(past.counts(&of_past, now).await.unwrap().total, total, "{n}");
        let overview = past.overview(&of_past, 2020, now).await.unwrap();
        assert_eq!(overview.counts.total, total, "{n}");
        assert_eq!(overview.counts.by_stage.values().sum::<u64>(), total, "{n}");
        some += usize::from(!wanted.is_empty());
        // What is asked of the past alone would show another ledger.
        seen_by_then += usize::from(rows(&past, &viewer).await.keys().collect::<Vec<_>>() != wanted);
    }
    assert!(some > 5 && seen_by_then > 0, "the sample says little: {some} {seen_by_then}");
}
