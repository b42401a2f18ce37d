//! Severity (一般, 较重, 重大): set on registration; raising owes more, lowering takes a reason and a second person.

use rectify_case::finding::Severity;
use rectify_case::{CaseEvent, Refusal, Stage};

use crate::acts::{lower, propose_lower, raise, rectifying, registered, reported, until, verified};
use crate::scenario::given;
use crate::world::{ZHOUQU_OFFICE, officer};

#[test]
fn a_case_is_raised_to_what_is_graver() {
    given(registered()).when(raise(Severity::Serious)).happens(&["severity_raised"]);
    given(registered()).when(raise(Severity::Ordinary)).refused(Refusal::NotHigher);
    given(reported()).when(raise(Severity::Grave)).refused(Refusal::WrongStage);
}

#[test]
fn raising_a_verified_case_sends_it_back_for_it_owes_more_than_was_passed() {
    let given = given(verified()).when(raise(Severity::Grave)).happens(&["set_aside", "severity_raised"]);
    assert_eq!(given.case().stage, Some(Stage::Rectifying));
    assert_eq!(given.case().assignment.unwrap().levels.len(), 2);
}

#[test]
fn lowering_is_proposed_with_a_reason_and_agreed_by_another() {
    let proposed_by = officer(ZHOUQU_OFFICE).person;
    let to = Severity::Ordinary;
    let given = given(until(Stage::Rectifying, Severity::Serious))
        .when(propose_lower(to))
        .then([CaseEvent::SeverityLoweringProposed { to, reason: "按程序办理".to_owned() }])
        .when(lower())
        .then([CaseEvent::SeverityLowered { from: Severity::Serious, to, proposed_by }]);
    assert_eq!((given.case().severity, given.case().owed), (Severity::Ordinary, Severity::Serious));
}

#[test]
fn nothing_is_agreed_that_nobody_proposed() {
    given(rectifying()).when(lower()).refused(Refusal::NoLowering);
    given(rectifying()).when(propose_lower(Severity::Serious)).refused(Refusal::NotLower);
}

#[test]
fn raising_takes_a_proposal_to_lower_off_the_table() {
    given(until(Stage::Registered, Severity::Serious))
        .and(propose_lower(Severity::Ordinary))
        .and(raise(Severity::Grave))
        .when(lower())
        .refused(Refusal::NoLowering);
}
