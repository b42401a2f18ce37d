//! What an older ledger says of a case that is carried over (承前): declared by the office, not proved.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::completion::Outcome;
use crate::finding::Finding;
use crate::identity::Digest;
use crate::stage::Stage;
use crate::time::Happened;

/// A row of an older ledger (原台账), as the office declares it. What is free text there stays free text here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declared {
    /// The problem, as a source would report it.
    pub finding: Finding,
    /// Where the old ledger leaves it.
    pub standing: Standing,
    /// Its number there (原编号).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old_number: Option<String>,
    /// When it was registered there: the number here is of that year; of the year of discovery where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registered: Option<Happened>,
    /// Who answers for the repair (责任领导).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leader: Option<String>,
    /// What kind of repair it is (整改类型), such as 立行立改.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// What was to be done (整改措施).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measures: Option<String>,
    /// How far it was (进展情况).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<String>,
    /// When the lead said it was fixed (完成时间).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed: Option<Happened>,
    /// What was to show it (佐证材料). None of it is evidence here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// What whoever looked said (核验意见). No level passed by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opinion: Option<String>,
    /// 备注.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remarks: Option<String>,
    /// The row as it stands there, cell by cell.
    pub row: Vec<Cell>,
    /// Where it stands.
    pub origin: Origin,
}

/// Where an older ledger leaves a case. What waits for verification is under way: nothing that was verified there is proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Standing {
    /// 未启动: no lead took it on.
    NotStarted,
    /// 整改中: the lead took it on, whatever it has said since.
    UnderWay,
    /// 已销号: it was struck off there.
    Closed {
        /// What came of it.
        outcome: Outcome,
        /// When it was struck off, where that is known (销号时间).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<Happened>,
    },
    /// 不予立案: it was dropped there.
    Dismissed {
        /// Why.
        reason: String,
        /// When, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<Happened>,
    },
    /// 已并案: it goes on in another row.
    Merged {
        /// That row's number there.
        into: String,
        /// When, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<Happened>,
    },
    /// 已移送: a receiver outside took it.
    Transferred {
        /// Who.
        receiver: String,
        /// The receipt, where there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        receipt: Option<String>,
        /// When, where that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<Happened>,
    },
}

/// A cell of a row of an older ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// The header above it.
    pub header: String,
    /// What stands in it.
    pub text: String,
}

/// Where a row of an older ledger stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The file's name.
    pub file: String,
    /// The file's SHA-256.
    pub digest: Digest,
    /// The sheet; empty where the file has none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    /// The row, as a spreadsheet counts.
    pub row: u64,
}

impl Standing {
    /// Returns the stage a case begins at, by whether somebody answers for it.
    pub fn stage(&self, assigned: bool) -> Stage {
        match self {
            Standing::NotStarted if assigned => Stage::Assigned,
            Standing::NotStarted => Stage::Registered,
            Standing::UnderWay => Stage::Rectifying,
            Standing::Closed { .. } => Stage::Closed,
            Standing::Dismissed { .. } => Stage::Dismissed,
            Standing::Merged { .. } => Stage::Merged,
            Standing::Transferred { .. } => Stage::Transferred,
        }
    }

    /// Returns whether it came to an end there: struck off, or gone elsewhere.
    pub fn is_ended(&self) -> bool {
        !matches!(self, Standing::NotStarted | Standing::UnderWay)
    }

    /// Returns when it came to an end there, where it did and that is known.
    pub fn ended(&self) -> Option<Happened> {
        match self {
            Standing::NotStarted | Standing::UnderWay => None,
            Standing::Closed { on, .. }
            | Standing::Dismissed { on, .. }
            | Standing::Merged { on, .. }
            | Standing::Transferred { on, .. } => *on,
        }
    }

    /// Returns what is said of why it left, or where it went; nothing for what did not.
    pub fn whereabouts(&self) -> Option<&str> {
        match self {
            Standing::NotStarted | Standing::UnderWay | Standing::Closed { .. } => None,
            Standing::Dismissed { reason: said, .. }
            | Standing::Merged { into: said, .. }
            | Standing::Transferred { receiver: said, .. } => Some(said),
        }
    }
}

impl Declared {
    /// Returns whether the old ledger struck it off.
    pub fn is_closed(&self) -> bool {
        matches!(self.standing, Standing::Closed { .. })
    }

    /// Returns the days after discovery that are declared: when it was fixed, and when it came to its end.
    pub fn days(&self) -> impl Iterator<Item = Happened> {
        self.completed.into_iter().chain(self.standing.ended())
    }

    /// Returns what is said in free text, cell by cell and value by value.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        let said = [
            &self.old_number,
            &self.leader,
            &self.kind,
            &self.measures,
            &self.progress,
            &self.evidence,
            &self.opinion,
            &self.remarks,
        ];
        let said = said.into_iter().flatten().chain(self.row.iter().map(|cell| &cell.text)).map(String::as_str);
        said.chain(self.standing.whereabouts())
    }
}
