//! Signals of repairs on paper only (纸面整改): questions to be asked, each with the events it is seen from.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use futures::future::try_join_all;
use rectify_case::{Position, Role};
use rectify_ledger::{SignalKind, SignalPage};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::input::Asking;
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// How many signals of a kind are answered where nothing is said.
const USUAL: u32 = 20;

/// The most that are answered.
const MOST: u32 = 100;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/signals", signals, |o| {
        o.says("signals", "Lists what the log shows that somebody should ask about: it may be a repair on paper only")
            .explains(
                "Questions, never verdicts. For officers and auditors; nobody else finds anything here. What is kept from \
                 the caller is neither shown nor counted. `next` of a page is `before` of the one after it.",
            )
            .query::<Asked>()
            .in_capacity()
            .answers::<Signals>(StatusCode::OK, "The signals by kind, the latest of each first.")
            .problems(&[404])
    })
}

/// Which signals, and which page of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Of this kind; of every kind where nothing is said.
    kind: Option<SignalKind>,
    /// Only those whose last event stands before this position.
    before: Option<Position>,
    /// At most how many of a kind; 20 where nothing is said, 100 at most.
    #[schemars(range(max = 100))]
    limit: Option<u32>,
}

/// Signals by kind.
#[derive(Debug, Serialize, JsonSchema)]
struct Signals {
    /// A page of each kind that is asked for.
    kinds: Vec<SignalPage>,
}

async fn signals(
    State(desk): State<Desk>,
    caller: Caller,
    Asking(Asked { kind, before, limit }): Asking<Asked>,
) -> Result<Json<Signals>, Error> {
    let limit = limit.unwrap_or(USUAL);
    if limit > MOST {
        return Err(Error::Detailed(Code::BadRequest, format!("limit: > {MOST}")));
    }
    Ok(Json(Signals { kinds: signals_for(&desk, &caller, kind, before, limit).await? }))
}

/// Returns the signals that somebody may ask about: of a kind, or of every kind.
pub(crate) async fn signals_for(
    desk: &Desk,
    caller: &Caller,
    only: Option<SignalKind>,
    before: Option<Position>,
    limit: u32,
) -> Result<Vec<SignalPage>, Error> {
    asking(caller)?;
    let viewer = caller.viewer();
    let kinds = SignalKind::ALL.into_iter().filter(|kind| only.is_none_or(|only| only == *kind));
    let pages = kinds.map(|kind| desk.ledger.signals(&viewer, kind, before, limit));
    Ok(try_join_all(pages).await?)
}

/// Lets officers and auditors ask; for anybody else there is nothing here.
pub(crate) fn asking(caller: &Caller) -> Result<(), Error> {
    let capacities = caller.capacities(|role| matches!(role, Role::Officer | Role::Auditor));
    if capacities.is_empty() { Err(Code::NotFound.into()) } else { Ok(()) }
}
