//! Joint leads (共同牵头): each plans and reports, the first named answers.

use rectify_case::completion::Outcome;
use rectify_case::{CaseEvent, Refusal, Stage};

use crate::acts::{
    accept, approve_plan, assign_to, assign_under, complete, fail, reassign, registered, report_completion, submit_plan,
};
use crate::scenario::{Given, given};
use crate::world::{NOWHERE, QUGAONA, ROADS, WATER, ZHOUQU_OFFICE, handler, leader};

/// Led by the water and the roads bureaus together, accepted by the first.
fn joint() -> Given {
    given(registered()).and(assign_to(&[WATER, ROADS], &[QUGAONA])).and(accept(WATER))
}

#[test]
fn the_first_named_accepts_for_all() {
    given(registered())
        .and(assign_to(&[WATER, ROADS], &[]))
        .when(accept(ROADS))
        .refused(Refusal::NotALead)
        .when(accept(WATER))
        .comes_to(Stage::Rectifying);
}

#[test]
fn each_reports_and_the_first_speaks_last() {
    let told = CaseEvent::JointLeadReported { unit: ROADS, account: "水费已全部入账".to_owned() };
    let given = joint()
        .when(report_completion(WATER))
        .refused(Refusal::JointLeadsNotReported)
        .when(report_completion(ROADS))
        .happens(&["joint_lead_reported", "evidence_filed"]);
    assert_eq!(given.case().stage, Some(Stage::Rectifying));
    given.when(report_completion(WATER)).comes_to(Stage::Reported);
    joint().when(complete(ROADS, Outcome::Rectified, 100, &[])).then([told]);
}

#[test]
fn each_plans_and_every_plan_is_approved_before_the_report() {
    joint()
        .and(submit_plan(ROADS))
        .and(report_completion(ROADS))
        .when(report_completion(WATER))
        .refused(Refusal::PlanNotApproved)
        .and(approve_plan(ROADS))
        .when(report_completion(WATER))
        .comes_to(Stage::Reported);
}

#[test]
fn a_unit_that_helps_does_not_lead() {
    joint().when(report_completion(QUGAONA).by(handler(QUGAONA))).refused(Refusal::NotALead);
    joint().when(submit_plan(QUGAONA)).refused(Refusal::NotALead);
}

#[test]
fn the_joint_reports_hold_until_the_case_is_assigned_anew() {
    let reported = joint().and(report_completion(ROADS)).and(report_completion(WATER));
    let failed = reported.and(fail(0, ZHOUQU_OFFICE));
    assert_eq!(failed.case().joint_reports.len(), 1);
    assert_eq!(failed.and(reassign(WATER)).case().joint_reports.len(), 0);
}

#[test]
fn an_assignment_names_a_lead_and_each_unit_once() {
    let given = given(registered());
    let given = given.when(assign_to(&[], &[ROADS])).refused(Refusal::NoLead);
    let given = given.when(assign_to(&[WATER, WATER], &[])).refused(Refusal::UnitNamedTwice);
    let given = given.when(assign_to(&[WATER], &[WATER])).refused(Refusal::UnitNamedTwice);
    given.when(assign_under(&[NOWHERE], &[], None)).refused(Refusal::UnknownUnit);
}

#[test]
fn who_answers_for_the_repair_is_a_responsible_leader() {
    let given = given(registered());
    let given =
        given.when(assign_under(&[WATER], &[], Some(handler(WATER).person))).refused(Refusal::NotAResponsibleLeader);
    given.when(assign_under(&[WATER], &[], Some(leader(WATER).person))).comes_to(Stage::Assigned);
}
