//! What can be refused before the lock is taken: one bad append must not fail the group it is in.

use std::fmt::Display;

use rectify_case::number::Series;
use rectify_case::{Actor, CaseNumber, Cause, Event, Happened, StreamId};
use serde::Serialize;

use crate::append::{Append, AppendError, LARGEST_EVENT, LONGEST_NAME, NewEvent};
use crate::encoding;

/// An append that can be written, whatever else is in its group.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) append: Append,
    /// The SHA-256 of what it says, whoever says it again.
    pub(crate) content: [u8; 32],
    /// About how many bytes it will take.
    pub(crate) size: usize,
    /// The series it draws a case number from, one for each.
    pub(crate) draws: Vec<String>,
}

/// The most bytes of an envelope that are neither event nor cause: names, ids, times, actor.
const AROUND: usize = 1024;

/// Returns the append, checked and hashed.
pub(crate) fn prepare(append: Append) -> Result<Prepared, AppendError> {
    if let Some(key) = append.key.as_ref().filter(|key| !is_name(key)) {
        return Err(AppendError::BadKey { key: key.clone() });
    }
    let mut said = Vec::new();
    let mut size = 0;
    let mut draws = Vec::new();
    for write in &append.writes {
        for new in &write.events {
            let stream = write.stream;
            let Checked { bytes, series } = check(stream, new)?;
            size += bytes;
            draws.extend(series);
            said.push(Said { stream, event: &new.event, happened: new.happened, cause: new.cause.as_ref() });
        }
    }
    let Some(first) = said.first() else {
        return Err(AppendError::Empty);
    };
    let content = encoding::encode(&Content { actor: append.actor, said: &said })
        .map_err(|error| unwritable(first.stream, first.event, error))?;
    Ok(Prepared { content: encoding::leaf(&content), size, draws, append })
}

struct Checked {
    /// How many bytes the event will take at most.
    bytes: usize,
    /// The series it draws a case number from.
    series: Option<String>,
}

/// Returns what an event will take, or why it cannot be written.
fn check(stream: StreamId, new: &NewEvent) -> Result<Checked, AppendError> {
    let event = &new.event;
    let written = encoding::encode(event).map_err(|error| unwritable(stream, event, error))?;
    let mut read = encoding::decode_event(&written, stream).map_err(|error| unwritable(stream, event, error))?;
    if read != *event {
        return Err(unwritable(stream, event, "it would be read back as something else"));
    }
    let series = read.number_mut().map(|number| &number.series);
    if series.is_some_and(|series| !is_series(series)) {
        return Err(unwritable(stream, event, "no case number can carry its series"));
    }
    let cause = encoding::encode(&new.cause).map_err(|error| unwritable(stream, event, error))?;
    let bytes = written.len() + cause.len() + AROUND;
    if bytes > LARGEST_EVENT {
        return Err(AppendError::TooLarge { stream, event: event.name(), size: bytes });
    }
    Ok(Checked { bytes, series: series.map(ToString::to_string) })
}

/// Returns whether both databases can keep and index a text.
fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len()) && !text.contains(char::is_control)
}

/// Returns whether a series' numbers are read back as what they are.
fn is_series(series: &Series) -> bool {
    let first = CaseNumber { series: series.clone(), serial: 1 };
    is_name(&series.to_string()) && first.to_string().parse().is_ok_and(|read: CaseNumber| read == first)
}

fn unwritable(stream: StreamId, event: &Event, reason: impl Display) -> AppendError {
    AppendError::Unwritable { stream, event: event.name(), reason: reason.to_string() }
}

/// What an append says. A second attempt may have looked the directory up later, or expect other versions.
#[derive(Serialize)]
struct Content<'a> {
    actor: Actor,
    said: &'a [Said<'a>],
}

#[derive(Serialize)]
struct Said<'a> {
    stream: StreamId,
    event: &'a Event,
    happened: Option<Happened>,
    cause: Option<&'a Cause>,
}
