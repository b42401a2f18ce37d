//! `rectify verify` over a whole log on SQLite: the log itself on one core, as it is promised, and what is compared beside it.

use std::path::Path;
use std::time::{Duration, Instant};

use rectify_accounts::Accounts;
use rectify_bus::Seal;
use rectify_case::Position;
use rectify_kit::{Frame, Part};
use rectify_ledger::{Ledger, Projection};
use rectify_log::Clock;
use rectify_proof::{Sealer, Tree};
use rectify_tests::{folder, program, until};
use serde_json::Value;

use crate::bed::{configuration, nats_configuration};
use crate::measure::per_second;
use crate::prepared::{OPEN, fill};
use crate::run::Run;
use crate::table::{Goal, Row};
use crate::world::{EVENTS, recorded};

const LIMIT: Duration = Duration::from_mins(10);

/// How often the log is sealed and signed while it is filled, so that there are some hundred checkpoints.
const EVERY: Duration = Duration::from_millis(200);

/// What a million events may take, in seconds.
const MOST: f64 = 20.0;

pub async fn run(run: &mut Run) {
    let (folder, server) = (folder(), rectify_tests::nats::server_with(&nats_configuration()).await);
    let url = server.url();
    let events = installed(folder.path(), &url, run.of(1_000_000, 100_000) / EVENTS).await;

    let (alone, _) = verified(folder.path(), &url, &["ledger", "evidence", "mirror"], events).await;
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no more")]
    let share = events as f64 / 1e6;
    run.tell(Row {
        bench: "verify",
        what: format!("log, tree, checkpoints and rules of {events} events, on one core"),
        on: "SQLite",
        figure: alone.as_secs_f64(),
        unit: "s",
        ratio: None,
        goal: Goal::at_most(MOST * share, None),
    });
    for (part, what, left_out) in
        [("ledger", "rows", ["evidence", "mirror"]), ("mirror", "messages", ["evidence", "ledger"])]
    {
        let (took, report) = verified(folder.path(), &url, &left_out, events).await;
        let took = took.saturating_sub(alone);
        let beside = |field: &str| report[part][field].as_u64().expect("what was compared is counted");
        assert!(report[part]["not_compared"].is_null() && beside("compared") > 0, "the {part} is compared");
        for (figure, unit) in [
            (per_second(beside("compared"), took), format!("{what}/s")),
            (per_second(beside("bytes"), took) / 1e6, "MB/s".to_owned()),
        ] {
            run.tell(Row {
                bench: "verify",
                what: format!("  the {part} beside it, {unit}"),
                on: if part == "mirror" { "SQLite, NATS" } else { "SQLite" },
                figure,
                unit: if unit == "MB/s" { "MB/s" } else { "/s" },
                ratio: None,
                goal: None,
            });
        }
    }
}

/// Makes an installation in a folder: a log of so many cases, sealed and signed all along, folded and mirrored.
async fn installed(folder: &Path, nats: &str, cases: u64) -> Position {
    let config = configuration(folder, &[("nats.url", nats)]);
    let frame = Frame::open_at(config, Part::Whole, Clock::new(recorded)).await;
    let frame = frame.expect("everything an installation stands on is there");
    rectify_proof::migrate(&frame.db).await.expect("the database takes the tables of the tree");
    let tree = Tree::new(frame.db.clone());
    let sealer = Sealer::open(frame.log.clone(), tree, frame.config.seal.as_deref()).expect("a key is made");
    let seal = async || {
        sealer.extend().await.expect("the log is sealed");
        sealer.sign(recorded()).await.expect("the log is signed");
    };
    let sealing = async {
        loop {
            tokio::time::sleep(EVERY).await;
            seal().await;
        }
    };
    let events = tokio::select! {
        events = fill(&frame.db, &frame.log, cases, OPEN) => events,
        () = sealing => 0,
    };
    seal().await;

    let ledger = Ledger::open(&frame.db).await.expect("there is a ledger beside the log");
    let mut projection = Projection::open(&ledger, &frame.log, frame.config.zone).await.expect("the ledger is opened");
    projection.catch_up().await.expect("the log is folded");

    rectify_accounts::migrate(&frame.db).await.expect("the database takes the tables of the accounts");
    let accounts = Accounts::open(frame.db.clone()).await.expect("the accounts are opened");
    // The other follower in a registrar has nothing to do.
    accounts.move_cursor("duplicates", events).await.expect("a cursor is moved");
    let mirror = frame.bus.mirror().await.expect("the server answers").expect("NATS has a mirror");
    let registrar = frame.clone();
    let nothing = |_, _| async { Ok(Vec::new()) };
    frame.shutdown.spawn("registrar", async move {
        Ok(rectify_registrar::run(registrar, nothing, Some(Seal::new(<[u8]>::to_vec))).await?)
    });
    until(LIMIT, "the whole log is mirrored", async || {
        mirror.last().await.expect("the server answers").position == events
    })
    .await;
    frame.shutdown.begin();
    frame.shutdown.finished(rectify_kit::shutdown::PATIENCE).await.expect("everything ends in good order");
    events
}

/// Verifies an installation with the program on one core, which must find nothing wrong. Returns how long it took and its report.
async fn verified(folder: &Path, nats: &str, left_out: &[&str], events: Position) -> (Duration, Value) {
    let json = folder.join("verified.json");
    let json = json.to_str().expect("a path is text");
    let without = left_out.iter().flat_map(|part| ["--without", part]);
    let arguments: Vec<&str> = ["verify", "--json", json].into_iter().chain(without).collect();
    let data = folder.to_str().expect("a path is text");
    let start = Instant::now();
    let output = program::run_on_one_core(&arguments, &[("RECTIFY_DATA", data), ("RECTIFY_NATS__URL", nats)]).await;
    let took = start.elapsed();
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "rectify {}: {said}{complained}", arguments.join(" "));
    let report: Value =
        serde_json::from_slice(&std::fs::read(json).expect("the report is a file")).expect("the report is JSON");
    for (what, wanted) in [("events", events), ("sealed", events), ("signed", events), ("followed", events)] {
        assert_eq!(report["log"][what], wanted, "{what}: {said}");
    }
    assert_eq!(report["log"]["rules"], true);
    (took, report)
}
