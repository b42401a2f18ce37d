//! Rule 5: a deadline has its reasons, and moves only by an event.

use rectify_case::command::{Ends, Term};
use rectify_case::deadline::{Deadline, Rule, Start, Suspension};
use rectify_case::time::Days;
use rectify_case::{CaseEvent, Command, Refusal, Stage, Zone};

use crate::acts::{
    assign, assigned, closed, days, fail, give_back, hand_back, open, reassign, rectifying, registered, reopen,
    replace_term, report_completion, reported, suspend, verify,
};
use crate::scenario::{Act, Given, given};
use crate::world::{ROADS, WATER, ZHOUQU_OFFICE, officer};

fn deadline(given: &Given) -> Deadline {
    given.case().deadline.unwrap()
}

fn last_day(given: &Given) -> String {
    deadline(given).last_day.to_string()
}

/// Assigns with another term, or with none.
fn assign_for(term: Option<Term>) -> Act {
    let (leads, goal) = (vec![WATER], "水费全部入账".to_owned());
    let command = Command::Assign { leads, co_responsible: vec![], responsible_leader: None, goal, term };
    Act::ask(officer(ZHOUQU_OFFICE), command)
}

#[test]
fn a_deadline_is_counted_from_the_assignment_and_says_by_what_rule() {
    let deadline = deadline(&given(assigned()));
    let rule = Rule { pack: "office".to_owned(), cite: "整改办交办".to_owned() };
    let from = "2020-04-21".parse().unwrap();
    assert_eq!(deadline, Deadline::counted(Start::Assigned, from, rule, Days::Calendar(60), Zone::SHANGHAI));
    assert_eq!(deadline.due.to_rfc3339(), "2020-06-20T16:00:00+00:00", "24:00 in Gannan");
}

#[test]
fn a_term_is_in_calendar_days_in_working_days_or_until_a_day() {
    let rule = Rule { pack: "信访".to_owned(), cite: "信访条例 第三十三条".to_owned() };
    let of = |ends| assign_for(Some(Term { ends, rule: Some(rule.clone()) }));
    for (ends, day) in [
        (Ends::After(Days::Calendar(60)), "2020-06-20"),
        (Ends::After(Days::Working(15)), "2020-05-12"),
        (Ends::On("2020-06-30".parse().unwrap()), "2020-06-30"),
    ] {
        let given = given(registered()).and(of(ends));
        assert_eq!((last_day(&given).as_str(), deadline(&given).rule), (day, rule.clone()));
    }
}

#[test]
fn an_assignment_has_a_term_that_ends_after_it_starts() {
    let given = given(registered());
    let given = given.when(assign_for(None)).refused(Refusal::NoTerm);
    let given = given.when(assign_for(Some(days(0)))).refused(Refusal::TermNotAfterStart);
    let yesterday = Term { ends: Ends::On("2020-04-20".parse().unwrap()), rule: None };
    given.when(assign_for(Some(yesterday))).refused(Refusal::TermNotAfterStart);
}

#[test]
fn return_and_reassignment_do_not_move_it() {
    let first = deadline(&given(assigned()));
    let reassigned = given(assigned()).and(reassign(ROADS).on("2020-05-10"));
    assert_eq!(deadline(&reassigned), first);
    let returned = given(assigned()).and(give_back(WATER, "不属我局职责").on("2020-05-10"));
    assert_eq!(deadline(&returned.and(assign(ROADS))), first);
    let handed_back = given(rectifying()).and(hand_back(WATER, "不属我局职责").on("2020-05-10"));
    assert_eq!(deadline(&handed_back.and(assign(ROADS))), first);
}

#[test]
fn it_is_late_from_midnight_of_its_last_day() {
    let deadline = deadline(&given(assigned()));
    assert!(!deadline.is_late("2020-06-20T15:59:59.999999Z".parse().unwrap()));
    assert!(deadline.is_late("2020-06-20T16:00:00Z".parse().unwrap()));
}

#[test]
fn reopening_sets_a_new_one_and_keeps_the_missed_one_missed() {
    let given = given(rectifying())
        .and(report_completion(WATER).on("2020-06-25"))
        .and(open(1))
        .and(verify())
        .and(crate::acts::close())
        .and(reopen().on("2020-07-01"));
    assert_eq!((last_day(&given).as_str(), deadline(&given).starts), ("2020-07-31", Start::Reopened));
    let missed: Vec<String> = given.case().missed.iter().map(|missed| missed.last_day.to_string()).collect();
    assert_eq!(missed, ["2020-06-20"]);
}

#[test]
fn a_deadline_that_was_kept_is_not_missed_by_reopening() {
    assert_eq!(given(closed()).and(reopen()).case().missed, []);
}

#[test]
fn a_suspension_takes_its_days_out() {
    let given = given(rectifying()).and(suspend("2020-06-01", "2020-06-10"));
    assert_eq!(last_day(&given), "2020-06-30");
    let again = given.and(suspend("2020-06-05", "2020-06-12"));
    assert_eq!(last_day(&again), "2020-07-02", "days suspended twice do not count twice");
    assert_eq!(deadline(&again).suspensions.len(), 2);
}

#[test]
fn a_suspension_ends_after_it_begins_and_says_why() {
    let given = given(rectifying());
    let given = given.when(suspend("2020-06-10", "2020-06-01")).refused(Refusal::TermNotAfterStart);
    let (from, to) = ("2020-06-01".parse().unwrap(), "2020-06-02".parse().unwrap());
    let change = rectify_case::command::DeadlineChange::Suspend(Suspension { from, to, reason: String::new() });
    let silent = Command::ChangeDeadline { change, reason: "汛期".to_owned() };
    given.when(Act::ask(officer(ZHOUQU_OFFICE), silent)).refused(Refusal::ReasonMissing);
}

#[test]
fn the_office_sets_another_term_from_the_same_start() {
    let before = deadline(&given(rectifying()));
    let given = given(rectifying()).when(replace_term(days(90))).happens(&["deadline_changed"]);
    assert_eq!((last_day(&given).as_str(), deadline(&given).from), ("2020-07-20", before.from));
    given.when(replace_term(days(90))).refused(Refusal::SameAsBefore);
}

#[test]
fn a_case_never_assigned_has_no_deadline_to_change() {
    given(registered()).when(replace_term(days(90))).refused(Refusal::NoDeadline);
}

#[test]
fn a_failed_verification_does_not_move_it() {
    let before = deadline(&given(reported()));
    let given = given(reported()).and(fail(0, ZHOUQU_OFFICE).on("2020-06-30"));
    assert_eq!((deadline(&given), given.case().stage), (before, Some(Stage::Rectifying)));
}

#[test]
fn a_changed_deadline_says_why() {
    let deadline_changed = given(rectifying()).and(replace_term(days(90)));
    let rectify_case::Event::Case(event) = &deadline_changed.last().event else { panic!("an event of a case") };
    assert!(matches!(&**event, CaseEvent::DeadlineChanged { reason, .. } if reason == "按程序办理"));
}
