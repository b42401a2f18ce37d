//! A prefecture of invented units and people, and the invented life of a case: fifteen events, as an office writes them.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use rectify_case::assignment::{Assignment, Level, Method};
use rectify_case::completion::Outcome;
use rectify_case::deadline::{Deadline, Rule, Start};
use rectify_case::directory::{Holding, Intake, Source, Unit, UnitKind};
use rectify_case::evidence::{Evidence, Side};
use rectify_case::finding::{AuditDetails, Details, PetitionClass, PetitionDetails, Reference, Severity, SourceReply};
use rectify_case::number::{CaseNumber, Series};
use rectify_case::plan::{Measure, Plan};
use rectify_case::quantity::{Amounts, Measured};
use rectify_case::time::Days;
use rectify_case::{
    Actor, CaseEvent, CaseId, DirectoryEvent, DivisionCode, Finding, Happened, PersonId, Role, SealAlgorithm, Sealed,
    UnitId, Zone,
};
use uuid::Uuid;

/// The events of a case.
pub const EVENTS: u64 = 15;

/// How many lives differ in more than names and words.
pub const KINDS: u64 = 64;

/// The prefecture, and seven counties.
const DIVISIONS: [&str; 8] = ["623000", "623001", "623021", "623022", "623023", "623024", "623025", "623026"];

/// The units of a county: itself, its office, and those that repair.
const UNITS: [(&str, UnitKind); 8] = [
    ("政府", UnitKind::County),
    ("整改办", UnitKind::Office),
    ("水务局", UnitKind::Department),
    ("民政局", UnitKind::Department),
    ("住建局", UnitKind::Department),
    ("教育局", UnitKind::Department),
    ("财政局", UnitKind::Department),
    ("城关镇", UnitKind::Township),
];

const SOURCES: [(&str, &str, Intake); 4] = [
    ("audit", "审计", Intake::Audit),
    ("patrol", "巡查检查", Intake::Inspection),
    ("petition", "信访", Intake::Petition),
    ("central-inspection", "中央巡视", Intake::Inspection),
];

/// Whoever hands findings in.
const SENDER: PersonId = PersonId(Uuid::from_u128(0x9_0000));

/// Reads whatever the prefecture's office reads.
pub const OFFICER: PersonId = PersonId(Uuid::from_u128(0x9_1001));

/// Reads what concerns one department of one county, which leads two of the lives: one that is still being repaired, and late,
/// and one that is closed.
pub const HANDLER: PersonId = PersonId(Uuid::from_u128(0x9_103a));

/// What everything is written at.
pub fn recorded() -> DateTime<Utc> {
    "2020-09-30T01:32:09.000100Z".parse().expect("an instant")
}

pub fn unit(county: u64, place: u64) -> UnitId {
    UnitId(Uuid::from_u128(0x8_0000 + u128::from(county * 8 + place)))
}

pub fn person(county: u64, place: u64) -> PersonId {
    PersonId(Uuid::from_u128(0x9_1000 + u128::from(county * 8 + place)))
}

fn verifier(county: u64) -> PersonId {
    PersonId(Uuid::from_u128(0x9_2000 + u128::from(county)))
}

pub fn division(county: u64) -> DivisionCode {
    DIVISIONS[index(county, DIVISIONS.len())].parse().expect("a division")
}

fn index(n: u64, len: usize) -> usize {
    usize::try_from(n).map_or(0, |n| n % len)
}

pub fn actor(person: PersonId, unit: UnitId, role: Role) -> Actor {
    Actor { person, unit, role, on_behalf_of: None }
}

/// Returns who hands findings in.
pub fn sender() -> Actor {
    actor(SENDER, unit(0, 6), Role::SourceSystem)
}

/// Returns the prefecture.
pub fn directory() -> Vec<DirectoryEvent> {
    let from: DateTime<Utc> = "2019-01-01T00:00:00Z".parse().expect("an instant");
    let granted = |person, unit, role| DirectoryEvent::RoleGranted(Holding { person, unit, role, from, until: None });
    let named =
        |person: PersonId| DirectoryEvent::PersonAdded { person, name: format!("某{}", person.0.as_u128() & 0xffff) };
    let mut events = Vec::new();
    for county in 0..DIVISIONS.len() as u64 {
        for (place, (name, kind)) in (0..).zip(UNITS) {
            let kind = if county == 0 && place == 0 { UnitKind::Prefecture } else { kind };
            let parent = match (county, place) {
                (0, 0) => None,
                (_, 0) => Some(unit(0, 0)),
                _ => Some(unit(county, 0)),
            };
            let (name, division) = (format!("{county}县{name}"), division(county));
            let prefix = (county > 0 && place == 1).then(|| format!("县{county}"));
            events.push(DirectoryEvent::UnitAdded(Unit {
                id: unit(county, place),
                name,
                kind,
                parent,
                division,
                prefix,
            }));
        }
        for place in 0..UNITS.len() as u64 {
            let role = match place {
                0 => Role::ResponsibleLeader,
                1 => Role::Officer,
                _ => Role::Handler,
            };
            events.push(named(person(county, place)));
            events.push(granted(person(county, place), unit(county, place), role));
        }
        events.push(named(verifier(county)));
        events.push(granted(verifier(county), unit(county, 1), Role::Verifier));
    }
    events.push(named(SENDER));
    events.push(granted(SENDER, unit(0, 6), Role::SourceSystem));
    for (code, name, intake) in SOURCES {
        let (code, name) = (code.parse().expect("a code"), name.to_owned());
        let severity = Severity::Ordinary;
        events.push(DirectoryEvent::SourceDefined(Source { code, prefix: name.clone(), name, intake, severity }));
    }
    events
}

/// Returns an invented finding, known by its item. One of four is a petition.
pub fn finding(n: u64, item: &str, words: &str) -> Finding {
    let county = n % 8;
    let (source, _, intake) = SOURCES[index(n / 8, SOURCES.len())];
    let details = match intake {
        Intake::Petition => Details::Petition(PetitionDetails {
            class: PetitionClass::Request,
            subjects: Vec::new(),
            reply: Some(SourceReply { text: "已转有关单位办理。".to_owned(), replied: None }),
            sealed: Some(sealed()),
        }),
        Intake::Inspection => {
            Details::Inspection { round: Some("第三轮".to_owned()), responsible: Some("县住建局".to_owned()) }
        }
        Intake::Audit => Details::Audit(AuditDetails {
            rule_broken: Some("《农村危房改造补助资金管理暂行办法》第十二条".to_owned()),
            ..AuditDetails::default()
        }),
    };
    Finding {
        source: source.parse().expect("a code"),
        reference: Reference {
            issuing_body: "州审计局".to_owned(),
            document: "州审报〔2020〕3号".to_owned(),
            item: item.to_owned(),
        },
        title: format!("{words}等村饮水安全工程管护不到位"),
        text: format!(
            "经查，{words}等村集中供水工程冬季管道冻裂后未及时修复，涉及农户供水不正常；维修养护资金12.6万元滞留未拨付，\
             管护人员工资未按协议兑现，水费收缴台账与实际不符。"
        ),
        division: division(county),
        place: Some("城关镇".to_owned()),
        discovered: Happened::On(day(n)),
        category: Some("饮水安全".to_owned()),
        severity: Some(Severity::Ordinary),
        found: households(36),
        details,
    }
}

/// Returns as many bytes as a petition of a page has sealed, which open nothing.
fn sealed() -> Sealed {
    Sealed {
        algorithm: SealAlgorithm::XChaCha20Poly1305,
        generation: 1,
        ciphertext: "c2Vh".repeat(300),
        digest: "5e".repeat(32).parse().expect("32 bytes in hexadecimal are a digest"),
        attachments: Vec::new(),
    }
}

/// Returns a day of the year 2020 before all else happened.
fn day(n: u64) -> NaiveDate {
    let first: NaiveDate = "2020-01-06".parse().expect("a day");
    first + TimeDelta::days(i64::try_from(n * 7 % 200).unwrap_or(0))
}

fn households(count: u64) -> Amounts {
    Amounts::from([(Measured::Households, count), (Measured::Money, 12_600_000)])
}

fn file(n: u64, name: &str) -> Evidence {
    let digest = format!("{:064x}", n + 1).parse().expect("a digest");
    Evidence { digest, name: name.to_owned(), media_type: "application/pdf".to_owned(), size: 482_113 }
}

/// Returns what happens to a case, and who does it: none of the seven rules is broken. One case of sixteen is still being
/// repaired after its fifteen events, the others are closed.
pub fn life(n: u64, item: &str, words: &str, serial: u64) -> Vec<(Actor, CaseEvent)> {
    let county = n % 8;
    let (office, lead) = (unit(county, 1), unit(county, 2 + n % 5));
    let officer = actor(person(county, 1), office, Role::Officer);
    let handler = actor(person(county, 2 + n % 5), lead, Role::Handler);
    let verifying = actor(verifier(county), office, Role::Verifier);
    let from = "2020-08-03".parse().expect("a day");
    let rule = Rule { pack: "office".to_owned(), cite: "交办通知".to_owned() };
    let days = Days::Calendar(u16::try_from(30 + n % 90).unwrap_or(30));
    let assignment = Assignment {
        leads: vec![lead],
        co_responsible: vec![unit(county, 7)],
        responsible_leader: Some(person(county, 0)),
        goal: "管道修复通水，管护制度落实，资金拨付到位".to_owned(),
        deadline: Deadline::counted(Start::Assigned, from, rule, days, Zone::SHANGHAI),
        levels: vec![Level { method: Method::OnFile, holder: Some(office), designated: false }],
    };
    let measure = |text: &str| Measure { text: text.to_owned(), unit: lead, by: from + TimeDelta::days(20) };
    let plan = Plan {
        measures: vec![
            measure("更换冻裂管道并回填保温"),
            measure("拨付维修养护资金，兑现管护人员工资"),
            measure("核对水费收缴台账，建立月报制度"),
        ],
    };
    let progress = |fixed, done: &[u32]| CaseEvent::ProgressReported {
        unit: lead,
        text: "已更换管道420米，其余正在施工；资金已报财政审核。".to_owned(),
        fixed: Amounts::from([(Measured::Households, fixed)]),
        done: done.to_vec(),
    };
    let filed = |n, name, side, unit| CaseEvent::EvidenceFiled { evidence: file(n, name), side, unit };
    let series =
        Series { office: (county > 0).then(|| format!("县{county}")), source: "审计".to_owned(), year: 2020 };
    let title = format!("{words}等村饮水安全工程管护不到位");
    let finding = finding(n, item, words);
    let mut events = vec![
        (sender(), CaseEvent::FindingReported { finding: finding.into() }),
        (
            officer,
            CaseEvent::Registered {
                number: CaseNumber { series, serial },
                office,
                severity: Severity::Ordinary,
                title,
                found: households(36),
            },
        ),
        (officer, CaseEvent::Assigned { assignment }),
        (handler, CaseEvent::Accepted { unit: lead }),
        (handler, CaseEvent::PlanSubmitted { unit: lead, plan }),
        (officer, CaseEvent::PlanApproved { unit: lead }),
        (handler, progress(9, &[0])),
        (handler, filed(1, "施工照片.pdf", Side::Responsible, lead)),
        (handler, progress(18, &[])),
        (handler, progress(27, &[1])),
    ];
    if is_live(n) {
        events.push((handler, filed(2, "资金拨付凭证.pdf", Side::Responsible, lead)));
        events.extend([30, 31, 32, 33].map(|fixed| (handler, progress(fixed, &[]))));
    } else {
        let fixed = households(36);
        events.extend([
            (
                handler,
                CaseEvent::CompletionReported {
                    unit: lead,
                    outcome: Outcome::Rectified,
                    account: "管道已全部更换并通水，资金已拨付，台账已核对。".to_owned(),
                    fixed: fixed.clone(),
                },
            ),
            (verifying, filed(2, "现场核验照片.pdf", Side::Verifier, office)),
            (
                verifying,
                CaseEvent::LevelPassed {
                    level: 0,
                    unit: office,
                    relied_on: vec![file(2, "").digest],
                    verified: fixed,
                    verdict: None,
                    opinion: "现场核验属实，同意销号".to_owned(),
                },
            ),
            (verifying, CaseEvent::Verified { levels: 1 }),
            (officer, CaseEvent::Closed { outcome: Outcome::Rectified, rest: Vec::new() }),
        ]);
    }
    events
}

/// Returns whether a case is still being repaired after its fifteen events.
pub fn is_live(n: u64) -> bool {
    n % 16 == 15
}

/// Returns the case with a number: its id looks as if thrown, for those of real cases do.
pub fn case(n: u64) -> CaseId {
    CaseId(Uuid::from_u64_pair(mix(n), mix(n ^ 0x5555_5555)))
}

/// Returns twelve characters that differ from case to case.
pub fn words(n: u64) -> String {
    (0..12).map(|place| CHARACTERS[index(mix(n * 12 + place), CHARACTERS.len())]).collect()
}

/// Spreads the bits of a number (splitmix64).
pub fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

const CHARACTERS: [char; 64] = [
    '东', '西', '南', '北', '上', '下', '大', '小', '新', '老', '青', '白', '黑', '红', '金', '木', '水', '火', '土',
    '山', '石', '河', '沟', '坪', '湾', '坡', '岭', '梁', '滩', '川', '泉', '桥', '寺', '堡', '寨', '庄', '家', '马',
    '牛', '羊', '杨', '李', '王', '张', '柳', '松', '柏', '桃', '杏', '梨', '花', '草', '云', '雪', '风', '雨', '春',
    '夏', '秋', '冬', '平', '安', '和', '兴',
];
