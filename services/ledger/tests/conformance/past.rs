use std::collections::BTreeMap;

use rectify_case::{Case, CaseId, Reader, Stage, StreamId, Zone, fold};
use rectify_ledger::{
    Changed, Difference, Filter, Ledger, Row, Snapshots, Standpoint, Viewer, Wanted, differences, replay,
};
use rectify_log::{Db, Recorded};

use crate::bed::{Bed, assert_same, instant, late};
use crate::fold::write_history;
use crate::history::{PERSONS, assigned, case, closed, finding, of_county, person, registered, reported};

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

async fn of_past(bed: &Bed, folder: &std::path::Path, standpoint: Standpoint) -> Ledger {
    std::fs::create_dir(folder).unwrap();
    let mut heard = Vec::new();
    let tell = |progress| heard.push(progress);
    let ledger = Ledger::of_past(folder, &bed.log, Zone::SHANGHAI, standpoint, tell).await.unwrap();
    let to = standpoint.known;
    assert!(heard.iter().all(|progress| progress.head == to && progress.folded <= to));
    assert_eq!(heard.last().map_or(0, |progress| progress.folded), to);
    ledger
}

async fn rows(ledger: &Ledger, viewer: &Viewer) -> BTreeMap<CaseId, Row> {
    let wanted = Wanted { limit: 1_000, ..Wanted::default() };
    let page = ledger.list(viewer, &wanted, instant(NOW)).await.unwrap();
    page.rows.into_iter().map(|row| (row.id, row)).collect()
}

pub async fn a_ledger_of_the_past_is_what_the_log_told_by_then(bed: &Bed) {
    write_history(bed, 31, 60, 500).await;
    let head = bed.fold().await;
    let folder = rectify_tests::folder();
    let whole = of_past(bed, &folder.path().join("whole"), Standpoint::known(head)).await;
    // The other database writes down differently what is not there.
    if matches!(bed.db, Db::Sqlite(_)) {
        assert_same(&bed.ledger.dump().await.unwrap(), &whole.dump().await.unwrap());
    }
    let middle = head / 2;
    let past = of_past(bed, &folder.path().join("middle"), Standpoint::known(middle)).await;
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
    let past = of_past(bed, &folder.path().join("past"), Standpoint::known(middle)).await;
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

/// Writes a case that was there in March and entered only in April, after everything else.
async fn write_late(bed: &Bed) -> CaseId {
    let old = case(1_000);
    let begun = [late(reported(finding(1_000, "饮水管网漏损")), "2020-03-01"), late(registered(1_000), "2020-03-02")];
    bed.case(old, begun).await;
    bed.case(old, [late(assigned(of_county(1, 2), 30, None), "2020-03-09")]).await;
    old
}

pub async fn by_what_had_happened_what_happened_later_is_left_out(bed: &Bed) {
    write_history(bed, 41, 40, 300).await;
    let before = bed.log.head().await.unwrap();
    let old = write_late(bed).await;
    let head = bed.fold().await;
    let folder = rectify_tests::folder();
    let by = Some(instant("2020-03-05T15:59:59Z"));
    let known_now = of_past(bed, &folder.path().join("now"), Standpoint { known: head, happened_by: by }).await;
    let listed = rows(&known_now, &Viewer::operator()).await;
    assert_eq!(listed.into_values().map(|row| (row.id, row.stage)).collect::<Vec<_>>(), [(old, Stage::Registered)]);
    let (viewer, _) = bed.ledger.viewer_of_past(&Viewer::operator(), head).await.unwrap();
    assert_eq!(known_now.counts(&viewer, instant(NOW)).await.unwrap().total, 1);
    // The units are those of now, whenever they were entered: what they answer for is found.
    let known_then = of_past(bed, &folder.path().join("then"), Standpoint { known: before, happened_by: by }).await;
    assert!(rows(&known_then, &Viewer::operator()).await.is_empty());
    let later = Some(instant("2020-03-10T00:00:00Z"));
    let assigned = of_past(bed, &folder.path().join("later"), Standpoint { known: head, happened_by: later }).await;
    let led = Filter { unit: Some(of_county(1, 2)), ..Filter::default() };
    assert_eq!(assigned.every(&viewer, &led, instant(NOW)).await.unwrap().len(), 1);
}

pub async fn what_is_folded_in_memory_is_what_the_tables_have(bed: &Bed) {
    write_history(bed, 43, 60, 500).await;
    write_late(bed).await;
    let head = bed.fold().await;
    let middle = bed.log.read_all(head / 2 - 1, 1).await.unwrap()[0].envelope.recorded;
    let now = instant(NOW);
    let standpoints = [
        Standpoint::known(head),
        Standpoint::known(head / 3),
        Standpoint { known: head, happened_by: Some(middle) },
        Standpoint { known: head, happened_by: Some(instant("2020-03-02T23:00:00Z")) },
        Standpoint::known(0),
    ];
    let asked: Vec<_> = standpoints.iter().map(|standpoint| (*standpoint, now)).collect();
    let replayed = replay(&bed.log, Zone::SHANGHAI, &asked, None, |_| {}).await.unwrap().lists;
    let folder = rectify_tests::folder();
    for (n, (standpoint, stood)) in standpoints.into_iter().zip(replayed).enumerate() {
        let past = of_past(bed, &folder.path().join(n.to_string()), standpoint).await;
        let listed = past.every(&Viewer::operator(), &Filter::default(), now).await.unwrap();
        assert_eq!(stood.into_iter().map(|stood| stood.row).collect::<Vec<_>>(), listed, "{standpoint:?}");
    }
}

pub async fn two_lists_differ_by_what_entered_left_moved_and_became_late(bed: &Bed) {
    let lead = of_county(1, 2);
    for n in 0..4 {
        bed.case(case(n), [reported(finding(n, "饮水工程闲置")).into(), registered(n).into()]).await;
    }
    for n in [1, 2] {
        bed.case(case(n), [assigned(lead, 30, None).into()]).await;
    }
    let first = bed.log.head().await.unwrap();
    bed.case(case(0), [assigned(lead, 30, None).into()]).await;
    bed.case(case(4), [late(reported(finding(4, "水库除险未完工")), "2020-03-01")]).await;
    bed.case(case(2), [closed().into()]).await;
    let second = bed.log.head().await.unwrap();
    let asked = [
        (Standpoint::known(first), instant("2020-05-01T00:00:00Z")),
        (Standpoint::known(second), instant(NOW)),
        (Standpoint { known: second, happened_by: Some(instant("2020-03-02T00:00:00Z")) }, instant(NOW)),
    ];
    let replayed = replay(&bed.log, Zone::SHANGHAI, &asked, None, |_| {}).await.unwrap().lists;
    let rows: Vec<Vec<Row>> =
        replayed.into_iter().map(|stood| stood.into_iter().map(|stood| stood.row).collect()).collect();
    let told = |changed: Vec<Changed>| -> BTreeMap<CaseId, Vec<Difference>> {
        changed.into_iter().map(|changed| (changed.row().unwrap().id, changed.differences)).collect()
    };
    let changed = told(differences(rows[0].clone(), rows[1].clone()));
    let wanted = [
        (case(0), vec![Difference::Stage, Difference::BecameLate, Difference::Lead, Difference::Deadline]),
        (case(1), vec![Difference::BecameLate]),
        (case(2), vec![Difference::BecameLate]),
        (case(4), vec![Difference::Entered]),
    ];
    assert_eq!(changed, wanted.into(), "a closure of what was not verified has no place and changes nothing");
    let left = told(differences(rows[1].clone(), rows[2].clone()));
    assert_eq!(left.keys().copied().collect::<Vec<_>>(), [case(0), case(1), case(2), case(3)]);
    assert_eq!(left[&case(1)], [Difference::Left, Difference::NoLongerLate]);
    assert_eq!(left[&case(3)], [Difference::Left]);
    assert!(differences(rows[1].clone(), rows[1].clone()).is_empty());
}

pub async fn a_replay_from_a_snapshot_is_that_from_the_first_event(bed: &Bed) {
    write_history(bed, 47, 60, 500).await;
    let (now, head) = (instant(NOW), bed.log.head().await.unwrap());
    let folder = rectify_tests::folder();
    let kept = folder.path().join("kept");
    let snapshots = Snapshots::in_folder(kept.clone()).every(100.try_into().unwrap());
    let replayed = async |known: &[u64], snapshots: Option<&Snapshots>| {
        let asked: Vec<_> = known.iter().map(|known| (Standpoint::known(*known), now)).collect();
        replay(&bed.log, Zone::SHANGHAI, &asked, snapshots, |_| {}).await.unwrap()
    };
    let asked = [head, 250, 377];
    let whole = replayed(&asked, None).await.lists;
    assert!(!kept.exists());
    // None is there at first; then as much is read as is not in the last that all standpoints know.
    let steps: [(&[u64], u64); 6] =
        [(&asked, 0), (&[377], 0), (&[377], 300), (&[250], 0), (&[250], 200), (&asked, 200)];
    for (known, after) in steps {
        let told = replayed(known, Some(&snapshots)).await;
        assert_eq!(told.after, after, "{known:?}");
        for (known, list) in known.iter().zip(told.lists) {
            let place = asked.iter().position(|asked| asked == known).unwrap();
            assert_eq!(list, whole[place], "{known}");
        }
    }
    // What is not whole, or of another log, is passed over for the one before it.
    let file = kept.join("300.snapshot");
    let bytes = std::fs::read(&file).unwrap();
    let mut other = bytes.clone();
    let place = bytes.windows(6).position(|window| window == b"\"leaf\"").unwrap() + 9;
    other[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
    let mut bent = bytes.clone();
    let last = bent.len() - 20;
    bent[last] ^= 1;
    for wrong in [&bytes[..bytes.len() - 1], &bytes[..20], &[], &other, &bent] {
        std::fs::write(&file, wrong).unwrap();
        let told = replayed(&[377], Some(&snapshots)).await;
        assert_eq!((told.after, &told.lists[0]), (200, &whole[2]));
    }
    // No more are kept than the last few that were written.
    for known in (100..=head).step_by(100) {
        replayed(&[known], Some(&snapshots)).await;
    }
    assert_eq!(std::fs::read_dir(&kept).unwrap().count() as u64, (head / 100).min(6));
    // Where they cannot be kept, nothing else is wrong.
    let file = folder.path().join("a file");
    std::fs::write(&file, "").unwrap();
    let nowhere = Snapshots::in_folder(file.join("no folder")).every(100.try_into().unwrap());
    assert_eq!(replayed(&[377], Some(&nowhere)).await.lists[0], whole[2]);
}
