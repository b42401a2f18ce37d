use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use rectify_case::finding::{PetitionClass, Subject};
use rectify_case::{Audience, CaseEvent, Happened, Reader, Role, Stage, UnitId, Zone};
use rectify_ledger::{Counts, Filter, Lead, Month, Overview, Row, Viewer, Wanted};
use rectify_log::NewEvent;

use crate::bed::{Bed, instant, late};
use crate::fold::write_history;
use crate::history::{
    Dice, PERSONS, UNITS, assigned, case, closed, completed, deadline, finding, granted, of_county, person, petition,
    prefecture, registered, reported, unit,
};

const NOW: &str = "2020-07-01T00:00:00Z";
const YEAR: i32 = 2020;

/// Writes cases that were registered and closed on many days, returned, reopened, walled, or are late.
async fn write_cases(bed: &Bed, seed: u64, cases: std::ops::Range<u64>) {
    let mut dice = Dice::new(seed);
    let reason = || "按程序办理".to_owned();
    for n in cases {
        let county = dice.below(4);
        let lead = of_county(county, 2 + dice.below(3));
        let day = |from: &str, days: u64| {
            let from: NaiveDate = from.parse().unwrap();
            (from + chrono::TimeDelta::days(i64::try_from(days).unwrap())).to_string()
        };
        let class = [PetitionClass::Accusation, PetitionClass::Request][usize::try_from(n % 2).unwrap()];
        let mut first = match n % 5 {
            0 => petition(n, class, vec![Subject::Unit(unit(dice.below(UNITS)))]),
            _ => finding(n, "一"),
        };
        first.division = dice.one(&["623000", "623023", "623024", "623025", "623023001"]).parse().unwrap();
        let found = day("2019-03-01", dice.below(90));
        first.discovered = found.parse().unwrap();
        let entered = day("2019-06-20", dice.below(250));
        let mut events = vec![late(reported(first), &found), late(registered(n), &entered)];
        let due = u16::try_from(20 + dice.below(90)).unwrap();
        let given = || NewEvent::from(assigned(lead, due, Some(of_county(county, 1))));
        events.push(given());
        if dice.below(4) == 0 {
            events.extend([CaseEvent::Returned { unit: lead, reason: reason() }.into(), given()]);
        }
        if dice.below(3) > 0 {
            events.push(CaseEvent::Accepted { unit: lead }.into());
            events.push(completed(lead).into());
            events.push(CaseEvent::Verified { levels: 1 }.into());
            events.push(late(closed(), &day("2020-02-20", dice.below(60))));
            if dice.below(4) == 0 {
                events.push(CaseEvent::Reopened { reason: reason(), deadline: deadline(due) }.into());
            }
        }
        if dice.below(9) == 0 {
            events.push(CaseEvent::Recused { person: person(dice.below(PERSONS)), reason: reason() }.into());
        }
        bed.case(case(n), events).await;
    }
}

fn day(happened: Option<Happened>) -> Option<NaiveDate> {
    happened.map(|happened| happened.day(Zone::SHANGHAI))
}

/// Counts the rows of some cases one by one.
fn counted(rows: &[&Row], position: u64) -> Overview {
    let today: NaiveDate = "2020-07-01".parse().unwrap();
    let mut counts = Counts { position, total: rows.len() as u64, ..Counts::default() };
    let mut leads: BTreeMap<UnitId, Lead> = BTreeMap::new();
    let proved = |row: &&&Row| row.stage == Stage::Closed && !row.declared;
    let in_year = |day: Option<NaiveDate>| day.is_some_and(|day| day.year() == YEAR);
    for row in rows {
        *counts.by_stage.entry(row.stage).or_default() += 1;
        *counts.by_source.entry(row.source.clone().unwrap()).or_default() += 1;
        *counts.by_division.entry(row.division.clone().unwrap()).or_default() += 1;
        counts.live += u64::from(row.live);
        counts.overdue += u64::from(row.overdue);
        if let Some(outcome) = row.outcome {
            let outcomes = if row.declared { &mut counts.by_declared_outcome } else { &mut counts.by_outcome };
            *outcomes.entry(outcome).or_default() += 1;
        }
        let Some(lead) = row.lead else { continue };
        *counts.by_lead.entry(lead).or_default() += 1;
        let lead = leads.entry(lead).or_default();
        *lead.by_stage.entry(row.stage).or_default() += 1;
        lead.overdue += u64::from(row.overdue);
        let days = row.due_day.filter(|_| row.overdue).map(|due| (today - due).num_days().try_into().unwrap());
        lead.oldest_overdue_days = lead.oldest_overdue_days.max(days);
        lead.closed += u64::from(proved(&row) && in_year(day(row.closed)));
        lead.returned += u64::from(row.returns > 0);
        lead.reopened += u64::from(row.reopenings > 0);
    }
    let many = |wanted: &dyn Fn(&&Row) -> bool| rows.iter().copied().filter(|row| wanted(row)).count() as u64;
    let months = (0..12).map(|n| {
        let first = "2019-08-01".parse::<NaiveDate>().unwrap() + chrono::Months::new(n);
        let last = first + chrono::Months::new(1) - chrono::TimeDelta::days(1);
        let within = |day: Option<NaiveDate>| day.is_some_and(|day| first <= day && day <= last);
        Month {
            first,
            last,
            registered: many(&|row| within(day(row.registered))),
            closed: many(&|row| proved(&row) && within(day(row.closed))),
        }
    });
    let of_year = rows.iter().filter(|row| proved(row) && in_year(day(row.closed)));
    let took = of_year.filter_map(|row| Some((day(row.closed)? - day(row.discovered)?).num_days().max(0)));
    let mut took: Vec<i64> = took.collect();
    took.sort_unstable();
    Overview {
        counts,
        returned: many(&|row| row.returns > 0),
        reopened: many(&|row| row.reopenings > 0),
        ever_closed: many(&|row| proved(&row) || row.reopenings > 0),
        leads,
        months: months.collect(),
        year: YEAR,
        registered: many(&|row| in_year(day(row.registered))),
        closed: many(&|row| proved(&row) && in_year(day(row.closed))),
        median_days: took.get(took.len().saturating_sub(1) / 2).map(|days| (*days).try_into().unwrap()),
    }
}

pub async fn the_overview_counts_exactly_what_may_reach_whoever_asks(bed: &Bed) {
    let now = instant(NOW);
    write_history(bed, 51, 60, 350).await;
    write_cases(bed, 52, 100..220).await;
    bed.fold().await;
    let (cases, directory) = bed.told().await;
    let everything = Wanted { limit: 1_000, ..Wanted::default() };
    let everything = bed.ledger.list(&Viewer::operator(), &everything, now).await.unwrap();
    let all: Vec<&Row> = everything.rows.iter().collect();
    let told = bed.ledger.overview(&Viewer::operator(), YEAR, now).await.unwrap();
    assert_eq!(told, counted(&all, everything.position));
    assert!(told.median_days > Some(100) && told.returned > 10 && told.reopened > 5, "{told:?}");
    let busy = told.months.iter().filter(|month| month.registered > 0).count();
    assert!(told.closed > 20 && told.registered > 20 && busy > 6, "{told:?}");

    let mut sizes = std::collections::BTreeSet::new();
    for who in (0..PERSONS).map(person) {
        let reader = Reader::of(who, &directory, now);
        let admitted = |row: &&&Row| {
            let case = cases.iter().find(|case| case.id == row.id).unwrap();
            Audience::of(case, &directory).admits(&reader)
        };
        let rows: Vec<&Row> = all.iter().filter(admitted).copied().collect();
        let viewer = Viewer::of(reader.clone());
        let told = bed.ledger.overview(&viewer, YEAR, now).await.unwrap();
        assert_eq!(told, counted(&rows, everything.position), "{who}");
        assert_eq!(told.counts, bed.ledger.counts(&viewer, now).await.unwrap());
        sizes.insert(rows.len());
    }
    assert!(sizes.len() > 10 && sizes.contains(&0), "the sample says little: {sizes:?}");
    bed.check_rebuilt().await;
}

async fn listed(bed: &Bed, viewer: &Viewer, filter: Filter) -> u64 {
    let wanted = Wanted { filter, total: true, ..Wanted::default() };
    bed.ledger.list(viewer, &wanted, instant(NOW)).await.unwrap().total.unwrap()
}

pub async fn every_figure_of_the_overview_is_that_of_a_list(bed: &Bed) {
    bed.directory(prefecture(&mut Dice::new(1))).await;
    bed.directory([granted(100, of_county(1, 1), Role::Officer)]).await;
    write_cases(bed, 53, 0..80).await;
    bed.fold().await;
    let (_, directory) = bed.told().await;
    let office = Viewer::of(Reader::of(person(100), &directory, instant(NOW)));
    let plain = Filter::default;
    for viewer in [Viewer::operator(), office] {
        let told = bed.ledger.overview(&viewer, YEAR, instant(NOW)).await.unwrap();
        let mut asked = Vec::new();
        let within = |first: Option<NaiveDate>, last| Filter {
            closed_from: first,
            closed_to: last,
            declared: Some(false),
            ..plain()
        };
        let (first, last) = (NaiveDate::from_ymd_opt(YEAR, 1, 1), NaiveDate::from_ymd_opt(YEAR, 12, 31));
        for (stage, cases) in &told.counts.by_stage {
            asked.push((Filter { stage: vec![*stage], ..plain() }, *cases));
        }
        for (division, cases) in &told.counts.by_division {
            asked.push((Filter { division_itself: Some(division.clone()), ..plain() }, *cases));
        }
        for (unit, figures) in &told.leads {
            let of = |filter: Filter| Filter { lead: Some(*unit), ..filter };
            for (stage, cases) in &figures.by_stage {
                asked.push((of(Filter { stage: vec![*stage], ..plain() }), *cases));
            }
            asked.push((of(Filter { overdue: Some(true), ..plain() }), figures.overdue));
            asked.push((of(Filter { returned: Some(true), ..plain() }), figures.returned));
            asked.push((of(Filter { reopened: Some(true), ..plain() }), figures.reopened));
            asked.push((of(within(first, last)), figures.closed));
        }
        for month in &told.months {
            let (from, to) = (Some(month.first), Some(month.last));
            asked.push((Filter { registered_from: from, registered_to: to, ..plain() }, month.registered));
            asked.push((within(from, to), month.closed));
        }
        asked.push((Filter { returned: Some(true), ..plain() }, told.returned));
        asked.push((Filter { returned: Some(false), ..plain() }, told.counts.total - told.returned));
        asked.push((Filter { reopened: Some(true), ..plain() }, told.reopened));
        asked.push((Filter { ever_closed: Some(true), ..plain() }, told.ever_closed));
        asked.push((Filter { ever_closed: Some(false), ..plain() }, told.counts.total - told.ever_closed));
        asked.push((Filter { registered_from: first, registered_to: last, ..plain() }, told.registered));
        asked.push((within(first, last), told.closed));
        for (filter, cases) in asked {
            assert_eq!(listed(bed, &viewer, filter.clone()).await, cases, "{filter:?}");
        }
    }
}
