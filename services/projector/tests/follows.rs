//! The projector in its frame.
#![expect(clippy::unwrap_used, reason = "what goes wrong fails the test")]

use std::time::Duration;

use chrono::{DateTime, Utc};
use rectify_case::{Actor, DirectoryEvent, PersonId, Position, StreamId};
use rectify_kit::config::Flags;
use rectify_kit::{Config, Frame, Part, shutdown};
use rectify_ledger::Ledger;
use rectify_log::{Append, Clock, Expected, Write};

const LIMIT: Duration = Duration::from_secs(20);

async fn add_person(frame: &Frame, n: u128) -> Position {
    let person = PersonId(uuid::Uuid::from_u128(n));
    let events = vec![DirectoryEvent::PersonAdded { person, name: format!("人{n}") }.into()];
    let write = Write { stream: StreamId::Directory, expected: Expected::Any, events };
    let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
    frame.log.append(append).await.unwrap().events[0].position
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_folded_while_the_process_runs_and_taken_up_by_the_next() {
    let folder = rectify_tests::folder();
    for run in 0..2 {
        let settings = vec![("data".to_owned(), folder.path().to_str().unwrap().to_owned())];
        let config = Config::load_with(&Flags { config: None, settings }, []).unwrap();
        let clock = Clock::new(|| DateTime::<Utc>::UNIX_EPOCH);
        let frame = Frame::open_at(config, Part::Whole, clock).await.unwrap();
        let ledger = Ledger::open(&frame.db).await.unwrap();
        // Written before it runs, and while it does.
        add_person(&frame, run * 10).await;
        rectify_projector::run(&frame, &ledger).await.unwrap();
        let position = add_person(&frame, run * 10 + 1).await;
        assert!(ledger.wait_for(position, LIMIT).await.unwrap());
        let readiness = frame.health.readiness().await;
        assert!(readiness.checks.iter().any(|check| check.name == "ledger" && check.ready), "{readiness:?}");
        assert!(frame.metrics.text().contains("rectify_ledger_behind_events 0"));

        frame.shutdown.begin();
        frame.shutdown.finished(shutdown::PATIENCE).await.unwrap();
    }
}
