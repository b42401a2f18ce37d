//! What the check finds.

use std::fmt;

use crate::identity::CaseId;

/// One of the seven rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Verified closure: every level owed passed, on evidence that its verifier opened.
    One,
    /// Separation of duties: who verifies, closes or grants is somebody else, and entitled to it.
    Two,
    /// Firewall: an accusation never reaches its subject.
    Three,
    /// Nothing disappears: what leaves says where it went, and one finding is one finding.
    Four,
    /// Deadlines have reasons.
    Five,
    /// Two clocks: when it happened, and when it was recorded.
    Six,
    /// Quantities balance.
    Seven,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 7] = [Rule::One, Rule::Two, Rule::Three, Rule::Four, Rule::Five, Rule::Six, Rule::Seven];

    /// Returns the rule's number, from 1.
    pub fn number(self) -> u8 {
        match self {
            Rule::One => 1,
            Rule::Two => 2,
            Rule::Three => 3,
            Rule::Four => 4,
            Rule::Five => 5,
            Rule::Six => 6,
            Rule::Seven => 7,
        }
    }
}

/// A place in a history where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule.
    pub rule: Rule,
    /// The case, where it is one case's.
    pub case: Option<CaseId>,
    /// The event that breaks it, or that was never answered: its index in the history, from 0.
    pub at: usize,
    /// What is wrong, as a stable code.
    pub code: &'static str,
    /// What is wrong, in words.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Violation { rule, case, at, code, what } = self;
        write!(f, "rule {} ({code}), event {at}", rule.number())?;
        if let Some(case) = case {
            write!(f, ", case {case}")?;
        }
        write!(f, ": {what}")
    }
}
