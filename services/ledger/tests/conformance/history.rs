//! A prefecture, and what may happen to a case, at random but the same in every run.

use rectify_case::assignment::{Assignment, Level, Method};
use rectify_case::carried_over::{Declared, Origin, Standing};
use rectify_case::completion::Outcome;
use rectify_case::deadline::{Deadline, Rule, Start};
use rectify_case::directory::{Holding, Unit, UnitKind};
use rectify_case::event::{HandedAct, Likeness, Relation};
use rectify_case::finding::{Details, PetitionClass, PetitionDetails, Reference, Severity, Subject};
use rectify_case::number::Series;
use rectify_case::quantity::Amounts;
use rectify_case::time::Days;
use rectify_case::{CaseEvent, CaseId, DirectoryEvent, Finding, PersonId, Role, UnitId, Zone};
use uuid::Uuid;

/// Throws the same numbers in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let n = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (n ^ (n >> 31)) % limit
    }

    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

pub fn case(n: u64) -> CaseId {
    CaseId(Uuid::from_u64_pair(7, n))
}

pub fn unit(n: u64) -> UnitId {
    UnitId(Uuid::from_u64_pair(8, n))
}

pub fn person(n: u64) -> PersonId {
    PersonId(Uuid::from_u64_pair(9, n))
}

/// How many units the prefecture has: itself, three counties, and with each of the four an office, two departments and a
/// township.
pub const UNITS: u64 = 20;

/// How many persons have roles.
pub const PERSONS: u64 = 24;

const DIVISIONS: [&str; 4] = ["623000", "623023", "623024", "623025"];

/// Returns the unit that a county (from 0, the prefecture itself) has in a place: itself, office, department, department,
/// township.
pub fn of_county(county: u64, place: u64) -> UnitId {
    unit(county * 5 + place)
}

pub fn the_unit(id: u64, division: &str) -> Unit {
    let (county, place) = (id / 5, id % 5);
    let (kind, parent) = match (county, place) {
        (0, 0) => (UnitKind::Prefecture, None),
        (_, 0) => (UnitKind::County, Some(of_county(0, 0))),
        (_, 1) => (UnitKind::Office, Some(of_county(county, 0))),
        (_, 4) => (UnitKind::Township, Some(of_county(county, 2))),
        _ => (UnitKind::Department, Some(of_county(county, 0))),
    };
    let prefix = (place == 1 && county > 0).then(|| format!("县{county}"));
    Unit { id: unit(id), name: format!("单位{id}"), kind, parent, division: division.parse().unwrap(), prefix }
}

pub fn granted(who: u64, unit: UnitId, role: Role) -> DirectoryEvent {
    DirectoryEvent::RoleGranted(Holding { person: person(who), unit, role, from: at(), until: None })
}

fn at() -> chrono::DateTime<chrono::Utc> {
    "2020-01-01T00:00:00Z".parse().unwrap()
}

/// Returns the prefecture. Person 0 is its officer.
pub fn prefecture(dice: &mut Dice) -> Vec<DirectoryEvent> {
    let division = |id: u64| DIVISIONS[usize::try_from(id / 5).unwrap()];
    let mut events: Vec<_> = (0..UNITS).map(|id| DirectoryEvent::UnitAdded(the_unit(id, division(id)))).collect();
    events.extend((0..PERSONS).map(|n| DirectoryEvent::PersonAdded { person: person(n), name: format!("人{n}") }));
    events.push(granted(0, of_county(0, 1), Role::Officer));
    for n in 1..PERSONS {
        for _ in 0..=dice.below(2) {
            let role = dice.one(&Role::ALL);
            events.push(granted(n, unit(dice.below(UNITS)), role));
        }
    }
    events
}

/// Returns what an audit found.
pub fn finding(item: u64, text: &str) -> Finding {
    Finding {
        source: "audit".parse().unwrap(),
        reference: Reference {
            issuing_body: "州审计局".to_owned(),
            document: "州审报〔2020〕3号".to_owned(),
            item: item.to_string(),
        },
        title: format!("问题{item}"),
        text: text.to_owned(),
        division: "623023".parse().unwrap(),
        place: Some("曲告纳镇".to_owned()),
        discovered: "2020-04-01".parse().unwrap(),
        category: None,
        severity: None,
        found: Amounts::new(),
        details: Details::Audit(rectify_case::finding::AuditDetails::default()),
    }
}

pub fn petition(item: u64, class: PetitionClass, subjects: Vec<Subject>) -> Finding {
    let details = Details::Petition(PetitionDetails { class, subjects, reply: None, sealed: None });
    Finding { source: "petition".parse().unwrap(), details, ..finding(item, "反映饮水安全工程未通水") }
}

pub fn reported(finding: Finding) -> CaseEvent {
    CaseEvent::FindingReported { finding: finding.into() }
}

pub fn registered(n: u64) -> CaseEvent {
    let number = Series { office: None, source: "审计".to_owned(), year: 2020 }.next();
    let (title, found) = (format!("登记的问题{n}"), Amounts::new());
    CaseEvent::Registered { number, office: of_county(0, 1), severity: Severity::Ordinary, title, found }
}

/// What an older ledger says, with its number there.
pub fn carried_over(finding: Finding, old_number: &str, standing: Standing, lead: UnitId) -> CaseEvent {
    let number = Series { office: None, source: "审计".to_owned(), year: 2019 }.next();
    let declared = Declared {
        finding,
        standing,
        old_number: Some(old_number.to_owned()),
        registered: Some("2019-11-20".parse().unwrap()),
        leader: None,
        kind: None,
        measures: None,
        progress: None,
        completed: None,
        evidence: None,
        opinion: None,
        remarks: None,
        row: Vec::new(),
        origin: Origin {
            file: "台账.xlsx".to_owned(),
            digest: "0".repeat(64).parse().unwrap(),
            sheet: String::new(),
            row: 3,
        },
    };
    let (office, severity) = (of_county(0, 1), Severity::Ordinary);
    let assignment = Some(assignment(lead, 60, Some(office)));
    CaseEvent::CarriedOver { number, office, severity, declared: declared.into(), assignment }
}

/// Struck off in an older ledger.
pub fn struck_off() -> Standing {
    Standing::Closed { outcome: Outcome::Rectified, on: Some("2020-03-31".parse().unwrap()) }
}

pub fn deadline(days: u16) -> Deadline {
    let rule = Rule { pack: "office".to_owned(), cite: "交办通知".to_owned() };
    let from = "2020-04-25".parse().unwrap();
    Deadline::counted(Start::Assigned, from, rule, Days::Calendar(days), Zone::SHANGHAI)
}

pub fn assignment(lead: UnitId, days: u16, holder: Option<UnitId>) -> Assignment {
    Assignment {
        leads: vec![lead],
        co_responsible: Vec::new(),
        responsible_leader: None,
        goal: "整改到位".to_owned(),
        deadline: deadline(days),
        levels: vec![Level { method: Method::OnFile, holder, designated: false }],
    }
}

pub fn assigned(lead: UnitId, days: u16, holder: Option<UnitId>) -> CaseEvent {
    CaseEvent::Assigned { assignment: assignment(lead, days, holder) }
}

pub fn completed(unit: UnitId) -> CaseEvent {
    let account = "已整改".to_owned();
    CaseEvent::CompletionReported { unit, outcome: Outcome::Rectified, account, fixed: Amounts::new() }
}

pub fn closed() -> CaseEvent {
    CaseEvent::Closed { outcome: Outcome::Rectified, rest: Vec::new() }
}

/// Returns how a case begins.
pub fn beginning(dice: &mut Dice, n: u64) -> CaseEvent {
    let class = dice.one(&[
        None,
        Some(PetitionClass::Request),
        Some(PetitionClass::Suggestion),
        Some(PetitionClass::Accusation),
        Some(PetitionClass::Accusation),
    ]);
    let subject = subject(dice);
    let mut reported_one = class.map_or_else(|| finding(n, "问题的原文"), |class| petition(n, class, vec![subject]));
    reported_one.division = dice.one(&["623000", "623023", "623024", "623025", "623023001", "623101"]).parse().unwrap();
    match n % 8 {
        6 => carried_over(reported_one, &format!("旧-{n}"), Standing::UnderWay, unit(n % UNITS)),
        7 => carried_over(reported_one, &format!("旧-{n}"), struck_off(), unit(n % UNITS)),
        _ => reported(reported_one),
    }
}

fn subject(dice: &mut Dice) -> Subject {
    match dice.below(2) {
        0 => Subject::Unit(unit(dice.below(UNITS))),
        _ => Subject::Person(person(1 + dice.below(PERSONS - 1))),
    }
}

/// Returns something that may happen to a case, whether or not there is a place for it.
pub fn anything(dice: &mut Dice, n: u64) -> CaseEvent {
    let some_unit = unit(dice.below(UNITS));
    let some_person = person(1 + dice.below(PERSONS - 1));
    let reason = "按程序办理".to_owned();
    match dice.below(24) {
        0..=2 => registered(n),
        3..=6 => {
            let mut given = assignment(some_unit, 60, Some(unit(dice.below(UNITS))));
            given.co_responsible = vec![unit(dice.below(UNITS))];
            given.responsible_leader = Some(some_person);
            CaseEvent::Assigned { assignment: given }
        }
        7..=9 => CaseEvent::Accepted { unit: some_unit },
        10 => completed(some_unit),
        11 => CaseEvent::Verified { levels: 1 },
        12 => closed(),
        13 => CaseEvent::Recused { person: some_person, reason },
        14 => CaseEvent::SubjectsNamed { subjects: vec![subject(dice)], reason },
        15 => CaseEvent::HandedUp { act: HandedAct::Closure, from: some_unit, to: unit(dice.below(UNITS)) },
        16 => CaseEvent::Listed { target: "限期整改".to_owned(), leader: some_person },
        17 => CaseEvent::Returned { unit: some_unit, reason },
        18 => CaseEvent::Linked { other: case(dice.below(50)), relation: Relation::RecurrenceOf },
        19 => CaseEvent::LikelyDuplicateFlagged { other: case(dice.below(50)), ground: Likeness::SameReference },
        20 => CaseEvent::FindingCorroborated { finding: finding(1_000 + n, "同一问题").into(), from: None },
        21 => CaseEvent::MergedInto { target: case(dice.below(50)), reason },
        22 => CaseEvent::Dismissed { reason },
        _ => CaseEvent::NoteAdded { text: reason },
    }
}
