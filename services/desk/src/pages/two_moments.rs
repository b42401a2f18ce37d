//! Two moments of the ledger side by side: what entered, left, moved on and became late between them, or between what was known
//! of a day then and what is known of it now.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use rectify_case::Directory;
use rectify_ledger::{Changed, Difference, Filter, Row, differences};

use super::as_of::{self, Book, Moment, Opened};
use super::form::{Fields, query_of};
use super::ledger::filter;
use super::page::{Page, shown};
use super::past::Past;
use super::visitor::{Away, Visitor};
use crate::desk::Desk;
use crate::error::Error;

/// How many cases are shown of which the same is different.
const SHOWN: usize = 100;

/// What the moments are called in a query.
const SIDES: [&str; 2] = ["from", "to"];

/// What a moment is told by, beside the clock of a day: each with the field of a page of that moment.
const TOLD_BY: [(&str, &str); 3] = [("on", "as_of"), ("by", "happened_by"), ("at", "at_position")];

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/ledger/compare", get(show))
}

/// Returns where a moment is compared with another, of what is asked for besides.
pub(super) fn address(moment: Option<&Moment>, besides: &[(String, String)]) -> String {
    let besides = besides.iter().map(|(name, value)| (name.clone(), value.clone()));
    query(moment.map(|moment| fields(SIDES[0], moment)).unwrap_or_default().into_iter().chain(besides))
}

fn query(fields: impl Iterator<Item = (String, String)>) -> String {
    let fields: Vec<(String, String)> = fields.collect();
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if fields.is_empty() { "/ledger/compare".to_owned() } else { format!("/ledger/compare?{}", query_of(&fields)) }
}

/// Returns the fields that say a moment on one side.
fn fields(side: &str, moment: &Moment) -> Vec<(String, String)> {
    let named = |name: &str| TOLD_BY.iter().find(|(_, field)| *field == name).map_or("at", |(told, _)| *told);
    moment.fields().into_iter().map(|(name, value)| (format!("{side}_{}", named(name)), value.to_owned())).collect()
}

/// Two moments of the ledger.
#[derive(Template)]
#[template(path = "two_moments.html")]
struct TwoMoments {
    page: Page,
    sides: Vec<Side>,
    /// What is asked for besides, in words and as fields.
    besides: Vec<(String, String)>,
    is_filtered: bool,
    /// What is different; none before both moments are chosen.
    parts: Option<Vec<Part>>,
    /// The last day that can be chosen.
    last: String,
}

/// One of the two moments.
struct Side {
    /// What its fields are called.
    name: &'static str,
    label: String,
    day: String,
    /// The position of the log that says it, where no day does.
    at: String,
    by_happened: bool,
    /// As of when, in words, and the ledger as of then.
    said: String,
    href: String,
    /// How many cases there are, wait for somebody, and are late.
    counts: String,
}

/// The cases of which the same is different.
struct Part {
    name: &'static str,
    said: String,
    lines: Vec<Line>,
    /// That there are more than are shown.
    more: Option<String>,
}

struct Line {
    href: String,
    number: String,
    title: String,
    before: String,
    after: String,
}

/// A moment as it is asked for on one side; none is now.
struct Chosen {
    day: String,
    by_happened: bool,
    moment: Option<Moment>,
}

impl Chosen {
    async fn read(desk: &Desk, asked: &Fields, side: &str, page: &Page) -> Result<Chosen, Error> {
        let mut told: Vec<(String, String)> = TOLD_BY
            .iter()
            .map(|(name, field)| ((*field).to_owned(), asked.text(&format!("{side}_{name}")).to_owned()))
            .collect();
        told.push(("clock".to_owned(), asked.text(&format!("{side}_clock")).to_owned()));
        let told = Fields(told);
        let moment = as_of::moment(desk, &told, page).await?;
        let by = told.text("happened_by");
        Ok(Chosen {
            day: if by.is_empty() { told.text("as_of") } else { by }.to_owned(),
            by_happened: !by.is_empty(),
            moment,
        })
    }
}

async fn show(
    State(desk): State<Desk>,
    Extension(past): Extension<Past>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let besides: Vec<(String, String)> =
        asked.0.iter().filter(|(name, value)| is_beside(name, value)).cloned().collect();
    let filter = filter(&Fields(besides.clone()), &page)?;
    let chosen =
        [Chosen::read(&desk, &asked, SIDES[0], &page).await?, Chosen::read(&desk, &asked, SIDES[1], &page).await?];
    let moments = || chosen.iter().map(|chosen| chosen.moment.as_ref());
    if moments().flatten().any(|moment| !moment.is_pinned()) {
        let sides = SIDES.into_iter().zip(moments());
        let said = sides.flat_map(|(side, moment)| moment.map(|moment| fields(side, moment)).unwrap_or_default());
        return Err(Away::instead(Redirect::to(&self::query(said.chain(besides)))));
    }
    let mut lists = Vec::new();
    if moments().any(|moment| moment.is_some()) {
        for moment in moments() {
            let book = match moment {
                None => Book::now(&desk, &caller, &page),
                Some(moment) => match moment.open(&desk, &past, &caller, &page).await? {
                    Opened::Ready(book) => book,
                    Opened::Folding(folding) => {
                        return Err(as_of::waiting(page, moment, folding, "/ledger".to_owned())?);
                    }
                },
            };
            lists.push(book.ledger.every(&book.viewer, &filter, book.at).await?);
        }
    }
    let labels = [page.say("compare-first"), page.say("compare-second")];
    let sides = SIDES.into_iter().zip(labels).zip(&chosen).enumerate().map(|(at, ((name, label), chosen))| Side {
        name,
        label,
        day: chosen.day.clone(),
        at: if chosen.day.is_empty() { asked.text(&format!("{name}_at")).to_owned() } else { String::new() },
        by_happened: chosen.by_happened,
        said: chosen.moment.as_ref().map_or_else(|| page.say("moments-now"), |moment| moment.said(&page)),
        href: ledger_of(chosen.moment.as_ref(), &besides),
        counts: lists.get(at).map(|rows| counted(rows, &page)).unwrap_or_default(),
    });
    let sides = sides.collect();
    let mut lists = lists.into_iter();
    let parts = lists.next().zip(lists.next()).map(|(before, after)| {
        let changed = differences(before, after);
        let of = |difference| Part::of(&changed, difference, &chosen, &page, &caller.directory);
        Difference::ALL.into_iter().filter_map(of).collect()
    });
    let (last, is_filtered) = (page.today().to_string(), filter != Filter::default());
    let shows = TwoMoments { page, sides, besides, is_filtered, parts, last };
    Ok(shown(StatusCode::OK, &shows)?)
}

/// Returns whether a field asks for something besides the moments.
fn is_beside(name: &str, value: &str) -> bool {
    let is_of_a_side = SIDES.iter().any(|side| name.starts_with(&format!("{side}_")));
    !is_of_a_side && !value.trim().is_empty()
}

/// Returns the address of the ledger as of a moment.
fn ledger_of(moment: Option<&Moment>, besides: &[(String, String)]) -> String {
    let fields: Vec<(&str, &str)> = besides.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let address = format!("/ledger?{}", query_of(&fields));
    match moment {
        Some(moment) if besides.is_empty() => moment.of("/ledger"),
        Some(moment) => moment.of(&address),
        None => address,
    }
}

fn counted(rows: &[Row], page: &Page) -> String {
    let count = |is: fn(&Row) -> bool| rows.iter().filter(|row| is(row)).count();
    let total = page.say_of("ledger-total", "n", rows.len());
    let standing =
        page.say_two("moments-standing", ("live", count(|row| row.live)), ("late", count(|row| row.overdue)));
    format!("{total}{}{standing}", page.say("list-comma"))
}

impl Part {
    /// Returns the cases of which something is different; none where there is none.
    fn of(
        changed: &[Changed],
        difference: Difference,
        chosen: &[Chosen; 2],
        page: &Page,
        directory: &Directory,
    ) -> Option<Part> {
        let of: Vec<&Changed> = changed.iter().filter(|changed| changed.differences.contains(&difference)).collect();
        let said = page.say(&format!("differs-{}", difference.name().replace('_', "-")));
        let line = |changed: &&Changed| Line::of(changed, difference, chosen, page, directory);
        (!of.is_empty()).then(|| Part {
            name: difference.name(),
            said: format!("{said} · {}", page.say_of("ledger-total", "n", of.len())),
            lines: of.iter().take(SHOWN).filter_map(line).collect(),
            more: (of.len() > SHOWN).then(|| page.say_of("moments-more", "n", SHOWN)),
        })
    }
}

impl Line {
    fn of(
        changed: &Changed,
        difference: Difference,
        [first, second]: &[Chosen; 2],
        page: &Page,
        directory: &Directory,
    ) -> Option<Line> {
        let row = changed.row()?;
        let there = if changed.after.is_some() { second } else { first };
        let case = format!("/cases/{}", row.id);
        let told = |row: &Option<Row>| {
            row.as_ref().map_or_else(|| page.say("moments-absent"), |row| said(row, difference, page, directory))
        };
        Some(Line {
            href: there.moment.as_ref().map_or_else(|| case.clone(), |moment| moment.of(&case)),
            number: row.number.clone().unwrap_or_else(|| page.say("unnumbered")),
            title: row.title.clone(),
            before: told(&changed.before),
            after: told(&changed.after),
        })
    }
}

/// Returns what can be different of a case, as it is in one list.
fn said(row: &Row, difference: Difference, page: &Page, directory: &Directory) -> String {
    let due = || row.due_day.map(|day| day.to_string());
    let text = match difference {
        Difference::Entered | Difference::Left | Difference::Stage => Some(page.stage(&row.stage)),
        Difference::BecameLate | Difference::NoLongerLate => {
            let standing = page.say(if row.overdue { "due-overdue" } else { "moments-in-time" });
            Some(due().map_or_else(|| standing.clone(), |due| format!("{standing} · {due}")))
        }
        Difference::Deadline => due(),
        Difference::Lead => row.lead.map(|lead| directory.unit_name(lead)),
        Difference::Severity => Some(page.severity(&row.severity)),
        Difference::Outcome => row.outcome.map(|outcome| page.outcome_kind(&outcome)),
        Difference::Title => Some(row.title.clone()),
    };
    text.unwrap_or_else(|| page.say("compare-none"))
}
