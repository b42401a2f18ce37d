//! What an administrator does: changes of the directory, each an event, judged and written one way.

pub(crate) mod people;
mod sources;
pub(crate) mod units;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rectify_case::{Actor, Directory, DirectoryEvent, Event, Position, Refusal, StreamId, Version, classified};
use rectify_log::{Append, AppendError, Appended, Expected, Log, Write};
use schemars::JsonSchema;
use serde::Serialize;
use sha2::Digest as _;

use crate::api::openapi::Operation;
use crate::api::routes::Routes;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;

/// The most characters of a prefix: two of them and a year make a series that the log keeps.
const LONGEST_PREFIX: usize = 20;

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
pub(crate) struct Changed {
    /// Where it was written.
    position: Position,
    /// What was written.
    pub(crate) event: DirectoryEvent,
    /// Whether an earlier request with the same key had done it.
    repeated: bool,
    /// Whether lists and counts show it already.
    listed: bool,
}

/// The directory as the log has it, as far as it was read.
#[derive(Default)]
pub(crate) struct Known {
    directory: Directory,
    /// The last event of it that was read.
    version: Version,
    position: Position,
}

impl Known {
    /// Returns the directory as far as it was read.
    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Reads on to the end of the log.
    pub(crate) async fn read_on(&mut self, log: &Log) -> Result<(), Error> {
        for recorded in log.read_stream(StreamId::Directory, self.version).await? {
            if let Event::Directory(event) = &recorded.envelope.event {
                self.directory.evolve(event);
            }
            self.version = recorded.envelope.version;
            self.position = recorded.position;
        }
        Ok(())
    }
}

/// Judges a change by the directory as the log has it, and writes it unless somebody changed it meanwhile. The key is the
/// caller's, as the log keeps it: asked again under it, what was written first is the answer.
async fn change(
    desk: &Desk,
    key: &str,
    request: (&str, &impl Serialize),
    judge: impl Fn(&Directory) -> Result<(Actor, Vec<DirectoryEvent>), Error>,
) -> Result<Changed, Error> {
    change_known(desk, &mut Known::default(), key, request, judge).await
}

/// Does as [`change`] does for one of several changes: of the directory only that is read which was not read yet.
async fn change_known(
    desk: &Desk,
    known: &mut Known,
    key: &str,
    request: (&str, &impl Serialize),
    judge: impl Fn(&Directory) -> Result<(Actor, Vec<DirectoryEvent>), Error>,
) -> Result<Changed, Error> {
    let text = serde_json::to_vec(&request).map_err(|error| Error::Internal(error.into()))?;
    let request: [u8; 32] = sha2::Sha256::digest(text).into();
    let log = &desk.frame.log;
    if let Some(first) = log.appended_for(request, key).await? {
        return changed(desk, &first, true).await;
    }
    for _ in 0..ATTEMPTS {
        known.read_on(log).await?;
        let (actor, events) = match judge(&known.directory) {
            Ok(judged) => judged,
            // Another attempt at the same may have been done since: then it is what stands in this one's way.
            Err(refused) => match log.appended_for(request, key).await? {
                Some(first) => return changed(desk, &first, true).await,
                None => return Err(refused),
            },
        };
        let events = events.into_iter().map(Into::into).collect();
        let write = Write { stream: StreamId::Directory, expected: Expected::Exactly(known.version), events };
        let append = Append { key: Some(key.to_owned()), actor, facts_at: known.position, writes: vec![write] };
        match log.append_for(request, append).await {
            Ok(written) => return changed(desk, &written, written.repeated).await,
            Err(AppendError::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Unavailable(anyhow::anyhow!("others kept changing the directory")))
}

/// Returns what was written, once it shows: of several events, the first.
async fn changed(desk: &Desk, written: &Appended, repeated: bool) -> Result<Changed, Error> {
    let position = written.events.first().map_or(0, |event| event.position);
    let last = written.events.last().map_or(position, |event| event.position);
    let written = desk.frame.log.read_all(position.saturating_sub(1), 1).await?;
    let event = written.into_iter().next().map(|recorded| recorded.envelope.event);
    let Some(Event::Directory(event)) = event else {
        return Err(Error::Internal(anyhow::anyhow!("no event of the directory at position {position}")));
    };
    let listed = desk.shows(last).await?;
    Ok(Changed { position, event, repeated, listed })
}

impl IntoResponse for Changed {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, Json(self)).into_response()
    }
}

/// Returns a name without the blanks around it.
pub(crate) fn named(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Refusal::TextMissing.into());
    }
    if classified::mark(name).is_some() {
        return Err(Refusal::ClassifiedText.into());
    }
    Ok(name.to_owned())
}

pub(crate) fn check_prefix(prefix: &str) -> Result<(), Error> {
    if !(1..=LONGEST_PREFIX).contains(&prefix.chars().count())
        || prefix.contains(|c: char| c == '-' || c.is_whitespace() || c.is_control())
    {
        return Err(Code::BadPrefix.into());
    }
    Ok(())
}
