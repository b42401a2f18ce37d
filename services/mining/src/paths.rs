//! How far real histories keep to the declared lifecycle, from our own replay: the paths they took, how often they went back,
//! and how long they waited at each stage for whom.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::pin::pin;

use chrono::NaiveDate;
use futures::StreamExt as _;
use rectify_case::assignment::Assignment;
use rectify_case::{Actor, CaseEvent, CaseId, Envelope, Event, Position, Stage, StreamId, UnitId, Zone};
use rectify_log::Log;

use crate::error::MiningError;

/// What the histories of all cases show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths {
    /// How many cases there are.
    pub cases: u64,
    /// Those of them of which an event has no place in the declared lifecycle.
    pub astray: BTreeSet<CaseId>,
    /// The paths they took, the most frequent first.
    pub variants: Vec<Variant>,
    /// How often cases went back: how many did, and how many times they did together.
    pub loops: BTreeMap<Loop, (u64, u64)>,
    /// How long they waited, by unit and stage.
    pub waits: BTreeMap<(UnitId, Stage), Wait>,
}

/// A path that cases took: the stages they came to, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The stages, each as often as they came to it.
    pub stages: Vec<Stage>,
    /// How many cases took it, or have come so far on it.
    pub cases: u64,
}

/// A way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loop {
    /// 退回: the lead did not take it on.
    Returned,
    /// 交回: the lead gave it back after taking it on.
    HandedBack,
    /// 收回: the office took it back, for a responsible unit was named as subject.
    TakenBack,
    /// 改派: the office named somebody else.
    Reassigned,
    /// 核验不通过.
    Failed,
    /// A verified case went back to the lead.
    SetAside,
    /// 恢复整改: a closed case lived again.
    Reopened,
    /// A case that had been dismissed, merged or transferred came back.
    Revived,
}

impl Loop {
    /// Returns the way back that an event is, if it is one.
    fn of(event: &CaseEvent) -> Option<Loop> {
        Some(match event {
            CaseEvent::Returned { .. } => Loop::Returned,
            CaseEvent::HandedBack { .. } => Loop::HandedBack,
            CaseEvent::TakenBack { .. } => Loop::TakenBack,
            CaseEvent::Reassigned { .. } => Loop::Reassigned,
            CaseEvent::VerificationFailed { .. } => Loop::Failed,
            CaseEvent::SetAside { .. } => Loop::SetAside,
            CaseEvent::Reopened { .. } => Loop::Reopened,
            CaseEvent::Revived { .. } | CaseEvent::Unmerged { .. } => Loop::Revived,
            _ => return None,
        })
    }
}

/// How long cases waited at a stage for a unit, in days of the office's zone. What is still waiting is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// How often one did.
    pub times: u64,
    /// Half of them for so many days at most.
    pub median_days: i64,
    /// The longest of them.
    pub longest_days: i64,
}

/// Replays a log up to a position.
pub async fn paths(log: &Log, zone: Zone, to: Position) -> Result<Paths, MiningError> {
    let mut cases: HashMap<CaseId, History> = HashMap::new();
    let mut days: BTreeMap<(UnitId, Stage), Vec<i64>> = BTreeMap::new();
    let mut pages = pin!(log.replay(0, to));
    while let Some(page) = pages.next().await {
        for recorded in page? {
            let envelope = &recorded.envelope;
            if let (StreamId::Case(id), Event::Case(event)) = (envelope.stream, &envelope.event)
                && let Some((waited_for, days_waited)) = cases.entry(id).or_default().take(event, envelope, zone)
            {
                days.entry(waited_for).or_default().push(days_waited);
            }
        }
    }
    Ok(told(&cases, days))
}

/// What was replayed of a case.
#[derive(Debug, Default)]
struct History {
    stages: Vec<Stage>,
    /// Since when it is where it is.
    since: Option<NaiveDate>,
    /// The lead that answers for it.
    lead: Option<UnitId>,
    loops: BTreeMap<Loop, u64>,
    astray: bool,
}

impl History {
    /// Takes the next event, and returns for whom the case waited at the stage that the event ends, and for how many days.
    fn take(&mut self, event: &CaseEvent, envelope: &Envelope, zone: Zone) -> Option<((UnitId, Stage), i64)> {
        if !event.is_spine() {
            return None;
        }
        let before = self.stages.last().copied();
        let Some(stage) = Stage::after(before, event) else {
            self.astray = true;
            return None;
        };
        let day = envelope.happened.day(zone);
        let waited = before.and_then(|before| {
            let unit = self.waited_for(before, &envelope.actor)?;
            let days = (day - self.since?).num_days().max(0);
            Some(((unit, before), days))
        });
        if let Some(way_back) = Loop::of(event) {
            *self.loops.entry(way_back).or_default() += 1;
        }
        match event {
            CaseEvent::Assigned { assignment } | CaseEvent::Reassigned { assignment, .. } => {
                self.lead = assignment.answering();
            }
            CaseEvent::CarriedOver { assignment, .. } => {
                self.lead = assignment.as_ref().and_then(Assignment::answering);
            }
            _ => {}
        }
        self.stages.push(stage);
        self.since = Some(day);
        waited
    }

    /// Returns the unit that a case waited for at a stage: the lead while it was to take it on and to repair it, else whoever
    /// moved it on. What the installation itself does nobody waited for.
    fn waited_for(&self, stage: Stage, actor: &Actor) -> Option<UnitId> {
        match stage {
            Stage::Assigned | Stage::Rectifying => self.lead,
            Stage::Discovered | Stage::Registered | Stage::Reported | Stage::Verified => {
                Some(actor.unit).filter(|unit| *unit != Actor::INSTALLATION.unit)
            }
            Stage::Closed | Stage::Dismissed | Stage::Merged | Stage::Transferred | Stage::Grouped => None,
        }
    }
}

fn told(cases: &HashMap<CaseId, History>, days: BTreeMap<(UnitId, Stage), Vec<i64>>) -> Paths {
    let mut paths = Paths { cases: cases.len() as u64, ..Paths::default() };
    let mut variants: BTreeMap<&[Stage], u64> = BTreeMap::new();
    for (id, history) in cases {
        *variants.entry(&history.stages).or_default() += 1;
        if history.astray {
            paths.astray.insert(*id);
        }
        for (way_back, times) in &history.loops {
            let (cases, all) = paths.loops.entry(*way_back).or_default();
            *cases += 1;
            *all += times;
        }
    }
    paths.variants = variants.into_iter().map(|(stages, cases)| Variant { stages: stages.to_vec(), cases }).collect();
    paths.variants.sort_by_key(|variant| std::cmp::Reverse(variant.cases));
    paths.waits = days.into_iter().filter_map(|(of, days)| Some((of, Wait::of(days)?))).collect();
    paths
}

impl Wait {
    fn of(mut days: Vec<i64>) -> Option<Wait> {
        days.sort_unstable();
        let median_days = *days.get(days.len().saturating_sub(1) / 2)?;
        Some(Wait { times: days.len() as u64, median_days, longest_days: *days.last()? })
    }
}
