//! An event made whole: its envelope, its bytes, its hash.

use chrono::{DateTime, Utc};
use rectify_case::{CaseNumber, Envelope, Event, EventId, Happened, LogId, StreamId};
use uuid::{Builder, Uuid};

use crate::append::{Append, NewEvent, Written};
use crate::encoding;
use crate::judge::Place;
use crate::log::LogError;

/// An event as it is inserted.
#[derive(Debug)]
pub(crate) struct Sealed {
    pub(crate) written: Written,
    pub(crate) name: &'static str,
    pub(crate) happened: Happened,
    pub(crate) actor: Uuid,
    pub(crate) leaf: [u8; 32],
    pub(crate) bytes: Vec<u8>,
}

/// What all events of one group share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    pub(crate) log: LogId,
    pub(crate) recorded: DateTime<Utc>,
}

/// Gives an event its place, its number, an id and a salt.
pub(crate) fn seal(
    moment: Moment,
    append: &Append,
    stream: StreamId,
    new: &NewEvent,
    place: Place,
    number: impl FnOnce(&mut CaseNumber),
) -> Result<Sealed, LogError> {
    let mut event = new.event.clone();
    let number = event.number_mut().map(|given| {
        number(given);
        given.clone()
    });
    let envelope = Envelope {
        id: EventId(time_ordered_id(moment.recorded)),
        salt: hex::encode(rand::random::<[u8; 16]>()),
        log: moment.log,
        stream,
        version: place.version,
        schema: Event::SCHEMA,
        happened: new.happened.unwrap_or(Happened::At(moment.recorded)),
        received: new.received,
        recorded: moment.recorded,
        actor: append.actor,
        facts_at: append.facts_at,
        cause: new.cause.clone(),
        event,
    };
    let bytes = encoding::encode(&envelope).map_err(LogError::Unencodable)?;
    Ok(Sealed {
        written: Written {
            position: place.position,
            id: envelope.id,
            stream: envelope.stream,
            version: envelope.version,
            number,
        },
        name: envelope.event.name(),
        happened: envelope.happened,
        actor: envelope.actor.person.0,
        leaf: encoding::leaf(&bytes),
        bytes,
    })
}

/// Returns a UUID of version 7 of this moment.
pub(crate) fn time_ordered_id(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid()
}
