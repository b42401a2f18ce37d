//! The lifecycle of a case: where it stands, and every arrow from there.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::CaseEvent;

/// Where a case stands (环节). The stage is only the spine; facets live beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 待登记: a source reported it. The office moves it on. Work plan, item (十).
    Discovered,
    /// 待交办: it has a number. The office moves it on.
    Registered,
    /// 待签收: a lead is named. The lead moves it on.
    Assigned,
    /// 整改中: the lead took it on. The lead moves it on.
    Rectifying,
    /// 待核验: the lead says it is fixed. The verifiers move it on, level by level.
    Reported,
    /// 待销号: every level passed. The office moves it on, with a closing leader's approval if it is grave.
    Verified,
    /// 已销号: struck off the list. It ends here, unless it is reopened.
    Closed,
    /// 不予立案: dropped with a reason. It ends here, unless it is revived.
    Dismissed,
    /// 已并案: it goes on in another case. It ends here, unless it is unmerged, or revived where an older ledger says so.
    Merged,
    /// 已移送: a receiver outside took it. It ends here, unless it is revived.
    Transferred,
    /// 已拆分: a group without a stage of its own, done when all its parts are.
    Grouped,
}

impl Stage {
    /// Returns the stage after an event: the whole lifecycle, a line an arrow. Nothing where there is no such arrow.
    #[expect(clippy::match_same_arms, reason = "one line an arrow reads better than one line a stage")]
    pub fn after(stage: Option<Stage>, event: &CaseEvent) -> Option<Stage> {
        use CaseEvent as E;
        use Stage::{
            Assigned, Closed, Discovered, Dismissed, Grouped, Merged, Rectifying, Registered, Reported, Transferred,
            Verified,
        };
        Some(match (stage, event) {
            (None, E::FindingReported { .. } | E::PartOpened { .. }) => Discovered,
            (None, E::CarriedOver { declared, assignment, .. }) => declared.standing.stage(assignment.is_some()),
            (Some(Discovered), E::Registered { .. }) => Registered,
            (Some(Registered), E::Assigned { .. }) => Assigned,
            (Some(Assigned | Rectifying), E::Reassigned { .. }) => Assigned,
            (Some(Assigned), E::Accepted { .. }) => Rectifying,
            (Some(Assigned), E::Returned { .. }) => Registered,
            (Some(Rectifying), E::HandedBack { .. }) => Registered,
            (Some(Assigned | Rectifying | Reported | Verified), E::TakenBack { .. }) => Registered,
            (Some(Rectifying), E::CompletionReported { .. }) => Reported,
            (Some(Reported), E::VerificationFailed { .. }) => Rectifying,
            (Some(Reported), E::Verified { .. }) => Verified,
            (Some(Verified), E::SetAside { .. }) => Rectifying,
            (Some(Verified), E::Closed { .. }) => Closed,
            (Some(Closed), E::Reopened { .. }) => Rectifying,
            (Some(Registered | Assigned | Rectifying), E::Dismissed { .. }) => Dismissed,
            (Some(Registered | Assigned | Rectifying), E::MergedInto { .. }) => Merged,
            (Some(Registered | Assigned | Rectifying), E::Transferred { .. }) => Transferred,
            (Some(Dismissed | Merged | Transferred), E::Revived { .. }) => Registered,
            (Some(Merged), E::Unmerged { .. }) => Registered,
            (Some(Registered | Assigned | Rectifying), E::Split { .. }) => Grouped,
            _ => return None,
        })
    }

    /// Every stage, in the order of a case's life.
    pub const ALL: [Stage; 11] = [
        Stage::Discovered,
        Stage::Registered,
        Stage::Assigned,
        Stage::Rectifying,
        Stage::Reported,
        Stage::Verified,
        Stage::Closed,
        Stage::Dismissed,
        Stage::Merged,
        Stage::Transferred,
        Stage::Grouped,
    ];

    /// Returns the stage's name as it is written, such as `rectifying`.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Discovered => "discovered",
            Stage::Registered => "registered",
            Stage::Assigned => "assigned",
            Stage::Rectifying => "rectifying",
            Stage::Reported => "reported",
            Stage::Verified => "verified",
            Stage::Closed => "closed",
            Stage::Dismissed => "dismissed",
            Stage::Merged => "merged",
            Stage::Transferred => "transferred",
            Stage::Grouped => "grouped",
        }
    }

    /// Returns the stage as the office writes it.
    pub fn chinese(self) -> &'static str {
        match self {
            Stage::Discovered => "待登记",
            Stage::Registered => "待交办",
            Stage::Assigned => "待签收",
            Stage::Rectifying => "整改中",
            Stage::Reported => "待核验",
            Stage::Verified => "待销号",
            Stage::Closed => "已销号",
            Stage::Dismissed => "不予立案",
            Stage::Merged => "已并案",
            Stage::Transferred => "已移送",
            Stage::Grouped => "已拆分",
        }
    }

    /// Returns whether a case ends here, unless it is brought back.
    pub fn is_final(self) -> bool {
        matches!(self, Stage::Closed | Stage::Dismissed | Stage::Merged | Stage::Transferred)
    }
}

impl CaseEvent {
    /// Returns whether the event is an arrow of the lifecycle, not a facet beside it.
    pub fn is_spine(&self) -> bool {
        std::iter::once(None).chain(Stage::ALL.map(Some)).any(|stage| Stage::after(stage, self).is_some())
    }
}
