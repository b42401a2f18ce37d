//! What comes of a case.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// 整改结果. Counts never add the others to `rectified`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// 已整改.
    Rectified,
    /// 完成并长期坚持.
    DoneAndKeptUp {
        /// When it is looked at again.
        review: NaiveDate,
    },
    /// 不属实.
    Unfounded,
    /// 异议成立: the unit disagreed, and was right.
    DisagreementUpheld,
    /// 已无整改条件.
    Overtaken,
    /// 撤回: the source took it back.
    Withdrawn,
}

/// 核查结论.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 属实.
    Founded,
    /// 基本属实.
    LargelyFounded,
    /// 部分属实.
    PartlyFounded,
    /// 不属实.
    Unfounded,
}

impl Outcome {
    /// Returns whether it says that what was found is fixed: then nothing may be outstanding at the end (rule 7).
    pub fn is_fixed(self) -> bool {
        matches!(self, Outcome::Rectified | Outcome::DoneAndKeptUp { .. })
    }

    /// Returns the outcome's name as it is written.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Rectified => "rectified",
            Outcome::DoneAndKeptUp { .. } => "done_and_kept_up",
            Outcome::Unfounded => "unfounded",
            Outcome::DisagreementUpheld => "disagreement_upheld",
            Outcome::Overtaken => "overtaken",
            Outcome::Withdrawn => "withdrawn",
        }
    }
}
