//! An event made whole: its envelope, its bytes, its hash.

use chrono::{DateTime, Utc};
use rectify_case::{CaseNumber, EventId, Happened, LogId, StreamId};
use uuid::{Builder, Uuid};

use crate::append::{Append, NewEvent, Written};
use crate::encoding::{self, Around, Draft};
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
    (stream, new, draft): (StreamId, &NewEvent, &Draft),
    place: Place,
    number: impl FnOnce(&mut CaseNumber),
) -> Result<Sealed, LogError> {
    let around = Around {
        id: EventId(time_ordered_id(moment.recorded)),
        salt: hex::encode(rand::random::<[u8; 16]>()),
        log: moment.log,
        stream,
        version: place.version,
        happened: new.happened.unwrap_or(Happened::At(moment.recorded)),
        received: new.received,
        recorded: moment.recorded,
        actor: append.actor,
        facts_at: append.facts_at,
        name: new.event.name(),
    };
    let (bytes, number) = if draft.numbered {
        let mut event = new.event.clone();
        let given = event.number_mut().map(|given| {
            number(given);
            given.clone()
        });
        // What was drafted has another number.
        let draft = Draft::of(&event, new.cause.as_ref(), stream).map_err(LogError::Unencodable)?.0;
        (encoding::encode_around(&around, &draft), given)
    } else {
        (encoding::encode_around(&around, draft), None)
    };
    let bytes = bytes.map_err(LogError::Unencodable)?;
    Ok(Sealed {
        written: Written { position: place.position, id: around.id, stream, version: place.version, number },
        name: around.name,
        happened: around.happened,
        actor: around.actor.person.0,
        leaf: encoding::leaf(&bytes),
        bytes,
    })
}

/// Returns a UUID of version 7 of this moment.
pub(crate) fn time_ordered_id(at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &rand::random()).into_uuid()
}
