//! The sample prefecture: what `rectify up --demo` fills an empty installation with.
//!
//! Everything in it is made up. It enters as a user's would: the directory as events, findings as documents through the three
//! intakes, acts as commands; what happened before it is played is entered late by the offices, from the ledger they
//! kept on paper.
//! Read in this order:

mod play;

mod opened;
mod script;
mod staging;

mod papers;
mod photograph;
mod prefecture;

mod welcome;

#[cfg(test)]
mod tests;

pub use play::play;
