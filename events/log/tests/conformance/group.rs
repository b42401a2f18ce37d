use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use futures::future::join_all;
use futures::poll;
use rectify_log::{AppendError, Clock, Expected, Log};

use crate::bed::{Bed, case, instant, keyed, note, notes, to, whole};

/// All members are made to wait for one commit, so that they are the next group, in this order.
pub async fn each_member_of_a_group_gets_its_own_answer(bed: &Bed) {
    let (release, released) = mpsc::channel::<()>();
    let (released, asked) = (std::sync::Mutex::new(released), AtomicBool::new(false));
    let (entered, entering) = tokio::sync::oneshot::channel();
    let entered = std::sync::Mutex::new(Some(entered));
    let armed = Arc::new(AtomicBool::new(false));
    let clock = {
        let armed = Arc::clone(&armed);
        Clock::new(move || {
            if armed.load(Ordering::SeqCst) && !asked.swap(true, Ordering::SeqCst) {
                entered.lock().unwrap().take().unwrap().send(()).unwrap();
                released.lock().unwrap().recv().unwrap();
            }
            instant("2020-04-25T00:00:00Z")
        })
    };
    let log = Log::open(bed.db().await, clock).await.unwrap();
    armed.store(true, Ordering::SeqCst);
    let first = tokio::spawn({
        let log = log.clone();
        async move { log.append(to(case(0), Expected::Any, [note("前")])).await }
    });
    entering.await.unwrap();

    let members = [
        keyed("a", to(case(1), Expected::Exactly(0), [note("一")])),
        to(case(1), Expected::Exactly(0), [note("迟")]),
        keyed("a", to(case(1), Expected::Exactly(0), [note("一")])),
        keyed("a", to(case(1), Expected::Any, [note("他")])),
        to(case(1), Expected::Exactly(1), [note("二")]),
        keyed("b", to(case(1), Expected::Exactly(0), [note("迟")])),
        keyed("b", to(case(2), Expected::Exactly(0), [note("三")])),
        to(case(0), Expected::Exactly(0), [note("迟")]),
        to(case(0), Expected::Exactly(1), [note("四")]),
    ];
    let mut waiting: Vec<_> = members.into_iter().map(|append| Box::pin(log.append(append))).collect();
    for append in &mut waiting {
        assert!(poll!(append).is_pending());
    }
    release.send(()).unwrap();
    first.await.unwrap().unwrap();

    let answers: Vec<_> = join_all(waiting)
        .await
        .into_iter()
        .map(|answer| match answer {
            Ok(appended) => format!("{}{}", appended.events[0].position, if appended.repeated { " again" } else { "" }),
            Err(AppendError::Conflict { expected, actual, .. }) => format!("at {actual}, not {expected}"),
            Err(AppendError::KeyReused { key, first }) => format!("{key} is of {first}"),
            Err(error) => panic!("{error}"),
        })
        .collect();
    assert_eq!(answers, ["2", "at 1, not 0", "2 again", "a is of 2", "3", "at 2, not 0", "4", "at 1, not 0", "5"]);
    assert_eq!(notes(&whole(&log).await), ["前", "一", "二", "三", "四"]);
}

pub async fn a_failing_member_in_every_group_fails_no_neighbour(bed: &Bed) {
    let log = bed.log().await;
    log.append(keyed("taken", to(case(0), Expected::Any, [note("在先")]))).await.unwrap();
    let appends = (1..=400u64).map(|n| {
        log.append(match n % 4 {
            0 => to(case(0), Expected::Exactly(0), [note("迟")]),
            1 => keyed("taken", to(case(n), Expected::Any, [note("他")])),
            2 => to(case(n), Expected::Any, [note("长".repeat(90_000))]),
            _ => keyed(format!("k{n}"), to(case(n), Expected::Exactly(0), [note(n.to_string())])),
        })
    });
    for (n, answer) in (1..).zip(join_all(appends).await) {
        match (n % 4, answer) {
            (0, Err(AppendError::Conflict { actual: 1, .. }))
            | (1, Err(AppendError::KeyReused { first: 1, .. }))
            | (2, Err(AppendError::TooLarge { .. }))
            | (3, Ok(_)) => {}
            (_, answer) => panic!("{n}: {answer:?}"),
        }
    }
    assert_eq!(whole(&log).await.len(), 101);
}
