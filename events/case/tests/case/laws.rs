//! Laws: any history folds; folding in two halves equals folding at once; what `decide` makes has a place.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;
use rectify_case::finding::{PetitionClass, Severity};
use rectify_case::{
    Actor, Case, CaseEvent, Event, EventId, Finding, Happened, Happening, Role, Stage, Zone, evolve, fold,
};
use uuid::Uuid;

use crate::acts::{finding, petition, register, report, until};
use crate::asked;
use crate::samples;
use crate::scenario::{CASE, FOURTH, given};
use crate::world::{OFFICE, WATER, ZHOUQU_OFFICE, by, morning};

/// Any event, said to have happened on any day by anybody: the kind, what it is about, the day, who, and whether it is late.
type Choice = (usize, u8, i64, u8, bool);

fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let choice = (0..CaseEvent::NAMES.len(), any::<u8>(), -400..400_i64, any::<u8>(), any::<bool>());
    prop::collection::vec(choice, 0..60)
}

struct Told {
    event: CaseEvent,
    happened: Happened,
    actor: Actor,
    late: bool,
}

fn told((kind, n, days, who, late): Choice) -> Told {
    let at = morning() + TimeDelta::days(days);
    let happened = if n.is_multiple_of(2) { Happened::At(at) } else { Happened::On(Zone::SHANGHAI.day_of(at)) };
    let unit = [WATER, OFFICE, ZHOUQU_OFFICE][usize::from(who) % 3];
    let actor = by(unit, Role::ALL[usize::from(who) % Role::ALL.len()]);
    Told { event: samples::case_events(n).swap_remove(kind), happened, actor, late }
}

fn happenings(told: &[Told]) -> impl Iterator<Item = Happening<'_>> + Clone {
    (1_u64..).zip(told).map(|(version, told)| Happening {
        event: &told.event,
        id: EventId(Uuid::from_u128(version.into())),
        version,
        happened: told.happened,
        recorded: morning(),
        actor: told.actor,
        late: told.late,
    })
}

#[test]
fn there_is_a_sample_of_every_event_in_its_order() {
    for n in 0..=u8::MAX {
        let names: Vec<&str> = samples::case_events(n).iter().map(CaseEvent::name).collect();
        assert_eq!(names, CaseEvent::NAMES);
    }
}

proptest! {
    #[test]
    fn any_history_folds(choices in choices()) {
        let told: Vec<Told> = choices.into_iter().map(told).collect();
        let case = fold(CASE, happenings(&told));
        prop_assert_eq!(case.version, told.len() as u64);
        let unplaced: BTreeSet<u64> = case.unplaced.iter().copied().collect();
        prop_assert_eq!(unplaced.len(), case.unplaced.len(), "no event is without a place twice");
        let begins = |event: &CaseEvent| Stage::after(None, event).is_some();
        let began = told.iter().any(|told| begins(&told.event));
        prop_assert_eq!(case.stage.is_some(), began);
    }

    #[test]
    fn folding_in_two_halves_equals_folding_at_once(choices in choices(), cut in any::<prop::sample::Index>()) {
        let told: Vec<Told> = choices.into_iter().map(told).collect();
        let at_once = fold(CASE, happenings(&told));
        let cut = cut.index(told.len() + 1);
        let first = fold(CASE, happenings(&told).take(cut));
        // What lies between the halves may be a snapshot.
        let mut case: Case = serde_json::from_str(&serde_json::to_string(&first).unwrap()).unwrap();
        for happening in happenings(&told).skip(cut) {
            evolve(&mut case, &happening);
        }
        prop_assert_eq!(case, at_once);
    }

    #[test]
    fn an_event_without_a_place_changes_no_stage(choices in choices()) {
        let told: Vec<Told> = choices.into_iter().map(told).collect();
        let mut case = Case::new(CASE);
        for happening in happenings(&told) {
            let (stage, unplaced) = (case.stage, case.unplaced.len());
            evolve(&mut case, &happening);
            if case.unplaced.len() > unplaced && happening.event.is_spine() {
                prop_assert_eq!(case.stage, stage);
            }
        }
    }

    /// The scenario checks after every act that no event is without a place and that no rule is broken.
    #[test]
    fn what_decide_makes_has_a_place_and_breaks_no_rule(
        stage in prop::sample::select(Stage::ALL.as_slice()),
        severity in prop::sample::select(vec![Severity::Ordinary, Severity::Serious, Severity::Grave]),
        findings in (findings("1"), findings("4")),
        steps in prop::collection::vec((any::<usize>(), any::<u8>()), 0..40),
    ) {
        let path = until(stage, severity).into_iter().skip(1);
        let another = [report(findings.1).to(FOURTH), register().to(FOURTH)];
        let given = path.chain(another).fold(given([report(findings.0)]), asked::tried);
        steps.into_iter().fold(given, |given, (command, n)| {
            let act = asked::at_random(&given, command, n);
            asked::tried(given, act)
        });
    }
}

/// What an audit found, or a petition of any class says of anybody.
fn findings(item: &'static str) -> impl Strategy<Value = Finding> {
    let classes = vec![PetitionClass::Request, PetitionClass::Suggestion, PetitionClass::Accusation];
    let subjects = prop::sample::subsequence(asked::subjects().to_vec(), 0..=2);
    let petition = (prop::sample::select(classes), subjects).prop_map(|(class, of)| petition(item, class, &of));
    prop_oneof![Just(finding(item)), petition]
}

#[test]
fn an_event_is_spine_or_facet_by_its_name_alone() {
    for n in 0..20 {
        for (event, first) in samples::case_events(n).into_iter().zip(samples::case_events(0)) {
            assert_eq!(event.is_spine(), first.is_spine());
            assert_eq!(Event::from(event).name(), first.name());
        }
    }
}
