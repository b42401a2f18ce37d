//! The mirror: stream sequence = log position, whatever happens.

use async_nats::jetstream;
use rectify_bus::{Bus, BusError, Found, Keyed, Last, LastEvent, Mirror, MirrorError, Mirrored};
use rectify_case::{CaseId, EventId, LogId, StreamId};
use rectify_tests::nats::Server;
use uuid::Uuid;

use crate::samples::instant;
use crate::server::{connected, server, within};

const LOG: LogId = LogId(Uuid::from_u128(0x0190_a1b2_0000_7000_8000_0000_0000_0001));

async fn mirror(server: &Server) -> Mirror {
    connected(server).await.mirror().await.unwrap().expect("there is a mirror on NATS")
}

fn event(position: u64) -> Mirrored {
    Mirrored {
        log: LOG,
        position,
        stream: StreamId::Case(CaseId(Uuid::from_u128(7))),
        name: "registered".to_owned(),
        source: Some("audit".parse().unwrap()),
        division: Some("623023".parse().unwrap()),
        id: EventId(Uuid::from_u128(u128::from(position))),
        recorded: instant(),
        leaf: [7; 32],
        keyed: None,
        trace: None,
        bytes: format!(r#"{{"position":{position},"title":"滞留"}}"#).into(),
    }
}

fn events(positions: impl Iterator<Item = u64>) -> Vec<Mirrored> {
    positions.map(event).collect()
}

async fn raw(server: &Server) -> jetstream::Context {
    jetstream::new(async_nats::connect(server.url()).await.unwrap())
}

/// Asserts that the stream holds these positions, each with the bytes of the event at it.
async fn assert_holds(server: &Server, positions: std::ops::RangeInclusive<u64>) {
    assert_keeps(server, "LOG", positions).await;
}

async fn assert_keeps(server: &Server, name: &str, positions: std::ops::RangeInclusive<u64>) {
    let stream = raw(server).await.get_stream(name).await.unwrap();
    let state = &stream.cached_info().state;
    assert_eq!((state.first_sequence, state.last_sequence), (*positions.start(), *positions.end()));
    assert_eq!(state.messages, positions.end() - positions.start() + 1);
    for position in positions {
        assert_eq!(stream.get_raw_message(position).await.unwrap().payload, event(position).bytes);
    }
}

#[tokio::test]
async fn there_is_no_mirror_inside_the_process() {
    assert!(Bus::in_process().mirror().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_is_at_the_sequence_that_is_its_position() {
    let server = server().await;
    let mirror = mirror(&server).await;
    assert_eq!(mirror.last().await.unwrap(), Last { position: 0, event: None });
    assert_eq!(mirror.publish(&[]).await.unwrap(), 0);
    assert_eq!(within("the mirror", mirror.publish(&events(1..=1))).await.unwrap(), 1);
    assert_eq!(within("the mirror", mirror.publish(&events(2..=1500))).await.unwrap(), 1500);
    assert_holds(&server, 1..=1500).await;
    let last = mirror.last().await.unwrap();
    assert_eq!(last, Last { position: 1500, event: Some(LastEvent { log: LOG, bytes: event(1500).bytes }) });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_a_cloud_event_in_binary_mode_under_its_own_subject() {
    let server = server().await;
    let mirror = mirror(&server).await;
    let case = CaseId(Uuid::from_u128(7));
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let keyed = Keyed { key: "键 \"一\"".to_owned(), content: [9; 32], events: 2 };
    let events = [
        Mirrored { trace: Some(trace.parse().unwrap()), keyed: Some(keyed.clone()), ..event(1) },
        Mirrored { source: None, division: None, ..event(2) },
        Mirrored { stream: StreamId::Directory, name: "unit_added".to_owned(), ..event(3) },
        Mirrored { stream: StreamId::Access(case), name: "evidence_opened".to_owned(), ..event(4) },
    ];
    mirror.publish(&events).await.unwrap();
    let stream = raw(&server).await.get_stream("LOG").await.unwrap();
    let mut subjects = vec![];
    for position in 1..=4 {
        subjects.push(stream.get_raw_message(position).await.unwrap().subject.to_string());
    }
    assert_eq!(
        subjects,
        [
            "log.case.audit.623023.registered",
            "log.case._._.registered",
            "log.directory.unit_added",
            "log.access.evidence_opened"
        ]
    );
    let message = stream.get_raw_message(1).await.unwrap();
    let header = |name: &str| message.headers.get(name).unwrap().as_str();
    assert_eq!(header("ce-specversion"), "1.0");
    assert_eq!(header("ce-id"), EventId(Uuid::from_u128(1)).to_string());
    assert_eq!(header("ce-source"), format!("urn:uuid:{LOG}"));
    assert_eq!(header("ce-type"), "rectify.registered");
    assert_eq!(header("ce-subject"), format!("case-{case}"));
    assert_eq!(header("ce-time"), "2020-04-21T01:32:09.123456Z");
    assert_eq!(header("ce-dataschema"), "urn:rectify:event:registered:1");
    assert_eq!((header("traceparent"), header("ce-traceparent")), (trace, trace));

    let found = mirror.events(0, 2).await.unwrap();
    let first = Found { position: 1, log: LOG, leaf: Some([7; 32]), keyed: Some(keyed), bytes: event(1).bytes };
    let second = Found { position: 2, keyed: None, bytes: event(2).bytes, ..first.clone() };
    assert_eq!(found, [first, second]);
    let absent = mirror.events(3, 5).await.unwrap_err();
    assert_eq!(absent.to_string(), "the mirror has no event at position 5");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_there_already_is_not_published_again() {
    let server = server().await;
    let mirror = mirror(&server).await;
    mirror.publish(&events(1..=20)).await.unwrap();
    assert_eq!(mirror.publish(&events(5..=15)).await.unwrap(), 15);
    assert_eq!(mirror.publish(&events(11..=30)).await.unwrap(), 30);
    assert_eq!(mirror.publish(&events(1..=30)).await.unwrap(), 30);
    assert_holds(&server, 1..=30).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_ahead_of_the_mirror_is_refused() {
    let server = server().await;
    let mirror = mirror(&server).await;
    mirror.publish(&events(1..=3)).await.unwrap();
    let refused = mirror.publish(&events(5..=8)).await;
    assert!(matches!(refused, Err(MirrorError::Gap { last: 3, first: 5 })), "{refused:?}");
    assert_holds(&server, 1..=3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_event_at_a_mirrored_position_is_refused() {
    let server = server().await;
    let mirror = mirror(&server).await;
    mirror.publish(&events(1..=3)).await.unwrap();
    let mut others = events(3..=5);
    others[0].bytes = r#"{"position":3,"title":"another"}"#.into();
    let refused = mirror.publish(&others).await;
    assert!(matches!(refused, Err(MirrorError::Differs { position: 3 })), "{refused:?}");
    assert_holds(&server, 1..=3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_follows_an_event_that_somebody_else_was_quicker_with_is_refused() {
    let server = server().await;
    let mirror = mirror(&server).await;
    mirror.publish(&events(1..=3)).await.unwrap();
    // Two logs that both say they are this one, each with its own future, relay at the same time.
    let fork = |name: &str| {
        let name = name.to_owned();
        let other = move |event: Mirrored| Mirrored {
            id: EventId(Uuid::new_v5(&Uuid::nil(), format!("{name}{}", event.position).as_bytes())),
            bytes: format!("{name} {}", event.position).into(),
            ..event
        };
        events(4..=300).into_iter().map(other).collect::<Vec<_>>()
    };
    let (one, two) = (fork("one"), fork("two"));
    let (first, second) =
        within("both relays", futures::future::join(mirror.publish(&one), mirror.publish(&two))).await;
    let (winner, loser) = if first.is_ok() { (one, second) } else { (two, first) };
    assert!(matches!(loser, Err(MirrorError::Differs { .. })), "{loser:?}");
    let stream = raw(&server).await.get_stream("LOG").await.unwrap();
    assert_eq!(stream.cached_info().state.last_sequence, 300);
    for event in winner {
        assert_eq!(stream.get_raw_message(event.position).await.unwrap().payload, event.bytes);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_relays_at_once_mirror_every_event_once() {
    let server = server().await;
    let (one, two) = (mirror(&server).await, mirror(&server).await);
    let batch = events(1..=600);
    let (first, second) = within("both relays", futures::future::join(one.publish(&batch), two.publish(&batch))).await;
    assert_eq!((first.unwrap(), second.unwrap()), (600, 600));
    assert_holds(&server, 1..=600).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_goes_on_where_a_killed_server_had_come_to() {
    let mut server = server().await;
    let mirror = mirror(&server).await;
    let relay = {
        let mirror = mirror.clone();
        tokio::spawn(async move {
            let batch = events(1..=3000);
            let mut failures = 0;
            while let Err(error) = mirror.publish(&batch).await {
                assert!(matches!(error, MirrorError::Bus(BusError::Request { .. })), "{error:?}");
                failures += 1;
                assert!(failures < 50, "the mirror does not come back: {error:?}");
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        })
    };
    rectify_tests::until(std::time::Duration::from_secs(30), "some events are mirrored", async || {
        mirror.last().await.is_ok_and(|last| last.position >= 300)
    })
    .await;
    server.kill().await;
    server.restart().await;
    within("the relay", relay).await.unwrap();
    assert_holds(&server, 1..=3000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_stream_is_told_and_made_again_from_any_position() {
    let mut server = server().await;
    let mirror = mirror(&server).await;
    mirror.publish(&events(1..=50)).await.unwrap();
    let kept = mirror.recreate_from(51).await;
    assert!(matches!(kept, Err(MirrorError::NotLost { last: 50 })), "{kept:?}");

    server.stop().await;
    server.lose_store();
    server.restart().await;
    rectify_tests::until(std::time::Duration::from_secs(30), "the loss is told", async || {
        matches!(mirror.last().await, Err(MirrorError::Lost))
    })
    .await;
    let lost = mirror.publish(&events(51..=60)).await;
    assert!(matches!(lost, Err(MirrorError::Lost)), "{lost:?}");

    mirror.recreate_from(51).await.unwrap();
    assert_eq!(mirror.last().await.unwrap(), Last { position: 50, event: None });
    assert_eq!(mirror.publish(&events(51..=60)).await.unwrap(), 60);
    assert_holds(&server, 51..=60).await;
    // What the stream no longer has cannot be compared and is not published again.
    assert_eq!(mirror.publish(&events(41..=62)).await.unwrap(), 62);
    assert_holds(&server, 51..=62).await;

    server.stop().await;
    server.lose_store();
    server.restart().await;
    within("the stream", async {
        while mirror.recreate_from(1).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(mirror.publish(&events(1..=62)).await.unwrap(), 62);
    assert_holds(&server, 1..=62).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mirror_that_is_left_is_kept_whole_under_another_name_and_begins_anew() {
    let server = server().await;
    let mirror = mirror(&server).await;
    mirror.publish(&events(1..=700)).await.unwrap();
    assert_eq!(within("the copy", mirror.leave(LOG)).await.unwrap(), 700);
    let name = Mirror::left_name(LOG);
    assert_keeps(&server, &name, 1..=700).await;
    assert_eq!(mirror.last().await.unwrap(), Last { position: 0, event: None });

    // Cut off between the copy and the new beginning, it is asked again.
    mirror.publish(&events(1..=700)).await.unwrap();
    assert_eq!(within("the copy", mirror.leave(LOG)).await.unwrap(), 700);
    mirror.publish(&events(1..=3)).await.unwrap();
    assert_holds(&server, 1..=3).await;
    assert_keeps(&server, &name, 1..=700).await;
    let copied = raw(&server).await.get_stream(&name).await.unwrap().get_raw_message(700).await.unwrap();
    assert_eq!(copied.headers.get("ce-source").unwrap().as_str(), format!("urn:uuid:{LOG}"));

    // A copy that ends with something else is not taken for one.
    mirror.publish(&events(4..=699)).await.unwrap();
    let other = Mirrored { bytes: "{}".into(), ..event(700) };
    mirror.publish(&[other]).await.unwrap();
    let refused = mirror.leave(LOG).await.unwrap_err();
    assert!(matches!(refused, MirrorError::Differs { position: 700 }), "{refused}");
    assert_eq!(mirror.last().await.unwrap().position, 700);
}

#[test]
fn a_restored_database_is_noticed() {
    let last = Last { position: 5, event: Some(LastEvent { log: LOG, bytes: event(5).bytes }) };
    assert!(last.check(9, Some(&event(5).bytes)).is_ok());
    let error = last.check(4, None).unwrap_err();
    assert_eq!(error.to_string(), "the mirror has position 5, and the log ends at 4");
    for differing in [last.check(9, Some(b"another")), last.check(5, None)] {
        assert!(matches!(differing, Err(MirrorError::Differs { position: 5 })));
    }
    let empty = Last { position: 0, event: None };
    assert!(empty.check(0, None).is_ok());
    let made_again = Last { position: 50, event: None };
    assert!(made_again.check(50, Some(b"any")).is_ok());
    assert!(matches!(made_again.check(49, None), Err(MirrorError::Ahead { mirror: 50, log: 49 })));
}
