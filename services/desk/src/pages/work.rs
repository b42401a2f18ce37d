//! My work (待办): what waits for whoever looks, most urgent first, with the one thing to do next as a button.

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use rectify_case::{Command, Role};
use rectify_ledger::{Act, Row, Waits};

use super::fill_in::fills_in;
use super::form::{Fields, query_of};
use super::ledger::Line;
use super::page::{Page, shown};
use super::visitor::{Away, Visitor};
use crate::api::waiting::waiting_for;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// What is said under it of an act after which a case is no longer to be seen.
pub(super) const DONE: &str = "done";

/// How many cases a page has.
const ROWS: u32 = 50;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/", get(list))
}

/// What waits.
#[derive(Template)]
#[template(path = "work.html")]
struct Work {
    page: Page,
    all: Waits,
    kinds: Vec<KindShown>,
    /// Which act alone is shown.
    only: Option<Act>,
    waiting: Vec<WaitingLine>,
    next: Option<String>,
    /// Whether who looks may fill in off line.
    fills_in: bool,
    /// What was done to a case that is no longer theirs.
    done: Option<String>,
}

/// An act, and how many cases wait for it.
struct KindShown {
    act: Act,
    said: String,
    href: String,
    waits: Waits,
}

/// A case that waits, with what is to be done.
struct WaitingLine {
    line: Line,
    /// Whether it is the most urgent.
    is_first: bool,
    /// The acts it waits for: what each is called, and where it is done.
    acts: Vec<(String, String)>,
}

async fn list(
    State(desk): State<Desk>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let only = match asked.text("act") {
        "" => None,
        name => {
            let act = Act::ALL.into_iter().find(|act| act.name() == name);
            Some(act.ok_or_else(|| Error::Detailed(Code::BadRequest, "act".to_owned()))?)
        }
    };
    let Some(waiting) = page.who.as_ref().and_then(|who| who.waiting.clone()) else {
        let first = if caller.administrator().is_ok() { "/admin/units" } else { "/overview" };
        return Ok(Redirect::to(first).into_response());
    };
    let cursor = Some(asked.text("cursor").to_owned()).filter(|cursor| !cursor.is_empty());
    let found = waiting_for(&desk, &caller, only, cursor, ROWS).await?;
    let said = |act: Act| page.say(&format!("wait-{}", act.name().replace('_', "-")));
    let kinds = waiting.by_act.iter().map(|(act, waits)| KindShown {
        act: *act,
        said: said(*act),
        href: format!("/?act={}", act.name()),
        waits: *waits,
    });
    let line = |(at, row): (usize, &Row)| WaitingLine {
        is_first: at == 0,
        line: Line::of(row, &page, &caller.directory),
        acts: row
            .waits
            .iter()
            .map(|wait| (said(wait.act), format!("/cases/{}/{}", row.id, wait.act.command())))
            .collect(),
    };
    let act = only.map_or("", Act::name);
    let done = Command::NAMES.iter().find(|command| **command == asked.text(DONE));
    let work = Work {
        all: waiting.all,
        kinds: kinds.collect(),
        only,
        waiting: found.rows.iter().enumerate().map(line).collect(),
        fills_in: fills_in(&caller),
        done: done.map(|command| page.say_of("work-done", "act", page.act(command))),
        next: found.next.map(|next| format!("/?{}", query_of(&[("act", act), ("cursor", &next)]))),
        page,
    };
    Ok(shown(StatusCode::OK, &work)?)
}

/// Returns whether cases ever wait for somebody: not for those who only look on, keep the units or send findings.
pub(super) fn works(caller: &Caller) -> bool {
    let looks_on = |role| matches!(role, Role::Auditor | Role::Administrator | Role::SourceSystem);
    !caller.capacities(|role| !looks_on(role)).is_empty()
}
