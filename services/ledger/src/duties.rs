//! What waits for somebody (待办): how many cases, by act, for whoever asks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use futures::FutureExt as _;
use rectify_case::{Position, Role, UnitId};
use rectify_log::Db;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{LedgerError, inconsistent};
use crate::generation::Generation;
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::remembered::{AsOf, remembered};
use crate::soonest::First;
use crate::sql::Sql;
use crate::statements;
use crate::stored::{micros, named};
use crate::waiting::{Act, Standing};

/// How many cases wait for somebody.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// All of them, each once.
    pub all: Waits,
    /// By what they wait for. A case that waits for several acts is among each; what there is none of is left out.
    pub by_act: BTreeMap<Act, Waits>,
    /// How far the log was folded when they were counted, or further.
    pub position: Position,
}

/// How many cases wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waits {
    /// All of them.
    pub cases: u64,
    /// Those that are late.
    pub overdue: u64,
}

/// What somebody does, and for which units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Duties {
    units: BTreeMap<Act, BTreeSet<UnitId>>,
    /// Whether they approve closures wherever they govern.
    approves: bool,
}

impl Ledger {
    /// Returns how many cases wait for somebody who holds some roles, each in a unit, and may reach them.
    ///
    /// A unit's people are counted together: that one of them may not do an act (whoever asked for more time does not
    /// grant it) is said when it is tried.
    pub async fn waiting(
        &self,
        viewer: &Viewer,
        capacities: &[(UnitId, Role)],
        now: DateTime<Utc>,
    ) -> Result<Waiting, LedgerError> {
        let generation = self.serving().await?;
        let as_of = AsOf::of(&generation, now).await?;
        self.waiting_as_of(&generation, viewer, capacities, as_of).await
    }

    pub(crate) async fn waiting_as_of(
        &self,
        generation: &Generation,
        viewer: &Viewer,
        capacities: &[(UnitId, Role)],
        as_of: AsOf,
    ) -> Result<Waiting, LedgerError> {
        let question = (as_of, (viewer.clone(), capacities.to_vec()));
        let counting = Waiting::of(&generation.db, viewer, capacities, as_of).boxed();
        remembered(&self.remembered().waiting, question, counting).await
    }
}

impl Waiting {
    async fn of(db: &Db, viewer: &Viewer, capacities: &[(UnitId, Role)], as_of: AsOf) -> Result<Waiting, LedgerError> {
        let mut waiting = Waiting { position: as_of.position, ..Waiting::default() };
        let duties = Duties::of(db, capacities).await?;
        for of_all in [false, true] {
            let act = if of_all { "''" } else { "v.act" };
            let mut sql = Sql::new("SELECT d.act, count(*), count(CASE WHEN d.due <= ", []);
            sql.bind(micros(as_of.now)).push(" THEN 1 END) FROM (SELECT DISTINCT ").push(act);
            sql.push(" AS act, v.entry, v.due FROM (");
            duties.push(&mut sql, viewer, &[], None);
            sql.push(") AS v) AS d GROUP BY 1");
            let acts: Vec<(String, i64, i64)> = sql.once().fetch_all(db).await?;
            for (act, cases, overdue) in acts {
                let waits = Waits { cases: cases.try_into().unwrap_or(0), overdue: overdue.try_into().unwrap_or(0) };
                if of_all {
                    waiting.all = waits;
                } else {
                    let act = named(&act).ok_or_else(|| inconsistent("case_waits", "act", &act))?;
                    waiting.by_act.insert(act, waits);
                }
            }
        }
        Ok(waiting)
    }
}

impl Duties {
    /// Returns what somebody does who holds these roles, each in a unit.
    pub(crate) async fn of(db: &Db, capacities: &[(UnitId, Role)]) -> Result<Duties, LedgerError> {
        let mut sql = Sql::new(statements::UNITS_ABOVE, []);
        sql.list(capacities.iter().map(|(unit, _)| *unit).collect::<BTreeSet<_>>().into_iter().map(|unit| unit.0));
        let above: Vec<(Uuid, Uuid)> = sql.once().fetch_all(db).await?;
        let mut duties = Duties::default();
        for (own, role) in capacities {
            for act in Act::ALL.into_iter().filter(|act| act.roles().contains(role)) {
                match act.standing() {
                    Standing::Own => {
                        duties.units.entry(act).or_default().insert(*own);
                    }
                    Standing::Upward => {
                        let above = above.iter().filter(|(unit, _)| *unit == own.0);
                        duties.units.entry(act).or_default().extend(above.map(|(_, above)| UnitId(*above)));
                    }
                    Standing::Governing => duties.approves = true,
                }
            }
        }
        Ok(duties)
    }

    /// Pushes a query of `entry`, `act`, `unit` and `due` of what waits for them and reaches a viewer; where acts are given,
    /// for one of those; of what each unit is waited for with each act only the first, where no more is wanted.
    ///
    /// What is kept from nobody, and what the viewer works on or lies in a division they govern, is known to reach them;
    /// only the rest is looked at.
    pub(crate) fn push(&self, sql: &mut Sql, viewer: &Viewer, acts: &[Act], first: Option<First>) {
        sql.push("SELECT w.entry, w.act, w.unit, w.due FROM case_waits AS w WHERE FALSE");
        for share in self.shares(viewer).iter().filter_map(|share| share.of(acts)) {
            for part in share.parts(first) {
                sql.push(" UNION ALL SELECT * FROM (SELECT w.entry, w.act, w.unit, w.due FROM case_waits AS w WHERE ");
                part.push(sql);
                if !viewer.is_operator() {
                    sql.push(" AND NOT w.walled");
                    if !share.works_on {
                        sql.push(" AND ");
                        viewer.push_governs(sql, "w.division");
                    }
                }
                if let Some(first) = first {
                    first.push_after(sql, "w");
                    first.push_order(sql, "w");
                }
                sql.push(") AS s");
            }
            if viewer.is_operator() {
                continue;
            }
            sql.push(" UNION ALL SELECT w.entry, w.act, w.unit, w.due FROM case_waits AS w ");
            sql.push("JOIN cases AS c ON c.entry = w.entry WHERE ");
            share.push(sql);
            sql.push(" AND (w.walled");
            if !share.works_on {
                sql.push(" OR NOT ");
                viewer.push_governs(sql, "w.division");
            }
            sql.push(")");
            if share.units.is_none() {
                Share::push_governed(sql, viewer);
            }
            // Not asked first which cases reach them: few of those wait, if any.
            sql.push(" AND ");
            viewer.push_each(sql);
        }
    }

    /// Pushes the condition that a case waits for them as `w` says, where that case is known to reach the viewer; where acts are
    /// given, for one of those.
    pub(crate) fn push_of_known(&self, sql: &mut Sql, viewer: &Viewer, acts: &[Act]) {
        sql.push("(FALSE");
        for share in self.shares(viewer).iter().filter_map(|share| share.of(acts)) {
            sql.push(" OR ");
            share.push(sql);
            if share.units.is_none() && !viewer.is_operator() {
                Share::push_governed(sql, viewer);
            }
        }
        sql.push(")");
    }

    /// Returns them with acts for the same units together: an index is searched for each of those by each of these.
    fn shares(&self, viewer: &Viewer) -> Vec<Share> {
        let mut together: BTreeMap<(&BTreeSet<UnitId>, bool), Vec<Act>> = BTreeMap::new();
        for (act, units) in &self.units {
            let works_on = act.standing() == Standing::Upward && units.iter().all(|unit| viewer.works_on(*unit));
            together.entry((units, works_on)).or_default().push(*act);
        }
        let shares = together.into_iter().map(|((units, works_on), acts)| Share {
            acts,
            units: Some(units.iter().copied().collect()),
            works_on,
        });
        let approves = self.approves.then(|| Share { acts: vec![Act::ApproveClosure], units: None, works_on: false });
        shares.chain(approves).collect()
    }
}

/// Acts that somebody does for the same units.
#[derive(Clone)]
struct Share {
    acts: Vec<Act>,
    /// For which; none for all that they govern.
    units: Option<Vec<UnitId>>,
    /// Whether the viewer reads all that these units work on.
    works_on: bool,
}

impl Share {
    /// Returns those of some acts, where any are given; none where that is none.
    fn of(&self, wanted: &[Act]) -> Option<Share> {
        let acts = self.acts.iter().copied().filter(|act| wanted.is_empty() || wanted.contains(act));
        let acts: Vec<Act> = acts.collect();
        (!acts.is_empty()).then(|| Share { acts, ..self.clone() })
    }

    /// Returns it act by act and unit by unit, where only the first of each are wanted: an index has those in their order.
    fn parts(&self, first: Option<First>) -> Vec<Share> {
        let part = |act, units| Share { acts: vec![act], units, works_on: self.works_on };
        match (first, &self.units) {
            (None, _) => vec![self.clone()],
            (Some(_), None) => self.acts.iter().map(|act| part(*act, None)).collect(),
            (Some(_), Some(units)) => {
                let each = self.acts.iter().flat_map(|act| units.iter().map(move |unit| (*act, *unit)));
                each.map(|(act, unit)| part(act, Some(vec![unit]))).collect()
            }
        }
    }

    /// Pushes the condition that a case waits for it as `w` says.
    fn push(&self, sql: &mut Sql) {
        sql.push("w.act IN ").list(self.acts.iter().map(|act| act.name()));
        if let Some(units) = &self.units {
            sql.push(" AND w.unit IN ").list(units.iter().map(|unit| unit.0));
        }
    }

    /// Pushes, with `AND` before it, that the case reaches a division that the viewer governs.
    fn push_governed(sql: &mut Sql, viewer: &Viewer) {
        sql.push(" AND EXISTS (SELECT 1 FROM case_divisions AS g WHERE g.entry = w.entry AND ");
        viewer.push_governs(sql, "g.division");
        sql.push(")");
    }
}
