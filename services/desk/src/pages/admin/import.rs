//! Importing units (导入单位): a workbook of them is looked over row by row, and what it has is added and changed when that is
//! confirmed.

mod row;

mod judged;
mod plan;

mod done;

mod sheet;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use rectify_intake::File;
use rectify_kit::ids;
use tokio::task::spawn_blocking;

use self::done::{Became, Carried, Outcome, done};
use self::judged::{Confirmed, Judged, Standing};
use self::plan::{Planned, planned};
use self::row::{MOST, Read, read};
use super::super::handed::Handed;
use super::super::ledger::WORKBOOK;
use super::super::page::{Page, shown};
use super::super::sign_in::SHOW;
use super::super::visitor::{Away, Posted, Visitor};
use super::{Administered, Administrator};
use crate::api::evidence::file_headers;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::language::Language;

/// How large a workbook may be, and what is confirmed of it.
const LARGEST: usize = 4 << 20;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/admin/units/import", get(show).post(look))
        .route("/admin/units/import/workbook", get(workbook))
        .route("/admin/units/import/confirm", post(confirm))
        .layer(DefaultBodyLimit::max(LARGEST))
}

/// Where an empty workbook is had, and a full one brought.
#[derive(Template)]
#[template(path = "admin/import.html")]
struct Import {
    page: Page,
    most: usize,
    /// Why the file that was brought is not taken.
    refused: Option<String>,
}

/// What was brought, held against the directory.
#[derive(Template)]
#[template(path = "admin/import_seen.html")]
struct Seen {
    page: Page,
    name: String,
    /// What makes a second attempt known for what it is.
    key: String,
    rows: Vec<Judged>,
    /// What is sent to add the new units, those above before those below.
    adds: Vec<String>,
    changed: usize,
    there: usize,
    wrong: usize,
    /// What of the file was not read as units, and why.
    left_out: Vec<String>,
}

/// What came of it.
#[derive(Template)]
#[template(path = "admin/import_done.html")]
struct Done {
    page: Page,
    rows: Vec<Outcome>,
    added: usize,
    changed: usize,
    there: usize,
    failed: usize,
    /// What is sent to go on with what is left.
    left: Vec<String>,
    key: String,
}

impl Seen {
    fn of(page: Page, name: String, Planned { rows, adds }: Planned, left_out: Vec<String>) -> Seen {
        let count = |standing| rows.iter().filter(|row| row.standing == standing).count();
        let (changed, there, wrong) = (count(Standing::Changed), count(Standing::There), count(Standing::Wrong));
        Seen { page, name, key: ids::new().to_string(), rows, adds, changed, there, wrong, left_out }
    }

    fn standing(&self, row: &Judged) -> (&'static str, String) {
        let (style, name) = match row.standing {
            Standing::New => ("go", "unit-import-is-new"),
            Standing::Changed => ("check", "unit-import-is-changed"),
            Standing::There => ("done", "unit-import-is-there"),
            Standing::Wrong => ("late", "unit-import-is-wrong"),
        };
        (style, self.page.say(name))
    }

    fn has_work(&self) -> bool {
        self.changed > 0 || !self.adds.is_empty()
    }
}

impl Done {
    fn of(page: Page, key: String, Carried { outcomes: rows, left }: Carried) -> Done {
        let count = |is_wanted: fn(&Became) -> bool| rows.iter().filter(|row| is_wanted(&row.became)).count();
        Done {
            added: count(|became| matches!(became, Became::Added)),
            changed: count(|became| matches!(became, Became::Changed)),
            there: count(|became| matches!(became, Became::There)),
            failed: count(|became| matches!(became, Became::Failed(_))),
            rows,
            left: left.iter().map(Confirmed::sent).collect(),
            key,
            page,
        }
    }

    fn became(&self, row: &Outcome) -> (&'static str, String) {
        let (style, name) = match row.became {
            Became::Added => ("done", "unit-import-added"),
            Became::Changed => ("done", "unit-import-did-change"),
            Became::There => ("", "unit-import-is-there"),
            Became::Failed(_) => ("late", "unit-import-failed"),
        };
        (style, self.page.say(name))
    }
}

async fn show(Administrator(visitor): Administrator) -> Result<Response, Away> {
    Ok(page(visitor, None)?)
}

fn page(visitor: Visitor, refused: Option<String>) -> Result<Response, Error> {
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    shown(status, &Import { page: visitor.page, most: MOST, refused })
}

async fn workbook(Administrator(visitor): Administrator) -> Result<Response, Away> {
    let name = format!("{}.xlsx", visitor.page.say("unit-import-workbook"));
    let bytes = sheet::empty(&visitor.page).map_err(|error| Error::Internal(error.into()))?;
    let size = u64::try_from(bytes.len()).unwrap_or(0);
    Ok((file_headers(&name, WORKBOOK, size), bytes).into_response())
}

async fn look(handed: Handed) -> Result<Response, Away> {
    let Handed { visitor, fields, file } = handed;
    visitor.caller.administrator()?;
    let Some(file) = file else {
        // Whoever had to sign in meanwhile chooses the file again.
        let refused = fields.get(SHOW).is_none().then(|| visitor.page.say("unit-import-no-file"));
        return Ok(page(visitor, refused)?);
    };
    let looked = spawn_blocking(move || looked_over(&file, visitor)).await;
    Ok(looked.map_err(|error| Error::Internal(error.into()))??)
}

fn looked_over(file: &File, visitor: Visitor) -> Result<Response, Error> {
    let Read { rows, left_out } = match read(file, &visitor.page) {
        Ok(read) => read,
        Err(error) => {
            let said = match visitor.page.language {
                Language::Chinese => error.chinese(),
                Language::English => error.to_string(),
            };
            return page(visitor, Some(said));
        }
    };
    if rows.is_empty() {
        let said = visitor.page.say("unit-import-empty");
        return page(visitor, Some(said));
    }
    let planned = planned(&rows, &visitor.caller.directory, &visitor.page);
    shown(StatusCode::OK, &Seen::of(visitor.page, file.name.clone(), planned, left_out))
}

async fn confirm(State(desk): State<Desk>, Administered(posted): Administered) -> Result<Response, Away> {
    let Posted { visitor: Visitor { caller, page, .. }, fields } = posted;
    // Whoever had to sign in meanwhile looks again first.
    if fields.get(SHOW).is_some() {
        return Ok(Redirect::to("/admin/units/import").into_response());
    }
    let rows = fields.0.iter().filter(|(name, _)| name == "row").map(|(_, value)| serde_json::from_str(value));
    let rows = rows.collect::<Result<Vec<Confirmed>, _>>();
    let rows = rows.map_err(|error| Error::Detailed(Code::BadBody, error.to_string()))?;
    let key = fields.text("key").to_owned();
    let carried = done(&desk, &caller, &page, &key, rows).await?;
    Ok(shown(StatusCode::OK, &Done::of(page, key, carried))?)
}
