//! The rows held against the directory: one after the other, a unit above before those below it, wherever they stand.

use std::collections::{BTreeMap, HashMap};

use rectify_case::directory::{Unit, UnitKind};
use rectify_case::{Directory, DirectoryEvent, DivisionCode, UnitId};
use rectify_intake::cell::{narrow, trimmed};
use rectify_intake::document::division_called;
use rectify_intake::reason::Reason;
use rectify_kit::ids;

use super::super::tree;
use super::super::units::KINDS;
use super::judged::{Confirmed, Judged, Standing, Wrong};
use super::row::{Row, kind_called, said};
use crate::api::administration::units::checked;
use crate::api::administration::{check_prefix, named};
use crate::error::Error;
use crate::pages::entry::concerned;
use crate::pages::page::Page;

/// At most so many units of a name are told.
const TOLD: usize = 3;

/// What would become of the rows.
pub(super) struct Planned {
    /// The rows, in the order in which they stand.
    pub(super) rows: Vec<Judged>,
    /// What is sent to add the new units, those above before those below.
    pub(super) adds: Vec<String>,
}

/// Holds rows against the directory.
pub(super) fn planned(rows: &[Row], directory: &Directory, page: &Page) -> Planned {
    let mut plan = Plan::of(rows, directory, page);
    while plan.go_on() {}
    plan.give_up();
    Planned { rows: plan.judged.into_iter().flatten().collect(), adds: plan.adds }
}

/// Returns the unit of a name that lies directly below another.
pub(super) fn same_place<'a>(name: &str, parent: Option<UnitId>, directory: &'a Directory) -> Option<&'a Unit> {
    let mut called = called(name, directory);
    called.find(|unit| unit.parent == parent)
}

fn called<'a>(name: &str, directory: &'a Directory) -> impl Iterator<Item = &'a Unit> {
    directory.units().filter(move |unit| unit.name == name && directory.is_active(unit.id))
}

/// Rows that are being held against the directory.
struct Plan<'a> {
    rows: &'a [Row],
    /// The rows of each name.
    named: HashMap<&'a str, Vec<usize>>,
    page: &'a Page,
    /// The directory as it is.
    present: &'a Directory,
    /// The directory as it would be, with the rows that were judged.
    directory: Directory,
    /// The row of each unit that one is about.
    told: BTreeMap<UnitId, usize>,
    judged: Vec<Option<Judged>>,
    adds: Vec<String>,
}

impl<'a> Plan<'a> {
    fn of(rows: &'a [Row], directory: &'a Directory, page: &'a Page) -> Plan<'a> {
        let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            named.entry(row.text("name")).or_default().push(at);
        }
        Plan {
            rows,
            named,
            page,
            present: directory,
            directory: directory.clone(),
            told: BTreeMap::new(),
            judged: rows.iter().map(|_| None).collect(),
            adds: Vec::new(),
        }
    }

    /// Judges the rows of which every row that may be the unit above was judged. Returns whether there were any.
    fn go_on(&mut self) -> bool {
        let is_ready = |at: &usize| self.judged[*at].is_none() && self.waits_for(*at).is_none();
        let ready: Vec<usize> = (0..self.rows.len()).filter(is_ready).collect();
        for at in &ready {
            let judged = match self.unit(*at) {
                Ok(unit) => self.placed(*at, unit),
                Err(wrong) => self.refused(*at, wrong),
            };
            self.judged[*at] = Some(judged);
        }
        !ready.is_empty()
    }

    /// Says of the rows that are left that they lie below themselves, or below such.
    fn give_up(&mut self) {
        let left = (0..self.rows.len()).filter_map(|at| Some((at, self.waits_for(at)?)));
        let left: Vec<(usize, usize)> = left.filter(|(at, _)| self.judged[*at].is_none()).collect();
        for (at, above) in left {
            let row = &self.rows[at];
            let said = self.page.say_of("unit-import-loop", "row", self.rows[above].place.as_str());
            let wrong = self.unit_below(at, Err(row.blame("parent", said))).err().unwrap_or_default();
            self.judged[at] = Some(self.refused(at, wrong));
        }
    }

    /// Returns a row that may be the unit above a row and is not judged yet.
    fn waits_for(&self, at: usize) -> Option<usize> {
        let path = path(self.rows[at].text("parent"));
        let rows = self.named.get(path.last()?)?;
        rows.iter().copied().find(|above| *above != at && self.judged[*above].is_none())
    }

    /// Returns the unit that a row is about, as it would be, or all that is wrong with the row.
    fn unit(&self, at: usize) -> Result<Unit, Vec<Wrong>> {
        self.unit_below(at, self.parent(at))
    }

    fn unit_below(&self, at: usize, parent: Result<Option<UnitId>, Wrong>) -> Result<Unit, Vec<Wrong>> {
        let row = &self.rows[at];
        let (name, kind, prefix) = (self.name(row), self.kind(row), self.prefix(row));
        let there = match (&name, &parent) {
            (Ok(name), Ok(parent)) => same_place(name, *parent, &self.directory),
            _ => None,
        };
        let is_free = self.is_free(row, there, kind.as_ref().ok());
        // What it takes over from the unit above is known where it may lie there.
        let is_placed = kind.is_ok() && parent.is_ok();
        let like = there.or_else(|| self.directory.unit(parent.as_ref().ok().copied().flatten()?));
        let division = self.division(row, like, is_placed);
        match (name, kind, parent, division, prefix, is_free) {
            (Ok(name), Ok(kind), Ok(parent), Ok(Some(division)), Ok(prefix), Ok(())) if row.wrong.is_empty() => {
                let id = there.map_or_else(|| UnitId(ids::new()), |there| there.id);
                let prefix = prefix.or_else(|| there?.prefix.clone());
                let unit = Unit { id, name: name.to_owned(), kind, parent, division, prefix };
                checked(unit, &self.directory).map_err(|error| vec![self.refusal(row, &error)])
            }
            (name, kind, parent, division, prefix, is_free) => {
                let mut wrong = row.wrong.clone();
                let more = [name.err(), kind.err(), parent.err(), division.err(), prefix.err(), is_free.err()]
                    .into_iter()
                    .flatten();
                for more in more {
                    // A cell that cannot be read is not missing too.
                    if !wrong.iter().any(|known| known.place == more.place) {
                        wrong.push(more);
                    }
                }
                Err(wrong)
            }
        }
    }

    fn name(&self, row: &'a Row) -> Result<&'a str, Wrong> {
        let name = row.text("name");
        if name.is_empty() {
            return Err(self.missing(row, "name"));
        }
        named(name).map(|_| name).map_err(|error| self.refusal(row, &error))
    }

    fn prefix(&self, row: &Row) -> Result<Option<String>, Wrong> {
        let prefix = Some(row.text("prefix")).filter(|prefix| !prefix.is_empty());
        prefix.map_or(Ok(()), check_prefix).map_err(|error| self.refusal(row, &error))?;
        Ok(prefix.map(str::to_owned))
    }

    /// Returns what is wrong with a row by what was refused.
    fn refusal(&self, row: &Row, error: &Error) -> Wrong {
        let field = concerned(error).first().copied().unwrap_or("name");
        row.blame(field, error.in_language(self.page.language))
    }

    fn kind(&self, row: &Row) -> Result<UnitKind, Wrong> {
        let word = row.text("kind");
        if word.is_empty() {
            return Err(self.missing(row, "kind"));
        }
        kind_called(word).ok_or_else(|| {
            let kinds = KINDS.map(|kind| self.page.unit_kind(&kind)).join(&self.page.say("list-comma"));
            row.blame("kind", said(&Reason::NotOneOf(kinds), self.page))
        })
    }

    /// Returns the unit above; only a prefecture has none.
    fn parent(&self, at: usize) -> Result<Option<UnitId>, Wrong> {
        let row = &self.rows[at];
        let path = path(row.text("parent"));
        let Some((last, above)) = path.split_last() else {
            let needs_one = kind_called(row.text("kind")).is_some_and(|kind| kind != UnitKind::Prefecture);
            return if needs_one { Err(self.missing(row, "parent")) } else { Ok(None) };
        };
        let found: Vec<&Unit> =
            called(last, &self.directory).filter(|unit| lies_below(unit, above, &self.directory)).collect();
        match found.as_slice() {
            [only] => Ok(Some(only.id)),
            [] => Err(row.blame("parent", self.no_parent(at, last))),
            several => {
                let paths = self.paths(several.iter().copied(), &self.directory);
                Err(row.blame("parent", self.page.say_of("unit-import-several", "units", paths)))
            }
        }
    }

    /// Returns why there is no unit above a row that is called so.
    fn no_parent(&self, at: usize, name: &str) -> String {
        let Some(above) = self.named.get(name).and_then(|rows| rows.first()) else {
            return self.page.say("unit-import-no-parent");
        };
        let why = if *above == at { "unit-import-loop" } else { "unit-import-wrong-parent" };
        self.page.say_of(why, "row", self.rows[*above].place.as_str())
    }

    /// Checks that the place of a row's unit is free: no other row is about it, and no unit of another kind is there.
    fn is_free(&self, row: &Row, there: Option<&Unit>, kind: Option<&UnitKind>) -> Result<(), Wrong> {
        let Some(there) = there else { return Ok(()) };
        if let Some(first) = self.told.get(&there.id) {
            let said = self.page.say_of("unit-import-twice", "row", self.rows[*first].place.as_str());
            return Err(row.blame("name", said));
        }
        if kind.is_some_and(|kind| there.kind != *kind) {
            let said = self.page.say_of("unit-import-other-kind", "kind", self.page.unit_kind(&there.kind));
            return Err(row.blame("kind", said));
        }
        Ok(())
    }

    /// Returns the division: by its code or its name, or else that of the unit as it is or the one above; nothing where it is not
    /// known yet which these are.
    fn division(&self, row: &Row, like: Option<&Unit>, is_placed: bool) -> Result<Option<DivisionCode>, Wrong> {
        let text = narrow(row.text("division"));
        if text.is_empty() {
            return match like {
                None if is_placed => Err(self.missing(row, "division")),
                like => Ok(like.map(|unit| unit.division.clone())),
            };
        }
        let found = text.parse().or_else(|_| division_called(&text, &self.directory));
        found.map(Some).map_err(|reason| row.blame("division", said(&reason, self.page)))
    }

    fn missing(&self, row: &Row, field: &str) -> Wrong {
        row.blame(field, said(&Reason::Missing, self.page))
    }

    /// Puts a unit at its place, so that others may lie below it.
    fn placed(&mut self, at: usize, unit: Unit) -> Judged {
        let (page, row) = (self.page, &self.rows[at]);
        let before = self.directory.unit(unit.id).cloned();
        let standing = match &before {
            None => Standing::New,
            Some(before) if *before == unit => Standing::There,
            Some(_) => Standing::Changed,
        };
        let alike = if standing == Standing::New {
            self.paths(called(&unit.name, self.present), self.present)
        } else {
            String::new()
        };
        self.directory.evolve(&match before {
            None => DirectoryEvent::UnitAdded(unit.clone()),
            Some(_) => DirectoryEvent::UnitChanged(unit.clone()),
        });
        self.told.insert(unit.id, at);
        let old = |of: fn(&Unit) -> String| before.as_ref().map(of);
        let judged = Judged {
            place: row.place.clone(),
            standing,
            name: unit.name.clone(),
            href: before.as_ref().map(|before| format!("/admin/units/{}", before.id)),
            above: tree::above(&unit, &self.directory),
            kind: page.unit_kind(&unit.kind),
            division: became(old(division), division(&unit)),
            prefix: became(old(prefix), prefix(&unit)),
            alike,
            wrong: Vec::new(),
            value: Confirmed { place: row.place.clone(), before, unit }.sent(),
        };
        if standing == Standing::New {
            self.adds.push(judged.value.clone());
        }
        judged
    }

    fn refused(&self, at: usize, wrong: Vec<Wrong>) -> Judged {
        let row = &self.rows[at];
        let text = |field| row.text(field).to_owned();
        Judged {
            place: row.place.clone(),
            standing: Standing::Wrong,
            name: text("name"),
            href: None,
            above: text("parent"),
            kind: text("kind"),
            division: text("division"),
            prefix: text("prefix"),
            alike: String::new(),
            wrong,
            value: String::new(),
        }
    }

    /// Returns some units, each with those above it.
    fn paths<'b>(&self, units: impl Iterator<Item = &'b Unit>, directory: &Directory) -> String {
        let path = |unit: &Unit| match tree::above(unit, directory) {
            above if above.is_empty() => unit.name.clone(),
            above => format!("{above} / {}", unit.name),
        };
        units.take(TOLD).map(path).collect::<Vec<_>>().join(&self.page.say("list-comma"))
    }
}

/// Returns the names of a path such as `舟曲县/城关镇`, from the top.
fn path(text: &str) -> Vec<&str> {
    text.split(['/', '／']).map(trimmed).filter(|name| !name.is_empty()).collect()
}

/// Returns whether units of these names lie above a unit, the last directly so.
fn lies_below(unit: &Unit, above: &[&str], directory: &Directory) -> bool {
    let mut upward = directory.upward(unit.id).skip(1).filter_map(|unit| directory.unit(unit));
    above.iter().rev().all(|name| upward.next().is_some_and(|unit| unit.name == *name))
}

fn division(unit: &Unit) -> String {
    unit.division.to_string()
}

fn prefix(unit: &Unit) -> String {
    unit.prefix.clone().unwrap_or_default()
}

/// Returns what something is, with what it was where that is another.
fn became(before: Option<String>, now: String) -> String {
    match before {
        Some(before) if before != now => format!("{before} → {now}"),
        _ => now,
    }
}
