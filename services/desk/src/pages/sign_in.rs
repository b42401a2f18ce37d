//! Signing in and out, and the language.

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use rectify_accounts::SignedIn;
use rectify_kit::http::client;
use secrecy::ExposeSecret as _;

use super::form::{Fields, own_address};
use super::page::{Page, shown};
use super::visitor::{Away, CSRF, Posted, Visitor, browser, forgetting, holding, kept};
use crate::desk::Desk;
use crate::error::Error;

/// What a form that is sent again after its session had ended says, so that it is shown and not done.
pub(crate) const SHOW: &str = "show";

/// What the form that was on its way when the session had ended is named in the page that asks to sign in.
const KEPT: &str = "kept";

pub(super) fn routes() -> Router<Desk> {
    Router::new()
        .route("/sign-in", get(ask).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/language", get(choose_language))
}

/// Asks for name and password.
#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignIn {
    page: Page,
    next: String,
    login: String,
    /// The form that was on its way, as it was sent.
    kept: Option<String>,
    complaint: Option<String>,
}

/// Shows the way back to a form that was on its way when its session had ended.
#[derive(Template)]
#[template(path = "signed_in_again.html")]
struct SignedInAgain {
    page: Page,
    next: String,
    fields: Vec<(String, String)>,
}

async fn ask(State(desk): State<Desk>, headers: HeaderMap, RawQuery(query): RawQuery) -> Result<Response, Error> {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let next = own_address(asked.text("next")).to_owned();
    let page = Page::for_anybody(&desk, &headers, "/sign-in");
    shown(StatusCode::OK, &SignIn { page, next, login: String::new(), kept: None, complaint: None })
}

/// Asks somebody to sign in again whose session had ended when they sent a form.
pub(super) fn again(page: Page, path: &str, fields: &Fields) -> Result<Response, Error> {
    let mut sent = form_urlencoded::Serializer::new(String::new());
    // Passwords are typed again.
    sent.extend_pairs(fields.without(&[CSRF, SHOW, "present", "password", "again"]));
    let complaint = Some(page.say("sign-in-session-ended"));
    let next = own_address(path).to_owned();
    shown(StatusCode::UNAUTHORIZED, &SignIn { page, next, login: String::new(), kept: Some(sent.finish()), complaint })
}

async fn sign_in(State(desk): State<Desk>, request: Request) -> Result<Response, Error> {
    let (parts, body) = request.into_parts();
    let address = client(desk.frame.config.http.proxy, &parts.headers, &parts.extensions);
    let browser = browser(&parts.headers);
    let body: Bytes = axum::body::to_bytes(body, desk.frame.config.http.body_limit).await.unwrap_or_default();
    let fields = Fields::read(&body);
    let next = own_address(fields.text("next")).to_owned();
    let kept = fields.get(KEPT).map(str::to_owned);
    let login = fields.text("login").to_owned();
    let password = fields.get("password").unwrap_or_default().into();
    let page = Page::for_anybody(&desk, &parts.headers, "/sign-in");
    let complaint = match desk.accounts.sign_in(&login, &password, &address, &browser, page.now).await? {
        SignedIn::Yes(secret, _) => {
            let hold = [(header::SET_COOKIE, holding(&desk, secret.expose_secret()))];
            let Some(kept) = kept else { return Ok((hold, Redirect::to(&next)).into_response()) };
            let mut headers = parts.headers;
            headers
                .insert(header::COOKIE, hold[0].1.parse().map_err(|_| Error::Internal(anyhow::anyhow!("a cookie")))?);
            let way_back = back_to_form(&desk, &headers, next, &kept).await?;
            return Ok((hold, way_back).into_response());
        }
        SignedIn::No => page.say("sign-in-wrong"),
        SignedIn::Later(until) => page.say_of("sign-in-later", "until", page.moment(&until)),
    };
    tracing::info!(%address, "somebody could not sign in");
    shown(StatusCode::UNPROCESSABLE_ENTITY, &SignIn { page, next, login, kept, complaint: Some(complaint) })
}

async fn back_to_form(desk: &Desk, headers: &HeaderMap, next: String, kept: &str) -> Result<Response, Error> {
    let Fields(mut fields) = Fields::read(kept.as_bytes());
    let Some(Visitor { page, .. }) = Visitor::of(desk, headers, "/sign-in").await? else {
        return Ok(Redirect::to(&next).into_response());
    };
    fields.push((CSRF.to_owned(), page.csrf().to_owned()));
    fields.push((SHOW.to_owned(), "1".to_owned()));
    shown(StatusCode::OK, &SignedInAgain { page, next, fields })
}

async fn sign_out(State(desk): State<Desk>, Posted { visitor, .. }: Posted) -> Result<Response, Away> {
    desk.accounts.sign_out(visitor.session.id, visitor.caller.now).await?;
    Ok(([(header::SET_COOKIE, forgetting(&desk))], Redirect::to("/sign-in")).into_response())
}

async fn choose_language(State(desk): State<Desk>, RawQuery(query): RawQuery) -> Response {
    let asked = Fields::read(query.unwrap_or_default().as_bytes());
    let tag = if asked.text("to") == "en" { "en" } else { "zh-CN" };
    let mut chosen = kept(&desk, crate::language::COOKIE, tag, false);
    chosen.set_max_age(cookie::time::Duration::days(365));
    ([(header::SET_COOKIE, chosen.to_string())], Redirect::to(own_address(asked.text("next")))).into_response()
}
