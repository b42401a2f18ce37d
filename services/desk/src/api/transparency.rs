//! The tree over the log, for whoever watches it: laid out as C2SP tlog-tiles wants it, open to all. It is over commitments and
//! shows nothing of what happened.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rectify_proof::{Address, Tree};
use serde_json::json;

use crate::api::routes::Routes;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// A full tile never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A checkpoint is another one soon.
const NOT_AT_ALL: HeaderValue = HeaderValue::from_static("no-cache");

pub(crate) fn routes(routes: Routes) -> Routes {
    let text = || json!({ "type": "string" });
    routes
        .get("/log/checkpoint", checkpoint, move |o| {
            o.says("checkpoint", "Returns the last signed checkpoint of the log")
                .explains(
                    "A C2SP tlog-checkpoint in a signed note, with the lines of witnesses. Keep it elsewhere: with it \
                     anybody can find out later whether the history was changed.",
                )
                .open_to_all()
                .answers_as(StatusCode::OK, "The signed note.", "text/plain", &text())
                .problems(&[404, 429, 500, 503])
        })
        .get("/log/keys", keys, move |o| {
            o.says("checkpoint_keys", "Lists the public keys that checkpoints were signed with, the newest first")
                .explains("One a line, as in a C2SP signed note. Compare them with what the office hands out on paper.")
                .open_to_all()
                .answers_as(StatusCode::OK, "The keys.", "text/plain", &text())
                .problems(&[429, 500, 503])
        })
        .get("/log/tile/{level}/{*path}", tile, move |o| {
            o.says("tile", "Returns a tile of the tree over the log")
                .explains(
                    "Up to 256 hashes of one level, 32 bytes each (C2SP tlog-tiles): `/log/tile/0/x001/234`, or \
                     `/log/tile/0/x001/234.p/17` for the first 17 of one that is not full.",
                )
                .open_to_all()
                .answers_as(
                    StatusCode::OK,
                    "The hashes.",
                    "application/octet-stream",
                    &json!({ "type": "string", "format": "binary" }),
                )
                .problems(&[404, 429, 500, 503])
        })
}

async fn checkpoint(State(desk): State<Desk>) -> Result<Response, Error> {
    let last = Tree::new(desk.frame.db.clone()).last_checkpoint().await?;
    Ok(text(last.ok_or(Code::NotFound)?.note))
}

async fn keys(State(desk): State<Desk>) -> Result<Response, Error> {
    let keys = Tree::new(desk.frame.db.clone()).keys().await?;
    Ok(text(keys.into_iter().map(|key| key.to_string() + "\n").collect()))
}

async fn tile(State(desk): State<Desk>, Path((level, path)): Path<(String, String)>) -> Result<Response, Error> {
    let address: Address = format!("{level}/{path}").parse().map_err(|_| Code::NotFound)?;
    let hashes = Tree::new(desk.frame.db.clone()).tile(address).await?.ok_or(Code::NotFound)?;
    let kind = HeaderValue::from_static("application/octet-stream");
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, FOR_EVER)], hashes).into_response())
}

fn text(text: String) -> Response {
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, NOT_AT_ALL)], text).into_response()
}
