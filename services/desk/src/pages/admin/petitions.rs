//! The keys of petitions: which are held to storage only, wait for a second administrator or are deleted; and those of one.

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use rectify_case::custody::Step;
use rectify_case::{Case, CaseNumber, Custody, FindingId};
use rectify_kit::custody;

use super::super::entry::{Again, Entry, Reading, Undone};
use super::super::form::Fields;
use super::super::page::{Page, shown};
use super::super::visitor::{Away, Posted, Visitor};
use super::{Administered, Administrator};
use crate::api::asked::own_key;
use crate::api::custody::{Known, Told, Wish, ask, known};
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// How many petitions a page shows.
const LINES: usize = 200;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/admin/petitions", get(list))
        .route("/admin/petitions/{petition}", get(show))
        .route("/admin/petitions/{petition}/propose", get(show).post(propose))
        .route("/admin/petitions/{petition}/approve", get(show).post(approve))
        .route("/admin/petitions/{petition}/decline", get(show).post(decline))
        .route("/admin/petitions/{petition}/hold", get(show).post(hold))
        .route("/admin/petitions/{petition}/release", get(show).post(release))
}

/// The petitions of which anything was decided that still holds.
#[derive(Template)]
#[template(path = "admin/petitions.html")]
struct Petitions {
    page: Page,
    asked: String,
    /// Why what was asked for is not shown.
    refused: Option<String>,
    lines: Vec<Line>,
}

/// A petition as one line.
struct Line {
    href: String,
    name: String,
    state: String,
    is_done: bool,
    /// The step that it rests on.
    step: StepShown,
}

/// A step as it is shown.
pub(in super::super) struct StepShown {
    pub(in super::super) what: String,
    pub(in super::super) who: String,
    pub(in super::super) when: String,
    pub(in super::super) reason: String,
    pub(in super::super) position: u64,
}

impl StepShown {
    pub(in super::super) fn of(what: &str, step: &Step, page: &Page, caller: &Caller) -> StepShown {
        let Told { position, recorded, who, reason } = Told::of(step, caller);
        StepShown {
            what: page.say(&format!("custody-step-{what}")),
            who: page.somebody(&who),
            when: page.moment(&recorded),
            reason: reason.unwrap_or_default(),
            position,
        }
    }
}

/// The keys of one petition.
#[derive(Template)]
#[template(path = "admin/petition.html")]
struct OnePetition {
    page: Page,
    name: String,
    finding: FindingId,
    state: String,
    steps: Vec<StepShown>,
    /// What stands in the way of deciding.
    notes: Vec<String>,
    certificate: Option<String>,
    entries: Vec<Entry>,
}

async fn list(
    State(desk): State<Desk>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let Visitor { caller, page, .. } = visitor;
    let asked = Fields::read(query.unwrap_or_default().as_bytes()).text("petition").to_owned();
    let mut refused = None;
    if !asked.is_empty() {
        match known(&desk, &caller, &asked).await {
            Ok(known) => return Ok(back_to(&known.custody.finding.to_string())),
            Err(error @ Error::Code(Code::NothingSealed | Code::WhichPetition)) => {
                refused = Some(error.in_language(page.language));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut lines = Vec::new();
    for custody in custody::load_all(&desk.frame.log).await? {
        let cases = custody::cases_of(&desk.frame.log, custody.finding).await?;
        let is_kept = |(case, _): &(Case, _)| caller.is_kept_from(case);
        let number = cases.iter().find_map(|(case, _)| case.number.clone());
        if !cases.iter().any(is_kept) {
            lines.extend(line(&custody, number.as_ref(), &page, &caller));
        }
    }
    // What waits for somebody comes first, and of all the latest.
    lines.sort_by_key(|line| (line.is_done, std::cmp::Reverse(line.step.position)));
    lines.truncate(LINES);
    let status = if refused.is_some() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    Ok(shown(status, &Petitions { page, asked, refused, lines })?)
}

/// Returns a petition as a line; none where nothing that was decided holds any more.
fn line(custody: &Custody, number: Option<&CaseNumber>, page: &Page, caller: &Caller) -> Option<Line> {
    let finding = custody.finding;
    let Custody { hold, proposal, approval, erasure, .. } = custody;
    let (what, step) = match (erasure, approval, hold, proposal) {
        (Some(step), ..) => ("erase", step),
        (None, Some(step), ..) => ("approve", step),
        (None, None, Some(step), _) => ("hold", step),
        (None, None, None, Some(step)) => ("propose", step),
        (None, None, None, None) => return None,
    };
    Some(Line {
        href: format!("/admin/petitions/{finding}"),
        name: named(finding, number),
        state: state(custody, page),
        is_done: erasure.is_some(),
        step: StepShown::of(what, step, page, caller),
    })
}

/// Returns what a petition is called without saying anything of it.
fn named(finding: FindingId, number: Option<&CaseNumber>) -> String {
    number.map_or_else(|| finding.to_string(), ToString::to_string)
}

fn state(custody: &Custody, page: &Page) -> String {
    let Custody { hold, proposal, approval, erasure, .. } = custody;
    page.say(match (erasure, approval, hold, proposal) {
        (Some(_), ..) => "custody-erased",
        (None, Some(_), ..) => "custody-unfinished",
        (None, None, Some(_), _) => "custody-held",
        (None, None, None, Some(_)) => "custody-waiting",
        (None, None, None, None) => "custody-free",
    })
}

async fn show(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Administrator(visitor): Administrator,
) -> Result<Response, Away> {
    let known = known(&desk, &visitor.caller, &name).await?;
    Ok(shown(StatusCode::OK, &one(&known, visitor, &Again::default()))?)
}

fn one(known: &Known, visitor: Visitor, again: &Again) -> OnePetition {
    let Visitor { caller, page, .. } = visitor;
    let custody = &known.custody;
    let Custody { finding, hold, proposal, approval, erasure, .. } = custody;
    let steps = [("hold", hold), ("propose", proposal), ("approve", approval), ("erase", erasure)];
    let steps = steps
        .into_iter()
        .filter_map(|(what, step)| step.as_ref().map(|step| StepShown::of(what, step, &page, &caller)));
    let mut steps: Vec<StepShown> = steps.collect();
    steps.sort_by_key(|step| step.position);
    let is_own = proposal.as_ref().is_some_and(|step| step.actor.person == caller.who.person);
    let (mut notes, mut entries) = (Vec::new(), Vec::new());
    if erasure.is_none() {
        if approval.is_some() {
            entries.push(entry(&page, *finding, "approve", "custody-finish", again).main());
        } else {
            match (proposal.is_some(), is_own, hold.is_some()) {
                (true, true, _) => notes.push(page.say("custody-own")),
                (true, false, true) => {
                    notes.push(page.say("custody-blocked"));
                    entries.push(reasoned(&page, *finding, "decline", again));
                }
                (true, false, false) => {
                    entries.push(entry(&page, *finding, "approve", "custody-approve", again).main());
                    entries.push(reasoned(&page, *finding, "decline", again));
                }
                (false, _, false) => entries.push(reasoned(&page, *finding, "propose", again)),
                (false, _, true) => {}
            }
            entries.push(reasoned(&page, *finding, if hold.is_some() { "release" } else { "hold" }, again));
        }
    }
    OnePetition {
        name: named(*finding, known.number.as_ref()),
        finding: *finding,
        state: state(custody, &page),
        steps,
        notes,
        certificate: erasure.is_some().then(|| format!("/petitions/{finding}/certificate")),
        entries,
        page,
    }
}

fn entry(page: &Page, finding: FindingId, form: &'static str, said: &str, again: &Again) -> Entry {
    let action = format!("/admin/petitions/{finding}/{form}");
    let lead = page.say(&format!("{said}-lead"));
    Entry::new(page, form, action, page.say(said), again).lead(lead)
}

/// Returns a form that asks for a reason.
fn reasoned(page: &Page, finding: FindingId, form: &'static str, again: &Again) -> Entry {
    entry(page, finding, form, &format!("custody-{form}"), again).line("reason", page.say("field-reason"), true)
}

async fn propose(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Administered(posted): Administered,
) -> Result<Response, Away> {
    answered(&desk, &name, posted, "propose", Wish::Propose).await
}

async fn decline(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Administered(posted): Administered,
) -> Result<Response, Away> {
    answered(&desk, &name, posted, "decline", Wish::Decline).await
}

async fn hold(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Administered(posted): Administered,
) -> Result<Response, Away> {
    answered(&desk, &name, posted, "hold", Wish::Hold).await
}

async fn release(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Administered(posted): Administered,
) -> Result<Response, Away> {
    answered(&desk, &name, posted, "release", Wish::Release).await
}

async fn approve(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    Administered(posted): Administered,
) -> Result<Response, Away> {
    let reading = Reading::of(&posted.visitor.page, &posted.fields);
    let done = match reading.asked(Some(Wish::Approve)) {
        Ok(wish) => wanted(&desk, &posted, &name, wish).await,
        Err(undone) => Err(undone),
    };
    answer(&desk, &name, posted, "approve", done).await
}

/// Does what a form with a reason asks.
async fn answered(
    desk: &Desk,
    name: &str,
    posted: Posted,
    form: &'static str,
    wish: fn(String) -> Wish,
) -> Result<Response, Away> {
    let mut reading = Reading::of(&posted.visitor.page, &posted.fields);
    let reason = reading.required("reason");
    let done = match reading.asked(reason) {
        Ok(reason) => wanted(desk, &posted, name, wish(reason)).await,
        Err(undone) => Err(undone),
    };
    answer(desk, name, posted, form, done).await
}

async fn wanted(desk: &Desk, posted: &Posted, name: &str, wish: Wish) -> Result<(), Undone> {
    let caller = &posted.visitor.caller;
    let key = own_key(posted.fields.text("key"), caller)?;
    ask(desk, caller, &key, name, wish).await?;
    Ok(())
}

/// Leads back to the petition when what a form asks was done, or shows the form again.
async fn answer(
    desk: &Desk,
    name: &str,
    posted: Posted,
    form: &'static str,
    done: Result<(), Undone>,
) -> Result<Response, Away> {
    let Err(undone) = done else { return Ok(back_to(name)) };
    let Posted { visitor, fields } = posted;
    let again = Again::after(form, fields, undone, &visitor.page)?;
    let known = known(desk, &visitor.caller, name).await?;
    Ok(shown(again.status(), &one(&known, visitor, &again))?)
}

fn back_to(name: &str) -> Response {
    Redirect::to(&format!("/admin/petitions/{name}")).into_response()
}
