//! Split: a parent becomes a group, its parts are cases of their own, and the counts add up.

use rectify_case::finding::{PetitionClass, Severity, Subject};
use rectify_case::{CaseEvent, Refusal, Stage};

use crate::acts::{
    accept, accusation, assign, assigned, corroborate, money, own_finding, part, petition, rectifying, register,
    registered, report, report_progress, split, split_in_two, until, verified,
};
use crate::scenario::{CASE, OTHER, THIRD, given};
use crate::world::{OFFICE, ROADS, WATER, handler, officer};

#[test]
fn a_split_case_becomes_a_group_and_its_parts_are_registered_with_numbers_of_their_own() {
    let reason = "按程序办理".to_owned();
    let given = given(registered()).when(split_in_two()).happens(&[
        "split",
        "part_opened",
        "registered",
        "part_opened",
        "registered",
    ]);
    assert_eq!(given.case().stage, Some(Stage::Grouped));
    assert_eq!(given.case().parts, [OTHER, THIRD]);
    assert_eq!(given.case().ended.unwrap().reason, reason);
    for (part, number, amount) in [(OTHER, "舟曲-审计-2020-0002", 60), (THIRD, "舟曲-审计-2020-0003", 40)] {
        let part = given.case_of(part);
        assert_eq!((part.stage, part.parent), (Some(Stage::Registered), Some(CASE)));
        assert_eq!((part.number.as_ref().unwrap().to_string().as_str(), part.found()), (number, money(amount)));
    }
}

#[test]
fn each_part_has_a_lead_of_its_own() {
    given(rectifying())
        .and(split_in_two())
        .and(assign(WATER).to(OTHER))
        .and(assign(ROADS).to(THIRD))
        .and(accept(WATER).to(OTHER))
        .when(accept(ROADS).to(THIRD))
        .then([CaseEvent::Accepted { unit: ROADS }]);
}

#[test]
fn the_parts_add_up_to_what_is_outstanding() {
    let given = given(registered());
    for (first, second) in [(60, 41), (60, 39), (0, 0), (u64::MAX, 101)] {
        let parts = [part(OTHER, "水费入账", first), part(THIRD, "票据管理", second)];
        let answer = given.clone().when(split(&parts)).answer().1.unwrap_err().refusal();
        assert!(matches!(answer, Refusal::PartsDoNotAddUp | Refusal::AmountTooLarge), "{answer:?}");
    }
    given.when(split(&[part(OTHER, "水费入账", 60), part(THIRD, "票据管理", 41)])).refused(Refusal::PartsDoNotAddUp);
}

#[test]
fn a_split_has_at_least_two_parts_and_each_is_another_case() {
    let given = given(assigned());
    let given = given.when(split(&[part(OTHER, "水费入账", 100)])).refused(Refusal::TooFewParts);
    let twice = [part(OTHER, "水费入账", 60), part(OTHER, "票据管理", 40)];
    let given = given.when(split(&twice)).refused(Refusal::SelfReference);
    let itself = [part(CASE, "水费入账", 60), part(OTHER, "票据管理", 40)];
    given.when(split(&itself)).refused(Refusal::SelfReference);
}

#[test]
fn a_part_says_what_it_is_about() {
    let parts = [part(OTHER, "", 60), part(THIRD, "票据管理", 40)];
    given(registered()).when(split(&parts)).refused(Refusal::TextMissing);
}

#[test]
fn a_part_carries_the_findings_the_severity_and_the_subjects() {
    let complaint = petition("1", PetitionClass::Request, &[Subject::Unit(WATER)]);
    let given = given([report(complaint), crate::acts::register_as(Severity::Serious)]).and(split_in_two());
    let part = given.case_of(OTHER);
    assert_eq!(part.severity, Severity::Serious);
    assert_eq!(part.findings.len(), 1);
    assert!(part.subjects.contains(&Subject::Unit(WATER)));
}

#[test]
fn the_parts_of_an_accusation_are_accusations() {
    let accused = given([report(accusation(Subject::Unit(WATER))), register().by(officer(OFFICE))]).and(split_in_two());
    accused.when(assign(WATER).to(THIRD)).refused(Refusal::SubjectWouldHandle);
}

#[test]
fn a_part_has_the_findings_of_the_whole_only_once() {
    given(registered())
        .and(split_in_two())
        .when(corroborate(CASE, own_finding()).to(OTHER))
        .refused(Refusal::FindingAlreadyHere);
}

#[test]
fn what_is_verified_or_grouped_is_split_no_more() {
    given(verified()).when(split_in_two()).refused(Refusal::WrongStage);
    given(until(Stage::Grouped, Severity::Ordinary)).when(split_in_two()).refused(Refusal::WrongStage);
}

#[test]
fn a_group_is_handled_by_nobody() {
    given(rectifying())
        .and(split_in_two())
        .when(report_progress(WATER, 10, &[]).by(handler(WATER)))
        .refused(Refusal::WrongStage);
}
