//! A one-time link: somebody sets a password; whoever sets the installation up says what it is of as well.

use askama::Template;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use rectify_accounts::{AccountsError, Login, SHORTEST_PASSWORD, SignedIn, WeakPassword, weakness};
use rectify_case::directory::{Holding, Unit, UnitKind};
use rectify_case::{
    Actor, Directory, DirectoryEvent, DivisionCode, Event, PersonId, Role, StreamId, UnitId, classified,
};
use rectify_kit::http::client;
use rectify_kit::ids;
use rectify_log::{Append, Expected, Write};
use secrecy::{ExposeSecret as _, SecretString};

use super::form::Fields;
use super::page::{Page, shown};
use super::visitor::{browser, holding};
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/link/{secret}", get(ask).post(set))
}

/// Asks for a password, and for what the installation is of where it is new.
#[derive(Template)]
#[template(path = "link.html")]
struct SetPassword {
    page: Page,
    /// Who sets it; none is whoever sets the installation up.
    name: Option<String>,
    /// Whether the prefecture and its office are still to be named.
    is_empty: bool,
    fields: Fields,
    /// What is wrong, by field.
    wrong: Vec<(&'static str, String)>,
}

impl SetPassword {
    fn wrong(&self, field: &str) -> Option<&str> {
        self.wrong.iter().find(|(name, _)| *name == field).map(|(_, said)| said.as_str())
    }
}

/// Returns where a link is, so that whoever chooses the other language comes back to it.
fn address(secret: &str) -> String {
    format!("/link/{secret}")
}

async fn ask(State(desk): State<Desk>, Path(secret): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let page = Page::for_anybody(&desk, &headers, &address(&secret));
    let link = desk.accounts.link(&secret, page.now).await?.ok_or(Code::LinkSpent)?;
    let (directory, _) = desk.frame.directory.get();
    let login = match link.person {
        Some(person) => desk.accounts.login_of(person).await?.map(|login| login.to_string()),
        None => None,
    };
    let fields = Fields(login.map(|login| ("login".to_owned(), login)).into_iter().collect());
    let name = link.person.filter(|person| directory.knows(*person)).map(|person| directory.person_name(person));
    let is_empty = directory.units().next().is_none();
    shown(StatusCode::OK, &SetPassword { page, name, is_empty, fields, wrong: Vec::new() })
}

async fn set(State(desk): State<Desk>, Path(secret): Path<String>, request: Request) -> Result<Response, Error> {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, desk.frame.config.http.body_limit).await.unwrap_or_default();
    let fields = Fields::read(&body);
    let page = Page::for_anybody(&desk, &parts.headers, &address(&secret));
    let link = desk.accounts.link(&secret, page.now).await?.ok_or(Code::LinkSpent)?;
    let (directory, _) = desk.frame.directory.get();
    let known = link.person.filter(|person| directory.knows(*person));
    let mut form = SetPassword {
        name: known.map(|person| directory.person_name(person)),
        is_empty: directory.units().next().is_none(),
        page,
        fields,
        wrong: Vec::new(),
    };
    let login = checked(&mut form);
    let password: SecretString = form.fields.get("password").unwrap_or_default().into();
    let begun = if known.is_none() { beginning(&mut form) } else { None };
    let Some(login) = login.filter(|_| form.wrong.is_empty()) else {
        return shown(StatusCode::UNPROCESSABLE_ENTITY, &form);
    };
    let person = match (known, begun) {
        (Some(person), _) => person,
        (None, Some(begun)) => {
            let claimed = desk.accounts.claim_link(&secret, PersonId(ids::new())).await?.ok_or(Code::LinkSpent)?;
            begin(&desk, claimed, begun).await?;
            claimed
        }
        (None, None) => return Err(Code::LinkSpent.into()),
    };
    match desk.accounts.set_password(person, &login, &password, form.page.now).await {
        Ok(()) => {}
        Err(AccountsError::LoginTaken) => {
            form.wrong.push(("login", form.page.say("login-taken")));
            return shown(StatusCode::CONFLICT, &form);
        }
        Err(error) => return Err(error.into()),
    }
    desk.accounts.spend_link(&secret, form.page.now).await?;
    let address = client(desk.frame.config.http.proxy, &parts.headers, &parts.extensions);
    let browser = browser(&parts.headers);
    let signed_in = desk.accounts.sign_in(login.as_str(), &password, &address, &browser, form.page.now).await?;
    let SignedIn::Yes(held, _) = signed_in else { return Ok(Redirect::to("/sign-in").into_response()) };
    Ok(([(header::SET_COOKIE, holding(&desk, held.expose_secret()))], Redirect::to("/")).into_response())
}

/// Returns the login name, and notes what is wrong with it or the password.
fn checked(form: &mut SetPassword) -> Option<Login> {
    let login = form.fields.text("login").parse::<Login>().ok();
    if login.is_none() {
        form.wrong.push(("login", form.page.say("login-malformed")));
    }
    let said = password_complaint(&form.page, &form.fields, login.as_ref());
    form.wrong.extend(said);
    login
}

/// Says what is wrong with a new password, and in which field.
pub(super) fn password_complaint(
    page: &Page,
    fields: &Fields,
    login: Option<&Login>,
) -> Option<(&'static str, String)> {
    let password = fields.get("password").unwrap_or_default();
    let weak = weakness(&password.into(), login.map_or("", Login::as_str));
    let said = match weak {
        Some(WeakPassword::Short) => page.say_of("password-short", "n", SHORTEST_PASSWORD),
        Some(WeakPassword::Long) => page.say("password-long"),
        Some(WeakPassword::Monotonous) => page.say("password-monotonous"),
        Some(WeakPassword::HoldsLogin) => page.say("password-holds-login"),
        None if fields.get("again") != Some(password) => return Some(("again", page.say("password-differs"))),
        None => return None,
    };
    Some(("password", said))
}

/// What an installation begins with.
struct Beginning {
    name: String,
    prefecture: Option<(String, DivisionCode, String)>,
}

/// Returns what an installation begins with, and notes what is wrong with it.
fn beginning(form: &mut SetPassword) -> Option<Beginning> {
    let texts = ["name", "prefecture", "office"];
    let mut wrong = Vec::new();
    for field in texts.into_iter().take(if form.is_empty { 3 } else { 1 }) {
        let text = form.fields.text(field);
        if text.is_empty() || text.chars().count() > 60 || classified::mark(text).is_some() {
            wrong.push((field, form.page.say("name-missing")));
        }
    }
    let division = form.fields.text("division").parse::<DivisionCode>().ok();
    if form.is_empty && division.is_none() {
        wrong.push(("division", form.page.say("division-malformed")));
    }
    form.wrong.extend(wrong);
    let text = |field| form.fields.text(field).to_owned();
    let prefecture = if form.is_empty { Some((text("prefecture"), division?, text("office"))) } else { None };
    Some(Beginning { name: text("name"), prefecture })
}

/// Enters the first administrator, and the prefecture with its office where there is none. Asked again it does nothing more.
async fn begin(desk: &Desk, person: PersonId, begun: Beginning) -> Result<(), Error> {
    let log = &desk.frame.log;
    let events = log.read_stream(StreamId::Directory, 0).await?;
    let mut directory = Directory::default();
    for recorded in &events {
        if let Event::Directory(event) = &recorded.envelope.event {
            directory.evolve(event);
        }
    }
    if directory.knows(person) {
        return Ok(());
    }
    let now = log.now();
    let mut new = Vec::new();
    let home = match begun.prefecture {
        Some((prefecture, division, office)) => {
            let (top, below) = (UnitId(ids::new()), UnitId(ids::new()));
            let unit =
                |id, name, kind, parent| Unit { id, name, kind, parent, division: division.clone(), prefix: None };
            new.push(DirectoryEvent::UnitAdded(unit(top, prefecture, UnitKind::Prefecture, None)));
            new.push(DirectoryEvent::UnitAdded(unit(below, office, UnitKind::Office, Some(top))));
            top
        }
        None => Actor::INSTALLATION.unit,
    };
    new.push(DirectoryEvent::PersonAdded { person, name: begun.name });
    let role = Role::Administrator;
    new.push(DirectoryEvent::RoleGranted(Holding { person, unit: home, role, from: now, until: None }));
    let append = Append {
        key: Some(format!("setup:{person}")),
        actor: Actor::INSTALLATION,
        facts_at: events.last().map_or(0, |event| event.position),
        writes: vec![Write {
            stream: StreamId::Directory,
            expected: Expected::Exactly(events.last().map_or(0, |event| event.envelope.version)),
            events: new.into_iter().map(Into::into).collect(),
        }],
    };
    let position = log.append(append).await?.events.last().map_or(0, |event| event.position);
    desk.shows(position).await?;
    Ok(())
}
