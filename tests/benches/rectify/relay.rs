//! The whole log into an empty mirror.

use std::time::{Duration, Instant};

use rectify_accounts::Accounts;
use rectify_bus::Seal;
use rectify_kit::{Frame, Part};
use rectify_tests::{folder, until};

use crate::bed::{On, configuration, nats_configuration};
use crate::measure::{median, per_second};
use crate::prepared::{OPEN, fill};
use crate::run::Run;
use crate::table::{Goal, Row};

const LIMIT: Duration = Duration::from_mins(10);

pub async fn run(run: &mut Run) {
    let bed = run.beds.make(On::Postgres).await;
    let cases = run.of(20_000, 6_000);
    let head = fill(&bed.db, &bed.log().await, cases, OPEN).await;
    rectify_accounts::migrate(&bed.db).await.expect("the database takes the tables of the accounts");
    rectify_proof::migrate(&bed.db).await.expect("the database takes the tables of the tree");
    // The other follower in a registrar has nothing to do.
    let accounts = Accounts::open(bed.db.clone()).await.expect("the accounts are opened");
    accounts.move_cursor("duplicates", head).await.expect("a cursor is moved");

    let mut rates = Vec::new();
    for _ in 0..run.turns() {
        let server = rectify_tests::nats::server_with(&nats_configuration()).await;
        let folder = folder();
        let settings = [("database.url", bed.url.as_str()), ("nats.url", &server.url())];
        let frame = Frame::open(configuration(folder.path(), &settings), Part::Service("registrar")).await;
        let frame = frame.expect("everything the registrar stands on is there");
        let mirror = frame.bus.mirror().await.expect("the server answers").expect("NATS has a mirror");
        let start = Instant::now();
        let registrar = frame.clone();
        let nothing = |_, _| async { Ok(Vec::new()) };
        frame.shutdown.spawn("registrar", async move {
            Ok(rectify_registrar::run(registrar, nothing, Some(Seal::new(<[u8]>::to_vec))).await?)
        });
        until(LIMIT, "the whole log is mirrored", async || {
            mirror.last().await.expect("the server answers").position == head
        })
        .await;
        rates.push(per_second(head, start.elapsed()));
        frame.shutdown.begin();
        frame.shutdown.finished(rectify_kit::shutdown::PATIENCE).await.expect("everything ends in good order");
    }
    run.tell(Row {
        bench: "relay",
        what: format!("relay of {head} events to an empty mirror"),
        on: "Postgres, NATS",
        figure: median(&mut rates),
        unit: "messages/s",
        ratio: None,
        goal: Goal::at_least(30_000.0, None),
    });
}
