//! Who may ask: a role held now, in the unit and the division whose case it is.

use rectify_case::{DirectoryEvent, Refusal, Role, Stage};

use crate::acts::{
    accept, assign, assigned, change, finding, merge, note, rectifying, register, registered, report, report_progress,
    reported, verify,
};
use crate::scenario::{OTHER, given};
use crate::world::{
    DIEBU_OFFICE, OFFICE, QUGAONA, ROADS, WATER, WATER_STATION, ZHOUQU_OFFICE, by, closing_leader, handler, officer,
    verifier,
};

#[test]
fn a_role_is_held_in_a_unit() {
    let actor = rectify_case::Actor { unit: OFFICE, ..officer(ZHOUQU_OFFICE) };
    given(registered()).when(assign(WATER).by(actor)).refused(Refusal::RoleNotHeld);
}

#[test]
fn a_role_is_held_until_it_ends() {
    let officer = officer(ZHOUQU_OFFICE);
    let at = "2020-05-01T00:00:00Z".parse().unwrap();
    let ended = DirectoryEvent::RoleEnded { person: officer.person, unit: officer.unit, role: Role::Officer, at };
    let given = given(registered()).and(change(ended));
    given.clone().when(assign(WATER)).comes_to(Stage::Assigned);
    given.when(assign(WATER).on("2020-05-01")).refused(Refusal::RoleNotHeld);
}

#[test]
fn every_act_is_some_roles() {
    given(registered()).when(assign(WATER).by(closing_leader())).refused(Refusal::RoleMayNot);
    given(assigned()).when(accept(WATER).by(officer(ZHOUQU_OFFICE))).refused(Refusal::RoleMayNot);
    let administrator = by(ZHOUQU_OFFICE, Role::Administrator);
    given(registered()).when(note("已阅").by(administrator)).refused(Refusal::RoleMayNot);
}

#[test]
fn a_county_office_acts_in_its_own_division_and_the_prefectures_everywhere() {
    given(registered()).when(assign(WATER).by(officer(DIEBU_OFFICE))).refused(Refusal::NotYourCase);
    given(registered()).when(assign(WATER).by(officer(OFFICE))).comes_to(Stage::Assigned);
}

#[test]
fn an_office_that_reaches_into_another_case_governs_that_one_too() {
    let elsewhere = rectify_case::Finding { division: "623024".parse().unwrap(), ..finding("2") };
    let given = given(registered()).and(report(elsewhere).to(OTHER)).and(register().to(OTHER).by(officer(OFFICE)));
    given.clone().when(merge(OTHER)).refused(Refusal::NotYourCase);
    given.when(merge(OTHER).by(officer(OFFICE))).comes_to(Stage::Merged);
}

#[test]
fn a_unit_acts_on_what_it_answers_for() {
    given(assigned()).when(accept(ROADS)).refused(Refusal::NotYourCase);
    given(rectifying()).when(report_progress(QUGAONA, 0, &[])).refused(Refusal::NotYourCase);
}

#[test]
fn a_unit_below_the_lead_speaks_for_the_lead_and_is_not_responsible_itself() {
    let for_the_bureau = report_progress(WATER, 0, &[]).by(handler(WATER_STATION));
    given(rectifying()).when(for_the_bureau).happens(&["progress_reported"]);
    given(rectifying()).when(report_progress(WATER_STATION, 0, &[])).refused(Refusal::NotResponsible);
}

#[test]
fn a_verifier_of_another_county_has_no_part_in_a_case() {
    given(reported()).when(verify().by(verifier(DIEBU_OFFICE))).refused(Refusal::NotYourCase);
}
