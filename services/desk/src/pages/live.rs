//! What tells an open page that something has changed: server-sent events, each judged when it is sent.

use std::convert::Infallible;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event as Message, KeepAlive, Sse};
use axum::routing::get;
use futures::Stream;
use rectify_case::Position;
use serde::Deserialize;

use super::visitor::{Away, Visitor, held};
use crate::api::stream::{Access, News};
use crate::desk::Desk;

pub(super) fn routes() -> Router<Desk> {
    Router::new().route("/live", get(follow))
}

/// What a page has seen already.
#[derive(Deserialize)]
struct Seen {
    /// How far its ledger was folded.
    after: Position,
}

async fn follow(
    State(desk): State<Desk>,
    headers: HeaderMap,
    Query(Seen { after }): Query<Seen>,
    Visitor { caller, .. }: Visitor,
) -> Result<Sse<impl Stream<Item = Result<Message, Infallible>>>, Away> {
    let again = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let access = Access::Session(held(&headers).unwrap_or_default());
    let news = News::after(desk, access, caller.who, again.unwrap_or(after));
    let messages = futures::stream::unfold(news, |mut news| async {
        let told = news.next().await?;
        Some((Ok(Message::default().id(told.position.to_string()).data(told.case.to_string())), news))
    });
    Ok(Sse::new(messages).keep_alive(KeepAlive::new()))
}
