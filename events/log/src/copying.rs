//! A `COPY` to PostgreSQL that is given up in the middle leaves an answer behind that sqlx does not count: whoever asks next on that
//! connection gets it, and the one after them what was meant for the next.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether one was ever given up in this process.
static GIVEN_UP: AtomicBool = AtomicBool::new(false);

/// What is held while rows are copied. Where it is dropped before the end, every connection that is laid back from then on is asked
/// whether it is in step.
#[derive(Debug)]
#[must_use = "what is dropped was given up"]
pub struct Copying {
    has_ended: bool,
}

impl Copying {
    /// Returns it, before the `COPY` is asked for.
    pub fn begin() -> Copying {
        Copying { has_ended: false }
    }

    /// Says that the `COPY` was answered to its end.
    pub fn ended(mut self) {
        self.has_ended = true;
    }

    pub(crate) fn was_given_up() -> bool {
        GIVEN_UP.load(Ordering::Acquire)
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        if !self.has_ended {
            GIVEN_UP.store(true, Ordering::Release);
        }
    }
}
