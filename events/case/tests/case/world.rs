//! A small made-up office world in Gannan Prefecture, with its eight county-level divisions.

use chrono::{DateTime, Utc};
use rectify_case::directory::{Holding, Intake, Source, Unit, UnitKind};
use rectify_case::finding::Severity;
use rectify_case::{Actor, DirectoryEvent, PersonId, Role, UnitId};
use uuid::Uuid;

pub const PREFECTURE: UnitId = unit(623_000, 0);
/// 州整改办.
pub const OFFICE: UnitId = unit(623_000, 1);
/// 州审计局.
pub const AUDIT: UnitId = unit(623_000, 2);
/// 州水务局.
pub const PREFECTURE_WATER: UnitId = unit(623_000, 3);

/// 舟曲县.
pub const ZHOUQU: UnitId = unit(623_023, 0);
/// 舟曲县整改办.
pub const ZHOUQU_OFFICE: UnitId = unit(623_023, 1);
/// 舟曲县水务局.
pub const WATER: UnitId = unit(623_023, 3);
/// 舟曲县农村供水站, below the water bureau.
pub const WATER_STATION: UnitId = unit(623_023, 4);
/// 舟曲县交通运输局.
pub const ROADS: UnitId = unit(623_023, 5);
/// 曲告纳镇.
pub const QUGAONA: UnitId = unit(623_023, 6);

/// 迭部县.
pub const DIEBU: UnitId = unit(623_024, 0);
/// 迭部县整改办.
pub const DIEBU_OFFICE: UnitId = unit(623_024, 1);
/// 迭部县水务局.
pub const DIEBU_WATER: UnitId = unit(623_024, 3);

/// A unit that no directory knows.
pub const NOWHERE: UnitId = unit(999_999, 0);
/// A person that no directory knows.
pub const NOBODY: PersonId = PersonId(Uuid::from_u128(9));

/// The county-level divisions of the prefecture by GB/T 2260.
const COUNTIES: [(u32, &str, &str); 8] = [
    (623_001, "合作市", "合作"),
    (623_021, "临潭县", "临潭"),
    (623_022, "卓尼县", "卓尼"),
    (623_023, "舟曲县", "舟曲"),
    (623_024, "迭部县", "迭部"),
    (623_025, "玛曲县", "玛曲"),
    (623_026, "碌曲县", "碌曲"),
    (623_027, "夏河县", "夏河"),
];

const SOURCES: [(&str, &str, Intake, Severity); 10] = [
    ("central-inspection", "中央巡视", Intake::Inspection, Severity::Grave),
    ("assessment", "成效考核", Intake::Inspection, Severity::Serious),
    ("look-back", "“回头看”", Intake::Inspection, Severity::Serious),
    ("patrol", "巡查检查", Intake::Inspection, Severity::Ordinary),
    ("audit", "审计", Intake::Audit, Severity::Ordinary),
    ("petition", "信访", Intake::Petition, Severity::Ordinary),
    ("democratic-supervision", "民主监督", Intake::Petition, Severity::Ordinary),
    ("social-supervision", "社会监督", Intake::Petition, Severity::Ordinary),
    ("government-supervision", "政府督查", Intake::Inspection, Severity::Ordinary),
    ("self-check", "自查排查", Intake::Inspection, Severity::Ordinary),
];

const fn unit(division: u32, n: u32) -> UnitId {
    UnitId(Uuid::from_u128(division as u128 * 100 + n as u128))
}

/// The first moment of the world.
pub fn morning() -> DateTime<Utc> {
    "2020-04-21T01:00:00Z".parse().unwrap()
}

/// The person who holds a role in a unit.
pub fn person(unit: UnitId, role: Role) -> PersonId {
    nth_person(unit, role, 0)
}

fn nth_person(unit: UnitId, role: Role, n: u128) -> PersonId {
    PersonId(Uuid::from_u128(unit.0.as_u128() * 1_000 + role as u128 * 10 + n))
}

/// The first person who holds a role in a unit.
pub fn by(unit: UnitId, role: Role) -> Actor {
    Actor { person: person(unit, role), unit, role, on_behalf_of: None }
}

/// The second person with the same role in the same unit.
pub fn second(actor: Actor) -> Actor {
    Actor { person: nth_person(actor.unit, actor.role, 1), ..actor }
}

pub fn officer(office: UnitId) -> Actor {
    by(office, Role::Officer)
}

pub fn handler(unit: UnitId) -> Actor {
    by(unit, Role::Handler)
}

pub fn verifier(unit: UnitId) -> Actor {
    by(unit, Role::Verifier)
}

pub fn leader(unit: UnitId) -> Actor {
    by(unit, Role::ResponsibleLeader)
}

pub fn closing_leader() -> Actor {
    by(PREFECTURE, Role::ClosingLeader)
}

pub fn auditor() -> Actor {
    by(AUDIT, Role::Auditor)
}

pub fn source() -> Actor {
    by(AUDIT, Role::SourceSystem)
}

/// Gives somebody a role from the beginning on, beside those they have.
pub fn grant(person: PersonId, role: Role, unit: UnitId) -> DirectoryEvent {
    DirectoryEvent::RoleGranted(Holding { person, unit, role, from: morning(), until: None })
}

/// What the directory was told before anything was found.
pub fn beginning() -> Vec<DirectoryEvent> {
    let mut events = Vec::new();
    for unit in units() {
        let roles: &[Role] = match unit.kind {
            UnitKind::Prefecture | UnitKind::County => &[Role::ClosingLeader],
            UnitKind::Office => &[Role::Officer, Role::Verifier, Role::Administrator],
            UnitKind::Department | UnitKind::Township => &[Role::Handler, Role::ResponsibleLeader],
            UnitKind::Auditor => &[Role::Auditor, Role::Verifier, Role::SourceSystem],
        };
        let id = unit.id;
        events.push(DirectoryEvent::UnitAdded(unit));
        for (role, n) in roles.iter().flat_map(|role| [(*role, 0), (*role, 1)]) {
            let person = nth_person(id, role, n);
            events.push(DirectoryEvent::PersonAdded { person, name: format!("{role:?}{n}") });
            events.push(grant(person, role, id));
        }
    }
    for (code, name, intake, severity) in SOURCES {
        let code = code.parse().unwrap();
        let prefix = name.trim_matches(['“', '”']).to_owned();
        events.push(DirectoryEvent::SourceDefined(Source { code, name: name.to_owned(), prefix, intake, severity }));
    }
    events
}

fn units() -> Vec<Unit> {
    let at = |id, name: &str, kind, parent, division: u32| {
        let division = division.to_string().parse().unwrap();
        Unit { id, name: name.to_owned(), kind, parent, division, prefix: None }
    };
    let mut units = vec![
        at(PREFECTURE, "甘南藏族自治州", UnitKind::Prefecture, None, 623_000),
        at(OFFICE, "州整改办", UnitKind::Office, Some(PREFECTURE), 623_000),
        at(AUDIT, "州审计局", UnitKind::Auditor, Some(PREFECTURE), 623_000),
        at(PREFECTURE_WATER, "州水务局", UnitKind::Department, Some(PREFECTURE), 623_000),
    ];
    for (division, name, prefix) in COUNTIES {
        let (county, office) = (unit(division, 0), unit(division, 1));
        units.push(at(county, name, UnitKind::County, Some(PREFECTURE), division));
        let office = at(office, &format!("{name}整改办"), UnitKind::Office, Some(county), division);
        units.push(Unit { prefix: Some(prefix.to_owned()), ..office });
    }
    units.extend([
        at(WATER, "舟曲县水务局", UnitKind::Department, Some(ZHOUQU), 623_023),
        at(WATER_STATION, "舟曲县农村供水站", UnitKind::Department, Some(WATER), 623_023),
        at(ROADS, "舟曲县交通运输局", UnitKind::Department, Some(ZHOUQU), 623_023),
        at(QUGAONA, "曲告纳镇", UnitKind::Township, Some(ZHOUQU), 623_023),
        at(DIEBU_WATER, "迭部县水务局", UnitKind::Department, Some(DIEBU), 623_024),
    ]);
    units
}
