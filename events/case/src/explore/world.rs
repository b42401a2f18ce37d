//! A small prefecture: a county's department with a station below it, the county's and the prefecture's offices, people
//! with more than one role, a delegation.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::actor::Actor;
use crate::directory::{DirectoryEvent, Holding, Intake, Role, Source, Unit, UnitKind};
use crate::finding::Severity;
use crate::identity::{CaseId, PersonId, UnitId};

pub(super) const PREFECTURE: UnitId = unit(1);
pub(super) const OFFICE: UnitId = unit(2);
pub(super) const AUDIT: UnitId = unit(3);
pub(super) const COUNTY: UnitId = unit(10);
pub(super) const COUNTY_OFFICE: UnitId = unit(11);
pub(super) const WATER: UnitId = unit(12);
pub(super) const STATION: UnitId = unit(13);
pub(super) const ROADS: UnitId = unit(14);

const UNITS: [(UnitId, &str, UnitKind, Option<UnitId>, &str); 8] = [
    (PREFECTURE, "甘南州", UnitKind::Prefecture, None, "623000"),
    (OFFICE, "州整改办", UnitKind::Office, Some(PREFECTURE), "623000"),
    (AUDIT, "州审计局", UnitKind::Auditor, Some(PREFECTURE), "623000"),
    (COUNTY, "舟曲县", UnitKind::County, Some(PREFECTURE), "623023"),
    (COUNTY_OFFICE, "县整改办", UnitKind::Office, Some(COUNTY), "623023"),
    (WATER, "县水务局", UnitKind::Department, Some(COUNTY), "623023"),
    (STATION, "城关水管站", UnitKind::Department, Some(WATER), "623023"),
    (ROADS, "县交通局", UnitKind::Department, Some(COUNTY), "623023"),
];

/// Of the department; lent to the county's office as well.
pub(super) const ZHANG: PersonId = person(1);
/// Leads the department, and approves closures for the prefecture.
pub(super) const LI: PersonId = person(2);
/// Of the station.
pub(super) const WANG: PersonId = person(3);
/// Of the station too; lent to the county's office to verify.
pub(super) const ZHAO: PersonId = person(4);
/// Of the county's office.
pub(super) const SUN: PersonId = person(5);
/// Of the county's office, and verifies for it.
pub(super) const ZHOU: PersonId = person(6);
/// Of the prefecture's office.
pub(super) const WU: PersonId = person(7);
/// Verifies for the prefecture's office, and approves closures.
pub(super) const ZHENG: PersonId = person(8);
/// Of another department of the county.
pub(super) const QIAN: PersonId = person(9);
/// Leads that other department.
pub(super) const FENG: PersonId = person(10);
/// Approves closures, and does nothing else.
pub(super) const HAN: PersonId = person(11);
/// The auditors' system.
pub(super) const CHEN: PersonId = person(12);
/// An auditor.
pub(super) const WEI: PersonId = person(13);

type Roles = &'static [(UnitId, Role)];

const PEOPLE: [(PersonId, &str, Roles); 13] = [
    (ZHANG, "张三", &[(WATER, Role::Handler), (COUNTY_OFFICE, Role::Officer)]),
    (LI, "李四", &[(WATER, Role::ResponsibleLeader), (OFFICE, Role::ClosingLeader)]),
    (WANG, "王五", &[(STATION, Role::Handler)]),
    (ZHAO, "赵六", &[(STATION, Role::Handler), (COUNTY_OFFICE, Role::Verifier)]),
    (SUN, "孙七", &[(COUNTY_OFFICE, Role::Officer)]),
    (ZHOU, "周八", &[(COUNTY_OFFICE, Role::Officer), (COUNTY_OFFICE, Role::Verifier)]),
    (WU, "吴九", &[(OFFICE, Role::Officer), (OFFICE, Role::Handler)]),
    (ZHENG, "郑十", &[(OFFICE, Role::Verifier), (OFFICE, Role::ClosingLeader)]),
    (QIAN, "钱一", &[(ROADS, Role::Handler)]),
    (FENG, "冯二", &[(ROADS, Role::ResponsibleLeader)]),
    (HAN, "韩十一", &[(OFFICE, Role::ClosingLeader)]),
    (CHEN, "审计系统", &[(AUDIT, Role::SourceSystem)]),
    (WEI, "卫十三", &[(AUDIT, Role::Auditor), (AUDIT, Role::Verifier)]),
];

/// Who may act for whom.
const DELEGATIONS: [(PersonId, PersonId); 2] = [(ZHOU, SUN), (SUN, ZHANG)];

/// The case that is walked; the others are there to be merged with, linked to, or split off.
pub(super) const CASE: CaseId = case(1);
pub(super) const OTHER: CaseId = case(2);
pub(super) const PARTS: [CaseId; 2] = [case(3), case(4)];

const fn unit(n: u128) -> UnitId {
    UnitId(Uuid::from_u128(n))
}

const fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n + 100))
}

pub(super) const fn case(n: u128) -> CaseId {
    CaseId(Uuid::from_u128(n + 1000))
}

/// The instant at which everything begins.
pub(super) fn begin() -> DateTime<Utc> {
    "2020-04-21T01:00:00Z".parse().unwrap()
}

/// What the installation enters in the directory.
pub(super) fn directory_events() -> Vec<DirectoryEvent> {
    let unit_added = |(id, name, kind, parent, division): (UnitId, &str, UnitKind, Option<UnitId>, &str)| {
        let prefix = (id == COUNTY_OFFICE).then(|| "舟曲".to_owned());
        DirectoryEvent::UnitAdded(Unit {
            id,
            name: name.into(),
            kind,
            parent,
            division: division.parse().unwrap(),
            prefix,
        })
    };
    let from = begin();
    let mut events: Vec<_> = UNITS.into_iter().map(unit_added).collect();
    for (person, name, roles) in PEOPLE {
        events.push(DirectoryEvent::PersonAdded { person, name: name.into() });
        let granted = |(unit, role): &(UnitId, Role)| {
            DirectoryEvent::RoleGranted(Holding { person, unit: *unit, role: *role, from, until: None })
        };
        events.extend(roles.iter().map(granted));
    }
    let until = from + chrono::TimeDelta::days(365);
    let delegated = |(person, on_behalf_of)| DirectoryEvent::DelegationGranted { person, on_behalf_of, from, until };
    events.extend(DELEGATIONS.into_iter().map(delegated));
    let source = |(code, name, intake): (&str, &str, Intake)| {
        let severity = Severity::Ordinary;
        let (code, prefix) = (code.parse().unwrap(), name.to_owned());
        DirectoryEvent::SourceDefined(Source { code, name: prefix.clone(), prefix, intake, severity })
    };
    events.extend([("audit", "审计", Intake::Audit), ("petition", "信访", Intake::Petition)].map(source));
    events
}

/// Every actor there can be: each person in each role, and acting for another.
pub(super) fn actors() -> Vec<Actor> {
    let mut actors = Vec::new();
    for (person, _, roles) in PEOPLE {
        actors.extend(roles.iter().map(|(unit, role)| actor(person, *unit, *role)));
    }
    for (person, other) in DELEGATIONS {
        let of_other: Vec<Actor> =
            actors.iter().filter(|a| a.person == other && a.on_behalf_of.is_none()).copied().collect();
        actors.extend(of_other.into_iter().map(|a| Actor { person, on_behalf_of: Some(other), ..a }));
    }
    actors
}

pub(super) fn actor(person: PersonId, unit: UnitId, role: Role) -> Actor {
    Actor { person, unit, role, on_behalf_of: None }
}

pub(super) fn source() -> Actor {
    actor(CHEN, AUDIT, Role::SourceSystem)
}

pub(super) fn officer() -> Actor {
    actor(SUN, COUNTY_OFFICE, Role::Officer)
}

pub(super) fn prefecture_officer() -> Actor {
    actor(WU, OFFICE, Role::Officer)
}

pub(super) fn handler() -> Actor {
    actor(ZHANG, WATER, Role::Handler)
}

pub(super) fn other_handler() -> Actor {
    actor(QIAN, ROADS, Role::Handler)
}

pub(super) fn verifier() -> Actor {
    actor(ZHOU, COUNTY_OFFICE, Role::Verifier)
}

pub(super) fn prefecture_verifier() -> Actor {
    actor(ZHENG, OFFICE, Role::Verifier)
}

/// Says that they are of the county's office, and are not.
pub(super) fn impostor() -> Actor {
    actor(WANG, COUNTY_OFFICE, Role::Officer)
}

/// Says that they act for the county's officer, who never let them.
pub(super) fn not_delegated() -> Actor {
    Actor { on_behalf_of: Some(SUN), ..impostor() }
}
