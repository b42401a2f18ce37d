use futures::StreamExt as _;
use futures::future::join_all;
use rectify_case::{AccessEvent, CaseId, FindingId, PetitionPart, Position, StreamId};
use rectify_log::{Expected, LogError, NewEvent, Recorded, decode};
use uuid::Uuid;

use crate::bed::{Bed, case, note, tamper, to, whole};

pub async fn pages_never_skip(bed: &Bed) {
    let log = bed.log().await;
    let writers = (0..8).map(|writer| {
        let log = log.clone();
        tokio::spawn(async move {
            for n in 0..25 {
                log.append(to(case(writer * 100 + n), Expected::Any, [note("一"), note("二")])).await.unwrap();
            }
        })
    });
    let writers = join_all(writers);
    let reader = async {
        let mut read: Vec<Position> = Vec::new();
        while read.len() < 400 {
            let page = log.read_all(read.last().copied().unwrap_or(0), 7).await.unwrap();
            assert!(page.len() <= 7);
            read.extend(page.iter().map(|event| event.position));
        }
        read
    };
    let (_, read) = futures::join!(writers, reader);
    assert_eq!(read, (1..=400).collect::<Vec<_>>());
    assert_eq!(log.read_all(400, 10).await.unwrap(), []);
    assert_eq!(log.read_all(Position::MAX, 10).await.unwrap(), []);
}

pub async fn a_replay_reads_ahead_and_still_in_order(bed: &Bed) {
    let log = bed.log().await;
    for n in 0..5 {
        log.append(to(case(n), Expected::Any, (0..1_000).map(|n| note(n.to_string())))).await.unwrap();
    }
    let pages: Vec<_> = log.replay(700, 4_900).map(Result::unwrap).collect().await;
    let read: Vec<Position> = pages.iter().flatten().map(|event| event.position).collect();
    assert_eq!(read, (701..=4_900).collect::<Vec<_>>());
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2_000, 2_000, 200]);
    assert_eq!(log.replay(5_000, 5_000).collect::<Vec<_>>().await.len(), 0);
}

pub async fn raw_events_are_the_bytes_that_were_hashed(bed: &Bed) {
    let log = bed.log().await;
    log.append(to(case(1), Expected::Any, (0..5).map(|n| note(n.to_string())))).await.unwrap();
    let events = whole(&log).await;
    for (raw, event) in log.read_raw(0, 10).await.unwrap().iter().zip(&events) {
        assert_eq!((raw.position, raw.stream, raw.kind.as_str()), (event.position, case(1), "note_added"));
        assert_eq!(decode(&raw.bytes).unwrap(), event.envelope);
        assert_eq!(serde_json_canonicalizer::to_vec(&event.envelope).unwrap(), raw.bytes);
    }
    assert_eq!(log.read_raw(2, 2).await.unwrap().iter().map(|raw| raw.position).collect::<Vec<_>>(), [3, 4]);
}

pub async fn a_missing_event_is_noticed(bed: &Bed) {
    let log = bed.log().await;
    log.append(to(case(1), Expected::Any, (0..5).map(|n| note(n.to_string())))).await.unwrap();
    let db = bed.db().await;
    let unprotect = match bed {
        Bed::Sqlite(_) => "DROP TRIGGER events_are_not_deleted",
        Bed::Postgres(_) => "DROP TRIGGER events_are_append_only ON events",
    };
    tamper(&db, unprotect).await.unwrap();
    tamper(&db, "DELETE FROM events WHERE position = 3").await.unwrap();
    let read = log.read_all(0, 10).await.unwrap_err();
    assert!(matches!(read, LogError::Missing { position: 3 }), "{read}");
    assert!(matches!(log.read_raw(2, 10).await, Err(LogError::Missing { position: 3 })));
}

pub async fn looks_at_petitioners_and_what_is_done_with_their_keys_are_found_among_all(bed: &Bed) {
    let log = bed.log().await;
    let (finding, reason) = (FindingId(Uuid::from_u128(1)), "回访前核对诉求".to_owned());
    let access = StreamId::Access(CaseId(finding.0));
    let opened = || AccessEvent::PetitionOpened { finding, what: PetitionPart::Content, reason: reason.clone() };
    let evidence = || AccessEvent::EvidenceOpened { digest: "0".repeat(64).parse().unwrap() };
    let held = AccessEvent::PetitionHeld { finding, reason: reason.clone() };
    let proposed = AccessEvent::ShreddingProposed { finding, reason: reason.clone() };
    let events = [opened(), evidence(), held, opened(), proposed, evidence()];
    log.append(to(access, Expected::Any, events.map(NewEvent::from))).await.unwrap();
    log.append(to(case(1), Expected::Any, [note("一")])).await.unwrap();
    let places = |read: &[Recorded]| read.iter().map(|event| event.position).collect::<Vec<_>>();
    assert_eq!(places(&log.read_looks(Position::MAX, 10).await.unwrap()), [4, 1]);
    assert_eq!(places(&log.read_looks(Position::MAX, 1).await.unwrap()), [4]);
    assert_eq!(places(&log.read_looks(4, 10).await.unwrap()), [1]);
    assert_eq!(places(&log.read_custody().await.unwrap()), [3, 5]);
}
