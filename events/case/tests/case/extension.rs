//! An extension is asked by the lead before the deadline has passed, and decided by another person.

use rectify_case::deadline::Start;
use rectify_case::{CaseEvent, Refusal};

use crate::acts::{
    accept, assign_to, assigned, grant_extension, reassign, rectifying, refuse_extension, registered,
    report_completion, request_extension,
};
use crate::scenario::given;
use crate::world::{QUGAONA, ROADS, WATER, handler};

#[test]
fn the_lead_asks_and_the_office_grants() {
    let until = "2020-07-20".parse().unwrap();
    let asked = CaseEvent::ExtensionRequested { unit: WATER, until, reason: "按程序办理".to_owned() };
    let given = given(rectifying())
        .when(request_extension(WATER, "2020-07-20"))
        .then([asked])
        .when(grant_extension())
        .happens(&["extension_granted"]);
    let case = given.case();
    let deadline = case.deadline.unwrap();
    assert_eq!((deadline.last_day, deadline.starts, case.extensions), (until, Start::Extended, 1));
    assert_eq!(deadline.from.to_string(), "2020-04-21", "the whole period is counted from where it started");
    assert_eq!((case.extension, case.assignment.unwrap().deadline.last_day), (None, until));
}

#[test]
fn the_office_may_refuse_it_with_a_reason() {
    let refused = CaseEvent::ExtensionRefused { reason: "按程序办理".to_owned() };
    let given =
        given(rectifying()).and(request_extension(WATER, "2020-07-20")).when(refuse_extension()).then([refused]);
    assert_eq!(given.case().deadline.unwrap().last_day.to_string(), "2020-06-20");
    given.when(request_extension(WATER, "2020-07-10")).happens(&["extension_requested"]);
}

#[test]
fn it_is_asked_before_the_deadline_has_passed() {
    given(assigned()).when(request_extension(WATER, "2020-07-20").on("2020-06-20")).done();
    given(assigned()).when(request_extension(WATER, "2020-07-20").on("2020-06-21")).refused(Refusal::ExtensionTooLate);
}

#[test]
fn it_asks_for_a_later_day() {
    given(assigned()).when(request_extension(WATER, "2020-06-20")).refused(Refusal::ExtensionNotLater);
}

#[test]
fn one_waits_at_a_time() {
    given(assigned())
        .and(request_extension(WATER, "2020-07-20"))
        .when(request_extension(WATER, "2020-08-20"))
        .refused(Refusal::ExtensionAlreadyAsked);
}

#[test]
fn nothing_is_decided_that_was_not_asked() {
    given(assigned()).when(grant_extension()).refused(Refusal::NoExtensionAsked);
    given(assigned()).when(refuse_extension()).refused(Refusal::NoExtensionAsked);
}

#[test]
fn only_a_lead_asks() {
    given(registered())
        .and(assign_to(&[WATER], &[QUGAONA]))
        .and(accept(WATER))
        .when(request_extension(QUGAONA, "2020-07-20").by(handler(QUGAONA)))
        .refused(Refusal::NotALead);
}

#[test]
fn what_was_asked_lapses_with_the_assignment_and_with_the_report() {
    let asked = given(rectifying()).and(request_extension(WATER, "2020-07-20"));
    assert_eq!(asked.clone().and(report_completion(WATER)).case().extension, None);
    asked.and(reassign(ROADS)).when(grant_extension()).refused(Refusal::NoExtensionAsked);
}
