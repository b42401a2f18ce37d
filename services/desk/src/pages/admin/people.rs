//! The people: who they are, how they sign in, what they may do; and one who is added.

use std::collections::BTreeMap;

use askama::Template;
use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use rectify_accounts::Login;
use rectify_case::{DirectoryEvent, PersonId, Role};

use super::super::delegation::lent_to;
use super::super::entry::{Again, Entry, Reading, Undone, sent_as};
use super::super::form::Fields;
use super::super::page::{Page, role_name, shown};
use super::super::visitor::{Away, Posted, Visitor};
use super::{Administered, Administrator, tree};
use crate::api::administration::Changed;
use crate::api::administration::people::{FirstRole, NewPerson, add_person};
use crate::api::asked::own_key;
use crate::desk::Desk;

/// How many people a page shows.
const LINES: usize = 200;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/admin/people", get(list).post(add))
}

/// The people.
#[derive(Template)]
#[template(path = "admin/people.html")]
struct People {
    page: Page,
    text: String,
    lines: Vec<Line>,
    total: usize,
    add: Entry,
}

/// A person as one line.
struct Line {
    href: String,
    name: String,
    login: Option<Login>,
    /// In which capacities, such as `州整改办 经办人`.
    posts: Vec<String>,
    /// For whom they may act.
    lent: Vec<String>,
}

async fn list(
    State(desk): State<Desk>,
    Administrator(visitor): Administrator,
    RawQuery(query): RawQuery,
) -> Result<Response, Away> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    Ok(shown(StatusCode::OK, &people(&desk, visitor, asked.text("text"), &Again::default()).await?)?)
}

async fn people(desk: &Desk, visitor: Visitor, text: &str, again: &Again) -> Result<People, Away> {
    let Visitor { caller, page, .. } = visitor;
    let directory = &caller.directory;
    let mut logins: BTreeMap<PersonId, Login> = desk.accounts.logins().await?.into_iter().collect();
    let lines = directory.people().map(|(person, name)| Line {
        href: format!("/admin/people/{person}"),
        name: name.to_owned(),
        login: logins.remove(&person),
        posts: directory
            .holdings(person, page.now)
            .map(|held| format!("{} {}", directory.unit_name(held.unit), role_name(page.language, held.role)))
            .collect(),
        lent: lent_to(person, &page, directory).into_iter().map(|lent| lent.name).collect(),
    });
    let mut lines: Vec<Line> = lines.filter(|line| line.holds(text)).collect();
    lines.sort_by(|a, b| (&a.posts, &a.name).cmp(&(&b.posts, &b.name)));
    let total = lines.len();
    lines.truncate(LINES);
    let add = Entry::new(&page, "add", "/admin/people".to_owned(), page.say("person-add"), again)
        .lead(page.say("person-add-lead"))
        .line("name", page.say("person-name"), true)
        .choice("role", page.say("person-role"), false, Some(page.say("field-none")), roles(&page))
        .choice("unit", page.say("person-unit"), false, Some(page.say("field-none")), tree::choices(directory));
    Ok(People { text: text.to_owned(), lines, total, add, page })
}

impl Line {
    /// Returns whether a text is part of what the line says.
    fn holds(&self, text: &str) -> bool {
        let login = self.login.as_ref().map_or("", Login::as_str);
        self.name.contains(text) || login.contains(text) || self.posts.iter().any(|post| post.contains(text))
    }
}

/// Returns the roles, to choose one.
pub(super) fn roles(page: &Page) -> Vec<(String, String)> {
    Role::ALL.iter().map(|role| (sent_as(role), role_name(page.language, *role))).collect()
}

async fn add(
    State(desk): State<Desk>,
    Administered(Posted { visitor, fields }): Administered,
) -> Result<Response, Away> {
    let undone = match added(&desk, &visitor, &fields).await {
        Ok(added) => return Ok(Redirect::to(&address_of(&added.event)).into_response()),
        Err(undone) => undone,
    };
    let again = Again::after("add", fields, undone, &visitor.page)?;
    Ok(shown(again.status(), &people(&desk, visitor, "", &again).await?)?)
}

async fn added(desk: &Desk, visitor: &Visitor, fields: &Fields) -> Result<Changed, Undone> {
    let mut reading = Reading::of(&visitor.page, fields);
    let read = read(&mut reading);
    let (asked, role) = reading.asked(read)?;
    let key = own_key(fields.text("key"), &visitor.caller)?;
    Ok(add_person(desk, &visitor.caller, &key, &asked, role.as_ref()).await?)
}

/// Reads a person with the role they begin with: neither role nor unit, or both.
fn read(reading: &mut Reading<'_>) -> Option<(NewPerson, Option<FirstRole>)> {
    let name = reading.required("name");
    let role = match (reading.optional("role"), reading.optional("unit")) {
        (Some(role), Some(unit)) => Some(FirstRole { unit, role }),
        (None, None) => None,
        (None, Some(_)) => {
            reading.wrong.push(("role", reading.page.say("field-missing")));
            None
        }
        (Some(_), None) => {
            reading.wrong.push(("unit", reading.page.say("field-missing")));
            None
        }
    };
    Some((NewPerson { person: None, name: name? }, role))
}

/// Returns where a person is shown who was added.
fn address_of(added: &DirectoryEvent) -> String {
    match added {
        DirectoryEvent::PersonAdded { person, .. } => format!("/admin/people/{person}"),
        _ => "/admin/people".to_owned(),
    }
}
