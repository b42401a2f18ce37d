//! Whether all is well: what `/readyz` says, how far log and ledger are, the last backup.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chrono::TimeDelta;
use rectify_kit::health::Checked;

use super::super::page::{Page, shown};
use super::super::visitor::{Away, Visitor};
use super::Administrator;
use crate::desk::Desk;

/// How old the last backup may be.
const FRESH: TimeDelta = TimeDelta::hours(26);

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/admin/health", get(show))
}

/// Whether all is well.
#[derive(Template)]
#[template(path = "admin/health.html")]
struct HealthPage {
    page: Page,
    is_ready: bool,
    checks: Vec<Line>,
    /// How far log and ledger are, and how many texts wait for the index; none where it cannot be told.
    head: Option<u64>,
    folded: Option<u64>,
    unindexed: Option<u64>,
    backup: Option<Made>,
    log: String,
    version: &'static str,
}

/// A check as one line.
struct Line {
    name: String,
    is_good: bool,
    reason: String,
}

/// The last backup.
struct Made {
    at: String,
    place: String,
    position: u64,
    is_fresh: bool,
}

async fn show(State(desk): State<Desk>, Administrator(visitor): Administrator) -> Result<Response, Away> {
    let Visitor { page, .. } = visitor;
    let readiness = desk.frame.health.readiness().await;
    let line = |check: Checked| Line {
        name: name_of(check.name, &page),
        is_good: check.ready,
        reason: check.reason.unwrap_or_default(),
    };
    let health = HealthPage {
        is_ready: readiness.ready,
        checks: readiness.checks.into_iter().map(line).collect(),
        head: desk.frame.log.head().await.ok(),
        folded: desk.ledger.checkpoint().await.ok(),
        unindexed: desk.ledger.unindexed().await.ok(),
        backup: desk.accounts.last_backup().await?.map(|backup| Made {
            at: page.moment(&backup.made),
            is_fresh: page.now - backup.made < FRESH,
            place: backup.place,
            position: backup.position,
        }),
        log: desk.frame.log.id().to_string(),
        version: env!("CARGO_PKG_VERSION"),
        page,
    };
    Ok(shown(StatusCode::OK, &health)?)
}

/// Returns what a check is of.
fn name_of(check: &str, page: &Page) -> String {
    match check {
        "log" | "bus" | "directory" | "ledger" | "relay" | "registrar" | "duplicates" | "seal" => {
            page.say(&format!("check-{check}"))
        }
        other => other.to_owned(),
    }
}
