//! What can be asked of a case. Names are imperative.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize};

use crate::carried_over::Declared;
use crate::case::Case;
use crate::completion::{Outcome, Verdict};
use crate::deadline::{Rule, Suspension};
use crate::directory::Role;
use crate::envelope::{Tagged, Version};
use crate::event::{Field, Ground, HandedAct, Likeness, Relation};
use crate::evidence::Evidence;
use crate::finding::{Finding, Severity, Subject};
use crate::identity::{CaseId, Digest, FindingId, PersonId, UnitId};
use crate::plan::Plan;
use crate::quantity::Amounts;
use crate::stage::Stage;
use crate::time::Days;

macro_rules! commands {
    ($(
        $(#[$doc:meta])*
        $name:ident = $text:literal by [$($role:ident)*] in [$($stage:ident)*] {
            $($(#[$fdoc:meta])* $field:ident: $kind:ty,)*
        }
    )*) => {
        /// What can be asked of a case. Beside each stands who may ask, and in which stages.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[serde(tag = "type", content = "data", deny_unknown_fields)]
        pub enum Command {$(
            $(#[$doc])*
            #[serde(rename = $text)]
            $name { $($(#[$fdoc])* $field: $kind,)* },
        )*}

        impl Command {
            /// The names of all commands, in the order of a case's life.
            pub const NAMES: &[&str] = &[$($text),*];

            /// Returns the command's name as it is written.
            pub fn name(&self) -> &'static str {
                match self {
                    $(Command::$name { .. } => $text,)*
                }
            }

            /// Returns the roles that may ask it, by its name; none for an unknown name.
            pub fn roles_of(name: &str) -> &'static [Role] {
                match name {
                    $($text => &[$(Role::$role),*],)*
                    _ => &[],
                }
            }

            /// Returns the stages in which it can be asked, by its name; empty for what begins a case, and for an unknown name.
            pub fn stages_of(name: &str) -> &'static [Stage] {
                match name {
                    $($text => &[$(Stage::$stage),*],)*
                    _ => &[],
                }
            }
        }
    };
}

commands! {
    /// Hands in a finding: the case begins.
    Report = "report" by [SourceSystem Officer] in [] {
        /// What was found.
        finding: Box<Finding>,
    }
    /// Carries a case over from an older ledger: it begins as that ledger declares it.
    CarryOver = "carry_over" by [Officer] in [] {
        /// What the old ledger says.
        declared: Box<Declared>,
        /// Who leads it; one, or several joint ones of which the first answers.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        leads: Vec<UnitId>,
        /// Who helps.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        co_responsible: Vec<UnitId>,
        /// Who answers for the repair.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        responsible_leader: Option<PersonId>,
        /// What must be reached, where the old ledger says it.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        goal: String,
        /// Until when. What was struck off may have none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<NaiveDate>,
    }
    /// Hands in a finding again with other content.
    Amend = "amend" by [SourceSystem Officer]
        in [Discovered Registered Assigned Rectifying Reported Verified Closed Dismissed Merged Transferred Grouped] {
        /// What is reported now.
        finding: Box<Finding>,
    }
    /// Takes a finding of another case as saying the same.
    Corroborate = "corroborate" by [Officer] in [Discovered Registered Assigned Rectifying Reported] {
        /// The case it is in.
        from: CaseId,
        /// Which finding.
        finding: FindingId,
    }
    /// Flags a case that seems to be about the same.
    FlagLikelyDuplicate = "flag_likely_duplicate" by [SourceSystem Officer] in [Discovered Registered Assigned Rectifying] {
        /// That case.
        other: CaseId,
        /// What the two have in common.
        ground: Likeness,
    }
    /// Enters a case in the ledger and has it numbered.
    Register = "register" by [Officer] in [Discovered] {
        /// How grave it is; the source's default where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        severity: Option<Severity>,
        /// The title; the finding's where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        /// What was counted; what the source counted where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        found: Option<Amounts>,
    }
    /// Names who answers for a case.
    Assign = "assign" by [Officer] in [Registered] {
        /// One lead, or several joint ones of which the first answers.
        leads: Vec<UnitId>,
        /// Who helps.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        co_responsible: Vec<UnitId>,
        /// Who answers for the repair.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        responsible_leader: Option<PersonId>,
        /// What must be reached.
        goal: String,
        /// Until when. A case that already has a deadline keeps it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        term: Option<Term>,
    }
    /// Names somebody else. The deadline stays.
    Reassign = "reassign" by [Officer] in [Assigned Rectifying] {
        /// One lead, or several joint ones of which the first answers.
        leads: Vec<UnitId>,
        /// Who helps.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        co_responsible: Vec<UnitId>,
        /// Who answers for the repair.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        responsible_leader: Option<PersonId>,
        /// What must be reached.
        goal: String,
        /// Why.
        reason: String,
    }
    /// Splits a case into parts; it becomes a group, done when all parts are.
    Split = "split" by [Officer] in [Registered Assigned Rectifying] {
        /// The parts; their counts must add up to what is outstanding here.
        parts: Vec<Part>,
        /// Why.
        reason: String,
    }
    /// Merges a case into another.
    Merge = "merge" by [Officer] in [Discovered Registered Assigned Rectifying] {
        /// The case it goes on in.
        into: CaseId,
        /// What the other case counts from now on: restated, not summed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        found: Option<Amounts>,
        /// Why.
        reason: String,
    }
    /// Gives a merged case back.
    Unmerge = "unmerge" by [Officer] in [Merged] {
        /// Why.
        reason: String,
    }
    /// Drops a case.
    Dismiss = "dismiss" by [Officer] in [Discovered Registered Assigned Rectifying] {
        /// Why.
        reason: String,
    }
    /// Hands the whole case to a receiver outside.
    Transfer = "transfer" by [Officer] in [Discovered Registered Assigned Rectifying] {
        /// To whom.
        receiver: String,
        /// The receiver's receipt.
        receipt: String,
        /// Why.
        reason: String,
    }
    /// Brings a dismissed or transferred case back, or one that an older ledger says was merged.
    Revive = "revive" by [Officer] in [Dismissed Merged Transferred] {
        /// Why.
        reason: String,
    }
    /// Takes a case on.
    Accept = "accept" by [Handler] in [Assigned] {
        /// For which lead.
        unit: UnitId,
    }
    /// Does not take a case on.
    Return = "return" by [Handler] in [Assigned] {
        /// For which lead.
        unit: UnitId,
        /// Why.
        reason: String,
    }
    /// Gives a case back after taking it on.
    HandBack = "hand_back" by [Handler] in [Rectifying] {
        /// For which lead.
        unit: UnitId,
        /// Why.
        reason: String,
    }
    /// Says what a lead will do.
    SubmitPlan = "submit_plan" by [Handler] in [Rectifying] {
        /// For which lead.
        unit: UnitId,
        /// What it will do.
        plan: Plan,
    }
    /// Agrees to a plan.
    ApprovePlan = "approve_plan" by [Officer] in [Rectifying] {
        /// Whose.
        unit: UnitId,
    }
    /// Sends a plan back.
    ReturnPlan = "return_plan" by [Officer] in [Rectifying] {
        /// Whose.
        unit: UnitId,
        /// Why.
        reason: String,
    }
    /// Says how far it is.
    ReportProgress = "report_progress" by [Handler] in [Rectifying] {
        /// For which responsible unit.
        unit: UnitId,
        /// How far.
        text: String,
        /// What is fixed so far.
        #[serde(default, skip_serializing_if = "Amounts::is_empty")]
        fixed: Amounts,
        /// The measures done, by their place in the plan, from 0.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        done: Vec<u32>,
    }
    /// Presses for a case.
    Press = "press" by [Officer] in [Assigned Rectifying Reported Verified] {
        /// What is said.
        message: String,
    }
    /// Asks for more time, before the deadline.
    RequestExtension = "request_extension" by [Handler] in [Assigned Rectifying] {
        /// For which lead.
        unit: UnitId,
        /// Until when.
        until: NaiveDate,
        /// Why.
        reason: String,
    }
    /// Grants more time.
    GrantExtension = "grant_extension" by [Officer] in [Assigned Rectifying] {}
    /// Refuses more time.
    RefuseExtension = "refuse_extension" by [Officer] in [Assigned Rectifying] {
        /// Why.
        reason: String,
    }
    /// Suspends the deadline, or sets another by another rule.
    ChangeDeadline = "change_deadline" by [Officer] in [Registered Assigned Rectifying] {
        /// The change.
        change: DeadlineChange,
        /// Why.
        reason: String,
    }
    /// Puts a file on file.
    FileEvidence = "file_evidence" by [Handler Verifier Officer]
        in [Registered Assigned Rectifying Reported Verified Closed] {
        /// For which unit.
        unit: UnitId,
        /// The file, whose bytes are in the store already.
        evidence: Evidence,
    }
    /// Withdraws a file; its digest stays.
    WithdrawEvidence = "withdraw_evidence" by [Handler Verifier Officer]
        in [Registered Assigned Rectifying Reported Verified] {
        /// Which.
        digest: Digest,
        /// Why.
        reason: String,
    }
    /// Says that it is fixed. The first lead speaks last; the evidence is put on file with the report.
    ReportCompletion = "report_completion" by [Handler] in [Rectifying] {
        /// For which lead.
        unit: UnitId,
        /// What came of it.
        outcome: Outcome,
        /// What was done.
        account: String,
        /// What is fixed.
        #[serde(default, skip_serializing_if = "Amounts::is_empty")]
        fixed: Amounts,
        /// The measures that are done by then and were not reported as done, by their place in the plan, from 0: told as progress,
        /// right before.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        done: Vec<u32>,
        /// The files that show it; what was on file before is listed again.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        evidence: Vec<Evidence>,
    }
    /// Passes the level that is next.
    PassLevel = "pass_level" by [Verifier Officer] in [Reported] {
        /// Which level, from 0.
        level: u32,
        /// The evidence relied on, opened before.
        relied_on: Vec<Digest>,
        /// What was found to be fixed.
        #[serde(default, skip_serializing_if = "Amounts::is_empty")]
        verified: Amounts,
        /// What was found of the problem.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verdict: Option<Verdict>,
        /// 核验意见.
        opinion: String,
    }
    /// Finds at the level that is next that it is not fixed.
    FailVerification = "fail_verification" by [Verifier Officer] in [Reported] {
        /// Which level, from 0.
        level: u32,
        /// Why.
        reason: String,
    }
    /// Gives a level to another verifier.
    DesignateVerifier = "designate_verifier" by [Officer] in [Assigned Rectifying Reported] {
        /// Which level, from 0.
        level: u32,
        /// To which unit.
        unit: UnitId,
        /// Why.
        reason: String,
    }
    /// Approves a grave closure.
    ApproveClosure = "approve_closure" by [ClosingLeader] in [Verified] {
        /// What the leader says.
        opinion: String,
    }
    /// Declines a grave closure; the case goes back to the lead.
    DeclineClosure = "decline_closure" by [ClosingLeader] in [Verified] {
        /// Why.
        reason: String,
    }
    /// Sends a verified case back to the lead.
    SetAside = "set_aside" by [Officer] in [Verified] {
        /// On what ground: an objection was upheld, or a new fact came up.
        ground: Ground,
        /// Why.
        reason: String,
    }
    /// Strikes a verified case off.
    Close = "close" by [Officer] in [Verified] {
        /// What came of it; what the lead reported where nothing is said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        outcome: Option<Outcome>,
    }
    /// Brings a closed case back to the lead.
    Reopen = "reopen" by [Officer] in [Closed] {
        /// Why.
        reason: String,
        /// The new deadline.
        term: Term,
    }
    /// Looks at a closed case again.
    LookBack = "look_back" by [Officer Verifier Auditor] in [Closed] {
        /// Whether the repair held.
        held: bool,
        /// What was found.
        note: String,
    }
    /// Hands an act to the office above, when no second eligible person is here.
    HandUp = "hand_up" by [Officer] in [Assigned Rectifying Reported Verified] {
        /// Which act.
        act: HandedAct,
    }
    /// Makes a case graver. A verified case goes back to the lead, for it owes more than was passed.
    RaiseSeverity = "raise_severity" by [Officer] in [Registered Assigned Rectifying Verified] {
        /// To.
        to: Severity,
        /// Why.
        reason: String,
    }
    /// Asks for a case to be held less grave.
    ProposeLowerSeverity = "propose_lower_severity" by [Officer] in [Registered Assigned Rectifying Reported Verified] {
        /// To.
        to: Severity,
        /// Why.
        reason: String,
    }
    /// Agrees, as a second person, that a case is less grave. The levels owed stay.
    LowerSeverity = "lower_severity" by [Officer] in [Registered Assigned Rectifying Reported Verified] {}
    /// Names whom it complains about. If that is a responsible unit, the case is taken back in the same append.
    NameSubjects = "name_subjects" by [Officer]
        in [Discovered Registered Assigned Rectifying Reported Verified] {
        /// Whom.
        subjects: Vec<Subject>,
        /// Why.
        reason: String,
    }
    /// Keeps somebody with a direct interest out of it.
    Recuse = "recuse" by [Officer Handler Verifier ResponsibleLeader ClosingLeader]
        in [Discovered Registered Assigned Rectifying Reported Verified] {
        /// Whom.
        person: PersonId,
        /// Why.
        reason: String,
    }
    /// Lists a case for supervision, with target and leader.
    List = "list" by [Officer] in [Registered Assigned Rectifying Reported] {
        /// What must be reached.
        target: String,
        /// Who answers for it.
        leader: PersonId,
    }
    /// Reviews a listing.
    ReviewListing = "review_listing" by [Officer] in [Registered Assigned Rectifying Reported Verified] {
        /// What was found.
        note: String,
    }
    /// Takes a case off the supervision list.
    Delist = "delist" by [Officer] in [Registered Assigned Rectifying Reported Verified] {
        /// Why.
        reason: String,
    }
    /// Restates what was counted.
    RestateQuantities = "restate_quantities" by [Officer] in [Registered Assigned Rectifying Reported] {
        /// What was found.
        found: Amounts,
        /// Why.
        reason: String,
    }
    /// Splits what is left off to a case of its own, so that this one can be closed as rectified.
    SplitOffRest = "split_off_rest" by [Officer] in [Verified] {
        /// The new case's id.
        id: CaseId,
        /// What goes there.
        amounts: Amounts,
        /// Why.
        reason: String,
    }
    /// Links a case to another.
    Link = "link" by [Officer Auditor]
        in [Discovered Registered Assigned Rectifying Reported Verified Closed Dismissed Transferred Grouped] {
        /// That case.
        other: CaseId,
        /// How.
        relation: Relation,
    }
    /// Takes a link away.
    Unlink = "unlink" by [Officer Auditor]
        in [Discovered Registered Assigned Rectifying Reported Verified Closed Dismissed Transferred Grouped] {
        /// That case.
        other: CaseId,
        /// How it is linked.
        relation: Relation,
    }
    /// Passes a clue on; the case stays.
    PassOnClue = "pass_on_clue" by [Officer Auditor] in [Registered Assigned Rectifying Reported Verified Closed] {
        /// To whom.
        receiver: String,
        /// The receiver's receipt.
        receipt: String,
        /// What it is about.
        note: String,
    }
    /// Adds a note.
    AddNote = "add_note" by [Officer Handler Verifier ResponsibleLeader ClosingLeader Auditor]
        in [Discovered Registered Assigned Rectifying Reported Verified Closed Dismissed Merged Transferred Grouped] {
        /// The note.
        text: String,
    }
    /// Corrects a field of an earlier event.
    Correct = "correct" by [Officer Handler SourceSystem]
        in [Discovered Registered Assigned Rectifying Reported Verified Closed] {
        /// The event's place in the stream.
        version: Version,
        /// Which field.
        field: Field,
        /// What stands there.
        old: String,
        /// What shall stand there.
        new: String,
        /// Why.
        reason: String,
    }
}

/// How long there is, and by what rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// How it ends.
    pub ends: Ends,
    /// The rule it comes from; the office's own where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
}

/// How a term ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// After so many days.
    After(Days),
    /// At the end of a day.
    On(NaiveDate),
}

/// A change of a deadline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineChange {
    /// Days that do not count.
    Suspend(Suspension),
    /// Another term from the same start.
    Replace(Term),
}

/// One part of a split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The new case's id.
    pub id: CaseId,
    /// What it is about.
    pub title: String,
    /// Its share of what was counted.
    #[serde(default, skip_serializing_if = "Amounts::is_empty")]
    pub found: Amounts,
}

impl Command {
    /// Reads a command from its name and its fields.
    pub fn decode<'de, D: Deserializer<'de>>(name: &str, data: D) -> Result<Command, D::Error> {
        Command::deserialize(MapAccessDeserializer::new(Tagged::new(name, data)))
    }

    /// Returns the roles that may ask it.
    pub fn roles(&self) -> &'static [Role] {
        Command::roles_of(self.name())
    }

    /// Returns the stages in which it can be asked; empty for what begins a case.
    pub fn stages(&self) -> &'static [Stage] {
        Command::stages_of(self.name())
    }

    /// Returns the other case that must be looked up to decide on it.
    pub fn other(&self, case: &Case) -> Option<CaseId> {
        match self {
            Command::Unmerge { .. } => case.merged_into(),
            Command::Corroborate { from: other, .. }
            | Command::FlagLikelyDuplicate { other, .. }
            | Command::Merge { into: other, .. }
            | Command::Link { other, .. } => Some(*other),
            _ => None,
        }
    }

    /// Returns the evidence that whoever asks must have opened before.
    pub fn relied_on(&self) -> &[Digest] {
        match self {
            Command::PassLevel { relied_on, .. } => relied_on,
            _ => &[],
        }
    }
}
