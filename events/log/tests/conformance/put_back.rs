use rectify_case::{LogId, Position};
use rectify_log::{Copied, Db, Expected, Key, Log, PutBack, PutBackError, Raw, migrate, on};

use crate::bed::{Bed, case, keyed, note, registered, to, whole};

/// A log with a bit of everything.
async fn written(bed: &Bed) -> Log {
    let log = bed.log().await;
    log.append(keyed("a", to(case(1), Expected::Any, [note("一"), registered("审计")]))).await.unwrap();
    log.append(to(case(2), Expected::Any, [registered("审计"), registered("信访")])).await.unwrap();
    log.append(keyed("b \"二\"", to(case(1), Expected::Exactly(2), [note("“回头看”")]))).await.unwrap();
    log
}

async fn copied(log: &Log) -> (Vec<Copied>, Vec<Key>) {
    let head = log.head().await.unwrap();
    let events = log.read_raw(0, 1_000).await.unwrap();
    let events = events.into_iter().map(|Raw { position, leaf, bytes, .. }| Copied { position, leaf, bytes });
    (events.collect(), log.read_keys(0, head).await.unwrap())
}

async fn put_back(db: &Db, log: LogId, events: &[Copied], keys: &[Key]) -> Result<Position, PutBackError> {
    migrate(db).await.unwrap();
    let mut put_back = PutBack::into_empty(db).await?;
    put_back.events(events).await?;
    put_back.keys(keys).await?;
    put_back.commit(log).await
}

/// Returns every row of every table, as the database writes it.
async fn rows(db: &Db) -> Vec<String> {
    let mut rows = Vec::new();
    for (table, sqlite) in [
        ("head", "SELECT quote(log) || position || recorded FROM head"),
        (
            "events",
            "SELECT position || quote(id) || stream || version || type || happened || recorded || quote(actor) || quote(leaf)
                || quote(bytes) FROM events ORDER BY position",
        ),
        ("appends", "SELECT key || quote(content) || position || events FROM appends ORDER BY key"),
        ("series", "SELECT name || last FROM series ORDER BY name"),
    ] {
        let postgres = match table {
            "head" => "SELECT CAST(t AS TEXT) FROM head AS t",
            "events" => "SELECT CAST(t AS TEXT) FROM events AS t ORDER BY position",
            "appends" => "SELECT CAST(t AS TEXT) FROM appends AS t ORDER BY key",
            _ => "SELECT CAST(t AS TEXT) FROM series AS t ORDER BY name",
        };
        let statement = if matches!(db, Db::Postgres(_)) { postgres } else { sqlite };
        rows.extend(on!(Db, db, pool => sqlx::query_scalar::<_, String>(statement).fetch_all(pool).await.unwrap()));
    }
    rows
}

pub async fn a_copy_put_back_is_the_same_row_by_row_on_either_database(bed: &Bed) {
    let log = written(bed).await;
    let (events, keys) = copied(&log).await;
    assert_eq!((events.len(), keys.len()), (5, 2));
    let same = match bed {
        Bed::Sqlite(_) => Bed::sqlite(),
        Bed::Postgres(_) => Bed::postgres().await,
    };
    let other = match bed {
        Bed::Sqlite(_) => Bed::postgres().await,
        Bed::Postgres(_) => Bed::sqlite(),
    };
    for (to, is_same) in [(&same, true), (&other, false)] {
        let db = to.db().await;
        assert_eq!(put_back(&db, log.id(), &events, &keys).await.unwrap(), 5);
        let restored = to.log().await;
        assert_eq!(restored.id(), log.id());
        assert_eq!(whole(&restored).await, whole(&log).await);
        assert_eq!(copied(&restored).await, (events.clone(), keys.clone()));
        if is_same {
            assert_eq!(rows(&db).await, rows(&bed.db().await).await);
        }
    }
}

pub async fn a_copy_goes_only_into_an_empty_log_or_after_its_last_event(bed: &Bed) {
    let log = written(bed).await;
    let (events, keys) = copied(&log).await;
    let before = rows(&bed.db().await).await;
    let refused = put_back(&bed.db().await, log.id(), &events, &keys).await.unwrap_err();
    assert!(matches!(refused, PutBackError::NotEmpty { position: 5 }), "{refused}");
    let refused = PutBack::after(&bed.db().await, 4).await.unwrap_err();
    assert!(matches!(refused, PutBackError::Moved { expected: 4, found: 5 }), "{refused}");
    assert_eq!(rows(&bed.db().await).await, before);

    // A log that was made and never written to is empty; what is put back bit by bit is the same as at once.
    let (empty, log_before) = (Bed::sqlite(), Bed::sqlite());
    log_before.log().await;
    for to in [&empty, &log_before] {
        let db = to.db().await;
        assert_eq!(put_back(&db, log.id(), &events[..2], &keys[..1]).await.unwrap(), 2);
        let mut rest = PutBack::after(&db, 2).await.unwrap();
        rest.events(&events[2..4]).await.unwrap();
        rest.events(&events[4..]).await.unwrap();
        rest.keys(&keys[1..]).await.unwrap();
        rest.commit(log.id()).await.unwrap();
        let restored = to.log().await;
        assert_eq!(restored.id(), log.id());
        assert_eq!(whole(&restored).await, whole(&log).await);
    }
}

pub async fn what_cannot_stand_where_the_copy_has_it_is_refused_with_the_place(bed: &Bed) {
    let log = written(bed).await;
    let (events, _) = copied(&log).await;
    let elsewhere = Bed::sqlite();
    let other = written(&elsewhere).await;
    let (foreign, _) = copied(&other).await;
    let changed = |change: fn(&mut Vec<Copied>)| {
        let mut events = events.clone();
        change(&mut events);
        events
    };
    let mut mixed = events.clone();
    mixed[3] = foreign[3].clone();
    let cases = [
        (changed(|events| events[1].bytes[9] ^= 1), "position 2: its bytes are not those that were hashed".to_owned()),
        (changed(|events| drop(events.remove(2))), "position 4: it follows position 2".to_owned()),
        (changed(|events| events.swap(3, 4)), "position 5: it follows position 3".to_owned()),
        (
            changed(|events| {
                events.remove(0);
                for event in events.iter_mut() {
                    event.position -= 1;
                }
            }),
            "position 1: it is version 2 of case-00000000-0000-0007-0000-000000000001, which is at 0".to_owned(),
        ),
        (mixed, format!("position 4: it was written to log {}, and the one before it to {}", other.id(), log.id())),
    ];
    let to = Bed::sqlite();
    for (events, reason) in cases {
        let refused = put_back(&to.db().await, log.id(), &events, &[]).await.unwrap_err();
        assert_eq!(refused.to_string(), reason);
    }
    assert_eq!(rows(&to.db().await).await, Vec::<String>::new());
}

pub async fn what_was_put_back_is_written_on_as_if_nothing_had_been(bed: &Bed) {
    let source = Bed::sqlite();
    let log = written(&source).await;
    let (events, keys) = copied(&log).await;
    put_back(&bed.db().await, log.id(), &events, &keys).await.unwrap();
    let restored = bed.log().await;
    let again = keyed("a", to(case(1), Expected::Any, [note("一"), registered("审计")]));
    let again = restored.append(again).await.unwrap();
    assert!(again.repeated);
    let next = restored.append(to(case(3), Expected::Exactly(0), [registered("审计")])).await.unwrap();
    let [next] = next.events.as_slice() else { panic!("{next:?}") };
    assert_eq!((next.position, next.number.as_ref().unwrap().serial), (6, 3));
}
