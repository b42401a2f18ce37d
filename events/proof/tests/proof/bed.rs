//! A log in a fresh database, its tree, and a key.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::{Actor, CaseEvent, CaseId, StreamId, Zone};
use rectify_log::{Append, Clock, Db, Expected, Log, Options, Write, on};
use rectify_proof::{Sealer, Tree, Trusted, Verdict, Verifying, verify};
use rectify_tests::TempFolder;
use rectify_tests::postgres::Database;

pub struct Bed {
    pub db: Db,
    pub log: Log,
    pub tree: Tree,
    folder: TempFolder,
    postgres: Option<Database>,
}

impl Bed {
    pub async fn sqlite() -> Bed {
        let folder = rectify_tests::folder();
        let url = format!("sqlite:{}", folder.path().join("rectify.db").display());
        Bed::at(&url, folder, None).await
    }

    pub async fn postgres() -> Bed {
        let database = rectify_tests::postgres::database().await;
        let url = database.url().to_owned();
        Bed::at(&url, rectify_tests::folder(), Some(database)).await
    }

    async fn at(url: &str, folder: TempFolder, postgres: Option<Database>) -> Bed {
        let db = Db::connect(url, &Options::default()).await.unwrap();
        let log = Log::open(db.clone(), ticking()).await.unwrap();
        rectify_proof::migrate(&db).await.unwrap();
        Bed { tree: Tree::new(db.clone()), db, log, folder, postgres }
    }

    /// Returns a bed on a copy of the data, as it is now, with the same key. On SQLite only.
    pub async fn copied(&self) -> Bed {
        let folder = rectify_tests::folder();
        let copy = folder.path().join("rectify.db");
        self.change(&format!("VACUUM INTO '{}'", copy.display())).await;
        Bed::at(&format!("sqlite:{}", copy.display()), folder, None).await
    }

    pub fn is_on_postgres(&self) -> bool {
        self.postgres.is_some()
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("seal.key")
    }

    pub fn sealer(&self) -> Sealer {
        self.sealer_with(&self.key())
    }

    pub fn sealer_with(&self, key: &std::path::Path) -> Sealer {
        Sealer::open(self.log.clone(), self.tree.clone(), Some(key)).unwrap()
    }

    /// Writes so many events.
    pub async fn write(&self, events: u64) {
        for n in 0..events {
            let stream = StreamId::Case(CaseId(uuid(7, n % 11)));
            let note = CaseEvent::NoteAdded { text: format!("第 {n} 条") };
            let write = Write { stream, expected: Expected::Any, events: vec![note.into()] };
            let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
            self.log.append(append).await.unwrap();
        }
    }

    /// Writes so many events, seals and signs them.
    pub async fn sealed(&self, events: u64) -> Sealer {
        self.write(events).await;
        let sealer = self.sealer();
        sealer.extend().await.unwrap();
        sealer.sign(instant()).await.unwrap();
        sealer
    }

    /// Runs statements that the program never would.
    pub async fn change(&self, statements: &str) {
        let sql = sqlx::AssertSqlSafe(statements.to_owned());
        on!(Db, &self.db, pool => sqlx::raw_sql(sql).execute(pool).await.map(drop)).unwrap();
    }

    /// Takes away what keeps the database from being changed.
    pub async fn unprotected(&self) {
        let statements = if self.is_on_postgres() {
            "DROP TRIGGER events_are_append_only ON events;
            DROP TRIGGER checkpoints_are_append_only ON checkpoints;
            ALTER TABLE appends DROP CONSTRAINT appends_position_fkey;
            ALTER TABLE events DROP CONSTRAINT events_stream_version_key"
        } else {
            "PRAGMA foreign_keys = OFF;
            DROP TRIGGER events_are_not_updated;
            DROP TRIGGER events_are_not_deleted;
            DROP TRIGGER events_are_not_replaced;
            DROP TRIGGER checkpoints_are_not_updated;
            DROP TRIGGER checkpoints_are_not_deleted"
        };
        self.change(statements).await;
    }

    pub async fn verified(&self, trusted: &Trusted) -> Verdict {
        let zone = Zone::east(8).unwrap();
        let asked = Verifying { log: &self.log, tree: &self.tree, zone, trusted, rules: false };
        verify(asked, |_| ()).await.unwrap()
    }
}

pub fn uuid(high: u64, low: u64) -> uuid::Uuid {
    uuid::Uuid::from_u64_pair(high, low)
}

pub fn instant() -> DateTime<Utc> {
    "2020-04-25T01:32:09Z".parse().unwrap()
}

/// Returns a clock that is a millisecond on each time it is asked.
fn ticking() -> Clock {
    let asked = Arc::new(AtomicI64::new(0));
    Clock::new(move || instant() + TimeDelta::milliseconds(asked.fetch_add(1, Ordering::Relaxed)))
}
