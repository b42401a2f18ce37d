//! What is seen from one event of a case, or from one beside what was known before.

use std::collections::BTreeMap;

use super::{Asked, Found, SEEN, Seen, cut};
use crate::error::LedgerError;
use crate::signs::{FILE, NAMED, PICTURE};
use crate::sql::Sql;

impl Asked<'_> {
    /// Returns the signals that are each a sign by itself.
    pub(super) async fn alone(&self, sign: &'static str) -> Result<Found, LedgerError> {
        let mut sql = begin();
        sql.push("s.kind = ").bind(sign).push(" AND s.mark = ''");
        let mut seen = self.latest(sql).await?;
        let next = cut(&mut seen, self.limit, |one| one.position);
        let signals = seen.iter().map(|one| Seen::signal(self.kind, std::slice::from_ref(one), 1));
        Ok((signals.collect::<Result<_, _>>()?, next))
    }

    /// Returns the files that are older than the finding of their case.
    pub(super) async fn older_evidence(&self) -> Result<Found, LedgerError> {
        let mut sql = begin();
        sql.push("s.kind = ").bind(NAMED).push(" AND s.other_day < c.discovered_on");
        let named = self.latest(sql).await?;
        let mut found: BTreeMap<i64, Vec<Seen>> = named.into_iter().map(|one| (one.position, vec![one])).collect();
        for filed in self.filed_before().await? {
            let first = self.first_filed(&filed).await?;
            found.entry(filed.position).or_insert_with(|| vec![filed]).extend(first);
        }
        let mut found: Vec<Vec<Seen>> = found.into_values().rev().collect();
        let next = cut(&mut found, self.limit, |seen| seen.first().map_or(0, |one| one.position));
        let mut signals = Vec::new();
        for seen in found {
            let mut signal = Seen::signal(self.kind, &seen, 1)?;
            if let (Some(trace), Some(one)) = (signal.traces.first_mut(), seen.first()) {
                trace.discovered = one.discovered()?;
            }
            signals.push(signal);
        }
        Ok((signals, next))
    }

    /// Returns the files that were on file in another case before the finding of their own was made. A case that went into
    /// another, or was split, is no other.
    async fn filed_before(&self) -> Result<Vec<Seen>, LedgerError> {
        let mut sql = Sql::new("SELECT f.* FROM (", []);
        sql.push(&format!("SELECT {SEEN} FROM signs AS s JOIN cases AS c ON c.entry = s.entry WHERE "));
        push_shared(&mut sql, &[PICTURE, FILE]);
        sql.push(" AND s.position < ").bind(self.before).push(" AND ");
        self.viewer.push(&mut sql);
        // Of the other case too they must be allowed to know.
        sql.push(") AS f WHERE EXISTS (SELECT 1 FROM signs AS s JOIN cases AS c ON c.entry = s.entry WHERE ");
        sql.push("s.kind = f.kind AND s.mark = f.mark AND s.entry <> f.entry AND s.day < f.discovered_on");
        sql.push(" AND c.stage NOT IN ('merged', 'grouped') AND ");
        self.viewer.push(&mut sql);
        sql.push(") ORDER BY f.position DESC LIMIT ").bind(i64::from(self.limit) + 1);
        Ok(sql.once().fetch_all(&self.generation.db).await?)
    }

    /// Returns how a file was first put on file in another case.
    async fn first_filed(&self, filed: &Seen) -> Result<Option<Seen>, LedgerError> {
        let mut sql = begin();
        sql.push("s.kind = ").bind(filed.kind.as_str()).push(" AND s.mark = ").bind(filed.mark.as_str());
        sql.push(" AND s.entry <> ").bind(filed.entry).push(" AND c.stage NOT IN ('merged', 'grouped') AND ");
        self.viewer.push(&mut sql);
        sql.push(" ORDER BY s.day, s.position LIMIT 1");
        Ok(sql.once().fetch_optional(&self.generation.db).await?)
    }

    /// Returns the latest of the signs that a statement asks for and that may reach the viewer, and one more than asked for.
    async fn latest(&self, mut sql: Sql) -> Result<Vec<Seen>, LedgerError> {
        sql.push(" AND s.position < ").bind(self.before).push(" AND ");
        self.viewer.push(&mut sql);
        sql.push(" ORDER BY s.position DESC LIMIT ").bind(i64::from(self.limit) + 1);
        Ok(sql.once().fetch_all(&self.generation.db).await?)
    }
}

/// Returns the beginning of a statement that reads signs with their cases.
fn begin() -> Sql {
    Sql::new(&format!("SELECT {SEEN} FROM signs AS s JOIN cases AS c ON c.entry = s.entry WHERE "), [])
}

/// Pushes the condition that a sign `s` of some kinds has a mark that signs of several cases have. Where a case went into
/// another, or was split, the two are one.
pub(super) fn push_shared(sql: &mut Sql, kinds: &[&'static str]) {
    sql.push("s.kind IN ").list(kinds.iter().copied());
    sql.push(" AND s.mark IN (SELECT t.mark FROM signs AS t WHERE t.kind IN ").list(kinds.iter().copied());
    sql.push(" GROUP BY t.kind, t.mark HAVING min(t.entry) < max(t.entry)) AND c.stage NOT IN ('merged', 'grouped')");
}
