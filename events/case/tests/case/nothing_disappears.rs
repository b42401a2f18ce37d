//! Rule 4, nothing disappears: what leaves keeps its history and says where it went; one finding sent twice is one finding.

use rectify_case::case::Destination;
use rectify_case::{CaseEvent, Refusal, Stage};

use crate::acts::{amend, assigned, dismiss, finding, pass_on_clue, rectifying, registered, report, transfer};
use crate::scenario::given;

#[test]
fn a_dismissal_says_why() {
    let reason = "经查不属于整改范围".to_owned();
    let given = given(registered())
        .when(dismiss(" "))
        .refused(Refusal::ReasonMissing)
        .when(dismiss(&reason))
        .then([CaseEvent::Dismissed { reason: reason.clone() }]);
    assert_eq!(given.case().ended.unwrap().reason, reason);
}

#[test]
fn a_transfer_names_the_receiver_and_the_receipt() {
    let given = given(assigned());
    let given = given.when(transfer("", "甘纪收〔2020〕11号")).refused(Refusal::ReceiptMissing);
    let given = given.when(transfer("州纪委监委", " ")).refused(Refusal::ReceiptMissing);
    let given = given.when(transfer("州纪委监委", "甘纪收〔2020〕11号")).comes_to(Stage::Transferred);
    let receiver =
        Destination::Receiver { name: "州纪委监委".to_owned(), receipt: "甘纪收〔2020〕11号".to_owned() };
    assert_eq!(given.case().ended.unwrap().to, Some(receiver));
}

#[test]
fn passing_a_clue_on_names_receiver_and_receipt_and_leaves_the_case_where_it_is() {
    let given = given(rectifying());
    let given = given.when(pass_on_clue("州纪委监委", "")).refused(Refusal::ReceiptMissing);
    let given = given.when(pass_on_clue("州纪委监委", "甘纪收〔2020〕12号")).happens(&["clue_passed_on"]);
    assert_eq!((given.case().stage, given.case().clues.len()), (Some(Stage::Rectifying), 1));
}

#[test]
fn what_left_keeps_everything_it_had() {
    let before = given(rectifying());
    let after = before.clone().and(dismiss("重复")).case();
    let before = before.case();
    assert_eq!((after.findings, after.number, after.assignment), (before.findings, before.number, before.assignment));
}

#[test]
fn a_dismissed_finding_that_comes_again_otherwise_is_put_before_the_office_and_opens_no_second_case() {
    let given = given(registered()).and(dismiss("重复"));
    let given = given.when(report(finding("1"))).refused(Refusal::WrongStage);
    let given = given.when(amend(finding("1"))).refused(Refusal::SameAsBefore);
    let again = rectify_case::Finding { title: "水费仍未入账".to_owned(), ..finding("1") };
    let given = given.when(amend(again)).happens(&["finding_repeated"]);
    assert_eq!((given.case().repeated, given.case().findings.len()), (1, 1));
}

#[test]
fn one_finding_is_known_by_source_body_document_and_item() {
    assert_eq!(finding("1").id(), rectify_case::Finding { title: "另一标题".to_owned(), ..finding("1") }.id());
    assert_ne!(finding("1").id(), finding("2").id());
    assert_eq!(finding(" 1 ").id(), finding("1").id());
}
