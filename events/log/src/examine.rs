//! Examining: whether what stands beside the bytes of an event is what the bytes say.

use chrono::{DateTime, Utc};
use rectify_case::{Envelope, Position};
use uuid::Uuid;

use crate::append::LARGEST_EVENT;
use crate::chain::{Broken, Chain, Fault};
use crate::db::Db;
use crate::encoding::{decode, leaf as leaf_of};
use crate::log::LogError;
use crate::position::{from_sql, to_sql};
use crate::{on, statements};

/// Where a row of the log is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// Where.
    pub position: Position,
    /// Which column, or what else is wrong.
    pub what: &'static str,
}

/// An event as it was examined.
#[derive(Debug)]
pub struct Looked {
    /// Where it stands.
    pub position: Position,
    /// The SHA-256 that is stored of its bytes; none where that has not 32 bytes.
    pub leaf: Option<[u8; 32]>,
    /// The SHA-256 that its bytes have.
    pub hashed: [u8; 32],
    /// What its bytes say.
    pub envelope: Result<Envelope, Fault>,
}

/// What was examined.
#[derive(Debug, Default)]
pub struct Examined {
    /// The last position that was looked at; none when there was nothing left.
    pub last: Option<Position>,
    /// What is wrong.
    pub differing: Vec<Differing>,
    /// The events themselves.
    pub events: Vec<Looked>,
}

impl Looked {
    /// Follows a history by this event, and returns it. Nothing is followed that cannot stand there.
    pub fn follow(self, chain: &mut Chain) -> Result<Envelope, Broken> {
        let at = |fault| Broken { position: self.position, fault };
        if self.leaf != Some(self.hashed) {
            return Err(at(Fault::Leaf));
        }
        chain.step(self.position, self.hashed, self.envelope.map_err(at)?)
    }
}

/// The columns of an event beside its position and bytes: copies to search by.
struct Copies {
    id: Uuid,
    stream: String,
    version: i64,
    kind: String,
    happened: String,
    recorded: DateTime<Utc>,
    actor: Uuid,
}

type Row = (i64, Uuid, String, i64, String, String, DateTime<Utc>, Uuid, Vec<u8>, Vec<u8>);

/// Compares at most so many rows after a position with their own bytes.
pub(crate) async fn examine(db: &Db, after: Position, limit: u32) -> Result<Examined, LogError> {
    let rows: Vec<Row> = on!(Db, db, pool => {
        sqlx::query_as(statements::COPIES_AFTER).bind(to_sql(after)).bind(i64::from(limit)).fetch_all(pool).await?
    });
    let mut examined = Examined::default();
    let mut next = after + 1;
    for (position, id, stream, version, kind, happened, recorded, actor, leaf, bytes) in rows {
        let position = from_sql("events", "position", position)?;
        let mut wrong = |what| examined.differing.push(Differing { position, what });
        if position != next {
            wrong("an event before it is missing");
        }
        next = position + 1;
        let hashed = leaf_of(&bytes);
        let stored = leaf.as_slice().try_into().ok();
        if stored != Some(hashed) {
            wrong("leaf");
        }
        let copies = Copies { id, stream, version, kind, happened, recorded, actor };
        let envelope = match decode(&bytes) {
            _ if bytes.len() > LARGEST_EVENT => Err(Fault::TooLarge { size: bytes.len() }),
            Ok(envelope) => {
                copies.differing(&envelope).into_iter().for_each(&mut wrong);
                Ok(envelope)
            }
            Err(error) => {
                wrong("bytes");
                Err(Fault::Undecodable(error))
            }
        };
        examined.events.push(Looked { position, leaf: stored, hashed, envelope });
        examined.last = Some(position);
    }
    Ok(examined)
}

impl Copies {
    /// Returns the columns that are not what the bytes say.
    fn differing(&self, envelope: &Envelope) -> Vec<&'static str> {
        let same = [
            ("id", self.id == envelope.id.0),
            ("stream", self.stream == envelope.stream.to_string()),
            ("version", self.version == to_sql(envelope.version)),
            ("type", self.kind == envelope.event.name()),
            ("happened", self.happened == envelope.happened.to_string()),
            ("recorded", self.recorded == envelope.recorded),
            ("actor", self.actor == envelope.actor.person.0),
        ];
        same.into_iter().filter_map(|(column, same)| (!same).then_some(column)).collect()
    }
}
