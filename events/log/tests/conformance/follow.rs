use std::time::Duration;

use rectify_log::{Expected, Log, LogError, Recorded};
use rectify_tests::until;
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use crate::bed::{Bed, case, note, notes, tamper, ticking, to};

const LIMIT: Duration = Duration::from_secs(30);

pub async fn a_tail_wakes_when_something_is_written(bed: &Bed) {
    let log = bed.log().await;
    log.append(to(case(1), Expected::Any, [note("一"), note("二"), note("三")])).await.unwrap();
    let mut tail = log.tail(1);
    assert_eq!(notes(&tail.next(1).await.unwrap()), ["二"]);
    assert_eq!(notes(&tail.next(9).await.unwrap()), ["三"]);
    assert_eq!(tail.position(), 3);

    let mut waiting = Box::pin(tail.next(9));
    nothing_comes(&mut waiting).await;
    log.append(to(case(1), Expected::Any, [note("四")])).await.unwrap();
    assert_eq!(notes(&timeout(LIMIT, waiting).await.unwrap().unwrap()), ["四"]);
    assert_eq!(log.tail(3).next_raw(9).await.unwrap()[0].position, 4);
}

pub async fn a_tail_wakes_when_another_process_writes(bed: &Bed) {
    let (log, other) = (bed.log().await, bed.log().await);
    let mut tail = log.tail(0);
    for n in 1..=3 {
        if let (Bed::Postgres(_), 2) = (bed, n) {
            // Who listens loses the connection, and does so again.
            tamper(&bed.db().await, DISCONNECT_ALL).await.unwrap();
            sleep(TRUSTED).await;
        }
        let mut waiting = Box::pin(tail.next(9));
        nothing_comes(&mut waiting).await;
        other.append(to(case(1), Expected::Any, [note(n.to_string())])).await.unwrap();
        assert_eq!(notes(&timeout(LIMIT, waiting).await.unwrap().unwrap()), [n.to_string()]);
    }
}

/// Longer than a connection counts as alive after it was used.
const TRUSTED: Duration = Duration::from_millis(60);

/// Ends every other connection, and waits until it has ended.
const DISCONNECT_ALL: &str = "
SELECT pg_terminate_backend(pid, 30000)
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// Waits long enough for a tail to have read what there is, and checks that it found nothing.
async fn nothing_comes(waiting: &mut (impl Future<Output = Result<Vec<Recorded>, LogError>> + Unpin)) {
    timeout(Duration::from_millis(200), waiting).await.unwrap_err();
}

pub async fn the_tasks_of_a_log_end_with_its_last_clone(bed: &Bed) {
    let db = bed.db().await;
    let before = Handle::current().metrics().num_alive_tasks();
    let log = Log::open(db.clone(), ticking()).await.unwrap();
    let tail = log.tail(0);
    drop(log);
    assert!(Handle::current().metrics().num_alive_tasks() > before);
    drop(tail);
    until(LIMIT, "the tasks are gone", async || Handle::current().metrics().num_alive_tasks() <= before).await;
}
