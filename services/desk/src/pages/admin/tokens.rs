//! The tokens of people and of source systems: which there are, one that is made and shown once, one that is taken back.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use rectify_accounts::{Issued, Token, TokenId};
use secrecy::ExposeSecret as _;

use super::super::delegation::people;
use super::super::entry::{Again, Entry, Reading, Undone, is_shown_first};
use super::super::form::Fields;
use super::super::page::{Page, shown};
use super::super::visitor::{Away, Posted, Visitor};
use super::{Administered, Administrator};
use crate::api::tokens::{NewToken, issue, revoke};
use crate::code::Code;
use crate::desk::Desk;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/admin/tokens", get(list).post(make)).route("/admin/tokens/revoke", get(list).post(take_back))
}

/// The tokens.
#[derive(Template)]
#[template(path = "admin/tokens.html")]
struct Tokens {
    page: Page,
    good: Vec<Line>,
    gone: Vec<Line>,
    make: Entry,
    /// A new token, on the one page that shows it.
    made: Option<String>,
}

/// A token as one line.
struct Line {
    id: TokenId,
    holder: String,
    label: String,
    created: String,
    used: Option<String>,
    expires: Option<String>,
    revoked: Option<String>,
}

async fn list(State(desk): State<Desk>, Administrator(visitor): Administrator) -> Result<Response, Away> {
    Ok(shown(StatusCode::OK, &tokens(&desk, visitor, &Again::default()).await?)?)
}

async fn tokens(desk: &Desk, visitor: Visitor, again: &Again) -> Result<Tokens, Away> {
    let Visitor { caller, page, .. } = visitor;
    let line = |token: &Token| Line {
        id: token.id,
        holder: caller.directory.person_name(token.person),
        label: token.label.clone(),
        created: page.moment(&token.created),
        used: token.used.map(|used| page.moment(&used)),
        expires: token.expires.map(|expires| page.last_of(expires)),
        revoked: token.revoked.map(|revoked| page.moment(&revoked)),
    };
    let (good, gone): (Vec<Token>, Vec<Token>) =
        desk.accounts.list(None).await?.into_iter().partition(|token| token.is_good(page.now));
    let make = Entry::new(&page, "make", "/admin/tokens".to_owned(), page.say("token-make"), again)
        .lead(page.say("token-make-lead"))
        .choice("person", page.say("token-holder"), true, Some(page.say("field-choose")), people(&page, &caller))
        .line("label", page.say("token-label"), true)
        .hint(page.say("token-label-hint"))
        .day("expires", page.say("token-expires"), false)
        .hint(page.say("token-expires-hint"));
    let (good, gone) = (good.iter().rev().map(line).collect(), gone.iter().rev().map(line).collect());
    Ok(Tokens { good, gone, make, made: None, page })
}

async fn make(
    State(desk): State<Desk>,
    Administered(Posted { visitor, fields }): Administered,
) -> Result<Response, Away> {
    match made(&desk, &visitor, &fields).await {
        Ok(made) => {
            let mut tokens = tokens(&desk, visitor, &Again::default()).await?;
            tokens.made = Some(made.token.expose_secret().to_owned());
            Ok(shown(StatusCode::OK, &tokens)?)
        }
        Err(undone) => {
            let again = Again::after("make", fields, undone, &visitor.page)?;
            Ok(shown(again.status(), &tokens(&desk, visitor, &again).await?)?)
        }
    }
}

async fn made(desk: &Desk, visitor: &Visitor, fields: &Fields) -> Result<Issued, Undone> {
    let mut reading = Reading::of(&visitor.page, fields);
    let (person, label) = (reading.required("person"), reading.required("label"));
    let expires = reading.end("expires");
    let (person, label) = reading.asked(person.zip(label))?;
    Ok(issue(desk, &visitor.caller, NewToken { person: Some(person), label, expires }).await?)
}

async fn take_back(State(desk): State<Desk>, Administered(posted): Administered) -> Result<Response, Away> {
    if is_shown_first(&posted.fields) {
        return Ok(Redirect::to("/admin/tokens").into_response());
    }
    let id: TokenId = posted.fields.text("token").parse().map_err(|_| Code::NoSuchToken)?;
    revoke(&desk, &posted.visitor.caller, id).await?;
    Ok(Redirect::to("/admin/tokens").into_response())
}
