//! The overview (总览): where things stand, for leaders; every figure opens the list behind it.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rectify_case::Stage;

use super::ledger::{division_name, source_name};
use super::page::{Page, shown};
use super::visitor::{Away, Visitor};
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
    by_stage: Vec<Count>,
    by_source: Vec<Count>,
    by_division: Vec<Count>,
    by_lead: Vec<Count>,
    by_outcome: Vec<Count>,
    position: u64,
}

/// One figure, large.
struct Figure {
    said: String,
    number: u64,
    href: String,
    style: &'static str,
}

/// How many cases there are of one kind, as a bar of a hundred beside the number.
struct Count {
    said: String,
    number: u64,
    href: String,
    width: u64,
}

async fn show(State(desk): State<Desk>, Visitor { caller, page, .. }: Visitor) -> Result<Response, Away> {
    let counts = desk.ledger.counts(&caller.viewer(), caller.now).await?;
    let directory = &caller.directory;
    let closed = counts.by_stage.get(&Stage::Closed).copied().unwrap_or(0);
    let figure = |name: &str, number, href: &str, style| Figure {
        said: page.say(&format!("figure-{name}")),
        number,
        href: href.to_owned(),
        style,
    };
    let figures = vec![
        figure("total", counts.total, "/ledger", ""),
        figure("live", counts.live, "/ledger?live=true&sort=due", ""),
        figure(
            "overdue",
            counts.overdue,
            "/ledger?overdue=true&sort=due",
            if counts.overdue > 0 { "late" } else { "" },
        ),
        figure("closed", closed, "/ledger?stage=closed&sort=-updated", "done"),
    ];
    let overview = Overview {
        figures,
        by_stage: bars(counts.by_stage.iter().map(|(stage, n)| (page.stage(stage), *n, query("stage", stage.name())))),
        by_source: bars(
            counts.by_source.iter().map(|(code, n)| (source_name(code, directory), *n, query("source", code.as_str()))),
        ),
        by_division: bars(
            counts
                .by_division
                .iter()
                .map(|(code, n)| (division_name(code, directory), *n, query("division", code.as_str()))),
        ),
        by_lead: most(bars(
            counts.by_lead.iter().map(|(unit, n)| (directory.unit_name(*unit), *n, query("unit", &unit.to_string()))),
        )),
        by_outcome: bars(
            counts
                .by_outcome
                .iter()
                .map(|(outcome, n)| (page.outcome_kind(outcome), *n, query("outcome", outcome.name()))),
        ),
        position: counts.position,
        page,
    };
    Ok(shown(StatusCode::OK, &overview)?)
}

fn query(name: &str, value: &str) -> String {
    format!("/ledger?{}", super::form::query_of(&[(name, value)]))
}

/// Returns counts as bars, the longest of a hundred.
fn bars(counts: impl Iterator<Item = (String, u64, String)>) -> Vec<Count> {
    let counts: Vec<_> = counts.collect();
    let most = counts.iter().map(|(_, number, _)| *number).max().unwrap_or(1).max(1);
    let count = |(said, number, href)| Count { said, number, href, width: number * 100 / most };
    counts.into_iter().map(count).collect()
}

/// Returns the units with most cases first.
fn most(mut counts: Vec<Count>) -> Vec<Count> {
    counts.sort_by_key(|count| std::cmp::Reverse(count.number));
    counts
}
