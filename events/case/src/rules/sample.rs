//! A small prefecture and hand-made histories in it, for the tests of the rules.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Violation, check};
use crate::access::AccessEvent;
use crate::actor::Actor;
use crate::assignment::{Assignment, Level, Method};
use crate::carried_over::{Declared, Origin, Standing};
use crate::completion::Outcome;
use crate::deadline::{self, Deadline, Start};
use crate::directory::{DirectoryEvent, Holding, Role, Unit, UnitKind};
use crate::envelope::{Envelope, Event, StreamId, Version};
use crate::event::CaseEvent;
use crate::evidence::{Evidence, Side};
use crate::finding::{Details, Finding, PetitionClass, PetitionDetails, Reference, Severity, Subject};
use crate::identity::{CaseId, Digest, EventId, LogId, PersonId, UnitId};
use crate::number::{CaseNumber, Series};
use crate::quantity::{Amounts, Measured};
use crate::time::{Days, Happened, Zone};

pub const PREFECTURE: UnitId = unit(1);
pub const OFFICE: UnitId = unit(2);
pub const AUDIT: UnitId = unit(3);
pub const PREFECTURE_WATER: UnitId = unit(4);
pub const COUNTY: UnitId = unit(10);
pub const COUNTY_OFFICE: UnitId = unit(11);
pub const WATER: UnitId = unit(12);
pub const WATER_STATION: UnitId = unit(13);
pub const ROADS: UnitId = unit(14);
const UNITS: [(UnitId, UnitKind, Option<UnitId>); 9] = [
    (PREFECTURE, UnitKind::Prefecture, None),
    (OFFICE, UnitKind::Office, Some(PREFECTURE)),
    (AUDIT, UnitKind::Auditor, Some(PREFECTURE)),
    (PREFECTURE_WATER, UnitKind::Department, Some(PREFECTURE)),
    (COUNTY, UnitKind::County, Some(PREFECTURE)),
    (COUNTY_OFFICE, UnitKind::Office, Some(COUNTY)),
    (WATER, UnitKind::Department, Some(COUNTY)),
    (WATER_STATION, UnitKind::Department, Some(WATER)),
    (ROADS, UnitKind::Department, Some(COUNTY)),
];

const fn unit(n: u128) -> UnitId {
    UnitId(Uuid::from_u128(n))
}

/// The case that tests are about, unless they name another.
pub const CASE: CaseId = case(1);

pub const fn case(n: u128) -> CaseId {
    CaseId(Uuid::from_u128(n))
}

/// The one person who holds the role in the unit.
pub fn person(unit: UnitId, role: Role) -> PersonId {
    PersonId(Uuid::from_u128(unit.0.as_u128() * 100 + role as u128))
}

pub fn by(unit: UnitId, role: Role) -> Actor {
    Actor { person: person(unit, role), unit, role, on_behalf_of: None }
}

pub fn officer() -> Actor {
    by(COUNTY_OFFICE, Role::Officer)
}

pub fn handler() -> Actor {
    by(WATER, Role::Handler)
}

pub fn verifier() -> Actor {
    by(COUNTY_OFFICE, Role::Verifier)
}

pub fn source() -> Actor {
    by(AUDIT, Role::SourceSystem)
}

pub fn digest(n: u8) -> Digest {
    format!("{n:064x}").parse().unwrap()
}

pub fn money(amount: u64) -> Amounts {
    Amounts::from([(Measured::Money, amount)])
}

pub fn finding(item: &str) -> Finding {
    Finding {
        source: "audit".parse().unwrap(),
        reference: Reference { issuing_body: "州审计局".into(), document: "审字1号".into(), item: item.into() },
        title: "人饮工程水费未入账".into(),
        text: "2019年水费100元未入账。".into(),
        division: "623023".parse().unwrap(),
        place: None,
        discovered: Happened::On("2020-04-01".parse().unwrap()),
        category: None,
        severity: None,
        found: money(100),
        details: Details::Inspection { round: None, responsible: None },
    }
}

pub fn petition(item: &str, class: PetitionClass, subjects: &[Subject]) -> Finding {
    let details = PetitionDetails { class, subjects: subjects.to_vec(), reply: None, sealed: None };
    Finding { details: Details::Petition(details), ..finding(item) }
}

pub fn deadline(starts: Start, from: &str, days: u16) -> Deadline {
    let rule = deadline::Rule { pack: "office".into(), cite: "交办通知".into() };
    Deadline::counted(starts, from.parse().unwrap(), rule, Days::Calendar(days), Zone::SHANGHAI)
}

pub fn level(method: Method, holder: UnitId) -> Level {
    Level { method, holder: Some(holder), designated: false }
}

pub fn one_level() -> Vec<Level> {
    vec![level(Method::OnFile, COUNTY_OFFICE)]
}

/// The levels of a grave case of the county.
pub fn two_levels() -> Vec<Level> {
    vec![level(Method::OnFile, COUNTY_OFFICE), level(Method::OnSite, OFFICE)]
}

pub fn assignment(lead: UnitId, levels: Vec<Level>) -> Assignment {
    Assignment {
        leads: vec![lead],
        co_responsible: vec![],
        responsible_leader: Some(person(lead, Role::ResponsibleLeader)),
        goal: "水费全部入账".into(),
        deadline: deadline(Start::Assigned, "2020-04-21", 30),
        levels,
    }
}

/// Struck off in the old ledger.
pub fn struck_off() -> Standing {
    Standing::Closed { outcome: Outcome::Rectified, on: Some(Happened::On("2020-04-20".parse().unwrap())) }
}

/// The same assignment, with a deadline that was carried over.
pub fn declared_assignment(lead: UnitId, levels: Vec<Level>) -> Assignment {
    Assignment { deadline: deadline(Start::CarriedOver, "2020-04-01", 60), ..assignment(lead, levels) }
}

/// A history: every event a minute after the one before it.
#[derive(Clone)]
pub struct History {
    pub envelopes: Vec<Envelope>,
    versions: BTreeMap<StreamId, Version>,
    now: DateTime<Utc>,
}

impl History {
    /// The directory: in every unit, a person for every role.
    pub fn begun() -> History {
        let now = "2020-04-21T01:00:00Z".parse().unwrap();
        let mut history = History { envelopes: Vec::new(), versions: BTreeMap::new(), now };
        for (id, kind, parent) in UNITS {
            let division = "623023".parse().unwrap();
            let unit = Unit { id, name: format!("{kind:?}"), kind, parent, division, prefix: None };
            history = history.directory(DirectoryEvent::UnitAdded(unit));
            for role in Role::ALL {
                let holding = Holding { person: person(id, role), unit: id, role, from: now, until: None };
                history = history.directory(DirectoryEvent::RoleGranted(holding));
            }
        }
        history
    }

    pub fn discovered(finding: Finding) -> History {
        History::begun().then(source(), CaseEvent::FindingReported { finding: finding.into() })
    }

    pub fn registered(finding: Finding, severity: Severity) -> History {
        History::discovered(finding).then(officer(), registration(1, severity))
    }

    /// Carried over from an older ledger, as that ledger leaves it.
    pub fn carried_over(standing: Standing, assignment: Option<Assignment>) -> History {
        let declared = declared(finding("1"), standing).into();
        let severity = Severity::Ordinary;
        let event = CaseEvent::CarriedOver { number: number(1), office: COUNTY_OFFICE, severity, declared, assignment };
        History::begun().then(officer(), event)
    }

    /// Accepted by the lead of the assignment.
    pub fn accepted(severity: Severity, assignment: Assignment) -> History {
        let lead = assignment.answering().unwrap();
        History::registered(finding("1"), severity)
            .then(officer(), CaseEvent::Assigned { assignment })
            .then(by(lead, Role::Handler), CaseEvent::Accepted { unit: lead })
    }

    /// An ordinary case of the county's water bureau, reported as fixed.
    pub fn reported() -> History {
        History::accepted(Severity::Ordinary, assignment(WATER, one_level())).then(handler(), report(100))
    }

    /// The same, verified.
    pub fn verified() -> History {
        History::reported().filed_and_passed(1).then(verifier(), CaseEvent::Verified { levels: 1 })
    }

    /// The lead files new evidence, and the county's office opens it and passes its level.
    pub fn filed_and_passed(self, n: u8) -> History {
        self.then(handler(), filed(n, Side::Responsible, WATER)).opened(verifier(), n).then(verifier(), passed(n, 100))
    }

    /// Adds an event of the case.
    pub fn then(self, actor: Actor, event: CaseEvent) -> History {
        self.of(CASE, actor, event)
    }

    /// Adds an event of a case.
    pub fn of(self, case: CaseId, actor: Actor, event: CaseEvent) -> History {
        self.write(StreamId::Case(case), actor, event.into())
    }

    pub fn opened(self, actor: Actor, n: u8) -> History {
        self.looked(actor, AccessEvent::EvidenceOpened { digest: digest(n) })
    }

    /// Adds an event of the access stream of the case.
    pub fn looked(self, actor: Actor, event: AccessEvent) -> History {
        self.write(StreamId::Access(CASE), actor, event.into())
    }

    pub fn directory(self, event: DirectoryEvent) -> History {
        self.write(StreamId::Directory, Actor::INSTALLATION, event.into())
    }

    /// Changes the envelope of the last event.
    pub fn but(mut self, change: impl FnOnce(&mut Envelope)) -> History {
        change(self.envelopes.last_mut().unwrap());
        self
    }

    /// Lets time pass.
    pub fn later(mut self, time: TimeDelta) -> History {
        self.now += time;
        self
    }

    pub fn write(mut self, stream: StreamId, actor: Actor, event: Event) -> History {
        let version = self.versions.entry(stream).or_default();
        *version += 1;
        self.now += TimeDelta::minutes(1);
        self.envelopes.push(Envelope {
            id: EventId(Uuid::from_u128(self.envelopes.len() as u128)),
            salt: "0".repeat(32),
            log: LogId(Uuid::nil()),
            stream,
            version: *version,
            schema: Event::SCHEMA,
            happened: Happened::At(self.now),
            received: None,
            recorded: self.now,
            actor,
            facts_at: 0,
            cause: None,
            event,
        });
        self
    }

    pub fn violations(&self) -> Vec<Violation> {
        check(&self.envelopes, Zone::SHANGHAI)
    }

    /// The rules the history breaks: their numbers and codes.
    pub fn breaks(&self) -> Vec<(u8, &'static str)> {
        self.violations().into_iter().map(|violation| (violation.rule.number(), violation.code)).collect()
    }
}

pub fn number(serial: u64) -> CaseNumber {
    CaseNumber { series: Series { office: None, source: "审计".into(), year: 2020 }, serial }
}

/// What an older ledger says of a finding.
pub fn declared(finding: Finding, standing: Standing) -> Declared {
    Declared {
        finding,
        standing,
        old_number: Some("2020-17".into()),
        registered: None,
        leader: None,
        kind: None,
        measures: None,
        progress: None,
        completed: None,
        evidence: None,
        opinion: None,
        remarks: None,
        row: vec![],
        origin: Origin { file: "台账.xlsx".into(), digest: digest(7), sheet: String::new(), row: 3 },
    }
}

pub fn registration(serial: u64, severity: Severity) -> CaseEvent {
    let number = number(serial);
    CaseEvent::Registered { number, office: OFFICE, severity, title: "水费未入账".into(), found: money(100) }
}

pub fn report(fixed: u64) -> CaseEvent {
    let outcome = Outcome::Rectified;
    CaseEvent::CompletionReported { unit: WATER, outcome, account: "已全部入账".into(), fixed: money(fixed) }
}

pub fn filed(n: u8, side: Side, unit: UnitId) -> CaseEvent {
    let evidence =
        Evidence { digest: digest(n), name: "凭证.pdf".into(), media_type: "application/pdf".into(), size: 1 };
    CaseEvent::EvidenceFiled { evidence, side, unit }
}

/// The county's office passes the first level.
pub fn passed(n: u8, verified: u64) -> CaseEvent {
    pass(0, COUNTY_OFFICE, &[n], verified)
}

pub fn pass(level: u32, unit: UnitId, relied_on: &[u8], verified: u64) -> CaseEvent {
    let relied_on = relied_on.iter().copied().map(digest).collect();
    let verified = money(verified);
    CaseEvent::LevelPassed { level, unit, relied_on, verified, verdict: None, opinion: "属实".into() }
}

pub fn failed() -> CaseEvent {
    CaseEvent::VerificationFailed { level: 0, unit: COUNTY_OFFICE, reason: "账目不符".into() }
}

pub fn closed() -> CaseEvent {
    CaseEvent::Closed { outcome: Outcome::Rectified, rest: vec![] }
}

pub fn set_aside() -> CaseEvent {
    CaseEvent::SetAside { ground: crate::event::Ground::NewFact, reason: "有新情况".into() }
}
