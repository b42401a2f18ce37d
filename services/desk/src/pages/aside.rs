//! What was set aside, for it could not become a case: why, and what came, opened with a reason that is on record first. For
//! officers of the prefecture's office.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use rectify_bus::SetAside;

use super::entry::{Again, Entry, Reading};
use super::page::{Page, shown};
use super::visitor::{Away, Posted, Visitor};
use crate::api::set_aside::{looking, open};
use crate::code::Code;
use crate::desk::Desk;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/admin/aside", get(list)).route("/admin/aside/{sequence}", get(ask).post(look))
}

/// What was set aside.
#[derive(Template)]
#[template(path = "aside.html")]
struct Aside {
    page: Page,
    lines: Vec<Line>,
}

/// One thing that was set aside.
struct Line {
    sequence: u64,
    subject: String,
    reason: String,
    received: String,
    is_sealed: bool,
}

impl Line {
    fn of(aside: &SetAside, page: &Page) -> Line {
        Line {
            sequence: aside.sequence,
            subject: aside.subject.clone(),
            reason: aside.reason.clone(),
            received: page.moment(&aside.received),
            is_sealed: aside.sealed,
        }
    }
}

/// One thing that was set aside, before it is opened and after.
#[derive(Template)]
#[template(path = "one_aside.html")]
struct OneAside {
    page: Page,
    line: Line,
    open: Entry,
    /// What came, once its opening is on record.
    clear: Option<String>,
}

async fn list(State(desk): State<Desk>, visitor: Visitor) -> Result<Response, Away> {
    looking(&visitor.caller)?;
    let set_aside = desk.frame.bus.set_aside().await?;
    let lines = set_aside.iter().rev().map(|aside| Line::of(aside, &visitor.page)).collect();
    Ok(shown(StatusCode::OK, &Aside { lines, page: visitor.page })?)
}

async fn ask(State(desk): State<Desk>, Path(sequence): Path<String>, visitor: Visitor) -> Result<Response, Away> {
    looking(&visitor.caller)?;
    Ok(shown(StatusCode::OK, &one(&desk, visitor, &sequence, &Again::default()).await?)?)
}

async fn one(desk: &Desk, visitor: Visitor, sequence: &str, again: &Again) -> Result<OneAside, Away> {
    let Visitor { page, .. } = visitor;
    let aside = desk.frame.bus.set_aside_at(named(sequence)?).await?.ok_or(Code::NotSetAside)?;
    let open = Entry::new(&page, "open", format!("/admin/aside/{}", aside.sequence), page.say("aside-open"), again)
        .lead(page.say("aside-open-lead"))
        .line("reason", page.say("field-reason"), true)
        .main();
    Ok(OneAside { line: Line::of(&aside, &page), open, clear: None, page })
}

fn named(sequence: &str) -> Result<u64, Code> {
    sequence.parse().map_err(|_| Code::NotSetAside)
}

async fn look(
    State(desk): State<Desk>,
    Path(sequence): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    looking(&visitor.caller)?;
    let mut reading = Reading::of(&visitor.page, &fields);
    let reason = reading.required::<String>("reason").filter(|_| reading.is_good());
    let wrong = reading.wrong;
    let again = match reason {
        Some(reason) => match open(&desk, &visitor.caller, named(&sequence)?, &reason).await {
            Ok((_, clear)) => {
                let mut one = one(&desk, visitor, &sequence, &Again::default()).await?;
                one.clear = Some(legible(&clear));
                return Ok(shown(StatusCode::OK, &one)?);
            }
            Err(error) => Again::refused("open", fields, error, &visitor.page)?,
        },
        None => Again::of("open", fields, wrong),
    };
    Ok(shown(again.status(), &one(&desk, visitor, &sequence, &again).await?)?)
}

/// Returns what came as it can be read: JSON line by line, text as it is, anything else as hexadecimal digits.
fn legible(clear: &[u8]) -> String {
    let value = serde_json::from_slice::<serde_json::Value>(clear);
    let lines = value.ok().and_then(|value| serde_json::to_string_pretty(&value).ok());
    lines.unwrap_or_else(|| std::str::from_utf8(clear).map_or_else(|_| hex::encode(clear), str::to_owned))
}
