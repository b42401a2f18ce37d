use rectify_case::assignment::Level;
use rectify_case::completion::{Outcome, Verdict};
use rectify_case::deadline::{Rule, Start};
use rectify_case::directory::{Source, Unit, UnitKind};
use rectify_case::event::Field;
use rectify_case::finding::{AuditDetails, Details, Reference, Severity};
use rectify_case::number::Series;
use rectify_case::quantity::{Amounts, Measured};
use rectify_case::time::Days;
use rectify_case::{DirectoryEvent, Envelope, EventId, LogId, PersonId, Role, StreamId, fold};
use uuid::Uuid;

use super::*;
use crate::terminal::columns;

const CASE: CaseId = CaseId(Uuid::from_u128(9));
const OFFICE: UnitId = UnitId(Uuid::from_u128(1));
const WATER: UnitId = UnitId(Uuid::from_u128(2));

fn directory() -> Directory {
    let unit = |id, name: &str, kind| {
        let (name, division) = (name.to_owned(), "623000".parse().unwrap());
        DirectoryEvent::UnitAdded(Unit { id, name, kind, parent: None, division, prefix: None })
    };
    let person = |id, name: &str| DirectoryEvent::PersonAdded { person: person(id), name: name.to_owned() };
    let source = Source {
        code: "audit".parse().unwrap(),
        name: "审计".to_owned(),
        prefix: "审计".to_owned(),
        intake: rectify_case::directory::Intake::Audit,
        severity: Severity::Ordinary,
    };
    let events = [
        unit(OFFICE, "州整改办", UnitKind::Office),
        unit(WATER, "州水务局", UnitKind::Department),
        person(1, "马经办"),
        person(2, "李签收"),
        DirectoryEvent::SourceDefined(source),
    ];
    let mut directory = Directory::default();
    for event in &events {
        directory.evolve(event);
    }
    directory
}

fn person(id: u128) -> PersonId {
    PersonId(Uuid::from_u128(id))
}

/// Returns an event of the case, recorded on the first of May.
fn recorded(version: Version, by: (u128, UnitId, Role), day: &str, late: bool, event: CaseEvent) -> Recorded {
    let (who, unit, role) = by;
    let envelope = Envelope {
        id: EventId(Uuid::from_u128(version.into())),
        salt: String::new(),
        log: LogId(Uuid::nil()),
        stream: StreamId::Case(CASE),
        version,
        schema: Event::SCHEMA,
        happened: day.parse().unwrap(),
        received: None,
        recorded: "2020-07-01T01:00:00Z".parse().unwrap(),
        actor: Actor { person: person(who), unit, role, on_behalf_of: None },
        facts_at: 0,
        cause: late.then(|| Cause::Document("州审报〔2020〕12号".to_owned())),
        event: event.into(),
    };
    Recorded { position: version, leaf: [0; 32], envelope }
}

fn history() -> Vec<Recorded> {
    let money = |fen| Amounts::from([(Measured::Money, fen)]);
    let finding = Finding {
        source: "audit".parse().unwrap(),
        reference: Reference {
            issuing_body: "州审计局".to_owned(),
            document: "州审报〔2020〕12号".to_owned(),
            item: "7".to_owned(),
        },
        title: "饮水工程维修资金闲置".to_owned(),
        text: "2019年下达的农村饮水工程维修资金 126 万元，截至审计日仍有部分闲置在账，未按计划用于管道冬季防冻改造。"
            .to_owned(),
        division: "623000".parse().unwrap(),
        place: Some("曲瓦乡".to_owned()),
        discovered: "2020-04-21".parse().unwrap(),
        category: None,
        severity: None,
        found: money(126_000_000),
        details: Details::Audit(AuditDetails::default()),
    };
    let rule = Rule { pack: "office".to_owned(), cite: "交办通知第3号".to_owned() };
    let from = "2020-05-06".parse().unwrap();
    let deadline = Deadline::counted(Start::Assigned, from, rule, Days::Calendar(60), Zone::SHANGHAI);
    let number = CaseNumber { series: Series { office: None, source: "审计".to_owned(), year: 2020 }, serial: 7 };
    let assignment = Assignment {
        leads: vec![WATER],
        co_responsible: Vec::new(),
        responsible_leader: Some(person(2)),
        goal: "资金全部用于管道改造".to_owned(),
        deadline,
        levels: vec![Level { method: Method::OnFile, holder: Some(OFFICE), designated: false }],
    };
    let (officer, handler) = ((1, OFFICE, Role::Officer), (2, WATER, Role::Handler));
    let title = finding.title.clone();
    let events = [
        (officer, "2020-04-25", false, CaseEvent::FindingReported { finding: Box::new(finding) }),
        (
            officer,
            "2020-05-06",
            false,
            CaseEvent::Registered {
                number,
                office: OFFICE,
                severity: Severity::Serious,
                title,
                found: money(126_000_000),
            },
        ),
        (officer, "2020-05-06", false, CaseEvent::Assigned { assignment }),
        (handler, "2020-05-07", false, CaseEvent::Accepted { unit: WATER }),
        (
            officer,
            "2020-06-28",
            true,
            CaseEvent::CompletionReported {
                unit: WATER,
                outcome: Outcome::Rectified,
                account: "已改造管道 3.2 公里，资金支付完毕。".to_owned(),
                fixed: money(126_000_000),
            },
        ),
        (
            officer,
            "2020-07-01",
            false,
            CaseEvent::Corrected {
                version: 5,
                field: Field::Account,
                old: "已改造管道 3.2 公里，资金支付完毕。".to_owned(),
                new: "已改造管道 2.3 公里，资金支付完毕。".to_owned(),
                reason: "数字颠倒".to_owned(),
                told: Vec::new(),
            },
        ),
    ];
    (1..).zip(events).map(|(version, (by, day, late, event))| recorded(version, by, day, late, event)).collect()
}

fn told_to(width: usize) -> Vec<String> {
    let (directory, history) = (directory(), history());
    let case = fold(CASE, history.iter().filter_map(|event| event.envelope.happening()));
    let numbers = HashMap::new();
    let names = Names { directory: &directory, numbers: &numbers, zone: Zone::SHANGHAI };
    told(&case, &history, &names, Paint::none(), width)
}

#[test]
fn a_case_is_told_from_its_discovery_on() {
    insta::assert_snapshot!("timeline", told_to(90).join("\n"));
}

#[test]
fn a_verdict_stands_before_the_opinion_whose_full_stop_ends_the_line() {
    let (directory, numbers) = (directory(), HashMap::new());
    let names = Names { directory: &directory, numbers: &numbers, zone: Zone::SHANGHAI };
    let passed = CaseEvent::LevelPassed {
        level: 0,
        unit: OFFICE,
        relied_on: Vec::new(),
        verified: Amounts::new(),
        verdict: Some(Verdict::Founded),
        opinion: "凭证齐全，通过。".to_owned(),
    };
    assert_eq!(names.details(&passed)[0], "第 1 级 州整改办（属实）：凭证齐全，通过。");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for line in told_to(70) {
        assert!(columns(&line) <= 70, "{line}");
    }
}
