//! Every command as it can be asked in a situation: by any role, in any stage.

use rectify_case::carried_over::Standing;
use rectify_case::completion::Outcome;
use rectify_case::event::{Field, Ground, HandedAct, Relation};
use rectify_case::finding::{Details, PetitionClass, PetitionDetails, Severity, Subject};
use rectify_case::{Actor, CaseId, Command, Finding, FindingId, Role, Stage};
use uuid::Uuid;

use crate::acts;
use crate::scenario::{Act, CASE, FOURTH, Given, given};
use crate::world::{
    DIEBU_OFFICE, OFFICE, PREFECTURE, ROADS, WATER, ZHOUQU_OFFICE, auditor, by, closing_leader, handler, leader,
    officer, second, source, verifier,
};

/// What a command is about.
pub struct About {
    /// Where the case stands.
    pub stage: Option<Stage>,
    /// A finding of the case.
    pub own: Finding,
    /// Another case, and a finding of it.
    pub other: (CaseId, FindingId),
    /// Two ids that no case has.
    pub fresh: [CaseId; 2],
    /// Chooses what else it says.
    pub n: u8,
}

/// The person who usually acts in a role on a case of the county's water bureau.
pub fn who(role: Role) -> Actor {
    match role {
        Role::Officer => officer(ZHOUQU_OFFICE),
        Role::Handler => handler(WATER),
        Role::Verifier => verifier(ZHOUQU_OFFICE),
        Role::ResponsibleLeader => leader(WATER),
        Role::ClosingLeader => closing_leader(),
        Role::Auditor => auditor(),
        Role::Administrator => by(ZHOUQU_OFFICE, Role::Administrator),
        Role::SourceSystem => source(),
    }
}

/// Returns the histories in which a command is tried in a stage by a role, and how it is asked there.
pub fn situations(name: &str, stage: Option<Stage>, role: Role) -> Vec<(Given, Act)> {
    let (own, other) = (acts::finding("1"), (FOURTH, acts::finding("4").id()));
    let about = |n| About { stage, own: own.clone(), other, fresh: [fresh(1), fresh(2)], n };
    let asked = |n| ask(name, who(role), &about(n));
    let path = path(name, stage);
    let given = before(name, role).into_iter().fold(given(path.clone()), tried);
    let choices = if name == "carry_over" { 0..7 } else { 0..1 };
    let mut situations: Vec<(Given, Act)> = choices.map(|n| (given.clone(), asked(n))).collect();
    if name == "name_subjects" && !path.is_empty() {
        let accusation = acts::report(acts::petition("1", PetitionClass::Accusation, &[]));
        let accused = crate::scenario::given(std::iter::once(accusation).chain(path.into_iter().skip(1)));
        situations.push((accused, acts::name_subjects(&[Subject::Unit(WATER)]).by(who(role))));
    }
    situations
}

/// Adds what is asked if it is done, and nothing if it is refused.
pub fn tried(given: Given, act: Act) -> Given {
    given.when(act).answer().0
}

/// Returns an id that no case has.
pub fn fresh(n: usize) -> CaseId {
    CaseId(Uuid::from_u128(1_000_000 + n as u128))
}

/// How a case comes to a stage, so that there is something to ask the command about.
fn path(name: &str, stage: Option<Stage>) -> Vec<Act> {
    let Some(stage) = stage else { return Vec::new() };
    if (name, stage) == ("revive", Stage::Merged) {
        let [_, merged, _] = acts::left(None);
        return vec![acts::carry_over(acts::finding("1"), merged, &[])];
    }
    let (severity, verified) = match name {
        "approve_closure" | "decline_closure" => (Severity::Grave, 100),
        "pass_level" => (Severity::Ordinary, 100),
        "split_off_rest" if stage == Stage::Verified => (Severity::Serious, 60),
        _ => (Severity::Serious, 100),
    };
    let mut path = acts::on_the_way_to(stage, severity, verified);
    let is_listed = matches!(name, "review_listing" | "delist") && stage != Stage::Closed;
    if is_listed && let Some(registered) = path.iter().position(Act::registers) {
        path.insert(registered + 1, acts::list());
    }
    if name == "change_deadline" && stage == Stage::Registered {
        path.extend([acts::assign(WATER), acts::give_back(WATER, "不属我局职责")]);
    }
    path
}

/// What is tried before a command, for it to have something to be about.
fn before(name: &str, role: Role) -> Vec<Act> {
    let actor = who(role);
    let another = || [acts::report(acts::finding("4")).to(FOURTH), acts::register().to(FOURTH)];
    match name {
        "corroborate" | "flag_likely_duplicate" | "merge" | "link" => another().to_vec(),
        "unlink" => another().into_iter().chain([acts::link(FOURTH, Relation::SimilarTo)]).collect(),
        "approve_plan" | "return_plan" => vec![acts::submit_plan(WATER)],
        "grant_extension" | "refuse_extension" => vec![acts::request_extension(WATER, "2020-07-20")],
        "lower_severity" => vec![acts::propose_lower(Severity::Ordinary).by(second(officer(ZHOUQU_OFFICE)))],
        "pass_level" => vec![acts::open(1).by(actor)],
        "withdraw_evidence" => {
            vec![acts::file_evidence(if role == Role::Handler { WATER } else { actor.unit }, 9).by(actor)]
        }
        "correct" if role == Role::Handler => vec![acts::report_progress(WATER, 10, &[])],
        _ => vec![],
    }
}

/// Returns a command as somebody asks it.
pub fn ask(name: &str, actor: Actor, about: &About) -> Act {
    let About { stage, ref own, other: (other, others_finding), fresh: [first, second_part], n } = *about;
    let pick = |choices: [Severity; 2]| choices[usize::from(n) % 2];
    let unit = if actor.role == Role::Handler { actor.unit } else { WATER };
    let lead = if n % 3 == 2 { ROADS } else { WATER };
    let amount = if n % 4 == 3 { 10 } else { 100 };
    let level = u32::from(n % 2);
    let subjects = subjects();
    let kept_up = Outcome::DoneAndKeptUp { review: "2021-04-21".parse().unwrap() };
    let act = match name {
        "report" => acts::report(own.clone()),
        "carry_over" => match n % 7 {
            0 => acts::carry_over(own.clone(), acts::struck_off(), &[lead]),
            1 => acts::carry_over(own.clone(), Standing::NotStarted, &[]),
            2 => acts::carry_over(own.clone(), Standing::NotStarted, &[lead]),
            4..=6 => acts::carry_over(own.clone(), acts::left(None)[usize::from(n % 7 - 4)].clone(), &[]),
            _ => acts::carry_over(own.clone(), Standing::UnderWay, &[lead]),
        },
        "amend" => acts::amend(amended(own, n, &subjects)),
        "corroborate" => acts::corroborate(other, others_finding),
        "flag_likely_duplicate" => acts::flag_likely_duplicate(other),
        "register" => acts::register_as(pick([Severity::Serious, Severity::Grave])),
        "assign" => acts::assign(lead),
        "reassign" => acts::reassign(if n.is_multiple_of(2) { ROADS } else { WATER }),
        "split" => acts::split(&[acts::part(first, "水费入账", 60), acts::part(second_part, "票据管理", 40)]),
        "merge" => acts::merge(other),
        "unmerge" => acts::unmerge(),
        "dismiss" => acts::dismiss("经查不属于整改范围"),
        "transfer" => acts::transfer("州纪委监委", "甘纪收〔2020〕11号"),
        "revive" => acts::revive(),
        "accept" => acts::accept(unit),
        "return" => acts::give_back(unit, "不属我局职责"),
        "hand_back" => acts::hand_back(unit, "不属我局职责"),
        "submit_plan" => acts::submit_plan(unit),
        "approve_plan" => acts::approve_plan(unit),
        "return_plan" => acts::return_plan(unit),
        "report_progress" => acts::report_progress(unit, amount, &[]),
        "press" => acts::press(),
        "request_extension" => acts::request_extension(unit, "2020-07-20"),
        "grant_extension" => acts::grant_extension(),
        "refuse_extension" => acts::refuse_extension(),
        "change_deadline" if n.is_multiple_of(2) => acts::suspend("2020-06-01", "2020-06-10"),
        "change_deadline" => acts::replace_term(acts::days(90)),
        "file_evidence" => acts::file_evidence(if actor.role == Role::Handler { unit } else { actor.unit }, 9),
        "withdraw_evidence" => acts::withdraw_evidence(unit, if n.is_multiple_of(2) { 9 } else { 1 }),
        "report_completion" => {
            acts::complete(unit, if n.is_multiple_of(2) { Outcome::Rectified } else { kept_up }, amount, &[1])
        }
        "pass_level" => acts::pass(level, actor.unit, &[1], amount),
        "fail_verification" => acts::fail(level, actor.unit),
        "designate_verifier" => acts::designate(level, if n % 3 == 2 { OFFICE } else { DIEBU_OFFICE }),
        "approve_closure" => acts::approve(),
        "decline_closure" => acts::decline("成效不明显"),
        "set_aside" => acts::set_aside(if n.is_multiple_of(2) { Ground::NewFact } else { Ground::ObjectionUpheld }),
        "close" if n % 3 == 2 => acts::close_as(Outcome::Overtaken),
        "close" => acts::close(),
        "reopen" => acts::reopen(),
        "look_back" => acts::look_back(n.is_multiple_of(2)),
        "hand_up" => acts::hand_up(match stage {
            Some(Stage::Reported) => HandedAct::Verification,
            Some(Stage::Verified) => HandedAct::Closure,
            _ => HandedAct::Extension,
        }),
        "raise_severity" => acts::raise(Severity::Grave),
        "propose_lower_severity" => acts::propose_lower(pick([Severity::Ordinary, Severity::Serious])),
        "lower_severity" => acts::lower(),
        "name_subjects" => acts::name_subjects(&subjects[usize::from(n) % 4..][..1]),
        "recuse" => acts::recuse(if n.is_multiple_of(2) { actor.person } else { verifier(ZHOUQU_OFFICE).person }),
        "list" => acts::list(),
        "review_listing" => acts::review_listing(),
        "delist" => acts::delist(),
        "restate_quantities" => acts::restate(100 + u64::from(n)),
        "split_off_rest" => acts::split_off_rest(first, if n.is_multiple_of(2) { 40 } else { 10 }),
        "link" => acts::link(other, Relation::SimilarTo),
        "unlink" => acts::unlink(other, Relation::SimilarTo),
        "pass_on_clue" => acts::pass_on_clue("州纪委监委", "甘纪收〔2020〕12号"),
        "add_note" => acts::note("已电话联系"),
        "correct" if actor.role == Role::Handler => {
            acts::correct(5, Field::Progress, "已清理部分水费", "已清理大部水费")
        }
        "correct" => acts::correct(1, Field::Text, &own.text, "2018年水费未入账。"),
        unknown => panic!("{unknown} is asked nowhere: say in asked.rs how"),
    };
    act.by(actor)
}

/// Returns a finding with another title; of some numbers, one that has become an accusation.
fn amended(finding: &Finding, n: u8, subjects: &[Subject]) -> Finding {
    let class = PetitionClass::Accusation;
    let details = match n % 3 {
        0 => finding.details.clone(),
        _ => Details::Petition(PetitionDetails {
            class,
            subjects: vec![subjects[usize::from(n) % 4]],
            reply: None,
            sealed: None,
        }),
    };
    Finding { title: "水费未入账（更新）".to_owned(), details, ..finding.clone() }
}

/// Units and a person that can be complained about.
pub fn subjects() -> [Subject; 4] {
    [Subject::Unit(ROADS), Subject::Unit(WATER), Subject::Unit(ZHOUQU_OFFICE), Subject::Person(leader(ROADS).person)]
}

/// Returns any command as anybody may ask it of some case of a history.
pub fn at_random(given: &Given, command: usize, n: u8) -> Act {
    let name = Command::NAMES[command % Command::NAMES.len()];
    let roles = Command::roles_of(name);
    let usual = who(roles[usize::from(n / 4) % roles.len()]);
    let above = match usual.role {
        Role::Officer => officer(OFFICE),
        Role::Verifier => verifier(OFFICE),
        Role::Handler => handler(ROADS),
        Role::ClosingLeader => by(PREFECTURE, Role::ClosingLeader),
        _ => usual,
    };
    let actor = match n % 5 {
        0 => second(usual),
        1 => above,
        _ => usual,
    };
    let cases: Vec<(CaseId, Option<Stage>)> = given.cases().map(|case| (case.id, case.stage)).collect();
    let (case, stage) = cases[usize::from(n / 8) % cases.len()];
    let finding = |case| given.case_of(case).findings.first().map_or(acts::finding("1"), |held| held.finding.clone());
    let other = if case == FOURTH { CASE } else { FOURTH };
    let (own, other) = (finding(case), (other, finding(other).id()));
    let fresh = [fresh(given.events() * 2), fresh(given.events() * 2 + 1)];
    ask(name, actor, &About { stage, own, other, fresh, n }).to(case)
}
