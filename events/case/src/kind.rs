//! The kinds of events by name, and what somebody may have meant who writes a name that there is not.

use std::str::FromStr;

use crate::access::AccessEvent;
use crate::directory::DirectoryEvent;
use crate::event::CaseEvent;

/// The name of a kind of event that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventKind(&'static str);

/// There is no event of this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no kind of event {name:?}; {}", advice(near))]
pub struct UnknownKind {
    /// What was written.
    pub name: String,
    /// The names that are nearly the same, the nearest first.
    pub near: Vec<&'static str>,
}

/// How many names are told that may be meant.
const TOLD: usize = 5;

impl EventKind {
    /// Returns every kind: of cases, of the directory and of access.
    pub fn all() -> impl Iterator<Item = EventKind> {
        let names = [CaseEvent::NAMES, DirectoryEvent::NAMES, AccessEvent::NAMES].into_iter().flatten();
        names.map(|name| EventKind(name))
    }

    /// Returns the name.
    pub fn name(self) -> &'static str {
        self.0
    }

    /// Returns whether events of this kind are of a case: they stand in its stream.
    pub fn is_of_a_case(self) -> bool {
        CaseEvent::NAMES.contains(&self.0)
    }
}

impl FromStr for EventKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<EventKind, UnknownKind> {
        let found = EventKind::all().find(|kind| kind.0 == name);
        found.ok_or_else(|| UnknownKind { name: name.to_owned(), near: near(name) })
    }
}

/// Returns what helps to find the right name.
fn advice(near: &[&str]) -> String {
    match near {
        [] => {
            let names: Vec<&str> = EventKind::all().map(EventKind::name).collect();
            format!("the kinds are {}", names.join(", "))
        }
        near => format!("near it are {}; docs/events.md has them all", near.join(", ")),
    }
}

/// Returns the names that are nearly this one: a letter in three may be another, or it is a part of them.
fn near(name: &str) -> Vec<&'static str> {
    let name = name.trim().to_lowercase().replace(['-', ' '], "_");
    let length = name.chars().count();
    let mut near: Vec<(usize, &str)> = Vec::new();
    for known in EventKind::all().map(EventKind::name) {
        let changes = changes(&name, known);
        let is_part = length >= 4 && (known.contains(&name) || name.contains(known));
        if changes * 3 <= length.max(known.len()) || is_part {
            near.push((changes, known));
        }
    }
    near.sort_unstable();
    near.into_iter().map(|(_, known)| known).take(TOLD).collect()
}

/// Returns how many letters must be put in, taken out or changed to make one name of another (Levenshtein's distance).
fn changes(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (done, mine) in one.chars().enumerate() {
        let mut slanting = std::mem::replace(&mut row[0], done + 1);
        for (at, theirs) in other.chars().enumerate() {
            let kept = slanting + usize::from(mine != theirs);
            slanting = row[at + 1];
            row[at + 1] = kept.min(slanting + 1).min(row[at] + 1);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name_and_no_name_is_that_of_two() {
        let names: std::collections::BTreeSet<&str> = EventKind::all().map(EventKind::name).collect();
        assert_eq!(names.len(), EventKind::all().count());
        for name in names {
            assert_eq!(name.parse::<EventKind>().map(EventKind::name), Ok(name));
        }
    }

    #[test]
    fn who_misspells_a_kind_is_told_what_is_near() {
        let near = |name: &str| name.parse::<EventKind>().unwrap_err().near;
        assert_eq!(near("registered2"), ["registered"]);
        assert_eq!(near("Closed"), ["closed"]);
        assert_eq!(near("extension")[..1], ["extension_granted"]);
        assert_eq!(near("evidence-filed")[..1], ["evidence_filed"]);
        assert_eq!(near("nothing_such"), [""; 0]);
        assert_eq!(near(""), [""; 0]);
        let told = "registered2".parse::<EventKind>().unwrap_err().to_string();
        assert_eq!(
            told,
            "there is no kind of event \"registered2\"; near it are registered; docs/events.md has them all"
        );
        let told = "销号".parse::<EventKind>().unwrap_err().to_string();
        assert!(told.contains("the kinds are finding_reported, ") && told.contains("log_forked"), "{told}");
    }

    #[test]
    fn changes_are_counted_letter_by_letter() {
        for (one, other, wanted) in [("", "", 0), ("", "ab", 2), ("abc", "abc", 0), ("kitten", "sitting", 3)] {
            assert_eq!((changes(one, other), changes(other, one)), (wanted, wanted), "{one} {other}");
        }
    }
}
