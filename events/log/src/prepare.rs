//! What can be refused before the lock is taken: one bad append must not fail the group it is in.

use std::fmt::Display;

use rectify_case::number::Series;
use rectify_case::{CaseNumber, Event, Happened, StreamId};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::append::{Append, AppendError, LARGEST_EVENT, LONGEST_NAME, NewEvent};
use crate::encoding::{self, Draft, OrderedActor};

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
    /// Its events as canonical text, in order.
    pub(crate) drafts: Vec<Draft>,
}

/// The most bytes of an envelope that are neither event nor cause: names, ids, times, actor.
const AROUND: usize = 1024;

/// Returns the append, checked and hashed.
pub(crate) fn prepare(append: Append) -> Result<Prepared, AppendError> {
    if let Some(key) = append.key.as_ref().filter(|key| !is_name(key)) {
        return Err(AppendError::BadKey { key: key.clone() });
    }
    let mut size = 0;
    let mut draws = Vec::new();
    let mut drafts = Vec::new();
    for write in &append.writes {
        for new in &write.events {
            let Checked { draft, series } = check(write.stream, new)?;
            size += draft.len() + AROUND;
            draws.extend(series);
            drafts.push(draft);
        }
    }
    let events = append.writes.iter().flat_map(|write| write.events.iter().map(|new| (write.stream, new)));
    let said = events.clone().zip(&drafts).map(|((stream, new), draft)| Said {
        cause: draft.cause.as_deref(),
        event: &draft.event,
        happened: new.happened,
        stream,
    });
    let content = Content { actor: append.actor.into(), said: said.collect() };
    let Some((stream, first)) = events.clone().next() else {
        return Err(AppendError::Empty);
    };
    let content = serde_json::to_vec(&content).map_err(|error| unwritable(stream, &first.event, error))?;
    Ok(Prepared { content: encoding::leaf(&content), size, draws, drafts, append })
}

struct Checked {
    draft: Draft,
    /// The series it draws a case number from.
    series: Option<String>,
}

/// Returns an event as text, or why it cannot be written.
fn check(stream: StreamId, new: &NewEvent) -> Result<Checked, AppendError> {
    let event = &new.event;
    let (draft, mut read) =
        Draft::of(event, new.cause.as_ref(), stream).map_err(|error| unwritable(stream, event, error))?;
    if read != *event {
        return Err(unwritable(stream, event, "it would be read back as something else"));
    }
    if std::iter::once(&draft.event).chain(&draft.cause).any(|text| has_nul(text)) {
        return Err(unwritable(stream, event, "it has the character U+0000, which a database may not keep"));
    }
    let series = read.number_mut().map(|number| &number.series);
    if series.is_some_and(|series| !is_series(series)) {
        return Err(unwritable(stream, event, "no case number can carry its series"));
    }
    let size = draft.len() + AROUND;
    if size > LARGEST_EVENT {
        return Err(AppendError::TooLarge { stream, event: event.name(), size });
    }
    Ok(Checked { series: series.map(ToString::to_string), draft })
}

/// Returns whether both databases can keep and index a text.
fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len()) && !text.contains(char::is_control)
}

/// Returns whether there is a NUL in canonical text, where it is always written `\u0000`. PostgreSQL keeps none in a text, and
/// whoever folds an event must not stumble over it there.
fn has_nul(canonical: &RawValue) -> bool {
    let mut rest = canonical.get();
    while let Some((_, escaped)) = rest.split_once('\\') {
        if escaped.starts_with("u0000") {
            return true;
        }
        // A backslash that is escaped escapes nothing.
        rest = escaped.strip_prefix('\\').unwrap_or(escaped);
    }
    false
}

/// Returns whether a series' numbers are read back as what they are.
fn is_series(series: &Series) -> bool {
    let first = CaseNumber { series: series.clone(), serial: 1 };
    is_name(&series.to_string()) && first.to_string().parse().is_ok_and(|read: CaseNumber| read == first)
}

fn unwritable(stream: StreamId, event: &Event, reason: impl Display) -> AppendError {
    AppendError::Unwritable { stream, event: event.name(), reason: reason.to_string() }
}

/// What an append says, with its names in canonical order. A second attempt may have looked the directory up later, or
/// expect other versions.
#[derive(Serialize)]
struct Content<'a> {
    actor: OrderedActor,
    said: Vec<Said<'a>>,
}

#[derive(Serialize)]
struct Said<'a> {
    cause: Option<&'a RawValue>,
    event: &'a RawValue,
    happened: Option<Happened>,
    stream: StreamId,
}

#[cfg(test)]
mod tests {
    use rectify_case::{Actor, CaseEvent, CaseId, Cause};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::append::{Expected, Write};

    #[test]
    fn what_is_said_is_hashed_as_canonical_text_whatever_was_made_of_it_before() {
        let stream = StreamId::Case(CaseId(Uuid::from_u128(7)));
        let on_a_day = NewEvent {
            happened: Some("2020-04-20".parse().unwrap()),
            cause: Some(Cause::Document("州整改办〔2020〕7号".to_owned())),
            ..CaseEvent::NoteAdded { text: "“回头看”\n".to_owned() }.into()
        };
        let events = vec![on_a_day, CaseEvent::Pressed { message: "请抓紧".to_owned() }.into()];
        let writes = vec![Write { stream, expected: Expected::Any, events }];
        let prepared = prepare(Append { key: None, actor: Actor::INSTALLATION, facts_at: 3, writes }).unwrap();
        let said = json!({
            "actor": Actor::INSTALLATION,
            "said": [
                {
                    "stream": stream, "happened": "2020-04-20", "cause": { "document": "州整改办〔2020〕7号" },
                    "event": { "type": "note_added", "data": { "text": "“回头看”\n" } },
                },
                {
                    "stream": stream, "happened": null, "cause": null,
                    "event": { "type": "pressed", "data": { "message": "请抓紧" } },
                },
            ],
        });
        assert_eq!(prepared.content, encoding::leaf(&encoding::encode(&said).unwrap()));
    }
}
