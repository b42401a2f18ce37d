//! The bytes of an event: RFC 8785 canonical JSON, and their SHA-256.

use std::io;

use chrono::{DateTime, Utc};
use rectify_case::{Actor, Cause, Envelope, Event, EventId, Happened, LogId, StreamId, Version};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

/// Returns the bytes that are hashed and kept.
pub(crate) fn encode(value: &impl Serialize) -> io::Result<Vec<u8>> {
    serde_json_canonicalizer::to_vec(value).map_err(io::Error::from)
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

/// Reads a bare event back from its bytes, as an event of this stream.
pub(crate) fn decode_event(bytes: &[u8], stream: StreamId) -> Result<Event, serde_json::Error> {
    read(stream, &serde_json::from_slice(bytes)?, Event::SCHEMA)
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
    use rectify_case::{AccessEvent, CaseEvent, CaseId, CaseNumber, DirectoryEvent, PersonId, Role, UnitId};
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
