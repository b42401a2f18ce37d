//! An installation with a registrar that can be dropped and started again.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use rectify_bus::{Bus, NatsOptions, Receipt, Seal, Submission, SubmitError};
use rectify_case::directory::{Holding, Intake, Source, Unit, UnitKind};
use rectify_case::event::Likeness;
use rectify_case::finding::{AuditDetails, Details, Reference, Severity};
use rectify_case::{
    Actor, Case, CaseId, Command, DirectoryEvent, Finding, Happened, PersonId, Position, Role, StreamId, UnitId,
};
use rectify_kit::act::{Ask, act, case_of, load};
use rectify_kit::config::{Config, Flags};
use rectify_kit::{Frame, Part};
use rectify_log::{Append, Db, Expected, NewEvent, Options, Recorded, Write};
use rectify_registrar::{Cause, RegistrarError};
use rectify_tests::nats::Server;
use tokio::task::JoinHandle;
use uuid::Uuid;

pub const LIMIT: Duration = Duration::from_mins(1);

pub const OFFICE: UnitId = UnitId(Uuid::from_u128(2));
pub const AUDITOR: UnitId = UnitId(Uuid::from_u128(3));
pub const OFFICER: PersonId = PersonId(Uuid::from_u128(101));
pub const SOURCE: PersonId = PersonId(Uuid::from_u128(102));

type Found = Result<Vec<(CaseId, Likeness)>, Cause>;

pub struct Bed {
    pub frame: Frame,
    pub server: Option<Server>,
    _kept: Box<dyn std::any::Any + Send + Sync>,
}

/// A registrar under way.
pub struct Running(JoinHandle<Result<(), RegistrarError>>);

impl Running {
    /// Drops it where it is: what a killed process leaves.
    pub async fn kill(self) {
        self.0.abort();
        assert!(self.0.await.unwrap_err().is_cancelled());
    }
}

impl Bed {
    /// One process on SQLite.
    pub async fn embedded() -> Bed {
        let folder = rectify_tests::folder();
        let frame = Frame::open(config(folder.path(), &[]), Part::Whole).await.unwrap();
        rectify_accounts::migrate(&frame.db).await.unwrap();
        rectify_proof::migrate(&frame.db).await.unwrap();
        Bed { frame, server: None, _kept: Box::new(folder) }.settled().await
    }

    /// A registrar beside others, on PostgreSQL and NATS.
    pub async fn servers() -> Bed {
        let (server, database) = (nats().await, rectify_tests::postgres::database().await);
        let db = Db::connect(database.url(), &Options::default()).await.unwrap();
        rectify_log::migrate(&db).await.unwrap();
        rectify_accounts::migrate(&db).await.unwrap();
        rectify_proof::migrate(&db).await.unwrap();
        let folder = rectify_tests::folder();
        let settings = [("database.url", database.url()), ("nats.url", &server.url())];
        let mut frame = Frame::open(config(folder.path(), &settings), Part::Service("registrar")).await.unwrap();
        frame.bus = impatient(&server).await;
        Bed { frame, server: Some(server), _kept: Box::new((database, folder)) }.settled().await
    }

    async fn settled(self) -> Bed {
        enter(&self.frame, directory()).await;
        self
    }

    /// Starts a registrar that finds nothing alike.
    pub fn start(&self) -> Running {
        self.start_with(|_, _| Box::pin(async { Ok(Vec::new()) }))
    }

    pub fn start_with(
        &self,
        alike: impl Fn(Finding, Position) -> BoxFuture<'static, Found> + Send + Sync + 'static,
    ) -> Running {
        Running(tokio::spawn(rectify_registrar::run(self.frame.clone(), alike, Some(Seal::new(<[u8]>::to_vec)))))
    }

    /// Hands in a finding now.
    pub fn submission(&self, finding: Finding) -> Submission {
        Submission { finding, sender: by(SOURCE, Role::SourceSystem, AUDITOR), received: self.frame.clock.now() }
    }

    pub async fn submit(&self, finding: Finding) -> Result<Receipt, SubmitError> {
        self.frame.bus.submit(&self.submission(finding)).await
    }

    /// Returns every event of the log after the directory's.
    pub async fn events(&self) -> Vec<Recorded> {
        let mut events: Vec<Recorded> = Vec::new();
        loop {
            let page = self.frame.log.read_all(events.last().map_or(0, |event| event.position), 1000).await.unwrap();
            if page.is_empty() {
                events.retain(|event| event.envelope.stream != StreamId::Directory);
                return events;
            }
            events.extend(page);
        }
    }

    /// Waits until the log has so many events of this name.
    pub async fn until(&self, count: usize, name: &str) {
        rectify_tests::until(LIMIT, &format!("there are {count} of {name}"), async || self.count(name).await >= count)
            .await;
        assert_eq!(self.count(name).await, count, "{name}");
    }

    pub async fn count(&self, name: &str) -> usize {
        self.events().await.iter().filter(|event| event.envelope.event.name() == name).count()
    }

    pub async fn case(&self, finding: &Finding) -> Case {
        load(&self.frame.log, case_of(finding)).await.unwrap().0
    }

    /// Acts as the officer.
    pub async fn act(&self, finding: &Finding, command: Command) {
        let who = by(OFFICER, Role::Officer, OFFICE).into();
        let ask = Ask { case: case_of(finding), command, who, key: None, seen: None, late: None, received: None };
        act(&self.frame, &ask).await.unwrap();
    }

    /// Waits until the readiness of the process is this, and returns the reason of a check.
    pub async fn until_ready(&self, ready: bool, check: &str) -> Option<String> {
        let mut reason = None;
        rectify_tests::until(LIMIT, &format!("ready is {ready}"), async || {
            let readiness = self.frame.health.readiness().await;
            let checked = readiness.checks.into_iter().find(|checked| checked.name == check);
            reason = checked.as_ref().and_then(|checked| checked.reason.clone());
            checked.is_some_and(|checked| checked.ready == ready)
        })
        .await;
        reason
    }
}

/// A server with the configuration of an installation.
pub async fn nats() -> Server {
    let configuration = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/nats/nats.conf");
    rectify_tests::nats::server_with(&configuration).await
}

/// A bus that delivers again soon what was not settled.
pub async fn impatient(server: &Server) -> Bus {
    let ack_wait = Duration::from_secs(1);
    Bus::connect(NatsOptions { ack_wait, ..NatsOptions::new(server.url(), "registrar") }).await.unwrap()
}

pub fn config(folder: &Path, settings: &[(&str, &str)]) -> Config {
    let data = [("data", folder.to_str().unwrap())];
    let settings = data.iter().chain(settings).map(|(key, value)| ((*key).into(), (*value).into())).collect();
    Config::load_with(&Flags { config: None, settings }, []).unwrap()
}

/// Enters something in the directory, and waits until this process knows it.
pub async fn enter(frame: &Frame, events: Vec<DirectoryEvent>) {
    let last = enter_unseen(frame, events).await;
    frame.directory.at_least(last).await.unwrap();
}

pub async fn enter_unseen(frame: &Frame, events: Vec<DirectoryEvent>) -> Position {
    let events = events.into_iter().map(NewEvent::from).collect();
    let write = Write { stream: StreamId::Directory, expected: Expected::Any, events };
    let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
    frame.log.append(append).await.unwrap().events.pop().unwrap().position
}

pub fn by(person: PersonId, role: Role, unit: UnitId) -> Actor {
    Actor { person, unit, role, on_behalf_of: None }
}

pub fn held(person: PersonId, role: Role, unit: UnitId) -> DirectoryEvent {
    let from: DateTime<Utc> = "2020-01-01T00:00:00Z".parse().unwrap();
    DirectoryEvent::RoleGranted(Holding { person, unit, role, from, until: None })
}

pub fn source(code: &str, name: &str, intake: Intake) -> DirectoryEvent {
    let (code, name) = (code.parse().unwrap(), name.to_owned());
    DirectoryEvent::SourceDefined(Source { code, prefix: name.clone(), name, intake, severity: Severity::Ordinary })
}

pub fn directory() -> Vec<DirectoryEvent> {
    let prefecture = UnitId(Uuid::from_u128(1));
    let unit = |id, name: &str, kind, parent| {
        let (name, division) = (name.to_owned(), "623000".parse().unwrap());
        DirectoryEvent::UnitAdded(Unit { id, name, kind, parent, division, prefix: None })
    };
    vec![
        unit(prefecture, "甘南藏族自治州", UnitKind::Prefecture, None),
        unit(OFFICE, "州整改办", UnitKind::Office, Some(prefecture)),
        unit(AUDITOR, "州审计局", UnitKind::Auditor, Some(prefecture)),
        held(OFFICER, Role::Officer, OFFICE),
        held(SOURCE, Role::SourceSystem, AUDITOR),
        source("audit", "审计", Intake::Audit),
        source("petition", "信访", Intake::Petition),
    ]
}

/// The finding that an audit report has as this item.
pub fn finding(item: usize) -> Finding {
    Finding {
        source: "audit".parse().unwrap(),
        reference: Reference {
            issuing_body: "舟曲县审计局".to_owned(),
            document: "舟审报〔2020〕3号".to_owned(),
            item: item.to_string(),
        },
        title: "危房改造补助资金滞留".to_owned(),
        text: "截至2020年3月底，危房改造补助资金 12.6 万元滞留未拨付到户。".to_owned(),
        division: "623023".parse().unwrap(),
        place: Some("曲告纳镇".to_owned()),
        discovered: Happened::On("2020-04-20".parse().unwrap()),
        category: None,
        severity: None,
        found: [].into(),
        details: Details::Audit(AuditDetails::default()),
    }
}

/// The same finding with other content.
pub fn saying(finding: &Finding, title: &str) -> Finding {
    Finding { title: title.to_owned(), ..finding.clone() }
}
