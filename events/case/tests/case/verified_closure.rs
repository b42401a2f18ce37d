//! Rule 1, verified closure: every level owed has passed after the last completion report, on evidence that its verifier
//! opened; a grave case is approved.

use rectify_case::completion::{Outcome, Verdict};
use rectify_case::evidence::Side;
use rectify_case::finding::Severity;
use rectify_case::{Actor, CaseEvent, Command, Refusal, Role, Stage};

use crate::acts::{
    approve, change, close, complete, digest, fail, file, file_evidence, gather, money, open, pass, rectifying,
    report_completion, reported, set_aside, until, verified, verify, withdraw_evidence,
};
use crate::scenario::{Act, Given, given};
use crate::world::{
    OFFICE, PREFECTURE, WATER, WATER_STATION, ZHOUQU_OFFICE, closing_leader, grant, handler, leader, officer, second,
    verifier,
};

/// A grave case with its first level passed.
fn grave_halfway() -> Given {
    given(until(Stage::Reported, Severity::Grave)).and(open(1)).and(verify())
}

#[test]
fn a_level_is_passed_on_evidence_that_the_verifier_opened() {
    let level_passed = CaseEvent::LevelPassed {
        level: 0,
        unit: ZHOUQU_OFFICE,
        relied_on: vec![digest(1)],
        verified: money(100),
        verdict: Some(Verdict::Founded),
        opinion: "账实相符".to_owned(),
    };
    given(reported())
        .when(verify())
        .refused(Refusal::EvidenceNotOpened)
        .and(open(1).by(second(verifier(ZHOUQU_OFFICE))))
        .when(verify())
        .refused(Refusal::EvidenceNotOpened)
        .and(open(1))
        .when(verify())
        .then([level_passed, CaseEvent::Verified { levels: 1 }]);
}

#[test]
fn a_verification_names_the_evidence_it_relies_on() {
    given(reported()).when(pass(0, ZHOUQU_OFFICE, &[], 100)).refused(Refusal::EvidenceNotNamed);
    given(reported()).when(pass(0, ZHOUQU_OFFICE, &[7], 100)).refused(Refusal::NoSuchEvidence);
}

#[test]
fn evidence_from_before_the_completion_report_is_listed_again_or_bears_nothing() {
    let before = given(rectifying()).and(file_evidence(WATER, 2));
    before
        .clone()
        .and(report_completion(WATER))
        .and(open(2))
        .when(pass(0, ZHOUQU_OFFICE, &[2], 100))
        .refused(Refusal::EvidenceNotOfThisRound);
    before
        .and(complete(WATER, Outcome::Rectified, 100, &[2]))
        .and(open(2))
        .when(pass(0, ZHOUQU_OFFICE, &[2], 100))
        .comes_to(Stage::Verified);
}

#[test]
fn evidence_filed_after_the_completion_report_bears_a_level() {
    let filed = CaseEvent::EvidenceFiled { evidence: file(3), side: Side::Responsible, unit: WATER };
    given(reported())
        .when(file_evidence(WATER, 3))
        .then([filed])
        .and(open(3))
        .when(pass(0, ZHOUQU_OFFICE, &[3], 100))
        .comes_to(Stage::Verified);
}

#[test]
fn what_the_office_put_on_file_bears_no_level() {
    let given = given(reported()).and(gather(ZHOUQU_OFFICE, 4)).and(fail(0, ZHOUQU_OFFICE));
    let office_files = file_evidence(ZHOUQU_OFFICE, 5).by(officer(ZHOUQU_OFFICE));
    given
        .and(office_files)
        .and(complete(WATER, Outcome::Rectified, 100, &[1]))
        .and(open(5))
        .when(pass(0, ZHOUQU_OFFICE, &[5], 100))
        .refused(Refusal::EvidenceNotOfThisRound)
        .and(open(4))
        .when(pass(0, ZHOUQU_OFFICE, &[4], 100))
        .refused(Refusal::EvidenceNotOfThisRound);
}

#[test]
fn withdrawn_evidence_bears_nothing() {
    given(reported())
        .and(open(1))
        .and(withdraw_evidence(WATER, 1))
        .when(verify())
        .refused(Refusal::EvidenceIsWithdrawn);
}

#[test]
fn what_a_level_relies_on_is_not_withdrawn() {
    let halfway = given(until(Stage::Reported, Severity::Serious)).and(open(1)).and(verify());
    halfway.when(withdraw_evidence(WATER, 1)).refused(Refusal::EvidenceReliedOn);
    given(verified()).when(withdraw_evidence(WATER, 1)).refused(Refusal::EvidenceReliedOn);
}

#[test]
fn a_level_on_site_relies_on_what_its_verifier_gathered_there() {
    grave_halfway()
        .and(open(1).by(verifier(OFFICE)))
        .when(pass(1, OFFICE, &[1], 100))
        .refused(Refusal::NothingGatheredOnSite)
        .and(gather(OFFICE, 2))
        .when(pass(1, OFFICE, &[1, 2], 100))
        .comes_to(Stage::Verified);
}

#[test]
fn who_gathered_evidence_on_site_need_not_open_it() {
    given(reported()).and(gather(ZHOUQU_OFFICE, 2)).when(pass(0, ZHOUQU_OFFICE, &[2], 100)).comes_to(Stage::Verified);
}

#[test]
fn a_new_completion_report_owes_every_level_again() {
    for back in
        [set_aside(rectify_case::event::Ground::NewFact), set_aside(rectify_case::event::Ground::ObjectionUpheld)]
    {
        given(verified())
            .and(back)
            .and(complete(WATER, Outcome::Rectified, 100, &[2]))
            .when(close())
            .refused(Refusal::WrongStage)
            .when(verify())
            .refused(Refusal::EvidenceNotOfThisRound);
    }
}

#[test]
fn a_grave_case_is_not_closed_without_approval() {
    given(until(Stage::Verified, Severity::Grave))
        .when(close())
        .refused(Refusal::ApprovalMissing)
        .and(approve())
        .when(close())
        .comes_to(Stage::Closed);
}

#[test]
fn an_approval_is_owed_only_by_a_grave_case() {
    given(verified()).when(approve()).refused(Refusal::ApprovalNotOwed);
    given(until(Stage::Verified, Severity::Serious)).when(approve()).refused(Refusal::ApprovalNotOwed);
}

#[test]
fn the_responsible_leader_does_not_approve_the_closure() {
    let leader = leader(WATER);
    given(until(Stage::Verified, Severity::Grave))
        .and(change(grant(leader.person, Role::ClosingLeader, PREFECTURE)))
        .when(approve().by(Actor { person: leader.person, ..closing_leader() }))
        .refused(Refusal::ApproverIsResponsibleLeader);
}

#[test]
fn who_verified_does_not_approve_the_closure() {
    let verifier = verifier(OFFICE);
    given(until(Stage::Verified, Severity::Grave))
        .and(change(grant(verifier.person, Role::ClosingLeader, PREFECTURE)))
        .when(approve().by(Actor { person: verifier.person, ..closing_leader() }))
        .refused(Refusal::ApproverVerified);
}

#[test]
fn the_closing_office_hears_of_every_obstacle_at_once() {
    let officer = officer(ZHOUQU_OFFICE);
    let partly = Command::PassLevel {
        level: 0,
        relied_on: vec![digest(1)],
        verified: money(10),
        verdict: None,
        opinion: "部分入账".to_owned(),
    };
    given(until(Stage::Reported, Severity::Grave))
        .and(crate::acts::list())
        .and(open(1).by(officer))
        .and(Act::ask(officer, partly))
        .and(gather(OFFICE, 2))
        .and(pass(1, OFFICE, &[2], 10))
        .when(crate::acts::close_as(Outcome::DoneAndKeptUp { review: "2020-04-21".parse().unwrap() }))
        .refused_for(&[
            Refusal::ApprovalMissing,
            Refusal::CloserVerified,
            Refusal::StillOutstanding,
            Refusal::ListingOpen,
            Refusal::ReviewNotInFuture,
        ]);
}

#[test]
fn the_rule_holds_for_every_outcome() {
    let review = "2021-04-21".parse().unwrap();
    for outcome in [
        Outcome::Rectified,
        Outcome::DoneAndKeptUp { review },
        Outcome::Unfounded,
        Outcome::DisagreementUpheld,
        Outcome::Overtaken,
        Outcome::Withdrawn,
    ] {
        let reported = given(rectifying()).and(complete(WATER, outcome, 100, &[1]));
        let reported = reported.when(close()).refused(Refusal::WrongStage);
        let closed = reported.and(open(1)).and(verify()).when(close());
        assert_eq!(closed.comes_to(Stage::Closed).case().outcome, Some(outcome));
    }
}

#[test]
fn a_unit_below_the_lead_puts_evidence_on_file_for_it() {
    given(reported())
        .and(file_evidence(WATER_STATION, 2).by(handler(WATER_STATION)))
        .and(open(2))
        .when(pass(0, ZHOUQU_OFFICE, &[2], 100))
        .comes_to(Stage::Verified);
}
