//! Corrections (更正): which event, which field, old, new, why. Folded everywhere; after a completion report only the office
//! corrects, and the verifiers are told.

use rectify_case::event::Field;
use rectify_case::{CaseEvent, Refusal};

use crate::acts::{assigned, correct, discovered, rectifying, registered, report_progress, reported};
use crate::scenario::given;
use crate::world::{ROADS, WATER, ZHOUQU_OFFICE, handler, source};

const TEXT: &str = "2019年曲告纳镇人饮工程水费未入账。";
const NEW: &str = "2018年曲告纳镇人饮工程水费未入账。";

#[test]
fn a_correction_names_the_event_the_field_the_old_the_new_and_why() {
    let corrected = CaseEvent::Corrected {
        version: 1,
        field: Field::Text,
        old: TEXT.to_owned(),
        new: NEW.to_owned(),
        reason: "录入有误".to_owned(),
        told: vec![],
    };
    let given = given(registered()).when(correct(1, Field::Text, TEXT, NEW)).then([corrected]);
    let case = given.case();
    assert_eq!((case.findings[0].finding.text.as_str(), case.corrections.len()), (NEW, 1));
}

#[test]
fn every_correctable_field_is_folded_where_it_stands() {
    let case = given(rectifying())
        .and(report_progress(WATER, 10, &[]))
        .and(correct(1, Field::Place, "曲告纳镇", "博峪镇"))
        .and(correct(1, Field::Category, "资金管理", "项目管理"))
        .and(correct(1, Field::Discovered, "2020-04-01", "2020-03-30"))
        .and(correct(2, Field::Title, "人饮工程水费未入账", "曲告纳镇水费未入账"))
        .and(correct(5, Field::Progress, "已清理部分水费", "已清理大部水费"))
        .case();
    let finding = &case.findings[0].finding;
    assert_eq!((finding.place.as_deref(), finding.category.as_deref()), (Some("博峪镇"), Some("项目管理")));
    assert_eq!(
        (case.title.as_str(), case.discovered.unwrap().to_string().as_str()),
        ("曲告纳镇水费未入账", "2020-03-30")
    );
    assert_eq!(case.progress[0].text, "已清理大部水费");
    let account = given(reported()).and(correct(5, Field::Account, "水费已全部入账", "水费已于5月入账")).case();
    assert_eq!(account.report.unwrap().account, "水费已于5月入账");
}

#[test]
fn what_stands_there_must_be_what_is_given_as_old() {
    let given = given(registered());
    let given = given.when(correct(1, Field::Text, "别的", NEW)).refused(Refusal::NothingToCorrect);
    let given = given.when(correct(2, Field::Text, TEXT, NEW)).refused(Refusal::NothingToCorrect);
    let given = given.when(correct(9, Field::Title, "人饮工程水费未入账", "水费")).refused(Refusal::NothingToCorrect);
    let given = given.when(correct(1, Field::Text, TEXT, TEXT)).refused(Refusal::SameAsBefore);
    given.when(correct(1, Field::Text, TEXT, " ")).refused(Refusal::TextMissing);
}

#[test]
fn who_entered_it_corrects_it_and_nobody_else_but_the_office() {
    given(registered()).when(correct(1, Field::Text, TEXT, NEW).by(source())).happens(&["corrected"]);
    given(assigned()).when(correct(1, Field::Text, TEXT, NEW).by(handler(WATER))).refused(Refusal::RoleMayNot);
    let told = given(rectifying()).and(report_progress(WATER, 10, &[]));
    let progress = || correct(5, Field::Progress, "已清理部分水费", "已清理大部水费");
    told.clone().when(progress().by(handler(WATER))).happens(&["corrected"]);
    told.clone().when(progress().by(source())).refused(Refusal::RoleMayNot);
    told.when(progress().by(handler(ROADS))).refused(Refusal::NotYourCase);
}

#[test]
fn after_a_completion_report_only_the_office_corrects_and_the_verifiers_are_told() {
    let account = || correct(5, Field::Account, "水费已全部入账", "水费已于5月入账");
    let given = given(reported());
    let given = given.when(account().by(handler(WATER))).refused(Refusal::RoleMayNot);
    let given = given.when(correct(1, Field::Text, TEXT, NEW).by(source())).refused(Refusal::RoleMayNot);
    let given = given.when(account()).happens(&["corrected"]);
    let rectify_case::Event::Case(event) = &given.last().event else { panic!("an event of a case") };
    assert!(matches!(&**event, CaseEvent::Corrected { told, .. } if *told == [ZHOUQU_OFFICE]));
}

#[test]
fn a_corrected_day_of_discovery_is_a_day_not_in_the_future_and_not_after_what_followed() {
    let discovered_on = |new: &str| correct(1, Field::Discovered, "2020-04-01", new);
    let given = given(discovered());
    let given = given.when(discovered_on("四月一日")).refused(Refusal::NothingToCorrect);
    let given = given.when(discovered_on("2020-04-22")).refused(Refusal::InTheFuture);
    given
        .and(crate::acts::register())
        .when(discovered_on("2020-04-22").on("2020-04-25"))
        .refused(Refusal::BeforeThePrevious);
}

#[test]
fn a_correction_does_not_move_the_case() {
    let given = given(rectifying());
    let stage = given.case().stage;
    assert_eq!(given.and(correct(1, Field::Text, TEXT, NEW)).case().stage, stage);
}
