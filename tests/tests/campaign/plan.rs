//! What a campaign is to be, and what it came to.

use std::collections::BTreeMap;
use std::time::Duration;

use rectify_case::Position;
use rectify_tests::bed::Shape;

use crate::faults::Fault;

/// What a campaign is to be.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// What every choice comes from.
    pub seed: u64,
    /// How many steps it has.
    pub steps: usize,
    /// How the program is installed.
    pub shape: Shape,
    /// How many steps come between two checks.
    pub between_checks: usize,
    /// Whether each step is told as it ends.
    pub is_loud: bool,
}

/// What a campaign came to.
#[derive(Debug)]
pub struct Summary {
    /// Whether there were disks that can be full.
    pub has_disks: bool,
    /// Faults by kind.
    pub faults: BTreeMap<Fault, usize>,
    /// Acts.
    pub acts: usize,
    /// Findings accepted, each content of each.
    pub accepted: usize,
    /// Requests under a key that were done, and that were refused.
    pub answered: (usize, usize),
    /// Attempts, and how many of them got no answer.
    pub attempts: (usize, usize),
    /// How many of these were told that there is no room.
    pub without_room: usize,
    /// Events in the log.
    pub events: Position,
    /// How often everything was checked.
    pub checks: usize,
    /// How long it took.
    pub took: Duration,
}

impl Plan {
    /// Returns the name of the shape, as the command line has it.
    pub fn shape(&self) -> &'static str {
        match self.shape {
            Shape::Embedded => "embedded",
            Shape::Servers | Shape::Guarded => "servers",
        }
    }
}

impl Summary {
    /// Returns the line above those of several campaigns.
    pub fn header() -> String {
        "| seed | shape | steps | acts | faults | accepted | done | refused | attempts | no answer | no room | events | checks | \
         time |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
            .to_owned()
    }

    /// Returns a line for a table.
    pub fn line(&self, plan: &Plan) -> String {
        let faults: Vec<String> = self.faults.iter().map(|(fault, count)| format!("{fault:?} {count}")).collect();
        let Plan { seed, steps, .. } = plan;
        let Summary { acts, accepted, answered: (done, refused), attempts: (attempts, unanswered), .. } = self;
        let Summary { without_room, events, checks, took, .. } = self;
        let all = self.faults.values().sum::<usize>();
        format!(
            "| {seed} | {} | {steps} | {acts} | {all}: {} | {accepted} | {done} | {refused} | {attempts} | {unanswered} | \
             {without_room} | {events} | {checks} | {took:.0?} |",
            plan.shape(),
            faults.join(", "),
        )
    }
}
