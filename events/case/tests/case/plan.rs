//! Plans (整改方案) and progress: what the lead will do, and how far it is.

use rectify_case::case::PlanStanding;
use rectify_case::plan::{Measure, Plan};
use rectify_case::{CaseEvent, Command, Refusal, Stage};

use crate::acts::{
    accept, approve_plan, assign_to, complete_with_measures, fail, money, plan, rectifying, registered,
    report_completion, report_progress, return_plan, submit_plan,
};
use crate::scenario::{Act, given};
use crate::world::{QUGAONA, ROADS, WATER, WATER_STATION, ZHOUQU_OFFICE, handler};

fn submit(measures: Vec<Measure>) -> Act {
    Act::ask(handler(WATER), Command::SubmitPlan { unit: WATER, plan: Plan { measures } })
}

fn measure(text: &str, unit: rectify_case::UnitId) -> Measure {
    Measure { text: text.to_owned(), unit, by: "2020-05-31".parse().unwrap() }
}

#[test]
fn the_lead_submits_a_plan_and_the_office_approves_it() {
    let given = given(rectifying())
        .when(submit_plan(WATER))
        .then([CaseEvent::PlanSubmitted { unit: WATER, plan: plan(WATER) }])
        .when(approve_plan(WATER))
        .then([CaseEvent::PlanApproved { unit: WATER }]);
    assert_eq!(given.case().plans[&WATER].standing, PlanStanding::Approved);
    given.when(approve_plan(WATER)).refused(Refusal::NoPlan);
}

#[test]
fn a_plan_sent_back_is_submitted_again() {
    given(rectifying())
        .and(submit_plan(WATER))
        .when(return_plan(WATER))
        .then([CaseEvent::PlanReturned { unit: WATER, reason: "按程序办理".to_owned() }])
        .when(report_completion(WATER))
        .refused(Refusal::PlanNotApproved)
        .and(submit_plan(WATER))
        .and(approve_plan(WATER))
        .when(report_completion(WATER))
        .comes_to(Stage::Reported);
}

#[test]
fn nothing_is_approved_that_was_not_submitted() {
    given(rectifying()).when(approve_plan(WATER)).refused(Refusal::NoPlan);
    given(rectifying()).when(return_plan(ROADS)).refused(Refusal::NoPlan);
}

#[test]
fn a_plan_has_measures_each_with_a_text_and_a_responsible_unit() {
    let given = given(rectifying());
    let given = given.when(submit(vec![])).refused(Refusal::EmptyPlan);
    let given = given.when(submit(vec![measure("", WATER)])).refused(Refusal::TextMissing);
    let given = given.when(submit(vec![measure("清理入账", ROADS)])).refused(Refusal::NotResponsible);
    given.when(submit(vec![measure("清理入账", WATER_STATION)])).happens(&["plan_submitted"]);
}

#[test]
fn progress_is_reported_by_a_responsible_unit_with_the_measures_done() {
    let told =
        CaseEvent::ProgressReported {
            unit: WATER, text: "已清理部分水费".to_owned(), fixed: money(30), done: vec![0]
        };
    let given = given(rectifying()).and(submit_plan(WATER)).when(report_progress(WATER, 30, &[0])).then([told]);
    assert!(given.case().plans[&WATER].done.contains(&0));
    given.when(report_progress(WATER, 30, &[1])).refused(Refusal::NoSuchMeasure);
}

#[test]
fn measures_are_told_as_done_with_the_completion_report() {
    let given = given(rectifying()).and(submit_plan(WATER)).and(approve_plan(WATER));
    let given = given.when(complete_with_measures(WATER, &[1])).refused(Refusal::NoSuchMeasure);
    let given = given.when(complete_with_measures(WATER, &[0])).happens(&[
        "progress_reported",
        "completion_reported",
        "evidence_filed",
    ]);
    assert!(given.case().plans[&WATER].is_done(0) && given.case().plans[&WATER].open().next().is_none());
    // What was told is not told again.
    given
        .and(fail(0, ZHOUQU_OFFICE))
        .when(complete_with_measures(WATER, &[0]))
        .happens(&["completion_reported", "evidence_filed"]);
}

#[test]
fn a_unit_that_helps_reports_its_own_progress() {
    given(registered())
        .and(assign_to(&[WATER], &[QUGAONA]))
        .and(accept(WATER))
        .when(report_progress(QUGAONA, 0, &[]))
        .happens(&["progress_reported"]);
}
