//! From where the ledger is looked at, by the two clocks.

use chrono::{DateTime, Utc};
use rectify_case::{Position, StreamId, Zone};
use rectify_log::Recorded;

/// From where the ledger is looked at: how much of the log is known, and by when what it tells had happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standpoint {
    /// The last event that is known.
    pub known: Position,
    /// The last instant at which something can have happened that is not left out: the log's order stays, what happened later
    /// is left out, whenever it was written. None leaves nothing out.
    pub happened_by: Option<DateTime<Utc>>,
}

impl Standpoint {
    /// Returns where one stands who knows the log up to a position.
    pub fn known(position: Position) -> Standpoint {
        Standpoint { known: position, happened_by: None }
    }

    /// Returns whether an event is seen from here. What happened to the directory always is, as far as it is known: a unit was
    /// there before anybody entered it.
    pub fn sees(&self, recorded: &Recorded, zone: Zone) -> bool {
        let envelope = &recorded.envelope;
        recorded.position <= self.known
            && match envelope.stream {
                StreamId::Case(_) | StreamId::Access(_) => {
                    self.happened_by.is_none_or(|last| envelope.happened.earliest(zone) <= last)
                }
                StreamId::Directory => true,
            }
    }
}
