//! The style sheet, the script and the icon: served under names that change when they do, and kept by browsers for ever.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};

use crate::desk::Desk;

const STYLE: &str = include_str!("../../assets/desk.css");
const SCRIPT: &str = include_str!("../../assets/desk.js");

const ICON: &str = include_str!("../../assets/icon.svg");

static STYLE_AT: LazyLock<String> = LazyLock::new(|| address(STYLE, "css"));
static SCRIPT_AT: LazyLock<String> = LazyLock::new(|| address(SCRIPT, "js"));

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/assets/{name}", get(asset))
}

/// Returns where the style sheet is.
pub(super) fn style() -> &'static str {
    &STYLE_AT
}

/// Returns where the script is.
pub(super) fn script() -> &'static str {
    &SCRIPT_AT
}

static ICON_AT: LazyLock<String> = LazyLock::new(|| address(ICON, "svg"));

/// Returns where the icon is.
pub(super) fn icon() -> &'static str {
    &ICON_AT
}

fn address(text: &str, extension: &str) -> String {
    format!("/assets/desk.{}.{extension}", hex::encode(&Sha256::digest(text)[..8]))
}

async fn asset(Path(name): Path<String>) -> Response {
    let asked = format!("/assets/{name}");
    let (kind, text) = if asked == style() {
        ("text/css; charset=utf-8", STYLE)
    } else if asked == script() {
        ("text/javascript; charset=utf-8", SCRIPT)
    } else if asked == icon() {
        ("image/svg+xml", ICON)
    } else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kept = "public, max-age=31536000, immutable";
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)], text).into_response()
}
