//! Whom the ledger shows a case: [`rectify_case::permission`] as SQL.

use std::collections::BTreeSet;

use rectify_case::{DivisionCode, Reader, UnitId};
use rectify_log::Db;
use uuid::Uuid;

use crate::dialect;
use crate::sql::Sql;

/// Who looks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Viewer(Eyes);

/// With whose eyes somebody looks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Eyes {
    /// Nothing is kept from them.
    Operator,
    /// What may reach any of these, and is kept from none.
    Readers(Vec<Reader>),
    /// The cases with these entries, of a ledger of the past: a list as JSON has it.
    Among(String),
}

impl Viewer {
    /// Returns somebody who looks with their own eyes.
    pub fn of(reader: Reader) -> Viewer {
        Viewer(Eyes::Readers(vec![reader]))
    }

    /// Returns somebody who looks with another's eyes too (代办): sees what either may, and nothing that is kept from one
    /// of the two.
    pub fn and(self, other: Option<Reader>) -> Viewer {
        match self.0 {
            Eyes::Readers(readers) => Viewer(Eyes::Readers(readers.into_iter().chain(other).collect())),
            eyes @ (Eyes::Operator | Eyes::Among(_)) => Viewer(eyes),
        }
    }

    /// Returns whoever runs the program on its own machine, and has the database itself: nothing is kept from them.
    pub fn operator() -> Viewer {
        Viewer(Eyes::Operator)
    }

    /// Returns somebody who looks at a ledger of the past and sees the cases with some entries, given with commas between.
    pub(crate) fn among(entries: &str) -> Viewer {
        Viewer(Eyes::Among(format!("[{entries}]")))
    }

    /// Returns whether everything that lies in a division reaches the viewer, unless it is kept from them.
    pub(crate) fn governs(&self, division: &DivisionCode) -> bool {
        let readers = match &self.0 {
            Eyes::Operator => return true,
            Eyes::Readers(readers) => readers,
            Eyes::Among(_) => return false,
        };
        readers.iter().flat_map(|reader| &reader.divisions).any(|outer| division.lies_in(outer))
    }

    /// Pushes the condition that a case `c` may reach the viewer, for who wants all of those: PostgreSQL goes from one side or
    /// the other, by how many there are.
    pub(crate) fn push(&self, sql: &mut Sql) {
        let units = "c.entry IN (SELECT u.entry FROM case_units AS u WHERE u.unit IN ";
        self.push_with(sql, [units, " UNION ALL SELECT p.entry FROM case_persons AS p WHERE p.person IN ", ")"]);
    }

    /// Pushes the same, for who goes through all cases in some order: what reaches the viewer by a unit or by name is held
    /// beside them, and each is looked up in memory. The plus keeps SQLite from going through what is held.
    pub(crate) fn push_in_order(&self, sql: &mut Sql) {
        let units = "+c.entry IN (SELECT u.entry FROM case_units AS u WHERE u.unit IN ";
        let persons = ") OR +c.entry IN (SELECT p.entry FROM case_persons AS p WHERE p.person IN ";
        self.push_with(sql, [units, persons, ")"]);
    }

    /// Pushes the same, for who finds cases by something else and asks this of each.
    pub(crate) fn push_each(&self, sql: &mut Sql) {
        let [units, persons] = asked_of("c.entry");
        self.push_with(sql, [&units, &persons, ")"]);
    }

    /// Pushes it, where a case `c` reaches one of the readers by a unit or by name as these texts say: what stands before their
    /// units, between those and the persons, and after.
    fn push_with(&self, sql: &mut Sql, [units, persons, end]: [&str; 3]) {
        let readers = match &self.0 {
            Eyes::Operator => {
                sql.push("TRUE");
                return;
            }
            Eyes::Readers(readers) => readers,
            Eyes::Among(entries) => {
                // A ledger of the past is always on SQLite.
                let [begin, end] = dialect::ENTRIES.on_sqlite();
                sql.push("c.entry IN (").push(begin).bind(entries.as_str()).push(end).push(")");
                return;
            }
        };
        sql.push("(NOT c.walled OR ");
        push_not_kept(sql, "c.entry", readers);
        sql.push(") AND (");
        // Its own division is always among those it reaches. Who governs that needs no other table, which a database may
        // read as a whole before it looks at the first case.
        for outer in readers.iter().flat_map(|reader| &reader.divisions) {
            within(sql, "c.division", outer).push(" OR ");
            sql.push("EXISTS (SELECT 1 FROM case_divisions AS d WHERE d.entry = c.entry AND ");
            within(sql, "d.division", outer).push(") OR ");
        }
        push_reaches(sql, readers, [units, persons, end]);
        sql.push(")");
    }

    /// Pushes the condition that a case `c` may reach the viewer and is not among what is counted already, which is kept from
    /// nobody and lies in one of the divisions that are governed; `foreign` says whether there are others.
    pub(crate) fn push_rest(&self, sql: &mut Sql, db: &Db, governed: &BTreeSet<&str>, foreign: bool) {
        let readers = match &self.0 {
            Eyes::Operator => {
                sql.push("(c.walled OR c.division IS NULL)");
                return;
            }
            Eyes::Readers(readers) => readers,
            Eyes::Among(_) => return self.push(sql),
        };
        if !foreign {
            sql.push("c.walled AND ");
            self.push(sql);
            return;
        }
        // By whatever it reaches them, less what is counted: faster than to look at every case there is.
        sql.push(dialect::AMONG.on(db)).push("SELECT g.entry FROM case_divisions AS g WHERE ");
        self.push_governs(sql, "g.division");
        sql.push(" UNION SELECT u.entry FROM case_units AS u WHERE u.unit IN ");
        sql.list(readers.iter().flat_map(|reader| &reader.units).map(|unit| unit.0));
        sql.push(" UNION SELECT p.entry FROM case_persons AS p WHERE p.person IN ");
        sql.list(readers.iter().map(|reader| reader.person.0));
        sql.push(" EXCEPT SELECT k.entry FROM cases AS k WHERE NOT k.walled AND k.division IN ");
        sql.list(governed.iter().copied()).push(dialect::AMONG_END.on(db)).push(" AND ");
        self.push(sql);
    }

    /// Pushes the condition that no wall keeps the case with the entry in a column from the viewer.
    pub(crate) fn push_not_kept(&self, sql: &mut Sql, entry: &str) {
        match &self.0 {
            Eyes::Operator | Eyes::Among(_) => drop(sql.push("TRUE")),
            Eyes::Readers(readers) => push_not_kept(sql, entry, readers),
        }
    }

    /// Pushes the condition that the case with the entry in a column reaches the viewer by a unit or by name, unless it is kept from
    /// them.
    pub(crate) fn push_own(&self, sql: &mut Sql, entry: &str) {
        let [units, persons] = asked_of(entry);
        sql.push("(");
        push_reaches(sql, self.without_division().unwrap_or_default(), [&units, &persons, ")"]);
        sql.push(")");
    }

    /// Returns whether cases reach the viewer only by units and by name: they govern no division.
    pub(crate) fn has_only_own(&self) -> bool {
        self.without_division().is_some()
    }

    fn without_division(&self) -> Option<&[Reader]> {
        let Eyes::Readers(readers) = &self.0 else { return None };
        readers.iter().all(|reader| reader.divisions.is_empty()).then_some(readers)
    }

    /// Returns the tables that say by which units and persons cases reach the viewer, each up to the id that follows: none
    /// where they reach them by more than that, as all that lies in a division does whoever governs it.
    pub(crate) fn own(&self) -> Option<Vec<(&'static str, Uuid)>> {
        let readers = self.without_division()?;
        let units: BTreeSet<_> = readers.iter().flat_map(|reader| &reader.units).collect();
        let persons: BTreeSet<_> = readers.iter().map(|reader| reader.person).collect();
        let units = units.into_iter().map(|unit| ("case_units AS o WHERE o.unit = ", unit.0));
        let persons = persons.into_iter().map(|person| ("case_persons AS o WHERE o.person = ", person.0));
        Some(units.chain(persons).collect())
    }

    /// Returns whether nothing is kept from the viewer.
    pub(crate) fn is_operator(&self) -> bool {
        self.0 == Eyes::Operator
    }

    /// Returns whether every case that a unit answers for or verifies reaches the viewer, unless it is kept from them.
    pub(crate) fn works_on(&self, unit: UnitId) -> bool {
        match &self.0 {
            Eyes::Operator => true,
            Eyes::Readers(readers) => readers.iter().any(|reader| reader.units.contains(&unit)),
            Eyes::Among(_) => false,
        }
    }

    /// Pushes the condition that the viewer governs the division in a column, as [`Viewer::governs`] says of a division.
    pub(crate) fn push_governs(&self, sql: &mut Sql, column: &'static str) {
        let readers = match &self.0 {
            Eyes::Operator => {
                sql.push(column).push(" <> ''");
                return;
            }
            Eyes::Readers(readers) => readers,
            // Nothing is counted already of what only some see.
            Eyes::Among(_) => {
                sql.push("FALSE");
                return;
            }
        };
        sql.push("(FALSE");
        for outer in readers.iter().flat_map(|reader| &reader.divisions) {
            sql.push(" OR ");
            within(sql, column, outer);
        }
        sql.push(")");
    }
}

/// Returns what stands before the units and before the persons where each case is asked whom it reaches, by the column of its entry.
fn asked_of(entry: &str) -> [String; 2] {
    [
        format!("EXISTS (SELECT 1 FROM case_units AS u WHERE u.entry = {entry} AND u.unit IN "),
        format!(") OR EXISTS (SELECT 1 FROM case_persons AS p WHERE p.entry = {entry} AND p.person IN "),
    ]
}

/// Pushes the readers' units and persons with what stands before, between and after.
fn push_reaches(sql: &mut Sql, readers: &[Reader], [units, persons, end]: [&str; 3]) {
    sql.push(units).list(readers.iter().flat_map(|reader| &reader.units).map(|unit| unit.0));
    sql.push(persons).list(readers.iter().map(|reader| reader.person.0)).push(end);
}

/// Pushes the condition that no wall keeps the case with the entry in a column from any of the readers.
fn push_not_kept(sql: &mut Sql, entry: &str, readers: &[Reader]) {
    sql.push("NOT EXISTS (SELECT 1 FROM case_walls AS w WHERE w.entry = ").push(entry);
    sql.push(" AND (w.kind = 'unit' AND w.walled IN ");
    sql.list(readers.iter().flat_map(|reader| &reader.all_units).map(|unit| unit.0));
    sql.push(" OR w.kind = 'person' AND w.walled IN ").list(readers.iter().map(|reader| reader.person.0));
    sql.push("))");
}

/// Pushes the condition that the division in a column is another or lies in it: its code begins with the same digits. Said
/// as from where to where, so that an index finds it.
pub(crate) fn within<'a>(sql: &'a mut Sql, column: &'static str, outer: &DivisionCode) -> &'a mut Sql {
    let digits = outer.significant();
    // What comes after every digit.
    let end = format!("{digits}:");
    sql.push("(").push(column).push(" >= ").bind(digits).push(" AND ").push(column).push(" < ").bind(end).push(")")
}
