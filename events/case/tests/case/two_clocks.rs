//! Rule 6, two clocks: when it happened, and when it was recorded.

use rectify_case::{Finding, Happened, Refusal, Stage};

use crate::acts::{accept, amend, assign, assigned, discovered, finding, register, registered, report};
use crate::scenario::{Act, given};
use crate::world::{WATER, ZHOUQU_OFFICE, officer};

const DOCUMENT: &str = "舟整改办〔2020〕4号";

fn found_on(day: &str) -> Finding {
    Finding { discovered: day.parse().unwrap(), ..finding("1") }
}

fn accepted(happened: &str) -> Act {
    accept(WATER).by(officer(ZHOUQU_OFFICE)).late(happened, DOCUMENT)
}

#[test]
fn nothing_was_found_in_the_future() {
    given([]).when(report(found_on("2020-04-22"))).refused(Refusal::InTheFuture);
    given([]).when(report(found_on("2020-04-21T09:02:00+08:00"))).refused(Refusal::InTheFuture);
    given([]).when(report(found_on("2020-04-21"))).comes_to(Stage::Discovered);
    given(discovered()).when(amend(found_on("2020-04-22"))).refused(Refusal::InTheFuture);
}

#[test]
fn nothing_happened_in_the_future() {
    given(assigned()).when(accepted("2020-04-22")).refused(Refusal::InTheFuture);
    given(assigned()).when(accepted("2020-04-21")).comes_to(Stage::Rectifying);
}

#[test]
fn nothing_happened_before_the_problem_was_found() {
    given(discovered()).when(register().late("2020-03-31", DOCUMENT)).refused(Refusal::BeforeDiscovery);
    given(discovered()).when(register().late("2020-04-01", DOCUMENT)).comes_to(Stage::Registered);
}

#[test]
fn nothing_happened_before_the_step_it_follows() {
    let given = given(registered()).and(assign(WATER).on("2020-05-04"));
    given
        .when(accepted("2020-05-03").on("2020-05-06"))
        .refused(Refusal::BeforeThePrevious)
        .when(accepted("2020-05-04"))
        .comes_to(Stage::Rectifying);
}

#[test]
fn a_day_stays_a_day_and_is_not_before_an_instant_on_it() {
    let given = given(assigned()).and(accepted("2020-04-21"));
    assert_eq!(given.last().happened, Happened::On("2020-04-21".parse().unwrap()));
}

#[test]
fn a_finding_happened_when_it_was_found_and_is_recorded_when_it_comes_in() {
    let given = given(discovered());
    assert_eq!(given.last().happened.to_string(), "2020-04-01");
    assert_eq!(given.last().recorded.to_rfc3339(), "2020-04-21T01:01:00+00:00");
}

#[test]
fn what_a_unit_does_happens_when_it_is_recorded() {
    let given = given(assigned()).and(accept(WATER));
    assert_eq!(given.last().happened, Happened::At(given.last().recorded));
}
