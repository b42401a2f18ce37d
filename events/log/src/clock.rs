//! The clock, handed in: libraries read no other.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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

/// What this process knows of the time of the log. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Latest(Arc<Mutex<Moments>>);

#[derive(Debug)]
struct Moments {
    /// When the last event was recorded that is known.
    recorded: DateTime<Utc>,
    /// The last moment that was given out.
    given: DateTime<Utc>,
}

/// How much later than what is known of others the first moment is that is given out: what was given out before this process
/// began, and is not known yet, lies between, a microsecond each.
const UNRECORDED: TimeDelta = TimeDelta::microseconds(100);

impl Latest {
    pub(crate) fn new(recorded: DateTime<Utc>) -> Latest {
        Latest(Arc::new(Mutex::new(Moments { recorded, given: recorded + UNRECORDED })))
    }

    pub(crate) fn note(&self, recorded: DateTime<Utc>) {
        let mut moments = self.moments();
        moments.recorded = recorded.max(moments.recorded);
    }

    pub(crate) fn note_given(&self, given: DateTime<Utc>) {
        let mut moments = self.moments();
        moments.given = moments.given.max(given + UNRECORDED);
    }

    /// Returns when the last event was recorded.
    pub(crate) fn recorded(&self) -> DateTime<Utc> {
        self.moments().recorded
    }

    /// Gives out this moment, or the first after all that is recorded and was given out.
    pub(crate) fn give(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let mut moments = self.moments();
        moments.given = now.max(moments.recorded.max(moments.given) + TimeDelta::microseconds(1));
        moments.given
    }

    fn moments(&self) -> MutexGuard<'_, Moments> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
