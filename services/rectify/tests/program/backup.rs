//! `rectify backup` and `rectify restore`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rectify_kit::clock;
use rectify_ledger::Ledger;
use rectify_log::rows::Kept;
use rectify_log::{Db, Key, Log, Options, Raw};
use rectify_tests::bed::{Bed, CIVIL_AFFAIRS, Shape, finding};
use rectify_tests::postgres::{self, Database};
use rectify_tests::program::Program;
use rectify_tests::{TempFolder, folder, free_port, until};
use serde_json::Value;

use crate::office::Office;

const LIMIT: Duration = Duration::from_mins(1);

/// A place to restore into.
enum Place {
    Sqlite(TempFolder),
    Postgres(Database, TempFolder),
}

/// Everything that a backup must bring back, but the evidence.
#[derive(Debug, PartialEq, Eq)]
struct Everything {
    log: String,
    events: Vec<Raw>,
    keys: Vec<Key>,
    accounts: Vec<Kept>,
}

impl Place {
    fn sqlite() -> Place {
        Place::Sqlite(folder())
    }

    async fn postgres() -> Place {
        Place::Postgres(postgres::database().await, folder())
    }

    fn office(&self) -> Office {
        let (folder, database) = match self {
            Place::Sqlite(folder) => (folder, None),
            Place::Postgres(database, folder) => (folder, Some(database)),
        };
        let data = folder.path().join("data").display().to_string();
        let mut settings = vec!["--data".to_owned(), data];
        settings.extend(database.map(|database| format!("--database-url={}", database.url())));
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
        Office::with(&settings)
    }

    async fn db(&self) -> Db {
        match self {
            Place::Sqlite(folder) => sqlite(&folder.path().join("data")).await,
            Place::Postgres(database, _) => Db::connect(database.url(), &Options::default()).await.unwrap(),
        }
    }

    fn evidence(&self) -> PathBuf {
        match self {
            Place::Sqlite(folder) | Place::Postgres(_, folder) => folder.path().join("data/evidence"),
        }
    }
}

async fn sqlite(data: &Path) -> Db {
    Db::open(&data.join("rectify.db"), &Options::default()).await.unwrap()
}

async fn everything(db: &Db) -> Everything {
    let log = Log::open(db.clone(), clock::system()).await.unwrap();
    let mut tx = db.begin_reading().await.unwrap();
    Everything {
        log: log.id().to_string(),
        events: log.read_raw(0, 100_000).await.unwrap(),
        keys: log.read_keys(0, u64::MAX >> 1).await.unwrap(),
        accounts: rectify_accounts::export(&mut tx).await.unwrap(),
    }
}

/// Returns the files below a folder, by their paths in it.
fn files(folder: &Path) -> BTreeSet<String> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(root, &path, found);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    let mut found = BTreeSet::new();
    if folder.exists() {
        walk(folder, folder, &mut found);
    }
    found
}

fn manifest(backup: &Path) -> Value {
    serde_json::from_slice(&fs::read(backup.join("manifest.json")).unwrap()).unwrap()
}

/// Returns the events of a backup: position, leaf, bytes.
fn lines(backup: &Path) -> Vec<(u64, String, Vec<u8>)> {
    let mut lines = Vec::new();
    for path in files(backup).into_iter().filter(|path| path.ends_with(".events")) {
        let bytes = fs::read(backup.join(path)).unwrap();
        for line in bytes.strip_suffix(b"\n").unwrap().split(|byte| *byte == b'\n') {
            let mut parts = line.splitn(3, |byte| *byte == b' ');
            let mut text = || String::from_utf8(parts.next().unwrap().to_vec()).unwrap();
            let (position, leaf) = (text().parse().unwrap(), text());
            lines.push((position, leaf, parts.next().unwrap().to_vec()));
        }
    }
    lines
}

/// Brings a case with evidence before its office.
async fn a_case_with_evidence(bed: &Bed) {
    let case = bed.site.report("舟曲经办", &finding("漏雨", 0)).await;
    let case = case.register("ordinary").await.assign(&[CIVIL_AFFAIRS.unit]).await.accept(CIVIL_AFFAIRS).await;
    case.report_completion(CIVIL_AFFAIRS, 0).await;
}

async fn db_of(bed: &Bed) -> Db {
    match bed.installation.database_url() {
        Some(url) => Db::connect(url, &Options::default()).await.unwrap(),
        None => sqlite(&bed.installation.path("data")).await,
    }
}

async fn back_up(bed: &Bed, name: &str, more: &[&str]) -> PathBuf {
    let path = bed.installation.path(name);
    let arguments: Vec<&str> = ["backup", path.to_str().unwrap()].into_iter().chain(more.iter().copied()).collect();
    let said = bed.installation.tool(&arguments).await;
    assert!(said.contains("is backed up to position"), "{said}");
    path
}

#[tokio::test]
async fn a_backup_under_load_is_one_state_and_comes_back_on_either_database_from_sqlite() {
    backed_up_and_restored(Shape::Embedded).await;
}

#[tokio::test]
async fn a_backup_under_load_is_one_state_and_comes_back_on_either_database_from_postgres_nats() {
    backed_up_and_restored(Shape::Servers).await;
}

async fn backed_up_and_restored(shape: Shape) {
    let bed = Bed::new(shape).await;
    a_case_with_evidence(&bed).await;
    let load = async {
        for _ in 0..12 {
            a_case_with_evidence(&bed).await;
        }
    };
    let backups = async {
        let mut made = Vec::new();
        for n in 0..3 {
            made.push(back_up(&bed, &format!("under-load-{n}"), &[]).await);
        }
        made
    };
    let ((), under_load) = tokio::join!(load, backups);
    let live = everything(&db_of(&bed).await).await;
    let positions: Vec<u64> = under_load.iter().map(|backup| is_one_state(backup, &live)).collect();
    assert!(positions.is_sorted() && positions[0] < live.events.last().unwrap().position, "{positions:?}");

    // Nothing happens any more; what an earlier backup has is taken from there.
    let earlier = under_load[2].to_str().unwrap();
    let backup = back_up(&bed, "quiet", &["--earlier", earlier]).await;
    assert_eq!(is_one_state(&backup, &live), live.events.last().unwrap().position);
    let shared = files(&under_load[2].join("evidence")).into_iter().next().unwrap();
    let inode = |backup: &Path| {
        std::os::unix::fs::MetadataExt::ino(&fs::metadata(backup.join("evidence").join(&shared)).unwrap())
    };
    assert_eq!(inode(&backup), inode(&under_load[2]));
    let doctor = bed.installation.tool(&["doctor"]).await;
    let head = live.events.last().unwrap().position;
    assert!(doctor.contains(&format!("ok     backup         to position {head} of {head}, 0 minutes ago")), "{doctor}");

    let folded = dump(&db_of(&bed).await, head).await;
    for place in [Place::sqlite(), Place::postgres().await] {
        let office = place.office();
        let said = office.does(&["restore", backup.to_str().unwrap()]).await;
        assert!(said.starts_with(&format!("log {} is restored to position {head}, as of ", live.log)), "{said}");
        assert!(said.contains(&format!("folded from {head} events")), "{said}");
        let restored = everything(&place.db().await).await;
        assert_eq!(restored, live);
        assert_eq!(files(&place.evidence()), files(&bed.installation.path("data/evidence")));
        if matches!((&place, shape), (Place::Sqlite(_), Shape::Embedded) | (Place::Postgres(..), Shape::Servers)) {
            assert_eq!(dump(&place.db().await, head).await, folded);
        }
        starts_and_is_well(&office).await;

        let refused = office.cannot(&["restore", under_load[0].to_str().unwrap()]).await;
        assert!(refused.contains("the place is not empty, nothing was restored"), "{refused}");
    }
}

/// Asserts that a backup has every event up to its position and none above, each as it is in the log, with the keys and
/// the evidence that belong to them; returns the position.
fn is_one_state(backup: &Path, live: &Everything) -> u64 {
    let manifest = manifest(backup);
    let position = manifest["position"].as_u64().unwrap();
    let expected: Vec<&Raw> = live.events.iter().filter(|event| event.position <= position).collect();
    let lines = lines(backup);
    assert_eq!(lines.len(), expected.len());
    for ((position, leaf, bytes), event) in lines.iter().zip(expected) {
        let (expected_leaf, kind) = (hex::encode(event.leaf), &event.kind);
        assert_eq!((*position, leaf, bytes), (event.position, &expected_leaf, &event.bytes), "{kind}");
        let text: Value = serde_json::from_slice(bytes).unwrap();
        if kind == "evidence_filed" {
            let digest = text["data"]["evidence"]["digest"].as_str().unwrap();
            let file = fs::read(backup.join("evidence").join(&digest[..2]).join(digest)).unwrap();
            assert_eq!(file.len() as u64, text["data"]["evidence"]["size"].as_u64().unwrap());
        }
    }
    let keys = live.keys.iter().filter(|key| key.position <= position).count();
    assert_eq!(manifest["counts"]["keys"], keys);
    assert_eq!(manifest["counts"]["accounts"], live.accounts.len());
    assert_eq!(manifest["missing_evidence"], serde_json::json!([]));
    position
}

async fn dump(db: &Db, head: u64) -> Vec<String> {
    let ledger = Ledger::open(db).await.unwrap();
    assert!(ledger.wait_for(head, LIMIT).await.unwrap());
    ledger.dump().await.unwrap()
}

/// Asserts that what was restored can be worked with.
async fn starts_and_is_well(office: &Office) {
    let listen = format!("127.0.0.1:{}", free_port());
    let arguments = office.arguments(&["up", "--listen", &listen]);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let mut up = Program::start(&arguments, &[]).await;
    up.ready(&format!("http://{listen}")).await;
    let doctor = office.does(&["doctor", "--listen", &listen]).await;
    assert!(doctor.ends_with("nothing is wrong\n"), "{doctor}");
    assert!(up.terminate().await.success());
}

#[tokio::test]
async fn a_damaged_backup_is_refused_with_the_place_and_nothing_is_restored() {
    let bed = Bed::new(Shape::Embedded).await;
    a_case_with_evidence(&bed).await;
    let backup = back_up(&bed, "backup", &[]).await;
    let all = files(&backup);
    let digest = files(&backup.join("evidence")).into_iter().next().unwrap();
    let wanted = ["accounts.jsonl", "log/000000000001.events", "log/000000000001.keys", "manifest.json"];
    let wanted = wanted.into_iter().chain(["manifest.json.sha256", "settings.toml", "signed.jsonl"]).map(str::to_owned);
    assert_eq!(all, wanted.chain([format!("evidence/{digest}")]).collect());

    let refused_for = async |damage: &dyn Fn(&Path)| {
        let (copy, place) = (folder(), Place::sqlite());
        for path in &all {
            let to = copy.path().join("backup").join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(backup.join(path), to).unwrap();
        }
        let copied = copy.path().join("backup");
        damage(&copied);
        let office = place.office();
        let refused = office.cannot(&["restore", copied.to_str().unwrap()]).await;
        assert!(refused.contains("备份已损坏，未恢复 · the backup"), "{refused}");
        let Place::Sqlite(folder) = &place else { panic!("it is on SQLite") };
        assert_eq!(files(folder.path()), BTreeSet::new(), "nothing is begun");
        refused
    };
    for path in &all {
        let size = fs::metadata(backup.join(path)).unwrap().len();
        for at in [0, size / 2, size - 1] {
            let refused = refused_for(&|copy| {
                let mut bytes = fs::read(copy.join(path)).unwrap();
                bytes[usize::try_from(at).unwrap()] ^= 1;
                fs::write(copy.join(path), bytes).unwrap();
            })
            .await;
            let place = if path.starts_with("manifest") { "manifest.json" } else { path };
            assert!(refused.contains(&format!("nothing was restored: {place}: ")), "{path} at {at}: {refused}");
        }
        let refused = refused_for(&|copy| fs::remove_file(copy.join(path)).unwrap()).await;
        assert!(refused.contains(path.as_str()), "{path} is gone: {refused}");
    }

    let events = "log/000000000001.events";
    let last = manifest(&backup)["position"].as_u64().unwrap();
    let bytes = fs::read(backup.join(events)).unwrap();
    let starts: Vec<usize> = std::iter::once(0)
        .chain(bytes.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1))
        .collect();
    let third_to_last = starts[starts.len() - 4];
    let truncated = refused_for(&|copy| fs::write(copy.join(events), &bytes[..third_to_last]).unwrap()).await;
    assert!(truncated.ends_with(&format!("{events}: position {} is missing", last - 2)), "{truncated}");
    let cut = refused_for(&|copy| fs::write(copy.join(events), &bytes[..bytes.len() - 9]).unwrap()).await;
    assert!(cut.ends_with(&format!("cannot be read; position {last} was to come")), "{cut}");
    let flipped = refused_for(&|copy| {
        let mut bytes = bytes.clone();
        bytes[third_to_last + 100] ^= 1;
        fs::write(copy.join(events), bytes).unwrap();
    })
    .await;
    assert!(flipped.contains(&format!("{events}: position {}: its bytes are not those", last - 2)), "{flipped}");
    let added = refused_for(&|copy| fs::write(copy.join("log/000000000002.events"), b"").unwrap()).await;
    assert!(added.contains("log/000000000002.events: 多出的文件 · the file does not belong to the backup"), "{added}");
}

/// A log that takes a while to copy.
const MANY: usize = 30_000;

async fn a_long_log() -> Place {
    let place = Place::sqlite();
    place.office().does(&["person", "add", "周守一", "--role", "administrator"]).await;
    let log = Log::open(place.db().await, clock::system()).await.unwrap();
    let append = |n: usize| rectify_log::Append {
        key: Some(format!("note-{n}")),
        actor: rectify_case::Actor::INSTALLATION,
        facts_at: 0,
        writes: vec![rectify_log::Write {
            stream: rectify_case::StreamId::Case(rectify_case::CaseId(uuid::Uuid::from_u128(n as u128 % 500))),
            expected: rectify_log::Expected::Any,
            events: vec![rectify_case::CaseEvent::NoteAdded { text: format!("第{n}号") }.into()],
        }],
    };
    let mut appends = tokio::task::JoinSet::new();
    for n in 0..MANY {
        let log = log.clone();
        appends.spawn(async move { log.append(append(n)).await.map(drop) });
    }
    while let Some(appended) = appends.join_next().await {
        appended.unwrap().unwrap();
    }
    place
}

/// Runs a tool, and kills it as soon as a condition holds. Returns whether it was cut off.
async fn killed_when(
    office: &Office,
    asked: &[&str],
    condition: impl Fn() -> bool,
    is_done: impl Fn() -> bool,
) -> bool {
    let arguments = office.arguments(asked);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let program = Program::start(&arguments, &[]).await;
    until(LIMIT, "the tool has come far enough", async || condition() || is_done()).await;
    program.kill();
    !is_done()
}

#[tokio::test]
async fn a_backup_or_a_restore_that_is_killed_is_begun_again_and_is_whole() {
    let place = a_long_log().await;
    let office = place.office();
    let live = everything(&place.db().await).await;

    let target = folder();
    let backup = target.path().join("backup");
    let asked = ["backup", backup.to_str().unwrap()];
    let mut cut_off = 0;
    for file in ["manifest.json", "log/000000000001.events", "log/000000000001.keys", "log/000000010001.events"] {
        let partial = target.path().join("backup.partial");
        let appeared = partial.join(if file == "manifest.json" { ".lock" } else { file });
        let was_cut_off = killed_when(&office, &asked, || appeared.exists(), || backup.exists()).await;
        if was_cut_off {
            cut_off += 1;
            let refused = Place::sqlite().office().cannot(&["restore", partial.to_str().unwrap()]).await;
            assert!(
                refused.contains("there is no manifest.json in it: a backup that was cut off, or none"),
                "{refused}"
            );
        } else {
            fs::remove_dir_all(&backup).unwrap();
        }
    }
    assert!(cut_off > 0, "the tool was always faster");
    office.does(&asked).await;
    assert_eq!(files(target.path()).iter().filter(|path| path.contains("partial")).count(), 0);
    is_one_state(&backup, &live);

    let restored = Place::sqlite();
    let (again, Place::Sqlite(folder)) = (restored.office(), &restored) else { panic!("it is on SQLite") };
    let data = folder.path().join("data");
    let asked = ["restore", backup.to_str().unwrap()];
    let size = |name: &str| fs::metadata(data.join(name)).map_or(0, |meta| meta.len());
    let folding = || files(&data).iter().any(|path| path.starts_with("ledger-2"));
    let none = || false;
    assert!(killed_when(&again, &asked, || data.join("rectify.db").exists(), none).await);
    assert!(killed_when(&again, &asked, || size("rectify.db-wal") > 4 << 20, none).await);
    assert!(killed_when(&again, &asked, folding, none).await);
    again.does(&asked).await;
    assert_eq!(everything(&restored.db().await).await, live);
    starts_and_is_well(&again).await;
}

#[tokio::test]
async fn the_keys_of_petitions_are_backed_up_apart_and_only_when_it_is_said() {
    let bed = Bed::new(Shape::Embedded).await;
    let letter = bed.installation.path("letter.csv");
    fs::write(&letter, "留言编号,留言时间,县市,姓名,留言详情\n1,2020-04-21,舟曲县,杨才让,路灯一直不亮\n").unwrap();
    let url = bed.installation.url("petition");
    let asked = ["import", "petition", letter.to_str().unwrap(), "--url", &url];
    let token = [("RECTIFY_TOKEN", bed.site.token("审计系统"))];
    let said = bed.installation.try_tool(&asked, &token).await;
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let data = bed.installation.path("data");
    let rows = key_rows(&data).await;
    assert!(rows.iter().any(|row| row.table == "data_keys"), "a petition has a data key");

    let without = back_up(&bed, "without", &[]).await;
    assert!(files(&without).iter().all(|path| !path.contains("keys.")), "{:?}", files(&without));
    let inside = bed.installation.path("inside");
    let below = inside.join("keys");
    let asked = ["backup", inside.to_str().unwrap(), "--keys", below.to_str().unwrap()];
    let refused = String::from_utf8(bed.installation.try_tool(&asked, &[]).await.stderr).unwrap();
    assert!(refused.contains("is no place apart"), "{refused}");

    let apart = bed.installation.path("vault");
    let backup = back_up(&bed, "with", &["--keys", apart.to_str().unwrap()]).await;
    assert_eq!(files(&apart), ["keys.jsonl", "manifest.json", "manifest.json.sha256"].map(str::to_owned).into());
    for folder in [&backup, &apart] {
        for path in files(folder) {
            let bytes = fs::read(folder.join(&path)).unwrap();
            let name = "杨才让".as_bytes();
            assert!(bytes.windows(name.len()).all(|window| window != name), "{path} names the petitioner");
        }
    }
    let place = Place::sqlite();
    let restoring = ["restore", backup.to_str().unwrap(), "--keys", apart.to_str().unwrap()];
    let bytes = fs::read(apart.join("keys.jsonl")).unwrap();
    let mut flipped = bytes.clone();
    flipped[bytes.len() / 2] ^= 1;
    fs::write(apart.join("keys.jsonl"), flipped).unwrap();
    let refused = place.office().cannot(&restoring).await;
    assert!(refused.contains("nothing was restored: keys.jsonl"), "{refused}");
    fs::write(apart.join("keys.jsonl"), bytes).unwrap();
    place.office().does(&restoring).await;
    let Place::Sqlite(folder) = &place else { panic!("it is on SQLite") };
    assert_eq!(key_rows(&folder.path().join("data")).await, rows);
}

async fn key_rows(data: &Path) -> Vec<Kept> {
    let db = Db::open(&data.join("keys/keys.db"), &Options::default()).await.unwrap();
    let mut tx = db.begin_reading().await.unwrap();
    rectify_keys::export(&mut tx).await.unwrap()
}
