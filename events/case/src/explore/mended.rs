//! What the walks and the review of the rules found, and is mended.

use super::moves::*;
use super::start::Start;
use super::state::State;
use super::world::*;
use crate::actor::Actor;
use crate::command::Command;
use crate::event::Relation;
use crate::finding::PetitionClass::{Accusation, Request};
use crate::finding::Severity::{Ordinary, Serious};
use crate::finding::{PetitionClass, Severity, Subject};
use crate::identity::CaseId;
use crate::refusal::Refusal;

/// The log after a start, ready for one more act.
struct Given(State);

fn given(start: Start) -> Given {
    let made = |state: State, made: Move| state.make(&made).expect("a start is made of moves that are accepted").state;
    Given(start.0.into_iter().fold(State::new(), made))
}

impl Given {
    /// Returns the names of the events that an act makes; no rule is broken by them.
    fn when(&self, actor: Actor, case: CaseId, command: Command) -> Result<Vec<&'static str>, Refusal> {
        let done = self.0.make(&by(actor, case, command)).map_err(|refused| refused.refusal())?;
        assert_eq!(done.violations, []);
        Ok(done.envelopes.iter().map(|envelope| envelope.event.name()).collect())
    }
}

fn amended(class: PetitionClass) -> Move {
    by(source(), CASE, Command::Amend { finding: petition(CASE, class, &[Subject::Unit(WATER)]).into() })
}

fn accused() -> Start {
    Start::petitioned(Accusation, Subject::Unit(WATER))
}

fn registered(severity: Severity) -> Start {
    Start::discovered().registered(severity)
}

#[test]
fn an_accusation_that_its_source_later_calls_a_request_stays_one() {
    let history = given(accused().and(amended(Request)));
    assert_eq!(history.when(officer(), CASE, assign(&[WATER], None)), Err(Refusal::SubjectWouldHandle));
    assert_eq!(history.when(handler(), CASE, note()), Err(Refusal::Walled));
}

#[test]
fn what_is_split_from_an_accusation_takes_the_accusation_with_it() {
    assert!(given(accused()).when(officer(), CASE, split(&[60, 40])).is_ok());
    let no_longer_told = given(accused().and(amended(Request)));
    assert_eq!(no_longer_told.when(officer(), CASE, split(&[60, 40])), Err(Refusal::WouldRevealAccusation));
}

#[test]
fn who_answered_for_a_closed_case_and_was_accused_since_does_not_get_it_back() {
    let reopen = || Command::Reopen { reason: why(), term: term() };
    assert_eq!(given(Start::closed()).when(officer(), CASE, reopen()), Ok(vec!["reopened"]));
    let history = given(Start::closed().and(amended(Accusation)));
    assert_eq!(history.when(officer(), CASE, reopen()), Ok(vec!["reopened", "taken_back"]));
}

#[test]
fn a_finding_of_an_accusation_brings_along_all_whom_the_accusation_is_kept_from() {
    let corroborate = || Command::Corroborate { from: OTHER, finding: finding(OTHER).id() };
    let other = registered(Ordinary).with_other(Some(WATER));
    assert_eq!(given(other.clone()).when(officer(), CASE, corroborate()), Ok(vec!["finding_corroborated"]));
    let more = given(other.and(by(officer(), OTHER, name(Subject::Unit(ROADS)))));
    let taken = vec!["finding_corroborated", "subjects_named"];
    assert_eq!(more.when(officer(), CASE, corroborate()), Ok(taken));
}

#[test]
fn who_is_recused_from_either_case_does_not_merge_them() {
    let merge = || Command::Merge { into: CASE, found: None, reason: why() };
    let history = given(registered(Ordinary).with_other(None).and(by(officer(), CASE, recuse(SUN))));
    assert_eq!(history.when(officer(), OTHER, merge()), Err(Refusal::IsRecused));
    let link = Command::Link { other: CASE, relation: Relation::SimilarTo };
    assert_eq!(history.when(officer(), OTHER, link), Ok(vec!["linked"]));
}

#[test]
fn who_had_another_ask_on_their_behalf_is_no_second_person() {
    let zhou_for_sun = Actor { person: ZHOU, on_behalf_of: Some(SUN), ..officer() };
    let propose = Command::ProposeLowerSeverity { to: Ordinary, reason: why() };
    let history = given(registered(Serious).and(by(zhou_for_sun, CASE, propose)));
    assert_eq!(history.when(officer(), CASE, Command::LowerSeverity {}), Err(Refusal::SecondPersonNeeded));
    let third = actor(ZHANG, COUNTY_OFFICE, crate::directory::Role::Officer);
    assert_eq!(history.when(third, CASE, Command::LowerSeverity {}), Ok(vec!["severity_lowered"]));
}
