//! What waits for the caller (待办): how many cases, and which, the most urgent first.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rectify_ledger::{Act, Filter, Page, Sort, SortBy, Waiting, Wanted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::cases::{MOST, USUAL};
use crate::api::input::Asking;
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/waiting", waiting, |o| {
        o.says(
            "waiting",
            "Tells what waits for the caller's roles, the most urgent first, each with what is to be done",
        )
        .explains(
            "What is late comes first, what has no deadline last. `next` of one page is `cursor` of the one after \
                 it; there is no `next` on the last.",
        )
        .query::<Asked>()
        .in_capacity()
        .answers::<Shown>(StatusCode::OK, "How many cases wait, and a page of them.")
    })
}

/// Which of what waits, and which page of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// Only what waits for this act; the counts are of all.
    act: Option<Act>,
    /// After which page: its `next`.
    cursor: Option<String>,
    /// At most how many cases; 50 where nothing is said, 500 at most.
    #[schemars(range(max = 500))]
    limit: Option<u32>,
}

/// What waits.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "WaitingPage")]
struct Shown {
    /// How many cases wait, by act.
    counts: Waiting,
    /// The cases, the most urgent first.
    cases: Page,
}

async fn waiting(
    State(desk): State<Desk>,
    caller: Caller,
    Asking(Asked { act, cursor, limit }): Asking<Asked>,
) -> Result<Json<Shown>, Error> {
    let limit = limit.unwrap_or(USUAL).min(MOST);
    let counts = desk.ledger.waiting(&caller.viewer(), &caller.posts(), caller.now).await?;
    let cases = waiting_for(&desk, &caller, act, cursor, limit).await?;
    Ok(Json(Shown { counts, cases }))
}

/// Returns a page of the cases that wait for somebody, the most urgent first: for any act, or for one.
pub(crate) async fn waiting_for(
    desk: &Desk,
    caller: &Caller,
    only: Option<Act>,
    cursor: Option<String>,
    limit: u32,
) -> Result<Page, Error> {
    let wanted = Wanted {
        filter: Filter { waits: only.into_iter().collect(), ..Filter::default() },
        waits_for: Some(caller.posts()),
        sort: Sort { by: SortBy::Due, descending: false },
        cursor,
        limit,
        total: false,
    };
    Ok(desk.ledger.list(&caller.viewer(), &wanted, caller.now).await?)
}
