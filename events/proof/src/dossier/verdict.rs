//! What came of checking a dossier.

use rectify_case::{CaseId, LogId, Position, Version};
use serde::Serialize;

use super::manifest::Absence;
use super::part::Part;

/// How many things that are wrong are told one by one.
const MOST_TOLD: usize = 100;

/// Something in a dossier that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// The file that it is about.
    pub file: String,
    /// What is wrong, as a stable code.
    pub code: &'static str,
    /// What is wrong, in words.
    pub what: String,
}

/// What was found in a dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The log.
    pub log: LogId,
    /// The case.
    pub case: CaseId,
    /// Its number, as the dossier says.
    pub number: Option<String>,
    /// How many events the checkpoint covers.
    pub size: Position,
    /// The root over them, in hexadecimal.
    pub root: String,
    /// How many events of the case were proved to stand in the log, and which of them is the last, by version and position.
    pub events: u64,
    /// The last version of the case that is there.
    pub last: Version,
    /// Where that stands.
    pub last_position: Position,
    /// How many of the events are proved to be there and not shown.
    pub withheld: u64,
    /// How many looks at the case were proved; none where the dossier has no looks.
    pub looks: Option<u64>,
    /// Where a petition was opened while it was held to storage only. What the dossier has is genuine for all that: it is the office
    /// that broke a rule.
    pub opened_while_held: Vec<Position>,
    /// How many files of evidence are there, and are those that the events name.
    pub evidence: u64,
    /// What is named by events, and whose bytes are not there.
    pub absent: Vec<(String, Absence)>,
    /// How many events the checkpoint had that the log was proved to go on from.
    pub goes_on_from: Option<Position>,
    /// How many events are confirmed by what came from elsewhere; 0 where nothing could be compared.
    pub witnessed: Position,
    /// What came from elsewhere and could not be compared, for the dossier proves nothing about logs of that size.
    pub not_compared: Vec<String>,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
    /// How many more things are wrong.
    pub more_wrong: u64,
}

impl Verdict {
    pub(super) fn of(log: LogId, case: CaseId, number: Option<String>) -> Verdict {
        Verdict {
            log,
            case,
            number,
            size: 0,
            root: String::new(),
            events: 0,
            last: 0,
            last_position: 0,
            withheld: 0,
            looks: None,
            opened_while_held: Vec::new(),
            evidence: 0,
            absent: Vec::new(),
            goes_on_from: None,
            witnessed: 0,
            not_compared: Vec::new(),
            wrong: Vec::new(),
            more_wrong: 0,
        }
    }

    /// Notes something that is wrong.
    pub(super) fn note(&mut self, file: &Part, code: &'static str, what: impl Into<String>) {
        if self.wrong.len() < MOST_TOLD {
            self.wrong.push(Wrong { file: file.to_string(), code, what: what.into() });
        } else {
            self.more_wrong += 1;
        }
    }

    /// Returns whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.wrong.is_empty()
    }
}
