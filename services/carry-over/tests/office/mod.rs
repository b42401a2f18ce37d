//! The office of a county, with a log of its own.

use rectify_carry_over::{Asked, CarryOverReport, Given, carry_over, officer};
use rectify_case::directory::{DirectoryEvent, Holding, Intake, Role, Source, Unit, UnitKind};
use rectify_case::finding::Severity;
use rectify_case::{Actor, Case, CaseId, PersonId, Position, StreamId, UnitId};
use rectify_intake::File;
use rectify_kit::act::load;
use rectify_kit::config::{Config, Flags};
use rectify_kit::{Frame, Part};
use rectify_log::{Append, Db, Expected, Options, Write};
use tokio::sync::Notify;
use uuid::Uuid;

const PREFECTURE: UnitId = unit(1);
const PREFECTURE_OFFICE: UnitId = unit(2);
const COUNTY: UnitId = unit(3);
const OFFICE: UnitId = unit(4);
/// 舟曲县水务局.
pub const WATER: UnitId = unit(5);
/// 舟曲县民政局.
pub const CIVIL_AFFAIRS: UnitId = unit(6);
const OFFICER: PersonId = PersonId(Uuid::from_u128(101));

const fn unit(n: u128) -> UnitId {
    UnitId(Uuid::from_u128(n))
}

pub struct Office {
    frame: Frame,
    _kept: Box<dyn std::any::Any + Send + Sync>,
}

impl Office {
    pub async fn on_sqlite() -> Office {
        let folder = rectify_tests::folder();
        let frame = Frame::open(config(folder.path(), &[]), Part::Whole).await.unwrap();
        Office { frame, _kept: Box::new(folder) }.settled().await
    }

    pub async fn on_postgres() -> Office {
        let database = rectify_tests::postgres::database().await;
        let db = Db::connect(database.url(), &Options::default()).await.unwrap();
        rectify_log::migrate(&db).await.unwrap();
        let folder = rectify_tests::folder();
        let settings = [("database.url", database.url())];
        let frame = Frame::open(config(folder.path(), &settings), Part::Writer).await.unwrap();
        Office { frame, _kept: Box::new((database, folder)) }.settled().await
    }

    /// Carries a file over on the word of the county's officer.
    pub async fn carry_over(&self, name: &str, text: &str, given: Given, dry_run: bool) -> CarryOverReport {
        let (directory, _) = self.frame.directory.get();
        let files = vec![File { name: name.to_owned(), media_type: None, bytes: text.to_owned().into() }];
        let officer = officer(&directory, OFFICER, None, self.frame.clock.now()).unwrap();
        carry_over(&self.frame, Asked { files, given, mapping: None, accounts: None, officer, dry_run }, |_, _| ())
            .await
            .unwrap()
    }

    /// Carries the same over and is gone as soon as the first rows are in: what a killed process leaves.
    pub async fn is_cut_off(&self, name: &str, text: &str) {
        let (directory, _) = self.frame.directory.get();
        let files = vec![File { name: name.to_owned(), media_type: None, bytes: text.to_owned().into() }];
        let officer = officer(&directory, OFFICER, None, self.frame.clock.now()).unwrap();
        let begun = Notify::new();
        let asked = Asked { files, given: Given::default(), mapping: None, accounts: None, officer, dry_run: false };
        let carried = carry_over(&self.frame, asked, |at, _| {
            if at > 0 {
                begun.notify_one();
            }
        });
        tokio::select! {
            biased;
            () = begun.notified() => {}
            report = carried => panic!("it came to its end: {report:?}"),
        }
    }

    pub async fn case(&self, id: CaseId) -> Case {
        load(&self.frame.log, id).await.unwrap().0
    }

    pub async fn head(&self) -> Position {
        self.frame.log.head().await.unwrap()
    }

    async fn settled(self) -> Office {
        let log = &self.frame.log;
        let events = log.read_stream(StreamId::Directory, 0).await.unwrap();
        let version = events.last().map_or(0, |event| event.envelope.version);
        let write = Write {
            stream: StreamId::Directory,
            expected: Expected::Exactly(version),
            events: directory().into_iter().map(Into::into).collect(),
        };
        let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
        log.append(append).await.unwrap();
        let head = log.head().await.unwrap();
        self.frame.directory.at_least(head).await.unwrap();
        self
    }
}

fn config(folder: &std::path::Path, settings: &[(&str, &str)]) -> Config {
    let own = [("data", folder.to_str().unwrap())];
    let settings = own.iter().chain(settings).map(|(name, value)| ((*name).into(), (*value).into())).collect();
    Config::load_with(&Flags { config: None, settings }, []).unwrap()
}

fn directory() -> Vec<DirectoryEvent> {
    let unit = |id, name: &str, kind, parent, division: &str, prefix: Option<&str>| {
        let (name, division, prefix) = (name.to_owned(), division.parse().unwrap(), prefix.map(str::to_owned));
        DirectoryEvent::UnitAdded(Unit { id, name, kind, parent, division, prefix })
    };
    let source = |code: &str, name: &str, intake| {
        let (code, name, severity) = (code.parse().unwrap(), name.to_owned(), Severity::Ordinary);
        DirectoryEvent::SourceDefined(Source { code, prefix: name.clone(), name, intake, severity })
    };
    let role = |person, unit, role| {
        let from = "2019-01-01T00:00:00Z".parse().unwrap();
        DirectoryEvent::RoleGranted(Holding { person, unit, role, from, until: None })
    };
    let verifier = PersonId(Uuid::from_u128(102));
    vec![
        unit(PREFECTURE, "甘南州", UnitKind::Prefecture, None, "623000", None),
        unit(PREFECTURE_OFFICE, "州整改办", UnitKind::Office, Some(PREFECTURE), "623000", None),
        unit(COUNTY, "舟曲县", UnitKind::County, Some(PREFECTURE), "623023", None),
        unit(OFFICE, "舟曲县整改办", UnitKind::Office, Some(COUNTY), "623023", Some("舟曲")),
        unit(WATER, "舟曲县水务局", UnitKind::Department, Some(COUNTY), "623023", None),
        unit(CIVIL_AFFAIRS, "舟曲县民政局", UnitKind::Department, Some(COUNTY), "623023", None),
        DirectoryEvent::PersonAdded { person: OFFICER, name: "马兰英".to_owned() },
        DirectoryEvent::PersonAdded { person: verifier, name: "丁核验".to_owned() },
        role(OFFICER, OFFICE, Role::Officer),
        role(verifier, OFFICE, Role::Verifier),
        source("patrol", "巡查检查", Intake::Inspection),
        source("petition", "信访", Intake::Petition),
    ]
}
