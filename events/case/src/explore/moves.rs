//! The moves: what anybody may try next. Some would break a rule and are refused by a guard; they are tried everywhere, for
//! a guard may be taken out.

mod lessons;

use chrono::NaiveDate;

use super::state::State;
use super::world::*;
use crate::actor::Actor;
use crate::assignment::Assignment;
use crate::carried_over::{Declared, Origin, Standing};
use crate::case::Case;
use crate::command::{Command, DeadlineChange, Ends, Part, Term};
use crate::completion::Outcome;
use crate::deadline::Suspension;
use crate::decide::Late;
use crate::event::{Ground, HandedAct, Likeness, Relation};
use crate::evidence::Evidence;
use crate::finding::{Details, Finding, PetitionClass, PetitionDetails, Reference, Severity, Subject};
use crate::identity::{CaseId, Digest, PersonId, UnitId};
use crate::plan::{Measure, Plan};
use crate::quantity::{Amounts, Measured};
use crate::stage::Stage;
use crate::time::{Days, Happened};

pub(super) use lessons::lessons;

/// Somebody does something about a case.
#[derive(Clone, Debug)]
pub(super) struct Move {
    pub(super) actor: Actor,
    pub(super) case: CaseId,
    pub(super) act: Act,
}

/// What can be done.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// A command, maybe entered later than it happened.
    Command(Command, Option<Late>),
    /// Evidence is opened.
    Open(Digest),
    /// Nobody does anything, for longer than any deadline.
    DeadlinePasses,
}

/// What a walk is about: the commands it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The way from a finding to a verified closure and back.
    Life,
    /// Ways in from an older ledger.
    Carrying,
    /// Ways out, and back in.
    Leaving,
    /// Evidence beside the report.
    Evidence,
    /// Plans and progress.
    Plans,
    /// Deadlines, and their passing.
    Time,
    /// How grave it is.
    Severity,
    /// Who is complained about, who keeps out.
    Wall,
    /// Listing.
    Listing,
    /// Who verifies.
    Levels,
    /// What was counted, and how it is divided.
    Counts,
    /// The other case.
    Other,
    /// What is said and moves nothing.
    Words,
}

impl About {
    pub(super) const ALL: [About; 13] = [
        About::Life,
        About::Carrying,
        About::Leaving,
        About::Evidence,
        About::Plans,
        About::Time,
        About::Severity,
        About::Wall,
        About::Listing,
        About::Levels,
        About::Counts,
        About::Other,
        About::Words,
    ];
}

/// Returns every move there is from a state, of what the walk is about.
pub(super) fn moves(state: &State, about: &[About]) -> Vec<Move> {
    let mut moves = Vec::new();
    let actors = actors();
    let mut ids = vec![CASE];
    if about.contains(&About::Other) && state.cases.contains_key(&OTHER) {
        ids.push(OTHER);
    }
    for id in ids {
        let case = state.case(id);
        for about in about {
            for command in commands(*about, &case, state) {
                let fits = case.stage.is_none_or(|at| command.stages().contains(&at));
                let able = actors.iter().filter(|actor| fits && command.roles().contains(&actor.role));
                moves.extend(able.map(|actor| by(*actor, id, command.clone())));
            }
        }
        if case.stage.is_some() {
            moves.extend([impostor(), not_delegated()].map(|actor| by(actor, id, note())));
        }
        if case.stage == Some(Stage::Reported) {
            moves.extend(openings(&case, id, state));
        }
    }
    if about.contains(&About::Time) && state.passed_deadlines == 0 {
        moves.push(Move { actor: officer(), case: CASE, act: Act::DeadlinePasses });
    }
    moves
}

/// Returns the move of somebody who asks something.
pub(super) fn by(actor: Actor, case: CaseId, command: Command) -> Move {
    Move { actor, case, act: Act::Command(command, None) }
}

/// Who may come to verify opens what was reported.
fn openings(case: &Case, id: CaseId, state: &State) -> Vec<Move> {
    let on_file = case.evidence.contains_key(&digest(1));
    let readers = [verifier(), prefecture_verifier(), handler()];
    let new = readers.into_iter().filter(|reader| on_file && !state.opened_by(id, reader.person).contains(&digest(1)));
    new.map(|actor| Move { actor, case: id, act: Act::Open(digest(1)) }).collect()
}

#[expect(clippy::too_many_lines, reason = "one list, read from top to bottom")]
fn commands(about: About, case: &Case, state: &State) -> Vec<Command> {
    let unit = answering(case);
    let next = case.next_level().unwrap_or(0);
    match about {
        About::Life => {
            let mut commands = vec![
                Command::Report { finding: finding(case.id).into() },
                register(Severity::Ordinary),
                register(Severity::Grave),
                assign(&[WATER], Some(LI)),
                assign(&[WATER], None),
                assign(&[ROADS], Some(LI)),
                assign(&[ROADS], Some(FENG)),
                assign(&[COUNTY_OFFICE], None),
                Command::Accept { unit },
                completion(unit, 100, true),
                completion(unit, 100, false),
                completion(unit, 200, true),
                pass(next, &[], 100),
                pass(next, &[1], 100),
                pass(next, &[2], 100),
                pass(next, &[1], 60),
                pass(next, &[1], 200),
                pass(1, &[1], 100),
                Command::FailVerification { level: next, reason: why() },
                Command::ApproveClosure { opinion: "同意".into() },
                Command::DeclineClosure { reason: why() },
                Command::SetAside { ground: Ground::NewFact, reason: why() },
                Command::Close { outcome: None },
                Command::Reopen { reason: why(), term: term() },
            ];
            let holder = case.assignment.as_ref().and_then(|a| a.levels.get(usize::try_from(next).ok()?)?.holder);
            commands.extend(holder.map(|unit| Command::FileEvidence { unit, evidence: evidence(2) }));
            commands
        }
        About::Carrying => {
            let accused = || petition(case.id, PetitionClass::Accusation, &[Subject::Unit(WATER)]);
            let complained = || petition(case.id, PetitionClass::Request, &[Subject::Unit(COUNTY_OFFICE)]);
            let finding = || finding(case.id);
            vec![
                carry(finding(), Standing::NotStarted, &[], None),
                carry(finding(), Standing::NotStarted, &[WATER], Some(LI)),
                carry(finding(), Standing::UnderWay, &[WATER], None),
                carry(finding(), Standing::UnderWay, &[COUNTY_OFFICE], None),
                carry(finding(), Standing::UnderWay, &[], None),
                carry(finding(), struck_off(), &[WATER], Some(LI)),
                carry(finding(), struck_off(), &[], None),
                carry(Finding { severity: Some(Severity::Grave), ..finding() }, struck_off(), &[WATER], None),
                carry(complained(), Standing::UnderWay, &[WATER], None),
                carry(accused(), Standing::NotStarted, &[], None),
                carry(accused(), Standing::UnderWay, &[WATER], None),
                carry(accused(), Standing::UnderWay, &[ROADS], Some(LI)),
                carry(accused(), struck_off(), &[ROADS], Some(FENG)),
                carry(finding(), Standing::Dismissed { reason: why(), on: None }, &[], None),
                carry(finding(), merged(), &[WATER], Some(LI)),
                carry(finding(), Standing::Merged { into: " ".into(), on: None }, &[], None),
                carry(
                    finding(),
                    Standing::Transferred { receiver: "县纪委监委".into(), receipt: None, on: None },
                    &[],
                    None,
                ),
            ]
        }
        About::Leaving => vec![
            Command::Return { unit, reason: why() },
            Command::HandBack { unit, reason: why() },
            Command::Reassign {
                leads: vec![ROADS],
                co_responsible: vec![],
                responsible_leader: None,
                goal: "入账".into(),
                reason: why(),
            },
            Command::Dismiss { reason: why() },
            Command::Dismiss { reason: " ".into() },
            transfer("县纪委监委", "收据1号"),
            transfer("县纪委监委", ""),
            Command::Revive { reason: why() },
        ],
        About::Evidence => vec![
            Command::FileEvidence { unit, evidence: evidence(1) },
            Command::WithdrawEvidence { digest: digest(1), reason: why() },
            Command::WithdrawEvidence { digest: digest(2), reason: why() },
        ],
        About::Plans => vec![
            Command::SubmitPlan { unit, plan: plan(unit) },
            Command::ApprovePlan { unit },
            Command::ReturnPlan { unit, reason: why() },
            progress(unit, 50),
        ],
        About::Time => vec![
            Command::RequestExtension { unit, until: day("2020-08-31"), reason: why() },
            Command::GrantExtension {},
            Command::RefuseExtension { reason: why() },
            Command::ChangeDeadline { change: DeadlineChange::Suspend(flood()), reason: why() },
            Command::ChangeDeadline { change: DeadlineChange::Replace(term_of(60)), reason: why() },
        ],
        About::Severity => vec![
            Command::RaiseSeverity { to: Severity::Serious, reason: why() },
            Command::RaiseSeverity { to: Severity::Grave, reason: why() },
            Command::ProposeLowerSeverity { to: Severity::Ordinary, reason: why() },
            Command::LowerSeverity {},
        ],
        About::Wall => vec![
            Command::Amend { finding: petition(case.id, PetitionClass::Accusation, &[Subject::Unit(WATER)]).into() },
            Command::Amend { finding: petition(case.id, PetitionClass::Request, &[Subject::Unit(WATER)]).into() },
            name(Subject::Unit(WATER)),
            name(Subject::Unit(COUNTY_OFFICE)),
            name(Subject::Person(LI)),
            name(Subject::Person(ZHOU)),
            recuse(ZHOU),
            recuse(SUN),
            note(),
        ],
        About::Listing => vec![
            Command::List { target: "入账".into(), leader: LI },
            Command::List { target: "入账".into(), leader: FENG },
            Command::ReviewListing { note: "已过半".into() },
            Command::Delist { reason: why() },
        ],
        About::Levels => vec![
            designate(next, AUDIT),
            designate(next, WATER),
            designate(next, STATION),
            Command::HandUp { act: HandedAct::Verification },
            Command::HandUp { act: HandedAct::Closure },
        ],
        About::Counts => {
            let mut commands = vec![
                Command::RestateQuantities { found: money(60), reason: why() },
                Command::RestateQuantities { found: money(120), reason: why() },
                progress(unit, 80),
            ];
            if !state.cases.contains_key(&PARTS[0]) {
                let rest = |amount| Command::SplitOffRest { id: PARTS[0], amounts: money(amount), reason: why() };
                commands.extend([rest(40), rest(500), split(&[60, 40]), split(&[60, 60])]);
            }
            commands
        }
        About::Other => {
            let other = if case.id == CASE { OTHER } else { CASE };
            let mut commands = vec![
                Command::FlagLikelyDuplicate { other, ground: Likeness::SameReference },
                Command::Merge { into: other, found: None, reason: why() },
                Command::Unmerge { reason: why() },
                Command::Link { other, relation: Relation::SimilarTo },
                Command::Unlink { other, relation: Relation::SimilarTo },
            ];
            let theirs = state.cases.get(&other).and_then(|other| other.findings.first());
            commands.extend(theirs.map(|f| Command::Corroborate { from: other, finding: f.id }));
            commands
        }
        About::Words => vec![
            note(),
            Command::Press { message: "请抓紧".into() },
            Command::LookBack { held: true, note: "未反弹".into() },
            Command::PassOnClue {
                receiver: "县纪委监委".into(), receipt: "收据2号".into(), note: "线索".into()
            },
        ],
    }
}

/// Returns the unit that answers for a case, or would.
fn answering(case: &Case) -> UnitId {
    case.assignment.as_ref().and_then(Assignment::answering).unwrap_or(WATER)
}

pub(super) fn why() -> String {
    "情况说明".into()
}

pub(super) fn digest(n: u8) -> Digest {
    format!("{n:064x}").parse().unwrap()
}

pub(super) fn evidence(n: u8) -> Evidence {
    Evidence { digest: digest(n), name: format!("材料{n}"), media_type: "application/pdf".into(), size: 1 }
}

pub(super) fn money(amount: u64) -> Amounts {
    Amounts::from([(Measured::Money, amount)])
}

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The finding a case begins with: of an audit for the first case, and of its own for every other.
pub(super) fn finding(case: CaseId) -> Finding {
    Finding {
        source: "audit".parse().unwrap(),
        reference: Reference {
            issuing_body: "州审计局".into(), document: "审字1号".into(), item: case.to_string()
        },
        title: "水费未入账".into(),
        text: "2019年水费未入账。".into(),
        division: "623023".parse().unwrap(),
        place: None,
        discovered: Happened::On(day("2020-04-01")),
        category: None,
        severity: None,
        found: money(100),
        details: Details::Inspection { round: None, responsible: None },
    }
}

/// What an older ledger says of a finding.
pub(super) fn carry(finding: Finding, standing: Standing, leads: &[UnitId], leader: Option<PersonId>) -> Command {
    let declared = Declared {
        finding,
        standing,
        old_number: Some("2019-17".into()),
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
    };
    Command::CarryOver {
        declared: declared.into(),
        leads: leads.to_vec(),
        co_responsible: vec![],
        responsible_leader: leader,
        goal: String::new(),
        deadline: Some(day("2020-06-30")),
    }
}

/// Struck off in the old ledger.
pub(super) fn struck_off() -> Standing {
    Standing::Closed { outcome: Outcome::Rectified, on: Some(Happened::On(day("2020-04-20"))) }
}

/// Merged into another row of the old ledger.
pub(super) fn merged() -> Standing {
    Standing::Merged { into: "2019-3".into(), on: None }
}

/// The same finding, as a petition tells it.
pub(super) fn petition(case: CaseId, class: PetitionClass, subjects: &[Subject]) -> Finding {
    let details = PetitionDetails { class, subjects: subjects.to_vec(), reply: None, sealed: None };
    Finding { details: Details::Petition(details), ..finding(case) }
}

pub(super) fn register(severity: Severity) -> Command {
    Command::Register { severity: Some(severity), title: None, found: None }
}

pub(super) fn term_of(days: u16) -> Term {
    Term { ends: Ends::After(Days::Calendar(days)), rule: None }
}

pub(super) fn term() -> Term {
    term_of(30)
}

pub(super) fn assign(leads: &[UnitId], leader: Option<PersonId>) -> Command {
    Command::Assign {
        leads: leads.to_vec(),
        co_responsible: vec![],
        responsible_leader: leader,
        goal: "水费全部入账".into(),
        term: Some(term()),
    }
}

pub(super) fn completion(unit: UnitId, fixed: u64, with_evidence: bool) -> Command {
    let evidence = if with_evidence { vec![evidence(1)] } else { vec![] };
    Command::ReportCompletion {
        unit,
        outcome: Outcome::Rectified,
        account: "已入账".into(),
        fixed: money(fixed),
        done: vec![],
        evidence,
    }
}

pub(super) fn pass(level: u32, relied_on: &[u8], verified: u64) -> Command {
    let relied_on = relied_on.iter().copied().map(digest).collect();
    Command::PassLevel { level, relied_on, verified: money(verified), verdict: None, opinion: "属实".into() }
}

pub(super) fn transfer(receiver: &str, receipt: &str) -> Command {
    Command::Transfer { receiver: receiver.into(), receipt: receipt.into(), reason: why() }
}

pub(super) fn plan(unit: UnitId) -> Plan {
    Plan { measures: vec![Measure { text: "清理账目".into(), unit, by: day("2020-05-10") }] }
}

pub(super) fn progress(unit: UnitId, fixed: u64) -> Command {
    Command::ReportProgress { unit, text: "已过半".into(), fixed: money(fixed), done: vec![] }
}

pub(super) fn flood() -> Suspension {
    Suspension { from: day("2020-05-01"), to: day("2020-05-03"), reason: "汛期停工".into() }
}

pub(super) fn name(subject: Subject) -> Command {
    Command::NameSubjects { subjects: vec![subject], reason: why() }
}

pub(super) fn recuse(person: PersonId) -> Command {
    Command::Recuse { person, reason: why() }
}

pub(super) fn designate(level: u32, unit: UnitId) -> Command {
    Command::DesignateVerifier { level, unit, reason: why() }
}

pub(super) fn split(amounts: &[u64]) -> Command {
    let part = |(id, amount): (&CaseId, &u64)| Part { id: *id, title: "部分".into(), found: money(*amount) };
    Command::Split { parts: PARTS.iter().zip(amounts).map(part).collect(), reason: why() }
}

pub(super) fn note() -> Command {
    Command::AddNote { text: "已联系".into() }
}
