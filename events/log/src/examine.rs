//! Examining: whether what stands beside the bytes of an event is what the bytes say.

use chrono::{DateTime, Utc};
use rectify_case::{Envelope, Position};
use uuid::Uuid;

use crate::db::Db;
use crate::encoding::{decode, leaf};
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

/// What was examined.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examined {
    /// The last position that was looked at; none when there was nothing left.
    pub last: Option<Position>,
    /// What is wrong.
    pub differing: Vec<Differing>,
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
    leaf: Vec<u8>,
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
        let copies = Copies { id, stream, version, kind, happened, recorded, actor, leaf };
        match decode(&bytes) {
            Ok(envelope) => copies.differing(&envelope, &bytes).into_iter().for_each(wrong),
            Err(_) => wrong("bytes"),
        }
        examined.last = Some(position);
    }
    Ok(examined)
}

impl Copies {
    /// Returns the columns that are not what the bytes say.
    fn differing(&self, envelope: &Envelope, bytes: &[u8]) -> Vec<&'static str> {
        let same = [
            ("leaf", self.leaf == leaf(bytes)),
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
