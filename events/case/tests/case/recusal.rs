//! Recusal (回避): whoever has a direct interest keeps out.

use rectify_case::{CaseEvent, Refusal, Stage};

use crate::acts::{
    accept, assign, assign_under, assigned, note, open, recuse, registered, reported, split_in_two, verify,
};
use crate::scenario::{CASE, OTHER, given};
use crate::world::{NOBODY, OFFICE, ROADS, WATER, ZHOUQU_OFFICE, handler, leader, officer, second, verifier};

#[test]
fn who_is_recused_neither_acts_nor_reads() {
    let person = handler(WATER).person;
    let recused = CaseEvent::Recused { person, reason: "系当事人近亲属".to_owned() };
    let given = given(assigned()).when(recuse(person)).then([recused]);
    assert!(!given.reads(person, CASE));
    given.when(accept(WATER)).refused(Refusal::IsRecused).when(accept(WATER).by(second(handler(WATER)))).done();
}

#[test]
fn a_recused_verifier_leaves_the_level_to_a_colleague() {
    let colleague = second(verifier(ZHOUQU_OFFICE));
    given(reported())
        .and(open(1))
        .and(recuse(verifier(ZHOUQU_OFFICE).person))
        .when(verify())
        .refused(Refusal::IsRecused)
        .and(open(1).by(colleague))
        .when(verify().by(colleague))
        .comes_to(Stage::Verified);
}

#[test]
fn a_level_whose_office_is_all_recused_passes_to_the_office_above() {
    let people = [officer(ZHOUQU_OFFICE), verifier(ZHOUQU_OFFICE)];
    let recusals =
        people.into_iter().flat_map(|one| [one, second(one)]).map(|one| recuse(one.person).by(officer(OFFICE)));
    let given = given(registered().into_iter().chain(recusals)).and(assign(WATER).by(officer(OFFICE)));
    assert_eq!(given.case().assignment.unwrap().levels[0].holder, Some(OFFICE));
}

#[test]
fn a_recused_leader_does_not_answer_for_the_repair() {
    let person = leader(ROADS).person;
    given(registered()).and(recuse(person)).when(assign_under(&[ROADS], &[], Some(person))).refused(Refusal::IsRecused);
}

#[test]
fn anybody_on_the_case_recuses_themselves_and_only_the_office_another() {
    let (handler, other) = (handler(WATER), second(handler(WATER)));
    given(assigned()).when(recuse(handler.person).by(handler)).happens(&["recused"]);
    given(assigned()).when(recuse(other.person).by(handler)).refused(Refusal::RoleMayNot);
    given(assigned()).when(recuse(NOBODY)).refused(Refusal::UnknownPerson);
    given(assigned()).and(recuse(other.person)).when(recuse(other.person)).refused(Refusal::SameAsBefore);
}

#[test]
fn who_is_recused_from_a_case_is_recused_from_its_parts() {
    let person = verifier(ZHOUQU_OFFICE);
    given(registered())
        .and(recuse(person.person))
        .and(split_in_two())
        .when(note("已阅").to(OTHER).by(person))
        .refused(Refusal::IsRecused);
}
