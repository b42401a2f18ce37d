//! The mirror, which only NATS has: stream sequence = log position, and what tells a restored database.

use std::path::Path;

use rectify_bus::{Mirror, MirrorError, Mirrored, Seal};
use rectify_case::{Command, EventId, StreamId};
use rectify_kit::act::{Ask, NotActed, act, case_of};
use rectify_kit::mirror::compare;
use rectify_kit::{Frame, Part, ids, shutdown};
use rectify_log::{AppendError, LogError, Raw};
use rectify_tests::TempFolder;
use rectify_tests::nats::Server;
use rectify_tests::until;

use crate::bed::{Bed, LIMIT, OFFICE, OFFICER, by, config, directory, enter, finding, nats};

async fn mirror(frame: &Frame) -> Mirror {
    frame.bus.mirror().await.unwrap().expect("there is a mirror on NATS")
}

/// Waits until the mirror has the whole log, and compares each event: what is there already is compared and not published.
async fn assert_mirrored(frame: &Frame) {
    let (mirror, head) = (mirror(frame).await, frame.log.head().await.unwrap());
    until(LIMIT, "the mirror has the whole log", async || {
        compare(&frame.log, &mirror).await.is_ok_and(|last| last.position == head)
    })
    .await;
    for raw in frame.log.read_raw(0, 10_000).await.unwrap() {
        let position = raw.position;
        assert_eq!(mirror.publish(&[mirrored(raw)]).await.unwrap(), position);
    }
    assert_eq!(mirror.last().await.unwrap().position, head);
}

fn mirrored(raw: Raw) -> Mirrored {
    let envelope = rectify_log::decode(&raw.bytes).unwrap();
    Mirrored {
        log: envelope.log,
        position: raw.position,
        stream: raw.stream,
        name: raw.kind,
        source: None,
        division: None,
        id: envelope.id,
        recorded: envelope.recorded,
        leaf: raw.leaf,
        keyed: None,
        trace: None,
        bytes: raw.bytes.into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_and_postgres_have_each_event_at_its_position_also_after_the_relay_was_dropped() {
    let bed = Bed::servers().await;
    let mut running = bed.start();
    for (n, item) in (0..200).enumerate() {
        bed.submit(finding(item)).await.unwrap();
        if n % 50 == 49 {
            running.kill().await;
            running = bed.start();
        }
    }
    bed.until(200, "finding_reported").await;
    bed.act(&finding(1), Command::Dismiss { reason: "已在他案处理".to_owned() }).await;
    assert_mirrored(&bed.frame).await;
    bed.until_ready(true, "relay").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_and_postgres_begin_once_a_broker_that_had_no_time_has_some() {
    let bed = Bed::servers().await;
    let server = bed.server.as_ref().unwrap();
    server.freeze();
    let _running = bed.start();
    until(LIMIT, "the broker was asked in vain", async || {
        bed.until_ready(false, "registrar").await.is_some_and(|reason| reason.contains("did not"))
    })
    .await;
    server.thaw();
    bed.until_ready(true, "registrar").await;
    bed.submit(finding(1)).await.unwrap();
    bed.until(1, "finding_reported").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_and_postgres_lose_the_stream_and_have_the_whole_log_published_again() {
    let mut bed = Bed::servers().await;
    let _running = bed.start();
    for item in 0..50 {
        bed.submit(finding(item)).await.unwrap();
    }
    bed.until(50, "finding_reported").await;
    assert_mirrored(&bed.frame).await;

    let mut server = bed.server.take().unwrap();
    server.stop().await;
    server.lose_store();
    server.restart().await;
    assert_mirrored(&bed.frame).await;
    bed.submit(finding(50)).await.unwrap();
    bed.until(51, "finding_reported").await;
    assert_mirrored(&bed.frame).await;
    assert_eq!(bed.frame.log.halted(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_and_postgres_tell_a_running_process_that_its_database_went_back() {
    let bed = Bed::servers().await;
    let _running = bed.start();
    bed.submit(finding(1)).await.unwrap();
    bed.until(1, "finding_reported").await;
    assert_mirrored(&bed.frame).await;

    // The mirror has one event more than the log: just what it has when the log lost its last one.
    let (mirror, head) = (mirror(&bed.frame).await, bed.frame.log.head().await.unwrap());
    let last = bed.frame.log.read_raw(head - 1, 1).await.unwrap().pop().unwrap();
    let forgotten = Mirrored { position: head + 1, id: EventId(ids::new()), ..mirrored(last) };
    mirror.publish(&[forgotten]).await.unwrap();
    let reason = bed.until_ready(false, "log").await.unwrap();
    assert!(reason.contains(&format!("the mirror has position {}, and the log ends at {head}", head + 1)), "{reason}");

    // What is handed in is accepted by the queue and waits there.
    bed.submit(finding(2)).await.unwrap();
    bed.until_ready(false, "registrar").await;
    assert_eq!(bed.frame.log.head().await.unwrap(), head);
    assert_eq!(mirror.last().await.unwrap().position, head + 1);
}

/// A process on SQLite and NATS.
struct Process {
    frame: Frame,
}

impl Process {
    async fn start(folder: &Path, server: &Server) -> Process {
        let frame = Frame::open(config(folder, &[("nats.url", &server.url())]), Part::Whole).await.unwrap();
        rectify_accounts::migrate(&frame.db).await.unwrap();
        rectify_proof::migrate(&frame.db).await.unwrap();
        let registrar =
            rectify_registrar::run(frame.clone(), async |_, _| Ok(Vec::new()), Some(Seal::new(<[u8]>::to_vec)));
        frame.shutdown.spawn("registrar", async { Ok(registrar.await?) });
        Process { frame }
    }

    async fn stop(self) {
        self.frame.shutdown.begin();
        self.frame.shutdown.finished(shutdown::PATIENCE).await.unwrap();
        if let rectify_log::Db::Sqlite(pool) = &self.frame.db {
            pool.close().await;
        }
    }

    async fn add(&self, item: usize) -> Result<(), NotActed> {
        let finding = finding(item);
        let command = Command::Report { finding: Box::new(finding.clone()) };
        let who = by(OFFICER, rectify_case::Role::Officer, OFFICE).into();
        let ask = Ask { case: case_of(&finding), command, who, key: None, seen: None, late: None, received: None };
        act(&self.frame, &ask).await.map(drop)
    }
}

/// Copies what a backup of the data folder would hold.
fn backup(from: &Path) -> TempFolder {
    let to = rectify_tests::folder();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        std::fs::copy(entry.path(), to.path().join(entry.file_name())).unwrap();
    }
    to
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_tells_that_the_database_was_restored_and_nothing_is_appended_or_published() {
    let (server, folder) = (nats().await, rectify_tests::folder());
    let process = Process::start(folder.path(), &server).await;
    enter(&process.frame, directory()).await;
    process.add(1).await.unwrap();
    assert_mirrored(&process.frame).await;
    process.stop().await;
    let backup = backup(folder.path());

    let process = Process::start(folder.path(), &server).await;
    process.add(2).await.unwrap();
    assert_mirrored(&process.frame).await;
    let head = process.frame.log.head().await.unwrap();
    process.stop().await;

    let restored = Process::start(backup.path(), &server).await;
    let refused = restored.add(3).await.unwrap_err();
    let NotActed::Append(AppendError::Log(error)) = &refused else { panic!("{refused:?}") };
    assert!(matches!(error.as_ref(), LogError::Halted { .. }), "{error:?}");
    let readiness = restored.frame.health.readiness().await;
    let reason = readiness.checks.iter().find(|check| check.name == "log").unwrap().reason.clone().unwrap();
    assert_eq!(
        reason,
        format!(
            "nothing is appended: the mirror has position {head}, and the log ends at {}; the database seems to be restored \
             from an older state: stop every service, and put back what only the mirror has with `rectify log recover \
             --from-mirror`, or leave it with `rectify log fork`",
            head - 1
        )
    );
    assert_eq!(restored.frame.log.head().await.unwrap(), head - 1);
    assert_eq!(mirror(&restored.frame).await.last().await.unwrap().position, head);
    restored.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nats_tells_another_history_from_this_one_when_it_has_grown_as_long() {
    let (server, folder) = (nats().await, rectify_tests::folder());
    let process = Process::start(folder.path(), &server).await;
    enter(&process.frame, directory()).await;
    assert_mirrored(&process.frame).await;
    process.stop().await;
    let backup = backup(folder.path());
    let process = Process::start(folder.path(), &server).await;
    process.add(1).await.unwrap();
    assert_mirrored(&process.frame).await;
    let last = process.frame.log.head().await.unwrap();
    process.stop().await;

    // The copy grows without a broker, as far and further, and then comes to it.
    let alone = Frame::open(config(backup.path(), &[]), Part::Whole).await.unwrap();
    let alone = Process { frame: alone };
    alone.add(2).await.unwrap();
    alone.add(3).await.unwrap();
    alone.stop().await;
    let other = Process::start(backup.path(), &server).await;
    let differs = compare(&other.frame.log, &mirror(&other.frame).await).await.unwrap_err();
    assert!(differs.is_divergence(), "{differs}");
    assert_eq!(differs.to_string(), MirrorError::Differs { position: last }.to_string());
    assert!(other.frame.log.halted().is_some());
    assert_eq!(mirror(&other.frame).await.last().await.unwrap().position, last);
    let events = other.frame.log.read_stream(StreamId::Case(case_of(&finding(3))), 0).await.unwrap();
    assert_eq!(events.len(), 1, "what stands in the log stays");
    other.stop().await;
}
