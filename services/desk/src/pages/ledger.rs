//! The ledger (台账): which cases there are, page by page.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use chrono::{Days, NaiveDate};
use rectify_case::finding::Severity;
use rectify_case::{Case, Directory, DivisionCode, SourceCode, Stage, UnitId};
use rectify_ledger::{Filter, Row, Sort, SortBy, Wanted};
use serde::Deserialize;
use serde::de::value::{Error as Unreadable, MapDeserializer};

use super::form::Fields;
use super::forms;
use super::page::{Page, shown};
use super::visitor::{Away, Visitor};
use super::words::stage_style;
use super::workbook;
use crate::api::evidence::file_headers;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// How many rows a page has.
const ROWS: u32 = 50;

/// How many rows are asked for at once where all are wanted.
const LONGEST_PAGE: u32 = 1_000;

/// The most cases a workbook has.
const MOST: usize = 20_000;

/// The media type of a workbook.
pub(super) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How many days ahead something is due soon.
const SOON: u64 = 7;

/// What a query says beside the filter.
const BESIDE: [&str; 3] = ["sort", "cursor", "due"];

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/ledger", get(list)).route("/ledger/export", get(export))
}

/// A page of the ledger.
#[derive(Template)]
#[template(path = "ledger.html")]
struct Ledger {
    page: Page,
    asked: Fields,
    lines: Vec<Line>,
    total: u64,
    /// The address of the next page; none on the last.
    next: Option<String>,
    /// The address of the workbook.
    export: String,
    /// The forms of superior offices that it can be written into: what each is called, and where it is had.
    forms: Vec<(String, String)>,
    /// Whether who looks keeps such forms.
    keeps_forms: bool,
    /// The address of the first page.
    first: String,
    is_first: bool,
    by_number: Column,
    by_severity: Column,
    by_due: Column,
    /// Conditions beside those of the form, each with the address without it.
    chips: Vec<Chip>,
    sources: Vec<(String, String)>,
    stages: Vec<(String, String)>,
    severities: Vec<(String, String)>,
    units: Vec<(String, String)>,
    divisions: Vec<(String, String)>,
}

/// A case as one line.
pub(super) struct Line {
    pub(super) href: String,
    pub(super) number: String,
    pub(super) title: String,
    pub(super) sub: String,
    pub(super) source: String,
    pub(super) lead: String,
    pub(super) stage: String,
    pub(super) style: &'static str,
    /// What else there is to know: listed, an extension that waits, carried over.
    pub(super) tags: Vec<String>,
    pub(super) severity: Option<String>,
    pub(super) due: Option<Due>,
}

/// A deadline as it is shown.
pub(super) struct Due {
    pub(super) style: &'static str,
    pub(super) said: String,
    pub(super) day: String,
}

/// A column that can be ordered by: what it is called, and where that leads.
struct Column {
    said: String,
    href: String,
    /// As `aria-sort` names it; empty where it is not ordered by.
    sorted: &'static str,
}

struct Chip {
    said: String,
    value: String,
    without: String,
}

impl Ledger {
    /// Returns whether the form asks for a value.
    fn asks(&self, name: &str, value: &str) -> bool {
        self.asked.text(name) == value
    }
}

async fn list(
    State(desk): State<Desk>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let filter = filter(&asked, &page)?;
    let sort = sort(&asked)?;
    let cursor = Some(asked.text("cursor").to_owned()).filter(|cursor| !cursor.is_empty());
    let is_first = cursor.is_none();
    let wanted = Wanted { filter, sort, cursor, limit: ROWS, total: true, ..Wanted::default() };
    let viewer = caller.viewer();
    let found = desk.ledger.list(&viewer, &wanted, caller.now).await?;
    let counts = page.who.as_ref().map(|who| who.counts.clone()).unwrap_or_default();
    let directory = &caller.directory;
    let named = |unit: &UnitId| (unit.to_string(), directory.unit_name(*unit));
    let column = |by, said| {
        let is_now = sort.by == by;
        let next = Sort { by, descending: is_now && !sort.descending };
        let sorted = match (is_now, sort.descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        Column { said, href: address(&asked, &["sort", "cursor"], &[("sort", &next.to_string())]), sorted }
    };
    let ledger = Ledger {
        lines: found.rows.iter().map(|row| Line::of(row, &page, directory)).collect(),
        total: found.total.unwrap_or(0),
        next: found.next.map(|next| address(&asked, &["cursor"], &[("cursor", &next)])),
        export: address(&asked, &["cursor"], &[]).replacen("/ledger", "/ledger/export", 1),
        forms: forms::offered(&desk, &caller, &address(&asked, &["cursor"], &[])).await?,
        keeps_forms: !forms::offices(&caller).is_empty(),
        first: address(&asked, &["cursor"], &[]),
        is_first,
        by_number: column(SortBy::Number, page.say("column-number")),
        by_severity: column(SortBy::Severity, page.say("column-severity")),
        by_due: column(SortBy::Due, page.say("column-due")),
        chips: chips(&asked, &page, directory),
        sources: counts.by_source.keys().map(|code| (code.to_string(), source_name(code, directory))).collect(),
        stages: Stage::ALL.iter().map(|stage| (stage.name().to_owned(), page.stage(stage))).collect(),
        severities: [("ordinary", Severity::Ordinary), ("serious", Severity::Serious), ("grave", Severity::Grave)]
            .map(|(name, severity)| (name.to_owned(), page.severity(&severity)))
            .to_vec(),
        units: counts.by_lead.keys().map(named).collect(),
        divisions: counts
            .by_division
            .keys()
            .map(|code| (code.to_string(), division_name(code, directory)))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
        asked,
        page,
    };
    Ok(shown(StatusCode::OK, &ledger)?)
}

/// All cases that are asked for.
pub(super) struct Whole {
    pub(super) cases: Vec<Case>,
    /// Which cases these are, and as of when.
    pub(super) about: String,
}

impl Whole {
    /// Looks up all cases that a query of the ledger asks for.
    pub(super) async fn of(desk: &Desk, caller: &Caller, page: &Page, query: Option<String>) -> Result<Whole, Error> {
        let asked = Fields::read(query.unwrap_or_default().as_bytes());
        let sort = sort(&asked)?;
        let mut wanted = Wanted { filter: filter(&asked, page)?, sort, limit: LONGEST_PAGE, ..Wanted::default() };
        let viewer = caller.viewer();
        let mut cases = Vec::new();
        let position = loop {
            let found = desk.ledger.list(&viewer, &wanted, caller.now).await?;
            cases.extend(desk.ledger.behind(&found.rows).await?);
            if cases.len() > MOST {
                return Err(Error::Detailed(Code::TooManyRows, format!("> {MOST}")));
            }
            wanted.cursor = found.next;
            if wanted.cursor.is_none() {
                break found.position;
            }
        };
        let chips: Vec<String> =
            chips(&asked, page, &caller.directory).iter().map(|chip| format!("{} {}", chip.said, chip.value)).collect();
        let about = page.say_two(
            "sheet-about",
            ("filter", if chips.is_empty() { page.say("sheet-all") } else { chips.join(&page.say("list-comma")) }),
            ("moment", page.moment(&caller.now)),
        );
        let about = format!(
            "{about} {} {}",
            page.say_of("ledger-total", "n", cases.len()),
            page.say_of("as-of-position", "position", position)
        );
        Ok(Whole { cases, about })
    }
}

/// Sends what is asked for as a workbook.
async fn export(
    State(desk): State<Desk>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let Whole { cases, about } = Whole::of(&desk, &caller, &page, query).await?;
    let name = format!("{} {}.xlsx", page.say("nav-ledger"), page.today());
    let directory = Arc::clone(&caller.directory);
    let made = tokio::task::spawn_blocking(move || workbook::of(&cases, &about, &page, &directory));
    let bytes = made.await.map_err(|error| Error::Internal(error.into()))?;
    let bytes = bytes.map_err(|error| Error::Internal(error.into()))?;
    let size = u64::try_from(bytes.len()).unwrap_or(0);
    Ok((file_headers(&name, WORKBOOK, size), bytes).into_response())
}

/// Reads in which order.
fn sort(asked: &Fields) -> Result<Sort, Error> {
    match asked.text("sort") {
        "" => Ok(Sort { by: SortBy::Due, descending: false }),
        sort => sort.parse().map_err(|_| Error::Detailed(Code::BadRequest, "sort".to_owned())),
    }
}

/// Reads which cases are asked for.
fn filter(asked: &Fields, page: &Page) -> Result<Filter, Error> {
    let said = asked.without(&BESIDE).map(|(name, value)| (name.as_str(), value.as_str()));
    let read = MapDeserializer::<_, Unreadable>::new(said);
    let mut filter = Filter::deserialize(read).map_err(|error| Error::Detailed(Code::BadRequest, error.to_string()))?;
    match asked.text("due") {
        "overdue" => filter.overdue = Some(true),
        "soon" => {
            let last = page.today() + Days::new(SOON);
            filter.due_before = Some(page.zone.end_of(last));
        }
        _ => {}
    }
    Ok(filter)
}

/// Returns the address of a list that asks for the same but for some fields.
fn address(asked: &Fields, without: &[&str], with: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new("/ledger?".to_owned());
    query.extend_pairs(asked.without(without).filter(|(_, value)| !value.trim().is_empty()));
    query.extend_pairs(with);
    query.finish()
}

/// Returns the conditions that are asked for, each with the address without it.
fn chips(asked: &Fields, page: &Page, directory: &Directory) -> Vec<Chip> {
    let said =
        asked.0.iter().filter(|(name, value)| !["sort", "cursor"].contains(&name.as_str()) && !value.trim().is_empty());
    let chip = |(name, value): &(String, String)| Chip {
        said: page.say(&format!("filter-{}", name.replace('_', "-"))),
        value: value_said(name, value, page, directory),
        without: address(asked, &[name, "cursor"], &[]),
    };
    said.map(chip).collect()
}

/// Returns a value that is asked for as people call it.
fn value_said(name: &str, value: &str, page: &Page, directory: &Directory) -> String {
    let each =
        |call: &dyn Fn(&str) -> String| value.split(',').map(call).collect::<Vec<_>>().join(&page.say("list-comma"));
    match name {
        "stage" | "outcome" | "severity" => each(&|one| page.say(&format!("{name}-{}", one.replace('_', "-")))),
        "source" => each(&|one| one.parse().map_or_else(|_| one.to_owned(), |code| source_name(&code, directory))),
        "unit" | "holder" | "lead" => value.parse().map_or_else(|_| value.to_owned(), |unit| directory.unit_name(unit)),
        "waits" => each(&|one| page.say(&format!("wait-{}", one.replace('_', "-")))),
        "division" | "division_itself" => {
            value.parse().map_or_else(|_| value.to_owned(), |code| division_name(&code, directory))
        }
        "due" => page.say(&format!("due-{value}")),
        _ if value == "true" => page.say("flag-true"),
        _ if value == "false" => page.say("flag-false"),
        _ => value.to_owned(),
    }
}

/// Returns the name of a source, or its code where none is known.
pub(super) fn source_name(code: &SourceCode, directory: &Directory) -> String {
    directory.source(code).map_or_else(|| code.to_string(), |source| source.name.clone())
}

/// Returns the name of what lies in a division: of the first county, prefecture or township in the directory that does.
pub(super) fn division_name(code: &DivisionCode, directory: &Directory) -> String {
    use rectify_case::directory::UnitKind::{County, Prefecture, Township};
    let mut homes = directory.units().filter(|unit| matches!(unit.kind, Prefecture | County | Township));
    homes.find(|unit| unit.division == *code).map_or_else(|| code.to_string(), |unit| unit.name.clone())
}

impl Line {
    /// Returns a case of the ledger as one line.
    pub(super) fn of(row: &Row, page: &Page, directory: &Directory) -> Line {
        let mut tags = Vec::new();
        if row.listed {
            tags.push(page.say("tag-listed"));
        }
        if row.extension {
            tags.push(page.say("tag-extension"));
        }
        if row.carried_over {
            tags.push(page.say("tag-carried-over"));
        }
        if row.reopenings > 0 {
            tags.push(page.say("tag-reopened"));
        }
        let division = row.division.as_ref().map(|code| division_name(code, directory));
        let sub: Vec<String> = division.into_iter().chain(row.place.clone()).collect();
        Line {
            href: format!("/cases/{}", row.id),
            number: row.number.clone().unwrap_or_else(|| page.say("unnumbered")),
            title: row.title.clone(),
            sub: sub.join(" "),
            source: row.source.as_ref().map(|code| source_name(code, directory)).unwrap_or_default(),
            lead: row.lead.map(|unit| directory.unit_name(unit)).unwrap_or_default(),
            stage: page.stage(&row.stage),
            style: stage_style(row.stage),
            tags,
            severity: (row.severity > Severity::Ordinary).then(|| page.severity(&row.severity)),
            due: row.due_day.map(|day| Due::of(day, row.live, page)),
        }
    }
}

impl Due {
    /// Returns a deadline as it is shown: how long is left, or how late it is, while somebody is waited for.
    pub(super) fn of(last_day: NaiveDate, live: bool, page: &Page) -> Due {
        let left = last_day.signed_duration_since(page.today()).num_days();
        let day = last_day.to_string();
        let (style, said) = match left {
            _ if !live => ("", String::new()),
            ..0 => ("late", page.say_of("due-late", "n", left.unsigned_abs())),
            0 => ("soon", page.say("due-today")),
            1..=7 => ("soon", page.say_of("due-left", "n", left)),
            _ => ("", page.say_of("due-left", "n", left)),
        };
        Due { style, said, day }
    }
}
