//! Rule 7, quantities balance: found = fixed + outstanding, never negative.

use rectify_case::completion::Outcome;
use rectify_case::finding::Severity;
use rectify_case::quantity::{Amounts, MOST, Measured};
use rectify_case::{CaseEvent, Refusal, Stage};

use crate::acts::{
    close, close_as, complete, finding, money, on_the_way_to, open, pass, rectifying, register, report,
    report_completion, report_progress, reported, restate, split_off_rest, verify,
};
use crate::scenario::{CASE, Given, OTHER, given};
use crate::world::{WATER, ZHOUQU_OFFICE};

/// Verified as fixed to 60 of 100.
fn partly_verified() -> Given {
    given(on_the_way_to(Stage::Verified, Severity::Ordinary, 60))
}

#[test]
fn what_is_reported_as_fixed_was_found() {
    let given = given(rectifying());
    let given = given.when(report_progress(WATER, 101, &[])).refused(Refusal::FixedExceedsFound);
    given.when(complete(WATER, Outcome::Rectified, 101, &[])).refused(Refusal::FixedExceedsFound);
}

#[test]
fn what_is_verified_as_fixed_was_found() {
    given(reported()).and(open(1)).when(pass(0, ZHOUQU_OFFICE, &[1], 101)).refused(Refusal::FixedExceedsFound);
}

#[test]
fn only_verified_counts_take_from_what_is_outstanding() {
    assert_eq!(given(reported()).case().outstanding(), money(100));
    assert_eq!(given(reported()).and(open(1)).and(verify()).case().outstanding(), Amounts::new());
}

#[test]
fn a_case_is_not_closed_as_rectified_with_something_outstanding() {
    let review = "2021-04-21".parse().unwrap();
    let given = partly_verified();
    let given = given.when(close()).refused(Refusal::StillOutstanding);
    let given = given.when(close_as(Outcome::DoneAndKeptUp { review })).refused(Refusal::StillOutstanding);
    given.when(close_as(Outcome::Overtaken)).comes_to(Stage::Closed);
}

#[test]
fn the_rest_is_split_off_to_a_named_case_and_the_first_is_closed() {
    let given =
        partly_verified().when(split_off_rest(OTHER, 40)).happens(&["rest_split_off", "part_opened", "registered"]);
    let rest = given.case_of(OTHER);
    assert_eq!((rest.parent, rest.found(), rest.stage), (Some(CASE), money(40), Some(Stage::Registered)));
    given.when(close()).then([CaseEvent::Closed { outcome: Outcome::Rectified, rest: vec![OTHER] }]);
}

#[test]
fn what_is_split_off_was_outstanding() {
    let given = partly_verified();
    let given = given.when(split_off_rest(OTHER, 41)).refused(Refusal::RestExceedsOutstanding);
    let given = given.when(split_off_rest(OTHER, 0)).refused(Refusal::RestExceedsOutstanding);
    let given = given.when(split_off_rest(CASE, 40)).refused(Refusal::SelfReference);
    given
        .and(split_off_rest(OTHER, 40))
        .when(split_off_rest(crate::scenario::THIRD, 1))
        .refused(Refusal::RestExceedsOutstanding);
}

#[test]
fn what_was_found_is_restated_but_not_below_what_is_fixed() {
    let restated = CaseEvent::QuantitiesRestated { found: money(80), reason: "按程序办理".to_owned() };
    given(rectifying())
        .and(report_progress(WATER, 80, &[]))
        .when(restate(79))
        .refused(Refusal::FoundBelowFixed)
        .when(restate(80))
        .then([restated])
        .when(restate(MOST + 1))
        .refused(Refusal::AmountTooLarge);
}

#[test]
fn each_kind_is_counted_apart() {
    let found = Amounts::from([(Measured::Money, 100), (Measured::Households, 3)]);
    let both = rectify_case::Finding { found, ..finding("1") };
    let given = given([report(both), register(), crate::acts::assign(WATER), crate::acts::accept(WATER)])
        .and(report_completion(WATER))
        .and(open(1))
        .and(verify());
    assert_eq!(given.case().outstanding(), Amounts::from([(Measured::Households, 3)]));
    given.when(close()).refused(Refusal::StillOutstanding);
}

#[test]
fn a_case_that_counts_nothing_owes_nothing() {
    let nothing = rectify_case::Finding { found: Amounts::new(), ..finding("1") };
    let given = given([report(nothing), register()]);
    assert_eq!(given.case().outstanding(), Amounts::new());
}
