//! Which events of a log are asked for: of what, by whom, and when by either clock.

use std::str::FromStr;

use chrono::TimeDelta;
use rectify_case::{
    CaseId, Directory, Envelope, EventKind, Happened, PersonId, Position, SourceCode, StreamId, UnitId, Zone,
};

use crate::log::{Log, LogError};

/// A moment as it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// When the event at this position was written.
    Position(Position),
    /// An instant, or a day.
    Moment(Happened),
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<At, String> {
        let position = text.parse().ok().filter(|position| *position > 0).map(At::Position);
        let moment = || text.parse().ok().map(At::Moment);
        position.or_else(moment).ok_or_else(|| {
            "a moment is a day (2020-06-30), an instant (2020-06-30T18:00:00+08:00) or a position of the log (1234)"
                .to_owned()
        })
    }
}

/// Which events are asked for: those for which everything holds that is said here.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Of this case, and of looks at it.
    pub case: Option<CaseId>,
    /// Of one of these kinds.
    pub kinds: Vec<EventKind>,
    /// Of cases from one of these sources. Whoever asks knows where a case comes from.
    pub sources: Vec<SourceCode>,
    /// Done by this unit or one below it.
    pub unit: Option<UnitId>,
    /// Done by this person, or on their behalf.
    pub person: Option<PersonId>,
    /// From here on.
    pub from: Option<At>,
    /// Up to here, a day to its end.
    pub to: Option<At>,
    /// Whether days and instants are those at which something happened, and not those at which it was recorded.
    pub by_happened: bool,
}

impl Selection {
    /// Returns between which positions of a log everything lies that is asked for: after the first, and up to the last as the
    /// log stands now. None is last where it is not known how far that goes.
    pub async fn bounds(&self, log: &Log, zone: Zone) -> Result<(Position, Option<Position>), LogError> {
        let after = match self.from {
            Some(At::Position(position)) => position - 1,
            Some(At::Moment(moment)) if !self.by_happened => {
                log.position_at(moment.earliest(zone) - TimeDelta::microseconds(1)).await?
            }
            Some(At::Moment(_)) | None => 0,
        };
        let to = match self.to {
            Some(At::Position(position)) => Some(position),
            Some(At::Moment(moment)) if !self.by_happened => Some(log.position_at(moment.latest(zone)).await?),
            Some(At::Moment(_)) | None => None,
        };
        Ok((after, to))
    }

    /// Returns whether an event of a stream and of a kind may be asked for.
    pub fn names(&self, stream: StreamId, kind: &str) -> bool {
        let case = match stream {
            StreamId::Case(case) | StreamId::Access(case) => Some(case),
            StreamId::Directory => None,
        };
        (self.case.is_none() || self.case == case)
            && (self.kinds.is_empty() || self.kinds.iter().any(|known| known.name() == kind))
    }

    /// Returns whether cases from a source are asked for.
    pub fn is_from(&self, source: Option<&SourceCode>) -> bool {
        self.sources.is_empty() || source.is_some_and(|source| self.sources.contains(source))
    }

    /// Returns whether an event between the bounds was done by whom and happened when is asked for.
    pub fn admits(&self, envelope: &Envelope, directory: &Directory, zone: Zone) -> bool {
        let (actor, happened) = (&envelope.actor, envelope.happened);
        let moment = |at: Option<At>| match at {
            Some(At::Moment(moment)) if self.by_happened => Some(moment),
            Some(At::Moment(_) | At::Position(_)) | None => None,
        };
        self.unit.is_none_or(|unit| directory.belongs(actor.unit, unit))
            && self.person.is_none_or(|person| actor.persons().any(|one| one == person))
            && moment(self.from).is_none_or(|from| happened.latest(zone) >= from.earliest(zone))
            && moment(self.to).is_none_or(|to| happened.earliest(zone) <= to.latest(zone))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_position_a_day_or_an_instant() {
        assert_eq!("1234".parse(), Ok(At::Position(1234)));
        assert_eq!("2020-06-30".parse(), Ok(At::Moment("2020-06-30".parse().unwrap())));
        let instant = "2020-06-30T18:00:00+08:00";
        assert_eq!(instant.parse(), Ok(At::Moment(instant.parse().unwrap())));
        for wrong in ["0", "-1", "soon", "30.6.2020", ""] {
            assert!(wrong.parse::<At>().is_err(), "{wrong}");
        }
    }
}
