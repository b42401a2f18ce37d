//! As of when the ledger is asked for: now, or a moment of the past by what was recorded.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Redirect;
use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::{Happened, Position};
use rectify_ledger::{Ledger, Viewer};

use super::form::{Fields, query_of};
use super::page::{Page, shown};
use super::past::{Folding, Found, Past, Stood};
use super::visitor::Away;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// What says as of when, in a query.
pub(crate) const AS_OF: [&str; 2] = ["as_of", "at_position"];

/// What says up to where the log is folded for the present, in a query.
pub(crate) const UPTO: &str = "upto";

/// A ledger, who looks at it, and when that is.
pub(super) struct Book {
    pub(super) ledger: Ledger,
    pub(super) viewer: Viewer,
    /// The instant as of which it is: what is late, is late then.
    pub(super) at: DateTime<Utc>,
    /// Today, whenever it is as of.
    today: NaiveDate,
    /// As of when, where that is not now.
    pub(super) moment: Option<Moment>,
    _stood: Option<Arc<Stood>>,
}

/// A moment of the past, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    /// The field of the query, and what it says.
    asked: (&'static str, String),
    pub(super) position: Position,
    pub(super) at: DateTime<Utc>,
}

/// What is said while a ledger of the past is folded. It asks again by itself.
#[derive(Template)]
#[template(path = "past.html")]
struct Waiting {
    page: Page,
    said: String,
    folding: Folding,
    /// How far that is, in words.
    progress: String,
    back: String,
}

/// Opens the ledger as of when a query says. What is as of today is asked for again of now, and what is not folded yet in a
/// while.
pub(super) async fn open(
    desk: &Desk,
    Extension(past): Extension<Past>,
    caller: &Caller,
    page: Page,
    asked: &Fields,
    address: &str,
) -> Result<(Page, Book), Away> {
    let moment = match read(desk, asked, &page).await? {
        Asked::Now => {
            let book = Book::now(desk, caller, &page);
            return Ok((page, book));
        }
        Asked::Today => {
            let now = Redirect::to(&now_address(address, asked));
            return Err(Away::instead(now));
        }
        Asked::Then(moment) => moment,
    };
    stood(desk, &past, caller, page, moment, now_address(address, asked)).await
}

/// Returns the moment of the past that a query names; none where it asks of now, or of today.
pub(super) async fn moment(desk: &Desk, asked: &Fields, page: &Page) -> Result<Option<Moment>, Error> {
    match read(desk, asked, page).await? {
        Asked::Now | Asked::Today => Ok(None),
        Asked::Then(moment) => Ok(Some(moment)),
    }
}

/// Opens the ledger as of a moment; what is not folded yet is asked for again in a while, and `back` leads elsewhere meanwhile.
pub(super) async fn stood(
    desk: &Desk,
    past: &Past,
    caller: &Caller,
    page: Page,
    moment: Moment,
    back: String,
) -> Result<(Page, Book), Away> {
    match past.ask(desk, moment.position)? {
        Found::Ready(stood) => {
            let (viewer, _) = desk.ledger.viewer_of_past(&caller.viewer(), moment.position).await?;
            let (ledger, at) = (stood.ledger.clone(), moment.at);
            let book = Book { ledger, viewer, at, today: page.today(), moment: Some(moment), _stood: Some(stood) };
            // What is soon, late and of this year is so as of then.
            Ok((Page { now: at, ..page }, book))
        }
        Found::Folding(folding) => {
            // Another may be folded before the one that is asked for.
            let name = if folding.to == moment.position { "past-progress" } else { "past-other" };
            let progress = page.say_two(name, ("folded", folding.folded), ("to", folding.to));
            let waiting = Waiting { said: moment.said(&page), folding, progress, back, page };
            let mut answer = shown(StatusCode::OK, &waiting)?;
            answer.headers_mut().insert("refresh", axum::http::HeaderValue::from_static("2"));
            Err(Away::instead(answer))
        }
    }
}

/// As of when is asked.
enum Asked {
    Now,
    /// As of the end of today, which is not over.
    Today,
    Then(Moment),
}

async fn read(desk: &Desk, asked: &Fields, page: &Page) -> Result<Asked, Error> {
    let wrong = |name: &str, text: &str| Error::Detailed(Code::BadRequest, format!("{name}: {text}"));
    let log = &desk.frame.log;
    let (day, position) = (asked.text("as_of"), asked.text("at_position"));
    if !day.is_empty() {
        let parsed: NaiveDate = day.parse().map_err(|_| wrong("as_of", day))?;
        if parsed > page.today() {
            return Err(wrong("as_of", &format!("{day} > {}", page.today())));
        }
        if parsed == page.today() {
            return Ok(Asked::Today);
        }
        let at = Happened::On(parsed).latest(page.zone);
        let position = log.position_at(at).await?;
        return Ok(Asked::Then(Moment { asked: ("as_of", day.to_owned()), position, at }));
    }
    if position.is_empty() {
        return Ok(Asked::Now);
    }
    let at: Position = position.parse().ok().filter(|at| *at > 0).ok_or_else(|| wrong("at_position", position))?;
    let event = log.read_all(at - 1, 1).await?;
    let event = event.first().ok_or_else(|| wrong("at_position", position))?;
    let moment = Moment { asked: ("at_position", position.to_owned()), position: at, at: event.envelope.recorded };
    Ok(Asked::Then(moment))
}

/// Returns the address that asks for the same of now.
fn now_address(address: &str, asked: &Fields) -> String {
    let without = [AS_OF[0], AS_OF[1], "cursor"];
    let fields: Vec<(&str, &str)> = asked
        .without(&without)
        .filter(|(_, value)| !value.trim().is_empty())
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    if fields.is_empty() { address.to_owned() } else { format!("{address}?{}", query_of(&fields)) }
}

impl Book {
    /// Returns the ledger as it is.
    pub(super) fn now(desk: &Desk, caller: &Caller, page: &Page) -> Book {
        let (ledger, viewer) = (desk.ledger.clone(), caller.viewer());
        Book { ledger, viewer, at: caller.now, today: page.today(), moment: None, _stood: None }
    }

    /// Returns what the page says of the moment, and where the same is of now.
    pub(super) fn replaying(&self, page: &Page, address: &str, asked: &Fields) -> Replaying {
        Replaying {
            banner: self.moment.as_ref().map(|moment| moment.said(page)),
            back: now_address(address, asked),
            day: asked.text("as_of").to_owned(),
            // A date is chosen among what is asked for besides.
            besides: asked
                .without(&[AS_OF[0], AS_OF[1], "cursor"])
                .filter(|(_, value)| !value.trim().is_empty())
                .cloned()
                .collect(),
            address: address.to_owned(),
            last: self.today.to_string(),
        }
    }
}

impl Moment {
    /// Returns the present, with the log folded up to a position.
    pub(super) fn upto(position: Position, now: DateTime<Utc>) -> Moment {
        Moment { asked: (UPTO, position.to_string()), position, at: now }
    }

    /// Returns as of when, in words.
    pub(super) fn said(&self, page: &Page) -> String {
        let moment = if self.asked.0 == "as_of" { self.asked.1.clone() } else { page.moment(&self.at) };
        page.say_two("replay-banner", ("position", self.position), ("moment", moment))
    }

    /// Returns the address of something as of this moment.
    pub(super) fn of(&self, address: &str) -> String {
        let separator = if address.contains('?') { '&' } else { '?' };
        format!("{address}{separator}{}", query_of(&[(self.asked.0, &self.asked.1)]))
    }
}

/// As of when a page is, and how another moment is chosen.
pub(super) struct Replaying {
    /// What is said of a moment of the past.
    pub(super) banner: Option<String>,
    /// The same page of now.
    pub(super) back: String,
    pub(super) day: String,
    /// What is asked for besides.
    pub(super) besides: Vec<(String, String)>,
    pub(super) address: String,
    /// The last day that can be chosen.
    pub(super) last: String,
}
