//! Deadlines that carry their reasons (rule 5).

use chrono::{DateTime, NaiveDate, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::time::{Days, Zone};

/// A deadline (整改时限): where it starts, by what rule, how many days, and what suspended it. Never a bare date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deadline {
    /// What starts the period.
    pub starts: Start,
    /// The day it starts on, which is not counted.
    pub from: NaiveDate,
    /// The rule that gives it.
    pub rule: Rule,
    /// How long it is.
    pub days: Days,
    /// Times that do not count, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suspensions: Vec<Suspension>,
    /// The last day, as counted when it was set.
    pub last_day: NaiveDate,
    /// 24:00 of the last day in the office's zone: at this instant it is late.
    pub due: DateTime<Utc>,
}

/// The event that starts a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The problem was found.
    Discovered,
    /// The case was registered.
    Registered,
    /// The case was assigned.
    Assigned,
    /// The case was reopened.
    Reopened,
    /// More time was granted.
    Extended,
    /// 承前: an older ledger gave the last day; the days are those since the problem was found.
    CarriedOver,
}

/// The rule a deadline comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// The rule pack, or `office` where the office set it itself.
    pub pack: String,
    /// The article, document or agreement, as it would be cited.
    pub cite: String,
}

/// Days that do not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suspension {
    /// First day that does not count.
    pub from: NaiveDate,
    /// Last day that does not count.
    pub to: NaiveDate,
    /// Why.
    pub reason: String,
}

impl Deadline {
    /// Returns the deadline `days` after `from`, with no suspension.
    pub fn counted(starts: Start, from: NaiveDate, rule: Rule, days: Days, zone: Zone) -> Deadline {
        let last_day = days.after(from);
        Deadline { starts, from, rule, days, suspensions: Vec::new(), last_day, due: zone.end_of(last_day) }
    }

    /// Returns the deadline that ends on `last_day`, or nothing when that is before `from` or more than 179 years on.
    pub fn until(starts: Start, from: NaiveDate, rule: Rule, last_day: NaiveDate, zone: Zone) -> Option<Deadline> {
        let days = u16::try_from((last_day - from).num_days()).ok()?;
        Some(Deadline::counted(starts, from, rule, Days::Calendar(days), zone))
    }

    /// Returns this deadline with one more suspension, its end moved by as many days as the suspension takes out of it.
    pub fn suspended(mut self, suspension: Suspension, zone: Zone) -> Deadline {
        self.suspensions.push(suspension);
        let skips = |day: &NaiveDate| self.suspensions.iter().any(|s| s.from <= *day && *day <= s.to);
        let counted = |day: &NaiveDate| match self.days {
            Days::Calendar(_) => true,
            Days::Working(_) => Days::Working(1).after(day.pred_opt().unwrap_or(*day)) == *day,
        };
        let wanted = match self.days {
            Days::Calendar(n) | Days::Working(n) => usize::from(n),
        };
        let last = self.from.iter_days().skip(1).filter(|d| counted(d) && !skips(d)).take(wanted).last();
        self.last_day = last.unwrap_or(self.from);
        self.due = zone.end_of(self.last_day);
        self
    }

    /// Returns whether it is late at `now`.
    pub fn is_late(&self, now: DateTime<Utc>) -> bool {
        now >= self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_is_from_midnight_of_the_last_day_and_a_suspension_moves_the_end() {
        let day = |t: &str| t.parse::<NaiveDate>().unwrap();
        let rule = Rule { pack: "office".into(), cite: "交办通知".into() };
        let deadline = Deadline::counted(Start::Assigned, day("2020-04-25"), rule, Days::Calendar(10), Zone::SHANGHAI);
        assert_eq!(deadline.last_day, day("2020-05-05"));
        assert!(!deadline.is_late(deadline.due - chrono::TimeDelta::microseconds(1)));
        assert!(deadline.is_late(deadline.due));
        let flood = Suspension { from: day("2020-05-01"), to: day("2020-05-03"), reason: "汛期停工".into() };
        assert_eq!(deadline.suspended(flood, Zone::SHANGHAI).last_day, day("2020-05-08"));
    }
}
