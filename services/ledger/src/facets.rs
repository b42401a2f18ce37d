//! The rows of a case beside its line: whom it reaches, what it waits for, its findings, what it has to do with.

use std::collections::BTreeSet;

use rectify_case::event::Relation;
use rectify_case::{Audience, Case, CaseId, Directory, DivisionCode, PersonId, UnitId};

use crate::entry::Entry;
use crate::likeness::Compared;
use crate::sql::{Value, int};
use crate::stored::micros;
use crate::tokens::squeezed;
use crate::waiting::{Act, waits};

/// The part a unit has in a case.
pub(crate) const LEAD: &str = "lead";
/// A unit helps the lead.
pub(crate) const HELPER: &str = "helper";
/// A unit verifies, or was handed an act.
pub(crate) const OTHER: &str = "other";

/// The links between cases, as the table of relations names them.
pub(crate) const DUPLICATE: &str = "duplicate";
/// It repeats the other.
pub(crate) const RECURRENCE: &str = "recurrence_of";
/// The two are alike.
pub(crate) const SIMILAR: &str = "similar_to";
/// The two belong together.
pub(crate) const RELATED: &str = "related_to";
/// It goes on in the other.
pub(crate) const MERGED: &str = "merged_into";
/// It is a part of the other.
pub(crate) const PART: &str = "part_of";

/// When a case is late that never is.
pub(crate) const NEVER: i64 = i64::MAX;

/// Rows for several tables, gathered before they are written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Facets {
    pub(crate) units: Vec<Vec<Value>>,
    pub(crate) persons: Vec<Vec<Value>>,
    pub(crate) divisions: Vec<Vec<Value>>,
    pub(crate) walls: Vec<Vec<Value>>,
    pub(crate) waits: Vec<Vec<Value>>,
    pub(crate) relations: Vec<Vec<Value>>,
    pub(crate) findings: Vec<Vec<Value>>,
    pub(crate) bands: Vec<Vec<Value>>,
    pub(crate) texts: Vec<Vec<Value>>,
}

impl Facets {
    /// Returns whom a case reaches and whom it never reaches.
    pub(crate) fn reaching(entry: &Entry, directory: &Directory) -> Facets {
        let mut facets = Facets::default();
        facets.reach(entry, directory);
        facets
    }

    /// Returns what a case waits for.
    pub(crate) fn waiting(entry: &Entry, directory: &Directory) -> Facets {
        let mut facets = Facets::default();
        let (case, key) = (&entry.case, int(entry.first));
        let deadline = case.deadline.as_ref().filter(|_| entry.is_live());
        let due = deadline.map(|deadline| micros(deadline.due));
        for (act, unit) in waits(entry, directory) {
            facets.wait(key, (act, unit), due, case.division.as_ref(), entry.is_walled());
        }
        facets
    }

    /// Returns the cases a case has to do with.
    pub(crate) fn relating(entry: &Entry) -> Facets {
        let mut facets = Facets::default();
        facets.relate(entry);
        facets
    }

    /// Adds all rows of another.
    pub(crate) fn extend(&mut self, other: Facets) {
        let Facets { units, persons, divisions, walls, waits, relations, findings, bands, texts } = other;
        self.units.extend(units);
        self.persons.extend(persons);
        self.divisions.extend(divisions);
        self.walls.extend(walls);
        self.waits.extend(waits);
        self.relations.extend(relations);
        self.findings.extend(findings);
        self.bands.extend(bands);
        self.texts.extend(texts);
    }

    /// Adds whom a case reaches and whom it never reaches.
    pub(crate) fn reach(&mut self, entry: &Entry, directory: &Directory) {
        let key = int(entry.first);
        let Audience { divisions, units: reached, persons, walled_units, walled_persons } =
            Audience::of(&entry.case, directory);
        let named = units(&entry.case);
        let others = reached.into_iter().filter(|unit| named.iter().all(|(known, _)| known != unit));
        let all = named.iter().copied().chain(others.map(|unit| (unit, OTHER)));
        let due = entry.case.deadline.as_ref().map_or(NEVER, |deadline| micros(deadline.due));
        let standing = || [due.into(), entry.is_live().into(), entry.is_walled().into()];
        let unit =
            |(unit, part): (UnitId, &str)| [key.into(), unit.0.into(), part.into()].into_iter().chain(standing());
        self.units.extend(all.map(|all| unit(all).collect()));
        let person = |person: PersonId| [key.into(), person.0.into()].into_iter().chain(standing());
        self.persons.extend(persons.into_iter().map(|all| person(all).collect()));
        self.divisions.extend(divisions.into_iter().map(|division| vec![key.into(), division.as_str().into()]));
        let walled_units = walled_units.into_iter().map(|unit| ("unit", unit.0));
        let walled_persons = walled_persons.into_iter().map(|person| ("person", person.0));
        self.walls.extend(
            walled_units.chain(walled_persons).map(|(kind, walled)| vec![key.into(), kind.into(), walled.into()]),
        );
    }

    /// Adds an act that a case waits for and the unit that does it, with when the case is late, its division, and whether
    /// it is kept from anybody.
    pub(crate) fn wait(
        &mut self,
        entry: i64,
        (act, unit): (Act, UnitId),
        due: Option<i64>,
        division: Option<&DivisionCode>,
        walled: bool,
    ) {
        let due = due.unwrap_or(NEVER);
        let division = division.map_or("", DivisionCode::as_str);
        let (act, unit) = (act.name(), unit.0);
        self.waits.push(vec![entry.into(), act.into(), unit.into(), due.into(), division.into(), walled.into()]);
    }

    /// Adds the cases a case has to do with. Each is written at one end, and read from both.
    pub(crate) fn relate(&mut self, entry: &Entry) {
        let case = &entry.case;
        let mut relations: BTreeSet<(&str, CaseId)> =
            case.likely_duplicates.keys().map(|other| (DUPLICATE, *other)).collect();
        relations.extend(case.links.iter().map(|(other, relation)| (name(*relation), *other)));
        relations.extend(case.merged_into().map(|target| (MERGED, target)));
        relations.extend(case.parent.map(|parent| (PART, parent)));
        let key = int(entry.first);
        self.relations.extend(relations.into_iter().map(|(kind, other)| vec![key.into(), kind.into(), other.0.into()]));
    }

    /// Adds what a case's findings are known and compared by, and the text it is found by.
    pub(crate) fn word(&mut self, entry: &Entry) {
        let key = int(entry.first);
        let mut bands = BTreeSet::new();
        let mut known = BTreeSet::new();
        for finding in entry.case.findings.iter().filter(|finding| known.insert(finding.id)) {
            let compared = Compared::of(&finding.finding);
            bands.extend(compared.bands());
            let Compared { id, document, item, division, place, words } = compared;
            let texts = [document, item, division, place, words].map(Value::from);
            self.findings.push([Value::from(key), id.0.into()].into_iter().chain(texts).collect());
        }
        self.bands.extend(bands.into_iter().map(|band| vec![key.into(), band.into()]));
        self.texts.push(vec![key.into(), int(entry.position).into(), text(&entry.case).into()]);
    }
}

/// Returns the responsible units with their part, each once: who leads does not help too.
fn units(case: &Case) -> Vec<(UnitId, &'static str)> {
    let Some(assignment) = &case.assignment else { return Vec::new() };
    let leads = assignment.leads.iter().map(|unit| (*unit, LEAD));
    let helpers = assignment.co_responsible.iter().map(|unit| (*unit, HELPER));
    let mut seen = BTreeSet::new();
    leads.chain(helpers).filter(|(unit, _)| seen.insert(*unit)).collect()
}

fn name(relation: Relation) -> &'static str {
    match relation {
        Relation::RecurrenceOf => RECURRENCE,
        Relation::SimilarTo => SIMILAR,
        Relation::RelatedTo => RELATED,
    }
}

/// Returns the text a case is found by.
pub(crate) fn text(case: &Case) -> String {
    let mut parts = vec![case.title.clone()];
    parts.extend(case.number.as_ref().map(ToString::to_string));
    parts.extend(case.carried_over.as_ref().and_then(|row| row.old_number.clone()));
    for finding in case.findings.iter().map(|finding| &finding.finding) {
        parts.extend([finding.title.clone(), finding.text.clone()]);
        parts.extend(finding.place.clone().into_iter().chain(finding.category.clone()));
        let reference = &finding.reference;
        parts.extend([&reference.issuing_body, &reference.document, &reference.item].map(Clone::clone));
    }
    parts.join("\n")
}

/// Returns the words of a case without anything between them, in which a phrase is looked for.
pub(crate) fn words(case: &Case) -> String {
    text(case).lines().map(squeezed).collect::<Vec<_>>().join("\n")
}
