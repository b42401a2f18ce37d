//! The overview (总览): where things stand, for leaders; every figure opens the list behind it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use chrono::Datelike as _;
use rectify_case::{Directory, PublicationKind, Stage, UnitId};
use rectify_ledger::{Lead, Month};

use super::as_of::{self, Moment, Replaying};
use super::form::{Fields, query_of};
use super::ledger::{division_name, source_name};
use super::page::{Page, shown};
use super::past::Past;
use super::visitor::{Away, Visitor};
use crate::api::publications::publishing;
use crate::desk::Desk;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/overview", get(show))
}

/// Where things stand.
#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    page: Page,
    figures: Vec<Figure>,
    months: Vec<MonthShown>,
    by_stage: Vec<Count>,
    by_source: Vec<Count>,
    by_division: Vec<Count>,
    by_outcome: Vec<Count>,
    stages: Vec<String>,
    leads: Vec<LeadShown>,
    year: i32,
    /// The address at which the notice is published; none for whoever may not.
    publish: Option<String>,
    position: u64,
    replaying: Replaying,
}

/// One figure, large.
struct Figure {
    said: String,
    number: String,
    href: String,
    style: &'static str,
}

/// A month of the chart: what opened and what closed, as bars of a hundred.
struct MonthShown {
    said: String,
    x: usize,
    opened_said: String,
    opened: u64,
    opened_height: u64,
    opened_href: String,
    closed_said: String,
    closed: u64,
    closed_height: u64,
    closed_href: String,
}

/// How many cases there are of one kind, as a bar of a hundred beside the number.
struct Count {
    said: String,
    number: u64,
    href: String,
    width: u64,
}

/// How far a unit is: a line of the notice (通报).
struct LeadShown {
    name: String,
    href: String,
    by_stage: Vec<Cell>,
    overdue: Cell,
    oldest: String,
    closed: Cell,
    returned: Cell,
    reopened: Cell,
}

/// A number with the list behind it.
struct Cell {
    number: u64,
    href: String,
}

/// The stages that the notice tells apart.
pub(crate) const STAGES: [Stage; 5] =
    [Stage::Assigned, Stage::Rectifying, Stage::Reported, Stage::Verified, Stage::Closed];

/// The lists behind the figures, as of the same moment.
struct Behind(Option<Moment>);

impl Behind {
    /// Returns the address of the list behind a figure.
    fn list(&self, conditions: &[(&str, &str)]) -> String {
        let address = format!("/ledger?{}", query_of(conditions));
        self.as_of(address)
    }

    /// Returns the address at which the notice is published.
    fn notice(&self) -> String {
        self.as_of(format!("/publish?{}", query_of(&[("kind", PublicationKind::Notice.name())])))
    }

    fn as_of(&self, address: String) -> String {
        match &self.0 {
            Some(moment) => moment.of(&address),
            None => address,
        }
    }
}

async fn show(
    State(desk): State<Desk>,
    Extension(past): Extension<Past>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let (page, book) = as_of::open(&desk, &past, &caller, page, &asked, "/overview").await?;
    let behind = &Behind(book.moment.clone());
    let year = page.today().year();
    let found = book.ledger.overview(&book.viewer, year, book.at).await?;
    let (counts, directory) = (&found.counts, &caller.directory);
    let most = found.months.iter().map(|month| month.registered.max(month.closed)).max().unwrap_or(1).max(1);
    let by_stage =
        counts.by_stage.iter().map(|(stage, n)| (page.stage(stage), *n, behind.list(&[("stage", stage.name())])));
    let by_source = counts.by_source.iter();
    let by_source =
        by_source.map(|(code, n)| (source_name(code, directory), *n, behind.list(&[("source", code.as_str())])));
    let by_division = counts.by_division.iter();
    let by_division = by_division
        .map(|(code, n)| (division_name(code, directory), *n, behind.list(&[("division_itself", code.as_str())])));
    let by_outcome = counts.by_outcome.iter().map(|(outcome, n)| {
        (page.outcome_kind(outcome), *n, behind.list(&[("outcome", outcome.name()), ("declared", "false")]))
    });
    let leads = in_order(&found.leads, directory);
    let overview = Overview {
        figures: figures(&found, &page, behind),
        months: found
            .months
            .iter()
            .enumerate()
            .map(|(at, month)| MonthShown::of(at, month, most, &page, behind))
            .collect(),
        by_stage: bars(by_stage),
        by_source: bars(by_source),
        by_division: bars(by_division),
        by_outcome: bars(by_outcome),
        stages: STAGES.iter().map(|stage| page.stage(stage)).collect(),
        leads: leads
            .into_iter()
            .map(|(unit, lead)| LeadShown::of(unit, directory.unit_name(unit), lead, year, behind))
            .collect(),
        year,
        publish: (publishing(&caller).is_ok() && book.is_recorded()).then(|| behind.notice()),
        position: counts.position,
        replaying: book.replaying(&page, "/overview", &asked),
        page,
    };
    Ok(shown(StatusCode::OK, &overview)?)
}

/// Returns how far the units are, what is most late first.
pub(crate) fn in_order<'a>(leads: &'a BTreeMap<UnitId, Lead>, directory: &Directory) -> Vec<(UnitId, &'a Lead)> {
    let mut leads: Vec<(UnitId, &Lead)> = leads.iter().map(|(unit, lead)| (*unit, lead)).collect();
    leads.sort_by_key(|(unit, lead)| (Reverse(lead.overdue), Reverse(live(lead)), directory.unit_name(*unit)));
    leads
}

fn live(lead: &Lead) -> u64 {
    lead.by_stage.iter().filter(|(stage, _)| !stage.is_final() && **stage != Stage::Grouped).map(|(_, n)| *n).sum()
}

/// Returns the conditions of what was closed in a year and proved here.
fn closed_in(year: i32) -> [(&'static str, String); 3] {
    [("closed_from", format!("{year}-01-01")), ("closed_to", format!("{year}-12-31")), ("declared", "false".to_owned())]
}

fn figures(found: &rectify_ledger::Overview, page: &Page, behind: &Behind) -> Vec<Figure> {
    let figure = |name: &str, number: String, href: String, style| Figure {
        said: page.say(&format!("figure-{name}")),
        number,
        href,
        style,
    };
    let count = |name: &str, number: u64, conditions: &[(&str, &str)], style| {
        figure(name, number.to_string(), behind.list(conditions), style)
    };
    let counts = &found.counts;
    let late = if counts.overdue > 0 { "late" } else { "" };
    let closed = closed_in(found.year);
    let closed: Vec<(&str, &str)> = closed.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut figures = vec![
        count("live", counts.live, &[("live", "true"), ("sort", "due")], ""),
        count("overdue", counts.overdue, &[("overdue", "true"), ("sort", "due")], late),
        count("closed", found.closed, &closed, "done"),
    ];
    if let Some(days) = found.median_days {
        figures.push(figure("median", page.say_of("figure-days", "n", days), behind.list(&closed), ""));
    }
    figures.push(figure("returned", share(found.returned, counts.total), behind.list(&[("returned", "true")]), ""));
    figures.push(figure(
        "reopened",
        share(found.reopened, found.ever_closed),
        behind.list(&[("reopened", "true")]),
        "",
    ));
    figures
}

/// Returns how many of a hundred these are, rounded.
fn share(part: u64, whole: u64) -> String {
    let percent = part.saturating_mul(200).saturating_add(whole).checked_div(whole.saturating_mul(2)).unwrap_or(0);
    format!("{percent} %")
}

impl MonthShown {
    fn of(at: usize, month: &Month, most: u64, page: &Page, behind: &Behind) -> MonthShown {
        let name = month.first.format("%-m").to_string();
        let (first, last) = (month.first.to_string(), month.last.to_string());
        MonthShown {
            said: page.say_of("overview-month", "month", name.as_str()),
            opened_said: page.say_two("overview-opened", ("month", name.as_str()), ("n", month.registered)),
            closed_said: page.say_two("overview-closed", ("month", name.as_str()), ("n", month.closed)),
            x: at * 50,
            opened: month.registered,
            opened_height: month.registered * 100 / most,
            opened_href: behind.list(&[("registered_from", &first), ("registered_to", &last)]),
            closed: month.closed,
            closed_height: month.closed * 100 / most,
            closed_href: behind.list(&[("closed_from", &first), ("closed_to", &last), ("declared", "false")]),
        }
    }
}

impl LeadShown {
    fn of(unit: UnitId, name: String, lead: &Lead, year: i32, behind: &Behind) -> LeadShown {
        let unit = unit.to_string();
        let cell = |number: u64, more: &[(&str, &str)]| {
            let conditions: Vec<(&str, &str)> = [("lead", unit.as_str())].iter().chain(more).copied().collect();
            Cell { number, href: behind.list(&conditions) }
        };
        let by_stage =
            STAGES.iter().map(|stage| cell(lead.by_stage.get(stage).copied().unwrap_or(0), &[("stage", stage.name())]));
        let closed = closed_in(year);
        let closed: Vec<(&str, &str)> = closed.iter().map(|(name, value)| (*name, value.as_str())).collect();
        LeadShown {
            href: behind.list(&[("lead", &unit)]),
            by_stage: by_stage.collect(),
            overdue: cell(lead.overdue, &[("overdue", "true"), ("sort", "due")]),
            oldest: lead.oldest_overdue_days.map(|days| days.to_string()).unwrap_or_default(),
            closed: cell(lead.closed, &closed),
            returned: cell(lead.returned, &[("returned", "true")]),
            reopened: cell(lead.reopened, &[("reopened", "true")]),
            name,
        }
    }
}

/// Returns counts as bars, the longest of a hundred.
fn bars(counts: impl Iterator<Item = (String, u64, String)>) -> Vec<Count> {
    let counts: Vec<_> = counts.collect();
    let most = counts.iter().map(|(_, number, _)| *number).max().unwrap_or(1).max(1);
    let count = |(said, number, href)| Count { said, number, href, width: number * 100 / most };
    counts.into_iter().map(count).collect()
}
