//! A run: what was asked for, and what was measured so far.

use std::time::Duration;

use crate::arguments::Arguments;
use crate::bed::Beds;
use crate::table::Row;

/// A run.
#[derive(Debug)]
pub struct Run {
    pub arguments: Arguments,
    pub beds: Beds,
    pub rows: Vec<Row>,
}

impl Run {
    /// Enters a figure, and shows it.
    pub fn tell(&mut self, row: Row) {
        self.say(&row.line());
        self.rows.push(row);
    }

    /// Says how it goes.
    #[expect(clippy::print_stderr, reason = "a program tells how far it is")]
    pub fn say(&self, line: &str) {
        eprintln!("{line}");
    }

    /// Returns so many seconds, or fewer in a quick run.
    pub fn seconds(&self, full: u64, quick: u64) -> Duration {
        Duration::from_secs(self.of(full, quick))
    }

    /// Returns how many turns two things take that are compared.
    pub fn turns(&self) -> u64 {
        self.of(5, 3)
    }

    /// Returns the one number in a whole run, the other in a quick one.
    pub fn of(&self, full: u64, quick: u64) -> u64 {
        if self.arguments.quick { quick } else { full }
    }
}
