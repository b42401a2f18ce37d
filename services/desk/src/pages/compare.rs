//! Two moments of a case side by side: what changed between them, and what happened.

mod difference;
mod facts;

use askama::Template;
use axum::Router;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use chrono::NaiveDate;
use rectify_case::{Case, CaseId, Event, Position};
use rectify_log::Recorded;

use self::difference::{Change, Compared};
use super::act::name_of;
use super::case::{Happening, called, happenings};
use super::form::{Fields, query_of};
use super::page::{Page, shown};
use super::visitor::{Away, Visitor};
use crate::api::case;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::moment::Moment;
use crate::shown::ShownEvent;
use crate::sight::Sight;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/cases/{case}/compare", get(show))
}

/// Returns where two moments of a case are set side by side, from the event at a position on.
pub(super) fn address(case: CaseId, from: Option<Position>) -> String {
    let address = format!("/cases/{case}/compare");
    from.map_or(address.clone(), |from| format!("{address}?{}", query_of(&[("from_at", &from.to_string())])))
}

/// Two moments of a case.
#[derive(Template)]
#[template(path = "compare.html")]
struct Comparison {
    page: Page,
    href: String,
    number: String,
    title: String,
    /// Whether days are those on which something happened, and not those on which it was recorded.
    by_happened: bool,
    sides: [Side; 2],
    sections: Vec<Section>,
    /// How much came, went and changed.
    changes: String,
    /// What the second moment knows and the first does not, newest first.
    between: Vec<Happening>,
    /// What only the first knows: possible where one of them is told by what happened.
    only_first: Vec<Happening>,
}

/// One of the two moments.
struct Side {
    /// What its fields are called: `from` or `to`.
    name: &'static str,
    /// What it is called.
    label: String,
    /// The events that it may be, with the one that it is.
    events: Vec<(Position, String, bool)>,
    /// The day, as it was typed.
    day: String,
    wrong: Option<String>,
    /// As of when, in words.
    said: String,
    /// The case as of then.
    case_href: String,
    /// Whether the case was there.
    is_there: bool,
}

/// Part of a case at both moments.
struct Section {
    said: String,
    rows: Vec<Compared>,
}

impl Comparison {
    /// Returns what became of a fact, in a word.
    fn changed(&self, compared: &Compared) -> String {
        self.page.say(match compared.change {
            Change::Added => "compare-added",
            Change::Removed => "compare-removed",
            Change::Changed => "compare-changed",
            Change::Same => "compare-same",
        })
    }

    /// Returns the style of what became of a fact.
    #[expect(clippy::unused_self, reason = "a template asks the page")]
    fn style(&self, compared: &Compared) -> &'static str {
        match compared.change {
            Change::Added => "done",
            Change::Removed => "late",
            Change::Changed => "check",
            Change::Same => "",
        }
    }
}

/// A moment as it is asked for.
struct Asked {
    moment: Moment,
    /// The query that shows the case as of it.
    query: String,
    wrong: bool,
}

impl Asked {
    /// Reads a moment: a day where one is given, else an event, else what is usual.
    fn read(fields: &Fields, side: &str, by_happened: bool, usual: Position) -> Result<Asked, Error> {
        let (day, at) = (fields.text(&format!("{side}_on")), fields.text(&format!("{side}_at")));
        let clock = if by_happened { "happened_by" } else { "as_of" };
        if !day.is_empty() {
            let parsed: Result<NaiveDate, _> = day.parse();
            let moment = |day| if by_happened { Moment::happened_by(day) } else { Moment::recorded_by(day) };
            return Ok(Asked {
                moment: parsed.map_or_else(|_| Moment::at(usual), moment),
                query: query_of(&[(clock, day)]),
                wrong: parsed.is_err(),
            });
        }
        let at = match at {
            "" => usual,
            at => at.parse().map_err(|_| Error::Detailed(Code::BadRequest, format!("{side}_at")))?,
        };
        Ok(Asked { moment: Moment::at(at), query: query_of(&[("at_position", &at.to_string())]), wrong: false })
    }
}

async fn show(
    State(desk): State<Desk>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    Visitor { caller, page, .. }: Visitor,
) -> Result<Response, Away> {
    let (now, all) = case::load(&desk, &caller, &name).await?;
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let by_happened = fields.text("clock") == "happened";
    let position = |event: Option<&Recorded>| event.map_or(0, |event| event.position);
    let mut asked = [
        Asked::read(&fields, "from", by_happened, position(all.first()))?,
        Asked::read(&fields, "to", by_happened, position(all.last()))?,
    ];
    let zone = page.zone;
    let of = |asked: &Asked| all.iter().filter(|event| asked.moment.keeps(event, zone)).collect::<Vec<_>>();
    let mut kept = [of(&asked[0]), of(&asked[1])];
    let is_wrong = asked.iter().any(|asked| asked.wrong);
    // The earlier one stands first, whichever was asked for as that.
    let turned = kept[0].len() > kept[1].len();
    if turned {
        asked.swap(0, 1);
        kept.swap(0, 1);
    }
    let mut sight = Sight::of(&desk, &caller);
    let mut stood: Vec<Option<Case>> = Vec::new();
    for kept in &kept {
        let mut case = case::stood(now.id, kept.iter().copied()).ok();
        if let Some(case) = &mut case {
            sight.case(case).await?;
        }
        stood.push(case);
    }
    let known = |events: &[&Recorded], event: &Recorded| events.iter().any(|one| one.position == event.position);
    let told = |here: usize, there: usize| {
        let events = kept[here].iter().filter(|event| !known(&kept[there], event));
        events.filter_map(|event| ShownEvent::of(event, &caller.directory)).collect::<Vec<_>>()
    };
    let between = sight.events(told(1, 0)).await?;
    let only_first = sight.events(told(0, 1)).await?;
    let related = desk.ledger.related(&caller.viewer(), now.id, caller.now).await?;
    let called = called(&related);
    let directory = &caller.directory;
    let facts = |case: Option<&Case>| case.map(|case| facts::of(case, &page, directory)).unwrap_or_default();
    let (first, second) = (facts(stood[0].as_ref()), facts(stood[1].as_ref()));
    let sections: Vec<Section> = facts::SECTIONS
        .iter()
        .zip(first.iter().zip(&second))
        .map(|(name, (first, second))| Section { said: page.say(name), rows: difference::between(first, second) })
        .filter(|section| !section.rows.is_empty())
        .collect();
    let [first, second] = ["from", "to"].map(|name| if turned { other(name) } else { name });
    let visible = sight.events(all.iter().filter_map(|event| ShownEvent::of(event, directory)).collect()).await?;
    let side = |at: usize, name: &'static str, typed: &str| {
        let day = fields.text(&format!("{typed}_on")).to_owned();
        let last = kept[at].last().map_or(0, |event| event.position);
        let event = |event: &ShownEvent| {
            let said = format!("#{} · {} · {}", event.position, page.moment(&event.recorded), page.event(&event.event));
            (event.position, said, day.is_empty() && event.position == last)
        };
        Side {
            name,
            label: page.say(if at == 0 { "compare-first" } else { "compare-second" }),
            events: visible.iter().map(event).collect(),
            wrong: asked[at].wrong.then(|| page.say("field-no-day")),
            said: as_of(&day, by_happened, &kept[at], &page),
            case_href: format!("/cases/{}?{}", now.id, asked[at].query),
            is_there: stood[at].is_some(),
            day,
        }
    };
    let shows = Comparison {
        href: format!("/cases/{}", now.id),
        number: name_of(&now, &page),
        title: now.title.clone(),
        by_happened,
        sides: [side(0, "from", first), side(1, "to", second)],
        changes: counted(&sections, &page),
        between: happenings(stood[1].as_ref().unwrap_or(&now), &between, &page, directory, &called),
        only_first: happenings(stood[0].as_ref().unwrap_or(&now), &only_first, &page, directory, &called),
        sections,
        page,
    };
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(shown(status, &shows)?)
}

fn other(side: &str) -> &'static str {
    if side == "from" { "to" } else { "from" }
}

/// Returns as of when a side is, in words.
fn as_of(day: &str, by_happened: bool, kept: &[&Recorded], page: &Page) -> String {
    let position = kept.last().map_or(0, |event| event.position);
    match kept.last() {
        _ if day.parse::<NaiveDate>().is_ok() => {
            let name = if by_happened { "compare-happened-by" } else { "compare-recorded-by" };
            page.say_two(name, ("day", day), ("position", position))
        }
        Some(event) => {
            let said = if let Event::Case(what) = &event.envelope.event { page.event(what) } else { String::new() };
            let moment = page.moment(&event.envelope.recorded);
            page.say_two("compare-at", ("position", position), ("moment", format!("{moment} {said}")))
        }
        None => page.say("compare-not-there"),
    }
}

/// Returns how much came, went and changed, in words.
fn counted(sections: &[Section], page: &Page) -> String {
    let count = |change| sections.iter().flat_map(|section| &section.rows).filter(|row| row.change == change).count();
    let counts = [("added", Change::Added), ("removed", Change::Removed), ("changed", Change::Changed)];
    let counts = counts.map(|(name, change)| (name, count(change))).into_iter().filter(|(_, n)| *n > 0);
    let said: Vec<String> = counts.map(|(name, n)| page.say_of(&format!("compare-count-{name}"), "n", n)).collect();
    if said.is_empty() { page.say("compare-nothing") } else { said.join(&page.say("list-comma")) }
}
