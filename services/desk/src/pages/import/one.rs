//! What was brought: what its columns mean, what would come of it, how far it is, what came of it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use futures::Stream;
use rectify_intake::{HandIn, ImportError, Progress, Split, WayError};
use serde_json::json;
use tokio::sync::watch;

use super::super::form::Fields;
use super::super::page::{Page, shown};
use super::super::visitor::{Away, Posted, Visitor};
use super::columns::{self, ColumnShown};
use super::given::{self, GivenForm, Said};
use super::kept::{Asked, Stage, Upload, Work};
use super::{Wrong, job, kind_name, sentence, told, wrong_of};
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// How often an open page is told how far the work is.
const OFTEN: Duration = Duration::from_millis(250);

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/import/{id}", get(show))
        .route("/import/{id}/columns", get(show).post(understand))
        .route("/import/{id}/split", get(show).post(split))
        .route("/import/{id}/check", get(show).post(check))
        .route("/import/{id}/take", get(show).post(take))
        .route("/import/{id}/drop", post(let_go))
        .route("/import/{id}/errors", get(errors))
        .route("/import/{id}/progress", get(follow))
}

/// What was brought.
#[derive(Template)]
#[template(path = "import/one.html")]
struct One {
    page: Page,
    address: String,
    kind: String,
    files: String,
    columns: Option<Understood>,
    working: Option<Working>,
    preview: Option<told::Preview>,
    result: Option<told::Arrived>,
    failed: Option<String>,
}

/// How the columns are understood, and what holds for all rows.
struct Understood {
    columns: Vec<ColumnShown>,
    /// The sheets, with the row of their headers.
    sheets: Vec<String>,
    given: GivenForm,
    /// Why no row can be read.
    wrong: Option<String>,
    /// Whether there is something to be said about them.
    is_open: bool,
}

/// How far the work is.
struct Working {
    said: String,
    rows: u64,
    total: Option<u64>,
}

impl Working {
    fn of(work: Work, progress: Progress, page: &Page) -> Working {
        let Progress { rows, total, .. } = progress;
        let name = match work {
            Work::Read => "read",
            Work::Compare => "compare",
            Work::Take => "take",
        };
        let far = match total {
            Some(total) => page.say_two("import-far-of", ("rows", rows), ("total", total.max(rows))),
            None => page.say_of("import-far", "rows", rows),
        };
        let said = page.say_of(&format!("import-work-{name}"), "far", far);
        Working { said, rows, total: total.map(|total| total.max(rows)) }
    }
}

impl One {
    fn of(visitor: Visitor, upload: &Upload, again: Option<Again>) -> One {
        let Visitor { caller, page, .. } = visitor;
        let Asked { hand_in, look } = upload.asked();
        let stage = upload.stage.borrow().clone();
        let mut one = One {
            address: upload.address(),
            kind: kind_name(&page, upload.way.name()),
            files: upload.files.clone(),
            columns: None,
            working: None,
            preview: None,
            result: None,
            failed: None,
            page,
        };
        let page = &one.page;
        let is_asked = matches!(stage, Stage::Columns | Stage::Checked(_) | Stage::Failed(..));
        if is_asked && !hand_in.files.is_empty() {
            let (fields, wrong) = match again {
                Some(Again { fields, wrong }) => (fields, wrong),
                None => (given::fields_of(&said_of(&hand_in)), Vec::new()),
            };
            let mut given = GivenForm::of(&caller, page, &fields, Some(upload.way.name()));
            given.mark(wrong);
            let columns = columns::shown(&look, upload.way.as_ref(), page);
            let is_open = look.wrong.is_some() || given.is_wrong() || columns.iter().any(|column| column.is_unknown);
            let sheets = look.sheets.iter().map(|sheet| told::sheet_seen(sheet, page)).collect();
            let wrong = look.wrong.as_ref().map(|wrong| told::file_error(wrong, page));
            one.columns = Some(Understood { columns, sheets, given, wrong, is_open });
        }
        match stage {
            Stage::Columns => {}
            Stage::Working(work, progress) => one.working = Some(Working::of(work, progress, page)),
            Stage::Checked(checked) => one.preview = Some(told::Preview::of(&checked, upload.way.splits(), page)),
            Stage::Taken(done) => one.result = Some(told::Arrived::of(&done, page)),
            Stage::Failed(work, error) => one.failed = Some(failure(work, &error, page)),
        }
        one
    }
}

/// Returns what is said of work that broke off.
fn failure(work: Work, error: &WayError, page: &Page) -> String {
    let said = match error {
        WayError::MayNot => Some(Error::from(Code::MayNotHandIn).in_language(page.language)),
        WayError::Import(error) => sentence(error, page.language),
        WayError::Unavailable(_) => None,
    };
    said.unwrap_or_else(|| match work {
        Work::Read | Work::Compare => page.say("import-not-checked"),
        Work::Take => page.say("import-broke-off"),
    })
}

/// What was typed about all rows, and what is wrong with it.
struct Again {
    fields: Fields,
    wrong: Vec<(&'static str, String)>,
}

fn said_of(hand_in: &HandIn) -> Said {
    Said { given: hand_in.given.clone(), deadline: hand_in.deadline, office: hand_in.office }
}

/// Returns what was brought in a session under an id. Of anybody else's it is not said that it is there.
fn found(desk: &Desk, visitor: &Visitor, id: &str) -> Result<Arc<Upload>, Error> {
    let upload = id.parse().ok().and_then(|id| desk.imports.uploads.get(visitor.session.id, id, visitor.caller.now));
    Ok(upload.ok_or(Code::NoSuchImport)?)
}

async fn show(State(desk): State<Desk>, Path(id): Path<String>, visitor: Visitor) -> Result<Response, Away> {
    let upload = found(&desk, &visitor, &id)?;
    Ok(shown(StatusCode::OK, &One::of(visitor, &upload, None))?)
}

/// Returns where an upload's page is, for after a form.
fn back(upload: &Upload) -> Response {
    Redirect::to(&upload.address()).into_response()
}

/// Has the columns understood otherwise, or something else hold for all rows, and looks again.
async fn understand(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let upload = found(&desk, &visitor, &id)?;
    let asked = upload.asked();
    if asked.hand_in.files.is_empty() || matches!(*upload.stage.borrow(), Stage::Working(..)) {
        return Ok(back(&upload));
    }
    let mapping = columns::said(&asked.look, upload.way.as_ref(), &fields).or(asked.hand_in.mapping.clone());
    let wrong = match given::read(&visitor.page, &fields) {
        Ok(Said { given, deadline, office }) => {
            let hand_in = HandIn { given, deadline, office, mapping, ..asked.hand_in };
            match upload.way.look(hand_in.clone()).await {
                Ok(look) => {
                    let is_ready = look.wrong.is_none();
                    upload.ask(Asked { hand_in, look: Arc::new(look) });
                    if is_ready {
                        job::check(&desk, &visitor.caller, &upload);
                    } else {
                        upload.stage.send_replace(Stage::Columns);
                    }
                    return Ok(back(&upload));
                }
                Err(WayError::Import(error @ ImportError::Mapping(_))) => {
                    return Err(Error::Detailed(Code::BadBody, error.to_string()).into());
                }
                Err(error) => match wrong_of(error, &visitor.page)? {
                    Wrong::Given(wrong) => wrong,
                    Wrong::Kind(said) | Wrong::Files(said) => return Err(Error::Detailed(Code::BadBody, said).into()),
                },
            }
        }
        Err(wrong) => wrong,
    };
    let one = One::of(visitor, &upload, Some(Again { fields, wrong }));
    Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, &one)?)
}

/// Has cells taken apart that number several problems, or not any more.
async fn split(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let upload = found(&desk, &visitor, &id)?;
    let items = fields.0.iter().filter(|(name, _)| name == "item").map(|(_, item)| item.clone());
    let split = match fields.text("split") {
        "all" => Split::All,
        "items" => Split::Items(items.collect()),
        _ => Split::None,
    };
    if matches!(*upload.stage.borrow(), Stage::Checked(_)) && upload.way.splits() {
        let asked = upload.asked();
        upload.ask(Asked { hand_in: HandIn { split, ..asked.hand_in }, ..asked });
        job::check(&desk, &visitor.caller, &upload);
    }
    Ok(back(&upload))
}

/// Checks once more what could not be checked, or not be taken wholly.
async fn check(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Away> {
    let upload = found(&desk, &visitor, &id)?;
    job::check(&desk, &visitor.caller, &upload);
    Ok(back(&upload))
}

async fn take(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let upload = found(&desk, &visitor, &id)?;
    job::take(&desk, &visitor.caller, &upload, fields.text("seen"));
    Ok(back(&upload))
}

async fn let_go(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Posted { visitor, .. }: Posted,
) -> Result<Response, Away> {
    let upload = found(&desk, &visitor, &id)?;
    if upload.is_taken_now() {
        return Ok(back(&upload));
    }
    desk.imports.uploads.forget(visitor.session.id);
    Ok(Redirect::to("/import").into_response())
}

/// Sends the files as a workbook with what is wrong beside the cells.
async fn errors(State(desk): State<Desk>, Path(id): Path<String>, visitor: Visitor) -> Result<Response, Away> {
    let upload = found(&desk, &visitor, &id)?;
    let stage = upload.stage.borrow().clone();
    let language = job::said(visitor.page.language);
    match stage {
        Stage::Checked(checked) => {
            let hand_in = upload.asked().hand_in;
            let made = upload.way.workbook(hand_in, &checked.report, language).await;
            let workbook = made.map_err(|error| match &error {
                WayError::Import(cause) if cause.chinese().is_some() => {
                    Error::Detailed(Code::BadBody, sentence(cause, visitor.page.language).unwrap_or_default())
                }
                _ => Error::Unavailable(error.into()),
            })?;
            Ok(job::as_file(&upload, workbook, checked.report.refused.len(), language))
        }
        Stage::Taken(done) => {
            let workbook = done.workbook.clone().ok_or(Code::NoSuchImport)?;
            Ok(job::as_file(&upload, workbook, done.report.refused.len(), language))
        }
        Stage::Columns | Stage::Working(..) | Stage::Failed(..) => Ok(back(&upload)),
    }
}

/// Tells an open page how far the work is, until it is done.
async fn follow(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    visitor: Visitor,
) -> Result<Sse<impl Stream<Item = Result<Message, Infallible>>>, Away> {
    let upload = found(&desk, &visitor, &id)?;
    let mut stage = upload.stage.subscribe();
    stage.mark_changed();
    let messages = futures::stream::unfold(Some((stage, visitor.page)), |followed| async {
        let (mut stage, page) = followed?;
        stage.changed().await.ok()?;
        match work_of(&mut stage) {
            Some((work, progress)) => {
                let Working { said, rows, total } = Working::of(work, progress, &page);
                let far = json!({ "said": said, "rows": rows, "total": total }).to_string();
                tokio::time::sleep(OFTEN).await;
                Some((Ok(Message::default().data(far)), Some((stage, page))))
            }
            None => Some((Ok(Message::default().event("done").data("done")), None)),
        }
    });
    Ok(Sse::new(messages).keep_alive(KeepAlive::new()))
}

fn work_of(stage: &mut watch::Receiver<Stage>) -> Option<(Work, Progress)> {
    match &*stage.borrow_and_update() {
        Stage::Working(work, progress) => Some((*work, *progress)),
        Stage::Columns | Stage::Checked(_) | Stage::Taken(_) | Stage::Failed(..) => None,
    }
}
