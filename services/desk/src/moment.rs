//! As of when a case is asked for, by either clock.

use chrono::NaiveDate;
use rectify_case::{Happened, Position, Zone};
use rectify_log::Recorded;
use schemars::JsonSchema;
use serde::Deserialize;

/// As of when a case is asked for. What is not given leaves nothing out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Moment {
    /// As the log stood at a position.
    at_position: Option<Position>,
    /// As was recorded by an instant, or by the end of a day.
    as_of: Option<Happened>,
    /// As had happened by an instant, or by the end of a day: the log's order stays, what happened later is left out.
    happened_by: Option<Happened>,
}

impl Moment {
    /// Returns the moment at which the log stood at a position.
    pub(crate) fn at(position: Position) -> Moment {
        Moment { at_position: Some(position), ..Moment::default() }
    }

    /// Returns the end of a day, by what was recorded.
    pub(crate) fn recorded_by(day: NaiveDate) -> Moment {
        Moment { as_of: Some(Happened::On(day)), ..Moment::default() }
    }

    /// Returns the end of a day, by what had happened.
    pub(crate) fn happened_by(day: NaiveDate) -> Moment {
        Moment { happened_by: Some(Happened::On(day)), ..Moment::default() }
    }

    /// Returns whether nothing is left out.
    pub(crate) fn is_now(&self) -> bool {
        *self == Moment::default()
    }

    /// Returns whether an event is not left out.
    pub(crate) fn keeps(&self, recorded: &Recorded, zone: Zone) -> bool {
        let envelope = &recorded.envelope;
        self.at_position.is_none_or(|position| recorded.position <= position)
            && self.as_of.is_none_or(|moment| envelope.recorded <= moment.latest(zone))
            && self.happened_by.is_none_or(|moment| envelope.happened.earliest(zone) <= moment.latest(zone))
    }

    /// Returns the moment that is asked about by either clock, where one is named.
    pub(crate) fn day(&self) -> Option<Happened> {
        self.as_of.or(self.happened_by)
    }

    /// Returns whether what happened is asked for, and not what was recorded.
    pub(crate) fn is_by_happened(&self) -> bool {
        self.happened_by.is_some()
    }

    /// Returns the last instant that is asked about, as far as an instant is named.
    pub(crate) fn instant(&self, zone: Zone) -> Option<chrono::DateTime<chrono::Utc>> {
        let moments = self.as_of.into_iter().chain(self.happened_by);
        moments.map(|moment| moment.latest(zone)).min()
    }
}
