//! An event of every kind there is, with every optional field filled. A number chooses what it is about.

use rectify_case::assignment::{Assignment, Level, Method};
use rectify_case::carried_over::{Cell, Declared, Origin, Standing};
use rectify_case::completion::{Outcome, Verdict};
use rectify_case::deadline::{Deadline, Rule, Start, Suspension};
use rectify_case::directory::{Fork, Holding, Intake, Source, Unit, UnitKind};
use rectify_case::event::{Field, Ground, HandedAct, Likeness, Relation};
use rectify_case::evidence::Side;
use rectify_case::finding::{
    AuditDetails, CorrectiveAction, Details, PetitionClass, PetitionDetails, Severity, SourceReply, Subject,
};
use rectify_case::number::{CaseNumber, Series};
use rectify_case::publication::{Entries, Post, Publication, PublicationKind, PublishedSheet, Scope};
use rectify_case::quantity::{Amounts, MOST, Measured};
use rectify_case::time::Days;
use rectify_case::{
    AccessEvent, CaseEvent, CaseId, DirectoryEvent, Finding, LogId, PetitionPart, Role, SealAlgorithm, Sealed, UnitId,
    Zone,
};
use uuid::Uuid;

use crate::acts::{digest, file, finding, plan};
use crate::scenario::{CASE, FOURTH, OTHER, THIRD};
use crate::world::{OFFICE, ROADS, WATER, WATER_STATION, ZHOUQU_OFFICE, handler, leader, morning, officer, verifier};

const UNITS: [UnitId; 4] = [WATER, ROADS, WATER_STATION, ZHOUQU_OFFICE];
const CASES: [CaseId; 4] = [OTHER, CASE, THIRD, FOURTH];
const SEVERITIES: [Severity; 3] = [Severity::Grave, Severity::Serious, Severity::Ordinary];

fn one<T: Copy, const N: usize>(of: [T; N], n: u8) -> T {
    of[usize::from(n) % N]
}

fn why(n: u8) -> String {
    if n % 5 == 4 { String::new() } else { "按程序办理".to_owned() }
}

/// Counts of every kind; of some numbers far too large ones.
fn amounts(n: u8) -> Amounts {
    let amount = match n % 7 {
        5 => MOST,
        6 => u64::MAX,
        _ => 12_600_000 + u64::from(n),
    };
    Amounts::from([
        (Measured::Money, amount),
        (Measured::Households, 42),
        (Measured::Persons, 168),
        (Measured::Records, 3),
    ])
}

fn deadline(starts: Start, n: u8) -> Deadline {
    let rule = Rule { pack: "office".to_owned(), cite: "舟整改办〔2020〕4号".to_owned() };
    let days = if n.is_multiple_of(2) { Days::Calendar(60) } else { Days::Working(15) };
    let (from, to) = ("2020-06-01".parse().unwrap(), "2020-06-03".parse().unwrap());
    let suspension = Suspension { from, to, reason: "汛期停工".to_owned() };
    let from = "2020-04-21".parse().unwrap();
    Deadline::counted(starts, from, rule, days, Zone::SHANGHAI).suspended(suspension, Zone::SHANGHAI)
}

fn levels(n: u8) -> Vec<Level> {
    let first = Level { method: Method::OnFile, holder: Some(ZHOUQU_OFFICE), designated: false };
    let second = Level { method: Method::OnSite, holder: Some(OFFICE), designated: true };
    if n.is_multiple_of(2) { vec![first, second] } else { vec![first] }
}

fn assignment(n: u8) -> Assignment {
    let lead = one(UNITS, n);
    Assignment {
        leads: vec![lead],
        co_responsible: vec![one(UNITS, n.wrapping_add(1))],
        responsible_leader: Some(leader(lead).person),
        goal: "水费全部入账，建立长效机制".to_owned(),
        deadline: deadline(Start::Assigned, n),
        levels: levels(n),
    }
}

/// What an audit found.
fn of_audit(n: u8) -> Finding {
    let text = "2020年6月底前全部入账".to_owned();
    let corrective_action =
        CorrectiveAction {
            text, by: Some("2020年6月30日".to_owned()), contact: Some("舟曲县水务局财务股".to_owned())
        };
    let details = AuditDetails {
        rule_broken: Some("《政府会计准则——基本准则》第十二条".to_owned()),
        repeats: vec!["2018-007".to_owned()],
        corrective_action: Some(corrective_action),
        disagreement: Some("部分水费已于审计期后入账".to_owned()),
    };
    let severity = Some(one(SEVERITIES, n));
    Finding { severity, found: amounts(n), details: Details::Audit(details), ..finding(&(n % 3 + 1).to_string()) }
}

/// What an inspection found.
fn of_inspection(n: u8) -> Finding {
    let details = Details::Inspection {
        round: Some("第三轮巡视“回头看”".to_owned()),
        responsible: Some("舟曲县水务局".to_owned()),
    };
    Finding { source: "central-inspection".parse().unwrap(), details, ..of_audit(n) }
}

/// What a petition says.
fn of_petition(n: u8) -> Finding {
    let class = one([PetitionClass::Accusation, PetitionClass::Request, PetitionClass::Suggestion], n);
    let unit = one(UNITS, n);
    let reply = SourceReply { text: "已转舟曲县办理".to_owned(), replied: Some("2020-04-15".parse().unwrap()) };
    let subjects = vec![Subject::Unit(unit), Subject::Person(leader(unit).person)];
    let sealed = Sealed {
        algorithm: SealAlgorithm::XChaCha20Poly1305,
        generation: u32::from(n) + 1,
        ciphertext: "AAECAwQFBgc=".to_owned(),
        digest: digest(n),
        attachments: vec![digest(n + 1)],
    };
    let details = Details::Petition(PetitionDetails { class, subjects, reply: Some(reply), sealed: Some(sealed) });
    Finding { source: "petition".parse().unwrap(), details, ..of_audit(n) }
}

fn any_finding(n: u8) -> Finding {
    one([of_audit, of_petition, of_inspection], n)(n)
}

fn outcome(n: u8) -> Outcome {
    let review = "2021-04-21".parse().unwrap();
    let kept_up = Outcome::DoneAndKeptUp { review };
    one(
        [
            kept_up,
            Outcome::Rectified,
            Outcome::Unfounded,
            Outcome::DisagreementUpheld,
            Outcome::Overtaken,
            Outcome::Withdrawn,
        ],
        n,
    )
}

/// Where an older ledger leaves a case.
fn standing(n: u8) -> Standing {
    let on = Some("2020-03-31".parse().unwrap());
    match n % 7 {
        0 => Standing::Closed { outcome: outcome(n), on },
        1 | 2 => Standing::NotStarted,
        3 => Standing::UnderWay,
        4 => Standing::Dismissed { reason: why(n), on },
        5 => Standing::Merged { into: why(n), on },
        _ => Standing::Transferred { receiver: "州纪委监委".to_owned(), receipt: Some(why(n)), on },
    }
}

/// What an older ledger says.
fn declared(n: u8) -> Declared {
    let text = |text: &str| Some(text.to_owned());
    let cell = |header: &str, text: &str| Cell { header: header.to_owned(), text: text.to_owned() };
    Declared {
        finding: any_finding(n),
        standing: standing(n),
        old_number: text("舟整改〔2019〕17"),
        registered: Some("2019-11-20".parse().unwrap()),
        leader: text("王副县长"),
        kind: text("限期整改"),
        measures: text("清理水费，全部入账"),
        progress: text("已入账三成"),
        completed: Some("2020-03-20".parse().unwrap()),
        evidence: text("入账凭证12份"),
        opinion: text("经核，账实相符"),
        remarks: text("2019年度"),
        row: vec![cell("编号", "舟整改〔2019〕17"), cell("具体问题", "2019年曲告纳镇人饮工程水费未入账。")],
        origin: Origin {
            file: "2019年整改台账.xlsx".to_owned(), digest: digest(7), sheet: "台账".to_owned(), row: 5
        },
    }
}

/// An event of each kind that a case has.
pub fn case_events(n: u8) -> Vec<CaseEvent> {
    let unit = one(UNITS, n);
    let other = one(CASES, n);
    let person = leader(unit).person;
    let reason = || why(n);
    let finding = any_finding(n);
    let severity = one(SEVERITIES, n);
    let level = u32::from(n % 3);
    let until = "2020-07-20".parse().unwrap();
    let series = Series { office: Some("舟曲".to_owned()), source: "审计".to_owned(), year: 2020 };
    vec![
        CaseEvent::FindingReported { finding: finding.clone().into() },
        CaseEvent::PartOpened {
            parent: other,
            findings: vec![finding.clone()],
            found: amounts(n),
            title: "水费入账".to_owned(),
        },
        CaseEvent::CarriedOver {
            number: CaseNumber { series: series.clone(), serial: u64::from(n) + 6 },
            office: ZHOUQU_OFFICE,
            severity,
            declared: declared(n).into(),
            assignment: n
                .is_multiple_of(2)
                .then(|| Assignment { deadline: deadline(Start::CarriedOver, n), ..assignment(n) }),
        },
        CaseEvent::Registered {
            number: CaseNumber { series, serial: u64::from(n) + 7 },
            office: ZHOUQU_OFFICE,
            severity,
            title: "曲告纳镇人饮工程水费未入账".to_owned(),
            found: amounts(n),
        },
        CaseEvent::Assigned { assignment: assignment(n) },
        CaseEvent::Reassigned { assignment: assignment(n), reason: reason() },
        CaseEvent::Accepted { unit },
        CaseEvent::Returned { unit, reason: reason() },
        CaseEvent::HandedBack { unit, reason: reason() },
        CaseEvent::TakenBack { units: vec![unit], had_read: vec![1, 2, 3] },
        CaseEvent::CompletionReported {
            unit,
            outcome: outcome(n),
            account: "水费已全部入账".to_owned(),
            fixed: amounts(n),
        },
        CaseEvent::Verified { levels: level + 1 },
        CaseEvent::VerificationFailed { level, unit, reason: reason() },
        CaseEvent::SetAside {
            ground: one([Ground::ObjectionUpheld, Ground::ApprovalDeclined, Ground::NewFact], n),
            reason: reason(),
        },
        CaseEvent::Closed { outcome: outcome(n), rest: vec![other] },
        CaseEvent::Reopened { reason: reason(), deadline: deadline(Start::Reopened, n) },
        CaseEvent::Dismissed { reason: reason() },
        CaseEvent::MergedInto { target: other, reason: reason() },
        CaseEvent::Transferred {
            receiver: "州纪委监委".to_owned(),
            receipt: "甘纪收〔2020〕11号".to_owned(),
            reason: reason(),
        },
        CaseEvent::Revived { reason: reason() },
        CaseEvent::Unmerged { target: other, reason: reason() },
        CaseEvent::Split { parts: vec![other, FOURTH], reason: reason() },
        CaseEvent::FindingCorroborated { finding: finding.clone().into(), from: Some(other) },
        CaseEvent::FindingAmended { finding: finding.clone().into() },
        CaseEvent::FindingRepeated { finding: finding.clone().into() },
        CaseEvent::LikelyDuplicateFlagged {
            other,
            ground: one([Likeness::SameReference, Likeness::SamePlaceAndText], n),
        },
        CaseEvent::SeverityRaised { from: Severity::Ordinary, to: severity, reason: reason(), levels: levels(n) },
        CaseEvent::SeverityLoweringProposed { to: severity, reason: reason() },
        CaseEvent::SeverityLowered { from: Severity::Grave, to: severity, proposed_by: officer(ZHOUQU_OFFICE).person },
        CaseEvent::Pressed { message: "请抓紧整改".to_owned() },
        CaseEvent::PlanSubmitted { unit, plan: plan(unit) },
        CaseEvent::PlanApproved { unit },
        CaseEvent::PlanReturned { unit, reason: reason() },
        CaseEvent::ProgressReported { unit, text: "已入账三成".to_owned(), fixed: amounts(n), done: vec![0] },
        CaseEvent::JointLeadReported { unit, account: "本单位负责部分已整改".to_owned() },
        CaseEvent::ExtensionRequested { unit, until, reason: reason() },
        CaseEvent::ExtensionGranted { deadline: deadline(Start::Extended, n), asked_by: vec![handler(unit).person] },
        CaseEvent::ExtensionRefused { reason: reason() },
        CaseEvent::DeadlineChanged { deadline: deadline(Start::Assigned, n), reason: reason() },
        CaseEvent::EvidenceFiled {
            evidence: file(n % 3),
            side: one([Side::Responsible, Side::Verifier, Side::Office], n),
            unit,
        },
        CaseEvent::EvidenceWithdrawn { digest: digest(n % 3), reason: reason() },
        CaseEvent::LevelPassed {
            level,
            unit,
            relied_on: vec![digest(n % 3)],
            verified: amounts(n),
            verdict: Some(one(
                [Verdict::Founded, Verdict::LargelyFounded, Verdict::PartlyFounded, Verdict::Unfounded],
                n,
            )),
            opinion: "账实相符".to_owned(),
        },
        CaseEvent::VerifierDesignated { level, unit: OFFICE, reason: reason() },
        CaseEvent::Recused { person: verifier(ZHOUQU_OFFICE).person, reason: reason() },
        CaseEvent::SubjectsNamed { subjects: vec![Subject::Unit(unit), Subject::Person(person)], reason: reason() },
        CaseEvent::ClosureApproved { opinion: "同意销号".to_owned() },
        CaseEvent::HandedUp {
            act: one([HandedAct::Verification, HandedAct::Extension, HandedAct::Closure], n),
            from: ZHOUQU_OFFICE,
            to: OFFICE,
        },
        CaseEvent::Listed { target: "6月底前清零".to_owned(), leader: person },
        CaseEvent::ListingReviewed { note: "4月调度：进展正常".to_owned() },
        CaseEvent::Delisted { reason: reason() },
        CaseEvent::LookedBack { held: n.is_multiple_of(2), note: "实地查看供水设施".to_owned() },
        CaseEvent::QuantitiesRestated { found: amounts(n), reason: reason() },
        CaseEvent::RestSplitOff { to: other, amounts: amounts(n), reason: reason() },
        CaseEvent::MergeReceived {
            from: other,
            findings: vec![finding.clone()],
            subjects: vec![Subject::Unit(unit)],
            evidence: vec![file(n % 3)],
            severity,
            deadline: Some(deadline(Start::Assigned, n)),
            assignment: Some(assignment(n)),
            found: amounts(n),
        },
        CaseEvent::MergeUndone { from: other, findings: vec![finding.id()], found: amounts(n) },
        CaseEvent::Linked { other, relation: relation(n) },
        CaseEvent::Unlinked { other, relation: relation(n) },
        CaseEvent::CluePassedOn {
            receiver: "州纪委监委".to_owned(),
            receipt: "甘纪收〔2020〕12号".to_owned(),
            note: "涉嫌挪用".to_owned(),
        },
        CaseEvent::NoteAdded { text: "已电话联系".to_owned() },
        correction(n),
    ]
}

fn relation(n: u8) -> Relation {
    one([Relation::RecurrenceOf, Relation::SimilarTo, Relation::RelatedTo], n)
}

fn correction(n: u8) -> CaseEvent {
    let (field, new) = one(
        [
            (Field::Discovered, "2020-03-30"),
            (Field::Discovered, "三月三十日"),
            (Field::Title, "曲告纳镇水费未入账"),
            (Field::Text, "2018年水费未入账。"),
            (Field::Place, "博峪镇"),
            (Field::Category, "项目管理"),
            (Field::Progress, "已入账五成"),
            (Field::Account, "水费已于5月入账"),
        ],
        n,
    );
    CaseEvent::Corrected {
        version: u64::from(n) + 1,
        field,
        old: "2020-04-01".to_owned(),
        new: new.to_owned(),
        reason: "录入有误".to_owned(),
        told: vec![ZHOUQU_OFFICE],
    }
}

/// An event of each kind that the directory has.
pub fn directory_events() -> Vec<DirectoryEvent> {
    let person = handler(WATER).person;
    let on_behalf_of = leader(WATER).person;
    let (from, until) = (morning(), "2020-12-31T16:00:00Z".parse().unwrap());
    let unit = Unit {
        id: ZHOUQU_OFFICE,
        name: "舟曲县整改办".to_owned(),
        kind: UnitKind::Office,
        parent: Some(crate::world::ZHOUQU),
        division: "623023".parse().unwrap(),
        prefix: Some("舟曲".to_owned()),
    };
    let source = Source {
        code: "audit".parse().unwrap(),
        name: "审计".to_owned(),
        prefix: "审计".to_owned(),
        intake: Intake::Audit,
        severity: Severity::Ordinary,
    };
    vec![
        DirectoryEvent::UnitAdded(unit.clone()),
        DirectoryEvent::UnitChanged(unit),
        DirectoryEvent::UnitAbolished { unit: WATER_STATION, successor: Some(WATER) },
        DirectoryEvent::PersonAdded { person, name: "经办人甲".to_owned() },
        DirectoryEvent::RoleGranted(Holding { person, unit: WATER, role: Role::Handler, from, until: Some(until) }),
        DirectoryEvent::RoleEnded { person, unit: WATER, role: Role::Handler, at: until },
        DirectoryEvent::DelegationGranted { person, on_behalf_of, from, until },
        DirectoryEvent::DelegationEnded { person, on_behalf_of, at: until },
        DirectoryEvent::SourceDefined(source),
        DirectoryEvent::LogForked(Fork {
            from: LogId(Uuid::from_u128(9)),
            position: 4711,
            leaf: digest(1),
            reason: "数据库按备份恢复，其后的记录无法找回".to_owned(),
        }),
    ]
}

/// An event of each kind that access to a case has.
pub fn access_events() -> Vec<AccessEvent> {
    let (finding, reason) = (any_finding(1).id(), "回访前了解诉求".to_owned());
    let proposed_by = handler(WATER).person;
    vec![
        AccessEvent::EvidenceOpened { digest: digest(1) },
        AccessEvent::PetitionOpened { finding, what: PetitionPart::Attachment(digest(2)), reason },
        AccessEvent::PetitionHeld { finding, reason: "法定保存期限未届满".to_owned() },
        AccessEvent::PetitionReleased { finding, reason: "复查需要，保存期限已届满".to_owned() },
        AccessEvent::ShreddingProposed { finding, reason: "信访人申请删除".to_owned() },
        AccessEvent::ShreddingDeclined { finding, reason: "仍在复查期内".to_owned() },
        AccessEvent::ShreddingApproved {
            finding,
            proposed_by,
            contents: vec![digest(2)],
            attachments: vec![digest(3)],
        },
        AccessEvent::PetitionShredded {
            finding,
            reason: "信访人申请删除".to_owned(),
            proposed_by: Some(proposed_by),
            approved_by: Some(leader(WATER).person),
        },
        AccessEvent::SetAsideOpened {
            sequence: 7, digest: digest(3), reason: "核对来源报送的内容".to_owned()
        },
        AccessEvent::SetAsideResent { sequence: 7, digest: digest(3), finding },
        AccessEvent::DossierExported { digest: digest(4), version: 12, checkpoint: 1234 },
        AccessEvent::Published(Box::new(publication())),
    ]
}

fn publication() -> Publication {
    let person = handler(WATER).person;
    Publication {
        kind: PublicationKind::Problems,
        sheets: vec![PublishedSheet { name: "problems".to_owned(), columns: vec!["number".to_owned()] }],
        filter: [("stage".to_owned(), "assigned".to_owned())].into(),
        sort: "due".to_owned(),
        language: "zh-CN".to_owned(),
        zone: 8,
        position: 4711,
        as_of: morning(),
        scope: Scope { posts: vec![Post { person, unit: WATER, role: Role::Handler }], position: 4712, at: morning() },
        entries: Entries::of(&[17, 400].into()),
        mark: Some("4700:5fd0a63c18b2e947".to_owned()),
        program: "1.0.0".to_owned(),
        data: digest(5),
        file: digest(6),
        size: 9000,
        name: "问题清单 2020-04-21.xlsx".to_owned(),
    }
}
