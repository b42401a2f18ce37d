//! What was set aside, for it could not become a case: why, and what came, opened with a reason that is on record first, mended
//! and handed in again. For officers of the prefecture's office.

mod mend;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use rectify_bus::{SetAside, Submission};
use rectify_case::access::SET_ASIDE;
use rectify_case::{AccessEvent, CaseId, Event, FindingId, StreamId};
use rectify_log::Recorded;

use self::mend::Mending;
use super::act::name_of;
use super::entry::{Again, Entry, Reading, is_shown_first};
use super::page::{Page, shown};
use super::visitor::{Away, Posted, Visitor};
use crate::api::case;
use crate::api::set_aside::{digest_of, kept, looking, note_resent, open, resend};
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/admin/aside", get(list))
        .route("/admin/aside/{sequence}", get(ask).post(look))
        .route("/admin/aside/{sequence}/resend", get(ask).post(send_again))
        .route("/admin/aside/{sequence}/mend/{way}", get(ask_of_way).post(mend))
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
    /// When it was handed in again, and by whom.
    resent: Option<String>,
}

impl Line {
    fn of(aside: &SetAside, resent: Option<&Resent>, page: &Page, caller: &Caller) -> Line {
        let by = |resent: &Resent| {
            let Recorded { envelope, .. } = &resent.recorded;
            let who = caller.directory.person_name(envelope.actor.person);
            page.say_two("aside-resent", ("when", page.moment(&envelope.recorded)), ("who", who))
        };
        Line {
            resent: resent.map(by),
            sequence: aside.sequence,
            subject: aside.subject.clone(),
            reason: aside.reason.clone(),
            received: page.moment(&aside.received),
            is_sealed: aside.sealed,
        }
    }
}

/// That something was handed in again.
struct Resent {
    finding: FindingId,
    recorded: Recorded,
}

/// Returns the last time that each of some things was handed in again, in their order.
async fn resent(desk: &Desk, set_aside: &[SetAside]) -> Result<Vec<Option<Resent>>, Error> {
    let looks = desk.frame.log.read_stream(StreamId::Access(SET_ASIDE), 0).await?;
    let resent = set_aside.iter().map(|aside| {
        let digest = digest_of(aside)?;
        let last = looks.iter().rev().find_map(|recorded| match &recorded.envelope.event {
            Event::Access(AccessEvent::SetAsideResent { sequence, digest: of, finding })
                if (*sequence, of) == (aside.sequence, &digest) =>
            {
                Some(Resent { finding: *finding, recorded: recorded.clone() })
            }
            _ => None,
        });
        Ok(last)
    });
    resent.collect()
}

/// One thing that was set aside, before it is opened and after.
#[derive(Template)]
#[template(path = "one_aside.html")]
struct OneAside {
    page: Page,
    line: Line,
    /// The case that it became, where it is shown to whoever looks: where it is, and what it is called.
    case: Option<(String, String)>,
    /// What came, once its opening is on record.
    clear: Option<String>,
    /// What is to be filled in: a reason to open it, or what it is handed in as. None where nothing here takes such things.
    entry: Option<Entry>,
}

impl OneAside {
    /// Returns the page around a form.
    async fn around(desk: &Desk, visitor: Visitor, aside: SetAside, entry: Option<Entry>) -> Result<OneAside, Away> {
        let Visitor { page, caller, .. } = visitor;
        let resent = resent(desk, std::slice::from_ref(&aside)).await?.pop().flatten();
        let case = match &resent {
            Some(resent) => case::load(desk, &caller, &CaseId(resent.finding.0).to_string()).await.ok(),
            None => None,
        };
        let case = case.map(|(case, _)| (format!("/cases/{}", case.id), name_of(&case, &page)));
        Ok(OneAside { line: Line::of(&aside, resent.as_ref(), &page, &caller), case, clear: None, entry, page })
    }
}

async fn list(State(desk): State<Desk>, visitor: Visitor) -> Result<Response, Away> {
    looking(&visitor.caller)?;
    let set_aside = desk.frame.bus.set_aside().await?;
    let resent = resent(&desk, &set_aside).await?;
    let lines = set_aside.iter().zip(&resent).rev();
    let lines = lines.map(|(aside, resent)| Line::of(aside, resent.as_ref(), &visitor.page, &visitor.caller)).collect();
    Ok(shown(StatusCode::OK, &Aside { lines, page: visitor.page })?)
}

async fn ask(State(desk): State<Desk>, Path(sequence): Path<String>, visitor: Visitor) -> Result<Response, Away> {
    looking(&visitor.caller)?;
    Ok(shown(StatusCode::OK, &unopened(&desk, visitor, &sequence, &Again::default()).await?)?)
}

async fn ask_of_way(
    State(desk): State<Desk>,
    Path((sequence, _)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, Away> {
    ask(State(desk), Path(sequence), visitor).await
}

async fn unopened(desk: &Desk, visitor: Visitor, sequence: &str, again: &Again) -> Result<OneAside, Away> {
    let aside = desk.frame.bus.set_aside_at(named(sequence)?).await?.ok_or(Code::NotSetAside)?;
    let page = &visitor.page;
    let entry = Entry::new(page, "open", format!("/admin/aside/{}", aside.sequence), page.say("aside-open"), again)
        .lead(page.say("aside-open-lead"))
        .line("reason", page.say("field-reason"), true)
        .main();
    OneAside::around(desk, visitor, aside, Some(entry)).await
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
            Ok((aside, clear)) => {
                let entry = entry_of(&desk, &visitor, &aside, &clear);
                let mut one = OneAside::around(&desk, visitor, aside, entry).await?;
                one.clear = Some(legible(&clear));
                return Ok(shown(StatusCode::OK, &one)?);
            }
            Err(error) => Again::refused("open", fields, error, &visitor.page)?,
        },
        None => Again::of("open", fields, wrong),
    };
    Ok(shown(again.status(), &unopened(&desk, visitor, &sequence, &again).await?)?)
}

/// Returns the form by which it is handed in again. What is sealed stays as it is: nobody types it anew.
fn entry_of(desk: &Desk, visitor: &Visitor, aside: &SetAside, clear: &[u8]) -> Option<Entry> {
    let (page, person, directory) = (&visitor.page, visitor.caller.who.person, &visitor.caller.directory);
    let submission: Option<Submission> = serde_json::from_slice(clear).ok();
    if submission.is_some_and(|submission| submission.finding.sealed().is_some()) {
        return Some(resending(page, aside.sequence, &Again::default()));
    }
    let mending = Mending::of(clear, &aside.subject, person, desk, directory)?;
    Some(mending.form(page, aside.sequence, Some((clear, directory)), &Again::default()))
}

/// Returns the form by which it is handed in again as it came.
fn resending(page: &Page, sequence: u64, again: &Again) -> Entry {
    Entry::new(page, "resend", format!("/admin/aside/{sequence}/resend"), page.say("aside-resend"), again)
        .lead(page.say("aside-resend-lead"))
        .main()
}

async fn send_again(
    State(desk): State<Desk>,
    Path(sequence): Path<String>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    looking(&visitor.caller)?;
    if is_shown_first(&fields) {
        return Ok(back_to(&sequence));
    }
    match resend(&desk, &visitor.caller, named(&sequence)?).await {
        Ok(_) => Ok(back_to(&sequence)),
        Err(error) => {
            let again = Again::refused("resend", fields, error, &visitor.page)?;
            let (aside, _) = kept(&desk, &visitor.caller, named(&sequence)?).await?;
            let entry = resending(&visitor.page, aside.sequence, &again);
            Ok(shown(again.status(), &OneAside::around(&desk, visitor, aside, Some(entry)).await?)?)
        }
    }
}

async fn mend(
    State(desk): State<Desk>,
    Path((sequence, way)): Path<(String, String)>,
    Posted { visitor, fields }: Posted,
) -> Result<Response, Away> {
    let actor = looking(&visitor.caller)?;
    let (aside, _) = kept(&desk, &visitor.caller, named(&sequence)?).await?;
    let mending = Mending::by(&way, visitor.caller.who.person, &desk).ok_or(Code::MayNotHandIn)?;
    match mending.take(&visitor.page, fields).await? {
        Ok(finding) => {
            note_resent(&desk, actor, &aside, finding).await?;
            Ok(back_to(&sequence))
        }
        Err(again) => {
            let entry = mending.form(&visitor.page, aside.sequence, None, &again);
            Ok(shown(again.status(), &OneAside::around(&desk, visitor, aside, Some(entry)).await?)?)
        }
    }
}

fn back_to(sequence: &str) -> Response {
    Redirect::to(&format!("/admin/aside/{sequence}")).into_response()
}

/// Returns what came as it can be read: JSON line by line, text as it is, anything else as hexadecimal digits.
fn legible(clear: &[u8]) -> String {
    let value = serde_json::from_slice::<serde_json::Value>(clear);
    let lines = value.ok().and_then(|value| serde_json::to_string_pretty(&value).ok());
    lines.unwrap_or_else(|| std::str::from_utf8(clear).map_or_else(|_| hex::encode(clear), str::to_owned))
}
