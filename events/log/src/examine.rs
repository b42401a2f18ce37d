//! Examining: whether what stands beside the bytes of an event is what the bytes say.

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use rectify_case::{Envelope, Position};
use sqlx::Row as _;
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

/// The columns of an event beside its position, leaf and bytes: copies to search by.
struct Copies<'a> {
    id: Uuid,
    stream: &'a str,
    version: i64,
    kind: &'a str,
    happened: &'a str,
    recorded: DateTime<Utc>,
    actor: Uuid,
}

/// Compares at most so many rows after a position with their own bytes.
pub(crate) async fn examine(db: &Db, after: Position, limit: u32) -> Result<Examined, LogError> {
    let mut examined = Examined::default();
    on!(Db, db, pool => {
        let mut rows = sqlx::query(statements::COPIES_AFTER).bind(to_sql(after)).bind(i64::from(limit)).fetch(pool);
        // A row is looked at where the database has put it: texts and bytes are not copied.
        while let Some(row) = rows.try_next().await? {
            let position = from_sql("events", "position", row.try_get(0)?)?;
            let copies = Copies {
                id: row.try_get(1)?,
                stream: row.try_get(2)?,
                version: row.try_get(3)?,
                kind: row.try_get(4)?,
                happened: row.try_get(5)?,
                recorded: row.try_get(6)?,
                actor: row.try_get(7)?,
            };
            examined.look(after, position, &copies, row.try_get(8)?, row.try_get(9)?);
        }
        Ok::<_, LogError>(())
    })?;
    Ok(examined)
}

impl Examined {
    /// Compares a row with its own bytes; the one before it, or none after this position, was looked at last.
    fn look(&mut self, after: Position, position: Position, copies: &Copies, leaf: &[u8], bytes: &[u8]) {
        let mut wrong = |what| self.differing.push(Differing { position, what });
        if position != self.last.unwrap_or(after) + 1 {
            wrong("an event before it is missing");
        }
        let hashed = leaf_of(bytes);
        let stored = leaf.try_into().ok();
        if stored != Some(hashed) {
            wrong("leaf");
        }
        let envelope = match decode(bytes) {
            _ if bytes.len() > LARGEST_EVENT => Err(Fault::TooLarge { size: bytes.len() }),
            Ok(envelope) => {
                copies.differing(&envelope).for_each(&mut wrong);
                Ok(envelope)
            }
            Err(error) => {
                wrong("bytes");
                Err(Fault::Undecodable(error))
            }
        };
        self.events.push(Looked { position, leaf: stored, hashed, envelope });
        self.last = Some(position);
    }
}

impl Copies<'_> {
    /// Returns the columns that are not what the bytes say.
    fn differing(&self, envelope: &Envelope) -> impl Iterator<Item = &'static str> + use<> {
        let same = [
            ("id", self.id == envelope.id.0),
            ("stream", self.stream == envelope.stream.to_string()),
            ("version", self.version == to_sql(envelope.version)),
            ("type", self.kind == envelope.event.name()),
            ("happened", self.happened == envelope.happened.to_string()),
            ("recorded", self.recorded == envelope.recorded),
            ("actor", self.actor == envelope.actor.person.0),
        ];
        same.into_iter().filter_map(|(column, same)| (!same).then_some(column))
    }
}
