//! Each guard of `decide` is needed: without it a history breaks the rule that the guard keeps.

use super::moves::About::{self, Counts, Evidence, Leaving, Levels, Life, Listing, Other, Time, Wall, Words};
use super::start::Start;
use super::walk::{Seen, Walk};
use super::words::told;
use super::world::*;
use crate::decide::{Guard, without};
use crate::finding::PetitionClass::{Accusation, Request};
use crate::finding::Severity::{Grave, Ordinary, Serious};
use crate::finding::Subject;
use crate::rules::Rule;

/// How a guard is shown to be needed.
struct Shown {
    /// The rule that it keeps.
    keeps: Rule,
    /// Where the walk without it begins.
    start: Start,
    about: &'static [About],
}

/// No rule that a guard keeps takes more acts to break, from where its walk begins.
const DEEP: usize = 4;

fn shown(guard: Guard) -> Shown {
    let registered = || Start::discovered().registered(Ordinary);
    let accused = || Start::petitioned(Accusation, Subject::Unit(WATER));
    let (keeps, start, about): (Rule, Start, &'static [About]) = match guard {
        Guard::RoleIsHeld | Guard::DelegationInForce => (Rule::Two, Start::discovered(), &[Words]),
        Guard::AccusedDoesNotAct => (Rule::Three, accused(), &[Words]),
        Guard::RecusedDoesNotAct => (Rule::Three, registered(), &[Wall]),
        Guard::AccusedIsNotResponsible | Guard::AccusedDoesNotLead => (Rule::Three, accused(), &[Life]),
        Guard::AccusedDoesNotAnswerForListing => (Rule::Three, accused(), &[Listing]),
        Guard::NamingTakesBack => {
            let start = Start::petitioned(Accusation, Subject::Unit(ROADS)).assigned(WATER, Some(LI));
            (Rule::Three, start, &[Wall])
        }
        Guard::MergeKeepsFirewall => {
            (Rule::Three, registered().assigned(WATER, Some(LI)).with_other(Some(WATER)), &[Other])
        }
        Guard::AccusationIsNotNamed => (Rule::Three, registered().with_other(Some(WATER)), &[Other]),
        Guard::SubjectHoldsNoLevel => (Rule::Three, Start::petitioned(Request, Subject::Unit(COUNTY_OFFICE)), &[Life]),
        Guard::SubjectDoesNotVerify => {
            (Rule::Three, Start::petitioned(Request, Subject::Person(ZHOU)).handled(), &[Life])
        }
        Guard::LevelsInOrder | Guard::EveryLevelPassed => (Rule::One, Start::reported(Serious), &[Life]),
        Guard::RaisedLevelsOwed => (Rule::One, Start::rectifying(Ordinary), &[Life, About::Severity]),
        Guard::HolderVerifies | Guard::ResponsibleDoesNotVerify => (Rule::Two, Start::reported(Ordinary), &[Life]),
        Guard::ResponsibleHoldsNoLevel => (Rule::Two, registered(), &[Life, Levels]),
        Guard::ReporterDoesNotVerify => (Rule::Two, Start::reported_by_another_lead(), &[Life]),
        Guard::EvidenceNamed | Guard::EvidenceOpened => (Rule::One, Start::reported(Ordinary), &[Life]),
        Guard::EvidenceOfThisRound => (Rule::One, Start::reported_on_old_evidence(), &[Life]),
        Guard::WithdrawnNotReliedOn => (Rule::One, Start::reported(Ordinary), &[Life, Evidence]),
        Guard::ReliedOnStays => (Rule::One, Start::passed(Ordinary, 100), &[Life, Evidence]),
        Guard::GatheredOnSite => (Rule::One, Start::passed(Grave, 100), &[Life]),
        Guard::GraveIsApproved | Guard::ApproverIsNotResponsible | Guard::ApproverDidNotVerify => {
            (Rule::One, Start::grave_verified(), &[Life])
        }
        Guard::CloserDidNotVerify => (Rule::Two, Start::passed(Ordinary, 100), &[Life]),
        Guard::GranterDidNotAsk => (Rule::Two, Start::rectifying(Ordinary), &[Time]),
        Guard::SecondPersonAgrees => (Rule::Two, Start::rectifying(Serious), &[About::Severity]),
        Guard::DismissalSaysWhy | Guard::TransferHasReceipt => (Rule::Four, registered(), &[Leaving]),
        Guard::DeclaredSaysWhereTo => (Rule::Four, Start::nothing(), &[About::Carrying]),
        Guard::MergedIsGivenBack => (Rule::Four, registered().with_other(None), &[Leaving, Other]),
        Guard::FindingOnce => (Rule::Four, registered().with_other(None), &[Other]),
        Guard::FixedWasFound => (Rule::Seven, Start::rectifying(Ordinary), &[Life]),
        Guard::VerifiedWasFound => (Rule::Seven, Start::reported(Ordinary), &[Life]),
        Guard::FoundCoversFixed => (Rule::Seven, Start::reported(Ordinary), &[Counts]),
        Guard::NothingOutstanding => (Rule::Seven, Start::passed(Ordinary, 60), &[Life]),
        Guard::PartsAddUp => (Rule::Seven, registered(), &[Counts]),
        Guard::RestWasOutstanding => (Rule::Seven, Start::passed(Ordinary, 60), &[Counts]),
    };
    Shown { keeps, start, about }
}

fn walked(guard: Option<Guard>, shown: &Shown, depth: usize) -> Seen {
    let walk = Walk { start: shown.start.0.clone(), about: shown.about.to_vec(), depth, until_broken: true };
    without(guard, || walk.walk())
}

#[test]
fn without_any_one_guard_a_history_breaks_the_rule_that_it_keeps() {
    for guard in Guard::ALL {
        let shown = shown(*guard);
        let seen = walked(Some(*guard), &shown, DEEP);
        let broken =
            seen.broken.unwrap_or_else(|| panic!("without {guard:?} nothing breaks in {} states", seen.states));
        let story = told(&broken);
        println!("Without {guard:?} ({} states, {} acts deep):\n{story}", seen.states, seen.depth);
        let rules: Vec<Rule> = broken.violations.iter().map(|violation| violation.rule).collect();
        assert!(rules.contains(&shown.keeps), "without {guard:?}, rule {:?} and not {:?}", rules, shown.keeps);
        insta::assert_snapshot!(format!("without_{guard:?}"), story);
        let whole = walked(None, &shown, seen.depth);
        assert!(whole.broken.is_none(), "with {guard:?}, the same walk still breaks a rule");
    }
}
