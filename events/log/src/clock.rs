//! The clock, handed in: libraries read no other.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// Tells the time. Cheap to clone.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// Returns a clock that asks `tell` each time.
    pub fn new(tell: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(tell))
    }

    /// Returns the time, cut to microseconds: what both databases keep.
    pub fn now(&self) -> DateTime<Utc> {
        let now = (self.0)();
        now.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(now)
    }
}

/// When the last event was recorded that this process knows of, or a time that it gave out since. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Latest(Arc<Mutex<DateTime<Utc>>>);

impl Latest {
    pub(crate) fn new(recorded: DateTime<Utc>) -> Latest {
        Latest(Arc::new(Mutex::new(recorded)))
    }

    pub(crate) fn note(&self, recorded: DateTime<Utc>) {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = recorded.max(*latest);
    }

    /// Returns this time, or the next after what is known and what was returned here.
    pub(crate) fn after(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *latest = now.max(*latest + TimeDelta::microseconds(1));
        *latest
    }

    pub(crate) fn get(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_cut_to_microseconds() {
        let clock = Clock::new(|| "2020-04-25T09:32:09.123456789Z".parse().unwrap());
        assert_eq!(clock.now().to_rfc3339(), "2020-04-25T09:32:09.123456+00:00");
    }
}
