//! The bytes of an event: RFC 8785 canonical JSON, and their SHA-256.

use std::io;

use chrono::{DateTime, Utc};
use rectify_case::{
    Actor, Cause, Envelope, Event, EventId, Happened, LogId, PersonId, Role, StreamId, UnitId, Version,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// Returns the bytes that are hashed and kept.
#[cfg(test)]
pub(crate) fn encode(value: &impl Serialize) -> io::Result<Vec<u8>> {
    serde_json_canonicalizer::to_vec(value).map_err(io::Error::from)
}

/// An event as canonical text, made once: where it goes is not known yet.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Its `type` and `data`, as one object.
    pub(crate) event: Box<RawValue>,
    /// Its `data` alone.
    pub(crate) data: Box<RawValue>,
    /// What it rests on.
    pub(crate) cause: Option<Box<RawValue>>,
    /// Whether a case number in it is still to be completed.
    pub(crate) numbered: bool,
}

impl Draft {
    /// Returns the event as canonical text, and as it is read back from that.
    pub(crate) fn of(event: &Event, cause: Option<&Cause>, stream: StreamId) -> io::Result<(Draft, Event)> {
        let whole = canonical(event)?;
        let tagged: Tagged = serde_json::from_str(whole.get())?;
        let mut back = read(stream, &tagged, Event::SCHEMA)?;
        let data = tagged.data.to_owned();
        let cause = cause.map(canonical).transpose()?;
        let numbered = back.number_mut().is_some();
        Ok((Draft { event: whole, data, cause, numbered }, back))
    }

    /// Returns how many bytes it has.
    pub(crate) fn len(&self) -> usize {
        self.event.get().len() + self.cause.as_ref().map_or("null", |cause| cause.get()).len()
    }
}

fn canonical(value: &impl Serialize) -> io::Result<Box<RawValue>> {
    let text = serde_json_canonicalizer::to_string(value).map_err(io::Error::from)?;
    Ok(RawValue::from_string(text)?)
}

/// Returns the bytes that are hashed and kept, of an envelope whose event is a draft: names in order, and nothing in them to escape.
pub(crate) fn encode_around(envelope: &Around, draft: &Draft) -> io::Result<Vec<u8>> {
    let Around { id, salt, log, stream, version, happened, received, recorded, actor, facts_at, name } = envelope;
    let ordered = Ordered {
        actor: (*actor).into(),
        cause: draft.cause.as_deref(),
        data: &draft.data,
        facts_at: *facts_at,
        happened: *happened,
        id: *id,
        log: *log,
        received: *received,
        recorded: *recorded,
        salt,
        schema: Event::SCHEMA,
        stream: *stream,
        name,
        version: *version,
    };
    Ok(serde_json::to_vec(&ordered)?)
}

/// Everything around an event and its cause.
#[derive(Debug)]
pub(crate) struct Around {
    pub(crate) id: EventId,
    pub(crate) salt: String,
    pub(crate) log: LogId,
    pub(crate) stream: StreamId,
    pub(crate) version: Version,
    pub(crate) happened: Happened,
    pub(crate) received: Option<DateTime<Utc>>,
    pub(crate) recorded: DateTime<Utc>,
    pub(crate) actor: Actor,
    pub(crate) facts_at: u64,
    pub(crate) name: &'static str,
}

/// An envelope with its names in canonical order.
#[derive(Serialize)]
struct Ordered<'a> {
    actor: OrderedActor,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a RawValue>,
    data: &'a RawValue,
    facts_at: u64,
    happened: Happened,
    id: EventId,
    log: LogId,
    #[serde(skip_serializing_if = "Option::is_none")]
    received: Option<DateTime<Utc>>,
    recorded: DateTime<Utc>,
    salt: &'a str,
    schema: u32,
    stream: StreamId,
    #[serde(rename = "type")]
    name: &'a str,
    version: Version,
}

/// An actor with its names in canonical order.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct OrderedActor {
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<PersonId>,
    person: PersonId,
    role: Role,
    unit: UnitId,
}

impl From<Actor> for OrderedActor {
    fn from(Actor { person, unit, role, on_behalf_of }: Actor) -> Self {
        OrderedActor { on_behalf_of, person, role, unit }
    }
}

/// Returns the SHA-256 of an event's bytes: its leaf in the log's tree.
pub(crate) fn leaf(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Reads an event back from its bytes, whatever shape it was written in.
pub fn decode(bytes: &[u8]) -> Result<Envelope, serde_json::Error> {
    let written: Header = serde_json::from_slice(bytes)?;
    let event = read(written.stream, &Tagged { name: written.name, data: written.data }, written.schema)?;
    Ok(Envelope {
        id: written.id,
        salt: written.salt,
        log: written.log,
        stream: written.stream,
        version: written.version,
        schema: written.schema,
        happened: written.happened,
        received: written.received,
        recorded: written.recorded,
        actor: written.actor,
        facts_at: written.facts_at,
        cause: written.cause,
        event,
    })
}

/// What an event is known by, whatever it says.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Outline {
    /// Its id.
    pub id: EventId,
    /// The log it was written to.
    pub log: LogId,
    /// When it was recorded.
    pub recorded: DateTime<Utc>,
}

/// Reads from an event's bytes what it is known by. That takes much less than all of it.
pub fn outline(bytes: &[u8]) -> Result<Outline, serde_json::Error> {
    serde_json::from_slice(bytes)
}

fn read(stream: StreamId, written: &Tagged<'_>, schema: u32) -> Result<Event, serde_json::Error> {
    let mut data = serde_json::Deserializer::from_str(written.data.get());
    Event::decode(stream, written.name, schema, &mut data)
}

/// Everything around the data, which stays text until its stream, name and schema are known.
#[derive(Deserialize)]
struct Header<'a> {
    id: EventId,
    salt: String,
    log: LogId,
    stream: StreamId,
    version: Version,
    #[serde(rename = "type")]
    name: &'a str,
    schema: u32,
    happened: Happened,
    received: Option<DateTime<Utc>>,
    recorded: DateTime<Utc>,
    actor: Actor,
    facts_at: u64,
    cause: Option<Cause>,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Tagged<'a> {
    #[serde(rename = "type")]
    name: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rectify_case::number::Series;
    use rectify_case::quantity::{Amounts, MOST, Measured};
    use rectify_case::{AccessEvent, CaseEvent, CaseId, CaseNumber, DirectoryEvent};
    use uuid::Uuid;

    use super::*;

    fn uuids() -> impl Strategy<Value = Uuid> {
        any::<u128>().prop_map(Uuid::from_u128)
    }

    fn moments() -> impl Strategy<Value = DateTime<Utc>> {
        (0..253_402_300_800_000_000i64).prop_map(|micros| DateTime::from_timestamp_micros(micros).unwrap())
    }

    fn events() -> impl Strategy<Value = (StreamId, Event)> {
        let amounts = proptest::collection::btree_map(
            prop::sample::select(vec![Measured::Money, Measured::Households, Measured::Records]),
            0..=MOST,
            0..3,
        );
        let case = prop_oneof![
            any::<String>().prop_map(|text| CaseEvent::NoteAdded { text }),
            (amounts, any::<String>())
                .prop_map(|(found, reason): (Amounts, _)| CaseEvent::QuantitiesRestated { found, reason }),
            (any::<Option<String>>(), "\\PC{1,8}", any::<i32>(), 1..MOST, uuids()).prop_map(
                |(office, source, year, serial, id)| CaseEvent::Registered {
                    number: CaseNumber { series: Series { office, source, year }, serial },
                    office: UnitId(id),
                    severity: rectify_case::finding::Severity::Grave,
                    title: String::new(),
                    found: Amounts::new(),
                }
            ),
        ];
        prop_oneof![
            (uuids(), case).prop_map(|(id, event)| (StreamId::Case(CaseId(id)), event.into())),
            (uuids(), any::<String>()).prop_map(|(id, name)| {
                (StreamId::Directory, DirectoryEvent::PersonAdded { person: PersonId(id), name }.into())
            }),
            (uuids(), "[0-9a-f]{64}").prop_map(|(id, digest)| {
                let event = AccessEvent::EvidenceOpened { digest: digest.parse().unwrap() };
                (StreamId::Access(CaseId(id)), event.into())
            }),
        ]
    }

    prop_compose! {
        fn envelopes()(
            ids in (uuids(), uuids(), uuids(), uuids()),
            behalf in proptest::option::of(uuids()),
            (recorded, received, happened) in (moments(), proptest::option::of(moments()), moments()),
            on_a_day in any::<bool>(),
            (version, facts_at) in (1..=MOST, 0..=MOST),
            cause in proptest::option::of(any::<String>()),
            (stream, event) in events(),
        ) -> Envelope {
            Envelope {
                id: EventId(ids.0),
                salt: hex::encode(ids.1.as_bytes()),
                log: LogId(ids.1),
                stream,
                version,
                schema: Event::SCHEMA,
                happened: if on_a_day { Happened::On(happened.date_naive()) } else { Happened::At(happened) },
                received,
                recorded,
                actor: Actor {
                    person: PersonId(ids.2),
                    unit: UnitId(ids.3),
                    role: Role::Handler,
                    on_behalf_of: behalf.map(PersonId),
                },
                facts_at,
                cause: cause.map(Cause::Document),
                event,
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back_and_written_again_the_same(envelope in envelopes()) {
            let bytes = encode(&envelope).unwrap();
            let read = decode(&bytes).unwrap();
            prop_assert_eq!(&read, &envelope);
            prop_assert_eq!(encode(&read).unwrap(), bytes);
        }

        #[test]
        fn a_draft_in_its_place_is_what_the_whole_is(envelope in envelopes()) {
            let whole = encode(&envelope).unwrap();
            let (draft, back) = Draft::of(&envelope.event, envelope.cause.as_ref(), envelope.stream).unwrap();
            prop_assert_eq!(&back, &envelope.event);
            let around = Around {
                id: envelope.id,
                salt: envelope.salt,
                log: envelope.log,
                stream: envelope.stream,
                version: envelope.version,
                happened: envelope.happened,
                received: envelope.received,
                recorded: envelope.recorded,
                actor: envelope.actor,
                facts_at: envelope.facts_at,
                name: envelope.event.name(),
            };
            prop_assert_eq!(encode_around(&around, &draft).unwrap(), whole);
        }
    }

    #[test]
    fn an_event_is_one_text_with_its_names_in_order() {
        let at = "2020-04-25T01:32:09.000100Z".parse().unwrap();
        let envelope = Envelope {
            id: EventId(Uuid::from_u128(1)),
            salt: "00".repeat(16),
            log: LogId(Uuid::from_u128(2)),
            stream: StreamId::Case(CaseId(Uuid::from_u128(3))),
            version: 4,
            schema: 1,
            happened: Happened::On("2020-04-20".parse().unwrap()),
            received: None,
            recorded: at,
            actor: Actor::INSTALLATION,
            facts_at: 5,
            cause: Some(Cause::Document("州整改办〔2020〕7号".into())),
            event: CaseEvent::NoteAdded { text: "“回头看”\n".into() }.into(),
        };
        let text = concat!(
            r#"{"actor":{"person":"00000000-0000-0000-0000-000000000000","role":"administrator","#,
            r#""unit":"00000000-0000-0000-0000-000000000000"},"cause":{"document":"州整改办〔2020〕7号"},"#,
            r#""data":{"text":"“回头看”\n"},"facts_at":5,"happened":"2020-04-20","#,
            r#""id":"00000000-0000-0000-0000-000000000001","log":"00000000-0000-0000-0000-000000000002","#,
            r#""recorded":"2020-04-25T01:32:09.000100Z","salt":"00000000000000000000000000000000","schema":1,"#,
            r#""stream":"case-00000000-0000-0000-0000-000000000003","type":"note_added","version":4}"#,
        );
        let bytes = encode(&envelope).unwrap();
        assert_eq!(String::from_utf8(bytes.clone()).unwrap(), text);
        assert_eq!(hex::encode(leaf(&bytes)), "216b9c85ac49f63f0200b212ed8ba00517a68dab6e999c4b761d29ca77ff1acb");
    }
}
