//! What can be compared beside the log, and what came of it.

use std::collections::BTreeSet;

use rectify_case::Position;
use rectify_proof::Wrong;
use serde::Serialize;

/// What can be left out of a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The seven rules over every history
    Rules,
    /// The ledger against a fresh fold
    Ledger,
    /// Evidence against its digests
    Evidence,
    /// The mirror on NATS against the log
    Mirror,
}

/// Which parts are looked at.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    left_out: BTreeSet<Part>,
}

impl Parts {
    /// Returns all parts but these.
    pub fn without(left_out: &[Part]) -> Parts {
        Parts { left_out: left_out.iter().copied().collect() }
    }

    /// Returns whether a part is looked at.
    pub fn have(&self, part: Part) -> bool {
        !self.left_out.contains(&part)
    }

    /// Returns what is left out.
    pub fn left_out(&self) -> impl Iterator<Item = Part> {
        self.left_out.iter().copied()
    }
}

/// How many things that are wrong are told one by one.
const MOST_TOLD: usize = 20;

/// What came of comparing one part with the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Beside {
    /// How many rows, files or messages were compared.
    pub compared: u64,
    /// How many bytes they had.
    pub bytes: u64,
    /// Why it could not be compared, where it could not.
    pub not_compared: Option<String>,
    /// What is wrong; no more than twenty.
    pub wrong: Vec<Wrong>,
    /// How many more are wrong.
    pub more_wrong: u64,
}

impl Beside {
    /// Returns that something could not be compared, and why.
    pub fn not_compared(reason: impl Into<String>) -> Beside {
        Beside { not_compared: Some(reason.into()), ..Beside::default() }
    }

    /// Notes something that is wrong.
    pub fn note(&mut self, position: Option<Position>, code: &'static str, what: impl Into<String>) {
        if self.wrong.len() < MOST_TOLD {
            self.wrong.push(Wrong { position, code, what: what.into() });
        } else {
            self.more_wrong += 1;
        }
    }
}
