//! Counts of what was found, what is fixed and what is left (rule 7).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is counted, always in whole units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(extend("type" = "string", "enum" = ["money", "households", "persons", "records"]))]
pub enum Measured {
    /// Money, in 分 (a hundredth of a yuan).
    Money,
    /// Households (户).
    Households,
    /// Persons (人).
    Persons,
    /// Records (条).
    Records,
}

/// The largest amount that can be counted: what RFC 8785 writes exactly (2⁵³ − 1).
pub const MOST: u64 = (1 << 53) - 1;

/// Amounts by what is counted.
pub type Amounts = BTreeMap<Measured, u64>;

/// One count of a case: found = fixed + split off + outstanding, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Quantity {
    /// What was found.
    pub found: u64,
    /// What the lead reports as fixed.
    pub reported: u64,
    /// What the verifier found to be fixed. Only this goes upward.
    pub verified: u64,
    /// What was split off to named cases.
    pub split_off: u64,
}

impl Quantity {
    /// Returns what is to be fixed here: what was found and was not split off.
    pub fn owed(&self) -> u64 {
        self.found.saturating_sub(self.split_off)
    }

    /// Returns what is left to fix here, by the verified count; nothing when the counts do not balance.
    pub fn outstanding(&self) -> Option<u64> {
        self.found.checked_sub(self.verified)?.checked_sub(self.split_off)
    }

    /// Returns whether the counts balance: what is fixed, and what is verified or split off, is no more than what was found.
    pub fn balances(&self) -> bool {
        self.found <= MOST && self.reported <= self.found && self.outstanding().is_some()
    }
}
