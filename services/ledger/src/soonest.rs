//! What is due first: of each unit's and each person's cases the beginning, which an index has in that order, and of those
//! together the first. What a unit has beside that is not looked at, however much it is.

use chrono::{DateTime, Utc};
use rectify_log::Db;

use crate::dialect;
use crate::filter::Filter;
use crate::permission::Viewer;
use crate::sql::Sql;
use crate::stored::micros;

/// The first so many in the order of deadlines and entries, after a place in it or from its beginning.
#[derive(Clone, Copy, Debug)]
pub(crate) struct First {
    pub(crate) after: Option<(i64, i64)>,
    pub(crate) descending: bool,
    pub(crate) limit: u32,
}

impl First {
    /// Pushes, with `AND` before it, that what goes by a name comes after the place.
    pub(crate) fn push_after(self, sql: &mut Sql, name: &str) {
        if let Some((due, entry)) = self.after {
            let after = if self.descending { ") < (" } else { ") > (" };
            sql.push(" AND (").push(name).push(".due, ").push(name).push(".entry").push(after);
            sql.bind(due).push(", ").bind(entry).push(")");
        }
    }

    /// Pushes that what goes by a name is read in this order, and no more of it than are wanted.
    pub(crate) fn push_order(self, sql: &mut Sql, name: &str) {
        let order = if self.descending { " DESC" } else { "" };
        sql.push(" ORDER BY ").push(name).push(".due").push(order).push(", ").push(name).push(".entry").push(order);
        sql.push(" LIMIT ").push(&self.limit.to_string());
    }
}

/// The most units and persons whose cases are brought together.
const MOST: usize = 50;

/// What of its cases each unit and person is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Soonest {
    live: Option<bool>,
    until: Option<i64>,
}

impl Soonest {
    /// Returns what is asked for, where the filter says nothing but when a case is late and whether it waits for somebody, and
    /// cases reach the viewer only by so few units and persons.
    pub(crate) fn of(filter: &Filter, viewer: &Viewer, now: DateTime<Utc>) -> Option<Soonest> {
        let rest = Filter { overdue: None, due_before: None, live: None, ..filter.clone() };
        if rest != Filter::default() || filter.overdue == Some(false) || viewer.own().is_none_or(|own| own.len() > MOST)
        {
            return None;
        }
        let late = filter.overdue.map(|_| now);
        let until = late.into_iter().chain(filter.due_before).min();
        Some(Soonest { live: filter.live.or(until.map(|_| true)), until: until.map(micros) })
    }

    /// Pushes the condition that a case `c` is among the first of what reaches the viewer.
    pub(crate) fn push(self, sql: &mut Sql, db: &Db, viewer: &Viewer, first: First) {
        sql.push(dialect::AMONG.on(db)).push("SELECT m.entry FROM (");
        let mut between = "";
        for (table, id) in viewer.own().into_iter().flatten() {
            let cases = |sql: &mut Sql, is_walled: &str, is_live: &str| {
                sql.push("SELECT o.due, o.entry FROM ").push(table).bind(id);
                sql.push(" AND o.walled = ").push(is_walled).push(" AND o.live = ").push(is_live);
                if let Some(until) = self.until {
                    sql.push(" AND o.due <= ").bind(until);
                }
                first.push_after(sql, "o");
            };
            for is_live in [true, false].into_iter().filter(|live| self.live.is_none_or(|wanted| wanted == *live)) {
                let is_live = if is_live { "TRUE" } else { "FALSE" };
                sql.push(between).push("SELECT * FROM (");
                cases(sql, "FALSE", is_live);
                first.push_order(sql, "o");
                sql.push(") AS s UNION ");
                // What is kept from anybody is asked for one by one, so that enough are left.
                cases(sql, "TRUE", is_live);
                sql.push(" AND ");
                viewer.push_not_kept(sql, "o.entry");
                between = " UNION ";
            }
        }
        sql.push(") AS m");
        first.push_order(sql, "m");
        sql.push(dialect::AMONG_END.on(db));
    }
}
