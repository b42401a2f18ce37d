use std::time::Duration;

use futures::FutureExt as _;
use rectify_case::{CaseEvent, Zone};
use rectify_ledger::{LedgerError, Projection, Viewer, Wanted, rebuild};

use crate::bed::{Bed, instant};
use crate::fold::write_history;
use crate::history::{case, finding, reported};

pub async fn a_rebuilt_ledger_is_the_same_and_reads_go_on(bed: &Bed) {
    write_history(bed, 11, 30, 200).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let projection = bed.projection().await;
    let running = tokio::spawn(projection.run(stopped.map(drop)));
    let now = instant("2020-05-01T00:00:00Z");
    let wanted = Wanted { limit: 100, ..Wanted::default() };

    let appending = async {
        for n in 100..160 {
            let position = bed.case(case(n), [reported(finding(n, "其间新增的问题")).into()]).await;
            assert!(bed.ledger.wait_for(position, Duration::from_secs(20)).await.unwrap());
            // Who has waited sees what was waited for, whichever ledger serves.
            assert!(bed.ledger.case(&Viewer::operator(), case(n), now).await.unwrap().is_some());
            assert!(bed.ledger.list(&Viewer::operator(), &wanted, now).await.unwrap().rows.len() >= 30);
        }
    };
    let rebuilding = async {
        let mut steps = Vec::new();
        rebuild(&bed.ledger, &bed.log, Zone::SHANGHAI, |progress| steps.push(progress)).await.unwrap();
        assert!(steps.iter().all(|step| step.folded <= step.head) && !steps.is_empty());
    };
    futures::join!(appending, rebuilding);
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    bed.fold().await;
    bed.check_rebuilt().await;
}

pub async fn a_rebuild_that_another_overtook_is_given_up(bed: &Bed) {
    write_history(bed, 12, 5, 20).await;
    bed.fold().await;
    let other = bed.other().await;
    let mut overtaking = None;
    let first = rebuild(&bed.ledger, &bed.log, Zone::SHANGHAI, |_| {
        let (other, log) = (other.clone(), bed.log.clone());
        // Begun while the first is about to index.
        overtaking.get_or_insert_with(|| {
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                runtime.block_on(rebuild(&other, &log, Zone::SHANGHAI, |_| {})).unwrap();
            })
            .join()
            .unwrap();
        });
    });
    assert!(matches!(first.await, Err(LedgerError::Abandoned)));
    bed.check_rebuilt().await;
}

pub async fn a_projection_follows_to_the_new_ledger_and_drops_the_old(bed: &Bed) {
    write_history(bed, 13, 5, 20).await;
    let mut projection = bed.projection().await;
    projection.catch_up().await.unwrap();
    let other = bed.other().await;
    rebuild(&other, &bed.log, Zone::SHANGHAI, |_| {}).await.unwrap();
    let position = bed.case(case(1), [CaseEvent::NoteAdded { text: "催".to_owned() }.into()]).await;
    assert_eq!(projection.catch_up().await.unwrap(), position);
    assert!(bed.ledger.wait_for(position, Duration::from_secs(5)).await.unwrap());
    assert!(other.wait_for(position, Duration::from_secs(5)).await.unwrap());
    rectify_ledger::drop_retired(&bed.db).await.unwrap();
    bed.check_rebuilt().await;
}

pub async fn a_projection_turns_to_a_ledger_that_is_behind_though_nothing_happens(bed: &Bed) {
    write_history(bed, 18, 5, 20).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(bed.projection().await.run(stopped.map(drop)));
    let head = bed.log.head().await.unwrap();
    assert!(bed.ledger.wait_for(head, Duration::from_secs(20)).await.unwrap());
    // Whoever asks for days of another zone finds a ledger that does not fit, and puts an empty one in its place.
    let other = bed.other().await;
    drop(Projection::open(&other, &bed.log, Zone::east(9).unwrap()).await.unwrap());
    assert!(other.wait_for(head, Duration::from_secs(20)).await.unwrap());
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
}

pub async fn who_waits_turns_away_from_a_ledger_that_was_dropped(bed: &Bed) {
    write_history(bed, 17, 5, 20).await;
    bed.fold().await;
    // It reads nothing while the ledger is folded anew and the old one dropped.
    let idle = bed.other().await;
    rebuild(&bed.ledger, &bed.log, Zone::SHANGHAI, |_| {}).await.unwrap();
    rectify_ledger::drop_retired(&bed.db).await.unwrap();
    let position = bed.case(case(1), [CaseEvent::NoteAdded { text: "催".to_owned() }.into()]).await;
    bed.fold().await;
    assert!(idle.wait_for(position, Duration::from_secs(5)).await.unwrap());
}
