//! Carried over from an older ledger (承前): declared there, not proved; the rules bind from here.

use rectify_case::carried_over::{Declared, Standing};
use rectify_case::case::Destination;
use rectify_case::completion::Outcome;
use rectify_case::deadline::Start;
use rectify_case::finding::{PetitionClass, Severity, Subject};
use rectify_case::{CaseEvent, Finding, Happened, Refusal, Stage, UnitId};

use crate::acts::{
    accept, amend, approve, assign, carry, carry_over, change, close, closed, complete, declared, finding, gather,
    give_back, left, look_back, merge, open, pass, petition, reassign, register, reopen, report, report_completion,
    revive, struck_off, unmerge, verify,
};
use crate::scenario::{Act, Given, OTHER, THIRD, given};
use crate::world::{
    DIEBU_OFFICE, NOWHERE, OFFICE, PREFECTURE_WATER, ROADS, WATER, ZHOUQU_OFFICE, grant, handler, officer, verifier,
};

fn under_way() -> Act {
    carry_over(finding("1"), Standing::UnderWay, &[WATER])
}

fn saying(change: impl FnOnce(&mut Declared)) -> Act {
    let mut declared = declared(finding("1"), struck_off());
    change(&mut declared);
    carry(declared, &[WATER], Some("2020-06-30"))
}

fn day(text: &str) -> Happened {
    text.parse().unwrap()
}

/// The holders of the levels that are owed.
fn holders(given: &Given) -> Vec<Option<UnitId>> {
    given.case().assignment.unwrap().levels.iter().map(|level| level.holder).collect()
}

#[test]
fn a_case_begins_where_the_old_ledger_leaves_it() {
    for (standing, leads, stage) in [
        (Standing::NotStarted, &[][..], Stage::Registered),
        (Standing::NotStarted, &[WATER][..], Stage::Assigned),
        (Standing::UnderWay, &[WATER][..], Stage::Rectifying),
        (struck_off(), &[WATER][..], Stage::Closed),
        (struck_off(), &[][..], Stage::Closed),
    ] {
        let given = given([]).when(carry_over(finding("1"), standing, leads)).happens(&["carried_over"]);
        let case = given.case();
        assert_eq!(case.stage, Some(stage));
        assert_eq!(case.carried_over.as_ref().unwrap().old_number.as_deref(), Some("舟整改〔2019〕17"));
        assert_eq!(case.is_closed_as_declared(), stage == Stage::Closed);
    }
}

#[test]
fn what_left_the_old_ledger_says_where_to_and_comes_back_if_it_must() {
    let gone = [
        (Stage::Dismissed, "不属整改范围", None),
        (Stage::Merged, "承前：原台账所载", Some(Destination::Row("舟整改〔2019〕3".to_owned()))),
        (
            Stage::Transferred,
            "承前：原台账所载",
            Some(Destination::Receiver {
                name: "州纪委监委".to_owned(), receipt: "甘纪收〔2020〕11号".to_owned()
            }),
        ),
    ];
    for (standing, (stage, reason, to)) in left(Some("2020-04-20")).into_iter().zip(gone) {
        let given = given([carry_over(finding("1"), standing, &[])]).when(assign(WATER)).refused(Refusal::WrongStage);
        let case = given.case();
        let ended = case.ended.clone().unwrap();
        assert_eq!((case.stage, ended.reason.as_str(), ended.to), (Some(stage), reason, to));
        assert!(case.assignment.is_none() && !case.is_closed_as_declared());
        let revived = given.and(revive()).and(assign(WATER));
        assert_eq!((revived.case().stage, revived.case().ended), (Some(Stage::Assigned), None));
    }
}

#[test]
fn what_left_without_saying_where_to_does_not_come_in() {
    for standing in [
        Standing::Dismissed { reason: " ".to_owned(), on: None },
        Standing::Merged { into: String::new(), on: None },
        Standing::Transferred { receiver: String::new(), receipt: None, on: None },
    ] {
        given([]).when(carry_over(finding("1"), standing, &[])).refused(Refusal::WhereaboutsMissing);
    }
    for standing in left(Some("2020-04-22")) {
        given([]).when(carry_over(finding("1"), standing, &[])).refused(Refusal::InTheFuture);
    }
    let marked = Standing::Dismissed { reason: "机密★5年".to_owned(), on: None };
    given([]).when(carry_over(finding("1"), marked, &[])).refused(Refusal::ClassifiedText);
}

#[test]
fn what_was_merged_here_is_given_back_and_not_revived() {
    given([report(finding("1")), register(), report(finding("2")).to(OTHER), register().to(OTHER), merge(OTHER)])
        .when(revive())
        .refused(Refusal::MergedElsewhere)
        .and(unmerge())
        .when(assign(WATER))
        .comes_to(Stage::Assigned);
}

#[test]
fn it_is_numbered_here_in_the_series_of_the_year_in_which_it_was_registered_there() {
    let registered = |year: &str, item: &str| {
        let mut declared = declared(finding(item), Standing::UnderWay);
        declared.registered = Some(day(year));
        declared.finding.discovered = "2018-12-01".parse().unwrap();
        carry(declared, &[WATER], Some("2020-06-30"))
    };
    let given = given([registered("2019-01-05", "1"), registered("2019-08-01", "2").to(OTHER)]);
    let number = |case| given.case_of(case).number.unwrap().to_string();
    assert_eq!(number(crate::scenario::CASE), "舟曲-审计-2019-0001");
    assert_eq!(number(OTHER), "舟曲-审计-2019-0002");
    let third = carry_over(finding("3"), Standing::UnderWay, &[WATER]).to(THIRD);
    let unknown = given.clone().and(third).case_of(THIRD).number.unwrap().to_string();
    assert_eq!(unknown, "舟曲-审计-2020-0001", "of the year of discovery where nothing is said");
}

#[test]
fn what_is_under_way_is_reported_verified_and_closed_like_any_other() {
    let given = given([under_way()]);
    assert_eq!(holders(&given), [Some(ZHOUQU_OFFICE)]);
    let case = given
        .when(close())
        .refused(Refusal::WrongStage)
        .and(report_completion(WATER))
        .and(open(1))
        .and(verify())
        .when(close())
        .then([CaseEvent::Closed { outcome: Outcome::Rectified, rest: vec![] }])
        .case();
    assert_eq!((case.stage, case.is_closed_as_declared()), (Some(Stage::Closed), false));
}

#[test]
fn the_levels_are_owed_from_here_by_the_severity_of_the_source_or_of_the_row() {
    let graver = Finding { severity: Some(Severity::Grave), ..finding("1") };
    let given = given([carry_over(graver, Standing::UnderWay, &[WATER])]);
    assert_eq!(holders(&given), [Some(ZHOUQU_OFFICE), Some(OFFICE)]);
    given
        .and(report_completion(WATER))
        .and(open(1))
        .and(verify())
        .when(pass(1, OFFICE, &[1], 100))
        .refused(Refusal::EvidenceNotOpened)
        .and(gather(OFFICE, 2))
        .and(pass(1, OFFICE, &[2], 100))
        .when(close())
        .refused(Refusal::ApprovalMissing)
        .and(approve())
        .when(close())
        .comes_to(Stage::Closed);
    let by_source = Finding { source: "assessment".parse().unwrap(), ..finding("1") };
    let serious = crate::scenario::given([carry_over(by_source, Standing::UnderWay, &[WATER])]);
    assert_eq!((serious.case().severity, holders(&serious).len()), (Severity::Serious, 2));
}

#[test]
fn what_was_struck_off_there_and_is_reopened_here_is_proved_from_there_on() {
    let given = given([carry_over(finding("1"), struck_off(), &[WATER])]);
    let case = given.case();
    assert_eq!((case.outcome, case.closed), (Some(Outcome::Rectified), Some(day("2020-04-20"))));
    assert_eq!(case.passed, [], "no level passed");
    let given = given.and(look_back(false)).when(reopen()).comes_to(Stage::Rectifying);
    assert!(!given.case().is_closed_as_declared());
    let case = given
        .when(close())
        .refused(Refusal::WrongStage)
        .and(report_completion(WATER))
        .when(verify())
        .refused(Refusal::EvidenceNotOpened)
        .and(open(1))
        .and(verify())
        .when(close())
        .comes_to(Stage::Closed)
        .case();
    assert!(!case.is_closed_as_declared(), "this closure is proved");
}

#[test]
fn what_was_struck_off_with_nobody_named_is_reassigned_when_it_lives_again() {
    given([carry_over(finding("1"), struck_off(), &[])])
        .and(reopen())
        .when(complete(WATER, Outcome::Rectified, 100, &[1]))
        .refused(Refusal::NotYourCase)
        .and(reassign(WATER))
        .and(accept(WATER))
        .when(report_completion(WATER))
        .comes_to(Stage::Reported);
}

#[test]
fn whether_a_deadline_was_missed_before_it_was_carried_over_is_not_judged_here() {
    let long_ago = carry(declared(finding("1"), struck_off()), &[WATER], Some("2020-04-10"));
    assert_eq!(given([long_ago, reopen()]).case().missed, []);
    let again = [report_completion(WATER), open(1), verify(), close(), reopen().on("2020-08-01")];
    let given = again.into_iter().fold(given([carry_over(finding("1"), struck_off(), &[WATER]), reopen()]), Given::and);
    assert_eq!(given.case().missed.len(), 1);
}

#[test]
fn what_is_not_under_way_yet_is_assigned_or_accepted_here() {
    given([carry_over(finding("1"), Standing::NotStarted, &[])]).when(assign(WATER)).comes_to(Stage::Assigned);
    let assigned = given([carry_over(finding("1"), Standing::NotStarted, &[WATER])]);
    assigned.clone().when(accept(WATER)).comes_to(Stage::Rectifying);
    let deadline = assigned.case().deadline.unwrap();
    let again = assigned.and(give_back(WATER, "不属我局职责")).and(assign(ROADS)).case();
    assert_eq!(again.deadline, Some(deadline), "a return does not move what was declared");
}

#[test]
fn its_deadline_says_that_it_was_carried_over_and_may_have_passed() {
    let late = carry(declared(finding("1"), Standing::UnderWay), &[WATER], Some("2020-04-10"));
    let given = given([late]);
    let deadline = given.case().deadline.unwrap();
    assert_eq!((deadline.starts, deadline.rule.cite.as_str()), (Start::CarriedOver, "承前：原台账所载时限"));
    assert!(deadline.is_late(given.now()));
    let before = carry(declared(finding("1"), Standing::UnderWay), &[WATER], Some("2020-03-31"));
    crate::scenario::given([]).when(before).refused(Refusal::TermNotAfterStart);
    let none = |standing| carry(declared(finding("1"), standing), &[WATER], None);
    crate::scenario::given([]).when(none(Standing::UnderWay)).refused(Refusal::NoTerm);
    let closed = crate::scenario::given([none(struck_off())]).case();
    assert_eq!(closed.deadline.unwrap().last_day.to_string(), "2020-04-20", "until it was struck off");
}

#[test]
fn only_an_officer_of_the_offices_division_carries_over() {
    given([]).when(under_way().by(handler(WATER))).refused(Refusal::RoleMayNot);
    given([]).when(under_way().by(verifier(ZHOUQU_OFFICE))).refused(Refusal::RoleMayNot);
    given([]).when(under_way().by(officer(DIEBU_OFFICE))).refused(Refusal::NotYourCase);
    given([]).when(under_way().by(officer(OFFICE))).comes_to(Stage::Rectifying);
    let of_bureau = grant(officer(ZHOUQU_OFFICE).person, rectify_case::Role::Officer, WATER);
    let by_bureau = rectify_case::Actor { unit: WATER, ..officer(ZHOUQU_OFFICE) };
    given([change(of_bureau)]).when(under_way().by(by_bureau)).refused(Refusal::NotYourCase);
}

#[test]
fn what_is_in_the_ledger_already_is_not_carried_over() {
    given([report(finding("1"))]).when(under_way()).refused(Refusal::WrongStage);
    given([under_way()]).when(under_way()).refused(Refusal::WrongStage);
    given(closed()).when(under_way()).refused(Refusal::WrongStage);
}

#[test]
fn the_source_that_reports_it_later_finds_it_there() {
    let told = Finding { title: "人饮工程水费未按规定入账".to_owned(), ..finding("1") };
    let case = given([under_way()]).when(amend(told.clone())).happens(&["finding_amended"]).case();
    assert_eq!(case.findings[0].finding.title, told.title);
    let struck_off = carry_over(finding("1"), struck_off(), &[WATER]);
    given([struck_off]).when(amend(told)).happens(&["finding_repeated"]);
}

#[test]
fn an_accusation_keeps_its_wall() {
    let accused = petition("1", PetitionClass::Accusation, &[Subject::Unit(WATER)]);
    given([]).when(carry_over(accused.clone(), Standing::UnderWay, &[WATER])).refused(Refusal::SubjectWouldHandle);
    let given = given([carry_over(accused, Standing::UnderWay, &[ROADS])]);
    assert!(given.case().is_accusation());
    assert!(!given.reads(handler(WATER).person, given.case().id));
    assert!(given.reads(handler(ROADS).person, given.case().id));
    let of_office = petition("1", PetitionClass::Accusation, &[Subject::Unit(ZHOUQU_OFFICE)]);
    crate::scenario::given([]).when(carry_over(of_office, Standing::UnderWay, &[ROADS])).refused(Refusal::Walled);
}

#[test]
fn who_answers_is_named_and_known() {
    given([]).when(carry_over(finding("1"), Standing::UnderWay, &[])).refused(Refusal::NoLead);
    given([]).when(carry_over(finding("1"), Standing::UnderWay, &[NOWHERE])).refused(Refusal::UnknownUnit);
    given([]).when(carry_over(finding("1"), struck_off(), &[WATER, WATER])).refused(Refusal::UnitNamedTwice);
    given([]).when(carry_over(finding("1"), Standing::UnderWay, &[PREFECTURE_WATER])).comes_to(Stage::Rectifying);
}

#[test]
fn what_is_declared_happened_after_discovery_and_before_now() {
    let closed_on = |on: &str| Standing::Closed { outcome: Outcome::Rectified, on: Some(day(on)) };
    given([]).when(saying(|row| row.standing = closed_on("2020-04-22"))).refused(Refusal::InTheFuture);
    given([]).when(saying(|row| row.standing = closed_on("2020-03-31"))).refused(Refusal::BeforeDiscovery);
    given([]).when(saying(|row| row.completed = Some(day("2020-03-31")))).refused(Refusal::BeforeDiscovery);
    given([]).when(saying(|row| row.registered = Some(day("2020-05-01")))).refused(Refusal::InTheFuture);
    given([]).when(saying(|row| row.finding.discovered = "2020-05-01".parse().unwrap())).refused(Refusal::InTheFuture);
    given([]).when(saying(|row| row.finding.discovered = "2020-04-20".parse().unwrap())).comes_to(Stage::Closed);
}

#[test]
fn what_is_marked_as_classified_does_not_enter_in_any_cell() {
    given([]).when(saying(|row| row.remarks = Some("机密★5年".to_owned()))).refused(Refusal::ClassifiedText);
    given([]).when(saying(|row| row.finding.text = "秘密".to_owned())).refused(Refusal::ClassifiedText);
    let cell = || rectify_case::carried_over::Cell { header: "密级".to_owned(), text: "秘密".to_owned() };
    given([]).when(saying(|row| row.row.push(cell()))).refused(Refusal::ClassifiedText);
}

#[test]
fn it_is_not_registered_a_second_time() {
    given([carry_over(finding("1"), Standing::NotStarted, &[])]).when(register()).refused(Refusal::WrongStage);
}
