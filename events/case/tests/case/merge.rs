//! Merge: B goes on in A by one append to both, and comes back the same way.

use rectify_case::finding::{PetitionClass, Severity, Subject};
use rectify_case::{CaseEvent, Refusal, Stage};

use crate::acts::{
    accept, another, assign, assign_to, assigned, closed, digest, file_evidence, finding, merge, money, note, on,
    petition, rectifying, recuse, register, register_as, registered, report, report_progress, reported, restate,
    split_in_two, unmerge, withdraw_evidence,
};
use crate::scenario::{Act, CASE, Given, OTHER, THIRD, given};
use crate::world::{ROADS, WATER, WATER_STATION, ZHOUQU_OFFICE, handler, officer};

/// Two cases: the first assigned to the water bureau, the other to the roads bureau, on a later day.
fn two_assigned() -> Given {
    given(assigned())
        .and(report(finding("2")).to(OTHER).on("2020-05-01"))
        .and(register_as(Severity::Serious).to(OTHER))
        .and(assign(ROADS).to(OTHER))
}

#[test]
fn a_merge_is_one_append_to_both_cases() {
    let reason = "按程序办理".to_owned();
    given(registered().into_iter().chain(another())).when(merge(OTHER)).then_everywhere([
        (CASE, CaseEvent::MergedInto { target: OTHER, reason }),
        (
            OTHER,
            CaseEvent::MergeReceived {
                from: CASE,
                findings: vec![finding("1")],
                subjects: vec![],
                evidence: vec![],
                severity: Severity::Ordinary,
                deadline: None,
                assignment: None,
                found: money(100),
            },
        ),
    ]);
}

#[test]
fn the_merged_case_ends_and_names_the_one_it_goes_on_in() {
    let given = given(registered().into_iter().chain(another())).and(merge(OTHER));
    assert_eq!((given.case().stage, given.case().merged_into()), (Some(Stage::Merged), Some(OTHER)));
    assert_eq!(given.case().number.unwrap().to_string(), "舟曲-审计-2020-0001");
    assert_eq!(given.case_of(OTHER).findings.len(), 2);
}

#[test]
fn a_case_not_yet_registered_is_numbered_before_it_is_merged() {
    let given = given([report(finding("1"))]).and(report(finding("2")).to(OTHER)).and(register().to(OTHER));
    given.when(merge(OTHER)).happens(&["registered", "merged_into", "merge_received"]);
}

#[test]
fn the_earlier_deadline_and_the_higher_severity_win() {
    let earlier = two_assigned().case().deadline.unwrap();
    let given = two_assigned().and(merge(CASE).to(OTHER));
    let case = given.case();
    assert_eq!((case.deadline.as_ref(), case.severity), (Some(&earlier), Severity::Serious));
    assert_eq!(case.assignment.as_ref().unwrap().levels.len(), 2, "a serious case owes two levels");
    let given = two_assigned().and(merge(OTHER));
    assert_eq!(given.case_of(OTHER).deadline, Some(earlier));
}

#[test]
fn the_merged_cases_lead_helps_from_then_on() {
    let assignment = two_assigned().and(merge(CASE).to(OTHER)).case().assignment.unwrap();
    assert_eq!((assignment.leads, assignment.co_responsible), (vec![WATER], vec![ROADS]));
}

#[test]
fn quantities_are_restated_and_not_summed() {
    let given = two_assigned().and(merge(CASE).to(OTHER));
    assert_eq!(given.case().found(), money(100));
    let said = rectify_case::Command::Merge { into: CASE, found: Some(money(150)), reason: "合并计数".to_owned() };
    let given = two_assigned().and(Act::ask(officer(ZHOUQU_OFFICE), said).to(OTHER));
    assert_eq!(given.case().found(), money(150));
}

#[test]
fn what_is_counted_cannot_be_merged_away() {
    let said = rectify_case::Command::Merge { into: CASE, found: Some(money(50)), reason: "合并计数".to_owned() };
    given(rectifying().into_iter().chain(another()))
        .and(report_progress(WATER, 80, &[]))
        .when(Act::ask(officer(ZHOUQU_OFFICE), said).to(OTHER))
        .refused(Refusal::FoundBelowFixed);
}

#[test]
fn subjects_evidence_and_recusals_come_along() {
    let complaint = petition("2", PetitionClass::Request, &[Subject::Unit(WATER_STATION)]);
    let given = given(registered())
        .and(report(complaint).to(OTHER))
        .and(register().to(OTHER))
        .and(recuse(handler(ROADS).person).to(OTHER))
        .and(file_evidence(ZHOUQU_OFFICE, 7).by(officer(ZHOUQU_OFFICE)).to(OTHER))
        .and(file_evidence(ZHOUQU_OFFICE, 8).by(officer(ZHOUQU_OFFICE)).to(OTHER))
        .and(withdraw_evidence(ZHOUQU_OFFICE, 8).by(officer(ZHOUQU_OFFICE)).to(OTHER))
        .and(merge(CASE).to(OTHER));
    let case = given.case();
    assert!(case.subjects.contains(&Subject::Unit(WATER_STATION)));
    assert_eq!(case.evidence.keys().cloned().collect::<Vec<_>>(), [digest(7)], "what was withdrawn stays behind");
    assert!(case.recused.contains(&handler(ROADS).person));
}

#[test]
fn unmerging_gives_the_case_and_its_findings_back() {
    let reason = "按程序办理".to_owned();
    let given = two_assigned().and(merge(CASE).to(OTHER)).when(unmerge().to(OTHER)).then_everywhere([
        (OTHER, CaseEvent::Unmerged { target: CASE, reason }),
        (CASE, CaseEvent::MergeUndone { from: OTHER, findings: vec![finding("2").id()], found: money(100) }),
    ]);
    assert_eq!(given.case().findings.len(), 1);
    assert_eq!(given.case_of(OTHER).stage, Some(Stage::Registered));
    given.when(assign(ROADS).to(OTHER)).comes_to(Stage::Assigned);
}

#[test]
fn a_merge_is_not_undone_once_the_other_case_was_reported() {
    given(registered().into_iter().chain(another()))
        .and(merge(CASE).to(OTHER))
        .and(assign(WATER))
        .and(accept(WATER))
        .and(crate::acts::report_completion(WATER))
        .when(unmerge().to(OTHER))
        .refused(Refusal::OtherCaseUnfit);
}

#[test]
fn a_merge_is_not_undone_below_what_is_fixed_by_then() {
    given(rectifying())
        .and(report(finding("2")).to(OTHER))
        .and(register().to(OTHER))
        .and(merge(CASE).to(OTHER))
        .and(restate(200))
        .and(report_progress(WATER, 150, &[]))
        .when(unmerge().to(OTHER))
        .refused(Refusal::FoundBelowFixed);
}

#[test]
fn a_case_goes_on_only_in_one_that_is_not_reported_yet() {
    for acts in [reported(), closed()] {
        given(acts.into_iter().chain(another())).when(merge(CASE).to(OTHER)).refused(Refusal::OtherCaseUnfit);
    }
    let given = given(registered());
    let given = given.when(merge(OTHER)).refused(Refusal::NoSuchCase);
    given.when(merge(CASE)).refused(Refusal::SelfReference);
}

#[test]
fn a_case_that_others_went_on_in_is_not_merged_itself() {
    given(registered().into_iter().chain(another()))
        .and(report(finding("3")).to(THIRD))
        .and(register().to(THIRD))
        .and(merge(CASE).to(OTHER))
        .when(merge(THIRD))
        .refused(Refusal::NumberWouldBeLost);
}

#[test]
fn a_finding_that_both_have_comes_once() {
    let given = given(registered()).and(split_in_two()).and(merge(OTHER).to(THIRD));
    assert_eq!(given.case_of(OTHER).findings.len(), 1);
}

#[test]
fn a_merged_case_still_takes_notes() {
    let given = given(on(OTHER, registered())).and(report(finding("3"))).and(merge(OTHER));
    given.when(note("并案前已电话告知")).happens(&["note_added"]);
}

#[test]
fn joint_leads_stay_joint_when_a_case_is_merged_into_theirs() {
    let given = given(registered())
        .and(assign_to(&[WATER, ROADS], &[]))
        .and(report(finding("2")).to(OTHER))
        .and(register().to(OTHER))
        .and(assign(ROADS).to(OTHER))
        .and(merge(CASE).to(OTHER));
    let assignment = given.case().assignment.unwrap();
    assert_eq!((assignment.leads, assignment.co_responsible), (vec![WATER, ROADS], vec![]));
}
