//! What can happen to a case. Names are past tense and never change once written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::{Assignment, Level};
use crate::carried_over::Declared;
use crate::completion::{Outcome, Verdict};
use crate::deadline::Deadline;
use crate::envelope::Version;
use crate::evidence::{Evidence, Side};
use crate::finding::{Finding, Severity, Subject};
use crate::identity::{CaseId, Digest, FindingId, PersonId, UnitId};
use crate::number::CaseNumber;
use crate::plan::Plan;
use crate::quantity::Amounts;
use crate::time::Happened;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $text:literal { $($(#[$fdoc:meta])* $field:ident: $kind:ty,)* })*) => {
        /// What can happen to a case.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "type", content = "data")]
        pub enum CaseEvent {$(
            $(#[$doc])*
            #[serde(rename = $text)]
            $name { $($(#[$fdoc])* $field: $kind,)* },
        )*}

        impl CaseEvent {
            /// The names of all events, in the order of a case's life.
            pub const NAMES: &[&str] = &[$($text),*];

            /// Returns the event's name as it is written.
            pub fn name(&self) -> &'static str {
                match self {
                    $(CaseEvent::$name { .. } => $text,)*
                }
            }
        }
    };
}

events! {
    // The spine: each of these is an arrow of `Stage::after`.

    /// 发现: a source reported a finding, and the case began.
    FindingReported = "finding_reported" {
        /// What was reported.
        finding: Box<Finding>,
    }
    /// A part of a split case, or the rest split off at a closure, began.
    PartOpened = "part_opened" {
        /// The case it was split from.
        parent: CaseId,
        /// The findings it carries on.
        findings: Vec<Finding>,
        /// Its share of what was counted.
        found: Amounts,
        /// What this part is about.
        title: String,
    }
    /// 承前: the office carried it over from an older ledger, and the case began as that ledger declares it.
    CarriedOver = "carried_over" {
        /// Its number here.
        number: CaseNumber,
        /// The office that declares it.
        office: UnitId,
        /// How grave it is.
        severity: Severity,
        /// What the old ledger says.
        declared: Box<Declared>,
        /// Who answers for it, until when, verified by whom from here on; none where nobody does.
        assignment: Option<Assignment>,
    }
    /// 登记: the office entered it in the ledger and the log gave it a number.
    Registered = "registered" {
        /// Its number.
        number: CaseNumber,
        /// The office that registered it.
        office: UnitId,
        /// How grave it is.
        severity: Severity,
        /// The title the office gives it.
        title: String,
        /// What was counted, as the office accepts it.
        found: Amounts,
    }
    /// 交办: the office named who answers for it.
    Assigned = "assigned" {
        /// To whom, until when, verified by whom.
        assignment: Assignment,
    }
    /// 改派: the office named somebody else.
    Reassigned = "reassigned" {
        /// To whom, until when, verified by whom.
        assignment: Assignment,
        /// Why.
        reason: String,
    }
    /// 签收: the lead took it on.
    Accepted = "accepted" {
        /// The lead.
        unit: UnitId,
    }
    /// 退回: the lead did not take it on.
    Returned = "returned" {
        /// The lead.
        unit: UnitId,
        /// Why.
        reason: String,
    }
    /// 交回: the lead gave it back after taking it on.
    HandedBack = "handed_back" {
        /// The lead.
        unit: UnitId,
        /// Why.
        reason: String,
    }
    /// The office took it back, because a responsible unit was named as subject.
    TakenBack = "taken_back" {
        /// The units that had answered for it.
        units: Vec<UnitId>,
        /// The events they could have read, by version.
        had_read: Vec<Version>,
    }
    /// 销号申请: the lead says it is fixed.
    CompletionReported = "completion_reported" {
        /// The lead.
        unit: UnitId,
        /// What came of it.
        outcome: Outcome,
        /// What was done, in words.
        account: String,
        /// What the lead reports as fixed.
        fixed: Amounts,
    }
    /// Every level passed.
    Verified = "verified" {
        /// How many levels were owed and passed.
        levels: u32,
    }
    /// 核验不通过: a level found it not fixed.
    VerificationFailed = "verification_failed" {
        /// Which level, from 0.
        level: u32,
        /// The verifying unit.
        unit: UnitId,
        /// Why.
        reason: String,
    }
    /// A verified case went back to the lead.
    SetAside = "set_aside" {
        /// On what ground.
        ground: Ground,
        /// Why.
        reason: String,
    }
    /// 销号: the office struck it off.
    Closed = "closed" {
        /// What came of it.
        outcome: Outcome,
        /// The cases that what was not fixed was split off to.
        rest: Vec<CaseId>,
    }
    /// 恢复整改: a closed case lives again.
    Reopened = "reopened" {
        /// Why.
        reason: String,
        /// The new deadline; the missed one stays missed.
        deadline: Deadline,
    }
    /// 不予立案: the office dropped it.
    Dismissed = "dismissed" {
        /// Why.
        reason: String,
    }
    /// 并案: it went on in another case.
    MergedInto = "merged_into" {
        /// That case.
        target: CaseId,
        /// Why.
        reason: String,
    }
    /// 移送: the whole case went to a receiver outside the ledger.
    Transferred = "transferred" {
        /// To whom.
        receiver: String,
        /// The receiver's receipt.
        receipt: String,
        /// Why.
        reason: String,
    }
    /// 恢复: a dismissed or transferred case came back.
    Revived = "revived" {
        /// Why.
        reason: String,
    }
    /// 撤销并案: a merged case came back.
    Unmerged = "unmerged" {
        /// The case it had gone on in.
        target: CaseId,
        /// Why.
        reason: String,
    }
    /// 拆分: it became a group, done when all its parts are.
    Split = "split" {
        /// Its parts.
        parts: Vec<CaseId>,
        /// Why.
        reason: String,
    }

    // Beside the spine: none of these moves a case.

    /// 同源佐证: another finding says the same.
    FindingCorroborated = "finding_corroborated" {
        /// What was reported.
        finding: Box<Finding>,
        /// The case it had opened, if any.
        from: Option<CaseId>,
    }
    /// The source reported the same finding with other content.
    FindingAmended = "finding_amended" {
        /// What is reported now.
        finding: Box<Finding>,
    }
    /// The source reported again, with other content, what was dismissed, merged, transferred or closed.
    FindingRepeated = "finding_repeated" {
        /// What is reported now.
        finding: Box<Finding>,
    }
    /// Another case seems to be about the same; for the office to decide.
    LikelyDuplicateFlagged = "likely_duplicate_flagged" {
        /// That case.
        other: CaseId,
        /// What the two have in common.
        ground: Likeness,
    }
    /// It was made graver.
    SeverityRaised = "severity_raised" {
        /// From.
        from: Severity,
        /// To.
        to: Severity,
        /// Why.
        reason: String,
        /// The levels owed from now on.
        levels: Vec<Level>,
    }
    /// Somebody asked for it to be held less grave.
    SeverityLoweringProposed = "severity_lowering_proposed" {
        /// To.
        to: Severity,
        /// Why.
        reason: String,
    }
    /// A second person agreed. The levels owed stay.
    SeverityLowered = "severity_lowered" {
        /// From.
        from: Severity,
        /// To.
        to: Severity,
        /// Who had asked.
        proposed_by: PersonId,
    }
    /// 催办: the office pressed for it.
    Pressed = "pressed" {
        /// What was said.
        message: String,
    }
    /// 整改方案: a lead said what it will do.
    PlanSubmitted = "plan_submitted" {
        /// The lead.
        unit: UnitId,
        /// What it will do.
        plan: Plan,
    }
    /// The office agreed to a plan.
    PlanApproved = "plan_approved" {
        /// Whose.
        unit: UnitId,
    }
    /// The office sent a plan back.
    PlanReturned = "plan_returned" {
        /// Whose.
        unit: UnitId,
        /// Why.
        reason: String,
    }
    /// 报送进展: a responsible unit said how far it is.
    ProgressReported = "progress_reported" {
        /// Who.
        unit: UnitId,
        /// How far, in words.
        text: String,
        /// What is fixed so far, as reported.
        fixed: Amounts,
        /// The measures done, by their place in the plan, from 0.
        done: Vec<u32>,
    }
    /// A joint lead other than the first said that its part is fixed.
    JointLeadReported = "joint_lead_reported" {
        /// The lead.
        unit: UnitId,
        /// What was done, in words.
        account: String,
    }
    /// 申请延期.
    ExtensionRequested = "extension_requested" {
        /// Who asks.
        unit: UnitId,
        /// Until when.
        until: chrono::NaiveDate,
        /// Why.
        reason: String,
    }
    /// 同意延期.
    ExtensionGranted = "extension_granted" {
        /// The new deadline.
        deadline: Deadline,
        /// Who had asked.
        asked_by: Vec<PersonId>,
    }
    /// 不同意延期.
    ExtensionRefused = "extension_refused" {
        /// Why.
        reason: String,
    }
    /// The office changed the deadline: a suspension, or another rule.
    DeadlineChanged = "deadline_changed" {
        /// The deadline now.
        deadline: Deadline,
        /// Why.
        reason: String,
    }
    /// 佐证材料: a file was put on file.
    EvidenceFiled = "evidence_filed" {
        /// The file.
        evidence: Evidence,
        /// Who put it there.
        side: Side,
        /// In which unit.
        unit: UnitId,
    }
    /// A file was withdrawn; its digest stays.
    EvidenceWithdrawn = "evidence_withdrawn" {
        /// Which.
        digest: Digest,
        /// Why.
        reason: String,
    }
    /// A level was passed.
    LevelPassed = "level_passed" {
        /// Which level, from 0.
        level: u32,
        /// The verifying unit.
        unit: UnitId,
        /// The evidence it relies on.
        relied_on: Vec<Digest>,
        /// What the verifier found to be fixed.
        verified: Amounts,
        /// What the verifier found of the problem.
        verdict: Option<Verdict>,
        /// 核验意见.
        opinion: String,
    }
    /// A level was given to another verifier.
    VerifierDesignated = "verifier_designated" {
        /// Which level, from 0.
        level: u32,
        /// The unit that holds it now.
        unit: UnitId,
        /// Why.
        reason: String,
    }
    /// Somebody with a direct interest keeps out of it (回避).
    Recused = "recused" {
        /// Who.
        person: PersonId,
        /// Why.
        reason: String,
    }
    /// Whom it complains about was named.
    SubjectsNamed = "subjects_named" {
        /// The subjects that were added.
        subjects: Vec<Subject>,
        /// Why.
        reason: String,
    }
    /// 审签同意: a closing leader approved a grave closure.
    ClosureApproved = "closure_approved" {
        /// What the leader said.
        opinion: String,
    }
    /// An office without a second eligible person handed an act to the one above.
    HandedUp = "handed_up" {
        /// Which act.
        act: HandedAct,
        /// The office that handed it up.
        from: UnitId,
        /// The office above.
        to: UnitId,
    }
    /// 挂牌督办: it was listed with target and leader.
    Listed = "listed" {
        /// What must be reached.
        target: String,
        /// Who answers for it.
        leader: PersonId,
    }
    /// 月度调度: the listing was reviewed.
    ListingReviewed = "listing_reviewed" {
        /// What was found.
        note: String,
    }
    /// 摘牌.
    Delisted = "delisted" {
        /// Why.
        reason: String,
    }
    /// 回头看: a closed case was looked at again.
    LookedBack = "looked_back" {
        /// Whether the repair held.
        held: bool,
        /// What was found.
        note: String,
    }
    /// What was counted was found to be otherwise.
    QuantitiesRestated = "quantities_restated" {
        /// What was found.
        found: Amounts,
        /// Why.
        reason: String,
    }
    /// What is left was split off to a case of its own.
    RestSplitOff = "rest_split_off" {
        /// That case.
        to: CaseId,
        /// What went there.
        amounts: Amounts,
        /// Why.
        reason: String,
    }
    /// Another case was merged into this one.
    MergeReceived = "merge_received" {
        /// That case.
        from: CaseId,
        /// Its findings.
        findings: Vec<Finding>,
        /// Its subjects.
        subjects: Vec<Subject>,
        /// The evidence it had on file, now linked here.
        evidence: Vec<Evidence>,
        /// How grave this case is now: the graver of the two.
        severity: Severity,
        /// The deadline now: the earlier of the two.
        deadline: Option<Deadline>,
        /// Who answers for it now, with the other's lead as co-responsible.
        assignment: Option<Assignment>,
        /// What was counted, restated.
        found: Amounts,
    }
    /// A merged case was given back.
    MergeUndone = "merge_undone" {
        /// That case.
        from: CaseId,
        /// The findings that went back with it.
        findings: Vec<FindingId>,
        /// What was counted, restated.
        found: Amounts,
    }
    /// It was linked to another case.
    Linked = "linked" {
        /// That case.
        other: CaseId,
        /// How.
        relation: Relation,
    }
    /// A link was taken away.
    Unlinked = "unlinked" {
        /// That case.
        other: CaseId,
        /// How it had been linked.
        relation: Relation,
    }
    /// 移送线索: a clue was passed on; the case stays.
    CluePassedOn = "clue_passed_on" {
        /// To whom.
        receiver: String,
        /// The receiver's receipt.
        receipt: String,
        /// What it is about.
        note: String,
    }
    /// A note was added.
    NoteAdded = "note_added" {
        /// The note.
        text: String,
    }
    /// 更正: a field of an earlier event was corrected.
    Corrected = "corrected" {
        /// The corrected event's place in the stream.
        version: Version,
        /// Which field.
        field: Field,
        /// What stood there.
        old: String,
        /// What stands there now.
        new: String,
        /// Why.
        reason: String,
        /// The verifying units that are told, after a completion report.
        told: Vec<UnitId>,
    }
}

/// Why a verified case goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ground {
    /// 异议成立: an objection was upheld.
    ObjectionUpheld,
    /// 审签未通过: the closing leader declined.
    ApprovalDeclined,
    /// 新情况: a new fact came up.
    NewFact,
}

/// What two cases that may be one have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// The same document and item from another body.
    SameReference,
    /// The same place and nearly the same words.
    SamePlaceAndText,
}

/// An act that an office may hand to the one above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HandedAct {
    /// Verifying the level that is next.
    Verification,
    /// Deciding on an extension.
    Extension,
    /// Closing.
    Closure,
}

/// How one case is linked to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// 再发: this case repeats the other.
    RecurrenceOf,
    /// 相似: the two are alike.
    SimilarTo,
    /// 关联: the two belong together.
    RelatedTo,
}

/// A field that can be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The title of the case (of `finding_reported`, `part_opened` or `registered`).
    Title,
    /// The text of a finding.
    Text,
    /// The place of a finding.
    Place,
    /// The category of a finding.
    Category,
    /// When a finding was found: a day or an instant.
    Discovered,
    /// The text of a progress report.
    Progress,
    /// The account of a completion report.
    Account,
}

impl CaseEvent {
    /// Returns the moment the event itself is about, when it is not that of its envelope: a finding's discovery.
    pub fn discovered(&self) -> Option<Happened> {
        match self {
            CaseEvent::FindingReported { finding } => Some(finding.discovered),
            _ => None,
        }
    }
}
