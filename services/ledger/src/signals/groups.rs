//! What is seen from signs of several cases that have a mark in common.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::alone::push_shared;
use super::{Asked, Found, SEEN, Seen, Signal, cut};
use crate::error::{LedgerError, inconsistent};
use crate::likeness::{alike, pairs};
use crate::signs::{BANDS, CLOSED, PICTURE, TOLD};
use crate::sql::Sql;

/// From so many closures on the last day of a month on, of one office, it is asked about ...
const MONTH_END_CLOSURES: i64 = 5;

/// ... where they are at least so many of a hundred of that month.
const MONTH_END_SHARE: i64 = 40;

/// The most events of a group that are looked at, the latest of them.
const MEMBERS: i64 = 50;

/// A mark that signs of several cases have: how many cases, and the position of the last.
type Group = (String, i64, i64);

impl Asked<'_> {
    /// Returns the photographs that are on file in several cases.
    pub(super) async fn same_photograph(&self) -> Result<Found, LedgerError> {
        let mut sql = begin();
        push_shared(&mut sql, &[PICTURE]);
        sql.push(" AND ");
        self.viewer.push(&mut sql);
        sql.push(" GROUP BY s.mark HAVING min(s.entry) < max(s.entry)");
        let mut groups = self.last(sql, self.limit).await?;
        let next = cut(&mut groups, self.limit, |(.., last)| *last);
        let mut members = self.members(PICTURE, &groups).await?;
        let signals = groups.into_iter().filter_map(|(mark, cases, _)| {
            let seen = members.remove(&mark)?;
            Some(Seen::signal(self.kind, &seen, cases.try_into().unwrap_or(0)))
        });
        Ok((signals.collect::<Result<_, _>>()?, next))
    }

    /// Returns the completions that several units tell in nearly the same words.
    pub(super) async fn same_words(&self) -> Result<Found, LedgerError> {
        let mut sql = begin();
        sql.push("s.kind = ")
            .bind(TOLD)
            .push(" AND s.mark IN (SELECT t.mark FROM signs AS t WHERE t.kind = ")
            .bind(TOLD);
        sql.push(" GROUP BY t.mark HAVING min(t.entry) < max(t.entry)) AND ");
        self.viewer.push(&mut sql);
        sql.push(" GROUP BY s.mark HAVING count(DISTINCT s.unit) > 1");
        // Texts that are alike may share every mark, each with the same last event.
        let mut groups = self.last(sql, self.limit.saturating_mul(BANDS)).await?;
        let mut lasts: Vec<i64> = groups.iter().map(|(.., last)| *last).collect();
        lasts.dedup();
        let next = cut(&mut lasts, self.limit, |last| *last);
        groups.retain(|(.., last)| lasts.contains(last));
        let members = self.members(TOLD, &groups).await?;
        let words = self.words(&members).await?;
        let mut found: BTreeMap<i64, BTreeMap<i64, &Seen>> = BTreeMap::new();
        for alike in members.values().flat_map(|seen| together(seen, &words)) {
            if let Some(last) = alike.first() {
                found.entry(last.position).or_default().extend(alike.iter().map(|one| (one.position, *one)));
            }
        }
        let mut signals = Vec::new();
        for alike in found.into_values().rev() {
            let seen: Vec<Seen> = alike.into_values().rev().cloned().collect();
            let cases = seen.iter().map(|one| one.entry).collect::<BTreeSet<_>>().len();
            signals.push(Seen::signal(self.kind, &seen, cases as u64)?);
        }
        Ok((signals, next))
    }

    /// Returns the offices that closed many of a month's cases on its last day.
    pub(super) async fn month_end(&self) -> Result<Found, LedgerError> {
        let mut sql = Sql::new("SELECT max(s.mark), count(*), count(CASE WHEN s.mark <> '' THEN 1 END), ", []);
        sql.push("coalesce(max(CASE WHEN s.mark <> '' THEN s.position END), 0) ");
        sql.push("FROM signs AS s JOIN cases AS c ON c.entry = s.entry WHERE s.kind = ").bind(CLOSED).push(" AND ");
        self.viewer.push(&mut sql);
        sql.push(" GROUP BY s.unit, s.other_day HAVING count(CASE WHEN s.mark <> '' THEN 1 END) >= ");
        sql.bind(MONTH_END_CLOSURES).push(" AND count(CASE WHEN s.mark <> '' THEN 1 END) * 100 >= count(*) * ");
        sql.bind(MONTH_END_SHARE).push(" AND max(CASE WHEN s.mark <> '' THEN s.position END) < ").bind(self.before);
        sql.push(" ORDER BY 4 DESC LIMIT ").bind(i64::from(self.limit) + 1);
        let mut months: Vec<(String, i64, i64, i64)> = sql.once().fetch_all(&self.generation.db).await?;
        let next = cut(&mut months, self.limit, |(.., at)| *at);
        let groups: Vec<Group> = months.iter().map(|(mark, _, last, at)| (mark.clone(), *last, *at)).collect();
        let mut members = self.members(CLOSED, &groups).await?;
        let mut signals = Vec::new();
        for (mark, in_month, last, _) in months {
            let Some(seen) = members.remove(&mark) else { continue };
            let count = |number: i64| u64::try_from(number).map_err(|_| inconsistent("signs", "mark", &mark));
            let signal = Seen::signal(self.kind, &seen, count(last)?)?;
            signals.push(Signal { closed_in_month: Some(count(in_month)?), ..signal });
        }
        Ok((signals, next))
    }

    /// Returns the groups that a statement asks for, the one with the latest event first: one more than so many.
    async fn last(&self, mut sql: Sql, limit: u32) -> Result<Vec<Group>, LedgerError> {
        sql.push(" AND max(s.position) < ").bind(self.before).push(" ORDER BY 3 DESC, 1 LIMIT ");
        sql.bind(i64::from(limit) + 1);
        Ok(sql.once().fetch_all(&self.generation.db).await?)
    }

    /// Returns the latest events of some groups that may reach the viewer, the latest first, by their mark.
    async fn members(&self, sign: &'static str, groups: &[Group]) -> Result<HashMap<String, Vec<Seen>>, LedgerError> {
        let mut sql = Sql::new("SELECT * FROM (SELECT ", []);
        sql.push(SEEN).push(", row_number() OVER (PARTITION BY s.mark ORDER BY s.position DESC) AS place ");
        sql.push("FROM signs AS s JOIN cases AS c ON c.entry = s.entry WHERE s.kind = ")
            .bind(sign)
            .push(" AND s.mark IN ");
        sql.list(groups.iter().map(|(mark, ..)| mark.as_str()));
        if sign == PICTURE {
            sql.push(" AND c.stage NOT IN ('merged', 'grouped')");
        }
        sql.push(" AND ");
        self.viewer.push(&mut sql);
        sql.push(") AS m WHERE m.place <= ").bind(MEMBERS).push(" ORDER BY m.position DESC");
        let seen: Vec<Seen> = sql.once().fetch_all(&self.generation.db).await?;
        let mut members: HashMap<String, Vec<Seen>> = HashMap::new();
        for one in seen {
            members.entry(one.mark.clone()).or_default().push(one);
        }
        Ok(members)
    }

    /// Returns the pairs of characters of what the reports say, by position.
    async fn words(&self, members: &HashMap<String, Vec<Seen>>) -> Result<HashMap<i64, BTreeSet<u64>>, LedgerError> {
        let positions: BTreeSet<i64> = members.values().flatten().map(|one| one.position).collect();
        let mut sql = Sql::new("SELECT t.position, t.words FROM told AS t WHERE t.position IN ", []);
        sql.list(positions);
        let told: Vec<(i64, String)> = sql.once().fetch_all(&self.generation.db).await?;
        Ok(told.into_iter().map(|(position, words)| (position, pairs(&words))).collect())
    }
}

/// Returns the beginning of a statement that finds groups.
fn begin() -> Sql {
    let text = "SELECT s.mark, count(DISTINCT s.entry), max(s.position) ";
    let mut sql = Sql::new(text, []);
    sql.push("FROM signs AS s JOIN cases AS c ON c.entry = s.entry WHERE ");
    sql
}

/// Returns those of a group that are nearly alike, of several units: each with the latest one of them.
fn together<'a>(seen: &'a [Seen], words: &HashMap<i64, BTreeSet<u64>>) -> Vec<Vec<&'a Seen>> {
    let mut left: Vec<&Seen> = seen.iter().collect();
    let mut found = Vec::new();
    while let Some(first) = left.first().copied() {
        let told = |one: &Seen| words.get(&one.position);
        let is_alike = |one: &&Seen| told(first).zip(told(one)).is_some_and(|(first, one)| alike(first, one));
        let (alike, others): (Vec<&Seen>, Vec<&Seen>) = left.into_iter().partition(is_alike);
        left = others.into_iter().filter(|one| one.position != first.position).collect();
        let units: BTreeSet<_> = alike.iter().map(|one| one.unit).collect();
        if units.len() > 1 {
            found.push(alike);
        }
    }
    found
}
