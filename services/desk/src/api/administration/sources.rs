//! Sources are defined, or defined anew.

use axum::extract::State;
use axum::http::HeaderMap;
use rectify_case::directory::Source;
use rectify_case::{DirectoryEvent, Refusal};

use super::{Changed, change, changes, check_prefix, named};
use crate::api::routes::Routes;
use crate::api::{asked, input};
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.post("/api/directory/sources", define_source, |o| {
        changes::<Source>(o, "define_source", "Defines a source, or defines it anew under its code")
    })
}

async fn define_source(
    State(desk): State<Desk>,
    caller: Caller,
    headers: HeaderMap,
    input::Json(asked): input::Json<Source>,
) -> Result<Changed, Error> {
    let key = asked::key(&headers, &caller)?;
    change(&desk, &key, ("define_source", &asked), |directory| {
        let actor = caller.administrator()?;
        check_prefix(&asked.prefix)?;
        let source = Source { name: named(&asked.name)?, ..asked.clone() };
        if directory.source(&source.code) == Some(&source) {
            return Err(Refusal::SameAsBefore.into());
        }
        Ok((actor, vec![DirectoryEvent::SourceDefined(source)]))
    })
    .await
}
