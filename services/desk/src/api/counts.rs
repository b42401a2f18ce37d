//! How many cases there are.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use rectify_ledger::Counts;

use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.get("/api/counts", counts, |o| {
        o.says("counts", "Counts the cases that the caller may see, by stage, source, division, lead and outcome")
            .in_capacity()
            .answers::<Counts>(StatusCode::OK, "The counts.")
    })
}

async fn counts(State(desk): State<Desk>, caller: Caller) -> Result<Json<Counts>, Error> {
    Ok(Json(desk.ledger.counts(&caller.viewer(), caller.now).await?))
}
