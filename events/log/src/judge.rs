//! Who of a group may write, and where: decided in order, by one look at the database.

use std::collections::HashMap;
use std::ops::Range;

use rectify_case::{Position, StreamId, Version};

use crate::append::{AppendError, Expected};
use crate::prepare::Prepared;

/// What stands in the log before a group is written, of what the group asks about.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// What each key first wrote.
    pub(crate) keys: HashMap<String, Kept>,
    /// The version of each stream; 0 where it does not exist.
    pub(crate) versions: HashMap<StreamId, Version>,
}

/// What a key first wrote.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) content: [u8; 32],
    pub(crate) positions: Range<Position>,
}

/// What becomes of one append.
#[derive(Debug)]
pub(crate) enum Judgement {
    /// Its events are written: one place each, in order.
    Written(Vec<Place>),
    /// The same was written at these positions, before or by an earlier member of the group.
    Repeated(Range<Position>),
    /// It lost.
    Refused(AppendError),
}

/// Where an event goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) position: Position,
    pub(crate) version: Version,
}

/// Judges the members of a group, each against what stands and what the members before it write.
pub(crate) fn judge(mut head: Position, mut standing: Standing, group: &[Prepared]) -> Vec<Judgement> {
    group.iter().map(|member| judge_one(&mut head, &mut standing, member)).collect()
}

fn judge_one(head: &mut Position, standing: &mut Standing, member: &Prepared) -> Judgement {
    let append = &member.append;
    if let Some(key) = &append.key
        && let Some(kept) = standing.keys.get(key)
    {
        return if kept.content == member.content {
            Judgement::Repeated(kept.positions.clone())
        } else {
            Judgement::Refused(AppendError::KeyReused { key: key.clone(), first: kept.positions.start })
        };
    }

    let mut places = Vec::new();
    let mut moved: HashMap<StreamId, Version> = HashMap::new();
    let mut position = *head;
    for write in &append.writes {
        let stood = standing.versions.get(&write.stream).copied().unwrap_or(0);
        let version = moved.entry(write.stream).or_insert(stood);
        match write.expected {
            Expected::Exactly(expected) if expected != *version => {
                let (stream, actual) = (write.stream, *version);
                return Judgement::Refused(AppendError::Conflict { stream, expected, actual });
            }
            Expected::Exactly(_) | Expected::Any => {}
        }
        for _ in &write.events {
            position += 1;
            *version += 1;
            places.push(Place { position, version: *version });
        }
    }

    let positions = *head + 1..position + 1;
    *head = position;
    standing.versions.extend(moved);
    if let Some(key) = &append.key {
        standing.keys.insert(key.clone(), Kept { content: member.content, positions });
    }
    Judgement::Written(places)
}
