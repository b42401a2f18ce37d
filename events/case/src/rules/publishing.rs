//! Rule 3 of what is published: an accusation is in no publication that its subject made.

use std::collections::BTreeMap;

use super::firewall::Firewall;
use super::violation::{Rule, Violation};
use crate::directory::Directory;
use crate::envelope::Envelope;
use crate::identity::CaseId;
use crate::publication::Publication;

/// Judges a publication: each of its cases began before it, at the index that `begun` tells, and is kept from nobody who
/// published it.
pub fn feed(
    at: usize,
    envelope: &Envelope,
    published: &Publication,
    begun: &BTreeMap<usize, CaseId>,
    firewall: &Firewall,
    directory: &Directory,
    out: &mut Vec<Violation>,
) {
    for position in published.entries.positions() {
        let index = position.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        if let Some(case) = index.and_then(|index| begun.get(&index)) {
            firewall.feed_opening(at, envelope, *case, directory, out);
        } else {
            let what = format!("no case begins at position {position}, which the publication names");
            out.push(Violation { rule: Rule::Four, case: None, at, code: "publishes_no_case", what });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::*;
    use crate::access::{AccessEvent, PUBLICATIONS};
    use crate::actor::Actor;
    use crate::directory::Role;
    use crate::envelope::{Position, StreamId};
    use crate::finding::{PetitionClass, Severity, Subject};
    use crate::publication::{Entries, Publication, PublicationKind, Scope};

    /// An accusation against the county's water bureau, and the position at which it begins.
    fn accusation() -> (History, Position) {
        let accusation = petition("1", PetitionClass::Accusation, &[Subject::Unit(WATER)]);
        let history = History::registered(accusation, Severity::Ordinary);
        let begins = history.envelopes.iter().position(|envelope| envelope.stream == StreamId::Case(CASE)).unwrap();
        (history, begins as Position + 1)
    }

    fn published(history: History, actor: Actor, entry: Position) -> History {
        let at = "2020-04-21T01:00:00Z".parse().unwrap();
        let published = Publication {
            kind: PublicationKind::Ledger,
            sheets: Vec::new(),
            filter: [].into(),
            sort: "due".into(),
            language: "zh-CN".into(),
            zone: 8,
            position: entry,
            as_of: at,
            scope: Scope { posts: Vec::new(), position: entry, at },
            entries: Entries::of(&[entry].into()),
            mark: None,
            program: "1".into(),
            data: digest(1),
            file: digest(2),
            size: 1,
            name: "整改台账.xlsx".into(),
        };
        let event = AccessEvent::Published(Box::new(published)).into();
        history.write(StreamId::Access(PUBLICATIONS), actor, event)
    }

    #[test]
    fn nobody_publishes_an_accusation_against_their_unit() {
        let (history, begins) = accusation();
        assert_eq!(published(history.clone(), officer(), begins).breaks(), []);
        let below = by(WATER_STATION, Role::Handler);
        assert_eq!(published(history, below, begins).breaks(), [(3, "opened_by_subject")]);
    }

    #[test]
    fn what_is_published_is_of_cases() {
        let (history, begins) = accusation();
        assert_eq!(published(history.clone(), officer(), begins + 1).breaks(), [(4, "publishes_no_case")]);
        assert_eq!(published(history, officer(), 99_999).breaks(), [(4, "publishes_no_case")]);
    }
}
