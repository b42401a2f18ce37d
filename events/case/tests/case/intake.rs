//! Findings come in, and become cases with numbers.

use rectify_case::event::Likeness;
use rectify_case::finding::Severity;
use rectify_case::quantity::MOST;
use rectify_case::{CaseEvent, Command, Finding, Refusal, Stage};

use crate::acts::{
    amend, another, assign, closed, corroborate, discovered, finding, flag_likely_duplicate, money, own_finding,
    rectifying, register, registered, report,
};
use crate::scenario::{Act, CASE, OTHER, given};
use crate::world::{OFFICE, WATER, officer};

fn numbered(act: Act) -> String {
    given(discovered()).when(act).done().case().number.unwrap().to_string()
}

#[test]
fn a_finding_opens_a_case_in_the_words_of_its_source() {
    given([]).when(report(finding("1"))).then([CaseEvent::FindingReported { finding: finding("1").into() }]);
}

#[test]
fn a_finding_of_a_source_that_is_not_defined_is_refused() {
    let unknown = Finding { source: "rumour".parse().unwrap(), ..finding("1") };
    given([]).when(report(unknown)).refused(Refusal::UnknownSource);
}

#[test]
fn a_finding_says_something() {
    given([]).when(report(Finding { title: " ".to_owned(), ..finding("1") })).refused(Refusal::TextMissing);
}

#[test]
fn a_text_marked_as_secret_does_not_come_in() {
    let secret = Finding { text: "机密★10年\n关于水费的报告".to_owned(), ..finding("1") };
    given([]).when(report(secret)).refused(Refusal::ClassifiedText);
}

#[test]
fn an_amount_that_cannot_be_written_exactly_does_not_come_in() {
    let huge = |amount| Finding { found: money(amount), ..finding("1") };
    given([]).when(report(huge(MOST + 1))).refused(Refusal::AmountTooLarge);
    given([]).when(report(huge(MOST))).comes_to(Stage::Discovered);
}

#[test]
fn the_same_finding_again_changes_nothing_and_other_content_amends_it() {
    let amended = Finding { title: "水费未入账（更新）".to_owned(), ..finding("1") };
    given(discovered())
        .when(amend(finding("1")))
        .refused(Refusal::SameAsBefore)
        .when(amend(amended.clone()))
        .then([CaseEvent::FindingAmended { finding: amended.into() }])
        .when(amend(finding("2")))
        .refused(Refusal::NoSuchFinding);
}

#[test]
fn a_finding_of_a_closed_case_that_comes_again_with_other_content_is_put_before_the_office() {
    let again = Finding { title: "水费仍未入账".to_owned(), ..finding("1") };
    let given = given(closed())
        .when(amend(finding("1")))
        .refused(Refusal::SameAsBefore)
        .when(amend(again.clone()))
        .then([CaseEvent::FindingRepeated { finding: again.into() }]);
    assert_eq!((given.case().repeated, given.case().stage), (1, Some(Stage::Closed)));
}

#[test]
fn a_number_names_the_office_unless_it_is_the_prefectures_and_the_source_and_the_year() {
    assert_eq!(numbered(register()), "舟曲-审计-2020-0001");
    assert_eq!(numbered(register().by(officer(OFFICE))), "审计-2020-0001");
}

#[test]
fn numbers_of_one_series_have_no_gap() {
    let given = given(registered()).and(report(finding("2")).to(OTHER)).and(register().to(OTHER));
    assert_eq!(given.case_of(OTHER).number.unwrap().to_string(), "舟曲-审计-2020-0002");
}

#[test]
fn the_office_takes_severity_title_and_counts_from_the_source_unless_it_says_otherwise() {
    let told = Finding { severity: Some(Severity::Serious), ..finding("1") };
    let case = given([report(told.clone())]).when(register()).comes_to(Stage::Registered).case();
    assert_eq!(
        (case.severity, case.title.as_str(), case.found()),
        (Severity::Serious, "人饮工程水费未入账", money(100))
    );

    let said = Command::Register {
        severity: Some(Severity::Grave),
        title: Some("曲告纳镇水费未入账".to_owned()),
        found: Some(money(90)),
    };
    let case = given([report(told)]).when(Act::ask(officer(OFFICE), said)).comes_to(Stage::Registered).case();
    assert_eq!((case.severity, case.title.as_str(), case.found()), (Severity::Grave, "曲告纳镇水费未入账", money(90)));
    let default = given(discovered()).and(register()).case();
    assert_eq!(default.severity, Severity::Ordinary);
}

#[test]
fn another_source_that_says_the_same_corroborates_a_case() {
    let held = finding("2");
    let given = given(registered())
        .and(report(held.clone()).to(OTHER))
        .when(corroborate(OTHER, held.id()))
        .then([CaseEvent::FindingCorroborated { finding: held.clone().into(), from: Some(OTHER) }]);
    assert_eq!(given.case().findings.len(), 2);
    given.when(corroborate(OTHER, held.id())).refused(Refusal::FindingAlreadyHere);
}

#[test]
fn only_a_finding_that_another_case_has_corroborates() {
    let given = given(registered()).and(report(finding("2")).to(OTHER));
    let given = given.when(corroborate(OTHER, own_finding())).refused(Refusal::NoSuchFinding);
    let given = given.when(corroborate(CASE, own_finding())).refused(Refusal::SelfReference);
    given.when(corroborate(crate::scenario::THIRD, own_finding())).refused(Refusal::NoSuchCase);
}

#[test]
fn a_likely_duplicate_is_flagged_once_and_left_to_the_office() {
    let flagged = CaseEvent::LikelyDuplicateFlagged { other: OTHER, ground: Likeness::SameReference };
    given(rectifying().into_iter().chain(another()))
        .when(flag_likely_duplicate(OTHER))
        .then([flagged])
        .when(flag_likely_duplicate(OTHER))
        .refused(Refusal::SameAsBefore)
        .when(flag_likely_duplicate(CASE))
        .refused(Refusal::SelfReference)
        .when(flag_likely_duplicate(crate::scenario::THIRD))
        .refused(Refusal::NoSuchCase);
}

#[test]
fn nothing_but_a_finding_begins_a_case() {
    given([]).when(amend(finding("1"))).refused(Refusal::NoSuchCase);
    given([]).when(register()).refused(Refusal::NotYourCase);
    given(discovered()).when(report(finding("1"))).refused(Refusal::WrongStage);
    given(discovered()).when(assign(WATER)).refused(Refusal::WrongStage);
}
