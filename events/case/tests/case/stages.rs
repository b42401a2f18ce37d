//! The spine: every arrow, taken by the command that takes it.

use rectify_case::completion::Outcome;
use rectify_case::event::Ground;
use rectify_case::finding::Severity;
use rectify_case::{CaseEvent, Refusal, Stage};

use crate::acts::{
    accept, another, approve, assign, assigned, close, closed, complete, decline, digest, discovered, dismiss, fail,
    file, finding, give_back, hand_back, look_back, merge, money, name_subjects, note, open, part, reassign,
    rectifying, register, registered, reopen, report, report_completion, reported, revive, set_aside, split, transfer,
    unmerge, until, verified, verify,
};
use crate::scenario::{FOURTH, OTHER, THIRD, given};
use crate::world::{ROADS, WATER, ZHOUQU_OFFICE};

#[test]
fn an_ordinary_case_goes_from_the_finding_to_a_verified_closure() {
    let given = given([])
        .when(report(finding("1")))
        .comes_to(Stage::Discovered)
        .when(register())
        .comes_to(Stage::Registered)
        .when(assign(WATER))
        .comes_to(Stage::Assigned)
        .when(accept(WATER))
        .then([CaseEvent::Accepted { unit: WATER }])
        .when(report_completion(WATER))
        .happens(&["completion_reported", "evidence_filed"])
        .and(open(1))
        .when(verify())
        .happens(&["level_passed", "verified"])
        .when(close())
        .then([CaseEvent::Closed { outcome: Outcome::Rectified, rest: vec![] }]);
    let case = given.case();
    assert_eq!((case.stage, case.outcome), (Some(Stage::Closed), Some(Outcome::Rectified)));
    assert_eq!(case.quantities.values().next().unwrap().verified, 100);
    assert_eq!(case.evidence[&digest(1)].evidence, file(1));
}

#[test]
fn a_grave_case_is_closed_when_a_closing_leader_has_approved() {
    given(until(Stage::Verified, Severity::Grave))
        .when(approve())
        .then([CaseEvent::ClosureApproved { opinion: "同意销号".to_owned() }])
        .when(close())
        .comes_to(Stage::Closed);
}

#[test]
fn what_the_lead_does_not_take_on_goes_back_to_the_office() {
    let reason = "不属我局职责".to_owned();
    given(assigned())
        .when(give_back(WATER, " "))
        .refused(Refusal::ReasonMissing)
        .when(give_back(WATER, &reason))
        .then([CaseEvent::Returned { unit: WATER, reason: reason.clone() }])
        .when(assign(ROADS))
        .comes_to(Stage::Assigned);
    let handed_back = given(rectifying())
        .when(hand_back(WATER, &reason))
        .then([CaseEvent::HandedBack { unit: WATER, reason }])
        .case();
    assert_eq!((handed_back.stage, handed_back.returns), (Some(Stage::Registered), 1));
    assert_eq!(handed_back.assignment, None);
}

#[test]
fn the_office_reassigns_what_is_not_reported_yet() {
    given(assigned()).when(reassign(ROADS)).comes_to(Stage::Assigned);
    let case = given(rectifying()).when(reassign(ROADS)).comes_to(Stage::Assigned).case();
    assert!(case.is_led_by(ROADS) && !case.is_led_by(WATER));
    given(reported()).when(reassign(ROADS)).refused(Refusal::WrongStage);
}

#[test]
fn what_was_found_not_fixed_is_rectified_again() {
    let failed = CaseEvent::VerificationFailed { level: 0, unit: ZHOUQU_OFFICE, reason: "账目不符".to_owned() };
    let given = given(reported()).when(fail(0, ZHOUQU_OFFICE)).then([failed]);
    assert_eq!(given.case().stage, Some(Stage::Rectifying));
    given.when(report_completion(WATER)).comes_to(Stage::Reported);
}

#[test]
fn a_verified_case_is_set_aside_when_an_objection_is_upheld_or_a_new_fact_comes_up() {
    for ground in [Ground::ObjectionUpheld, Ground::NewFact] {
        let reason = "按程序办理".to_owned();
        let given = given(verified()).when(set_aside(ground)).then([CaseEvent::SetAside { ground, reason }]);
        assert_eq!((given.case().stage, given.case().passed.len()), (Some(Stage::Rectifying), 0));
        assert_eq!(given.case().outstanding(), money(100), "what was verified counts for one report only");
    }
    given(verified()).when(set_aside(Ground::ApprovalDeclined)).refused(Refusal::WrongGround);
}

#[test]
fn a_closing_leader_who_declines_sends_the_case_back() {
    let reason = "成效不明显".to_owned();
    given(until(Stage::Verified, Severity::Grave))
        .when(decline(&reason))
        .then([CaseEvent::SetAside { ground: Ground::ApprovalDeclined, reason: reason.clone() }])
        .when(close())
        .refused(Refusal::WrongStage);
    given(verified()).when(decline(&reason)).refused(Refusal::ApprovalNotOwed);
}

#[test]
fn a_closed_case_that_did_not_hold_lives_again_with_its_history() {
    let given = given(closed())
        .when(look_back(false))
        .then([CaseEvent::LookedBack { held: false, note: "实地查看供水设施".to_owned() }])
        .when(reopen())
        .comes_to(Stage::Rectifying);
    let case = given.case();
    assert_eq!((case.reopenings, case.outcome, case.passed.len()), (1, None, 0));
    assert_eq!(case.look_backs.len(), 1);
    given.and(report_completion(WATER)).and(open(1)).and(verify()).when(close()).comes_to(Stage::Closed);
}

#[test]
fn what_left_the_spine_comes_back_to_be_assigned_anew() {
    for acts in [until(Stage::Dismissed, Severity::Ordinary), until(Stage::Transferred, Severity::Ordinary)] {
        let reason = "按程序办理".to_owned();
        let given = given(acts).when(revive()).then([CaseEvent::Revived { reason }]);
        assert_eq!((given.case().stage, given.case().ended), (Some(Stage::Registered), None));
    }
    given(until(Stage::Merged, Severity::Ordinary)).when(revive()).refused(Refusal::MergedElsewhere);
    given(until(Stage::Merged, Severity::Ordinary)).when(unmerge()).comes_to(Stage::Registered);
    given(until(Stage::Grouped, Severity::Ordinary)).when(revive()).refused(Refusal::WrongStage);
}

#[test]
fn a_case_leaves_the_spine_only_before_a_completion_report() {
    let parts = [part(THIRD, "水费入账", 60), part(FOURTH, "票据管理", 40)];
    let leave = [dismiss("重复"), transfer("州纪委监委", "甘纪收〔2020〕11号"), merge(OTHER), split(&parts)];
    for act in leave {
        for acts in [registered(), assigned(), rectifying()] {
            given(acts.into_iter().chain(another())).when(act.clone()).done();
        }
        for acts in [reported(), verified(), closed()] {
            given(acts.into_iter().chain(another())).when(act.clone()).refused(Refusal::WrongStage);
        }
    }
}

#[test]
fn what_is_kept_up_is_reviewed_on_a_day_to_come() {
    let kept_up = |review: &str| {
        let outcome = Outcome::DoneAndKeptUp { review: review.parse().unwrap() };
        given(rectifying()).when(complete(WATER, outcome, 100, &[1]))
    };
    kept_up("2020-04-21").refused(Refusal::ReviewNotInFuture);
    kept_up("2020-04-22").comes_to(Stage::Reported);
}

#[test]
fn a_case_that_ends_before_it_was_registered_is_numbered_first() {
    let case = given(discovered()).when(dismiss("经查不属于整改范围")).happens(&["registered", "dismissed"]).case();
    assert_eq!(case.number.unwrap().to_string(), "舟曲-审计-2020-0001");
    given(discovered()).when(transfer("州纪委监委", "甘纪收〔2020〕11号")).happens(&["registered", "transferred"]);
}

#[test]
fn a_note_is_added_wherever_a_case_stands_and_moves_nothing() {
    for stage in Stage::ALL {
        let given = given(until(stage, Severity::Ordinary));
        let noted = given.when(note("已电话联系")).then([CaseEvent::NoteAdded { text: "已电话联系".to_owned() }]);
        assert_eq!(noted.case().stage, Some(stage));
        noted.when(note("")).refused(Refusal::TextMissing);
    }
}

#[test]
fn nothing_is_asked_of_what_has_ended() {
    for stage in [Stage::Dismissed, Stage::Merged, Stage::Transferred, Stage::Grouped] {
        given(until(stage, Severity::Ordinary)).when(assign(WATER)).refused(Refusal::WrongStage);
        given(until(stage, Severity::Ordinary)).when(name_subjects(&[])).refused(Refusal::WrongStage);
    }
}
