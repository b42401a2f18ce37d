//! Late entry (补录): the office enters what a unit did earlier, with the document that shows it.

use rectify_case::evidence::Side;
use rectify_case::{Cause, Refusal, Stage};

use crate::acts::{
    accept, assign, assigned, close, file_evidence, note, open, rectifying, registered, report_completion, reported,
    verified, verify,
};
use crate::scenario::{Act, given};
use crate::world::{OFFICE, WATER, ZHOUQU_OFFICE, handler, officer};

const DOCUMENT: &str = "舟水发〔2020〕15号";

/// Entered by the office for the unit.
fn entered(act: Act, happened: &str) -> Act {
    act.by(officer(ZHOUQU_OFFICE)).late(happened, DOCUMENT)
}

#[test]
fn the_office_enters_for_a_unit_what_it_did_earlier() {
    let given = given(assigned())
        .and(entered(accept(WATER), "2020-04-22").on("2020-05-10"))
        .when(entered(report_completion(WATER), "2020-05-08"))
        .comes_to(Stage::Reported);
    let last = given.last();
    assert_eq!(
        (last.happened.to_string().as_str(), &last.cause),
        ("2020-05-08", &Some(Cause::Document(DOCUMENT.into())))
    );
    assert_eq!(last.recorded.to_rfc3339(), "2020-05-10T01:01:00+00:00");
    assert_eq!(given.case().late_entries.len(), 3, "the acceptance, the report and its evidence");
}

#[test]
fn a_unit_does_not_enter_what_happened_earlier() {
    given(assigned())
        .when(accept(WATER).by(handler(WATER)).late("2020-04-21", DOCUMENT))
        .refused(Refusal::LateEntryNotOffice);
}

#[test]
fn what_is_entered_late_names_its_document() {
    given(assigned())
        .when(accept(WATER).by(officer(ZHOUQU_OFFICE)).late("2020-04-21", " "))
        .refused(Refusal::LateEntryWithoutDocument);
}

#[test]
fn the_office_does_not_do_a_units_work_as_of_now() {
    given(assigned()).when(accept(WATER).by(officer(ZHOUQU_OFFICE))).refused(Refusal::RoleMayNot);
}

#[test]
fn the_office_enters_its_own_acts_late_too() {
    let given = given(registered()).and(assign(WATER).late("2020-04-25", "舟整改办〔2020〕4号").on("2020-05-01"));
    let deadline = given.case().deadline.unwrap();
    assert_eq!(
        (deadline.from.to_string().as_str(), deadline.last_day.to_string().as_str()),
        ("2020-04-25", "2020-06-24")
    );
}

#[test]
fn evidence_entered_late_for_a_responsible_unit_is_of_its_side() {
    let filed = entered(file_evidence(WATER, 9), "2020-05-02").on("2020-05-03");
    let given = given(rectifying()).and(filed);
    let on_file = given.case().evidence.into_values().next().unwrap();
    assert_eq!((on_file.side, on_file.unit), (Side::Responsible, WATER));
    let now = file_evidence(WATER, 9).by(officer(ZHOUQU_OFFICE));
    given.when(now).refused(Refusal::NotYourCase);
}

#[test]
fn who_entered_a_report_late_does_not_verify_it() {
    given(assigned())
        .and(entered(accept(WATER), "2020-04-21"))
        .and(entered(report_completion(WATER), "2020-04-21"))
        .and(open(1).by(officer(ZHOUQU_OFFICE)))
        .when(verify().by(officer(ZHOUQU_OFFICE)))
        .refused(Refusal::VerifierPlannedOrReported);
}

#[test]
fn a_verification_is_not_entered_by_an_office_for_another() {
    given(reported())
        .and(open(1).by(officer(OFFICE)))
        .when(verify().by(officer(OFFICE)).late("2020-04-21", DOCUMENT))
        .refused(Refusal::NotTheVerifyingUnit);
}

#[test]
fn a_note_and_a_closure_of_an_earlier_day_are_marked() {
    let given = given(verified()).and(note("已电话告知").late("2020-04-21", "电话记录第7号"));
    let given = given.when(close().late("2020-04-21", "舟整改办〔2020〕9号")).comes_to(Stage::Closed);
    assert_eq!(given.case().late_entries.len(), 2);
}
