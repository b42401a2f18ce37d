//! How foreign sheets are read, as it is remembered for the unit of whoever hands in.

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::post;
use rectify_accounts::MappingKey;

use super::super::page::Page;
use super::super::visitor::{Away, Posted};
use super::kind_name;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/import/mappings/forget", post(forget))
}

/// A mapping that is remembered.
pub(super) struct Kept {
    pub(super) way: &'static str,
    pub(super) kind: String,
    pub(super) fingerprint: String,
    pub(super) header: String,
    pub(super) since: String,
    pub(super) by: String,
}

/// Returns the mappings that are remembered for somebody's units.
pub(super) async fn kept(desk: &Desk, caller: &Caller, page: &Page) -> Result<Vec<Kept>, Error> {
    let mut kept = Vec::new();
    for way in desk.imports.of(caller.who.person) {
        let unit = way.unit(caller.who.person, None);
        for mapping in desk.accounts.mappings(unit, Some(way.name())).await? {
            kept.push(Kept {
                way: way.name(),
                kind: kind_name(page, way.name()),
                fingerprint: mapping.key.fingerprint,
                header: mapping.header,
                since: page.moment(&mapping.since),
                by: caller.directory.person_name(mapping.person),
            });
        }
    }
    Ok(kept)
}

async fn forget(State(desk): State<Desk>, Posted { visitor, fields }: Posted) -> Result<Response, Away> {
    let person = visitor.caller.who.person;
    let way = desk.imports.named(person, fields.text("way")).ok_or(Code::MayNotHandIn)?;
    let unit = way.unit(person, None).ok_or(Code::MayNotHandIn)?;
    let fingerprint = fields.text("fingerprint").to_owned();
    let key = MappingKey { unit, intake: way.name().to_owned(), fingerprint };
    // Whoever else forgot it meanwhile wanted the same.
    desk.accounts.forget(&key).await?;
    Ok(Redirect::to("/import").into_response())
}
