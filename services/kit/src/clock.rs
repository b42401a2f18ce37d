//! The one place that reads the clock.

use chrono::Utc;
use rectify_log::Clock;

/// Returns the system's clock.
pub fn system() -> Clock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    Clock::new(Utc::now)
}
