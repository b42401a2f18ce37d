//! Evidence (佐证材料): put on file by a responsible unit, a verifier on site or the office; withdrawn, it keeps its digest.

use rectify_case::evidence::Side;
use rectify_case::{CaseEvent, Refusal};

use crate::acts::{digest, file_evidence, gather, rectifying, registered, reported, withdraw_evidence};
use crate::scenario::given;
use crate::world::{NOWHERE, OFFICE, ROADS, WATER, WATER_STATION, ZHOUQU_OFFICE, handler, officer, verifier};

#[test]
fn the_side_that_put_a_file_there_is_told_by_who_did_it() {
    let sides = [
        (file_evidence(WATER, 2), Side::Responsible),
        (file_evidence(WATER_STATION, 2).by(handler(WATER_STATION)), Side::Responsible),
        (gather(ZHOUQU_OFFICE, 2), Side::Verifier),
        (file_evidence(OFFICE, 2).by(officer(OFFICE)), Side::Office),
    ];
    for (act, side) in sides {
        assert_eq!(given(reported()).and(act).case().evidence[&digest(2)].side, side);
    }
}

#[test]
fn nobody_puts_a_file_there_in_the_name_of_another() {
    let given = given(rectifying());
    let given = given.when(file_evidence(ROADS, 2)).refused(Refusal::NotYourCase);
    let given = given.when(file_evidence(ROADS, 2).by(handler(WATER))).refused(Refusal::NotYourCase);
    let given = given.when(file_evidence(WATER, 2).by(officer(ZHOUQU_OFFICE))).refused(Refusal::NotYourCase);
    given.when(file_evidence(NOWHERE, 2).by(officer(ZHOUQU_OFFICE))).refused(Refusal::UnknownUnit);
}

#[test]
fn a_verifier_gathers_only_while_the_level_is_its_own() {
    given(rectifying()).when(gather(ZHOUQU_OFFICE, 2)).refused(Refusal::NotTheVerifyingUnit);
    given(reported()).when(gather(ZHOUQU_OFFICE, 2)).happens(&["evidence_filed"]);
}

#[test]
fn a_unit_that_verifies_has_no_file_of_its_own_as_a_responsible_one() {
    let person = verifier(ZHOUQU_OFFICE);
    let as_handler = rectify_case::Actor { role: rectify_case::Role::Handler, ..person };
    given(reported())
        .and(crate::acts::change(crate::world::grant(person.person, rectify_case::Role::Handler, ZHOUQU_OFFICE)))
        .when(file_evidence(ZHOUQU_OFFICE, 2).by(as_handler))
        .refused(Refusal::NotResponsible);
}

#[test]
fn withdrawn_evidence_keeps_its_digest_and_the_reason() {
    let withdrawn = CaseEvent::EvidenceWithdrawn { digest: digest(2), reason: "按程序办理".to_owned() };
    let given = given(rectifying()).and(file_evidence(WATER, 2));
    let given = given.when(withdraw_evidence(WATER, 2)).then([withdrawn]);
    assert_eq!(given.case().evidence[&digest(2)].withdrawn.as_deref(), Some("按程序办理"));
    given.when(withdraw_evidence(WATER, 2)).refused(Refusal::NoSuchEvidence);
}

#[test]
fn a_unit_withdraws_its_own_files_and_the_office_any() {
    let filed = given(rectifying()).and(file_evidence(WATER, 2)).and(file_evidence(OFFICE, 3).by(officer(OFFICE)));
    filed.clone().when(withdraw_evidence(WATER, 3)).refused(Refusal::NotYourCase);
    filed.when(withdraw_evidence(WATER, 2).by(officer(ZHOUQU_OFFICE))).happens(&["evidence_withdrawn"]);
}

#[test]
fn the_office_puts_files_there_before_anybody_answers_for_the_case() {
    let filed = file_evidence(ZHOUQU_OFFICE, 2).by(officer(ZHOUQU_OFFICE));
    given(registered()).when(filed).happens(&["evidence_filed"]);
}
