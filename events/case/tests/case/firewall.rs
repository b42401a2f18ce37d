//! Rule 3, the firewall: an accusation never reaches its subject, a unit below it, or a person subject to it
//! (信访条例 2005 art. 23; 信访工作条例 2022 arts. 30, 46).

use rectify_case::event::Relation;
use rectify_case::finding::{PetitionClass, Subject};
use rectify_case::{CaseEvent, PersonId, Refusal, Role, Stage, UnitId};

use crate::acts::{
    accept, accusation, amend, another, assign, assign_to, assign_under, change, corroborate, designate, finding,
    flag_likely_duplicate, link, list, merge, name_subjects, note, open, petition, register, registered, report,
    report_completion, verify,
};
use crate::scenario::{Act, CASE, Given, OTHER, given};
use crate::world::{
    NOBODY, NOWHERE, OFFICE, PREFECTURE_WATER, QUGAONA, ROADS, WATER, WATER_STATION, ZHOUQU, ZHOUQU_OFFICE, auditor,
    grant, handler, leader, officer, verifier,
};

/// An accusation against a unit or a person, registered.
fn accused(subject: Subject) -> Given {
    given([report(accusation(subject)), register().by(officer(OFFICE))])
}

fn reads(given: &Given, person: PersonId) -> bool {
    given.reads(person, CASE)
}

/// Lists the case under a leader.
fn list_under(leader: PersonId) -> Act {
    let target = "6月底前清零".to_owned();
    Act::ask(officer(ZHOUQU_OFFICE), rectify_case::Command::List { target, leader })
}

#[test]
fn the_accused_unit_does_not_handle_the_accusation() {
    let given = accused(Subject::Unit(WATER));
    let given = given.when(assign(WATER)).refused(Refusal::SubjectWouldHandle);
    let given = given.when(assign_under(&[WATER_STATION], &[], None)).refused(Refusal::SubjectWouldHandle);
    let given = given.when(assign_to(&[ROADS], &[WATER])).refused(Refusal::SubjectWouldHandle);
    given.when(assign(ROADS)).comes_to(Stage::Assigned);
}

#[test]
fn a_unit_led_by_the_accused_does_not_handle_the_accusation() {
    accused(Subject::Person(leader(WATER).person)).when(assign(WATER)).refused(Refusal::SubjectWouldHandle);
}

#[test]
fn the_accused_does_not_answer_for_the_repair_or_for_a_listing() {
    let accused = accused(Subject::Unit(WATER));
    let leader = leader(WATER).person;
    let accused = accused.when(assign_under(&[ROADS], &[], Some(leader))).refused(Refusal::SubjectWouldHandle);
    accused.when(list_under(leader)).refused(Refusal::SubjectWouldHandle);
}

#[test]
fn the_accused_does_not_act_on_the_accusation() {
    let officer = officer(ZHOUQU_OFFICE);
    for subject in [Subject::Person(officer.person), Subject::Unit(ZHOUQU_OFFICE), Subject::Unit(ZHOUQU)] {
        accused(subject).when(note("已阅").by(officer)).refused(Refusal::Walled);
    }
}

#[test]
fn the_accused_and_who_is_below_them_do_not_read_the_accusation() {
    let given = accused(Subject::Unit(WATER)).and(assign_to(&[ROADS], &[]));
    for person in [handler(WATER), leader(WATER), handler(WATER_STATION)] {
        assert!(!reads(&given, person.person));
    }
    for person in [handler(ROADS), officer(ZHOUQU_OFFICE), officer(OFFICE), auditor()] {
        assert!(reads(&given, person.person));
    }
    let by_person = accused(Subject::Person(leader(WATER).person));
    assert!(!reads(&by_person, handler(WATER_STATION).person), "below a unit that the accused leads");
}

#[test]
fn who_also_works_in_the_accused_unit_does_not_read_the_accusation_in_any_role() {
    let officer = officer(ZHOUQU_OFFICE);
    let given = accused(Subject::Unit(WATER)).and(change(grant(officer.person, Role::Handler, WATER_STATION)));
    assert!(!reads(&given, officer.person));
    given.when(assign(ROADS)).refused(Refusal::Walled);
}

#[test]
fn naming_a_responsible_unit_as_accused_takes_the_case_back_and_lists_what_it_had_read() {
    let given =
        given([report(petition("1", PetitionClass::Accusation, &[])), register(), assign(WATER), accept(WATER)]);
    let subjects = vec![Subject::Unit(WATER)];
    let given = given.when(name_subjects(&subjects)).then([
        CaseEvent::SubjectsNamed { subjects, reason: "按程序办理".to_owned() },
        CaseEvent::TakenBack { units: vec![WATER], had_read: vec![1, 2, 3, 4] },
    ]);
    assert_eq!(given.case().stage, Some(Stage::Registered));
    assert!(!reads(&given, handler(WATER).person));
    given.when(assign(WATER)).refused(Refusal::SubjectWouldHandle);
}

#[test]
fn a_case_is_taken_back_from_every_stage_that_has_a_responsible_unit() {
    let assigned = given([report(petition("1", PetitionClass::Accusation, &[])), register(), assign(WATER)]);
    let rectifying = assigned.clone().and(accept(WATER));
    let reported = rectifying.clone().and(report_completion(WATER));
    let verified = reported.clone().and(open(1)).and(verify());
    for history in [assigned, rectifying, reported, verified] {
        history.when(name_subjects(&[Subject::Unit(WATER)])).comes_to(Stage::Registered);
    }
}

#[test]
fn an_amended_or_corroborating_finding_that_accuses_the_lead_takes_the_case_back() {
    let request = petition("1", PetitionClass::Request, &[Subject::Unit(WATER)]);
    let assigned = || given([report(request.clone()), register(), assign(WATER)]);
    assigned().when(amend(accusation(Subject::Unit(WATER)))).happens(&["finding_amended", "taken_back"]);
    let other = petition("2", PetitionClass::Accusation, &[Subject::Unit(WATER)]);
    assigned()
        .and(report(other.clone()).to(OTHER))
        .when(corroborate(OTHER, other.id()))
        .happens(&["finding_corroborated", "taken_back"]);
}

#[test]
fn whom_the_office_named_in_another_case_comes_along_with_its_finding() {
    let other = petition("2", PetitionClass::Accusation, &[]);
    let given = given([report(petition("1", PetitionClass::Request, &[])), register(), assign(WATER)])
        .and(report(other.clone()).to(OTHER))
        .and(register().to(OTHER))
        .and(name_subjects(&[Subject::Unit(WATER)]).to(OTHER));
    let named = CaseEvent::SubjectsNamed { subjects: vec![Subject::Unit(WATER)], reason: "随原事项".to_owned() };
    let given = given.when(corroborate(OTHER, other.id())).then([
        CaseEvent::FindingCorroborated { finding: other.into(), from: Some(OTHER) },
        CaseEvent::TakenBack { units: vec![WATER], had_read: vec![1, 2, 3] },
        named,
    ]);
    assert!(!reads(&given, handler(WATER).person));
}

#[test]
fn a_finding_is_not_taken_over_by_whom_it_then_accuses() {
    let other = petition("2", PetitionClass::Request, &[Subject::Unit(ZHOUQU_OFFICE)]);
    given([report(petition("1", PetitionClass::Accusation, &[])), register()])
        .and(report(other.clone()).to(OTHER))
        .when(corroborate(OTHER, other.id()))
        .refused(Refusal::Walled)
        .when(corroborate(OTHER, other.id()).by(officer(OFFICE)))
        .happens(&["finding_corroborated"]);
}

#[test]
fn a_listing_whose_leader_is_accused_ends_at_once() {
    let petition = petition("1", PetitionClass::Accusation, &[]);
    given([report(petition), register(), list()])
        .when(name_subjects(&[Subject::Person(leader(WATER).person)]))
        .happens(&["subjects_named", "delisted"]);
}

#[test]
fn who_is_accused_never_verifies() {
    let given = given([
        report(petition("1", PetitionClass::Accusation, &[Subject::Unit(ROADS)])),
        register(),
        assign(WATER),
        accept(WATER),
        report_completion(WATER),
    ]);
    given
        .clone()
        .and(change(grant(handler(ROADS).person, Role::Verifier, ZHOUQU_OFFICE)))
        .when(verify().by(rectify_case::Actor { person: handler(ROADS).person, ..verifier(ZHOUQU_OFFICE) }))
        .refused(Refusal::Walled);
    given.when(designate(0, ROADS)).refused(Refusal::HolderNotEligible);
}

#[test]
fn a_merge_does_not_hand_an_accusation_to_its_subject() {
    let accuses = |item, subjects: &[UnitId]| {
        let subjects: Vec<Subject> = subjects.iter().copied().map(Subject::Unit).collect();
        petition(item, PetitionClass::Accusation, &subjects)
    };
    let merged_into_one_led_by = |lead| {
        given([report(accuses("1", &[WATER])), register(), assign(lead)])
            .and(report(accuses("2", &[WATER, ROADS])).to(OTHER))
            .and(register().to(OTHER))
            .when(merge(CASE).to(OTHER))
    };
    merged_into_one_led_by(ROADS).refused(Refusal::SubjectWouldHandle);
    merged_into_one_led_by(QUGAONA).comes_to(Stage::Merged);
}

#[test]
fn a_request_does_not_go_on_in_an_accusation_that_its_readers_may_not_know_of() {
    let handled = petition("1", PetitionClass::Accusation, &[Subject::Unit(ROADS)]);
    given([report(handled), register(), assign(WATER)])
        .and(report(petition("2", PetitionClass::Request, &[Subject::Unit(WATER)])).to(OTHER))
        .and(register().to(OTHER))
        .when(merge(CASE).to(OTHER))
        .refused(Refusal::WouldRevealAccusation);
}

#[test]
fn what_the_accused_can_read_does_not_point_to_the_accusation() {
    let given = given(registered())
        .and(report(petition("2", PetitionClass::Accusation, &[Subject::Unit(WATER)])).to(OTHER))
        .and(register().to(OTHER));
    let given = given.when(link(OTHER, Relation::RelatedTo)).refused(Refusal::WouldRevealAccusation);
    let given = given.when(flag_likely_duplicate(OTHER)).refused(Refusal::WouldRevealAccusation);
    let given = given.when(merge(OTHER)).refused(Refusal::WouldRevealAccusation);
    given.when(link(CASE, Relation::RelatedTo).to(OTHER)).happens(&["linked"]);
}

#[test]
fn an_accusation_is_handled_by_another_unit_that_is_competent() {
    accused(Subject::Unit(ZHOUQU))
        .when(assign(PREFECTURE_WATER).by(officer(OFFICE)))
        .comes_to(Stage::Assigned)
        .when(accept(PREFECTURE_WATER))
        .comes_to(Stage::Rectifying);
}

#[test]
fn subjects_are_units_and_persons_that_are_known_and_new() {
    let given = given(registered());
    let given = given.when(name_subjects(&[Subject::Unit(NOWHERE)])).refused(Refusal::UnknownUnit);
    let given = given.when(name_subjects(&[Subject::Person(NOBODY)])).refused(Refusal::UnknownPerson);
    given
        .and(name_subjects(&[Subject::Unit(WATER)]))
        .when(name_subjects(&[Subject::Unit(WATER)]))
        .refused(Refusal::SameAsBefore);
}

#[test]
fn a_source_hands_in_more_about_an_accusation_without_reading_it() {
    accused(Subject::Unit(WATER))
        .when(amend(rectify_case::Finding { title: "补充材料".to_owned(), ..accusation(Subject::Unit(WATER)) }))
        .happens(&["finding_amended"]);
    given(another()).when(report(finding("1"))).comes_to(Stage::Discovered);
}
