use rectify_log::{Differing, Expected};

use crate::bed::{Bed, case, note, tamper, to};

pub async fn a_column_that_is_not_what_its_bytes_say_is_found(bed: &Bed) {
    let log = bed.log().await;
    log.append(to(case(1), Expected::Any, (0..4).map(|n| note(n.to_string())))).await.unwrap();
    let examined = log.examine(0, 10).await.unwrap();
    assert_eq!((examined.last, examined.differing), (Some(4), Vec::new()));
    assert_eq!(log.examine(4, 10).await.unwrap().last, None);

    let db = bed.db().await;
    let unprotect: &[&'static str] = match bed {
        Bed::Sqlite(_) => &["DROP TRIGGER events_are_not_updated", "DROP TRIGGER events_are_not_deleted"],
        Bed::Postgres(_) => &["DROP TRIGGER events_are_append_only ON events"],
    };
    for statement in unprotect.iter().chain(&[
        "UPDATE events SET version = 9, type = 'closed' WHERE position = 2",
        "UPDATE events SET leaf = (SELECT leaf FROM events WHERE position = 1) WHERE position = 4",
        "DELETE FROM events WHERE position = 3",
    ]) {
        tamper(&db, statement).await.unwrap();
    }
    let differs = |position, what| Differing { position, what };
    let expected =
        [differs(2, "version"), differs(2, "type"), differs(4, "an event before it is missing"), differs(4, "leaf")];
    assert_eq!(log.examine(0, 10).await.unwrap().differing, expected);
    assert_eq!(log.examine(1, 1).await.unwrap().last, Some(2), "a page ends where it is told to");
}
