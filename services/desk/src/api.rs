//! The HTTP API: what programs ask of the desk, each route with its description.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Extension, Json, Router};
use serde_json::{Value, json};

use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::problem;

mod routes;

pub(crate) mod asked;
pub(crate) mod commands;

pub(crate) mod bulk;

pub(crate) mod case;

mod cases;
mod counts;
mod overview;
pub(crate) mod publications;
pub(crate) mod signals;
pub(crate) mod stream;
pub(crate) mod waiting;

mod attachment;
pub(crate) mod certificate;
pub(crate) mod custody;
pub(crate) mod dossier;
pub(crate) mod evidence;
pub(crate) mod looks;
pub(crate) mod petition;
pub(crate) mod set_aside;

pub(crate) mod administration;
mod directory;
mod me;
mod rebuild;
pub(crate) mod tokens;

mod transparency;

mod input;
mod openapi;

use rebuild::Rebuilding;
use routes::Routes;

/// Returns every route of the API.
pub(crate) fn router() -> Router<Desk> {
    let (routes, description) = described().finish();
    let description = Arc::new(description);
    Router::new()
        .merge(routes)
        .route("/api/openapi.json", get(async move || Json(Value::clone(&description))))
        .nest("/api", Router::new().fallback(async || Error::from(Code::NotFound)))
        .layer(Extension(Rebuilding::default()))
        .layer(from_fn(problem::told))
}

fn described() -> Routes {
    Routes::new()
        .with(cases::routes)
        .with(case::routes)
        .with(commands::routes)
        .with(evidence::routes)
        .with(dossier::routes)
        .with(petition::routes)
        .with(attachment::routes)
        .with(custody::routes)
        .with(certificate::routes)
        .with(looks::routes)
        .with(set_aside::routes)
        .with(bulk::routes)
        .with(counts::routes)
        .with(overview::routes)
        .with(publications::routes)
        .with(signals::routes)
        .with(waiting::routes)
        .with(stream::routes)
        .with(directory::routes)
        .with(administration::routes)
        .with(rebuild::routes)
        .with(me::routes)
        .with(tokens::routes)
        .with(transparency::routes)
        .describe("get", "/api/openapi.json", |o| {
            o.says("openapi", "This document").open_to_all().answers_as(
                StatusCode::OK,
                "The document.",
                "application/json",
                &json!({ "type": "object" }),
            )
        })
}
