//! One's own account: the password, the sessions, for whom one acts.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use rectify_accounts::{Login, Session};
use rectify_case::{PersonId, Refusal};

use super::form::Fields;
use super::link::password_complaint;
use super::page::{Page, shown};
use super::visitor::{Away, Posted, Visitor, forgetting};
use crate::desk::Desk;

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/account", get(show))
        .route("/account/password", post(set_password))
        .route("/account/sign-out-everywhere", post(sign_out_everywhere))
        .route("/account/act-for", post(act_for))
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
    wrong: Option<(&'static str, String)>,
}

impl Account {
    fn wrong(&self, field: &str) -> Option<&str> {
        self.wrong.as_ref().filter(|(name, _)| *name == field).map(|(_, said)| said.as_str())
    }
}

async fn show(State(desk): State<Desk>, visitor: Visitor) -> Result<Response, Away> {
    Ok(shown(StatusCode::OK, &account(&desk, visitor, None).await?)?)
}

async fn account(desk: &Desk, visitor: Visitor, wrong: Option<(&'static str, String)>) -> Result<Account, Away> {
    let Visitor { caller, session, page } = visitor;
    let person = caller.who.person;
    let delegations = caller.directory.delegations(person).iter();
    let lent = delegations.filter(|lent| lent.from <= caller.now && caller.now < lent.until);
    let others = lent.map(|lent| (lent.on_behalf_of, caller.directory.person_name(lent.on_behalf_of))).collect();
    Ok(Account {
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
    let wrong = match complaint(&desk, &visitor, &fields, &login).await? {
        None => None,
        Some(wrong) => Some(wrong),
    };
    if wrong.is_some() {
        let account = account(&desk, visitor, wrong).await?;
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
