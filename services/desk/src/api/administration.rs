//! What an administrator does: changes of the directory, each an event, judged and written one way.

mod people;
mod sources;
mod units;

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use rectify_case::{Actor, Directory, DirectoryEvent, Event, Position, Refusal, StreamId, classified};
use rectify_log::{Append, AppendError, Expected, Write};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::Digest as _;

use crate::api::asked;
use crate::api::openapi::Operation;
use crate::api::routes::Routes;
use crate::caller::Caller;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// How often a change is judged again because somebody else changed the directory first.
const ATTEMPTS: u32 = 16;

pub(crate) fn routes(routes: Routes) -> Routes {
    routes.with(units::routes).with(people::routes).with(sources::routes)
}

/// Describes a change of the directory.
fn changes<'a, T: JsonSchema>(o: Operation<'a>, id: &str, summary: &str) -> Operation<'a> {
    o.says(id, summary)
        .keyed()
        .takes::<T>()
        .answers::<Changed>(StatusCode::CREATED, "The event that was written.")
        .problems(&[403, 409])
}

/// A change of the directory.
#[derive(Debug, Serialize, JsonSchema)]
struct Changed {
    /// Where it was written.
    position: Position,
    /// What was written.
    event: DirectoryEvent,
    /// Whether an earlier request with the same key had done it.
    repeated: bool,
    /// Whether lists and counts show it already.
    listed: bool,
}

/// Judges a change by the directory as the log has it, and writes it unless somebody changed it meanwhile.
async fn change(
    desk: &Desk,
    caller: &Caller,
    headers: &HeaderMap,
    request: (&str, &impl Serialize),
    judge: impl Fn(&Directory) -> Result<(Actor, DirectoryEvent), Error>,
) -> Result<Response, Error> {
    let key = asked::key(headers, caller)?;
    let text = serde_json::to_vec(&request).map_err(|error| Error::Internal(error.into()))?;
    let request: [u8; 32] = sha2::Sha256::digest(text).into();
    let log = &desk.frame.log;
    if let Some(first) = log.appended_for(request, &key).await? {
        return changed(desk, first.events.first().map_or(0, |event| event.position), true).await;
    }
    for _ in 0..ATTEMPTS {
        let events = log.read_stream(StreamId::Directory, 0).await?;
        let mut directory = Directory::default();
        for recorded in &events {
            if let Event::Directory(event) = &recorded.envelope.event {
                directory.evolve(event);
            }
        }
        let (actor, event) = match judge(&directory) {
            Ok(judged) => judged,
            // Another attempt at the same may have been done since: then it is what stands in this one's way.
            Err(refused) => match log.appended_for(request, &key).await? {
                Some(first) => {
                    return changed(desk, first.events.first().map_or(0, |event| event.position), true).await;
                }
                None => return Err(refused),
            },
        };
        let version = events.last().map_or(0, |event| event.envelope.version);
        let facts_at = events.last().map_or(0, |event| event.position);
        let write =
            Write { stream: StreamId::Directory, expected: Expected::Exactly(version), events: vec![event.into()] };
        let append = Append { key: Some(key.clone()), actor, facts_at, writes: vec![write] };
        match log.append_for(request, append).await {
            Ok(written) => {
                let position = written.events.first().map_or(0, |event| event.position);
                return changed(desk, position, written.repeated).await;
            }
            Err(AppendError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Unavailable(anyhow::anyhow!("others kept changing the directory")))
}

async fn changed(desk: &Desk, position: Position, repeated: bool) -> Result<Response, Error> {
    let written = desk.frame.log.read_all(position.saturating_sub(1), 1).await?;
    let event = written.into_iter().next().map(|recorded| recorded.envelope.event);
    let Some(Event::Directory(event)) = event else {
        return Err(Error::Internal(anyhow::anyhow!("no event of the directory at position {position}")));
    };
    let listed = desk.shows(position).await?;
    Ok((StatusCode::CREATED, Json(Changed { position, event, repeated, listed })).into_response())
}

/// Returns a name without the blanks around it.
fn named(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Refusal::TextMissing.into());
    }
    if classified::mark(name).is_some() {
        return Err(Refusal::ClassifiedText.into());
    }
    Ok(name.to_owned())
}

fn check_prefix(prefix: &str) -> Result<(), Error> {
    if prefix.is_empty() || prefix.contains(|c: char| c == '-' || c.is_whitespace()) {
        return Err(Code::BadPrefix.into());
    }
    Ok(())
}
