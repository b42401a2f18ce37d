//! Laws of the check over any history.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::sample::*;
use super::{Checker, check};
use crate::actor::Actor;
use crate::carried_over::Standing;
use crate::completion::{Outcome, Verdict};
use crate::deadline::{Start, Suspension};
use crate::directory::{DirectoryEvent, Role};
use crate::envelope::Cause;
use crate::event::{CaseEvent, Field, Ground, HandedAct, Likeness, Relation};
use crate::evidence::{Evidence, Side};
use crate::finding::{PetitionClass, Severity, Subject};
use crate::identity::UnitId;
use crate::plan::Plan;
use crate::quantity::MOST;
use crate::time::{Happened, Zone};

const WHERE: [UnitId; 5] = [OFFICE, COUNTY, COUNTY_OFFICE, WATER, WATER_STATION];

/// An event of each kind there is; `n` chooses what it is about.
fn events(n: u8) -> Vec<CaseEvent> {
    let unit = WHERE[usize::from(n) % WHERE.len()];
    let someone = person(unit, Role::ResponsibleLeader);
    let other = case(u128::from(n % 4));
    let reason = || if n.is_multiple_of(5) { String::new() } else { "原因".to_owned() };
    let severity = [Severity::Ordinary, Severity::Serious, Severity::Grave][usize::from(n) % 3];
    let found = money(if n.is_multiple_of(7) { MOST } else { u64::from(n) });
    let levels = if n.is_multiple_of(2) { one_level() } else { two_levels() };
    let subject = if n.is_multiple_of(3) { Subject::Unit(unit) } else { Subject::Person(someone) };
    let class = if n.is_multiple_of(2) { PetitionClass::Accusation } else { PetitionClass::Request };
    let finding = petition(&(n % 3).to_string(), class, &[subject]);
    let day = "2020-04-25".parse().unwrap();
    let mut deadline = deadline(Start::Assigned, "2020-04-21", n.into());
    if n.is_multiple_of(3) {
        deadline = deadline.suspended(Suspension { from: day, to: day, reason: reason() }, Zone::SHANGHAI);
    }
    let assignment = assignment(unit, levels.clone());
    let evidence =
        Evidence { digest: digest(n % 3), name: "照片.jpg".into(), media_type: "image/jpeg".into(), size: 1 };
    let outcome = if n.is_multiple_of(2) { Outcome::DoneAndKeptUp { review: day } } else { Outcome::Unfounded };
    let level = u32::from(n % 3);
    vec![
        CaseEvent::FindingReported { finding: finding.clone().into() },
        CaseEvent::PartOpened {
            parent: other,
            findings: vec![finding.clone()],
            found: found.clone(),
            title: "一".into(),
        },
        CaseEvent::CarriedOver {
            number: number(u64::from(n)),
            office: COUNTY_OFFICE,
            severity,
            declared: declared(
                finding.clone(),
                match n % 6 {
                    0 => Standing::NotStarted,
                    1 => Standing::UnderWay,
                    2 => Standing::Closed { outcome, on: Some(Happened::On(day)) },
                    3 => Standing::Dismissed { reason: reason(), on: None },
                    4 => Standing::Merged { into: reason(), on: Some(Happened::On(day)) },
                    _ => Standing::Transferred { receiver: reason(), receipt: None, on: None },
                },
            )
            .into(),
            assignment: n.is_multiple_of(2).then(|| assignment.clone()),
        },
        registration(u64::from(n), severity),
        CaseEvent::Assigned { assignment: assignment.clone() },
        CaseEvent::Reassigned { assignment: assignment.clone(), reason: reason() },
        CaseEvent::Accepted { unit },
        CaseEvent::Returned { unit, reason: reason() },
        CaseEvent::HandedBack { unit, reason: reason() },
        CaseEvent::TakenBack { units: vec![unit], had_read: vec![1] },
        CaseEvent::CompletionReported { unit, outcome, account: reason(), fixed: found.clone() },
        CaseEvent::Verified { levels: level },
        CaseEvent::VerificationFailed { level, unit, reason: reason() },
        CaseEvent::SetAside { ground: Ground::NewFact, reason: reason() },
        CaseEvent::Closed { outcome, rest: vec![other] },
        CaseEvent::Reopened { reason: reason(), deadline: deadline.clone() },
        CaseEvent::Dismissed { reason: reason() },
        CaseEvent::MergedInto { target: other, reason: reason() },
        CaseEvent::Transferred { receiver: reason(), receipt: reason(), reason: reason() },
        CaseEvent::Revived { reason: reason() },
        CaseEvent::Unmerged { target: other, reason: reason() },
        CaseEvent::Split { parts: vec![other], reason: reason() },
        CaseEvent::FindingCorroborated { finding: finding.clone().into(), from: Some(other) },
        CaseEvent::FindingAmended { finding: finding.clone().into() },
        CaseEvent::FindingRepeated { finding: finding.clone().into() },
        CaseEvent::LikelyDuplicateFlagged { other, ground: Likeness::SameReference },
        CaseEvent::SeverityRaised { from: Severity::Ordinary, to: severity, reason: reason(), levels },
        CaseEvent::SeverityLoweringProposed { to: severity, reason: reason() },
        CaseEvent::SeverityLowered { from: Severity::Grave, to: severity, proposed_by: someone },
        CaseEvent::Pressed { message: reason() },
        CaseEvent::PlanSubmitted { unit, plan: Plan { measures: vec![] } },
        CaseEvent::PlanApproved { unit },
        CaseEvent::PlanReturned { unit, reason: reason() },
        CaseEvent::ProgressReported { unit, text: reason(), fixed: found.clone(), done: vec![0] },
        CaseEvent::JointLeadReported { unit, account: reason() },
        CaseEvent::ExtensionRequested { unit, until: day, reason: reason() },
        CaseEvent::ExtensionGranted { deadline: deadline.clone(), asked_by: vec![someone] },
        CaseEvent::ExtensionRefused { reason: reason() },
        CaseEvent::DeadlineChanged { deadline: deadline.clone(), reason: reason() },
        filed(n % 3, if n.is_multiple_of(2) { Side::Responsible } else { Side::Verifier }, unit),
        CaseEvent::EvidenceWithdrawn { digest: digest(n % 3), reason: reason() },
        CaseEvent::LevelPassed {
            level,
            unit,
            relied_on: vec![digest(n % 3)],
            verified: found.clone(),
            verdict: Some(Verdict::Founded),
            opinion: reason(),
        },
        CaseEvent::VerifierDesignated { level, unit, reason: reason() },
        CaseEvent::Recused { person: someone, reason: reason() },
        CaseEvent::SubjectsNamed { subjects: vec![subject], reason: reason() },
        CaseEvent::ClosureApproved { opinion: reason() },
        CaseEvent::HandedUp { act: HandedAct::Verification, from: COUNTY_OFFICE, to: unit },
        CaseEvent::Listed { target: reason(), leader: someone },
        CaseEvent::ListingReviewed { note: reason() },
        CaseEvent::Delisted { reason: reason() },
        CaseEvent::LookedBack { held: true, note: reason() },
        CaseEvent::QuantitiesRestated { found: found.clone(), reason: reason() },
        CaseEvent::RestSplitOff { to: other, amounts: found.clone(), reason: reason() },
        CaseEvent::MergeReceived {
            from: other,
            findings: vec![finding.clone()],
            subjects: vec![subject],
            evidence: vec![evidence],
            severity,
            deadline: Some(deadline),
            assignment: n.is_multiple_of(2).then_some(assignment),
            found: found.clone(),
        },
        CaseEvent::MergeUndone { from: other, findings: vec![finding.id()], found },
        CaseEvent::Linked { other, relation: Relation::RecurrenceOf },
        CaseEvent::Unlinked { other, relation: Relation::SimilarTo },
        CaseEvent::CluePassedOn { receiver: reason(), receipt: reason(), note: reason() },
        CaseEvent::NoteAdded { text: reason() },
        CaseEvent::Corrected {
            version: u64::from(n),
            field: Field::Discovered,
            old: reason(),
            new: if n.is_multiple_of(2) { "2020-04-02".into() } else { reason() },
            reason: reason(),
            told: vec![unit],
        },
    ]
}

/// The choices that make one event: of any kind, by anybody, on one of four cases, happened at any time; or an opening of
/// evidence, or a role that ends.
type Choices = (usize, u8, u128, usize, usize, i64);

fn choices() -> impl Strategy<Value = Choices> {
    (0..CaseEvent::NAMES.len() + 2, any::<u8>(), 0..4_u128, 0..WHERE.len(), 0..Role::ALL.len(), -3..2_i64)
}

fn step(history: History, (kind, n, of, unit, role, days): Choices) -> History {
    let (unit, role) = (WHERE[unit], Role::ALL[role]);
    let on_behalf_of = n.is_multiple_of(11).then(|| person(OFFICE, role));
    let actor = Actor { on_behalf_of, ..by(unit, role) };
    let at = history.envelopes.last().unwrap().recorded;
    let history = match events(n).get(kind) {
        Some(event) => history.of(case(of), actor, event.clone()),
        None if kind == CaseEvent::NAMES.len() => history.opened(actor, n % 3),
        None => history.directory(DirectoryEvent::RoleEnded { person: actor.person, unit, role, at }),
    };
    history.but(|envelope| {
        envelope.happened = match n % 3 {
            0 => envelope.happened,
            1 => Happened::At(envelope.recorded + TimeDelta::days(days)),
            _ => Happened::On(Zone::SHANGHAI.day_of(envelope.recorded + TimeDelta::days(days))),
        };
        envelope.cause = n.is_multiple_of(2).then(|| Cause::Document("纪要".into()));
    })
}

#[test]
fn there_is_a_sample_of_every_event() {
    let names: BTreeSet<_> = events(1).iter().map(CaseEvent::name).collect();
    assert_eq!(names, CaseEvent::NAMES.iter().copied().collect());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_history_is_judged_and_a_clone_of_the_checker_judges_the_rest_alike(
        steps in prop::collection::vec(choices(), 0..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let history = steps.into_iter().fold(History::begun(), step).envelopes;
        let (before, after) = history.split_at(cut.index(history.len()));
        let mut checker = Checker::new(Zone::SHANGHAI);
        let mut violations: Vec<_> = before.iter().flat_map(|envelope| checker.feed(envelope)).collect();
        let mut clone = checker.clone();
        prop_assert_eq!(clone.memory(), checker.memory());
        violations.extend(after.iter().flat_map(|envelope| clone.feed(envelope)));
        violations.extend(clone.finish());
        prop_assert_eq!(violations, check(&history, Zone::SHANGHAI));
    }
}
