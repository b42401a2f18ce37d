//! Who answers for a case, until when, and who will look (交办).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::deadline::Deadline;
use crate::identity::{PersonId, UnitId};

/// Who answers for a case. Fixed at assignment; changed by another assignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assignment {
    /// The leads (牵头): one, or several joint ones (共同牵头) of which the first answers.
    pub leads: Vec<UnitId>,
    /// Who helps (责任/配合单位).
    pub co_responsible: Vec<UnitId>,
    /// Who answers for the repair (责任领导).
    pub responsible_leader: Option<PersonId>,
    /// What must be reached (整改目标).
    pub goal: String,
    /// Until when.
    pub deadline: Deadline,
    /// The chain of verification, in order.
    pub levels: Vec<Level>,
}

/// One level of verification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Level {
    /// How it is done.
    pub method: Method,
    /// The unit that holds it; none while no eligible unit has been designated.
    pub holder: Option<UnitId>,
    /// Whether the holder was designated in place of the one the chain names.
    pub designated: bool,
}

/// How a level is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// From the evidence on file (书面核验).
    OnFile,
    /// On site (现场核验).
    OnSite,
}

impl Assignment {
    /// Returns the lead that answers: the first named.
    pub fn answering(&self) -> Option<UnitId> {
        self.leads.first().copied()
    }

    /// Returns every responsible unit: the leads and those who help.
    pub fn responsible(&self) -> impl Iterator<Item = UnitId> + '_ {
        self.leads.iter().chain(&self.co_responsible).copied()
    }
}
