//! One's own account: the password, the sessions, for whom one acts.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use rectify_accounts::{Login, Session};
use rectify_case::{PersonId, Refusal};

use super::delegation::{Lent, ending, granting, lent, lent_by, taken_back};
use super::entry::{Again, Entry, Undone};
use super::form::Fields;
use super::link::password_complaint;
use super::page::{Page, shown};
use super::visitor::{Away, Posted, Visitor, forgetting};
use crate::api::administration::Changed;
use crate::desk::Desk;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/account", get(show))
        .route("/account/password", get(show).post(set_password))
        .route("/account/sign-out-everywhere", post(sign_out_everywhere))
        .route("/account/act-for", post(act_for))
        .route("/account/delegations", get(show).post(lend))
        .route("/account/delegations/end", get(show).post(take_back))
}

/// One's own account.
#[derive(Template)]
#[template(path = "account.html")]
struct Account {
    page: Page,
    login: Option<Login>,
    sessions: Vec<Session>,
    present: rectify_accounts::SessionId,
    /// For whom one may act now, by id and name.
    others: Vec<(PersonId, String)>,
    /// Who may act for one.
    lent: Vec<Lent>,
    /// The forms by which one lets somebody act, and takes that back; none while one acts for somebody, or has no role.
    lend: Option<Entry>,
    take_back: Option<Entry>,
    wrong: Option<(&'static str, String)>,
}

impl Account {
    fn wrong(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|(name, _)| *name == field).map(|(_, said)| said.as_str())
    }
}

async fn show(State(desk): State<Desk>, visitor: Visitor) -> Result<Response, Away> {
    Ok(shown(StatusCode::OK, &account(&desk, visitor, None, &Again::default()).await?)?)
}

async fn account(
    desk: &Desk,
    visitor: Visitor,
    wrong: Option<(&'static str, String)>,
    again: &Again,
) -> Result<Account, Away> {
    let Visitor { caller, session, page } = visitor;
    let person = caller.who.person;
    let delegations = caller.directory.delegations(person).iter();
    let held = delegations.filter(|lent| lent.from <= caller.now && caller.now < lent.until);
    let others = held.map(|lent| (lent.on_behalf_of, caller.directory.person_name(lent.on_behalf_of))).collect();
    let lent_by = lent_by(person, &page, &caller.directory);
    // Whoever keeps roles holds none that could be lent.
    let lends = !page.acts_for_another()
        && caller.administrator().is_err()
        && caller.directory.holdings(person, caller.now).next().is_some();
    let lend = lends.then(|| granting(&page, &caller, person, "/account/delegations".to_owned(), again));
    let take_back =
        (lends && !lent_by.is_empty()).then(|| ending(&page, &lent_by, "/account/delegations/end".to_owned(), again));
    Ok(Account {
        lent: lent_by,
        lend,
        take_back,
        login: desk.accounts.login_of(person).await?,
        sessions: desk.accounts.sessions_of(person, caller.now).await?,
        present: session.id,
        others,
        page,
        wrong,
    })
}

async fn set_password(State(desk): State<Desk>, Posted { visitor, fields }: Posted) -> Result<Response, Away> {
    let person = visitor.caller.who.person;
    let Some(login) = desk.accounts.login_of(person).await? else {
        return Ok(Redirect::to("/account").into_response());
    };
    let wrong = complaint(&desk, &visitor, &fields, &login).await?;
    if wrong.is_some() {
        let account = account(&desk, visitor, wrong, &Again::default()).await?;
        return Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, &account)?);
    }
    let password = fields.get("password").unwrap_or_default().into();
    desk.accounts.set_password(person, &login, &password, visitor.caller.now).await?;
    Ok(([(header::SET_COOKIE, forgetting(&desk))], Redirect::to("/sign-in")).into_response())
}

async fn complaint(
    desk: &Desk,
    visitor: &Visitor,
    fields: &Fields,
    login: &Login,
) -> Result<Option<(&'static str, String)>, Away> {
    let present = fields.get("present").unwrap_or_default().into();
    if !desk.accounts.is_password_of(visitor.caller.who.person, &present).await? {
        return Ok(Some(("present", visitor.page.say("password-not-present"))));
    }
    Ok(password_complaint(&visitor.page, fields, Some(login)))
}

async fn sign_out_everywhere(State(desk): State<Desk>, Posted { visitor, .. }: Posted) -> Result<Response, Away> {
    desk.accounts.sign_out_everywhere(visitor.caller.who.person, visitor.caller.now).await?;
    Ok(([(header::SET_COOKIE, forgetting(&desk))], Redirect::to("/sign-in")).into_response())
}

async fn act_for(State(desk): State<Desk>, Posted { visitor, fields }: Posted) -> Result<Response, Away> {
    let other = fields.text("person");
    let other = if other.is_empty() { None } else { Some(other.parse().map_err(|_| Refusal::UnknownPerson)?) };
    let caller = &visitor.caller;
    if other.is_some_and(|other| !caller.directory.acts_for(caller.who.person, other, caller.now)) {
        return Err(Refusal::NotDelegated.into());
    }
    desk.accounts.act_for(visitor.session.id, other).await?;
    Ok(Redirect::to("/account").into_response())
}

async fn lend(State(desk): State<Desk>, Posted { visitor, fields }: Posted) -> Result<Response, Away> {
    let lent = lent(&desk, &visitor, &fields, visitor.caller.who.person).await;
    answer(&desk, visitor, "lend", fields, lent).await
}

async fn take_back(State(desk): State<Desk>, Posted { visitor, fields }: Posted) -> Result<Response, Away> {
    let taken = taken_back(&desk, &visitor, &fields, visitor.caller.who.person).await;
    answer(&desk, visitor, "take-back", fields, taken).await
}

/// Leads back to the account when what a form asks was done, or shows the form again.
async fn answer(
    desk: &Desk,
    visitor: Visitor,
    form: &'static str,
    fields: Fields,
    done: Result<Changed, Undone>,
) -> Result<Response, Away> {
    let Err(undone) = done else { return Ok(Redirect::to("/account").into_response()) };
    let again = Again::after(form, fields, undone, &visitor.page)?;
    Ok(shown(again.status(), &account(desk, visitor, None, &again).await?)?)
}
