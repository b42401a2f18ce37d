//! The desk: what its routes stand on, and all of them.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Extension, Json, Router};
use rectify_accounts::Accounts;
use rectify_case::{CaseId, CaseNumber, Position};
use rectify_keys::Opener;
use rectify_kit::{Frame, Store};
use rectify_ledger::Ledger;
use serde_json::{Value, json};

use crate::code::Code;
use crate::error::Error;
use crate::rebuild::Rebuilding;
use crate::routes::Routes;
use crate::{
    administration, attachment, bulk, case, cases, commands, counts, directory, evidence, me, petition, problem,
    rebuild, set_aside, stream, tokens,
};

/// What the desk stands on. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The log, the directory, the clock.
    pub frame: Frame,
    /// The read side.
    pub ledger: Ledger,
    /// The tokens.
    pub accounts: Accounts,
    /// The bytes of evidence.
    pub store: Store,
    /// The keys of petitions; without them no petition is sealed by hand, and none is opened.
    pub keys: Option<Opener>,
}

/// How long an answer to a write waits for the ledger to show it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Returns every route of the desk, under `/api`.
pub fn router(desk: Desk) -> Router {
    let (routes, description) = routes().finish();
    let description = Arc::new(description);
    Router::new()
        .merge(routes)
        .route("/api/openapi.json", get(async move || Json(Value::clone(&description))))
        .nest("/api", Router::new().fallback(async || Error::from(Code::NotFound)))
        .layer(Extension(Rebuilding::default()))
        .layer(from_fn(problem::told))
        .with_state(desk)
}

fn routes() -> Routes {
    Routes::new()
        .with(cases::routes)
        .with(case::routes)
        .with(commands::routes)
        .with(evidence::routes)
        .with(petition::routes)
        .with(attachment::routes)
        .with(set_aside::routes)
        .with(bulk::routes)
        .with(counts::routes)
        .with(stream::routes)
        .with(directory::routes)
        .with(administration::routes)
        .with(rebuild::routes)
        .with(me::routes)
        .with(tokens::routes)
        .describe("get", "/api/openapi.json", |o| {
            o.says("openapi", "This document").open_to_all().answers_as(
                StatusCode::OK,
                "The document.",
                "application/json",
                &json!({ "type": "object" }),
            )
        })
}

impl Desk {
    /// Returns the case that an id or a number names.
    pub(crate) async fn case_named(&self, name: &str) -> Result<CaseId, Error> {
        if let Ok(id) = name.parse::<CaseId>() {
            return Ok(id);
        }
        let number: CaseNumber = name.parse().map_err(|_| Code::NoSuchCase)?;
        self.ledger.resolve(&number).await?.ok_or(Code::NoSuchCase.into())
    }

    /// Waits until the ledger and the directory show the log up to a position, but not for ever; returns whether they do.
    pub(crate) async fn shows(&self, position: Position) -> Result<bool, Error> {
        let directory = self.frame.directory.at_least(position);
        let (directory, ledger) =
            tokio::join!(tokio::time::timeout(PATIENCE, directory), self.ledger.wait_for(position, PATIENCE));
        Ok(directory.is_ok_and(|folded| folded.is_ok()) && ledger?)
    }
}
