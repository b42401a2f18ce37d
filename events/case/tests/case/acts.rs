//! Every command as it is usually asked, and by whom; and how a case of the county's water bureau comes to each stage.

use rectify_case::carried_over::{Declared, Origin, Standing};
use rectify_case::command::{DeadlineChange, Ends, Part, Term};
use rectify_case::completion::{Outcome, Verdict};
use rectify_case::deadline::Suspension;
use rectify_case::event::{Field, Ground, HandedAct, Likeness, Relation};
use rectify_case::evidence::Evidence;
use rectify_case::finding::{AuditDetails, Details, PetitionClass, PetitionDetails, Reference, Severity, Subject};
use rectify_case::plan::{Measure, Plan};
use rectify_case::quantity::{Amounts, Measured};
use rectify_case::time::Days;
use rectify_case::{CaseId, Command, Digest, DirectoryEvent, Finding, FindingId, PersonId, Stage, UnitId, Version};

use crate::scenario::{Act, CASE, OTHER, THIRD};
use crate::world::{OFFICE, WATER, ZHOUQU_OFFICE, closing_leader, handler, leader, officer, second, source, verifier};

// What is spoken of.

/// What an audit found: 100 分.
pub fn finding(item: &str) -> Finding {
    Finding {
        source: "audit".parse().unwrap(),
        reference: Reference {
            issuing_body: "州审计局".to_owned(),
            document: "州审报〔2020〕3号".to_owned(),
            item: item.to_owned(),
        },
        title: "人饮工程水费未入账".to_owned(),
        text: "2019年曲告纳镇人饮工程水费未入账。".to_owned(),
        division: "623023".parse().unwrap(),
        place: Some("曲告纳镇".to_owned()),
        discovered: "2020-04-01".parse().unwrap(),
        category: Some("资金管理".to_owned()),
        severity: None,
        found: money(100),
        details: Details::Audit(AuditDetails::default()),
    }
}

pub fn petition(item: &str, class: PetitionClass, subjects: &[Subject]) -> Finding {
    let details = PetitionDetails { class, subjects: subjects.to_vec(), reply: None, sealed: None };
    let finding = finding(item);
    Finding { source: "petition".parse().unwrap(), details: Details::Petition(details), ..finding }
}

pub fn accusation(subject: Subject) -> Finding {
    petition("1", PetitionClass::Accusation, &[subject])
}

pub fn money(amount: u64) -> Amounts {
    Amounts::from([(Measured::Money, amount)])
}

pub fn digest(n: u8) -> Digest {
    format!("{n:064x}").parse().unwrap()
}

pub fn file(n: u8) -> Evidence {
    let name = format!("凭证{n}.pdf");
    Evidence { digest: digest(n), name, media_type: "application/pdf".to_owned(), size: 1_024 }
}

pub fn plan(unit: UnitId) -> Plan {
    let text = "清理入账，建立台账".to_owned();
    Plan { measures: vec![Measure { text, unit, by: "2020-05-31".parse().unwrap() }] }
}

pub fn days(days: u16) -> Term {
    Term { ends: Ends::After(Days::Calendar(days)), rule: None }
}

pub fn part(id: CaseId, title: &str, amount: u64) -> Part {
    Part { id, title: title.to_owned(), found: money(amount) }
}

fn why() -> String {
    "按程序办理".to_owned()
}

// The acts, in the order of a case's life.

pub fn change(event: DirectoryEvent) -> Act {
    Act::change(event)
}

pub fn report(finding: Finding) -> Act {
    Act::ask(source(), Command::Report { finding: finding.into() })
}

/// Carried over from an older ledger by the county's office, as that ledger leaves it.
pub fn carry_over(finding: Finding, standing: Standing, leads: &[UnitId]) -> Act {
    carry(declared(finding, standing), leads, Some("2020-06-30"))
}

pub fn carry(declared: Declared, leads: &[UnitId], deadline: Option<&str>) -> Act {
    office(Command::CarryOver {
        declared: declared.into(),
        leads: leads.to_vec(),
        co_responsible: vec![],
        responsible_leader: leads.first().map(|lead| leader(*lead).person),
        goal: "水费全部入账".to_owned(),
        deadline: deadline.map(|day| day.parse().unwrap()),
    })
}

/// What an older ledger says of a finding.
pub fn declared(finding: Finding, standing: Standing) -> Declared {
    Declared {
        finding,
        standing,
        old_number: Some("舟整改〔2019〕17".to_owned()),
        registered: None,
        leader: None,
        kind: None,
        measures: Some("清理水费，全部入账".to_owned()),
        progress: None,
        completed: None,
        evidence: None,
        opinion: None,
        remarks: None,
        row: vec![],
        origin: Origin { file: "台账.xlsx".to_owned(), digest: digest(7), sheet: String::new(), row: 5 },
    }
}

/// Struck off in an older ledger, on 20 April 2020.
pub fn struck_off() -> Standing {
    Standing::Closed { outcome: Outcome::Rectified, on: Some("2020-04-20".parse().unwrap()) }
}

/// What left the old ledger, each in its way.
pub fn left(on: Option<&str>) -> [Standing; 3] {
    let on = on.map(|on| on.parse().unwrap());
    let (receiver, receipt) = ("州纪委监委".to_owned(), Some("甘纪收〔2020〕11号".to_owned()));
    [
        Standing::Dismissed { reason: "不属整改范围".to_owned(), on },
        Standing::Merged { into: "舟整改〔2019〕3".to_owned(), on },
        Standing::Transferred { receiver, receipt, on },
    ]
}

pub fn amend(finding: Finding) -> Act {
    Act::ask(source(), Command::Amend { finding: finding.into() })
}

pub fn corroborate(from: CaseId, finding: FindingId) -> Act {
    office(Command::Corroborate { from, finding })
}

pub fn flag_likely_duplicate(other: CaseId) -> Act {
    Act::ask(source(), Command::FlagLikelyDuplicate { other, ground: Likeness::SameReference })
}

pub fn register() -> Act {
    office(Command::Register { severity: None, title: None, found: None })
}

pub fn register_as(severity: Severity) -> Act {
    office(Command::Register { severity: Some(severity), title: None, found: None })
}

pub fn assign(lead: UnitId) -> Act {
    assign_to(&[lead], &[])
}

/// Assigned for 60 days, which end on 20 June 2020.
pub fn assign_to(leads: &[UnitId], co_responsible: &[UnitId]) -> Act {
    let responsible_leader = leads.first().map(|lead| leader(*lead).person);
    assign_under(leads, co_responsible, responsible_leader)
}

pub fn assign_under(leads: &[UnitId], co_responsible: &[UnitId], responsible_leader: Option<PersonId>) -> Act {
    office(Command::Assign {
        leads: leads.to_vec(),
        co_responsible: co_responsible.to_vec(),
        responsible_leader,
        goal: "水费全部入账".to_owned(),
        term: Some(days(60)),
    })
}

pub fn reassign(lead: UnitId) -> Act {
    office(Command::Reassign {
        leads: vec![lead],
        co_responsible: vec![],
        responsible_leader: Some(leader(lead).person),
        goal: "水费全部入账".to_owned(),
        reason: why(),
    })
}

pub fn split(parts: &[Part]) -> Act {
    office(Command::Split { parts: parts.to_vec(), reason: why() })
}

/// Split in two, for 60 and 40 of the 100.
pub fn split_in_two() -> Act {
    split(&[part(OTHER, "水费入账", 60), part(THIRD, "票据管理", 40)])
}

pub fn merge(into: CaseId) -> Act {
    office(Command::Merge { into, found: None, reason: why() })
}

pub fn unmerge() -> Act {
    office(Command::Unmerge { reason: why() })
}

pub fn dismiss(reason: &str) -> Act {
    office(Command::Dismiss { reason: reason.to_owned() })
}

pub fn transfer(receiver: &str, receipt: &str) -> Act {
    office(Command::Transfer { receiver: receiver.to_owned(), receipt: receipt.to_owned(), reason: why() })
}

pub fn revive() -> Act {
    office(Command::Revive { reason: why() })
}

pub fn accept(unit: UnitId) -> Act {
    Act::ask(handler(unit), Command::Accept { unit })
}

pub fn give_back(unit: UnitId, reason: &str) -> Act {
    Act::ask(handler(unit), Command::Return { unit, reason: reason.to_owned() })
}

pub fn hand_back(unit: UnitId, reason: &str) -> Act {
    Act::ask(handler(unit), Command::HandBack { unit, reason: reason.to_owned() })
}

pub fn submit_plan(unit: UnitId) -> Act {
    Act::ask(handler(unit), Command::SubmitPlan { unit, plan: plan(unit) })
}

pub fn approve_plan(unit: UnitId) -> Act {
    office(Command::ApprovePlan { unit })
}

pub fn return_plan(unit: UnitId) -> Act {
    office(Command::ReturnPlan { unit, reason: why() })
}

pub fn report_progress(unit: UnitId, fixed: u64, done: &[u32]) -> Act {
    let text = "已清理部分水费".to_owned();
    Act::ask(handler(unit), Command::ReportProgress { unit, text, fixed: money(fixed), done: done.to_vec() })
}

pub fn press() -> Act {
    office(Command::Press { message: "请抓紧整改".to_owned() })
}

pub fn request_extension(unit: UnitId, until: &str) -> Act {
    let until = until.parse().unwrap();
    Act::ask(handler(unit), Command::RequestExtension { unit, until, reason: why() })
}

pub fn grant_extension() -> Act {
    office(Command::GrantExtension {})
}

pub fn refuse_extension() -> Act {
    office(Command::RefuseExtension { reason: why() })
}

pub fn suspend(from: &str, to: &str) -> Act {
    let suspension =
        Suspension { from: from.parse().unwrap(), to: to.parse().unwrap(), reason: "汛期停工".to_owned() };
    office(Command::ChangeDeadline { change: DeadlineChange::Suspend(suspension), reason: why() })
}

pub fn replace_term(term: Term) -> Act {
    office(Command::ChangeDeadline { change: DeadlineChange::Replace(term), reason: why() })
}

pub fn file_evidence(unit: UnitId, n: u8) -> Act {
    Act::ask(handler(unit), Command::FileEvidence { unit, evidence: file(n) })
}

/// Gathered on site by the verifier of a unit.
pub fn gather(unit: UnitId, n: u8) -> Act {
    file_evidence(unit, n).by(verifier(unit))
}

pub fn withdraw_evidence(unit: UnitId, n: u8) -> Act {
    Act::ask(handler(unit), Command::WithdrawEvidence { digest: digest(n), reason: why() })
}

pub fn open(n: u8) -> Act {
    Act::open(verifier(ZHOUQU_OFFICE), digest(n))
}

/// The lead says that all is fixed, and puts file 1 on file.
pub fn report_completion(unit: UnitId) -> Act {
    complete(unit, Outcome::Rectified, 100, &[1])
}

pub fn complete(unit: UnitId, outcome: Outcome, fixed: u64, files: &[u8]) -> Act {
    let evidence = files.iter().copied().map(file).collect();
    let account = "水费已全部入账".to_owned();
    let (fixed, done) = (money(fixed), vec![]);
    Act::ask(handler(unit), Command::ReportCompletion { unit, outcome, account, fixed, done, evidence })
}

/// All is fixed, and so many measures are done with it.
pub fn complete_with_measures(unit: UnitId, done: &[u32]) -> Act {
    let (outcome, account, done) = (Outcome::Rectified, "水费已全部入账".to_owned(), done.to_vec());
    let (fixed, evidence) = (money(100), vec![file(1)]);
    Act::ask(handler(unit), Command::ReportCompletion { unit, outcome, account, fixed, done, evidence })
}

/// A level is passed by the verifier of a unit, on some files.
pub fn pass(level: u32, unit: UnitId, files: &[u8], verified: u64) -> Act {
    let relied_on = files.iter().copied().map(digest).collect();
    let (verdict, opinion) = (Some(Verdict::Founded), "账实相符".to_owned());
    Act::ask(verifier(unit), Command::PassLevel { level, relied_on, verified: money(verified), verdict, opinion })
}

/// The county's office passes the first level, on file 1.
pub fn verify() -> Act {
    pass(0, ZHOUQU_OFFICE, &[1], 100)
}

pub fn fail(level: u32, unit: UnitId) -> Act {
    Act::ask(verifier(unit), Command::FailVerification { level, reason: "账目不符".to_owned() })
}

pub fn designate(level: u32, unit: UnitId) -> Act {
    office(Command::DesignateVerifier { level, unit, reason: "交叉核验".to_owned() })
}

pub fn approve() -> Act {
    Act::ask(closing_leader(), Command::ApproveClosure { opinion: "同意销号".to_owned() })
}

pub fn decline(reason: &str) -> Act {
    Act::ask(closing_leader(), Command::DeclineClosure { reason: reason.to_owned() })
}

pub fn set_aside(ground: Ground) -> Act {
    office(Command::SetAside { ground, reason: why() })
}

pub fn close() -> Act {
    office(Command::Close { outcome: None })
}

pub fn close_as(outcome: Outcome) -> Act {
    office(Command::Close { outcome: Some(outcome) })
}

pub fn reopen() -> Act {
    office(Command::Reopen { reason: why(), term: days(30) })
}

pub fn look_back(held: bool) -> Act {
    office(Command::LookBack { held, note: "实地查看供水设施".to_owned() })
}

pub fn hand_up(act: HandedAct) -> Act {
    office(Command::HandUp { act })
}

pub fn raise(to: Severity) -> Act {
    office(Command::RaiseSeverity { to, reason: why() })
}

pub fn propose_lower(to: Severity) -> Act {
    office(Command::ProposeLowerSeverity { to, reason: why() })
}

/// By the second officer.
pub fn lower() -> Act {
    Act::ask(second(officer(ZHOUQU_OFFICE)), Command::LowerSeverity {})
}

pub fn name_subjects(subjects: &[Subject]) -> Act {
    office(Command::NameSubjects { subjects: subjects.to_vec(), reason: why() })
}

pub fn recuse(person: PersonId) -> Act {
    office(Command::Recuse { person, reason: "系当事人近亲属".to_owned() })
}

pub fn list() -> Act {
    office(Command::List { target: "6月底前清零".to_owned(), leader: leader(WATER).person })
}

pub fn review_listing() -> Act {
    office(Command::ReviewListing { note: "4月调度：进展正常".to_owned() })
}

pub fn delist() -> Act {
    office(Command::Delist { reason: why() })
}

pub fn restate(found: u64) -> Act {
    office(Command::RestateQuantities { found: money(found), reason: why() })
}

pub fn split_off_rest(id: CaseId, amount: u64) -> Act {
    office(Command::SplitOffRest { id, amounts: money(amount), reason: why() })
}

pub fn link(other: CaseId, relation: Relation) -> Act {
    office(Command::Link { other, relation })
}

pub fn unlink(other: CaseId, relation: Relation) -> Act {
    office(Command::Unlink { other, relation })
}

pub fn pass_on_clue(receiver: &str, receipt: &str) -> Act {
    let note = "涉嫌挪用，移送线索".to_owned();
    office(Command::PassOnClue { receiver: receiver.to_owned(), receipt: receipt.to_owned(), note })
}

pub fn note(text: &str) -> Act {
    office(Command::AddNote { text: text.to_owned() })
}

pub fn correct(version: Version, field: Field, old: &str, new: &str) -> Act {
    let (old, new) = (old.to_owned(), new.to_owned());
    office(Command::Correct { version, field, old, new, reason: "录入有误".to_owned() })
}

fn office(command: Command) -> Act {
    Act::ask(officer(ZHOUQU_OFFICE), command)
}

// How a case comes to where a test begins.

pub fn discovered() -> Vec<Act> {
    until(Stage::Discovered, Severity::Ordinary)
}

pub fn registered() -> Vec<Act> {
    until(Stage::Registered, Severity::Ordinary)
}

pub fn assigned() -> Vec<Act> {
    until(Stage::Assigned, Severity::Ordinary)
}

pub fn rectifying() -> Vec<Act> {
    until(Stage::Rectifying, Severity::Ordinary)
}

pub fn reported() -> Vec<Act> {
    until(Stage::Reported, Severity::Ordinary)
}

pub fn verified() -> Vec<Act> {
    until(Stage::Verified, Severity::Ordinary)
}

pub fn closed() -> Vec<Act> {
    until(Stage::Closed, Severity::Ordinary)
}

/// Returns how a case of that severity comes to a stage, led by the county's water bureau where it is led.
pub fn until(stage: Stage, severity: Severity) -> Vec<Act> {
    on_the_way_to(stage, severity, 100)
}

/// The same, with so much of the 100 verified as fixed.
pub fn on_the_way_to(stage: Stage, severity: Severity, verified: u64) -> Vec<Act> {
    let registered = vec![report(finding("1")), register_as(severity)];
    let then = |more: &[Act]| [registered.as_slice(), more].concat();
    let spine = [
        vec![report(finding("1"))],
        vec![register_as(severity)],
        vec![assign(WATER)],
        vec![accept(WATER)],
        vec![report_completion(WATER)],
        verification(severity, verified),
        if severity == Severity::Grave { vec![approve(), close()] } else { vec![close()] },
    ];
    let so_far = |steps: usize| spine.iter().take(steps).flatten().cloned().collect();
    match stage {
        Stage::Discovered => so_far(1),
        Stage::Registered => so_far(2),
        Stage::Assigned => so_far(3),
        Stage::Rectifying => so_far(4),
        Stage::Reported => so_far(5),
        Stage::Verified => so_far(6),
        Stage::Closed => so_far(7),
        Stage::Dismissed => then(&[dismiss("经查不属于整改范围")]),
        Stage::Merged => then(&[report(finding("2")).to(OTHER), register().to(OTHER), merge(OTHER)]),
        Stage::Transferred => then(&[transfer("州纪委监委", "甘纪收〔2020〕11号")]),
        Stage::Grouped => then(&[split_in_two()]),
    }
}

/// Every level owed is passed, the second one of a grave case on site.
fn verification(severity: Severity, verified: u64) -> Vec<Act> {
    let first = [open(1), pass(0, ZHOUQU_OFFICE, &[1], verified)];
    let second = match severity {
        Severity::Ordinary => vec![],
        Severity::Serious => vec![open(1).by(verifier(OFFICE)), pass(1, OFFICE, &[1], verified)],
        Severity::Grave => vec![gather(OFFICE, 2), pass(1, OFFICE, &[2], verified)],
    };
    first.into_iter().chain(second).collect()
}

/// Another case, of the same source, registered.
pub fn another() -> Vec<Act> {
    vec![report(finding("2")).to(OTHER), register().to(OTHER)]
}

/// Returns the finding of the case that tests are about.
pub fn own_finding() -> FindingId {
    finding("1").id()
}

/// Returns the same acts on another case.
pub fn on(case: CaseId, acts: Vec<Act>) -> Vec<Act> {
    debug_assert_ne!(case, CASE);
    acts.into_iter().map(|act| act.to(case)).collect()
}
