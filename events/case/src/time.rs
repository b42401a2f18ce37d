//! The two clocks, and days counted in the office's zone.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc, Weekday};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When something happened: an instant, or just a day where no more is known. No precision is invented.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("anyOf" = [{ "format": "date" }, { "format": "date-time" }]))]
pub enum Happened {
    /// At this instant (RFC 3339, microseconds).
    At(DateTime<Utc>),
    /// On this day, in the office's zone.
    On(NaiveDate),
}

/// A text that is neither a day nor an instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a day (2020-04-21) nor an instant (2020-04-21T09:32:09Z)")]
pub struct BadMoment(String);

impl Happened {
    /// Returns the first instant at which it can have happened.
    pub fn earliest(self, zone: Zone) -> DateTime<Utc> {
        match self {
            Happened::At(at) => at,
            Happened::On(day) => zone.start_of(day),
        }
    }

    /// Returns the last instant at which it can have happened (the end of the day, itself not included, less a microsecond).
    pub fn latest(self, zone: Zone) -> DateTime<Utc> {
        match self {
            Happened::At(at) => at,
            Happened::On(day) => zone.end_of(day) - TimeDelta::microseconds(1),
        }
    }

    /// Returns the day it happened on.
    pub fn day(self, zone: Zone) -> NaiveDate {
        match self {
            Happened::At(at) => zone.day_of(at),
            Happened::On(day) => day,
        }
    }
}

impl fmt::Display for Happened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Happened::At(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Happened::On(day) => day.fmt(f),
        }
    }
}

impl FromStr for Happened {
    type Err = BadMoment;

    fn from_str(text: &str) -> Result<Self, BadMoment> {
        if let Ok(day) = NaiveDate::from_str(text) {
            return Ok(Happened::On(day));
        }
        DateTime::parse_from_rfc3339(text)
            .map(|at| Happened::At(at.with_timezone(&Utc)))
            .map_err(|_| BadMoment(text.to_owned()))
    }
}

impl From<Happened> for String {
    fn from(happened: Happened) -> Self {
        happened.to_string()
    }
}

impl TryFrom<String> for Happened {
    type Error = BadMoment;

    fn try_from(text: String) -> Result<Self, BadMoment> {
        text.parse()
    }
}

/// The office's zone: an offset from UTC. Asia/Shanghai has had no other offset than +08:00 since 1991.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone(FixedOffset);

impl Zone {
    /// Asia/Shanghai, the default.
    pub const SHANGHAI: Zone = Zone(FixedOffset::east_opt(8 * 3600).expect("eight hours is an offset"));

    /// Returns the zone so many hours east of UTC, if there is one.
    pub fn east(hours: i32) -> Option<Zone> {
        FixedOffset::east_opt(hours.checked_mul(3600)?).map(Zone)
    }

    /// Returns how many whole hours it is east of UTC.
    pub fn hours_east(self) -> i32 {
        self.0.local_minus_utc() / 3600
    }

    /// Returns the first instant of a day.
    pub fn start_of(self, day: NaiveDate) -> DateTime<Utc> {
        self.0
            .from_local_datetime(&day.and_time(NaiveTime::MIN))
            .single()
            .map_or(DateTime::<Utc>::MAX_UTC, |at| at.with_timezone(&Utc))
    }

    /// Returns 24:00 of a day: the instant at which a period that ends on it is over.
    pub fn end_of(self, day: NaiveDate) -> DateTime<Utc> {
        day.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, |next| self.start_of(next))
    }

    /// Returns an instant as clocks show it here.
    pub fn at(self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(&self.0)
    }

    /// Returns the day an instant falls on here.
    pub fn day_of(self, at: DateTime<Utc>) -> NaiveDate {
        self.at(at).date_naive()
    }
}

/// A length of time in days; the start day is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Days {
    /// Every day counts (自然日).
    Calendar(u16),
    /// Monday to Friday count (工作日). Public holidays and the working weekends that stand in for them come with rule packs.
    Working(u16),
}

impl Days {
    /// Returns the last day of a period that starts on `start`.
    pub fn after(self, start: NaiveDate) -> NaiveDate {
        match self {
            Days::Calendar(n) => start.checked_add_days(chrono::Days::new(n.into())).unwrap_or(NaiveDate::MAX),
            Days::Working(n) => start
                .iter_days()
                .skip(1)
                .filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
                .take(n.into())
                .last()
                .unwrap_or(start),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_start_day_is_not_counted_and_a_period_ends_at_midnight_of_its_last_day() {
        let last = Days::Calendar(60).after(day("2020-04-25"));
        assert_eq!(last, day("2020-06-24"));
        assert_eq!(Zone::SHANGHAI.end_of(last).to_rfc3339(), "2020-06-24T16:00:00+00:00");
    }

    #[test]
    fn working_days_pass_over_the_weekend() {
        assert_eq!(Days::Working(1).after(day("2020-04-24")), day("2020-04-27"));
        assert_eq!(Days::Working(5).after(day("2020-04-25")), day("2020-05-01"));
        assert_eq!(Days::Working(0).after(day("2020-04-25")), day("2020-04-25"));
    }

    #[test]
    fn a_day_stays_a_day_and_an_instant_an_instant() {
        assert_eq!("2020-04-21".parse::<Happened>().unwrap().to_string(), "2020-04-21");
        let at: Happened = "2020-04-21T09:32:09+08:00".parse().unwrap();
        assert_eq!(at.to_string(), "2020-04-21T01:32:09Z");
        assert_eq!(at.day(Zone::SHANGHAI), day("2020-04-21"));
        assert!("21.4.2020".parse::<Happened>().is_err());
    }
}
