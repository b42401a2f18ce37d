//! The tree over the log, for whoever watches it: laid out as C2SP tlog-tiles wants it, open to all. It is over commitments and
//! shows nothing of what happened.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rectify_proof::{Address, Cosigned, Tree};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;

use crate::api::routes::Routes;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// A full tile never changes.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// A checkpoint is another one soon.
const NOT_AT_ALL: HeaderValue = HeaderValue::from_static("no-cache");

/// The most bytes of a checkpoint with the lines of its witnesses: more than a note with a hundred of them has.
const LONGEST_NOTE: usize = 16_384;

/// What became of what witnesses signed.
#[derive(Serialize, JsonSchema)]
struct Kept {
    /// How many of the lines are new here. The first of each witness is kept for each checkpoint.
    kept: u64,
}

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
        .post("/log/cosignatures", cosignatures, move |o| {
            o.says("cosign", "Keeps what witnesses signed a checkpoint of the log with")
                .explains(
                    "The checkpoint as `/log/checkpoint` has it, with the line of a witness (C2SP tlog-cosignature). Only \
                     witnesses that the setting `seal.witnesses` names are heard; from then on `/log/checkpoint` has their \
                     lines too. 409 says that the witness saw another history than the one that is here.",
                )
                .open_to_all()
                .takes_as("text/plain", &text())
                .answers::<Kept>(StatusCode::OK, "They are kept.")
                .problems(&[404, 409, 413, 422, 429, 500, 503])
        })
}

async fn checkpoint(State(desk): State<Desk>) -> Result<Response, Error> {
    let last = Tree::new(desk.frame.db.clone()).last_checkpoint().await?;
    Ok(text(last.ok_or(Code::NotFound)?.note))
}

async fn cosignatures(State(desk): State<Desk>, note: Bytes) -> Result<Json<Kept>, Error> {
    if note.len() > LONGEST_NOTE {
        return Err(Code::TooLarge.into());
    }
    let note = std::str::from_utf8(&note).map_err(|_| Code::NotCosigned)?;
    let (witnesses, now) = (&desk.frame.config.witnesses, desk.frame.clock.now());
    match Tree::new(desk.frame.db.clone()).keep_cosignatures(note, witnesses, now).await? {
        Cosigned::Kept(kept) => Ok(Json(Kept { kept })),
        Cosigned::Refused(why) => Err(Error::Detailed(Code::NotCosigned, why.to_string())),
        Cosigned::NoCheckpoint => Err(Code::NoSuchCheckpoint.into()),
        Cosigned::Another => {
            tracing::error!(note, "a witness saw another history than the one that is here");
            Err(Code::OtherHistory.into())
        }
    }
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
