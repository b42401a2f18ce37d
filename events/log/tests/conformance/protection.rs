use rectify_log::Expected;

use crate::bed::{Bed, case, keyed, note, tamper, to, whole};

pub async fn the_database_refuses_to_change_or_delete_what_was_written(bed: &Bed) {
    let log = bed.log().await;
    log.append(keyed("k", to(case(1), Expected::Any, [note("一"), note("二")]))).await.unwrap();
    let (db, before) = (bed.db().await, whole(&log).await);
    let both = [
        "UPDATE events SET bytes = leaf WHERE position = 1",
        "UPDATE events SET position = 7 WHERE position = 2",
        "DELETE FROM events",
        "UPDATE appends SET position = 2",
        "DELETE FROM appends",
    ];
    let one: &[&str] = match bed {
        Bed::Postgres(_) => &[
            "TRUNCATE events CASCADE",
            "TRUNCATE appends",
            "INSERT INTO events SELECT * FROM events WHERE position = 1 ON CONFLICT (position) DO UPDATE SET version = 9",
        ],
        Bed::Sqlite(_) => &[
            "INSERT OR REPLACE INTO events SELECT * FROM events WHERE position = 1",
            "INSERT OR REPLACE INTO events SELECT 9, id, stream, 9, type, happened, recorded, actor, leaf, bytes FROM events WHERE position = 1",
            "INSERT OR REPLACE INTO events SELECT 9, randomblob(16), stream, version, type, happened, recorded, actor, leaf, bytes FROM events WHERE position = 1",
            "INSERT OR REPLACE INTO appends SELECT key, content, 2, 1 FROM appends",
        ],
    };
    for statement in both.iter().chain(one) {
        let refused = tamper(&db, statement).await.expect_err(statement).to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
    assert_eq!(whole(&log).await, before);
}
