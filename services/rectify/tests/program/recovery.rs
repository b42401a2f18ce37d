//! A database that was restored from an older state beside a mirror that is ahead: noticed, and mended either way.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rectify_bus::{Bus, NatsOptions};
use rectify_case::{Actor, CaseEvent, CaseId, DirectoryEvent, Event, StreamId};
use rectify_kit::{clock, mirror};
use rectify_log::{Append, Appended, Db, Expected, Key, Log, Options, Raw, Write};
use rectify_tests::nats::{self, Server};
use rectify_tests::postgres::{self, Database};
use rectify_tests::program::Program;
use rectify_tests::{TempFolder, folder, free_port, until};
use serde_json::Value;
use uuid::Uuid;

use crate::office::Office;

const LIMIT: Duration = Duration::from_mins(1);

/// One database beside a broker: a data folder, or one on PostgreSQL.
enum Site {
    Sqlite(TempFolder),
    Postgres(Database, TempFolder),
}

impl Site {
    fn sqlite() -> Site {
        Site::Sqlite(folder())
    }

    async fn postgres() -> Site {
        Site::Postgres(postgres::database().await, folder())
    }

    /// Another of the same kind, with nothing in it.
    async fn another(&self) -> Site {
        match self {
            Site::Sqlite(_) => Site::sqlite(),
            Site::Postgres(..) => Site::postgres().await,
        }
    }

    fn office(&self, broker: &Server) -> Office {
        let data = self.data().display().to_string();
        let mut settings = vec!["--data".to_owned(), data, format!("--nats-url={}", broker.url())];
        if let Site::Postgres(database, _) = self {
            settings.push(format!("--database-url={}", database.url()));
        }
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        Office::with(&settings)
    }

    fn data(&self) -> PathBuf {
        match self {
            Site::Sqlite(folder) | Site::Postgres(_, folder) => folder.path().join("data"),
        }
    }

    async fn log(&self) -> Log {
        let db = match self {
            Site::Sqlite(_) => Db::open(&self.data().join("rectify.db"), &Options::default()).await.unwrap(),
            Site::Postgres(database, _) => Db::connect(database.url(), &Options::default()).await.unwrap(),
        };
        Log::open(db, clock::system()).await.unwrap()
    }
}

/// Everything that is in a log.
#[derive(Debug, PartialEq, Eq)]
struct History {
    log: String,
    events: Vec<Raw>,
    keys: Vec<Key>,
}

async fn history(site: &Site) -> History {
    let log = site.log().await;
    let (events, keys) = (log.read_raw(0, 100_000).await.unwrap(), log.read_keys(0, u64::MAX >> 1).await.unwrap());
    History { log: log.id().to_string(), events, keys }
}

/// Adds notes under keys, two events each.
async fn add(site: &Site, keys: std::ops::Range<usize>) -> Vec<Appended> {
    let log = site.log().await;
    let mut appended = Vec::new();
    for n in keys {
        appended.push(log.append(noted(n)).await.unwrap());
    }
    appended
}

fn noted(n: usize) -> Append {
    let note = |text: String| CaseEvent::NoteAdded { text }.into();
    let write = Write {
        stream: StreamId::Case(CaseId(Uuid::from_u128(n as u128 % 200))),
        expected: Expected::Any,
        events: vec![note(format!("第{n}号")), note(format!("又第{n}号"))],
    };
    Append { key: Some(format!("note {n}")), actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] }
}

/// A process that runs every service.
struct Up {
    program: Program,
    listen: String,
}

impl Up {
    async fn start(office: &Office) -> Up {
        let listen = format!("127.0.0.1:{}", free_port());
        let arguments = office.arguments(&["up", "--listen", &listen]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        Up { program: Program::start(&arguments, &[]).await, listen }
    }

    async fn ready(office: &Office) -> Up {
        let mut up = Up::start(office).await;
        up.program.ready(&format!("http://{}", up.listen)).await;
        up
    }

    /// Waits until the mirror has the whole log, and everything is well.
    async fn is_well(&self, office: &Office) {
        let mut said = String::new();
        until(LIMIT, "the mirror has the whole log", async || {
            said = office.asks(&["doctor", "--listen", &self.listen]).await.out;
            said.contains("as the log, to position")
        })
        .await;
        assert!(!said.contains("WRONG") && said.lines().last().unwrap().starts_with("nothing is wrong"), "{said}");
    }

    async fn readiness(&self) -> Value {
        let url = format!("http://{}/readyz", self.listen);
        let mut answer = Value::Null;
        until(LIMIT, "the process answers", async || match reqwest::get(&url).await {
            Ok(response) => {
                answer = response.json().await.unwrap();
                true
            }
            Err(_) => false,
        })
        .await;
        answer
    }

    async fn stop(self) {
        assert!(self.program.terminate().await.success());
    }
}

/// A site that was backed up, went on, and was lost; and another that was restored from the backup.
struct Lost {
    broker: Server,
    before: History,
    backup_position: u64,
    restored: Site,
    _backup: TempFolder,
}

async fn lost(site: &Site) -> Lost {
    let broker = nats::server().await;
    let office = site.office(&broker);
    office.does(&["migrate"]).await;
    office.does(&["person", "add", "周守一", "--role", "administrator"]).await;
    let up = Up::ready(&office).await;
    add(site, 0..5).await;
    up.is_well(&office).await;
    let backups = folder();
    let backup = backups.path().join("backup");
    let told = office.does(&["backup", backup.to_str().unwrap()]).await;
    assert!(told.contains("is backed up to position"), "{told}");
    let backup_position = site.log().await.head().await.unwrap();
    add(site, 5..700).await;
    up.is_well(&office).await;
    up.stop().await;
    let before = history(site).await;

    let restored = site.another().await;
    restored.office(&broker).does(&["restore", backup.to_str().unwrap()]).await;
    assert_eq!(restored.log().await.head().await.unwrap(), backup_position);
    Lost { broker, before, backup_position, restored, _backup: backups }
}

/// Asserts that a process that starts appends nothing and says what to do, and that the doctor does.
async fn is_noticed(office: &Office) {
    let up = Up::start(office).await;
    let readiness = up.readiness().await;
    let said = readiness.to_string();
    assert_eq!(readiness["ready"], false, "{said}");
    assert!(said.contains("rectify log recover --from-mirror") && said.contains("rectify log fork"), "{said}");
    up.stop().await;
    let listen = format!("127.0.0.1:{}", free_port());
    let doctor = office.asks(&["doctor", "--listen", &listen]).await;
    assert_eq!(doctor.code, 1);
    assert!(
        doctor.out.contains("WRONG  mirror         it is not as the log: the mirror has position"),
        "{}",
        doctor.out
    );
    assert!(
        doctor.out.contains("`rectify log recover --from-mirror`, or leave it with `rectify log fork`"),
        "{}",
        doctor.out
    );
}

#[tokio::test]
async fn an_older_sqlite_beside_a_nats_mirror_gets_its_tail_back() {
    gets_its_tail_back(Site::sqlite()).await;
}

#[tokio::test]
async fn an_older_postgres_beside_a_nats_mirror_gets_its_tail_back() {
    gets_its_tail_back(Site::postgres().await).await;
}

async fn gets_its_tail_back(site: Site) {
    let Lost { broker, before, backup_position, restored, .. } = lost(&site).await;
    let office = restored.office(&broker);
    is_noticed(&office).await;
    assert_eq!(restored.log().await.head().await.unwrap(), backup_position);

    let last = before.events.last().unwrap().position;
    let asked = office.asks(&["log", "recover", "--from-mirror"]).await;
    assert_eq!(asked.code, 1);
    assert!(
        asked.out.contains(&format!("the mirror has {} to {last} beyond it", backup_position + 1)),
        "{}",
        asked.out
    );
    assert!(asked.err.contains("nothing was written: stop every service, and ask again with --yes"), "{}", asked.err);
    assert_eq!(restored.log().await.head().await.unwrap(), backup_position);

    let done = office.does(&["log", "recover", "--from-mirror", "--yes"]).await;
    let told = format!("positions {} to {last}, with 695 idempotency keys", backup_position + 1);
    assert!(done.contains(&told), "{done}");
    assert_eq!(history(&restored).await, before);
    let again = office.does(&["log", "recover", "--from-mirror", "--yes"]).await;
    assert!(again.contains("nothing is to be put back"), "{again}");

    // Whoever asks again what was done before the loss is told what was done then.
    let repeated = add(&restored, 690..691).await;
    assert!(repeated[0].repeated);
    let up = Up::ready(&office).await;
    up.is_well(&office).await;
    add(&restored, 700..701).await;
    up.is_well(&office).await;
    up.stop().await;
}

#[tokio::test]
async fn an_older_sqlite_beside_a_nats_mirror_goes_on_as_a_log_of_its_own() {
    goes_on_as_its_own(Site::sqlite()).await;
}

#[tokio::test]
async fn an_older_postgres_beside_a_nats_mirror_goes_on_as_a_log_of_its_own() {
    goes_on_as_its_own(Site::postgres().await).await;
}

async fn goes_on_as_its_own(site: Site) {
    let Lost { broker, before, backup_position, restored, .. } = lost(&site).await;
    let office = restored.office(&broker);
    is_noticed(&office).await;
    let last = before.events.last().unwrap().position;
    let asked = office.asks(&["log", "fork"]).await;
    assert_eq!(asked.code, 1);
    assert!(
        asked.out.contains(&format!("the mirror's {} to {last} are left behind", backup_position + 1)),
        "{}",
        asked.out
    );
    let done = office.does(&["log", "fork", "--yes", "--reason", "演练"]).await;
    assert!(done.contains(&format!("from position {} on", backup_position + 1)), "{done}");
    assert!(done.contains(&format!("the stream LOG-{} keeps what the mirror had", before.log)), "{done}");

    let log = restored.log().await;
    assert_ne!(log.id().to_string(), before.log);
    let events = log.read_all(backup_position, 10).await.unwrap();
    let [first] = events.as_slice() else { panic!("{events:?}") };
    let Event::Directory(DirectoryEvent::LogForked(fork)) = &first.envelope.event else { panic!("{first:?}") };
    assert_eq!(
        (fork.from.to_string(), fork.position, fork.reason.as_str()),
        (before.log.clone(), backup_position, "演练")
    );
    assert_eq!(first.envelope.log, log.id());
    drop(log);

    let nothing = office.cannot(&["log", "fork", "--yes"]).await;
    assert!(nothing.contains("nothing was forked: the mirror has nothing that the log has not"), "{nothing}");
    let up = Up::ready(&office).await;
    add(&restored, 5..8).await;
    up.is_well(&office).await;
    up.stop().await;
    let left = stream(&broker, &format!("LOG-{}", before.log)).await;
    assert_eq!((left["first_seq"].as_u64(), left["last_seq"].as_u64()), (Some(1), Some(last)));
    let mirrored = stream(&broker, "LOG").await;
    assert_eq!(mirrored["first_seq"], 1);
    assert_eq!(mirrored["last_seq"].as_u64(), restored.log().await.head().await.ok());

    // A backup of it is whole, and so is a log that is brought back from its mirror alone.
    let (backups, forked) = (folder(), history(&restored).await);
    let backup = backups.path().join("backup");
    office.does(&["backup", backup.to_str().unwrap()]).await;
    let elsewhere = restored.another().await;
    elsewhere.office(&broker).does(&["restore", backup.to_str().unwrap()]).await;
    assert_eq!(history(&elsewhere).await, forked);
    let from_nothing = restored.another().await;
    let refused = from_nothing.office(&broker).cannot(&["migrate"]).await;
    assert!(refused.contains("the log is empty and its mirror is not: stop every service, and put back"), "{refused}");
    from_nothing.office(&broker).does(&["log", "recover", "--from-mirror", "--yes"]).await;
    assert_eq!(history(&from_nothing).await, forked);
}

#[tokio::test]
async fn a_log_that_was_written_on_is_not_mixed_with_what_a_nats_mirror_has() {
    let site = Site::sqlite();
    let Lost { broker, backup_position, restored, .. } = lost(&site).await;
    add(&restored, 900..902).await;
    let before = history(&restored).await;
    let office = restored.office(&broker);
    let refused = office.cannot(&["log", "recover", "--from-mirror", "--yes"]).await;
    let place = format!("the same to position {backup_position} and part at {}", backup_position + 1);
    assert!(refused.contains(&place), "{refused}");
    assert_eq!(history(&restored).await, before);

    // Another installation's mirror is nobody's to leave.
    let other = Site::sqlite();
    other.office(&broker).does(&["restore", other_backup(&other, &broker).await.to_str().unwrap()]).await;
    let refused = other.office(&broker).cannot(&["log", "fork", "--yes"]).await;
    assert!(refused.contains("which has nothing in common with this log"), "{refused}");
}

/// Returns a backup of another log, made where it has no broker.
async fn other_backup(other: &Site, broker: &Server) -> PathBuf {
    let own = Office::empty();
    own.does(&["person", "add", "周守一", "--role", "administrator"]).await;
    let path = Path::new(&own.path("")).join("backup");
    own.does(&["backup", path.to_str().unwrap()]).await;
    let kept = other.data().with_file_name("backup");
    let copied = std::process::Command::new("cp").arg("-r").arg(&path).arg(&kept).status().unwrap();
    assert!(copied.success(), "beside {}", broker.url());
    kept
}

#[tokio::test]
async fn an_append_that_a_nats_mirror_has_in_part_is_put_back_and_told() {
    let site = Site::sqlite();
    let broker = nats::server().await;
    let office = site.office(&broker);
    office.does(&["migrate"]).await;
    office.does(&["person", "add", "周守一", "--role", "administrator"]).await;
    let up = Up::ready(&office).await;
    up.is_well(&office).await;
    up.stop().await;
    let appended = add(&site, 0..1).await;
    let log = site.log().await;

    // The relay was cut off after the first of two events.
    let bus = Bus::connect(NatsOptions::new(broker.url(), "test")).await.unwrap();
    let mirror = bus.mirror().await.unwrap().unwrap();
    let last = mirror::compare(&log, &mirror).await.unwrap().position;
    let first = log.read_raw(last, 1).await.unwrap().pop().unwrap();
    let envelope = rectify_log::decode(&first.bytes).unwrap();
    let key = log.read_keys(last, last + 1).await.unwrap().pop().unwrap();
    let relayed = rectify_bus::Mirrored {
        log: envelope.log,
        position: first.position,
        stream: first.stream,
        name: first.kind,
        source: None,
        division: None,
        id: envelope.id,
        recorded: envelope.recorded,
        leaf: first.leaf,
        keyed: Some(rectify_bus::Keyed { key: key.key, content: key.content, events: key.events }),
        trace: None,
        bytes: first.bytes.into(),
    };
    mirror.publish(&[relayed]).await.unwrap();

    let from_nothing = Site::sqlite();
    let done = from_nothing.office(&broker).does(&["log", "recover", "--from-mirror", "--yes"]).await;
    let place = appended[0].events[0].position;
    assert!(
        done.contains(&format!("look at the case of position {place}: the mirror got 1 of the 2 events")),
        "{done}"
    );
    assert_eq!(from_nothing.log().await.head().await.unwrap(), place);
    assert_eq!(from_nothing.log().await.read_keys(0, place).await.unwrap(), []);
}

#[tokio::test]
async fn a_fork_that_was_cut_off_before_a_nats_mirror_was_left_goes_on() {
    let site = Site::sqlite();
    let Lost { broker, before, backup_position, restored, .. } = lost(&site).await;
    let db = Db::open(&restored.data().join("rectify.db"), &Options::default()).await.unwrap();
    let log = rectify_log::fork(&db, &clock::system(), backup_position, "断电").await.unwrap();
    db.close().await;
    let office = restored.office(&broker);
    let done = office.does(&["log", "fork", "--yes"]).await;
    assert!(done.contains("the log is forked already"), "{done}");
    assert!(done.contains(&format!("it is log {log} from position {} on", backup_position + 1)), "{done}");
    let up = Up::ready(&office).await;
    up.is_well(&office).await;
    up.stop().await;
    let left = stream(&broker, &format!("LOG-{}", before.log)).await;
    assert_eq!(left["last_seq"].as_u64(), before.events.last().map(|event| event.position));
}

/// Returns what the server tells of a stream.
async fn stream(broker: &Server, name: &str) -> Value {
    let url = format!("{}/jsz?streams=true&accounts=true", broker.monitoring());
    let told: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let accounts = told["account_details"].as_array().into_iter().flatten();
    let mut streams = accounts.flat_map(|account| account["stream_detail"].as_array().into_iter().flatten());
    let found = streams.find(|stream| stream["name"] == name);
    found.unwrap_or_else(|| panic!("there is no stream {name}: {told}"))["state"].clone()
}
