//! The paths that cases really took through the lifecycle (办理路径): how often each, how often they went back, and how long they
//! waited for whom. For the office and auditors, of the cases that they may see.

mod kept;

use std::collections::{BTreeSet, HashSet};

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use rectify_case::{CaseId, Directory, Position, Stage};
use rectify_ledger::Row;
use rectify_mining::{Histories, Loop, Paths};

use self::kept::Found;
use super::form::{Fields, query_of};
use super::page::{Page, shown};
use super::visitor::{Away, Visitor};
use crate::api::signals::asking;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;

pub(crate) use self::kept::Kept;

/// How many paths and waits are shown where not all are asked for.
const USUAL: usize = 20;

/// How many cases are listed of a path or a way back.
const LISTED: usize = 100;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/paths", get(show))
}

/// What the histories show.
#[derive(Template)]
#[template(path = "paths.html")]
struct Shown {
    page: Page,
    position: Position,
    /// How many cases there are, and how many keep to the declared lifecycle.
    kept: String,
    astray: Vec<Line>,
    /// The cases that are asked for.
    listed: Option<Listed>,
    variants: Vec<VariantShown>,
    loops: Vec<LoopShown>,
    waits: Vec<WaitShown>,
    /// Where all paths and waits are, when these are not all.
    all: Option<String>,
}

/// What is said while the log is read. It asks again by itself.
#[derive(Template)]
#[template(path = "paths_reading.html")]
struct Reading {
    page: Page,
    read: Position,
    to: Position,
    /// How far that is, in words.
    progress: String,
}

/// Some cases, and what they have in common.
struct Listed {
    said: String,
    lines: Vec<Line>,
    more: Option<String>,
}

struct Line {
    href: String,
    number: String,
    title: String,
    stage: String,
}

struct VariantShown {
    stages: Vec<String>,
    cases: u64,
    /// How many in a hundred.
    share: u64,
    href: String,
    lists: String,
    is_listed: bool,
}

struct LoopShown {
    said: String,
    cases: u64,
    times: u64,
    href: String,
    lists: String,
    is_listed: bool,
}

struct WaitShown {
    unit: String,
    stage: String,
    times: u64,
    median: i64,
    longest: i64,
}

/// Which cases are asked for.
enum Asked {
    Path(Vec<Stage>),
    WayBack(Loop),
}

impl Asked {
    fn read(asked: &Fields) -> Option<Asked> {
        let stage = |name: &str| Stage::ALL.into_iter().find(|stage| stage.name() == name);
        let path: Option<Vec<Stage>> = asked.text("path").split('.').map(stage).collect();
        let way_back = Loop::ALL.into_iter().find(|way_back| way_back.name() == asked.text("back"));
        path.map(Asked::Path).or_else(|| way_back.map(Asked::WayBack))
    }

    fn address(&self) -> String {
        let (name, value) = match self {
            Asked::Path(stages) => {
                let names: Vec<&str> = stages.iter().map(|stage| stage.name()).collect();
                ("path", names.join("."))
            }
            Asked::WayBack(way_back) => ("back", way_back.name().to_owned()),
        };
        format!("/paths?{}#listed", query_of(&[(name, value.as_str())]))
    }

    fn cases(&self, histories: &Histories) -> Vec<CaseId> {
        match self {
            Asked::Path(stages) => histories.on_path(stages),
            Asked::WayBack(way_back) => histories.gone_back(*way_back),
        }
    }

    fn said(&self, page: &Page) -> String {
        match self {
            Asked::Path(stages) => named(stages, page).join(" → "),
            Asked::WayBack(way_back) => page.way_back(*way_back),
        }
    }

    fn is_of(&self, stages: &[Stage]) -> bool {
        matches!(self, Asked::Path(own) if own == stages)
    }

    fn is_back(&self, way_back: Loop) -> bool {
        matches!(self, Asked::WayBack(own) if *own == way_back)
    }
}

async fn show(
    State(desk): State<Desk>,
    Extension(kept): Extension<Kept>,
    Visitor { caller, page, .. }: Visitor,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    asking(&caller)?;
    let fields = Fields::read(query.unwrap_or_default().as_bytes());
    let (asked, all) = (Asked::read(&fields), fields.text("all") == "true");
    let (seen, paths, position, found) = match kept.ask(&desk).await? {
        Found::Reading(read, to) => return Ok(reading(page, read, to)?),
        Found::Ready(at_hand) => {
            let seen = desk.ledger.seen(&caller.viewer()).await?;
            let histories = at_hand.histories();
            let paths = histories.map(|histories| histories.paths(|id| seen.contains(&id))).unwrap_or_default();
            let position = histories.map_or(0, Histories::position);
            (seen, paths, position, asked.as_ref().zip(histories).map(|(asked, histories)| asked.cases(histories)))
        }
    };
    let listed = match (&asked, found) {
        (Some(asked), Some(found)) => Some(Listed::of(asked, &found, &seen, &desk, &caller, &page).await?),
        _ => None,
    };
    let astray = lines(&paths.astray, &desk, &caller, &page).await?;
    let most = if all { usize::MAX } else { USUAL };
    let is_cut = paths.variants.len().max(paths.waits.len()) > most;
    let shows = Shown {
        position,
        kept: page.say_two("paths-kept", ("cases", paths.cases), ("kept", paths.cases - paths.astray.len() as u64)),
        astray,
        listed,
        variants: variants(&paths, asked.as_ref(), most, &page),
        loops: loops(&paths, asked.as_ref(), &page),
        waits: waits(&paths, &caller.directory, most, &page),
        all: is_cut.then(|| "/paths?all=true".to_owned()),
        page,
    };
    Ok(shown(StatusCode::OK, &shows)?)
}

fn reading(page: Page, read: Position, to: Position) -> Result<Response, Error> {
    let progress = page.say_two("paths-progress", ("read", read), ("to", to));
    let mut answer = shown(StatusCode::OK, &Reading { page, read, to, progress })?;
    answer.headers_mut().insert("refresh", HeaderValue::from_static("2"));
    Ok(answer)
}

impl Listed {
    async fn of(
        asked: &Asked,
        found: &[CaseId],
        seen: &HashSet<CaseId>,
        desk: &Desk,
        caller: &Caller,
        page: &Page,
    ) -> Result<Listed, Error> {
        let found: Vec<CaseId> = found.iter().filter(|id| seen.contains(id)).copied().collect();
        let total = page.say_of("ledger-total", "n", found.len());
        let listed: BTreeSet<CaseId> = found.iter().rev().take(LISTED).copied().collect();
        Ok(Listed {
            said: format!("{} · {total}", asked.said(page)),
            lines: lines(&listed, desk, caller, page).await?,
            more: (found.len() > LISTED).then(|| page.say_of("paths-more", "n", LISTED)),
        })
    }
}

/// Returns cases that somebody may see as they are listed, at most so many as fit a page.
async fn lines(ids: &BTreeSet<CaseId>, desk: &Desk, caller: &Caller, page: &Page) -> Result<Vec<Line>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = desk.ledger.cases(&caller.viewer(), ids.iter().take(LISTED).copied(), caller.now).await?;
    let line = |row: Row| Line {
        href: format!("/cases/{}", row.id),
        number: row.number.unwrap_or_else(|| page.say("unnumbered")),
        title: row.title,
        stage: page.stage(&row.stage),
    };
    Ok(rows.into_iter().map(line).collect())
}

fn variants(paths: &Paths, asked: Option<&Asked>, most: usize, page: &Page) -> Vec<VariantShown> {
    let shown = paths.variants.iter().take(most).map(|variant| VariantShown {
        stages: named(&variant.stages, page),
        cases: variant.cases,
        share: (variant.cases * 100).checked_div(paths.cases).unwrap_or_default(),
        href: Asked::Path(variant.stages.clone()).address(),
        lists: page.say_of("paths-list", "n", variant.cases),
        is_listed: asked.is_some_and(|asked| asked.is_of(&variant.stages)),
    });
    shown.collect()
}

fn loops(paths: &Paths, asked: Option<&Asked>, page: &Page) -> Vec<LoopShown> {
    let shown = paths.loops.iter().map(|(way_back, (cases, times))| LoopShown {
        said: page.way_back(*way_back),
        cases: *cases,
        times: *times,
        href: Asked::WayBack(*way_back).address(),
        lists: page.say_of("paths-list", "n", *cases),
        is_listed: asked.is_some_and(|asked| asked.is_back(*way_back)),
    });
    shown.collect()
}

/// Returns how long cases waited for whom, the longest of the medians first.
fn waits(paths: &Paths, directory: &Directory, most: usize, page: &Page) -> Vec<WaitShown> {
    let mut waits: Vec<_> = paths.waits.iter().collect();
    waits.sort_by_key(|(_, wait)| std::cmp::Reverse((wait.median_days, wait.times)));
    let shown = waits.into_iter().take(most).map(|((unit, stage), wait)| WaitShown {
        unit: directory.unit_name(*unit),
        stage: page.stage(stage),
        times: wait.times,
        median: wait.median_days,
        longest: wait.longest_days,
    });
    shown.collect()
}

fn named(stages: &[Stage], page: &Page) -> Vec<String> {
    stages.iter().map(|stage| page.stage(stage)).collect()
}

impl Page {
    /// Returns what a way back is called.
    fn way_back(&self, way_back: Loop) -> String {
        self.say(&format!("back-{}", way_back.name().replace('_', "-")))
    }
}
