//! What was published, for whoever may see all of it.

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use rectify_case::{Directory, PublicationKind, Version};

use crate::api::publications::{Told, list, publishing, send, told};
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::pages::form::Fields;
use crate::pages::ledger::conditions;
use crate::pages::page::{Page, role_name, shown};
use crate::pages::visitor::{Away, Visitor};
use crate::publication::fields_of;

/// How many are on a page.
const ROWS: usize = 50;

/// What was published.
#[derive(Template)]
#[template(path = "publications.html")]
struct Publications {
    page: Page,
    lines: Vec<Line>,
    /// The address of those before these; none on the last page.
    next: Option<String>,
    /// Whether who looks may publish.
    publishes: bool,
}

/// A publication as a line.
struct Line {
    href: String,
    number: u64,
    kind: String,
    said: String,
    cases: usize,
    position: u64,
    when: String,
    who: String,
}

/// A publication with all that is known of it.
#[derive(Template)]
#[template(path = "publication.html")]
struct OnePublication {
    page: Page,
    title: String,
    file: String,
    facts: Vec<(String, String)>,
    /// What it is checked with.
    command: String,
}

pub(super) async fn all(
    State(desk): State<Desk>,
    RawQuery(query): RawQuery,
    Visitor { caller, page, .. }: Visitor,
) -> Result<Response, Away> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    // What is no number is not asked for.
    let (found, next) = list(&desk, &caller, asked.text("before").parse().ok(), ROWS).await?;
    let shows = Publications {
        lines: found.iter().map(|told| Line::of(told, &page, &caller.directory)).collect(),
        next: next.map(|before| format!("/publications?before={before}")),
        publishes: publishing(&caller).is_ok(),
        page,
    };
    Ok(shown(StatusCode::OK, &shows)?)
}

pub(super) async fn one(
    State(desk): State<Desk>,
    Path(number): Path<String>,
    Visitor { caller, page, .. }: Visitor,
) -> Result<Response, Away> {
    let told = told(&desk, &caller, numbered(&number)?).await?;
    let shows = OnePublication {
        title: page.say_two("publication-title", ("number", told.number), ("kind", kind_said(told.kind, &page))),
        file: format!("/publications/{}/file", told.number),
        facts: facts(&told, &page, &caller.directory),
        command: format!("rectify reproduce {}", told.number),
        page,
    };
    Ok(shown(StatusCode::OK, &shows)?)
}

pub(super) async fn file(
    State(desk): State<Desk>,
    Path(number): Path<String>,
    Visitor { caller, .. }: Visitor,
) -> Result<Response, Away> {
    Ok(send(&desk, &caller, numbered(&number)?).await?)
}

/// Reads the number of a publication.
fn numbered(text: &str) -> Result<Version, Error> {
    text.parse().map_err(|_| Code::NoSuchPublication.into())
}

fn kind_said(kind: PublicationKind, page: &Page) -> String {
    page.say(&format!("publication-{}", kind.name()))
}

/// Returns in words which cases are in a publication.
fn said(told: &Told, page: &Page, directory: &Directory) -> String {
    conditions(&fields_of(&told.filter, &told.sort), page, directory)
}

impl Line {
    fn of(told: &Told, page: &Page, directory: &Directory) -> Line {
        Line {
            href: format!("/publications/{}", told.number),
            number: told.number,
            kind: kind_said(told.kind, page),
            said: said(told, page, directory),
            cases: told.cases,
            position: told.position,
            when: page.moment(&told.published),
            who: page.somebody(&told.who),
        }
    }
}

/// Returns what is known of a publication, each under its name.
fn facts(told: &Told, page: &Page, directory: &Directory) -> Vec<(String, String)> {
    let posts = told.scope.posts.iter().map(|post| {
        let role = role_name(page.language, post.role);
        format!("{} {} {role}", directory.person_name(post.person), directory.unit_name(post.unit))
    });
    let mut facts = vec![
        ("publication-who", page.somebody(&told.who)),
        ("publication-when", page.moment(&told.published)),
        ("publication-said", said(told, page, directory)),
        ("publication-cases", told.cases.to_string()),
        ("publication-as-of", page.moment(&told.as_of)),
        ("publication-position", told.position.to_string()),
        ("publication-rights", posts.collect::<Vec<_>>().join(&page.say("list-comma"))),
        ("publication-rights-position", told.scope.position.to_string()),
        ("publication-language", told.language.clone()),
        ("publication-program", told.program.clone()),
    ];
    facts.extend(told.mark.clone().map(|mark| ("mark", mark)));
    facts.push(("publication-data", told.data.to_string()));
    facts.push(("publication-file", told.file.to_string()));
    facts.into_iter().map(|(name, value)| (page.say(name), value)).collect()
}
