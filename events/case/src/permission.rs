//! Who may read a case: the one permission that lists, searches, counts, streams and commands all ask.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::actor::Actor;
use crate::case::Case;
use crate::directory::{Directory, Role};
use crate::finding::{PetitionClass, Subject};
use crate::identity::{DivisionCode, PersonId, UnitId};

/// Whom a case may reach, and whom it may never reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Offices, auditors and closing leaders of these divisions, and of those around them, read it.
    pub divisions: BTreeSet<DivisionCode>,
    /// These units, and the units below them, read it: they answer for it or verify it.
    pub units: BTreeSet<UnitId>,
    /// These persons read it: they lead the repair or the listing.
    pub persons: BTreeSet<PersonId>,
    /// These units, and the units below them, never read it (rule 3).
    pub walled_units: BTreeSet<UnitId>,
    /// These persons never read it: accused, or recused.
    pub walled_persons: BTreeSet<PersonId>,
}

/// A person as a reader: what their roles at some instant let them see.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reader {
    /// Who.
    pub person: PersonId,
    /// The divisions they govern, as officer, auditor or closing leader.
    pub divisions: BTreeSet<DivisionCode>,
    /// The units they work in and all units above those.
    pub units: BTreeSet<UnitId>,
    /// The units of any role of theirs and all units above those: what a wall is held against.
    pub all_units: BTreeSet<UnitId>,
}

impl Reader {
    /// Returns what a person may see at an instant.
    pub fn of(person: PersonId, directory: &Directory, now: DateTime<Utc>) -> Reader {
        let mut reader =
            Reader { person, divisions: BTreeSet::new(), units: BTreeSet::new(), all_units: BTreeSet::new() };
        for holding in directory.holdings(person, now) {
            reader.all_units.extend(directory.upward(holding.unit));
            match holding.role {
                Role::Officer | Role::Auditor | Role::ClosingLeader => {
                    reader.divisions.extend(directory.unit(holding.unit).map(|u| u.division.clone()));
                    reader.units.extend(directory.upward(holding.unit));
                }
                Role::Handler | Role::Verifier | Role::ResponsibleLeader => {
                    reader.units.extend(directory.upward(holding.unit));
                }
                Role::Administrator | Role::SourceSystem => {}
            }
        }
        reader
    }
}

impl Audience {
    /// Returns whom a case may reach.
    pub fn of(case: &Case, directory: &Directory) -> Audience {
        let mut audience = Audience::default();
        audience.divisions.extend(case.division.clone());
        audience.walled_persons.extend(&case.recused);
        for unit in case.responsible() {
            audience.units.insert(unit);
            audience.divisions.extend(directory.unit(unit).map(|u| u.division.clone()));
        }
        if let Some(assignment) = &case.assignment {
            audience.units.extend(assignment.levels.iter().filter_map(|level| level.holder));
            audience.persons.extend(assignment.responsible_leader);
        }
        audience.units.extend(case.handed_up.values());
        audience.persons.extend(case.listing.as_ref().map(|listing| listing.leader));
        if case.class == Some(PetitionClass::Accusation) {
            let (units, persons) = walls(&case.subjects, directory);
            audience.walled_units.extend(units);
            audience.walled_persons.extend(persons);
        }
        audience
    }

    /// Returns whether a case may reach a reader.
    pub fn admits(&self, reader: &Reader) -> bool {
        let governs = || self.divisions.iter().any(|inner| reader.divisions.iter().any(|outer| inner.lies_in(outer)));
        let works_on = || !self.units.is_disjoint(&reader.units);
        let named = || self.persons.contains(&reader.person);
        !self.walls(reader) && (named() || works_on() || governs())
    }

    /// Returns whether the firewall, or a recusal, keeps a case from a reader.
    pub fn walls(&self, reader: &Reader) -> bool {
        self.walled_persons.contains(&reader.person) || !self.walled_units.is_disjoint(&reader.all_units)
    }

    /// Returns whether the firewall keeps a case from a unit: it is a subject, or below one.
    pub fn walls_unit(&self, unit: UnitId, directory: &Directory) -> bool {
        directory.upward(unit).any(|above| self.walled_units.contains(&above))
    }
}

/// Returns whether somebody may open what is sealed of the petitions of a case, which they must be admitted to besides:
/// officers of the office that registered it (of any office that sees it before), and the handlers of its leads while
/// they work on it. Who accuses is known to the office alone (信访条例 2005 art. 23; 信访工作条例 2022 art. 30).
pub fn may_open_petition(case: &Case, actor: &Actor, directory: &Directory) -> bool {
    match actor.role {
        Role::Officer => case.office.is_none_or(|office| office == actor.unit),
        Role::Handler => {
            let leads = || case.assignment.iter().flat_map(|assignment| &assignment.leads);
            !case.is_accusation()
                && case.stage.is_some_and(|stage| !stage.is_final())
                && leads().any(|lead| directory.belongs(actor.unit, *lead))
        }
        Role::Verifier
        | Role::ResponsibleLeader
        | Role::ClosingLeader
        | Role::Auditor
        | Role::Administrator
        | Role::SourceSystem => false,
    }
}

/// Returns the units and persons that an accusation against these subjects never reaches: with a person, the units they lead.
fn walls(subjects: &BTreeSet<Subject>, directory: &Directory) -> (BTreeSet<UnitId>, BTreeSet<PersonId>) {
    let mut units = BTreeSet::new();
    let mut persons = BTreeSet::new();
    for subject in subjects {
        match subject {
            Subject::Unit(unit) => {
                units.insert(*unit);
            }
            Subject::Person(person) => {
                persons.insert(*person);
                let leads = directory.all_holdings(*person).iter();
                let leads = leads.filter(|h| matches!(h.role, Role::ResponsibleLeader | Role::ClosingLeader));
                units.extend(leads.map(|h| h.unit));
            }
        }
    }
    (units, persons)
}
