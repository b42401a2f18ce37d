//! Rule 2, separation of duties: nobody judges their own work. Persons count, not accounts.

use rectify_case::event::HandedAct;
use rectify_case::finding::Severity;
use rectify_case::{Actor, DirectoryEvent, Refusal, Role, Stage};

use crate::acts::{
    approve_plan, assigned, change, close, fail, grant_extension, hand_up, lower, open, pass, propose_lower,
    rectifying, refuse_extension, report_completion, report_progress, reported, request_extension, submit_plan, until,
    verify,
};
use crate::scenario::{Act, Given, given};
use crate::world::{OFFICE, WATER, WATER_STATION, ZHOUQU_OFFICE, grant, handler, officer, second, verifier};

/// The verifier of the county's office, in this role.
fn as_verifier(actor: Actor) -> Actor {
    Actor { person: actor.person, ..verifier(ZHOUQU_OFFICE) }
}

fn also(person: Actor, role: Role, unit: rectify_case::UnitId) -> Act {
    change(grant(person.person, role, unit))
}

/// Leaves the water bureau for the county's office.
fn moves_to_the_office(given: Given, who: Actor) -> Given {
    let at = given.now();
    let ended = DirectoryEvent::RoleEnded { person: who.person, unit: who.unit, role: who.role, at };
    given.and(change(ended)).and(also(who, Role::Verifier, ZHOUQU_OFFICE)).and(open(1).by(as_verifier(who)))
}

#[test]
fn who_belongs_to_a_responsible_unit_does_not_verify() {
    let person = handler(WATER);
    let given = given(reported())
        .and(also(second(person), Role::Verifier, ZHOUQU_OFFICE))
        .and(open(1).by(as_verifier(second(person))));
    given.clone().when(verify().by(as_verifier(second(person)))).refused(Refusal::VerifiedByResponsibleUnit);
    given.when(fail(0, ZHOUQU_OFFICE).by(as_verifier(second(person)))).refused(Refusal::VerifiedByResponsibleUnit);
}

#[test]
fn who_belongs_to_a_unit_below_a_responsible_one_does_not_verify() {
    let person = handler(WATER_STATION);
    given(reported())
        .and(also(person, Role::Verifier, ZHOUQU_OFFICE))
        .and(open(1).by(as_verifier(person)))
        .when(verify().by(as_verifier(person)))
        .refused(Refusal::VerifiedByResponsibleUnit);
}

#[test]
fn who_reported_does_not_verify_even_from_another_post() {
    let reporter = handler(WATER);
    moves_to_the_office(given(reported()), reporter)
        .when(verify().by(as_verifier(reporter)))
        .refused(Refusal::VerifierPlannedOrReported);
}

#[test]
fn who_planned_or_told_of_progress_does_not_verify_even_from_another_post() {
    let planner = second(handler(WATER));
    let with_plan =
        given(rectifying()).and(submit_plan(WATER).by(planner)).and(approve_plan(WATER)).and(report_completion(WATER));
    let told = given(rectifying()).and(report_progress(WATER, 10, &[]).by(planner)).and(report_completion(WATER));
    for history in [with_plan, told] {
        moves_to_the_office(history, planner)
            .when(verify().by(as_verifier(planner)))
            .refused(Refusal::VerifierPlannedOrReported);
    }
}

#[test]
fn who_moved_without_having_worked_on_the_case_verifies() {
    let newcomer = second(handler(WATER));
    moves_to_the_office(given(reported()), newcomer).when(verify().by(as_verifier(newcomer))).comes_to(Stage::Verified);
}

#[test]
fn who_verified_does_not_close() {
    let officer = officer(ZHOUQU_OFFICE);
    given(reported())
        .and(open(1).by(officer))
        .and(verify().by(officer))
        .when(close().by(officer))
        .refused(Refusal::CloserVerified)
        .when(close().by(second(officer)))
        .comes_to(Stage::Closed);
}

#[test]
fn an_office_of_one_hands_the_closure_up() {
    let officer_here = officer(ZHOUQU_OFFICE);
    given(reported())
        .and(open(1).by(officer_here))
        .and(verify().by(officer_here))
        .and(hand_up(HandedAct::Closure))
        .when(close().by(officer(OFFICE)))
        .comes_to(Stage::Closed);
}

#[test]
fn who_asked_for_an_extension_does_not_grant_it() {
    let asker = handler(WATER);
    let as_officer = Actor { person: asker.person, ..officer(ZHOUQU_OFFICE) };
    given(assigned())
        .and(also(asker, Role::Officer, ZHOUQU_OFFICE))
        .and(request_extension(WATER, "2020-07-20"))
        .when(grant_extension().by(as_officer))
        .refused(Refusal::GranterAsked)
        .when(grant_extension())
        .happens(&["extension_granted"]);
}

#[test]
fn the_officer_who_entered_the_request_of_a_unit_does_not_grant_it() {
    let entered = request_extension(WATER, "2020-07-20").by(officer(ZHOUQU_OFFICE));
    let given = given(assigned()).and(entered.late("2020-04-21", "舟曲县水务局申请〔2020〕2号"));
    given.clone().when(grant_extension()).refused(Refusal::GranterAsked);
    given.clone().when(grant_extension().by(second(officer(ZHOUQU_OFFICE)))).done();
    given.when(refuse_extension()).happens(&["extension_refused"]);
}

#[test]
fn a_second_person_agrees_that_a_case_is_less_grave() {
    let given = given(until(Stage::Registered, Severity::Grave)).and(propose_lower(Severity::Ordinary));
    let given = given.when(lower().by(officer(ZHOUQU_OFFICE))).refused(Refusal::SecondPersonNeeded);
    given.when(lower()).happens(&["severity_lowered"]);
}

#[test]
fn two_levels_may_be_verified_by_one_person_only_where_the_person_acts_for_each_holder() {
    let person = verifier(ZHOUQU_OFFICE);
    given(until(Stage::Reported, Severity::Serious))
        .and(open(1))
        .and(verify())
        .when(pass(1, ZHOUQU_OFFICE, &[1], 100).by(person))
        .refused(Refusal::NotTheVerifyingUnit);
}
