//! Moves that must be refused, each for a reason of its own: what was given cannot be used.

use uuid::Uuid;

use super::*;
use crate::directory::Role;
use crate::event::Field;
use crate::identity::FindingId;
use crate::quantity::MOST;

const NOBODY: PersonId = PersonId(Uuid::nil());
const NOWHERE: UnitId = UnitId(Uuid::nil());

/// Returns what can be tried from a state to no avail, and acts entered late or corrected, which are not worth a walk.
pub(in crate::explore) fn lessons(state: &State) -> Vec<Move> {
    let mut moves = Vec::new();
    let case = state.case(CASE);
    let unit = answering(&case);
    for command in misused(&case, unit) {
        let able = actors().into_iter().filter(|actor| command.roles().contains(&actor.role));
        moves.extend(able.map(|actor| by(actor, CASE, command.clone())));
    }
    // Every command there is, asked by the wrong role, and in the wrong stage.
    for about in About::ALL {
        for command in commands(about, &case, state) {
            let may = command.roles().contains(&Role::Officer);
            moves.push(by(if may { officer() } else { handler() }, CASE, command.clone()));
            moves.push(by(if may { handler() } else { officer() }, CASE, command));
        }
    }
    let late = |actor, command, day: &str, document: &str| {
        let late = Late { happened: Happened::On(day.parse().unwrap()), document: document.into() };
        Move { actor, case: CASE, act: Act::Command(command, Some(late)) }
    };
    moves.extend([
        late(officer(), note(), "2020-04-21", "会议纪要"),
        late(officer(), note(), "2020-04-21", ""),
        late(officer(), note(), "2031-01-01", "会议纪要"),
        late(officer(), note(), "2020-03-01", "会议纪要"),
        late(officer(), note(), "2020-04-10", "会议纪要"),
        late(handler(), note(), "2020-04-21", "会议纪要"),
        late(officer(), completion(unit, 100, true), "2020-04-22", "会议纪要"),
    ]);
    moves
}

fn misused(case: &Case, unit: UnitId) -> Vec<Command> {
    let assigned = |leads: &[UnitId], leader, goal: &str, term| Command::Assign {
        leads: leads.to_vec(),
        co_responsible: vec![],
        responsible_leader: leader,
        goal: goal.into(),
        term,
    };
    let corrected = |field, version, old: &str, new: &str| Command::Correct {
        version,
        field,
        old: old.into(),
        new: new.into(),
        reason: why(),
    };
    let report = |outcome| Command::ReportCompletion {
        unit,
        outcome,
        account: "已入账".into(),
        fixed: money(0),
        done: vec![],
        evidence: vec![],
    };
    let reported = case.report.as_ref().map_or(0, |report| report.version);
    let other_finding = FindingId(Uuid::nil());
    let unknown = Finding { source: "unknown".parse().unwrap(), ..finding(case.id) };
    let tomorrow = Finding { discovered: Happened::On(day("2031-01-01")), ..finding(case.id) };
    let ground = Ground::ApprovalDeclined;
    let similar = Relation::SimilarTo;
    vec![
        Command::Report { finding: unknown.into() },
        Command::Report { finding: tomorrow.into() },
        Command::Amend { finding: finding(case.id).into() },
        Command::Amend { finding: finding(PARTS[1]).into() },
        Command::Amend { finding: petition(case.id, PetitionClass::Suggestion, &[]).into() },
        Command::Register { severity: None, title: None, found: Some(money(MOST + 1)) },
        assigned(&[], None, "入账", Some(term())),
        assigned(&[WATER], None, " ", Some(term())),
        assigned(&[WATER], None, "入账", None),
        assigned(&[WATER], None, "入账", Some(term_of(0))),
        assigned(&[WATER, WATER], None, "入账", Some(term())),
        assigned(&[NOWHERE], None, "入账", Some(term())),
        assigned(&[WATER], Some(SUN), "入账", Some(term())),
        assigned(&[WATER], None, "绝密★长期", Some(term())),
        Command::Accept { unit: STATION },
        Command::SubmitPlan { unit, plan: Plan { measures: vec![] } },
        Command::SubmitPlan { unit, plan: plan(ROADS) },
        Command::ApprovePlan { unit: STATION },
        Command::ReportProgress { unit, text: "已过半".into(), fixed: money(0), done: vec![7] },
        Command::ReportProgress { unit: STATION, text: "已过半".into(), fixed: money(0), done: vec![] },
        report(Outcome::DoneAndKeptUp { review: day("2020-01-01") }),
        report(Outcome::DoneAndKeptUp { review: day("2031-01-01") }),
        Command::RequestExtension { unit, until: day("2020-04-22"), reason: why() },
        Command::RequestExtension { unit, until: day("2020-08-31"), reason: " ".into() },
        Command::FileEvidence { unit: OFFICE, evidence: evidence(3) },
        Command::FileEvidence { unit: COUNTY_OFFICE, evidence: evidence(3) },
        Command::WithdrawEvidence { digest: digest(9), reason: why() },
        pass(9, &[1], 100),
        pass(case.next_level().unwrap_or(0), &[9], 100),
        Command::SetAside { ground, reason: why() },
        Command::NameSubjects { subjects: vec![Subject::Person(NOBODY)], reason: why() },
        Command::NameSubjects { subjects: vec![], reason: why() },
        recuse(NOBODY),
        Command::List { target: "入账".into(), leader: NOBODY },
        Command::RestateQuantities { found: money(MOST + 1), reason: why() },
        Command::Split { parts: vec![], reason: why() },
        Command::Merge { into: case.id, found: None, reason: why() },
        Command::Merge { into: PARTS[0], found: None, reason: why() },
        Command::Merge { into: PARTS[1], found: None, reason: why() },
        Command::Corroborate { from: OTHER, finding: other_finding },
        Command::Link { other: case.id, relation: similar },
        Command::Unlink { other: PARTS[1], relation: similar },
        Command::HandUp { act: HandedAct::Extension },
        corrected(Field::Text, 1, "2019年水费未入账。", "2019年水费100元未入账。"),
        corrected(Field::Discovered, 1, "2020-04-01", "2020-04-02"),
        corrected(Field::Discovered, 1, "2020-04-01", "2031-01-01"),
        corrected(Field::Discovered, 1, "2020-04-01", "2020-04-30"),
        corrected(Field::Account, reported, "已入账", "已全部入账"),
        corrected(Field::Account, 99, "已入账", "已全部入账"),
        corrected(Field::Title, 1, "水费未入账", "水费未入账"),
    ]
}
