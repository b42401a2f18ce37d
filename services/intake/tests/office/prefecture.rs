//! A small prefecture whose office findings are handed in to, for the tests of every intake.

use rectify_case::directory::{DirectoryEvent, Holding, Intake, Role, Source, Unit, UnitKind};
use rectify_case::finding::Severity;
use rectify_case::{PersonId, UnitId};
use uuid::Uuid;

/// Returns what made the prefecture: two counties, departments, an officer (person 1), a handler (person 2), sources.
pub fn prefecture() -> Vec<DirectoryEvent> {
    let unit = |id: u128, name: &str, kind, parent: Option<u128>, division: &str| {
        DirectoryEvent::UnitAdded(Unit {
            id: UnitId(Uuid::from_u128(id)),
            name: name.to_owned(),
            kind,
            parent: parent.map(|id| UnitId(Uuid::from_u128(id))),
            division: division.parse().unwrap(),
            prefix: None,
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
    let person = |id: u128, name: &str| DirectoryEvent::PersonAdded {
        person: PersonId(Uuid::from_u128(id)),
        name: name.to_owned(),
    };
    let role = |id: u128, unit: u128, role| {
        DirectoryEvent::RoleGranted(Holding {
            person: PersonId(Uuid::from_u128(id)),
            unit: UnitId(Uuid::from_u128(unit)),
            role,
            from: "2020-01-01T00:00:00Z".parse().unwrap(),
            until: None,
        })
    };
    vec![
        unit(1, "甘南藏族自治州", UnitKind::Prefecture, None, "623000"),
        unit(2, "州整改办", UnitKind::Office, Some(1), "623000"),
        unit(3, "州水务局", UnitKind::Department, Some(1), "623000"),
        unit(4, "舟曲县", UnitKind::County, Some(1), "623023"),
        unit(5, "临潭县", UnitKind::County, Some(1), "623021"),
        unit(6, "舟曲县民政局", UnitKind::Department, Some(4), "623023"),
        person(1, "马经办"),
        person(2, "李签收"),
        role(1, 2, Role::Officer),
        role(2, 3, Role::Handler),
        source("look-back", "“回头看”", Intake::Inspection),
        source("patrol", "巡查检查", Intake::Inspection),
        source("audit", "审计", Intake::Audit),
        source("petition", "信访", Intake::Petition),
        source("social", "社会监督", Intake::Petition),
    ]
}
