use std::path::Path;

use chrono::{DateTime, Utc};
use rectify_case::{Actor, CaseEvent, CaseId, DirectoryEvent, PersonId, StreamId};
use rectify_log::{Append, Expected, NewEvent, Write};

use super::*;
use crate::config::Flags;
use crate::database::FolderInUse;

fn clock() -> Clock {
    Clock::new(|| DateTime::<Utc>::UNIX_EPOCH)
}

fn config(folder: &Path, settings: &[(&str, &str)]) -> Config {
    let data = [("data", folder.to_str().unwrap())];
    let settings = data.iter().chain(settings).map(|(key, value)| ((*key).into(), (*value).into())).collect();
    Config::load_with(&Flags { config: None, settings }, []).unwrap()
}

async fn open(config: Config, part: Part) -> anyhow::Result<Frame> {
    Frame::open_at(config, part, clock()).await
}

async fn append(log: &Log, stream: StreamId, event: impl Into<NewEvent>) -> u64 {
    let write = Write { stream, expected: Expected::Any, events: vec![event.into()] };
    let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
    log.append(append).await.unwrap().events[0].position
}

fn added(name: &str) -> DirectoryEvent {
    DirectoryEvent::PersonAdded { person: PersonId(crate::ids::new()), name: name.to_owned() }
}

fn names(frame: &Frame) -> Vec<String> {
    let (directory, _) = frame.directory.get();
    let mut names: Vec<String> = directory.people().map(|(_, name)| name.to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn the_whole_opens_in_an_empty_folder_and_is_ready() {
    let folder = rectify_tests::folder();
    let data = folder.path().join("new/data");
    let frame = open(config(&data, &[]), Part::Whole).await.unwrap();
    let readiness = frame.health.readiness().await;
    assert!(readiness.ready, "{readiness:?}");
    let names: Vec<_> = readiness.checks.iter().map(|check| check.name).collect();
    assert_eq!(names, ["bus", "directory", "log"]);
}

#[tokio::test]
async fn a_second_writer_is_refused_and_a_reader_is_not() {
    let folder = rectify_tests::folder();
    let whole = open(config(folder.path(), &[]), Part::Whole).await.unwrap();
    append(&whole.log, StreamId::Directory, added("马建国")).await;

    let refused = open(config(folder.path(), &[]), Part::Writer).await.err().unwrap();
    assert!(refused.is::<FolderInUse>(), "{refused:#}");

    let reader = open(config(folder.path(), &[]), Part::Reader).await.unwrap();
    assert_eq!(names(&reader), ["马建国"]);
}

#[tokio::test]
async fn a_reader_makes_no_installation() {
    let folder = rectify_tests::folder();
    let error = open(config(folder.path(), &[]), Part::Reader).await.err().unwrap();
    assert!(error.to_string().ends_with("start one with `rectify up`"), "{error:#}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn the_directory_is_as_of_the_log_and_follows_it() {
    let folder = rectify_tests::folder();
    let first = open(config(folder.path(), &[]), Part::Whole).await.unwrap();
    append(&first.log, StreamId::Directory, added("一")).await;
    let case = StreamId::Case(CaseId(crate::ids::new()));
    let other = append(&first.log, case, CaseEvent::Dismissed { reason: "重复登记".to_owned() }).await;
    let (_, position) = first.directory.at_least(other).await.unwrap();
    assert_eq!(position, other);

    let reader = open(config(folder.path(), &[]), Part::Reader).await.unwrap();
    assert_eq!((names(&reader), reader.directory.get().1), (vec!["一".to_owned()], other));
    let last = append(&first.log, StreamId::Directory, added("二")).await;
    reader.directory.at_least(last).await.unwrap();
    assert_eq!(names(&reader), ["一", "二"]);

    first.shutdown.begin();
    first.shutdown.finished(crate::shutdown::PATIENCE).await.unwrap();
    first.directory.at_least(last + 1).await.unwrap_err();
    assert!(!first.health.readiness().await.ready);
}

#[tokio::test]
async fn beside_other_processes_nobody_migrates_unasked() {
    let folder = rectify_tests::folder();
    let (database, nats) = (rectify_tests::postgres::database().await, rectify_tests::nats::server().await);
    let settings = [("database.url", database.url()), ("nats.url", &nats.url())];
    let config = config(folder.path(), &settings);

    let error = open(config.clone(), Part::Service("registrar")).await.err().unwrap();
    assert!(error.to_string().ends_with("run `rectify migrate`"), "{error:#}");

    let (db, lock) = database::open(&config, Part::Writer).await.unwrap();
    assert!(lock.is_none());
    rectify_log::migrate(&db).await.unwrap();
    let frame = open(config.clone(), Part::Service("registrar")).await.unwrap();
    let readiness = frame.health.readiness().await;
    assert!(readiness.ready, "{readiness:?}");
    assert!(matches!(frame.bus, Bus::Nats(_)));

    let last = append(&frame.log, StreamId::Directory, added("马建国")).await;
    let reader = open(config, Part::Reader).await.unwrap();
    assert_eq!((names(&reader), reader.directory.get().1), (vec!["马建国".to_owned()], last));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
