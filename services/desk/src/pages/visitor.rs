//! Who looks at a page: somebody with a session. Whoever has none is asked to sign in, and comes back to where they were.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use cookie::{Cookie, SameSite};
use rectify_accounts::Session;
use rectify_kit::act::Who;
use sha2::{Digest as _, Sha256};

use super::form::{Fields, query_of};
use super::multipart::{InParts, has_parts};
use super::page::Page;
use super::sign_in;
use crate::api::evidence::file_name;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::language::Language;

/// What the session is kept under in the browser.
const SESSION: &str = "rectify-session";

/// What forms send along, to show that they are ours.
pub(super) const CSRF: &str = "csrf";

/// The most characters that are kept of what a browser says it is.
const LONGEST_BROWSER: usize = 200;

/// Somebody with a session.
pub(crate) struct Visitor {
    pub(crate) caller: Caller,
    pub(crate) session: Session,
    pub(crate) page: Page,
}

/// Why a page is not shown.
pub(crate) enum Away {
    /// Nobody is signed in: they are asked to, and come back.
    SignIn(String),
    /// Something is answered in its place: that they sign in again, with what they typed, or that it is not ready yet.
    Instead(Box<Response>),
    /// Something else.
    Failed(Error),
}

impl Away {
    /// Returns that something is answered in place of the page.
    pub(super) fn instead(answer: impl IntoResponse) -> Away {
        Away::Instead(Box::new(answer.into_response()))
    }
}

impl<E: Into<Error>> From<E> for Away {
    fn from(error: E) -> Self {
        Away::Failed(error.into())
    }
}

impl IntoResponse for Away {
    fn into_response(self) -> Response {
        match self {
            Away::SignIn(path) => Redirect::to(&format!("/sign-in?{}", query_of(&[("next", &path)]))).into_response(),
            Away::Instead(answer) => *answer,
            Away::Failed(error) => error.into_response(),
        }
    }
}

impl Visitor {
    /// Returns whoever has the session that a browser holds; none where it holds none, or one that has ended.
    pub(super) async fn of(desk: &Desk, headers: &HeaderMap, path: &str) -> Result<Option<Visitor>, Error> {
        let now = desk.frame.clock.now();
        let Some(held) = held(headers) else { return Ok(None) };
        let Some(session) = desk.accounts.session(&held, now).await? else { return Ok(None) };
        let (directory, _) = desk.frame.directory.get();
        if !directory.knows(session.person) {
            return Ok(None);
        }
        // A delegation that ended meanwhile lends no eyes any more.
        let lent = session.on_behalf_of.filter(|other| directory.acts_for(session.person, *other, now));
        let who = Who { person: session.person, on_behalf_of: lent, unit: None, role: None };
        let caller =
            Caller { who, token: None, now, directory: Arc::clone(&directory), language: Language::of(headers) };
        let page = Page::of(desk, &caller, path, csrf_of(&held)).await?;
        Ok(Some(Visitor { caller, session, page }))
    }

    /// Returns who sent a form that one of our pages made for them. Whoever has no session any more is asked to sign in, and
    /// keeps what was typed.
    pub(super) fn who_sent(
        desk: &Desk,
        visitor: Option<Visitor>,
        (headers, path): (&HeaderMap, &str),
        fields: &Fields,
    ) -> Result<Visitor, Away> {
        let Some(visitor) = visitor else {
            let again = sign_in::again(Page::for_anybody(desk, headers, path), path, fields)?;
            return Err(Away::instead(again));
        };
        if visitor.made(fields) { Ok(visitor) } else { Err(Code::FromElsewhere.into()) }
    }

    /// Returns whether fields are of a form that one of our pages made for them.
    pub(super) fn made(&self, fields: &Fields) -> bool {
        fields.get(CSRF) == Some(self.page.csrf())
    }
}

impl FromRequestParts<Desk> for Visitor {
    type Rejection = Away;

    async fn from_request_parts(parts: &mut Parts, desk: &Desk) -> Result<Visitor, Away> {
        let path = parts.uri.to_string();
        Visitor::of(desk, &parts.headers, &path).await?.ok_or(Away::SignIn(path))
    }
}

/// A form that somebody with a session sent from one of our pages.
pub(crate) struct Posted {
    pub(crate) visitor: Visitor,
    pub(crate) fields: Fields,
}

impl FromRequest<Desk> for Posted {
    type Rejection = Away;

    async fn from_request(request: Request, desk: &Desk) -> Result<Posted, Away> {
        let (headers, path) = (request.headers().clone(), request.uri().to_string());
        let visitor = Visitor::of(desk, &headers, &path).await?;
        let fields = if has_parts(&headers) {
            read_parts(desk, visitor.as_ref(), request).await?
        } else {
            Fields::read(&Bytes::from_request(request, desk).await.map_err(|_| Code::TooLarge)?)
        };
        let visitor = Visitor::who_sent(desk, visitor, (&headers, &path), &fields)?;
        Ok(Posted { visitor, fields })
    }
}

/// Reads a form with files. A file goes to the store, and its field says what commands say of it.
async fn read_parts(desk: &Desk, visitor: Option<&Visitor>, request: Request) -> Result<Fields, Error> {
    let mut parts = InParts::of(request, desk).await?;
    let mut fields = Fields::default();
    while let Some(part) = parts.next().await? {
        if let Some(file) = part.into_file(visitor, &mut fields).await? {
            let taken = desk.store.take(file_name(&file.name)?, file.content).await?;
            fields.0.push((file.field, serde_json::to_string(&taken).unwrap_or_default()));
        }
    }
    Ok(fields)
}

/// Returns what the forms of a session send along: known to our pages only, for nobody else knows the session.
fn csrf_of(held: &str) -> String {
    hex::encode(&Sha256::digest(format!("csrf {held}"))[..16])
}

/// Returns the secret of the session that a browser holds.
pub(super) fn held(headers: &HeaderMap) -> Option<String> {
    cookie(headers, SESSION)
}

/// Returns what a browser keeps under a name.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let mut cookies = all.flat_map(|text| Cookie::split_parse(text).flatten());
    cookies.find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
}

/// Returns what makes a browser hold a session, for as long as it is open.
pub(super) fn holding(desk: &Desk, secret: &str) -> String {
    kept(desk, SESSION, secret, true).to_string()
}

/// Returns what makes a browser forget its session.
pub(super) fn forgetting(desk: &Desk) -> String {
    let mut gone = kept(desk, SESSION, "", true);
    gone.set_max_age(cookie::time::Duration::ZERO);
    gone.to_string()
}

/// Returns what makes a browser keep something under a name.
pub(super) fn kept<'a>(desk: &Desk, name: &'a str, value: &'a str, secret: bool) -> Cookie<'a> {
    let is_secure = desk.frame.config.http.public_url.as_ref().is_some_and(|url| url.starts_with("https:"));
    Cookie::build((name, value)).path("/").http_only(secret).secure(is_secure).same_site(SameSite::Lax).build()
}

/// Returns what a browser says it is, as far as that is worth keeping.
pub(super) fn browser(headers: &HeaderMap) -> String {
    let said = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.chars().take(LONGEST_BROWSER).collect()
}
