//! What keeps others out of the browser: header fields on every answer, and nothing taken from another site's pages.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// Nothing is loaded from elsewhere, and nothing in a page runs or styles that is not a file of ours.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// Adds the header fields that every page has.
pub(super) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Takes nothing that another site's page sends.
pub(super) async fn same_site(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    if request.method().is_safe() || comes_from_here(&desk, request.headers()) {
        return next.run(request).await;
    }
    Error::from(Code::FromElsewhere).into_response()
}

/// Returns whether a browser says that one of our own pages sends a request. What is no browser says nothing.
fn comes_from_here(desk: &Desk, headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if said("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
        return false;
    }
    let Some(origin) = said("origin") else { return true };
    match &desk.frame.config.http.public_url {
        Some(url) => origin == url,
        None => said("host").is_some_and(|host| origin.strip_prefix("http://") == Some(host)),
    }
}
