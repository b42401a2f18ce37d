//! What a case waits for, and whose people can do it (待办).
//!
//! It follows what `decide` takes: an act waits where the office, a lead or a verifier could do it now and the case goes
//! on by it. What depends on the day (a review of a listing, a look at what is kept up) is no such act, and neither is
//! what somebody may do at any time. A group waits for nothing: its parts do.

use std::collections::BTreeSet;

use rectify_case::assignment::Assignment;
use rectify_case::case::PlanStanding;
use rectify_case::directory::UnitKind;
use rectify_case::event::HandedAct;
use rectify_case::{Case, Command, Directory, DivisionCode, Role, Stage, UnitId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::entry::Entry;

/// What a case waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 登记: the office of its division enters it, or the prefecture's where that has none.
    Register,
    /// 交办: the office that registered it names who answers.
    Assign,
    /// 签收: the lead that answers takes it on or returns it.
    Accept,
    /// 报送方案: a lead says what it will do, for the first time or after its plan was sent back. No plan is owed: who has
    /// none may report as well.
    SubmitPlan,
    /// 审核方案: the office agrees to a lead's plan or sends it back.
    ApprovePlan,
    /// 延期审批: the office, or the one that was handed it, grants more time or refuses it.
    DecideExtension,
    /// 报送整改完成报告: a joint lead reports its part, or the lead that answers the whole, once every other has and no
    /// plan is open.
    Report,
    /// 指定核验单位: the office names who verifies, for nobody holds the level that is next.
    DesignateVerifier,
    /// 核验: the unit that holds the level that is next looks.
    Verify,
    /// 审签: a closing leader who governs it approves a grave closure or declines. It is kept with the office of the case.
    ApproveClosure,
    /// 销号: the office, or the one that was handed it, strikes it off, or first clears what stands in the way.
    Close,
    /// 降级复核: a second person of the office agrees that it is less grave.
    LowerSeverity,
    /// 再次反映: the office looks at what a source reported again after the case had ended.
    LookAtRepeated,
}

/// For which units somebody acts who holds a role in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// For that unit.
    Own,
    /// For that unit and those above it.
    Upward,
    /// Wherever they govern.
    Governing,
}

impl Act {
    /// Every act, in the order of a case's life.
    pub const ALL: [Act; 13] = [
        Act::Register,
        Act::Assign,
        Act::Accept,
        Act::SubmitPlan,
        Act::ApprovePlan,
        Act::DecideExtension,
        Act::Report,
        Act::DesignateVerifier,
        Act::Verify,
        Act::ApproveClosure,
        Act::Close,
        Act::LowerSeverity,
        Act::LookAtRepeated,
    ];

    /// Returns the act's name as it is written, such as `submit_plan`.
    pub fn name(self) -> &'static str {
        match self {
            Act::Register => "register",
            Act::Assign => "assign",
            Act::Accept => "accept",
            Act::SubmitPlan => "submit_plan",
            Act::ApprovePlan => "approve_plan",
            Act::DecideExtension => "decide_extension",
            Act::Report => "report",
            Act::DesignateVerifier => "designate_verifier",
            Act::Verify => "verify",
            Act::ApproveClosure => "approve_closure",
            Act::Close => "close",
            Act::LowerSeverity => "lower_severity",
            Act::LookAtRepeated => "look_at_repeated",
        }
    }

    /// Returns the name of the command by which it is done, where it is not declined.
    pub fn command(self) -> &'static str {
        match self {
            Act::Register => "register",
            Act::Assign => "assign",
            Act::Accept => "accept",
            Act::SubmitPlan => "submit_plan",
            Act::ApprovePlan => "approve_plan",
            Act::DecideExtension => "grant_extension",
            Act::Report => "report_completion",
            Act::DesignateVerifier => "designate_verifier",
            Act::Verify => "pass_level",
            Act::ApproveClosure => "approve_closure",
            Act::Close => "close",
            Act::LowerSeverity => "lower_severity",
            Act::LookAtRepeated => "reopen",
        }
    }

    /// Returns the roles in which it is done.
    pub fn roles(self) -> &'static [Role] {
        Command::roles_of(self.command())
    }

    /// Returns for which units somebody in such a role does it.
    pub(crate) fn standing(self) -> Standing {
        match self {
            Act::Accept | Act::SubmitPlan | Act::Report | Act::Verify => Standing::Upward,
            Act::ApproveClosure => Standing::Governing,
            Act::Register
            | Act::Assign
            | Act::ApprovePlan
            | Act::DecideExtension
            | Act::DesignateVerifier
            | Act::Close
            | Act::LowerSeverity
            | Act::LookAtRepeated => Standing::Own,
        }
    }
}

/// Returns what a case waits for, and of which units.
pub(crate) fn waits(entry: &Entry, directory: &Directory) -> BTreeSet<(Act, UnitId)> {
    let case = &entry.case;
    let Some(stage) = case.stage else { return BTreeSet::new() };
    let handed = |act| case.handed_up.get(&act).copied().or(case.office);
    let mut waits: Vec<(Act, Option<UnitId>)> = match stage {
        Stage::Discovered => vec![(Act::Register, registering(case.division.as_ref(), directory))],
        Stage::Registered => vec![(Act::Assign, case.office)],
        Stage::Assigned => vec![(Act::Accept, case.assignment.as_ref().and_then(Assignment::answering))],
        Stage::Rectifying => repair(case),
        Stage::Reported => verification(case),
        Stage::Verified if case.owes_approval() && case.approval.is_none() => {
            vec![(Act::ApproveClosure, case.office)]
        }
        Stage::Verified => vec![(Act::Close, handed(HandedAct::Closure))],
        Stage::Closed | Stage::Dismissed | Stage::Merged | Stage::Transferred if entry.repeated => {
            vec![(Act::LookAtRepeated, case.office)]
        }
        Stage::Closed | Stage::Dismissed | Stage::Merged | Stage::Transferred | Stage::Grouped => Vec::new(),
    };
    if case.extension.is_some() && Command::stages_of(Act::DecideExtension.command()).contains(&stage) {
        waits.push((Act::DecideExtension, handed(HandedAct::Extension)));
    }
    if case.lowering.is_some() && Command::stages_of(Act::LowerSeverity.command()).contains(&stage) {
        waits.push((Act::LowerSeverity, case.office));
    }
    waits.into_iter().filter_map(|(act, unit)| Some((act, unit?))).collect()
}

/// Returns the office that a finding of a division waits for: the nearest of those that govern it, or the prefecture's.
pub(crate) fn registering(division: Option<&DivisionCode>, directory: &Directory) -> Option<UnitId> {
    let governing = |(_, own): &(UnitId, DivisionCode)| division.is_some_and(|division| division.lies_in(own));
    let nearest = offices(directory).into_iter().filter(governing);
    // Of two as near the first one.
    let nearest = nearest.rev().max_by_key(|(_, own)| own.significant().len());
    nearest.map(|(office, _)| office).or_else(|| directory.prefecture_office())
}

/// Returns the offices that are at work, each with its division: all that [`registering`] asks a directory.
pub(crate) fn offices(directory: &Directory) -> Vec<(UnitId, DivisionCode)> {
    let offices = directory.units().filter(|unit| unit.kind == UnitKind::Office && directory.is_active(unit.id));
    offices.map(|office| (office.id, office.division.clone())).collect()
}

/// What the leads do next, and the office with their plans. Plans of those who lead it no more wait for nobody.
fn repair(case: &Case) -> Vec<(Act, Option<UnitId>)> {
    let Some(assignment) = &case.assignment else { return Vec::new() };
    let mut waits = Vec::new();
    let others = || assignment.leads.iter().skip(1);
    for lead in &assignment.leads {
        match case.plans.get(lead).map(|plan| plan.standing) {
            // Whoever has reported their part without a plan owes none.
            None if case.joint_reports.contains(lead) => {}
            None | Some(PlanStanding::Returned) => waits.push((Act::SubmitPlan, Some(*lead))),
            Some(PlanStanding::Submitted) => waits.push((Act::ApprovePlan, case.office)),
            Some(PlanStanding::Approved) => {}
        }
    }
    waits.extend(others().filter(|lead| !case.joint_reports.contains(lead)).map(|lead| (Act::Report, Some(*lead))));
    let plans = assignment.leads.iter().filter_map(|lead| case.plans.get(lead));
    let agreed = plans.into_iter().all(|plan| plan.standing == PlanStanding::Approved);
    if agreed && others().all(|lead| case.joint_reports.contains(lead)) {
        waits.push((Act::Report, assignment.answering()));
    }
    waits
}

fn verification(case: &Case) -> Vec<(Act, Option<UnitId>)> {
    let levels = case.assignment.as_ref().map(|assignment| assignment.levels.as_slice()).unwrap_or_default();
    let next = case.next_level().and_then(|level| levels.get(usize::try_from(level).ok()?));
    match next {
        Some(level) if level.holder.is_none() => vec![(Act::DesignateVerifier, case.office)],
        Some(level) => vec![(Act::Verify, level.holder)],
        None => Vec::new(),
    }
}
