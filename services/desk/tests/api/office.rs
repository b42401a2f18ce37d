//! A small prefecture with everybody that the tests call as, on either database.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use chrono::{DateTime, Utc};
use rectify_accounts::Accounts;
use rectify_case::directory::{Holding, Intake, Source, Unit, UnitKind};
use rectify_case::finding::Severity;
use rectify_case::{Actor, DirectoryEvent, PersonId, Role, StreamId, UnitId};
use rectify_desk::{Desk, Imports, router};
use rectify_keys::{Keys, Opener, PrivateKey};
use rectify_kit::config::Flags;
use rectify_kit::{Config, Frame, Part, Store};
use rectify_ledger::{Indexer, Ledger, Projection};
use rectify_log::{Append, Clock, Db, Expected, Options, Write};
use rectify_tests::TempFolder;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::Caller;

pub const PREFECTURE: u128 = 1;
pub const PREFECTURE_OFFICE: u128 = 2;
pub const WATER: u128 = 3;
pub const COUNTY: u128 = 4;
pub const COUNTY_OFFICE: u128 = 5;
pub const CIVIL_AFFAIRS: u128 = 6;

/// The people, each with their role and unit.
pub const PEOPLE: &[(u128, &str, Role, u128)] = &[
    (101, "马经办", Role::Officer, PREFECTURE_OFFICE),
    (102, "杨复核", Role::Officer, PREFECTURE_OFFICE),
    (103, "李签收", Role::Handler, WATER),
    (104, "王县办", Role::Officer, COUNTY_OFFICE),
    (105, "赵民政", Role::Handler, CIVIL_AFFAIRS),
    (106, "管理员", Role::Administrator, PREFECTURE),
    (107, "审计系统", Role::SourceSystem, PREFECTURE),
    (108, "孙审签", Role::ClosingLeader, PREFECTURE),
    (109, "周局长", Role::ResponsibleLeader, WATER),
    (110, "吴县办", Role::Officer, COUNTY_OFFICE),
    (111, "副管理员", Role::Administrator, PREFECTURE),
    (112, "何审计", Role::Auditor, PREFECTURE),
];

pub const OFFICER: u128 = 101;
pub const SECOND_OFFICER: u128 = 102;
pub const HANDLER: u128 = 103;
pub const COUNTY_OFFICER: u128 = 104;
pub const CIVIL_HANDLER: u128 = 105;
pub const ADMINISTRATOR: u128 = 106;
pub const SOURCE: u128 = 107;
pub const SECOND_ADMINISTRATOR: u128 = 111;
pub const AUDITOR: u128 = 112;

/// The installation under test. Everything is gone when it is dropped.
pub struct Office {
    pub desk: Desk,
    pub routes: Router,
    pub folder: TempFolder,
}

impl Drop for Office {
    fn drop(&mut self) {
        self.desk.frame.shutdown.begin();
    }
}

/// Returns a unit's or a person's id.
pub fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

/// Returns the instant at which the clock of the tests starts.
pub fn morning() -> DateTime<Utc> {
    "2020-04-20T01:00:00Z".parse().unwrap()
}

impl Office {
    /// Opens an installation on SQLite.
    pub async fn open() -> Office {
        Office::open_with(&[]).await
    }

    /// Opens an installation with settings over the usual ones.
    pub async fn open_with(settings: &[(&str, &str)]) -> Office {
        let folder = rectify_tests::folder();
        let data = [("data", folder.path().to_str().unwrap())];
        let settings = data.iter().chain(settings).map(|(key, value)| ((*key).into(), (*value).into())).collect();
        let config = Config::load_with(&Flags { config: None, settings }, []).unwrap();
        let frame = Frame::open_at(config, Part::Whole, clock()).await.unwrap();
        make_directory(&frame).await;
        let ledger = Ledger::open(&frame.db).await.unwrap();
        fold(&frame, &ledger).await;
        rectify_accounts::migrate(&frame.db).await.unwrap();
        rectify_proof::migrate(&frame.db).await.unwrap();
        let accounts = Accounts::open(frame.db.clone()).await.unwrap();
        let store = Store::open(&frame.config.evidence).unwrap();
        let keys = Some(keys(&frame).await);
        let imports = Imports::by(frame.bus.clone(), Vec::new());
        let desk = Desk { frame, ledger, accounts, store, keys, imports };
        Office { routes: router(desk.clone()), desk, folder }
    }

    /// Returns a caller with a token of a person's.
    pub async fn caller(&self, person: u128) -> Caller {
        let now = self.desk.frame.clock.now();
        let person = PersonId(Uuid::from_u128(person));
        let issued = self.desk.accounts.issue(person, "测试", None, now).await.unwrap();
        let token = issued.token.expose_secret().to_owned();
        Caller { routes: self.routes.clone(), token, headers: HeaderMap::new() }
    }

    /// Waits until searches find everything that was written.
    pub async fn indexed(&self) {
        let indexed = async || self.desk.ledger.unindexed().await.unwrap() == 0;
        rectify_tests::until(Duration::from_secs(30), "everything is indexed", indexed).await;
    }

    /// Returns a caller without a token.
    pub fn stranger(&self) -> Caller {
        Caller { routes: self.routes.clone(), token: String::new(), headers: HeaderMap::new() }
    }
}

/// Opens a key store of its own for the office.
async fn keys(frame: &Frame) -> Opener {
    let options = Options { overwrite: true, ..Options::default() };
    let db = Db::open(&frame.config.data.join("keys.db"), &options).await.unwrap();
    let private = PrivateKey::generate();
    rectify_keys::migrate(&db).await.unwrap();
    Opener::new(Keys::found(db, &private.public(), morning()).await.unwrap(), Some(private))
}

/// A clock that moves a second at each look.
fn clock() -> Clock {
    let seconds = Arc::new(AtomicI64::new(morning().timestamp()));
    Clock::new(move || DateTime::from_timestamp(seconds.fetch_add(1, Ordering::Relaxed), 0).unwrap())
}

async fn make_directory(frame: &Frame) {
    let unit = |number: u128, name: &str, kind, parent: Option<u128>, division: &str, prefix: Option<&str>| {
        DirectoryEvent::UnitAdded(Unit {
            id: UnitId(Uuid::from_u128(number)),
            name: name.to_owned(),
            kind,
            parent: parent.map(|parent| UnitId(Uuid::from_u128(parent))),
            division: division.parse().unwrap(),
            prefix: prefix.map(str::to_owned),
        })
    };
    let source = |code: &str, name: &str, intake| {
        DirectoryEvent::SourceDefined(Source {
            code: code.parse().unwrap(),
            name: name.to_owned(),
            prefix: name.to_owned(),
            intake,
            severity: Severity::Ordinary,
        })
    };
    let mut events = vec![
        unit(PREFECTURE, "甘南藏族自治州", UnitKind::Prefecture, None, "623000", None),
        unit(PREFECTURE_OFFICE, "州整改办", UnitKind::Office, Some(PREFECTURE), "623000", None),
        unit(WATER, "州水务局", UnitKind::Department, Some(PREFECTURE), "623000", None),
        unit(COUNTY, "舟曲县", UnitKind::County, Some(PREFECTURE), "623023", None),
        unit(COUNTY_OFFICE, "舟曲县整改办", UnitKind::Office, Some(COUNTY), "623023", Some("舟曲")),
        unit(CIVIL_AFFAIRS, "舟曲县民政局", UnitKind::Department, Some(COUNTY), "623023", None),
        source("audit", "审计", Intake::Audit),
        source("petition", "信访", Intake::Petition),
    ];
    for (person, name, role, unit) in PEOPLE {
        let person = PersonId(Uuid::from_u128(*person));
        let from = morning() - chrono::TimeDelta::days(100);
        events.push(DirectoryEvent::PersonAdded { person, name: (*name).to_owned() });
        let unit = UnitId(Uuid::from_u128(*unit));
        events.push(DirectoryEvent::RoleGranted(Holding { person, unit, role: *role, from, until: None }));
    }
    let events = events.into_iter().map(Into::into).collect();
    let write = Write { stream: StreamId::Directory, expected: Expected::Any, events };
    let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
    let written = frame.log.append(append).await.unwrap();
    frame.directory.at_least(written.events.last().unwrap().position).await.unwrap();
}

/// Returns a finding of an audit.
pub fn finding(item: &str, title: &str, division: &str) -> Value {
    json!({
        "source": "audit",
        "reference": { "issuing_body": "甘肃省审计厅", "document": "甘审报〔2020〕12号", "item": item },
        "title": title,
        "text": format!("{title}，涉及农村饮水安全巩固提升工程建设资金，须限期整改。"),
        "division": division,
        "discovered": "2020-04-15",
        "found": { "households": 12 },
        "details": { "kind": "audit" },
    })
}

/// Returns a petition that accuses a unit.
pub fn accusation(item: &str, title: &str, division: &str, subject: u128) -> Value {
    json!({
        "source": "petition",
        "reference": { "issuing_body": "州信访局", "document": "州信〔2020〕3号", "item": item },
        "title": title,
        "text": format!("{title}，群众反映强烈，请予核查。"),
        "division": division,
        "discovered": "2020-04-16",
        "details": { "kind": "petition", "class": "accusation", "subjects": [{ "unit": id(subject) }] },
    })
}

/// Returns a petition with its text.
pub fn letter(item: &str, text: &str) -> Value {
    json!({
        "source": "petition",
        "reference": { "issuing_body": "州信访局", "document": "来信登记", "item": item },
        "title": "来信反映低保",
        "text": text,
        "division": "623000",
        "discovered": "2020-04-16",
        "details": { "kind": "petition", "class": "request" },
    })
}

/// What the lead is told.
pub fn assignment(lead: u128) -> Value {
    json!({ "leads": [id(lead)], "goal": "限期整改到位", "term": { "ends": { "after": { "calendar": 60 } } } })
}

/// Keeps the ledger folded, as the projector does.
async fn fold(frame: &Frame, ledger: &Ledger) {
    let projection = Projection::open(ledger, &frame.log, frame.config.zone).await.unwrap();
    let ends = frame.shutdown.begun();
    frame.shutdown.spawn("projection", async move { Ok(projection.run(ends).await?) });
    let (indexer, ends) = (Indexer::new(ledger), frame.shutdown.begun());
    frame.shutdown.spawn("indexer", async move { Ok(indexer.run(ends).await?) });
}
