//! The ledger (台账): which cases there are, page by page, as whoever looks wants to have it.

mod columns;
mod views;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use axum::{Extension, Router};
use chrono::{DateTime, Days, NaiveDate, Utc};
use rectify_case::finding::Severity;
use rectify_case::{Case, CaseId, Directory, DivisionCode, Position, SourceCode, Stage, UnitId};
use rectify_ledger::{Filter, Ledger, Row, Sort, SortBy, Viewer, Wanted};
use serde::Deserialize;
use serde::de::value::{Error as Unreadable, MapDeserializer};

use self::columns::{CHOOSING, COLUMNS, Cell};
use self::views::{Again, Own, Strip, VIEW};
use super::act::{offered_together, selected};
use super::as_of::{self, AS_OF, Book, Replaying};
use super::form::{Fields, query_of};
use super::forms;
use super::page::{Page, shown};
use super::past::Past;
use super::visitor::{Away, Visitor};
use super::words::stage_style;
use super::workbook;
use crate::api::evidence::file_headers;
use crate::api::publications::publishing;
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
pub(crate) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// How many days ahead something is due soon.
const SOON: u64 = 7;

/// What a query says beside conditions.
pub(super) const BESIDE: [&str; 8] = ["sort", "cursor", COLUMNS, VIEW, AS_OF[0], AS_OF[1], AS_OF[2], AS_OF[3]];

/// The condition that the ledger itself has no name for.
pub(super) const DUE: &str = "due";

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/ledger", get(list))
        .route("/ledger/export", get(export))
        .route("/ledger/export/selected", get(export_selected))
        .route("/ledger/columns", get(views::leave).post(columns::choose))
        .route("/ledger/views", get(views::leave).post(views::name))
        .route("/ledger/views/{view}", get(views::leave).post(views::rename))
        .route("/ledger/views/{view}/keep", get(views::leave).post(views::keep))
        .route("/ledger/views/{view}/first", get(views::leave).post(views::first))
        .route("/ledger/views/{view}/forget", get(views::leave).post(views::forget))
}

/// A page of the ledger.
#[derive(Template)]
#[template(path = "ledger.html")]
struct LedgerPage {
    page: Page,
    asked: Fields,
    views: Strip,
    /// Every column, as it is chosen.
    columns: Vec<columns::Choice>,
    /// Whether columns are being chosen.
    is_choosing: bool,
    /// What is said of it on paper.
    printed: String,
    /// What can be done with several cases at once: the command, and what it is called.
    acts: Vec<(&'static str, String)>,
    heads: Vec<Head>,
    lines: Vec<Shown>,
    total: u64,
    /// The address of the next page; none on the last.
    next: Option<String>,
    /// The address of the workbook.
    export: String,
    /// The address at which it is published; none for whoever may not.
    publish: Option<String>,
    /// The forms of superior offices that it can be written into: what each is called, and where it is had.
    forms: Vec<(String, String)>,
    /// Whether who looks keeps such forms.
    keeps_forms: bool,
    replaying: Replaying,
    /// How far the log was folded.
    position: u64,
    /// The address without any condition.
    clear: String,
    /// The address of this page, and of the first.
    here: String,
    first: String,
    is_first: bool,
    /// Conditions beside those of the form, each with the address without it.
    chips: Vec<Chip>,
    sources: Vec<(String, String)>,
    stages: Vec<(String, String)>,
    severities: Vec<(String, String)>,
    units: Vec<(String, String)>,
    divisions: Vec<(String, String)>,
}

/// A case as it is listed: its line, and what it has in each column.
struct Shown {
    id: CaseId,
    line: Line,
    cells: Vec<Cell>,
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

/// What stands above a column; where that leads, where it can be ordered by.
struct Head {
    said: String,
    /// Where it stays in sight, or that it is only said.
    style: &'static str,
    href: Option<String>,
    /// As `aria-sort` names it; empty where it is not ordered by.
    sorted: &'static str,
}

struct Chip {
    said: String,
    value: String,
    without: String,
}

impl LedgerPage {
    /// Returns whether the form asks for a value.
    fn asks(&self, name: &str, value: &str) -> bool {
        self.asked.text(name) == value
    }
}

async fn list(
    State(desk): State<Desk>,
    Extension(past): Extension<Past>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let own = Own::of(&desk, caller.who.person).await?;
    // Whoever comes without a question gets the view they want first; `/ledger?` asks for everything.
    if query.is_none()
        && let Some(view) = own.first()
    {
        return Ok(Redirect::to(&views::address_of(view)).into_response());
    }
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let (page, book) = as_of::open(&desk, &past, &caller, page, &asked, "/ledger").await?;
    let ledger = ledger(&desk, &caller, page, &book, asked, &own, Again::default()).await?;
    Ok(shown(StatusCode::OK, &ledger)?)
}

/// Returns a page of the ledger.
async fn ledger(
    desk: &Desk,
    caller: &Caller,
    page: Page,
    book: &Book,
    asked: Fields,
    own: &Own,
    again: Again,
) -> Result<LedgerPage, Error> {
    let is_choosing = asked.get(CHOOSING).is_some();
    let asked = Fields(asked.without(&[CHOOSING]).cloned().collect());
    let filter = filter(&asked, &page)?;
    let sort = sort(&asked)?;
    let columns = columns::shown(&asked, own)?;
    let cursor = Some(asked.text("cursor").to_owned()).filter(|cursor| !cursor.is_empty());
    let is_first = cursor.is_none();
    let wanted = Wanted { filter, sort, cursor, limit: ROWS, total: true, ..Wanted::default() };
    let found = book.ledger.list(&book.viewer, &wanted, book.at).await?;
    let is_now = book.moment.is_none();
    let counts = match &page.who {
        Some(who) if is_now => who.counts.clone(),
        _ => book.ledger.counts(&book.viewer, book.at).await?,
    };
    let directory = &caller.directory;
    let named = |unit: &UnitId| (unit.to_string(), directory.unit_name(*unit));
    let chips = chips(&asked, &page, directory);
    let fixed = [(page.say("column-number"), Some(SortBy::Number)), (page.say("column-what"), None)];
    let chosen = columns.iter().map(|column| (column.said(&page), column.sorts()));
    let heads = fixed.into_iter().chain(chosen).map(|(said, by)| Head::of(said, by, sort, &asked));
    let line = |row: &Row| {
        let mut line = Line::of(row, &page, directory);
        if let Some(moment) = &book.moment {
            line.href = moment.of(&line.href);
        }
        let cells = columns.iter().map(|column| column.of(row, &line, &page, directory)).collect();
        Shown { id: row.id, line, cells }
    };
    let total = found.total.unwrap_or(0);
    // What was is looked at, and no more.
    let acts = is_now.then(|| offered_together(caller)).into_iter().flatten();
    Ok(LedgerPage {
        replaying: book.replaying(&page, "/ledger", &asked),
        position: found.position,
        clear: book.moment.as_ref().map_or_else(|| "/ledger?".to_owned(), |moment| moment.of("/ledger")),
        views: Strip::of(own, &asked, &columns, !chips.is_empty(), again),
        columns: columns::choices(&columns, &page),
        is_choosing,
        printed: printed(&page, &said(own, &asked, &page, directory), found.rows.len(), total, found.position),
        acts: acts.map(|command| (command, page.act(command))).collect(),
        heads: heads.collect(),
        lines: found.rows.iter().map(line).collect(),
        total,
        next: found.next.map(|next| address(&asked, &["cursor"], &[("cursor", &next)])),
        export: address(&asked, &["cursor"], &[]).replacen("/ledger", "/ledger/export", 1),
        publish: (publishing(caller).is_ok() && book.is_recorded())
            .then(|| address(&asked, &["cursor"], &[]).replacen("/ledger", "/publish", 1)),
        forms: if is_now {
            forms::offered(desk, caller, &address(&asked, &["cursor"], &[])).await?
        } else {
            Vec::new()
        },
        keeps_forms: is_now && !forms::offices(caller).is_empty(),
        here: address(&asked, &[], &[]),
        first: address(&asked, &["cursor"], &[]),
        is_first,
        chips,
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
    })
}

/// Returns what is said of a page on paper: which cases, when, how many of how many, and as of where.
fn printed(page: &Page, filter: &str, rows: usize, total: u64, position: Position) -> String {
    let about = page.say_two("print-about", ("filter", filter), ("moment", page.moment(&page.now)));
    let rows = page.say_two("print-rows", ("n", rows), ("total", total));
    format!("{about} {rows} {}", page.say_of("as-of-position", "position", position))
}

/// Returns in words what is asked for, with the view that asks for it.
fn said(own: &Own, asked: &Fields, page: &Page, directory: &Directory) -> String {
    let view = views::name_of(own, asked).map(|name| page.say_of("sheet-view", "name", name));
    in_words(view, asked, page, directory)
}

/// Returns in words what is asked for.
pub(crate) fn conditions(asked: &Fields, page: &Page, directory: &Directory) -> String {
    in_words(None, asked, page, directory)
}

fn in_words(view: Option<String>, asked: &Fields, page: &Page, directory: &Directory) -> String {
    let chips = chips(asked, page, directory).into_iter().map(|chip| format!("{} {}", chip.said, chip.value));
    let said: Vec<String> = view.into_iter().chain(chips).collect();
    if said.is_empty() { page.say("sheet-all") } else { said.join(&page.say("list-comma")) }
}

/// All cases that are asked for.
pub(crate) struct Whole {
    pub(crate) cases: Vec<Case>,
    /// The positions of their first events.
    pub(crate) entries: Vec<Position>,
    /// How far the log was folded.
    position: Position,
}

impl Whole {
    /// Looks up all cases that a query of the ledger asks for, as they are.
    pub(super) async fn now(desk: &Desk, caller: &Caller, page: &Page, query: Option<String>) -> Result<Whole, Error> {
        let asked = Fields::read(query.unwrap_or_default().as_bytes());
        Whole::of(&desk.ledger, &caller.viewer(), caller.now, &asked, page).await
    }

    /// Looks up all cases that a query asks a ledger for, as of an instant.
    pub(crate) async fn of(
        ledger: &Ledger,
        viewer: &Viewer,
        at: DateTime<Utc>,
        asked: &Fields,
        page: &Page,
    ) -> Result<Whole, Error> {
        let sort = sort(asked)?;
        let mut wanted = Wanted { filter: filter(asked, page)?, sort, limit: LONGEST_PAGE, ..Wanted::default() };
        let (mut entries, mut cases) = (Vec::new(), Vec::new());
        loop {
            let found = ledger.list(viewer, &wanted, at).await?;
            for (entry, case) in ledger.begun(&found.rows).await? {
                entries.push(entry);
                cases.push(case);
            }
            if cases.len() > MOST {
                return Err(Error::Detailed(Code::TooManyRows, format!("> {MOST}")));
            }
            wanted.cursor = found.next;
            if wanted.cursor.is_none() {
                return Ok(Whole { cases, entries, position: found.position });
            }
        }
    }
}

/// Sends what is asked for as a workbook.
async fn export(
    State(desk): State<Desk>,
    Extension(past): Extension<Past>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let own = Own::of(&desk, caller.who.person).await?;
    let (page, book) = as_of::open(&desk, &past, &caller, page, &asked, "/ledger/export").await?;
    let Whole { cases, position, .. } = Whole::of(&book.ledger, &book.viewer, book.at, &asked, &page).await?;
    let said = said(&own, &asked, &page, &caller.directory);
    let view = views::name_of(&own, &asked).unwrap_or_else(|| page.say("nav-ledger"));
    Ok(sheets(page, &caller.directory, cases, view, &said, position).await?)
}

/// Sends the cases that were selected as a workbook, without those that may not be shown.
async fn export_selected(
    State(desk): State<Desk>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let ids: Vec<CaseId> = selected(&Fields::read(query.unwrap_or_default().as_bytes()))?
        .iter()
        .filter_map(|selected| selected.case.parse().ok())
        .collect();
    let position = desk.ledger.checkpoint().await?;
    let rows = desk.ledger.cases(&caller.viewer(), ids.iter().copied(), caller.now).await?;
    if rows.is_empty() {
        return Err(Code::NoSuchCase.into());
    }
    let mut rows: HashMap<CaseId, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    let rows: Vec<Row> = ids.iter().filter_map(|id| rows.remove(id)).collect();
    let cases = desk.ledger.behind(&rows).await?;
    let said = page.say_of("sheet-selected", "n", cases.len());
    let name = page.say("nav-ledger");
    Ok(sheets(page, &caller.directory, cases, name, &said, position).await?)
}

/// Returns cases as a workbook, which says what was asked for.
async fn sheets(
    page: Page,
    directory: &Arc<Directory>,
    cases: Vec<Case>,
    name: String,
    said: &str,
    position: Position,
) -> Result<Response, Error> {
    let about = page.say_two("sheet-about", ("filter", said), ("moment", page.moment(&page.now)));
    let about = format!(
        "{about} {} {}",
        page.say_of("ledger-total", "n", cases.len()),
        page.say_of("as-of-position", "position", position)
    );
    let name = format!("{name} {}.xlsx", page.today());
    let directory = Arc::clone(directory);
    let made = tokio::task::spawn_blocking(move || workbook::of(&cases, &about, &page, &directory));
    let bytes = made.await.map_err(|error| Error::Internal(error.into()))?;
    let bytes = bytes.map_err(|error| Error::Internal(error.into()))?;
    let size = u64::try_from(bytes.len()).unwrap_or(0);
    Ok((file_headers(&name, WORKBOOK, size), bytes).into_response())
}

/// Reads in which order.
pub(super) fn sort(asked: &Fields) -> Result<Sort, Error> {
    match asked.text("sort") {
        "" => Ok(Sort { by: SortBy::Due, descending: false }),
        sort => sort.parse().map_err(|_| Error::Detailed(Code::BadRequest, "sort".to_owned())),
    }
}

/// Reads which cases are asked for.
pub(super) fn filter(asked: &Fields, page: &Page) -> Result<Filter, Error> {
    let said = asked.without(&BESIDE).filter(|(name, _)| name != DUE);
    let said = said.map(|(name, value)| (name.as_str(), value.as_str()));
    let read = MapDeserializer::<_, Unreadable>::new(said);
    let mut filter = Filter::deserialize(read).map_err(|error| Error::Detailed(Code::BadRequest, error.to_string()))?;
    match asked.text(DUE) {
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
    let kept = asked.without(without).filter(|(_, value)| !value.trim().is_empty());
    let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
    let fields: Vec<(&str, &str)> = kept.chain(with.iter().copied()).collect();
    format!("/ledger?{}", query_of(&fields))
}

/// Returns the conditions that are asked for, each with the address without it.
fn chips(asked: &Fields, page: &Page, directory: &Directory) -> Vec<Chip> {
    let said = asked.without(&BESIDE).filter(|(_, value)| !value.trim().is_empty());
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

impl Head {
    /// Returns what stands above a column, which orders by it, or the other way round where it is ordered by already.
    fn of(said: String, by: Option<SortBy>, sort: Sort, asked: &Fields) -> Head {
        let Some(by) = by else { return Head { said, style: "flat", href: None, sorted: "" } };
        let style = match by {
            SortBy::Number => "no",
            SortBy::Due => "until",
            SortBy::Updated | SortBy::Registered | SortBy::Severity => "",
        };
        let is_now = sort.by == by;
        let next = Sort { by, descending: is_now && !sort.descending };
        let sorted = match (is_now, sort.descending) {
            (false, _) => "",
            (true, false) => "ascending",
            (true, true) => "descending",
        };
        let href = address(asked, &["sort", "cursor"], &[("sort", &next.to_string())]);
        Head { said, style, href: Some(href), sorted }
    }
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
