//! A fresh log and ledger for each test.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::{
    Actor, Case, CaseId, Cause, Directory, DirectoryEvent, Event, Happened, Position, StreamId, Zone, fold,
};
use rectify_ledger::{Ledger, Projection, Viewer, Wanted};
use rectify_log::{Append, Clock, Db, Expected, Log, NewEvent, Options, Write};
use rectify_tests::TempFolder;
use rectify_tests::postgres::Database;

/// A log with a ledger beside it, gone with this value.
pub struct Bed {
    pub log: Log,
    pub ledger: Ledger,
    pub db: Db,
    kept: Kept,
}

enum Kept {
    Sqlite(TempFolder),
    Postgres(Database),
}

impl Bed {
    pub async fn sqlite() -> Bed {
        Bed::on(Kept::Sqlite(rectify_tests::folder())).await
    }

    pub async fn postgres() -> Bed {
        Bed::on(Kept::Postgres(rectify_tests::postgres::database().await)).await
    }

    async fn on(kept: Kept) -> Bed {
        let db = Db::connect(&kept.url(), &Options::default()).await.unwrap();
        let log = Log::open(db.clone(), ticking()).await.unwrap();
        let ledger = Ledger::open(&db).await.unwrap();
        Bed { log, ledger, db, kept }
    }

    /// Opens the same ledger with connections of its own, as another process would.
    pub async fn other(&self) -> Ledger {
        Ledger::open(&Db::connect(&self.kept.url(), &Options::default()).await.unwrap()).await.unwrap()
    }

    pub async fn projection(&self) -> Projection {
        Projection::open(&self.ledger, &self.log, Zone::SHANGHAI).await.unwrap()
    }

    /// Folds everything.
    pub async fn fold(&self) -> Position {
        self.projection().await.catch_up().await.unwrap()
    }

    /// Writes events of one stream and returns where the last is.
    pub async fn write(&self, stream: StreamId, events: impl IntoIterator<Item = NewEvent>) -> Position {
        let write = Write { stream, expected: Expected::Any, events: events.into_iter().collect() };
        let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
        self.log.append(append).await.unwrap().events.last().unwrap().position
    }

    pub async fn case(&self, id: CaseId, events: impl IntoIterator<Item = NewEvent>) -> Position {
        self.write(StreamId::Case(id), events).await
    }

    pub async fn directory(&self, events: impl IntoIterator<Item = DirectoryEvent>) -> Position {
        self.write(StreamId::Directory, events.into_iter().map(NewEvent::from)).await
    }

    /// Rebuilds the ledger and checks that it is as it was.
    pub async fn check_rebuilt(&self) {
        let before = self.ledger.dump().await.unwrap();
        rectify_ledger::rebuild(&self.ledger, &self.log, Zone::SHANGHAI, |_| {}).await.unwrap();
        assert_same(&before, &self.ledger.dump().await.unwrap());
    }

    /// Returns every case as the log tells it, and the directory.
    pub async fn told(&self) -> (Vec<Case>, Directory) {
        let events = self.log.read_all(0, 100_000).await.unwrap();
        let mut directory = Directory::default();
        let mut ids = Vec::new();
        for event in &events {
            match (&event.envelope.stream, &event.envelope.event) {
                (StreamId::Case(id), _) if !ids.contains(id) => ids.push(*id),
                (_, Event::Directory(event)) => directory.evolve(event),
                _ => {}
            }
        }
        let of = |id: CaseId| {
            let own = events.iter().filter(move |event| event.envelope.stream == StreamId::Case(id));
            fold(id, own.filter_map(|event| event.envelope.happening()))
        };
        (ids.into_iter().map(of).collect(), directory)
    }

    /// Returns the ids of all cases of a list, in order, page by page.
    pub async fn ids(&self, viewer: &Viewer, mut wanted: Wanted, now: DateTime<Utc>) -> Vec<CaseId> {
        let mut ids = Vec::new();
        loop {
            let page = self.ledger.list(viewer, &wanted, now).await.unwrap();
            ids.extend(page.rows.iter().map(|row| row.id));
            wanted.cursor = page.next;
            if wanted.cursor.is_none() {
                return ids;
            }
        }
    }
}

impl Kept {
    fn url(&self) -> String {
        match self {
            Kept::Sqlite(folder) => format!("sqlite:{}", folder.path().join("rectify.db").display()),
            Kept::Postgres(database) => database.url().to_owned(),
        }
    }
}

/// Checks that two dumps are the same, and shows the first line that is not.
pub fn assert_same(one: &[String], other: &[String]) {
    for (one, other) in one.iter().zip(other) {
        assert_eq!(one, other);
    }
    assert_eq!(one.len(), other.len());
}

/// Returns a clock that is a millisecond on each time it is asked.
fn ticking() -> Clock {
    let asked = Arc::new(AtomicI64::new(0));
    Clock::new(move || instant("2020-04-25T01:32:09Z") + TimeDelta::milliseconds(asked.fetch_add(1, Ordering::Relaxed)))
}

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Returns an event that happened on a day or at an instant, entered late.
pub fn late(event: rectify_case::CaseEvent, happened: &str) -> NewEvent {
    let happened: Happened = happened.parse().unwrap();
    let cause = Some(Cause::Document("州整改办〔2020〕7号".to_owned()));
    NewEvent { happened: Some(happened), cause, ..event.into() }
}
