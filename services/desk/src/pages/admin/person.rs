//! One person: their roles, who acts for them, and their way in.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use rectify_accounts::Login;
use rectify_case::PersonId;
use rectify_case::directory::Holding;
use secrecy::ExposeSecret as _;

use super::super::delegation::{self, Lent};
use super::super::entry::{Again, Entry, Reading, Undone, is_shown_first, sent_as};
use super::super::form::Fields;
use super::super::page::{Page, role_name, shown};
use super::super::visitor::{Away, Posted, Visitor};
use super::people::roles;
use super::{Administered, Administrator, tree};
use crate::api::administration::Changed;
use crate::api::administration::people::{EndedRole, NewRole, end_role, grant_role};
use crate::api::asked::own_key;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/admin/people/{person}", get(show))
        .route("/admin/people/{person}/roles", get(show).post(grant))
        .route("/admin/people/{person}/roles/end", get(show).post(end))
        .route("/admin/people/{person}/delegations", get(show).post(lend))
        .route("/admin/people/{person}/delegations/end", get(show).post(take_back))
        .route("/admin/people/{person}/link", get(show).post(make_link))
        .route("/admin/people/{person}/sign-out", get(show).post(sign_out))
}

/// One person.
#[derive(Template)]
#[template(path = "admin/person.html")]
struct OnePerson {
    page: Page,
    href: String,
    name: String,
    login: Option<Login>,
    /// How many sessions they have.
    sessions: usize,
    /// A link by which they set a password, on the one page that shows it, and until when it is good.
    link: Option<(String, String)>,
    present: Vec<Held>,
    past: Vec<Held>,
    grant: Entry,
    end: Option<Entry>,
    /// Who may act for them, and for whom they may.
    lent_by: Vec<Lent>,
    lent_to: Vec<Lent>,
    lend: Entry,
    take_back: Option<Entry>,
}

/// A role as a line shows it.
struct Held {
    role: String,
    unit: String,
    from: String,
    until: Option<String>,
    /// Whether it has begun.
    has_begun: bool,
}

impl Held {
    fn of(held: &Holding, page: &Page, visitor: &Visitor) -> Held {
        Held {
            role: role_name(page.language, held.role),
            unit: visitor.caller.directory.unit_name(held.unit),
            from: page.day_of(held.from),
            until: held.until.map(|until| page.last_of(until)),
            has_begun: held.from <= page.now,
        }
    }
}

async fn show(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Administrator(visitor): Administrator,
) -> Result<Response, Away> {
    let person = known(&id, &visitor)?;
    Ok(shown(StatusCode::OK, &one(&desk, visitor, person, &Again::default()).await?)?)
}

fn known(id: &str, visitor: &Visitor) -> Result<PersonId, Error> {
    let person = id.parse().ok().filter(|person| visitor.caller.directory.knows(*person));
    person.ok_or(Code::NotFound.into())
}

async fn one(desk: &Desk, visitor: Visitor, person: PersonId, again: &Again) -> Result<OnePerson, Away> {
    let directory = &visitor.caller.directory;
    let page = &visitor.page;
    let href = format!("/admin/people/{person}");
    let held = directory.all_holdings(person).iter();
    let (present, past): (Vec<&Holding>, Vec<&Holding>) =
        held.partition(|held| held.until.is_none_or(|until| page.now < until));
    let grant = Entry::new(page, "grant", format!("{href}/roles"), page.say("role-grant"), again)
        .lead(page.say("role-grant-lead"))
        .choice("role", page.say("person-role"), true, Some(page.say("field-choose")), roles(page))
        .choice("unit", page.say("person-unit"), true, Some(page.say("field-choose")), tree::choices(directory))
        .day("from", page.say("from-day"), false)
        .hint(page.say("from-day-hint"))
        .day("until", page.say("until-day"), false)
        .hint(page.say("until-day-hint"));
    let endings = present.iter().map(|held| {
        let said = format!("{} {}", directory.unit_name(held.unit), role_name(page.language, held.role));
        (format!("{} {}", sent_as(&held.role), held.unit), said)
    });
    let end = Entry::new(page, "end", format!("{href}/roles/end"), page.say("role-end"), again)
        .choice("held", page.say("role-which"), true, None, endings)
        .day("at", page.say("at-day"), false)
        .hint(page.say("at-day-hint"));
    let lent_by = delegation::lent_by(person, page, directory);
    let lend = delegation::granting(page, &visitor.caller, person, format!("{href}/delegations"), again);
    let take_back = delegation::ending(page, &lent_by, format!("{href}/delegations/end"), again);
    Ok(OnePerson {
        name: directory.person_name(person),
        login: desk.accounts.login_of(person).await?,
        sessions: desk.accounts.sessions_of(person, page.now).await?.len(),
        link: None,
        end: (!present.is_empty()).then_some(end),
        present: present.into_iter().map(|held| Held::of(held, page, &visitor)).collect(),
        past: past.into_iter().map(|held| Held::of(held, page, &visitor)).collect(),
        grant,
        take_back: (!lent_by.is_empty()).then_some(take_back),
        lent_to: delegation::lent_to(person, page, directory),
        lent_by,
        lend,
        href,
        page: visitor.page,
    })
}

async fn grant(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Administered(Posted { visitor, fields }): Administered,
) -> Result<Response, Away> {
    let person = known(&id, &visitor)?;
    let granted = granted(&desk, &visitor, &fields, person).await;
    answer(&desk, visitor, person, "grant", fields, granted).await
}

async fn granted(desk: &Desk, visitor: &Visitor, fields: &Fields, person: PersonId) -> Result<Changed, Undone> {
    let mut reading = Reading::of(&visitor.page, fields);
    let (role, unit) = (reading.required("role"), reading.required("unit"));
    let (from, until) = (reading.beginning("from"), reading.end("until"));
    let (role, unit) = reading.asked(role.zip(unit))?;
    let key = own_key(fields.text("key"), &visitor.caller)?;
    Ok(grant_role(desk, &visitor.caller, &key, &NewRole { person, unit, role, from, until }).await?)
}

async fn end(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Administered(Posted { visitor, fields }): Administered,
) -> Result<Response, Away> {
    let person = known(&id, &visitor)?;
    let ended = ended(&desk, &visitor, &fields, person).await;
    answer(&desk, visitor, person, "end", fields, ended).await
}

async fn ended(desk: &Desk, visitor: &Visitor, fields: &Fields, person: PersonId) -> Result<Changed, Undone> {
    let mut reading = Reading::of(&visitor.page, fields);
    let at = reading.beginning("at");
    let held = fields.text("held").split_once(' ').and_then(|(role, unit)| {
        let role = serde_json::from_value(serde_json::Value::String(role.to_owned())).ok()?;
        Some((role, unit.parse().ok()?))
    });
    if held.is_none() {
        reading.wrong.push(("held", visitor.page.say("field-missing")));
    }
    let (role, unit) = reading.asked(held)?;
    let key = own_key(fields.text("key"), &visitor.caller)?;
    Ok(end_role(desk, &visitor.caller, &key, &EndedRole { person, unit, role, at }).await?)
}

async fn lend(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Administered(Posted { visitor, fields }): Administered,
) -> Result<Response, Away> {
    let person = known(&id, &visitor)?;
    let lent = delegation::lent(&desk, &visitor, &fields, person).await;
    answer(&desk, visitor, person, "lend", fields, lent).await
}

async fn take_back(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Administered(Posted { visitor, fields }): Administered,
) -> Result<Response, Away> {
    let person = known(&id, &visitor)?;
    let taken = delegation::taken_back(&desk, &visitor, &fields, person).await;
    answer(&desk, visitor, person, "take-back", fields, taken).await
}

/// Leads back to a person when what a form asks was done, or shows the form again.
async fn answer(
    desk: &Desk,
    visitor: Visitor,
    person: PersonId,
    form: &'static str,
    fields: Fields,
    done: Result<Changed, Undone>,
) -> Result<Response, Away> {
    let Err(undone) = done else { return Ok(back_to(person)) };
    let again = Again::after(form, fields, undone, &visitor.page)?;
    Ok(shown(again.status(), &one(desk, visitor, person, &again).await?)?)
}

/// Makes a link by which a person sets a password, and shows it this once.
async fn make_link(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Administered(posted): Administered,
) -> Result<Response, Away> {
    let Posted { visitor, fields } = posted;
    let person = known(&id, &visitor)?;
    if is_shown_first(&fields) {
        return Ok(back_to(person));
    }
    let (by, now) = (visitor.caller.who.person, visitor.page.now);
    let secret = desk.accounts.make_link(Some(person), now).await?;
    let secret = secret.expose_secret();
    let made = desk.accounts.link(secret, now).await?;
    tracing::info!(%person, %by, "a link was made by which somebody sets a password");
    let mut one = one(&desk, visitor, person, &Again::default()).await?;
    let until = made.map(|made| one.page.moment(&made.expires)).unwrap_or_default();
    one.link = Some((format!("{}/link/{secret}", here(&desk, &headers)), until));
    Ok(shown(StatusCode::OK, &one)?)
}

/// Returns where people reach the desk: as it is configured, or as this request reached it.
fn here(desk: &Desk, headers: &HeaderMap) -> String {
    let http = &desk.frame.config.http;
    http.public_url.clone().unwrap_or_else(|| {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        host.map_or_else(|| format!("http://{}", http.listen), |host| format!("http://{host}"))
    })
}

/// Ends every session of a person.
async fn sign_out(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    Administered(posted): Administered,
) -> Result<Response, Away> {
    let person = known(&id, &posted.visitor)?;
    if is_shown_first(&posted.fields) {
        return Ok(back_to(person));
    }
    desk.accounts.sign_out_everywhere(person, posted.visitor.page.now).await?;
    Ok(back_to(person))
}

fn back_to(person: PersonId) -> Response {
    Redirect::to(&format!("/admin/people/{person}")).into_response()
}
