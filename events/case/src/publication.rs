//! What was published of the ledger (发布): of which kind, asked how, seen with whose rights, as of which position, and by which
//! digests its data and its file are known again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::directory::Role;
use crate::envelope::Position;
use crate::identity::{Digest, PersonId, UnitId};

/// What was published, with everything that is needed to make it again from the log. Who published it is the actor of the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Publication {
    /// What it is.
    pub kind: PublicationKind,
    /// Its sheets, in order.
    pub sheets: Vec<PublishedSheet>,
    /// Which cases were asked for: conditions of the ledger, by name.
    pub filter: BTreeMap<String, String>,
    /// In which order they stand, as the ledger writes it.
    pub sort: String,
    /// The tag of the language that it is in.
    pub language: String,
    /// How many hours the office's zone, in which its days are counted, is east of UTC.
    pub zone: i32,
    /// How far the log was folded for it.
    pub position: Position,
    /// The instant as of which it is: what was late then is late in it.
    pub as_of: DateTime<Utc>,
    /// With whose rights it was seen.
    pub scope: Scope,
    /// The cases that are in it.
    pub entries: Entries,
    /// What had been signed of the log then, as `SIZE:ROOT`; none before anything was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<String>,
    /// The version of the program that made it.
    pub program: String,
    /// The SHA-256 of its data: its sheets as JSON.
    pub data: Digest,
    /// The SHA-256 of its file, which is kept where evidence is.
    pub file: Digest,
    /// How many bytes the file has.
    pub size: u64,
    /// What the file is called.
    pub name: String,
}

/// What is published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PublicationKind {
    /// The ledger with the three lists (台账).
    Ledger,
    /// The list of problems (问题清单).
    Problems,
    /// The list of tasks (任务清单).
    Tasks,
    /// The list of duties (责任清单).
    Duties,
    /// How far each unit is (通报).
    Notice,
}

impl PublicationKind {
    /// Every kind.
    pub const ALL: [PublicationKind; 5] = [
        PublicationKind::Ledger,
        PublicationKind::Problems,
        PublicationKind::Tasks,
        PublicationKind::Duties,
        PublicationKind::Notice,
    ];

    /// Returns its name as it is written.
    pub fn name(self) -> &'static str {
        match self {
            PublicationKind::Ledger => "ledger",
            PublicationKind::Problems => "problems",
            PublicationKind::Tasks => "tasks",
            PublicationKind::Duties => "duties",
            PublicationKind::Notice => "notice",
        }
    }
}

/// A sheet, and which columns it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PublishedSheet {
    /// Its name.
    pub name: String,
    /// The names of its columns, in order.
    pub columns: Vec<String>,
}

/// With whose rights something was seen: those of the actor, and of whoever they acted for, as the log had them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scope {
    /// The posts that they held.
    pub posts: Vec<Post>,
    /// How far the log was folded to know what reaches whom.
    pub position: Position,
    /// The instant at which the posts were held.
    pub at: DateTime<Utc>,
}

/// A role that somebody held in a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Post {
    /// Who.
    pub person: PersonId,
    /// Where.
    pub unit: UnitId,
    /// What.
    pub role: Role,
}

/// Some cases, by the positions of their first events: the lowest, and then how far each next one is from the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Entries(Vec<u64>);

impl Entries {
    /// Returns cases by the positions of their first events.
    pub fn of(positions: &BTreeSet<Position>) -> Entries {
        let mut before = 0;
        Entries(positions.iter().map(|position| position - std::mem::replace(&mut before, *position)).collect())
    }

    /// Returns the positions of their first events, in order.
    pub fn positions(&self) -> impl Iterator<Item = Position> {
        self.0.iter().scan(0_u64, |before, gap| {
            *before = before.saturating_add(*gap);
            Some(*before)
        })
    }

    /// Returns how many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_the_positions_that_were_given() {
        for positions in [vec![], vec![1], vec![1, 2, 3], vec![17, 400, 401, 9_000_000]] {
            let given: BTreeSet<Position> = positions.into_iter().collect();
            let entries = Entries::of(&given);
            assert_eq!(entries.positions().collect::<BTreeSet<_>>(), given);
            assert_eq!(entries.len(), given.len());
        }
    }

    #[test]
    fn entries_that_cannot_be_overflow_nothing() {
        let entries: Entries = serde_json::from_str("[18446744073709551615, 2]").unwrap();
        assert_eq!(entries.positions().last(), Some(u64::MAX));
    }
}
