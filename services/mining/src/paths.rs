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
    /// Every way back.
    pub const ALL: [Loop; 8] = [
        Loop::Returned,
        Loop::HandedBack,
        Loop::TakenBack,
        Loop::Reassigned,
        Loop::Failed,
        Loop::SetAside,
        Loop::Reopened,
        Loop::Revived,
    ];

    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Loop::Returned => "returned",
            Loop::HandedBack => "handed_back",
            Loop::TakenBack => "taken_back",
            Loop::Reassigned => "reassigned",
            Loop::Failed => "failed",
            Loop::SetAside => "set_aside",
            Loop::Reopened => "reopened",
            Loop::Revived => "revived",
        }
    }

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
    let mut histories = Histories::new(zone);
    histories.read_on(log, to, |_| {}).await?;
    Ok(histories.paths(|_| true))
}

/// The histories of all cases, as far as a log was replayed: they can be read on, and told of some cases only.
///
/// A case takes some 300 bytes.
#[derive(Debug)]
pub struct Histories {
    zone: Zone,
    position: Position,
    cases: HashMap<CaseId, History>,
}

impl Histories {
    /// Returns those of a log of which nothing was replayed.
    pub fn new(zone: Zone) -> Histories {
        Histories { zone, position: 0, cases: HashMap::new() }
    }

    /// Returns how far the log was replayed.
    pub fn position(&self) -> Position {
        self.position
    }

    /// Replays the log on, up to a position, and tells how far that is after every page. Where that fails, it goes on from there
    /// the next time.
    pub async fn read_on(
        &mut self,
        log: &Log,
        to: Position,
        mut tell: impl FnMut(Position),
    ) -> Result<(), MiningError> {
        let mut pages = pin!(log.replay(self.position, to));
        while let Some(page) = pages.next().await {
            for recorded in page? {
                let envelope = &recorded.envelope;
                if let (StreamId::Case(id), Event::Case(event)) = (envelope.stream, &envelope.event) {
                    self.cases.entry(id).or_default().take(event, envelope, self.zone);
                }
                self.position = recorded.position;
            }
            tell(self.position);
        }
        Ok(())
    }

    /// Returns what the histories of some cases show.
    pub fn paths(&self, admits: impl Fn(CaseId) -> bool) -> Paths {
        let mut paths = Paths::default();
        let mut variants: BTreeMap<&[Stage], u64> = BTreeMap::new();
        let mut days: BTreeMap<(UnitId, Stage), Vec<i64>> = BTreeMap::new();
        for (id, history) in self.cases.iter().filter(|(id, _)| admits(**id)) {
            paths.cases += 1;
            *variants.entry(&history.stages).or_default() += 1;
            if history.astray {
                paths.astray.insert(*id);
            }
            for (way_back, times) in &history.loops {
                let (cases, all) = paths.loops.entry(*way_back).or_default();
                *cases += 1;
                *all += times;
            }
            for (waited_for, waited) in &history.waits {
                days.entry(*waited_for).or_default().push(*waited);
            }
        }
        let variant = |(stages, cases): (&[Stage], u64)| Variant { stages: stages.to_vec(), cases };
        paths.variants = variants.into_iter().map(variant).collect();
        paths.variants.sort_by_key(|variant| std::cmp::Reverse(variant.cases));
        paths.waits = days.into_iter().filter_map(|(of, days)| Some((of, Wait::of(days)?))).collect();
        paths
    }

    /// Returns the cases that took a path, or have come so far on it, by their ids, which follow one another in time.
    pub fn on_path(&self, stages: &[Stage]) -> Vec<CaseId> {
        self.those(|history| history.stages == stages)
    }

    /// Returns the cases that went back on a way, by their ids.
    pub fn gone_back(&self, way_back: Loop) -> Vec<CaseId> {
        self.those(|history| history.loops.contains_key(&way_back))
    }

    fn those(&self, are: impl Fn(&History) -> bool) -> Vec<CaseId> {
        let mut found: Vec<CaseId> = self.cases.iter().filter(|(_, history)| are(history)).map(|(id, _)| *id).collect();
        found.sort_unstable();
        found
    }
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
    /// How many days it waited, for whom and at which stage.
    waits: Vec<((UnitId, Stage), i64)>,
    astray: bool,
}

impl History {
    /// Takes the next event.
    fn take(&mut self, event: &CaseEvent, envelope: &Envelope, zone: Zone) {
        if !event.is_spine() {
            return;
        }
        let before = self.stages.last().copied();
        let Some(stage) = Stage::after(before, event) else {
            self.astray = true;
            return;
        };
        let day = envelope.happened.day(zone);
        if let (Some(before), Some(since)) = (before, self.since)
            && let Some(unit) = self.waited_for(before, &envelope.actor)
        {
            self.waits.push(((unit, before), (day - since).num_days().max(0)));
        }
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

impl Wait {
    fn of(mut days: Vec<i64>) -> Option<Wait> {
        days.sort_unstable();
        let median_days = *days.get(days.len().saturating_sub(1) / 2)?;
        Some(Wait { times: days.len() as u64, median_days, longest_days: *days.last()? })
    }
}
