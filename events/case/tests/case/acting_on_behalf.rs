//! Acting on behalf (代办): granted by an event, for a time, and both persons count.

use rectify_case::finding::Subject;
use rectify_case::{DirectoryEvent, PersonId, Refusal, Role, Stage};

use crate::acts::{
    accept, accusation, assign, assigned, change, close, note, open, recuse, register, registered, report,
    report_completion, reported, verify,
};
use crate::scenario::{Act, given};
use crate::world::{OFFICE, QUGAONA, WATER, ZHOUQU_OFFICE, grant, handler, leader, officer, second, verifier};

/// The township's handler, who enters for others.
fn township() -> PersonId {
    handler(QUGAONA).person
}

fn delegate(person: PersonId, on_behalf_of: PersonId) -> Act {
    let (from, until) = ("2020-04-21T00:00:00Z".parse().unwrap(), "2020-05-21T00:00:00Z".parse().unwrap());
    change(DirectoryEvent::DelegationGranted { person, on_behalf_of, from, until })
}

/// The township's handler accepts for the water bureau's.
fn accept_on_behalf() -> Act {
    let actor = rectify_case::Actor { person: township(), ..handler(WATER) };
    accept(WATER).by(actor).on_behalf_of(handler(WATER).person)
}

#[test]
fn nobody_acts_for_another_without_a_delegation() {
    given(assigned()).when(accept_on_behalf()).refused(Refusal::NotDelegated);
}

#[test]
fn a_delegation_lends_the_role_of_the_other_and_both_are_named() {
    let given = given(assigned())
        .and(delegate(township(), handler(WATER).person))
        .when(accept_on_behalf())
        .comes_to(Stage::Rectifying);
    let actor = given.last().actor;
    assert_eq!((actor.person, actor.on_behalf_of), (township(), Some(handler(WATER).person)));
}

#[test]
fn a_delegation_holds_for_its_time_and_until_it_is_taken_back() {
    let delegated = given(assigned()).and(delegate(township(), handler(WATER).person));
    delegated.clone().when(accept_on_behalf().on("2020-05-21")).refused(Refusal::NotDelegated);
    let ended = DirectoryEvent::DelegationEnded {
        person: township(),
        on_behalf_of: handler(WATER).person,
        at: delegated.now(),
    };
    delegated.and(change(ended)).when(accept_on_behalf()).refused(Refusal::NotDelegated);
}

#[test]
fn whom_one_acts_for_must_hold_the_role() {
    let other = handler(QUGAONA).person;
    let helper = second(handler(QUGAONA)).person;
    let act = accept(WATER).by(rectify_case::Actor { person: helper, ..handler(WATER) }).on_behalf_of(other);
    given(assigned()).and(delegate(helper, other)).when(act).refused(Refusal::RoleNotHeld);
}

#[test]
fn who_reported_for_another_does_not_verify_and_neither_does_the_other() {
    let (helper, other) = (verifier(ZHOUQU_OFFICE).person, handler(WATER).person);
    let report =
        report_completion(WATER).by(rectify_case::Actor { person: helper, ..handler(WATER) }).on_behalf_of(other);
    let reported = given(assigned()).and(accept(WATER)).and(delegate(helper, other)).and(report).and(open(1));
    reported.clone().when(verify()).refused(Refusal::VerifierPlannedOrReported);
    reported.and(open(1).by(second(verifier(ZHOUQU_OFFICE)))).when(verify().by(second(verifier(ZHOUQU_OFFICE)))).done();
}

#[test]
fn who_verified_for_another_does_not_close_and_neither_does_the_other() {
    let (helper, other) = (second(officer(ZHOUQU_OFFICE)).person, verifier(ZHOUQU_OFFICE).person);
    let lent = rectify_case::Actor { person: helper, ..verifier(ZHOUQU_OFFICE) };
    let verified = given(reported())
        .and(delegate(helper, other))
        .and(change(grant(other, Role::Officer, ZHOUQU_OFFICE)))
        .and(open(1).by(lent).on_behalf_of(other))
        .and(verify().by(lent).on_behalf_of(other));
    for closer in [helper, other] {
        let closer = rectify_case::Actor { person: closer, ..officer(ZHOUQU_OFFICE) };
        verified.clone().when(close().by(closer)).refused(Refusal::CloserVerified);
    }
    verified.when(close()).comes_to(Stage::Closed);
}

#[test]
fn the_firewall_and_a_recusal_keep_out_who_acts_and_whom_they_act_for() {
    let (helper, other) = (second(officer(ZHOUQU_OFFICE)).person, officer(ZHOUQU_OFFICE).person);
    let lent = rectify_case::Actor { person: helper, ..officer(ZHOUQU_OFFICE) };
    let note = || note("已阅").by(lent).on_behalf_of(other);
    let recused = given(registered()).and(delegate(helper, other)).and(recuse(other).by(officer(OFFICE)));
    recused.when(note()).refused(Refusal::IsRecused);
    let accused = given([report(accusation(Subject::Person(other))), register().by(officer(OFFICE))]);
    accused.and(delegate(helper, other)).when(note()).refused(Refusal::Walled);
}

#[test]
fn acting_for_another_does_not_reach_beyond_what_the_other_may_do() {
    let other = leader(WATER).person;
    let lent = rectify_case::Actor { person: township(), ..leader(WATER) };
    given(registered())
        .and(assign(WATER))
        .and(delegate(township(), other))
        .when(accept(WATER).by(lent).on_behalf_of(other))
        .refused(Refusal::RoleMayNot);
}
