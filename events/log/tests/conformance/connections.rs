//! Connections to PostgreSQL that are given up in the middle of something.

use futures::FutureExt as _;
use rectify_log::{Copying, Db, Options, Tx};
use sqlx::PgConnection;

/// Up to where a row is copied into a table before it is given up. Who asks and who ends do not wait for the answer.
#[derive(Clone, Copy)]
enum Step {
    Asked,
    Begun,
    Sent,
    Ended,
}

async fn copy_until(step: Step, connection: &mut PgConnection) {
    let _copying = Copying::begin();
    let begin = connection.copy_in_raw("COPY copied FROM STDIN");
    if let Step::Asked = step {
        return drop(begin.now_or_never());
    }
    let mut copy = begin.await.unwrap();
    if let Step::Sent | Step::Ended = step {
        copy.send(&b"a row\n"[..]).await.unwrap();
    }
    if let Step::Ended = step {
        drop(copy.finish().now_or_never());
    }
}

#[tokio::test]
async fn a_copy_to_postgres_that_is_given_up_leaves_no_answer_for_who_asks_next() {
    let database = rectify_tests::postgres::database().await;
    let db = Db::connect(database.url(), &Options { connections: 1, ..Options::default() }).await.unwrap();
    let Db::Postgres(pool) = &db else { unreachable!("the database is a server's") };
    sqlx::query("CREATE TABLE copied (text TEXT)").execute(pool).await.unwrap();
    for step in [Step::Asked, Step::Begun, Step::Sent, Step::Ended] {
        let Tx::Postgres(mut tx) = db.begin().await.unwrap() else { unreachable!("it is of the same database") };
        copy_until(step, &mut tx).await;
        drop(tx);
        for n in 0..3 {
            let answer: i32 = sqlx::query_scalar("SELECT $1").bind(n).fetch_one(pool).await.unwrap();
            assert_eq!(answer, n);
        }
    }
    let copied: i64 = sqlx::query_scalar("SELECT count(*) FROM copied").fetch_one(pool).await.unwrap();
    assert_eq!(copied, 0);
}
