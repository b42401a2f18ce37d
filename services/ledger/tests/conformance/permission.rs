use std::collections::BTreeMap;

use rectify_case::assignment::Assignment;
use rectify_case::finding::{PetitionClass, Subject};
use rectify_case::{Audience, Case, CaseId, Directory, DirectoryEvent, PersonId, Reader, Role, Stage};
use rectify_ledger::{Counts, Viewer, Wanted};

use crate::bed::{Bed, instant};
use crate::fold::write_history;
use crate::history::{Dice, PERSONS, case, granted, of_county, person, petition, prefecture, reported, the_unit};

const NOW: &str = "2020-07-01T00:00:00Z";

/// Returns the cases that some readers together may see, as the one permission says.
fn admitted<'a>(cases: &'a [Case], directory: &Directory, readers: &[Reader]) -> Vec<&'a Case> {
    let admits = |case: &&Case| {
        let audience = Audience::of(case, directory);
        readers.iter().any(|reader| audience.admits(reader)) && !readers.iter().any(|reader| audience.walls(reader))
    };
    cases.iter().filter(|case| case.stage.is_some()).filter(admits).collect()
}

fn counted(cases: &[&Case], counts: &Counts) -> Counts {
    let mut wanted = Counts { overdue: counts.overdue, position: counts.position, ..Counts::default() };
    let late = instant(NOW);
    let is_live = |case: &Case| case.stage.is_some_and(|stage| !stage.is_final() && stage != Stage::Grouped);
    wanted.total = cases.len() as u64;
    wanted.live = cases.iter().filter(|case| is_live(case)).count() as u64;
    let overdue = cases.iter().filter(|case| is_live(case) && case.deadline.as_ref().is_some_and(|d| d.is_late(late)));
    wanted.overdue = overdue.count() as u64;
    for case in cases {
        *wanted.by_stage.entry(case.stage.unwrap()).or_default() += 1;
        *wanted.by_source.entry(case.source.clone().unwrap()).or_default() += 1;
        *wanted.by_division.entry(case.division.clone().unwrap()).or_default() += 1;
        if let Some(lead) = case.assignment.as_ref().and_then(Assignment::answering) {
            *wanted.by_lead.entry(lead).or_default() += 1;
        }
        if let Some(outcome) = case.outcome {
            let declared = case.is_closed_as_declared();
            let outcomes = if declared { &mut wanted.by_declared_outcome } else { &mut wanted.by_outcome };
            *outcomes.entry(outcome.into()).or_default() += 1;
        }
    }
    wanted
}

pub async fn a_case_is_listed_and_counted_exactly_for_whom_it_may_reach(bed: &Bed) {
    let now = instant(NOW);
    write_history(bed, 31, 120, 700).await;
    bed.fold().await;
    let (cases, directory) = bed.told().await;
    let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
    let nobody = PersonId(uuid::Uuid::nil());
    let alone = (0..PERSONS).map(person).chain([nobody]).map(|one| vec![one]);
    let together = (1..PERSONS).map(|n| vec![person(n), person((n * 7) % PERSONS)]);
    for persons in alone.chain(together) {
        let readers: Vec<Reader> = persons.iter().map(|one| Reader::of(*one, &directory, now)).collect();
        let viewer = Viewer::of(readers[0].clone()).and(readers.get(1).cloned());
        let wanted = admitted(&cases, &directory, &readers);

        let mut ids: Vec<CaseId> = wanted.iter().map(|case| case.id).collect();
        ids.sort();
        let mut listed = bed.ids(&viewer, Wanted { limit: 50, ..Wanted::default() }, now).await;
        listed.sort();
        assert_eq!(listed, ids, "{persons:?}");
        by_deadline(bed, &viewer, &ids).await;
        let counts = bed.ledger.counts(&viewer, now).await.unwrap();
        assert_eq!(counts, counted(&wanted, &counts), "{persons:?}");
        *sizes.entry(ids.len()).or_default() += 1;
    }
    assert!(sizes.len() > 10 && sizes.contains_key(&0), "the sample says little: {sizes:?}");
    let everything = bed.ledger.counts(&Viewer::operator(), now).await.unwrap();
    assert_eq!(everything.total, 120);
}

/// Checks that some cases, and no others, reach a viewer in the order of their deadlines, whichever of them are asked for.
async fn by_deadline(bed: &Bed, viewer: &Viewer, ids: &[CaseId]) {
    let now = instant(NOW);
    for filter in [r#"{}"#, r#"{"overdue": true}"#, r#"{"live": false}"#, r#"{"due_before": "2020-08-15T00:00:00Z"}"#] {
        for sort in ["due", "-due"] {
            let (filter, sort) = (serde_json::from_str(filter).unwrap(), sort.parse().unwrap());
            let wanted = Wanted { filter, sort, limit: 3, ..Wanted::default() };
            let all = bed.ids(&Viewer::operator(), Wanted { limit: 500, ..wanted.clone() }, now).await;
            let wanted_ids: Vec<CaseId> = all.into_iter().filter(|id| ids.contains(id)).collect();
            assert_eq!(bed.ids(viewer, wanted.clone(), now).await, wanted_ids, "{wanted:?} of {viewer:?}");
        }
    }
}

pub async fn a_change_of_the_directory_changes_whom_a_case_reaches(bed: &Bed) {
    let now = instant(NOW);
    bed.directory(prefecture(&mut Dice::new(1))).await;
    bed.directory([
        granted(100, of_county(1, 2), Role::Handler),
        granted(101, of_county(2, 1), Role::Officer),
        granted(102, of_county(2, 1), Role::Handler),
    ])
    .await;
    let accusation = petition(1, PetitionClass::Accusation, vec![Subject::Person(person(50))]);
    let assigned = crate::history::assigned(of_county(1, 2), 60, None);
    bed.case(case(1), [reported(accusation).into(), crate::history::registered(1).into(), assigned.into()]).await;
    bed.fold().await;
    let sees = async |n| {
        let (_, directory) = bed.told().await;
        let viewer = Viewer::of(Reader::of(person(n), &directory, now));
        bed.ledger.case(&viewer, case(1), now).await.unwrap().is_some()
    };
    assert!(sees(100).await && !sees(101).await && !sees(102).await);
    // The lead moves to another division, whose officer reads its cases from then on.
    bed.directory([DirectoryEvent::UnitChanged(the_unit(7, "623024"))]).await;
    bed.fold().await;
    assert!(sees(100).await && sees(101).await && !sees(102).await);
    // The accused comes to lead the unit: it never reaches that unit again.
    bed.directory([granted(50, of_county(1, 2), Role::ResponsibleLeader)]).await;
    bed.fold().await;
    assert!(!sees(100).await && sees(101).await);
    bed.check_rebuilt().await;
}
