//! The chain of verification, fixed at assignment: who looks, in which order, and who takes over.

use rectify_case::assignment::{Level, Method};
use rectify_case::completion::Outcome;
use rectify_case::event::HandedAct;
use rectify_case::finding::{PetitionClass, Severity, Subject};
use rectify_case::{CaseEvent, DirectoryEvent, Refusal, Stage, UnitId};

use crate::acts::{
    accept, assign, assign_under, assigned, change, complete, designate, hand_up, name_subjects, open, pass, petition,
    raise, rectifying, register, register_as, report, report_completion, reported, until, verify,
};
use crate::scenario::{Given, given};
use crate::world::{
    DIEBU_OFFICE, OFFICE, PREFECTURE_WATER, ROADS, WATER, ZHOUQU, ZHOUQU_OFFICE, officer, second, verifier,
};

fn level(method: Method, holder: UnitId) -> Level {
    Level { method, holder: Some(holder), designated: false }
}

fn levels(given: &Given) -> Vec<Level> {
    given.case().assignment.unwrap().levels
}

#[test]
fn an_ordinary_case_owes_the_office_of_the_leads_division() {
    assert_eq!(levels(&given(assigned())), [level(Method::OnFile, ZHOUQU_OFFICE)]);
}

#[test]
fn a_serious_case_owes_the_prefecture_office_too() {
    let given = given(until(Stage::Assigned, Severity::Serious));
    assert_eq!(levels(&given), [level(Method::OnFile, ZHOUQU_OFFICE), level(Method::OnFile, OFFICE)]);
}

#[test]
fn a_grave_case_owes_both_the_second_on_site() {
    let given = given(until(Stage::Assigned, Severity::Grave));
    assert_eq!(levels(&given), [level(Method::OnFile, ZHOUQU_OFFICE), level(Method::OnSite, OFFICE)]);
}

#[test]
fn a_department_of_the_prefecture_is_verified_by_the_prefecture_office_alone() {
    for (severity, method) in [(Severity::Serious, Method::OnFile), (Severity::Grave, Method::OnSite)] {
        let given = given(until(Stage::Registered, severity)).and(assign(PREFECTURE_WATER).by(officer(OFFICE)));
        assert_eq!(levels(&given), [level(method, OFFICE)]);
    }
}

#[test]
fn a_level_whose_office_answers_for_the_case_passes_to_the_office_above() {
    for lead in [ZHOUQU_OFFICE, ZHOUQU] {
        let given = given(until(Stage::Registered, Severity::Ordinary)).and(assign_under(&[lead], &[], None));
        let above = Level { method: Method::OnFile, holder: Some(OFFICE), designated: true };
        assert_eq!(levels(&given), [above]);
    }
}

#[test]
fn a_level_nobody_can_take_waits_to_be_designated_and_is_never_dropped() {
    let office = officer(OFFICE);
    let lead = rectify_case::Actor { role: rectify_case::Role::Handler, ..office };
    let given = given(until(Stage::Registered, Severity::Ordinary))
        .and(change(crate::world::grant(office.person, rectify_case::Role::Handler, OFFICE)))
        .and(assign_under(&[OFFICE], &[], None).by(office))
        .and(accept(OFFICE).by(lead))
        .and(report_completion(OFFICE).by(lead));
    assert_eq!(levels(&given).iter().map(|level| level.holder).collect::<Vec<_>>(), [None]);
    given
        .when(verify().by(officer(ZHOUQU_OFFICE)))
        .refused(Refusal::LevelHasNoHolder)
        .and(designate(0, DIEBU_OFFICE).by(second(office)))
        .and(open(1).by(verifier(DIEBU_OFFICE)))
        .when(pass(0, DIEBU_OFFICE, &[1], 100))
        .comes_to(Stage::Verified);
}

#[test]
fn an_office_with_nobody_left_who_may_verify_passes_its_level_on() {
    let people = [officer(ZHOUQU_OFFICE), verifier(ZHOUQU_OFFICE)];
    let ends = people.into_iter().flat_map(|one| [one, second(one)]).map(|actor| DirectoryEvent::RoleEnded {
        person: actor.person,
        unit: actor.unit,
        role: actor.role,
        at: "2020-04-22T00:00:00Z".parse().unwrap(),
    });
    let given = given(until(Stage::Registered, Severity::Ordinary).into_iter().chain(ends.map(change)));
    let given = given.and(assign(WATER).by(officer(OFFICE)).on("2020-04-23"));
    assert_eq!(levels(&given)[0].holder, Some(OFFICE));
}

#[test]
fn the_levels_are_verified_in_order() {
    given(until(Stage::Reported, Severity::Serious))
        .and(open(1).by(verifier(OFFICE)))
        .when(pass(1, OFFICE, &[1], 100))
        .refused(Refusal::LevelOutOfOrder)
        .and(open(1))
        .when(pass(0, ZHOUQU_OFFICE, &[1], 100))
        .happens(&["level_passed"])
        .when(pass(1, OFFICE, &[1], 100))
        .happens(&["level_passed", "verified"]);
}

#[test]
fn only_the_unit_that_holds_a_level_verifies_it() {
    given(until(Stage::Reported, Severity::Serious))
        .and(open(1).by(verifier(OFFICE)))
        .when(pass(0, OFFICE, &[1], 100))
        .refused(Refusal::NotTheVerifyingUnit)
        .when(pass(2, OFFICE, &[1], 100))
        .refused(Refusal::NoSuchLevel);
}

#[test]
fn another_county_is_designated_for_a_cross_check() {
    let designated = CaseEvent::VerifierDesignated { level: 0, unit: DIEBU_OFFICE, reason: "交叉核验".to_owned() };
    given(reported())
        .when(designate(0, DIEBU_OFFICE))
        .then([designated])
        .when(verify())
        .refused(Refusal::NotYourCase)
        .and(open(1).by(verifier(DIEBU_OFFICE)))
        .when(pass(0, DIEBU_OFFICE, &[1], 100))
        .comes_to(Stage::Verified);
}

#[test]
fn nobody_is_designated_who_answers_for_the_case_or_cannot_verify() {
    let given = given(rectifying());
    let given = given.when(designate(0, WATER)).refused(Refusal::HolderNotEligible);
    let given = given.when(designate(0, ROADS)).refused(Refusal::HolderNotEligible);
    let given = given.when(designate(0, crate::world::NOWHERE)).refused(Refusal::UnknownUnit);
    given.when(designate(1, DIEBU_OFFICE)).refused(Refusal::NoSuchLevel);
}

#[test]
fn a_level_that_is_passed_stays_with_who_passed_it() {
    given(until(Stage::Reported, Severity::Serious))
        .and(open(1))
        .and(verify())
        .when(designate(0, DIEBU_OFFICE))
        .refused(Refusal::NoSuchLevel);
}

#[test]
fn an_office_without_a_second_person_hands_the_act_up_in_one_click() {
    let (from, to) = (ZHOUQU_OFFICE, OFFICE);
    let designated =
        CaseEvent::VerifierDesignated { level: 0, unit: OFFICE, reason: "报上级整改办核验".to_owned() };
    given(reported())
        .when(hand_up(HandedAct::Verification))
        .then([CaseEvent::HandedUp { act: HandedAct::Verification, from, to }, designated])
        .and(open(1).by(verifier(OFFICE)))
        .when(pass(0, OFFICE, &[1], 100))
        .comes_to(Stage::Verified)
        .when(hand_up(HandedAct::Closure))
        .then([CaseEvent::HandedUp { act: HandedAct::Closure, from, to }]);
    given(reported()).when(hand_up(HandedAct::Verification).by(officer(OFFICE))).refused(Refusal::NoSuperiorOffice);
}

#[test]
fn a_level_is_not_handed_up_to_an_office_that_may_not_hold_it() {
    let request = petition("1", PetitionClass::Request, &[Subject::Unit(OFFICE)]);
    given([report(request), register(), assign(WATER)])
        .when(hand_up(HandedAct::Verification))
        .refused(Refusal::HolderNotEligible);
}

#[test]
fn a_level_whose_holder_is_named_as_subject_passes_on_at_once() {
    let request = petition("1", PetitionClass::Request, &[]);
    let given = given([report(request), register(), assign(WATER)])
        .when(name_subjects(&[Subject::Unit(ZHOUQU_OFFICE)]))
        .happens(&["subjects_named", "verifier_designated"]);
    assert_eq!(levels(&given)[0].holder, Some(OFFICE));
    given.when(designate(0, ZHOUQU_OFFICE)).refused(Refusal::HolderNotEligible);
}

#[test]
fn a_case_that_a_subject_has_verified_is_taken_back() {
    let when_named = |subject: Subject| {
        let request = petition("1", PetitionClass::Request, &[]);
        let given = given([report(request), register(), assign(WATER), accept(WATER)])
            .and(complete(WATER, Outcome::Rectified, 0, &[1]))
            .and(open(1))
            .and(pass(0, ZHOUQU_OFFICE, &[1], 0));
        assert_eq!(given.case().stage, Some(Stage::Verified));
        let given = given.when(name_subjects(&[subject])).happens(&["subjects_named", "taken_back"]);
        assert_eq!((given.case().stage, given.case().passed.len()), (Some(Stage::Registered), 0));
    };
    when_named(Subject::Unit(ZHOUQU_OFFICE));
    when_named(Subject::Person(verifier(ZHOUQU_OFFICE).person));
}

#[test]
fn raising_the_severity_owes_more_and_lowering_it_owes_no_less() {
    let raised = given(rectifying()).and(raise(Severity::Grave));
    assert_eq!(levels(&raised), [level(Method::OnFile, ZHOUQU_OFFICE), level(Method::OnSite, OFFICE)]);
    let designated = given(assigned()).and(designate(0, DIEBU_OFFICE)).and(raise(Severity::Serious));
    assert_eq!(levels(&designated)[0], Level { method: Method::OnFile, holder: Some(DIEBU_OFFICE), designated: true });
    let lowered = given(until(Stage::Rectifying, Severity::Grave))
        .and(crate::acts::propose_lower(Severity::Ordinary))
        .and(crate::acts::lower());
    assert_eq!((lowered.case().severity, levels(&lowered).len()), (Severity::Ordinary, 2));
    assert!(lowered.case().owes_approval());
}

#[test]
fn a_severity_lowered_before_the_assignment_owes_only_what_it_is_then() {
    let given = given([report(crate::acts::finding("1")), register_as(Severity::Grave)])
        .and(crate::acts::propose_lower(Severity::Ordinary))
        .and(crate::acts::lower())
        .and(assign(WATER));
    assert_eq!(levels(&given).len(), 1);
}
