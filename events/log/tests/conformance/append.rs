use std::sync::Mutex;

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use rectify_case::quantity::{Amounts, MOST, Measured};
use rectify_case::{
    AccessEvent, Actor, CaseEvent, CaseId, Cause, DirectoryEvent, EventId, Happened, PersonId, Role, StreamId, UnitId,
};
use rectify_log::{Append, AppendError, Clock, Db, Expected, LARGEST_EVENT, Log, NewEvent, Options, Write};
use uuid::Uuid;

use crate::bed::{Bed, case, instant, keyed, note, notes, registered, ticking, to, whole, writing};

pub async fn an_event_is_written_whole(bed: &Bed) {
    let log = bed.log().await;
    let actor = Actor {
        person: PersonId(Uuid::from_u128(1)),
        unit: UnitId(Uuid::from_u128(2)),
        role: Role::Officer,
        on_behalf_of: Some(PersonId(Uuid::from_u128(3))),
    };
    let event = NewEvent {
        event: CaseEvent::NoteAdded { text: "“回头看”\n\u{1}😀".into() }.into(),
        happened: Some(Happened::On("2020-04-20".parse().unwrap())),
        received: Some(instant("2020-04-21T00:00:00Z")),
        cause: Some(Cause::Document("州整改办〔2020〕7号".into())),
    };
    let append = Append { key: None, actor, facts_at: 12, writes: vec![] };
    let write = Write { stream: case(1), expected: Expected::Exactly(0), events: vec![event.clone(), note("其后")] };
    let written = log.append(Append { writes: vec![write], ..append }).await.unwrap();

    assert!(!written.repeated);
    let events = whole(&log).await;
    let [first, second] = events.as_slice() else { panic!("two events were written") };
    assert_eq!((written.events[0].position, written.events[0].version), (1, 1));
    assert_eq!(written.events[0].id, first.envelope.id);
    let envelope = &first.envelope;
    assert_eq!(envelope.event, event.event);
    assert_eq!((envelope.happened, envelope.received), (event.happened.unwrap(), event.received));
    assert_eq!((envelope.actor, envelope.facts_at, &envelope.cause), (actor, 12, &event.cause));
    assert_eq!(envelope.salt.len(), 32);
    // What is not said to have happened earlier happened when it was recorded.
    assert_eq!(second.envelope.happened, Happened::At(second.envelope.recorded));
}

pub async fn positions_are_dense_and_versions_count_each_stream(bed: &Bed) {
    let log = bed.log().await;
    let appends = (0..60).map(|n| log.append(to(case(n % 7), Expected::Any, [note("一"), note("二")])));
    for answer in join_all(appends).await {
        assert_eq!(answer.unwrap().events.len(), 2);
    }
    assert_eq!(whole(&log).await.len(), 120);
    let versions: Vec<_> =
        log.read_stream(case(3), 4).await.unwrap().iter().map(|event| event.envelope.version).collect();
    assert_eq!(versions, (5..=18).collect::<Vec<_>>());
}

pub async fn a_stream_that_has_moved_refuses_who_expected_it_where_it_was(bed: &Bed) {
    let log = bed.log().await;
    log.append(to(case(1), Expected::Exactly(0), [note("一"), note("二")])).await.unwrap();
    for expected in [0, 1, 3] {
        let refused = log.append(to(case(1), Expected::Exactly(expected), [note("三")])).await.unwrap_err();
        let AppendError::Conflict { stream, expected: asked, actual } = refused else { panic!("{refused}") };
        assert_eq!((stream, asked, actual), (case(1), expected, 2));
    }
    log.append(to(case(1), Expected::Exactly(2), [note("三")])).await.unwrap();
    assert_eq!(notes(&whole(&log).await), ["一", "二", "三"]);
}

pub async fn many_streams_are_written_together_or_not_at_all(bed: &Bed) {
    let log = bed.log().await;
    log.append(to(case(2), Expected::Any, [note("在先")])).await.unwrap();
    let merge = |expected| {
        writing([
            Write { stream: case(1), expected: Expected::Exactly(0), events: vec![note("并入")] },
            Write {
                stream: case(2), expected: Expected::Exactly(expected), events: vec![note("收到"), note("并案")]
            },
            // A later write of an append sees what an earlier one does.
            Write { stream: case(1), expected: Expected::Exactly(1), events: vec![note("完")] },
        ])
    };
    assert!(matches!(log.append(merge(0)).await, Err(AppendError::Conflict { actual: 1, .. })));
    assert_eq!(log.read_stream(case(1), 0).await.unwrap(), []);
    let written = log.append(merge(1)).await.unwrap();
    let places: Vec<_> = written.events.iter().map(|event| (event.position, event.stream, event.version)).collect();
    assert_eq!(places, [(2, case(1), 1), (3, case(2), 2), (4, case(2), 3), (5, case(1), 2)]);
    assert_eq!(notes(&whole(&log).await), ["在先", "并入", "收到", "并案", "完"]);
}

pub async fn a_write_without_events_only_checks_its_stream(bed: &Bed) {
    let log = bed.log().await;
    let append = |expected| {
        writing([
            Write { stream: StreamId::Directory, expected: Expected::Exactly(expected), events: vec![] },
            Write { stream: case(1), expected: Expected::Any, events: vec![note("一")] },
        ])
    };
    assert!(matches!(log.append(append(1)).await, Err(AppendError::Conflict { actual: 0, .. })));
    log.append(append(0)).await.unwrap();
    assert_eq!(whole(&log).await.len(), 1);
}

pub async fn an_append_that_cannot_be_written_is_refused(bed: &Bed) {
    let log = bed.log().await;
    let refused = async |append| {
        let neighbour = to(case(9), Expected::Any, [note("邻")]);
        let (refused, neighbour) = futures::join!(log.append(append), log.append(neighbour));
        neighbour.unwrap();
        refused.unwrap_err()
    };
    assert!(matches!(refused(writing([])).await, AppendError::Empty));
    assert!(matches!(refused(to(case(1), Expected::Any, [])).await, AppendError::Empty));
    for key in ["", "a\0b", "行\n", &"k".repeat(257)] {
        let append = keyed(key, to(case(1), Expected::Any, [note("一")]));
        assert!(matches!(refused(append).await, AppendError::BadKey { .. }), "{key:?}");
    }

    let large = refused(to(case(1), Expected::Any, [note("长".repeat(90_000))])).await;
    assert!(matches!(large, AppendError::TooLarge { event: "note_added", size: 270_000.., .. }), "{large}");

    let found: Amounts = [(Measured::Money, MOST + 2)].into();
    let inexact = CaseEvent::QuantitiesRestated { found, reason: "更正".into() };
    let person = DirectoryEvent::PersonAdded { person: PersonId(Uuid::nil()), name: "旦增".into() };
    let opened = AccessEvent::EvidenceOpened { digest: "0".repeat(64).parse().unwrap() };
    let unwritable: [(StreamId, NewEvent); 6] = [
        (case(1), inexact.into()),
        (case(1), person.into()),
        (StreamId::Directory, note("一")),
        (StreamId::Access(CaseId(Uuid::nil())), note("一")),
        (case(1), opened.into()),
        (case(1), registered("审\0计")),
    ];
    for (stream, event) in unwritable {
        let error = refused(to(stream, Expected::Any, [event])).await;
        assert!(matches!(error, AppendError::Unwritable { .. }), "{error}");
    }
    assert!(matches!(
        refused(to(case(1), Expected::Any, [registered("审-计")])).await,
        AppendError::Unwritable { event: "registered", .. }
    ));
    assert!(whole(&log).await.iter().all(|event| event.envelope.stream == case(9)));
}

pub async fn a_text_with_a_nul_is_refused_wherever_it_stands(bed: &Bed) {
    let log = bed.log().await;
    let added = |name: &str| DirectoryEvent::PersonAdded { person: PersonId(Uuid::nil()), name: name.into() };
    let by_document = NewEvent { cause: Some(Cause::Document("州整改办\0〔2020〕7号".into())), ..note("一") };
    let with_one = [
        (case(1), note("已整改\0")),
        (case(1), note("\\\0")),
        (case(1), by_document),
        (StreamId::Directory, added("旦\0增").into()),
    ];
    for (stream, event) in with_one {
        let said = log.append(to(stream, Expected::Any, [event])).await.unwrap_err().to_string();
        assert!(
            said.ends_with("cannot be written: it has the character U+0000, which a database may not keep"),
            "{said}"
        );
    }

    // What is only written like one is none.
    let texts = [r"\u0000", r"\\u0000", "\n\u{1}u0000"];
    log.append(to(case(1), Expected::Exactly(0), texts.map(note))).await.unwrap();
    assert_eq!(notes(&whole(&log).await), texts);
}

pub async fn the_largest_event_can_be_written(bed: &Bed) {
    let log = bed.log().await;
    let size = async |characters| log.append(to(case(1), Expected::Any, [note("x".repeat(characters))])).await;
    let Err(AppendError::TooLarge { size: over, .. }) = size(LARGEST_EVENT).await else { panic!("it is too large") };
    let fits = LARGEST_EVENT - (over - LARGEST_EVENT);
    size(fits + 1).await.unwrap_err();
    let actor =
        Actor { on_behalf_of: Some(PersonId(Uuid::max())), role: Role::ResponsibleLeader, ..Actor::INSTALLATION };
    let happened = Some(Happened::At(instant("2020-04-25T01:32:09.123456Z")));
    let cause = Some(Cause::Event(EventId(Uuid::max())));
    let around = serde_json::to_string(&cause).unwrap().len() - "null".len();
    let event = NewEvent {
        happened,
        cause,
        received: Some(instant("2020-04-25T01:32:09.123456Z")),
        ..note("x".repeat(fits - around))
    };
    let append = Append { actor, facts_at: MOST, ..to(StreamId::Case(CaseId(Uuid::max())), Expected::Any, [event]) };
    log.append(append).await.unwrap();
    let [raw] = log.read_raw(0, 10).await.unwrap().try_into().unwrap();
    assert!((LARGEST_EVENT - 1024..=LARGEST_EVENT).contains(&raw.bytes.len()));
}

pub async fn recorded_time_never_goes_backwards(bed: &Bed) {
    let times = ["2020-04-25T00:00:02Z", "2020-04-25T00:00:01.0000019Z", "2020-04-25T00:00:03.0000019Z"].map(instant);
    let times = Mutex::new(times.into_iter());
    // Making the log asks for the time too; the first append is at the second time.
    let clock = Clock::new(move || times.lock().unwrap().next().unwrap());
    let log = Log::open(bed.db().await, clock).await.unwrap();
    for _ in 0..2 {
        log.append(to(case(1), Expected::Any, [note("一")])).await.unwrap();
    }
    let recorded: Vec<_> = whole(&log).await.iter().map(|event| event.envelope.recorded).collect();
    assert_eq!(recorded, ["2020-04-25T00:00:02Z", "2020-04-25T00:00:03.000001Z"].map(instant));
}

pub async fn what_is_received_is_recorded_later_but_pushes_no_time(bed: &Bed) {
    let stopped = Clock::new(|| instant("2020-04-25T00:00:00Z"));
    let log = Log::open(bed.db().await, stopped.clone()).await.unwrap();
    let received = |at: DateTime<Utc>| NewEvent { received: Some(at), ..note("一") };
    let hours_ahead = instant("2020-04-25T09:00:00Z");
    for at in [log.clock().now(), log.clock().now(), hours_ahead] {
        log.append(to(case(1), Expected::Any, [received(at)])).await.unwrap();
    }
    // A moment that was given out before the log was opened again is followed by what is given out then.
    let waiting = log.clock().now();
    let log = Log::open(bed.db().await, stopped).await.unwrap();
    assert!(log.clock().now() > waiting);
    let events = whole(&log).await;
    let recorded: Vec<_> = events.iter().map(|event| event.envelope.recorded).collect();
    assert!(recorded.is_sorted());
    assert_eq!(recorded[..2], [events[0].envelope.received.unwrap(), events[1].envelope.received.unwrap()]);
    assert!(recorded[2] < recorded[1] + TimeDelta::milliseconds(1));
}

pub async fn a_database_that_is_gone_fails_everybody_who_waits(bed: &Bed) {
    let db = bed.db().await;
    let log = Log::open(db.clone(), ticking()).await.unwrap();
    db.close().await;
    for answer in join_all((0..3).map(|n| log.append(to(case(n), Expected::Any, [note("一")])))).await {
        assert!(matches!(answer, Err(AppendError::Log(_))));
    }
    // Another pool finds the log as it was.
    assert_eq!(whole(&bed.log().await).await, []);
}

pub async fn a_log_is_made_once_and_is_the_same_ever_after(bed: &Bed) {
    assert!(!rectify_log::is_migrated(&bed.db().await).await.unwrap());
    let (a, b) = futures::join!(bed.log(), bed.log());
    assert!(rectify_log::is_migrated(&bed.db().await).await.unwrap());
    assert_eq!(a.id(), b.id());
    a.append(to(case(1), Expected::Any, [note("一")])).await.unwrap();
    // Who may only read finds the same log, and cannot add to it.
    let options = Options { read_only: true, ..Options::default() };
    let reader = Db::connect(&bed.url(), &options).await.unwrap();
    let reader = Log::open(reader, ticking()).await.unwrap();
    assert_eq!((reader.id(), whole(&reader).await.len()), (a.id(), 1));
    assert!(matches!(reader.append(to(case(1), Expected::Any, [note("二")])).await, Err(AppendError::Log(_))));
}

pub async fn a_halted_log_says_why_it_takes_nothing_and_is_read_as_before(bed: &Bed) {
    let log = bed.log().await;
    log.append(to(case(1), Expected::Any, [note("一")])).await.unwrap();
    assert_eq!(log.halted(), None);
    log.clone().halt("恢复自较早的备份");
    log.halt("其后");
    let refused = log.append(to(case(1), Expected::Any, [note("二")])).await.unwrap_err();
    let AppendError::Log(reason) = &refused else { panic!("{refused}") };
    assert_eq!(reason.to_string(), "nothing is appended: 恢复自较早的备份");
    assert_eq!(notes(&whole(&log).await), ["一"]);
}
