//! A fresh database for each test, and what is written to it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::finding::Severity;
use rectify_case::number::Series;
use rectify_case::{Actor, CaseEvent, CaseId, Event, Position, StreamId, UnitId};
use rectify_log::{Append, Clock, Db, Expected, Log, NewEvent, Options, Recorded, Write, on};
use rectify_tests::TempFolder;
use rectify_tests::postgres::Database;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// An empty database, gone with this value.
pub enum Bed {
    Sqlite(TempFolder),
    Postgres(Database),
}

impl Bed {
    pub fn sqlite() -> Bed {
        Bed::Sqlite(rectify_tests::folder())
    }

    pub async fn postgres() -> Bed {
        Bed::Postgres(rectify_tests::postgres::database().await)
    }

    pub fn url(&self) -> String {
        match self {
            Bed::Sqlite(folder) => format!("sqlite:{}", folder.path().join("rectify.db").display()),
            Bed::Postgres(database) => database.url().to_owned(),
        }
    }

    /// Opens the database with connections of its own.
    pub async fn db(&self) -> Db {
        Db::connect(&self.url(), &Options::default()).await.unwrap()
    }

    /// Opens the log with connections of its own, as another process would.
    pub async fn log(&self) -> Log {
        Log::open(self.db().await, ticking()).await.unwrap()
    }
}

/// Returns a clock that is a millisecond on each time it is asked.
pub fn ticking() -> Clock {
    let asked = Arc::new(AtomicI64::new(0));
    Clock::new(move || instant("2020-04-25T01:32:09Z") + TimeDelta::milliseconds(asked.fetch_add(1, Ordering::Relaxed)))
}

pub fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Returns the stream of the `n`th case.
pub fn case(n: u64) -> StreamId {
    StreamId::Case(CaseId(Uuid::from_u64_pair(7, n)))
}

pub fn note(text: impl Into<String>) -> NewEvent {
    CaseEvent::NoteAdded { text: text.into() }.into()
}

/// Returns the registration of a case in a series of 2020.
pub fn registered(source: &str) -> NewEvent {
    let number = Series { office: None, source: source.to_owned(), year: 2020 }.next();
    let severity = Severity::Ordinary;
    let (office, title, found) = (UnitId(Uuid::nil()), "饮水安全工程未通水".to_owned(), [].into());
    CaseEvent::Registered { number, office, severity, title, found }.into()
}

/// Returns an append of events to one stream.
pub fn to(stream: StreamId, expected: Expected, events: impl IntoIterator<Item = NewEvent>) -> Append {
    writing([Write { stream, expected, events: events.into_iter().collect() }])
}

pub fn writing(writes: impl IntoIterator<Item = Write>) -> Append {
    Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: writes.into_iter().collect() }
}

/// Returns the same append under a key.
pub fn keyed(key: impl Into<String>, append: Append) -> Append {
    Append { key: Some(key.into()), ..append }
}

/// Reads the whole log and checks that it is what a log must be: dense, its head at its end, each stream counted
/// without a gap, each leaf the hash of its bytes, no time before the one before it, no id or salt twice.
pub async fn whole(log: &Log) -> Vec<Recorded> {
    let mut events: Vec<Recorded> = Vec::new();
    let last = |events: &[Recorded]| events.last().map_or(0, |event| event.position);
    loop {
        let page = log.read_all(last(&events), 1_000).await.unwrap();
        if page.is_empty() {
            break;
        }
        events.extend(page);
    }
    assert_eq!(log.head().await.unwrap(), last(&events));

    let mut versions = HashMap::new();
    let mut unique = HashSet::new();
    let mut recorded = DateTime::UNIX_EPOCH;
    for (position, event) in (1..).zip(&events) {
        let envelope = &event.envelope;
        assert_eq!(event.position, position);
        let version = versions.entry(envelope.stream).or_insert(0);
        *version += 1;
        assert_eq!(envelope.version, *version, "{} has a gap", envelope.stream);
        assert_eq!(envelope.log, log.id());
        assert!(recorded <= envelope.recorded);
        recorded = envelope.recorded;
        assert!(unique.insert(envelope.id.to_string()) && unique.insert(envelope.salt.clone()));
    }
    for page in 0..last(&events).div_ceil(1_000) {
        for raw in log.read_raw(page * 1_000, 1_000).await.unwrap() {
            assert_eq!(raw.leaf, <[u8; 32]>::from(Sha256::digest(&raw.bytes)));
            assert_eq!(events[place(raw.position)].leaf, raw.leaf);
        }
    }
    events
}

/// Returns the texts of all notes, in order.
pub fn notes(events: &[Recorded]) -> Vec<&str> {
    events
        .iter()
        .filter_map(|recorded| match &recorded.envelope.event {
            Event::Case(event) => Some(event.as_ref()),
            Event::Directory(_) | Event::Access(_) => None,
        })
        .filter_map(|event| match event {
            CaseEvent::NoteAdded { text } => Some(text.as_str()),
            _ => None,
        })
        .collect()
}

pub fn place(position: Position) -> usize {
    usize::try_from(position - 1).unwrap()
}

/// Runs a statement that nobody but a test would.
pub async fn tamper(db: &Db, statement: &'static str) -> Result<(), sqlx::Error> {
    on!(Db, db, pool => sqlx::query(statement).execute(pool).await.map(drop))
}
