//! Tokens: one's own, or anybody's for an administrator.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use rectify_accounts::{Issued, Token, TokenId};
use rectify_case::{PersonId, Refusal};
use schemars::JsonSchema;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::api::input::{self, Asking, In};
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/tokens", list, |o| {
            o.says("list_tokens", "Lists one's own tokens, or anybody's for an administrator")
                .query::<Whose>()
                .answers::<Vec<ShownToken>>(StatusCode::OK, "The tokens, without what they open.")
                .problems(&[403])
        })
        .post("/api/tokens", post_token, |o| {
            o.says("issue_token", "Makes a token; what is answered is never to be had again")
                .takes::<NewToken>()
                .answers::<IssuedToken>(StatusCode::CREATED, "The token.")
                .problems(&[403])
        })
        .delete("/api/tokens/{token}", delete_token, |o| {
            o.says("revoke_token", "Takes a token back from now on")
                .answers_nothing(StatusCode::NO_CONTENT, "It is taken back.")
                .problems(&[400, 403, 404])
        })
}

/// Whose tokens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Whose {
    /// The person; the caller where nothing is said.
    person: Option<PersonId>,
}

/// What is kept of a token.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Token")]
struct ShownToken {
    /// What it is known by.
    id: Uuid,
    /// Who holds it.
    person: PersonId,
    /// What it is for.
    label: String,
    /// When it was issued.
    created: DateTime<Utc>,
    /// When it was last used, give or take some minutes.
    used: Option<DateTime<Utc>>,
    /// From when on it is no longer good.
    expires: Option<DateTime<Utc>>,
    /// When it was taken back.
    revoked: Option<DateTime<Utc>>,
    /// Whether it is the one of this request.
    present: bool,
}

/// A token to be made.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewToken {
    /// Whose; the caller's where nothing is said.
    pub(crate) person: Option<PersonId>,
    /// What it is for.
    pub(crate) label: String,
    /// From when on it is no longer good; none while it is not revoked.
    pub(crate) expires: Option<DateTime<Utc>>,
}

/// A new token. This is the only time it is seen.
#[derive(Debug, Serialize, JsonSchema)]
struct IssuedToken {
    /// What it is known by.
    id: Uuid,
    /// The token.
    token: String,
}

async fn list(
    State(desk): State<Desk>,
    caller: Caller,
    Asking(Whose { person }): Asking<Whose>,
) -> Result<Json<Vec<ShownToken>>, Error> {
    let person = own_or_administered(&caller, person)?;
    let tokens = desk.accounts.list(Some(person)).await?;
    Ok(Json(tokens.into_iter().map(|token| shown(token, caller.token)).collect()))
}

async fn post_token(
    State(desk): State<Desk>,
    caller: Caller,
    input::Json(asked): input::Json<NewToken>,
) -> Result<Response, Error> {
    let issued = issue(&desk, &caller, asked).await?;
    let token = IssuedToken { id: issued.id.0, token: issued.token.expose_secret().to_owned() };
    Ok((StatusCode::CREATED, Json(token)).into_response())
}

/// Makes a token of the caller's, or of anybody's for an administrator.
pub(crate) async fn issue(desk: &Desk, caller: &Caller, asked: NewToken) -> Result<Issued, Error> {
    let NewToken { person, label, expires } = asked;
    let person = own_or_administered(caller, person)?;
    if !caller.directory.knows(person) {
        return Err(Refusal::UnknownPerson.into());
    }
    let label = label.trim();
    if label.is_empty() {
        return Err(Refusal::TextMissing.into());
    }
    if label.contains(char::is_control) {
        return Err(Error::Detailed(Code::BadBody, "label".to_owned()));
    }
    if expires.is_some_and(|expires| expires <= caller.now) {
        return Err(Code::InThePast.into());
    }
    Ok(desk.accounts.issue(person, label, expires, caller.now).await?)
}

async fn delete_token(State(desk): State<Desk>, caller: Caller, In(id): In<Uuid>) -> Result<StatusCode, Error> {
    revoke(&desk, &caller, TokenId(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes back a token of the caller's, or anybody's for an administrator.
pub(crate) async fn revoke(desk: &Desk, caller: &Caller, id: TokenId) -> Result<(), Error> {
    let whose = if caller.administrator().is_ok() { None } else { Some(caller.who.person) };
    let known = desk.accounts.list(whose).await?.iter().any(|token| token.id == id);
    if !known || !desk.accounts.revoke(id, caller.now).await? {
        return Err(Code::NoSuchToken.into());
    }
    Ok(())
}

fn own_or_administered(caller: &Caller, person: Option<PersonId>) -> Result<PersonId, Error> {
    let person = person.unwrap_or(caller.who.person);
    if person != caller.who.person && caller.administrator().is_err() {
        return Err(Code::NotYourToken.into());
    }
    Ok(person)
}

fn shown(token: Token, present: Option<TokenId>) -> ShownToken {
    let Token { id, person, label, created, used, expires, revoked } = token;
    ShownToken { id: id.0, person, label, created, used, expires, revoked, present: Some(id) == present }
}
