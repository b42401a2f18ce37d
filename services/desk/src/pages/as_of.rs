//! As of when the ledger is asked for: now, or a moment of the past by either clock.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Redirect;
use chrono::{DateTime, NaiveDate, Utc};
use rectify_case::{Happened, Position};
use rectify_ledger::{Ledger, Standpoint, Viewer};

use super::form::{Fields, query_of};
use super::page::{Page, shown};
use super::past::{Folding, Found, Past, Stood};
use super::two_moments;
use super::visitor::Away;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// What says as of when, in a query: what was recorded by the end of a day or up to a position; or what had happened by the end of
/// a day, as it is known up to a position. A form says a day and by which clock.
pub(crate) const AS_OF: [&str; 4] = ["as_of", "at_position", "happened_by", "clock"];

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
    /// The fields of a query that say it.
    asked: Vec<(&'static str, String)>,
    standpoint: Standpoint,
    pub(super) at: DateTime<Utc>,
    /// Whether it was said how much is known.
    is_pinned: bool,
}

/// A ledger that is asked for, or how far it is folded.
pub(super) enum Opened {
    Ready(Book),
    Folding(Folding),
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

/// Opens the ledger as of when a query says. What is as of today is asked for again of now, what had happened by a day as it is
/// known now, and what is not folded yet in a while.
pub(super) async fn open(
    desk: &Desk,
    past: &Past,
    caller: &Caller,
    page: Page,
    asked: &Fields,
    address: &str,
) -> Result<(Page, Book), Away> {
    let now = now_address(address, asked);
    let moment = match read(desk, asked, &page).await? {
        Asked::Now => {
            let book = Book::now(desk, caller, &page);
            return Ok((page, book));
        }
        Asked::Today => return Err(Away::instead(Redirect::to(&now))),
        // Pages that follow one another are of one ledger, whatever is written meanwhile.
        Asked::Then(moment) if !moment.is_pinned => return Err(Away::instead(Redirect::to(&moment.of(&now)))),
        Asked::Then(moment) => moment,
    };
    stood(desk, past, caller, page, moment, now).await
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
    let at = moment.at;
    match moment.open(desk, past, caller, &page).await? {
        // What is soon, late and of this year is so as of then.
        Opened::Ready(book) => Ok((Page { now: at, ..page }, book)),
        Opened::Folding(folding) => Err(waiting(page, &moment, folding, back)?),
    }
}

/// Says how far the ledger of a moment is, and asks again in a while.
pub(super) fn waiting(page: Page, moment: &Moment, folding: Folding, back: String) -> Result<Away, Error> {
    // Another may be folded before the one that is asked for.
    let name = if folding.standpoint == moment.standpoint { "past-progress" } else { "past-other" };
    let progress = page.say_two(name, ("folded", folding.folded), ("to", folding.standpoint.known));
    let waiting = Waiting { said: moment.said(&page), folding, progress, back, page };
    let mut answer = shown(StatusCode::OK, &waiting)?;
    answer.headers_mut().insert("refresh", axum::http::HeaderValue::from_static("2"));
    Ok(Away::instead(answer))
}

/// As of when is asked.
enum Asked {
    Now,
    /// As of the end of today, which is not over.
    Today,
    Then(Moment),
}

/// Reads as of when is asked.
async fn read(desk: &Desk, asked: &Fields, page: &Page) -> Result<Asked, Error> {
    let (recorded, happened) = (asked.text("as_of"), asked.text("happened_by"));
    let is_chosen = asked.text("clock") == "happened" && !recorded.is_empty();
    let by_happened = is_chosen || !happened.is_empty();
    let (name, day) = if happened.is_empty() { ("as_of", recorded) } else { ("happened_by", happened) };
    let position = Some(asked.text("at_position")).filter(|position| !position.is_empty() && !is_chosen);
    if day.is_empty() {
        let Some(position) = position else { return Ok(Asked::Now) };
        let (known, at) = event_at(desk, position).await?;
        let asked = vec![("at_position", known.to_string())];
        return Ok(Asked::Then(Moment { asked, standpoint: Standpoint::known(known), at, is_pinned: true }));
    }
    let parsed: NaiveDate = day.parse().map_err(|_| wrong(name, day))?;
    if parsed > page.today() {
        return Err(wrong(name, &format!("{day} > {}", page.today())));
    }
    if parsed == page.today() {
        return Ok(Asked::Today);
    }
    let at = Happened::On(parsed).latest(page.zone);
    if !by_happened {
        let known = desk.frame.log.position_at(at).await?;
        let asked = vec![("as_of", day.to_owned())];
        return Ok(Asked::Then(Moment { asked, standpoint: Standpoint::known(known), at, is_pinned: true }));
    }
    let known = match position {
        Some(position) => event_at(desk, position).await?.0,
        None => desk.frame.log.head().await?,
    };
    let standpoint = Standpoint { known, happened_by: Some(at) };
    let asked = vec![("happened_by", day.to_owned()), ("at_position", known.to_string())];
    Ok(Asked::Then(Moment { asked, standpoint, at, is_pinned: position.is_some() }))
}

fn wrong(name: &str, text: &str) -> Error {
    Error::Detailed(Code::BadRequest, format!("{name}: {text}"))
}

/// Returns a position of the log, and when its event was recorded.
async fn event_at(desk: &Desk, position: &str) -> Result<(Position, DateTime<Utc>), Error> {
    let wrong = || wrong("at_position", position);
    let known: Position = position.parse().ok().filter(|known| *known > 0).ok_or_else(wrong)?;
    let event = desk.frame.log.read_all(known - 1, 1).await?;
    Ok((known, event.first().ok_or_else(wrong)?.envelope.recorded))
}

/// Returns the address that asks for the same of now.
fn now_address(address: &str, asked: &Fields) -> String {
    let besides = besides(asked);
    let fields: Vec<(&str, &str)> = besides.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if fields.is_empty() { address.to_owned() } else { format!("{address}?{}", query_of(&fields)) }
}

/// Returns what is asked for besides as of when.
fn besides(asked: &Fields) -> Vec<(String, String)> {
    let [as_of, position, happened, clock] = AS_OF;
    let when = [as_of, position, happened, clock, "cursor"];
    asked.without(&when).filter(|(_, value)| !value.trim().is_empty()).cloned().collect()
}

impl Book {
    /// Returns the ledger as it is.
    pub(super) fn now(desk: &Desk, caller: &Caller, page: &Page) -> Book {
        let (ledger, viewer) = (desk.ledger.clone(), caller.viewer());
        Book { ledger, viewer, at: caller.now, today: page.today(), moment: None, _stood: None }
    }

    /// Returns whether it is what was on record, now or then, rather than what had happened.
    pub(super) fn is_recorded(&self) -> bool {
        self.moment.as_ref().is_none_or(Moment::is_recorded)
    }

    /// Returns what the page says of the moment, and where the same is of now.
    pub(super) fn replaying(&self, page: &Page, address: &str, asked: &Fields) -> Replaying {
        let happened = asked.text("happened_by");
        let besides = besides(asked);
        Replaying {
            banner: self.moment.as_ref().map(|moment| moment.said(page)),
            back: now_address(address, asked),
            compare: two_moments::address(self.moment.as_ref(), &besides),
            day: if happened.is_empty() { asked.text("as_of") } else { happened }.to_owned(),
            by_happened: !happened.is_empty(),
            besides,
            address: address.to_owned(),
            last: self.today.to_string(),
        }
    }
}

impl Moment {
    /// Opens the ledger as of this moment, for whoever looks.
    pub(super) async fn open(&self, desk: &Desk, past: &Past, caller: &Caller, page: &Page) -> Result<Opened, Error> {
        let stood = match past.ask(desk, self.standpoint)? {
            Found::Ready(stood) => stood,
            Found::Folding(folding) => return Ok(Opened::Folding(folding)),
        };
        let (viewer, _) = desk.ledger.viewer_of_past(&caller.viewer(), self.standpoint.known).await?;
        let (ledger, at, moment) = (stood.ledger.clone(), self.at, Some(self.clone()));
        Ok(Opened::Ready(Book { ledger, viewer, at, today: page.today(), moment, _stood: Some(stood) }))
    }

    /// Returns the present, with the log folded up to a position.
    pub(super) fn upto(position: Position, now: DateTime<Utc>) -> Moment {
        let (asked, standpoint) = (vec![(UPTO, position.to_string())], Standpoint::known(position));
        Moment { asked, standpoint, at: now, is_pinned: true }
    }

    /// Returns how much of the log is known.
    pub(super) fn position(&self) -> Position {
        self.standpoint.known
    }

    /// Returns whether it is what was recorded by then, rather than what had happened.
    pub(super) fn is_recorded(&self) -> bool {
        self.standpoint.happened_by.is_none()
    }

    /// Returns as of when, in words.
    pub(super) fn said(&self, page: &Page) -> String {
        let position = ("position", self.standpoint.known);
        match self.asked.as_slice() {
            [("happened_by", day), ..] => page.say_two("past-happened", position, ("day", day.as_str())),
            [("as_of", day), ..] => page.say_two("replay-banner", position, ("moment", day.as_str())),
            _ => page.say_two("replay-banner", position, ("moment", page.moment(&self.at))),
        }
    }

    /// Returns the fields of a query that say it.
    pub(super) fn fields(&self) -> Vec<(&str, &str)> {
        self.asked.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// Returns whether it was said how much is known.
    pub(super) fn is_pinned(&self) -> bool {
        self.is_pinned
    }

    /// Returns the address of something as of this moment.
    pub(super) fn of(&self, address: &str) -> String {
        let separator = if address.contains('?') { '&' } else { '?' };
        format!("{address}{separator}{}", query_of(&self.fields()))
    }
}

/// As of when a page is, and how another moment is chosen.
pub(super) struct Replaying {
    /// What is said of a moment of the past.
    pub(super) banner: Option<String>,
    /// The same page of now.
    pub(super) back: String,
    /// Where this moment is compared with another.
    pub(super) compare: String,
    pub(super) day: String,
    /// Whether the day is that by which something had happened, and not that by which it was recorded.
    pub(super) by_happened: bool,
    /// What is asked for besides.
    pub(super) besides: Vec<(String, String)>,
    pub(super) address: String,
    /// The last day that can be chosen.
    pub(super) last: String,
}
