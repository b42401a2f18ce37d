//! Filling in off line (离线填报): a responsible unit takes its open cases away as a workbook, fills it in, and hands it back.
//! What it would report is shown row by row, and reported when it is confirmed, each row by itself.

mod columns;
mod judged;
mod row;
mod sent;
mod sheet;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use futures::StreamExt as _;
use rectify_case::{Case, Refusal, Role, Stage, UnitId};
use rectify_ledger::{Filter, Sort, SortBy, Wanted};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use self::judged::{Confirmed, Judged, Standing, blame_doubles, judged, reporter, told};
use self::sent::NotTaken;
use self::sheet::Task;
use super::act::name_of;
use super::handed::Handed;
use super::ledger::WORKBOOK;
use super::page::{Page, shown};
use super::sign_in::SHOW;
use super::visitor::{Away, Posted, Visitor};
use crate::api::asked::own_key;
use crate::api::case;
use crate::api::commands::{self, Wanted as Command, do_wanted};
use crate::api::evidence::file_headers;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::sight::Sight;

/// The most cases that a workbook has.
const MOST: usize = 500;

/// How many cases are asked for at once.
const LONGEST_PAGE: u32 = 1_000;

/// How large a workbook may be that comes back, and what is confirmed of it.
const LARGEST: usize = 8 << 20;

/// How many rows are worked on at once.
const AT_ONCE: usize = 16;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/fill-in", get(show).post(look))
        .route("/fill-in/workbook", get(workbook))
        .route("/fill-in/confirm", post(confirm))
        .layer(DefaultBodyLimit::max(LARGEST))
}

/// Where the workbook is had, and handed back.
#[derive(Template)]
#[template(path = "fill_in.html")]
struct FillIn {
    page: Page,
    /// How many cases the workbook has.
    tasks: usize,
    /// Why the file that was handed back is not taken.
    refused: Option<String>,
}

/// What came back, held against the cases.
#[derive(Template)]
#[template(path = "fill_in_seen.html")]
struct Seen {
    page: Page,
    name: String,
    rows: Vec<Judged>,
    ready: usize,
    moved: usize,
    short: usize,
    wrong: usize,
    reported: usize,
    unchanged: usize,
}

/// What came of it.
#[derive(Template)]
#[template(path = "fill_in_done.html")]
struct Done {
    page: Page,
    rows: Vec<Outcome>,
    reported: usize,
    failed: usize,
}

/// What came of a row.
struct Outcome {
    row: u64,
    number: String,
    title: String,
    href: Option<String>,
    acts: Vec<Act>,
}

/// What came of a command.
struct Act {
    said: String,
    is_done: bool,
    /// Why it was not done, and what happened since.
    why: Vec<String>,
}

impl Seen {
    fn standing(&self, row: &Judged) -> (&'static str, String) {
        let (style, name) = match row.standing {
            Standing::Ready => ("go", "fill-is-ready"),
            Standing::Moved => ("check", "fill-is-moved"),
            Standing::Short => ("check", "fill-is-short"),
            Standing::Wrong => ("late", "fill-is-wrong"),
            Standing::Reported => ("done", "fill-is-reported"),
            Standing::Unchanged => ("", "fill-is-unchanged"),
        };
        (style, self.page.say(name))
    }

    fn can_be_reported(&self) -> bool {
        self.ready + self.moved + self.short > 0
    }
}

/// Returns whether somebody reports for a responsible unit.
pub(super) fn fills_in(caller: &Caller) -> bool {
    !caller.capacities(|role| role == Role::Handler).is_empty()
}

fn handler(caller: &Caller) -> Result<(), Error> {
    if fills_in(caller) { Ok(()) } else { Err(Refusal::RoleMayNot.into()) }
}

async fn show(State(desk): State<Desk>, visitor: Visitor) -> Result<Response, Away> {
    Ok(page(&desk, visitor, None).await?)
}

async fn page(desk: &Desk, visitor: Visitor, refused: Option<String>) -> Result<Response, Error> {
    let Visitor { caller, page, .. } = visitor;
    handler(&caller)?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let tasks = tasks(desk, &caller).await?.len();
    shown(status, &FillIn { page, tasks, refused })
}

/// Returns the cases that are being rectified and that who acts reports on, the most urgent first.
async fn tasks(desk: &Desk, caller: &Caller) -> Result<Vec<Task>, Error> {
    let mut wanted = Wanted {
        filter: Filter { stage: vec![Stage::Rectifying], ..Filter::default() },
        sort: Sort { by: SortBy::Due, descending: false },
        limit: LONGEST_PAGE,
        ..Wanted::default()
    };
    let viewer = caller.viewer();
    let mut tasks = Vec::new();
    loop {
        let found = desk.ledger.list(&viewer, &wanted, caller.now).await?;
        let cases = desk.ledger.behind(&found.rows).await?;
        let task = |case: Case| spoken_for(caller, &case).map(|unit| Task { case, unit });
        tasks.extend(cases.into_iter().filter_map(task));
        wanted.cursor = found.next;
        if tasks.len() >= MOST || wanted.cursor.is_none() {
            tasks.truncate(MOST);
            return Ok(tasks);
        }
    }
}

/// Returns the unit for which who acts reports on a case: a lead before one that helps.
fn spoken_for(caller: &Caller, case: &Case) -> Option<UnitId> {
    let capacities = caller.capacities(|role| role == Role::Handler);
    let speaks = |unit: &UnitId| capacities.iter().any(|actor| caller.directory.belongs(actor.unit, *unit));
    let mut leads = case.assignment.iter().flat_map(|assignment| assignment.leads.iter().copied());
    leads.find(speaks).or_else(|| case.responsible().find(speaks))
}

async fn workbook(State(desk): State<Desk>, visitor: Visitor) -> Result<Response, Away> {
    let Visitor { caller, page, .. } = visitor;
    handler(&caller)?;
    let tasks = tasks(&desk, &caller).await?;
    let log = desk.frame.log.id();
    let posts = page.who.as_ref().map(|who| who.posts.join(&page.say("list-comma"))).unwrap_or_default();
    let about = page.say_two("fill-about", ("who", posts), ("moment", page.moment(&page.now)));
    let name = format!("{} {}.xlsx", page.say("fill-title"), page.today());
    let made = tokio::task::spawn_blocking(move || sheet::of(&tasks, &about, log, &page));
    let bytes = made.await.map_err(|error| Error::Internal(error.into()))?;
    let bytes = bytes.map_err(|error| Error::Internal(error.into()))?;
    let size = u64::try_from(bytes.len()).unwrap_or(0);
    Ok((file_headers(&name, WORKBOOK, size), bytes).into_response())
}

async fn look(State(desk): State<Desk>, handed: Handed) -> Result<Response, Away> {
    let Handed { visitor, file, .. } = handed;
    handler(&visitor.caller)?;
    let log = desk.frame.log.id();
    let name = file.as_ref().map(|file| file.name.clone()).unwrap_or_default();
    let read = match file {
        Some(file) => tokio::task::spawn_blocking(move || sent::read(&file, log))
            .await
            .map_err(|error| Error::Internal(error.into()))?,
        None => Err(NotTaken::Nothing),
    };
    let rows = match read {
        Ok(rows) => rows,
        Err(error) => {
            let said = error.said(&visitor.page);
            return Ok(page(&desk, visitor, Some(said)).await?);
        }
    };
    let Visitor { caller, page, .. } = visitor;
    let each: Vec<_> = rows.iter().map(|row| judged(&desk, &caller, &page, row)).collect();
    let held: Vec<Result<Judged, Error>> = futures::stream::iter(each).buffered(AT_ONCE).collect().await;
    let mut held = held.into_iter().collect::<Result<Vec<Judged>, Error>>()?;
    blame_doubles(&rows, &mut held, &page);
    let count = |standing| held.iter().filter(|row| row.standing == standing).count();
    let (ready, moved, wrong) = (count(Standing::Ready), count(Standing::Moved), count(Standing::Wrong));
    let (short, reported) = (count(Standing::Short), count(Standing::Reported));
    let unchanged = count(Standing::Unchanged);
    held.retain(|row| row.standing != Standing::Unchanged);
    let seen = Seen { page, name, rows: held, ready, moved, short, wrong, reported, unchanged };
    Ok(shown(StatusCode::OK, &seen)?)
}

async fn confirm(State(desk): State<Desk>, posted: Posted) -> Result<Response, Away> {
    let Posted { visitor: Visitor { caller, page, .. }, fields } = posted;
    handler(&caller)?;
    // Whoever had to sign in meanwhile looks again first.
    if fields.get(SHOW).is_some() {
        return Ok(Redirect::to("/fill-in").into_response());
    }
    let rows = fields.0.iter().filter(|(name, _)| name == "row").map(|(_, value)| serde_json::from_str(value));
    let rows = rows.collect::<Result<Vec<Confirmed>, _>>();
    let rows = rows.map_err(|error| Error::Detailed(Code::BadBody, error.to_string()))?;
    let each: Vec<_> = rows.iter().map(|row| report(&desk, &caller, &page, row)).collect();
    let reported: Vec<Result<(Outcome, u64), Error>> = futures::stream::iter(each).buffered(AT_ONCE).collect().await;
    let reported = reported.into_iter().collect::<Result<Vec<_>, Error>>()?;
    desk.shows(reported.iter().map(|(_, position)| *position).max().unwrap_or(0)).await?;
    let rows: Vec<Outcome> = reported.into_iter().map(|(result, _)| result).collect();
    let (good, bad): (Vec<&Act>, Vec<&Act>) = rows.iter().flat_map(|row| &row.acts).partition(|act| act.is_done);
    let (reported, failed) = (good.len(), bad.len());
    Ok(shown(StatusCode::OK, &Done { page, rows, reported, failed })?)
}

/// Reports what a row says. Returns what came of it, and up to where the log tells it.
async fn report(desk: &Desk, caller: &Caller, page: &Page, row: &Confirmed) -> Result<(Outcome, u64), Error> {
    let reporter = Caller { who: reporter(caller, row.unit), ..caller.clone() };
    let (mut seen, mut position, mut acts) = (row.seen, 0, Vec::new());
    for (name, data) in row.commands() {
        let key = key(row, name, data, &reporter)?;
        let case = row.case.to_string();
        let wanted = Command { case, name, data: data.clone(), key: Some(key), seen: Some(seen), late: None };
        match do_wanted(desk, &reporter, wanted).await {
            Ok(answer) => {
                (seen, position) = (answer.version, position.max(commands::position(&answer)));
                acts.push(Act { said: page.act(name), is_done: true, why: Vec::new() });
            }
            Err(error @ (Error::Unavailable(_) | Error::Internal(_))) => return Err(error),
            Err(error) => {
                let mut why = vec![error.in_language(page.language)];
                if let Error::With(_, more) = error {
                    let since = Sight::of(desk, caller).events(more.since).await?;
                    why.extend(since.iter().flat_map(|event| told(event, caller, page)));
                }
                acts.push(Act { said: page.act(name), is_done: false, why });
                // What is reported as fixed follows what is told of how far it is.
                break;
            }
        }
    }
    let (number, title, href) = match case::load(desk, caller, &row.case.to_string()).await {
        Ok((case, _)) => (name_of(&case, page), case.title.clone(), Some(format!("/cases/{}", case.id))),
        Err(_) => (String::new(), String::new(), None),
    };
    Ok((Outcome { row: row.row, number, title, href, acts }, position))
}

/// Returns the key under which a row is reported: the same for the same row, however often it is sent.
fn key(row: &Confirmed, name: &str, data: &Value, caller: &Caller) -> Result<String, Error> {
    let lent = caller.who.on_behalf_of.map(|other| other.to_string()).unwrap_or_default();
    let digest = Sha256::digest(format!("{}\n{}\n{lent}\n{name}\n{data}", row.case, row.seen));
    own_key(&format!("fill-in/{}", hex::encode(digest)), caller)
}
