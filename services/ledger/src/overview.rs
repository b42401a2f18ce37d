//! The figures of the overview (总览) and of the notice of how far each unit is (通报), for whoever asks.
//!
//! Each is a number of cases that a [`Filter`](crate::Filter) lists: the fields say which. The median is exact.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, Months, NaiveDate, Utc};
use futures::FutureExt as _;
use rectify_case::{Stage, UnitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::counts::{Counts, Governed, Kept};
use crate::error::{LedgerError, inconsistent};
use crate::generation::Generation;
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::remembered::{AsOf, remembered};
use crate::sql::Sql;
use crate::statements;
use crate::stored::micros;
use crate::tally::{CLOSED, REGISTERED};

/// How the cases stand that may reach a viewer, and what became of them in a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Overview {
    /// How many there are now, by stage, source, division (`division_itself`), lead and outcome.
    pub counts: Counts,
    /// How many were ever returned or handed back (`returned`).
    pub returned: u64,
    /// How many were ever reopened (`reopened`) ...
    pub reopened: u64,
    /// ... of those that were ever closed here, or closed anywhere and reopened (`ever_closed`).
    pub ever_closed: u64,
    /// By the lead that answers for them now (`lead`); those without one are not among them.
    pub leads: BTreeMap<UnitId, Lead>,
    /// The last twelve months, the oldest first and the present one last.
    pub months: Vec<Month>,
    /// The year that `registered`, `closed` and `median_days` are about.
    pub year: i32,
    /// How many were registered in that year (`registered_from`, `registered_to`).
    pub registered: u64,
    /// How many were closed in that year and proved here (`closed_from`, `closed_to`, not `declared`).
    pub closed: u64,
    /// How many days half of these took at most, from the day of discovery to that of closure: of an even number, what the
    /// earlier of the two in the middle took. None where none was closed.
    pub median_days: Option<u32>,
}

/// How far a unit is with the cases it answers for now.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lead {
    /// By where they stand (`stage`).
    pub by_stage: BTreeMap<Stage, u64>,
    /// How many wait for somebody and are late (`overdue`).
    pub overdue: u64,
    /// For how many days the oldest of these has been late: 1 on the day after its last.
    pub oldest_overdue_days: Option<u32>,
    /// How many were closed in the year and proved here (`closed_from`, `closed_to`, not `declared`).
    pub closed: u64,
    /// How many were ever returned or handed back (`returned`), by whomever.
    pub returned: u64,
    /// How many were ever reopened (`reopened`).
    pub reopened: u64,
}

/// What came and went in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Month {
    /// Its first day, in the office's zone.
    pub first: NaiveDate,
    /// Its last day.
    pub last: NaiveDate,
    /// How many were registered in it (`registered_from`, `registered_to`).
    pub registered: u64,
    /// How many were closed in it and proved here (`closed_from`, `closed_to`, not `declared`).
    pub closed: u64,
}

/// How many microseconds a day has.
const DAY: i64 = 86_400_000_000;

/// How many months are told of.
const MONTHS: u32 = 12;

/// How many cases a month saw registered or closed, with one lead; the nil id stands for none.
type Flow = (String, Option<Uuid>, i64);

/// How many cases of a lead are late, and since when the oldest of them is.
type Late = (Option<Uuid>, i64, Option<i64>);

/// A case that is looked at by itself.
#[derive(Debug, sqlx::FromRow)]
struct Looked {
    #[sqlx(flatten)]
    kept: Kept,
    registered_on: Option<String>,
    closed_on: Option<String>,
    discovered_on: Option<String>,
    due: Option<i64>,
}

/// What is gathered for an overview.
struct Gathering {
    overview: Overview,
    now: DateTime<Utc>,
    /// How many cases took so many days.
    days: BTreeMap<i64, u64>,
}

impl Ledger {
    /// Returns how the cases stand that may reach a viewer, and what became of them in a year.
    ///
    /// What is kept from nobody and lies in a division the viewer governs is counted already; only the rest is looked at.
    pub async fn overview(&self, viewer: &Viewer, year: i32, now: DateTime<Utc>) -> Result<Overview, LedgerError> {
        let generation = self.serving().await?;
        let as_of = AsOf::of(&generation, now).await?;
        let question = (as_of, (viewer.clone(), year));
        let gathering = Gathering::of(&generation, viewer, year, as_of.now).boxed();
        remembered(&self.remembered().overviews, question, gathering).await
    }
}

impl Gathering {
    async fn of(
        generation: &Generation,
        viewer: &Viewer,
        year: i32,
        now: DateTime<Utc>,
    ) -> Result<Overview, LedgerError> {
        let mut gathering = Gathering::begin(generation, year, now).await?;
        let governed = Governed::of(generation, viewer).await?;
        for kind in &governed.kinds {
            gathering.kind(kind)?;
        }
        gathering.flows(generation, viewer).await?;
        gathering.closures(generation, viewer).await?;
        gathering.overdue(generation, viewer).await?;
        gathering.rest(generation, viewer, &governed).await?;
        Ok(gathering.end())
    }

    async fn begin(generation: &Generation, year: i32, now: DateTime<Utc>) -> Result<Gathering, LedgerError> {
        let checkpoint = generation.checkpoint().await?;
        let east = chrono::TimeDelta::seconds(checkpoint.zone.unwrap_or(0));
        let present = (now + east).date_naive().with_day(1).unwrap_or_default();
        let months = (0..MONTHS).rev().map(|back| {
            let first = present - Months::new(back);
            let last = (first + Months::new(1)).pred_opt().unwrap_or(first);
            Month { first, last, registered: 0, closed: 0 }
        });
        let overview = Overview {
            counts: Counts { position: checkpoint.position, ..Counts::default() },
            returned: 0,
            reopened: 0,
            ever_closed: 0,
            leads: BTreeMap::new(),
            months: months.collect(),
            year,
            registered: 0,
            closed: 0,
            median_days: None,
        };
        Ok(Gathering { overview, now, days: BTreeMap::new() })
    }

    fn kind(&mut self, kind: &Kept) -> Result<(), LedgerError> {
        let overview = &mut self.overview;
        let stage = overview.counts.add(kind)?;
        let [cases, returned, reopened] = [kind.cases, kind.returned, kind.reopened].map(count);
        overview.returned += returned;
        overview.reopened += reopened;
        // What an older ledger closed was never reopened while it stands so.
        overview.ever_closed += if stage == Stage::Closed && !kind.declared { cases } else { reopened };
        if let Some(lead) = kind.lead() {
            let lead = overview.leads.entry(lead).or_default();
            *lead.by_stage.entry(stage).or_default() += cases;
            lead.returned += returned;
            lead.reopened += reopened;
        }
        Ok(())
    }

    async fn flows(&mut self, generation: &Generation, viewer: &Viewer) -> Result<(), LedgerError> {
        let first = self.overview.months.first().map_or_else(String::new, |month| month_of(month.first));
        let since = first.min(format!("{:04}-01", self.overview.year));
        for what in [REGISTERED, CLOSED] {
            let mut sql = Sql::new(statements::FLOWS_SINCE, [what.into(), since.as_str().into()]);
            viewer.push_governs(&mut sql, "division");
            sql.push(statements::BY_MONTH_AND_LEAD);
            let flows: Vec<Flow> = sql.once().fetch_all(&generation.db).await?;
            for (month, lead, cases) in flows {
                self.flow(what, &month, lead.filter(|lead| !lead.is_nil()).map(UnitId), count(cases));
            }
        }
        Ok(())
    }

    fn flow(&mut self, what: &str, month: &str, lead: Option<UnitId>, cases: u64) {
        let overview = &mut self.overview;
        let registered = what == REGISTERED;
        if let Some(told) = overview.months.iter_mut().find(|told| month_of(told.first) == month) {
            *if registered { &mut told.registered } else { &mut told.closed } += cases;
        }
        if !month.starts_with(&format!("{:04}-", overview.year)) {
            return;
        }
        *if registered { &mut overview.registered } else { &mut overview.closed } += cases;
        if let Some(lead) = lead.filter(|_| !registered) {
            overview.leads.entry(lead).or_default().closed += cases;
        }
    }

    async fn closures(&mut self, generation: &Generation, viewer: &Viewer) -> Result<(), LedgerError> {
        let mut sql = Sql::new(statements::CLOSURES_IN, [i64::from(self.overview.year).into()]);
        viewer.push_governs(&mut sql, "division");
        sql.push(statements::BY_DAYS);
        let closures: Vec<(i64, i64)> = sql.once().fetch_all(&generation.db).await?;
        self.days.extend(closures.into_iter().map(|(days, cases)| (days, count(cases))));
        Ok(())
    }

    async fn overdue(&mut self, generation: &Generation, viewer: &Viewer) -> Result<(), LedgerError> {
        let mut sql = Sql::new(statements::LATE_AT, [micros(self.now).into()]);
        viewer.push_governs(&mut sql, "c.division");
        sql.push(statements::BY_LEAD);
        let late: Vec<Late> = sql.once().fetch_all(&generation.db).await?;
        for (lead, cases, oldest) in late {
            self.late(lead.map(UnitId), count(cases), oldest);
        }
        Ok(())
    }

    fn late(&mut self, lead: Option<UnitId>, cases: u64, oldest: Option<i64>) {
        self.overview.counts.overdue += cases;
        if let Some(lead) = lead {
            let days = oldest.map(|due| micros(self.now).saturating_sub(due) / DAY + 1);
            let lead = self.overview.leads.entry(lead).or_default();
            lead.overdue += cases;
            lead.oldest_overdue_days = lead.oldest_overdue_days.max(days.and_then(|days| days.try_into().ok()));
        }
    }

    /// Adds what is looked at case by case: what is kept from anybody, or lies in a division that the viewer does not govern.
    async fn rest(&mut self, generation: &Generation, viewer: &Viewer, governed: &Governed) -> Result<(), LedgerError> {
        let mut sql = Sql::new(statements::FIGURES_OF_CASES, []);
        governed.push_rest(&mut sql, generation, viewer);
        let rest: Vec<Looked> = sql.once().fetch_all(&generation.db).await?;
        for case in rest {
            let Looked { kept, registered_on, closed_on, discovered_on, due } = case;
            self.kind(&kept)?;
            let lead = kept.lead();
            if let Some(due) = due.filter(|due| *due <= micros(self.now)) {
                self.late(lead, 1, Some(due));
            }
            let day = |column, day: Option<String>| {
                let parsed = day.map(|day| day.parse::<NaiveDate>().map_err(|_| inconsistent("cases", column, day)));
                parsed.transpose()
            };
            if let Some(registered) = day("registered_on", registered_on)? {
                self.flow(REGISTERED, &month_of(registered), lead, 1);
            }
            let closed = day("closed_on", closed_on)?.filter(|_| kept.is_proved());
            if let Some(closed) = closed {
                self.flow(CLOSED, &month_of(closed), lead, 1);
                if let Some(discovered) =
                    day("discovered_on", discovered_on)?.filter(|_| closed.year() == self.overview.year)
                {
                    *self.days.entry((closed - discovered).num_days().max(0)).or_default() += 1;
                }
            }
        }
        Ok(())
    }

    fn end(self) -> Overview {
        let Gathering { overview, days, .. } = self;
        let middle = days.values().sum::<u64>().div_ceil(2);
        let mut seen = 0;
        let median = days.into_iter().find_map(|(days, cases)| {
            seen += cases;
            (seen >= middle && middle > 0).then_some(days)
        });
        Overview { median_days: median.and_then(|days| days.try_into().ok()), ..overview }
    }
}

/// Returns the month of a day as it is kept.
fn month_of(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

fn count(cases: i64) -> u64 {
    cases.try_into().unwrap_or(0)
}
