//! Petitions by class: a request may be handled by the unit complained about when it is the competent one (谁主管、谁负责); it
//! then never verifies. The gravest class of its findings is the case's.

use rectify_case::completion::Outcome;
use rectify_case::finding::{PetitionClass, Subject};
use rectify_case::{Actor, Refusal, Role, Stage};

use crate::acts::{
    accept, assign, change, close, complete, corroborate, finding, merge, open, petition, register, report,
    report_completion, unmerge, verify,
};
use crate::scenario::{CASE, Given, OTHER, given};
use crate::world::{OFFICE, WATER, ZHOUQU, ZHOUQU_OFFICE, grant, handler, officer, second, verifier};

/// A request about a unit or a person, reported as fixed by the water bureau.
fn request_about(subject: Subject) -> Given {
    given([
        report(petition("1", PetitionClass::Request, &[subject])),
        register(),
        assign(WATER),
        accept(WATER),
        report_completion(WATER),
    ])
}

#[test]
fn a_request_is_handled_by_the_unit_complained_about_and_verified_by_another() {
    request_about(Subject::Unit(WATER)).and(open(1)).and(verify()).when(close()).comes_to(Stage::Closed);
}

#[test]
fn who_is_complained_about_does_not_verify_a_request() {
    let verifier = verifier(ZHOUQU_OFFICE);
    request_about(Subject::Person(verifier.person))
        .and(open(1))
        .when(verify())
        .refused(Refusal::SubjectWouldVerify)
        .and(open(1).by(second(verifier)))
        .when(verify().by(second(verifier)))
        .comes_to(Stage::Verified);
}

#[test]
fn who_works_in_a_unit_complained_about_does_not_verify_a_request() {
    let person = handler(crate::world::ROADS);
    let as_verifier = Actor { person: person.person, ..verifier(ZHOUQU_OFFICE) };
    request_about(Subject::Unit(crate::world::ROADS))
        .and(change(grant(person.person, Role::Verifier, ZHOUQU_OFFICE)))
        .and(open(1).by(as_verifier))
        .when(verify().by(as_verifier))
        .refused(Refusal::SubjectWouldVerify);
}

#[test]
fn a_request_about_the_whole_county_is_verified_by_the_prefecture() {
    let given = request_about(Subject::Unit(ZHOUQU));
    assert_eq!(given.case().assignment.unwrap().levels[0].holder, Some(OFFICE));
}

#[test]
fn a_case_is_of_the_gravest_class_among_its_findings() {
    let class = |given: &Given| given.case().class;
    let suggestion = given([report(petition("1", PetitionClass::Suggestion, &[])), register()]);
    assert_eq!(class(&suggestion), Some(PetitionClass::Suggestion));
    let add = |given: Given, item: &str, class| {
        let more = petition(item, class, &[]);
        given.and(report(more.clone()).to(OTHER)).and(corroborate(OTHER, more.id()))
    };
    let request = add(suggestion.clone(), "2", PetitionClass::Request);
    assert_eq!(class(&request), Some(PetitionClass::Request));
    let accusation = add(suggestion, "2", PetitionClass::Accusation);
    assert_eq!(class(&accusation), Some(PetitionClass::Accusation));
    assert!(accusation.case().is_accusation());
    assert_eq!(class(&given([report(finding("1"))])), None);
}

#[test]
fn an_accusation_that_is_given_back_takes_its_class_along() {
    let accusation = petition("2", PetitionClass::Accusation, &[]);
    let target = petition("1", PetitionClass::Accusation, &[]);
    let merged = given([report(target), register()])
        .and(report(accusation).to(OTHER))
        .and(register().to(OTHER))
        .and(merge(CASE).to(OTHER));
    assert_eq!(merged.case().findings.len(), 2);
    let given = merged.and(unmerge().to(OTHER));
    assert_eq!((given.case().findings.len(), given.case_of(OTHER).findings.len()), (1, 1));
    assert!(given.case().is_accusation() && given.case_of(OTHER).is_accusation());
}

#[test]
fn a_petition_found_to_be_unfounded_is_verified_like_any_other() {
    given([report(petition("1", PetitionClass::Request, &[])), register(), assign(WATER), accept(WATER)])
        .and(complete(WATER, Outcome::Unfounded, 0, &[1]))
        .when(close())
        .refused(Refusal::WrongStage)
        .and(open(1))
        .and(crate::acts::pass(0, ZHOUQU_OFFICE, &[1], 0))
        .when(close().by(officer(ZHOUQU_OFFICE)))
        .comes_to(Stage::Closed);
}
