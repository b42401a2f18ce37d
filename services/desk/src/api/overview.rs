//! The figures of the overview (总览).

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use chrono::Datelike as _;
use rectify_ledger::Overview;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::api::input::Asking;
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/overview", overview, |o| {
        o.says("overview", "Tells how the cases stand that the caller may see, and what became of them in a year")
            .explains(
                "Each figure is the number of cases that `/api/cases` lists: the fields say under which conditions.",
            )
            .query::<Asked>()
            .in_capacity()
            .answers::<Overview>(StatusCode::OK, "The figures.")
    })
}

/// Of when the figures are.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The year that `registered`, `closed` and `median_days` are about; the present one where nothing is said.
    year: Option<u16>,
}

async fn overview(
    State(desk): State<Desk>,
    caller: Caller,
    Asking(Asked { year }): Asking<Asked>,
) -> Result<Json<Overview>, Error> {
    let year = year.map_or_else(|| desk.frame.config.zone.day_of(caller.now).year(), i32::from);
    Ok(Json(desk.ledger.overview(&caller.viewer(), year, caller.now).await?))
}
