//! What a lead will do (整改方案).

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::UnitId;

/// A plan: measures, each with its milestone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// What will be done, in order.
    pub measures: Vec<Measure>,
}

/// One measure (措施).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Measure {
    /// What will be done.
    pub text: String,
    /// Who does it.
    pub unit: UnitId,
    /// By when (完成时限).
    pub by: NaiveDate,
}
