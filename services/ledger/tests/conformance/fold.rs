use std::time::Duration;

use futures::FutureExt as _;
use rectify_case::{CaseEvent, Reader, Role, Stage, StreamId, Zone};
use rectify_ledger::{Projection, Viewer};
use rectify_log::NewEvent;

use crate::bed::{Bed, assert_same, instant};
use crate::history::{
    Dice, anything, beginning, case, finding, granted, of_county, person, prefecture, reported, the_unit,
};

/// Writes what may happen to some cases, and to the directory in between.
pub async fn write_history(bed: &Bed, seed: u64, cases: u64, events: u64) {
    let mut dice = Dice::new(seed);
    bed.directory(prefecture(&mut dice)).await;
    for n in 0..cases {
        bed.case(case(n), [beginning(&mut dice, n).into()]).await;
    }
    for n in 0..events {
        match dice.below(40) {
            0 => {
                let moved = rectify_case::DirectoryEvent::UnitChanged(the_unit(dice.below(20), "623024"));
                bed.directory([moved]).await;
            }
            1 => {
                let role = dice.one(&[Role::ResponsibleLeader, Role::ClosingLeader, Role::Handler]);
                bed.directory([granted(1 + dice.below(20), of_county(dice.below(4), 2), role)]).await;
            }
            _ => {
                let id = case(dice.below(cases));
                let event = anything(&mut dice, n);
                bed.case(id, [event.into()]).await;
            }
        }
    }
}

pub async fn a_log_folds_to_the_same_ledger_one_by_one_and_at_once(bed: &Bed) {
    let mut projection = bed.projection().await;
    let mut dice = Dice::new(1);
    bed.directory(prefecture(&mut dice)).await;
    for n in 0..12 {
        bed.case(case(n), [beginning(&mut dice, n).into()]).await;
        projection.catch_up().await.unwrap();
    }
    for n in 0..120 {
        let id = case(dice.below(12));
        bed.case(id, [anything(&mut dice, n).into()]).await;
        if n % 20 == 0 {
            bed.directory([rectify_case::DirectoryEvent::UnitChanged(the_unit(dice.below(20), "623025"))]).await;
            bed.directory([granted(1 + dice.below(20), of_county(1, 2), Role::ResponsibleLeader)]).await;
        }
        projection.catch_up().await.unwrap();
    }
    assert!(bed.ledger.dump().await.unwrap().len() > 100);
    bed.check_rebuilt().await;
}

pub async fn an_event_without_a_place_is_kept_and_counted(bed: &Bed) {
    bed.case(case(1), [CaseEvent::Verified { levels: 1 }.into()]).await;
    bed.fold().await;
    let now = instant("2020-05-01T00:00:00Z");
    assert_eq!(bed.ledger.case(&Viewer::operator(), case(1), now).await.unwrap(), None);
    bed.case(case(1), [reported(finding(1, "一")).into(), CaseEvent::Accepted { unit: of_county(1, 2) }.into()]).await;
    bed.fold().await;
    let row = bed.ledger.case(&Viewer::operator(), case(1), now).await.unwrap().unwrap();
    assert_eq!((row.stage, row.version, row.unplaced), (Stage::Discovered, 3, 2));
    bed.check_rebuilt().await;
}

pub async fn two_projections_at_once_count_nothing_twice(bed: &Bed) {
    let other = bed.other().await;
    let mut first = bed.projection().await;
    let mut second = Projection::open(&other, &bed.log, Zone::SHANGHAI).await.unwrap();
    let mut dice = Dice::new(2);
    bed.directory(prefecture(&mut dice)).await;
    for n in 0..30 {
        bed.case(case(n), [beginning(&mut dice, n).into(), anything(&mut dice, n).into()]).await;
        let (one, two) = futures::join!(first.catch_up(), second.catch_up());
        assert_eq!(one.unwrap(), two.unwrap());
    }
    bed.check_rebuilt().await;
}

pub async fn a_fold_that_is_cut_off_leaves_a_whole_ledger(bed: &Bed) {
    write_history(bed, 3, 40, 200).await;
    let mut dice = Dice::new(4);
    // Dropped after so many polls: between any two statements, and in the commit.
    let mut cuts = 0;
    for polls in 1..60 {
        let mut projection = bed.projection().await;
        let mut folding = Box::pin(projection.catch_up());
        let mut left = polls;
        let cut = std::future::poll_fn(|context| {
            left -= 1;
            match folding.poll_unpin(context) {
                std::task::Poll::Ready(done) => std::task::Poll::Ready(Some(done)),
                std::task::Poll::Pending if left == 0 => std::task::Poll::Ready(None),
                std::task::Poll::Pending => std::task::Poll::Pending,
            }
        });
        match cut.await {
            Some(done) => drop(done.unwrap()),
            None => cuts += 1,
        }
        drop(folding);
        drop(projection);
        for n in 0..10 {
            bed.case(case(dice.below(40)), [anything(&mut dice, n).into()]).await;
        }
        bed.directory([granted(1 + dice.below(20), of_county(dice.below(4), 2), Role::Handler)]).await;
    }
    assert!(cuts > 10, "only {cuts} were cut off");
    bed.fold().await;
    bed.check_rebuilt().await;
}

pub async fn a_ledger_that_does_not_fit_is_folded_again(bed: &Bed) {
    write_history(bed, 4, 5, 20).await;
    let head = bed.fold().await;
    let before = bed.ledger.dump().await.unwrap();
    let tokyo = Zone::east(9).unwrap();
    let mut projection = Projection::open(&bed.ledger, &bed.log, tokyo).await.unwrap();
    assert_eq!(bed.ledger.checkpoint().await.unwrap(), 0);
    assert_eq!(projection.catch_up().await.unwrap(), head);
    assert_eq!(bed.ledger.checkpoint().await.unwrap(), head);
    assert_eq!(bed.fold().await, head);
    assert_same(&before, &bed.ledger.dump().await.unwrap());
}

pub async fn who_waits_in_another_process_is_told(bed: &Bed) {
    let other = bed.other().await;
    assert!(!other.wait_for(1, Duration::from_millis(10)).await.unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(bed.projection().await.run(stopped.map(drop)));
    bed.directory(prefecture(&mut Dice::new(5))).await;
    let position = bed.case(case(1), [reported(finding(1, "一")).into()]).await;
    let (here, there) = futures::join!(
        bed.ledger.wait_for(position, Duration::from_secs(20)),
        other.wait_for(position, Duration::from_secs(20))
    );
    assert!(here.unwrap() && there.unwrap());
    let (cases, directory) = bed.told().await;
    let now = instant("2020-05-01T00:00:00Z");
    let viewer = Viewer::of(Reader::of(person(0), &directory, now));
    assert_eq!(cases.len(), 1);
    assert!(other.case(&viewer, case(1), now).await.unwrap().is_some());
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    let note = NewEvent::from(CaseEvent::NoteAdded { text: "停了".to_owned() });
    let after = bed.write(StreamId::Case(case(1)), [note]).await;
    assert!(!bed.ledger.wait_for(after, Duration::from_millis(10)).await.unwrap());
}
