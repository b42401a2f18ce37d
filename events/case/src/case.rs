//! A case (整改事项) as folded from its events, facet by facet.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::assignment::Assignment;
use crate::carried_over::Declared;
use crate::completion::{Outcome, Verdict};
use crate::deadline::Deadline;
use crate::envelope::Version;
use crate::event::{Field, Ground, HandedAct, Likeness, Relation};
use crate::evidence::{Evidence, Side};
use crate::finding::{Finding, PetitionClass, Severity, Subject};
use crate::identity::{CaseId, Digest, DivisionCode, EventId, FindingId, PersonId, SourceCode, UnitId};
use crate::number::CaseNumber;
use crate::plan::{Measure, Plan};
use crate::quantity::{Amounts, Measured, Quantity};
use crate::stage::Stage;
use crate::time::Happened;

/// One rectification item, as its events up to some version tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// What it is known by.
    pub id: CaseId,
    /// How many events were folded.
    pub version: Version,
    /// Where it stands; none before its first event.
    pub stage: Option<Stage>,
    /// The last spine event, and when it happened.
    pub moved: Option<Moved>,
    /// Its number, once registered.
    pub number: Option<CaseNumber>,
    /// The office that registered it.
    pub office: Option<UnitId>,
    /// Its title.
    pub title: String,
    /// How grave it is.
    pub severity: Severity,
    /// Who asked for it to be held less grave.
    pub lowering: Option<Lowering>,
    /// The source of its first finding.
    pub source: Option<SourceCode>,
    /// The division of its first finding.
    pub division: Option<DivisionCode>,
    /// When its first finding was made.
    pub discovered: Option<Happened>,
    /// What sources reported.
    pub findings: Vec<CaseFinding>,
    /// What an older ledger said of it, where it was carried over (承前): declared, not proved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_over: Option<Box<Declared>>,
    /// Findings its sources reported again after it had ended, for the office to look at.
    pub repeated: u32,
    /// Cases that seem to be about the same.
    pub likely_duplicates: BTreeMap<CaseId, Likeness>,
    /// The gravest class any of its petitions ever had: accusation, then request, then suggestion. Its history stays.
    pub class: Option<PetitionClass>,
    /// Whom it complains about.
    pub subjects: BTreeSet<Subject>,
    /// Who keeps out of it.
    pub recused: BTreeSet<PersonId>,
    /// Who answers for it.
    pub assignment: Option<Assignment>,
    /// The highest severity since it was assigned: levels and approval are owed by it.
    pub owed: Severity,
    /// How often it was returned or handed back.
    pub returns: u32,
    /// How often the office pressed for it.
    pub pressed: u32,
    /// Until when.
    pub deadline: Option<Deadline>,
    /// Deadlines that had been missed when the case was reopened: they stay missed.
    pub missed: Vec<Deadline>,
    /// An extension that waits for a decision.
    pub extension: Option<ExtensionAsked>,
    /// How many extensions were granted.
    pub extensions: u32,
    /// Plans by lead.
    pub plans: BTreeMap<UnitId, PlanState>,
    /// Progress reports, oldest first.
    pub progress: Vec<Progress>,
    /// What was counted.
    pub quantities: BTreeMap<Measured, Quantity>,
    /// Files on file, withdrawn ones too.
    pub evidence: BTreeMap<Digest, OnFile>,
    /// Joint leads other than the first that reported their part done since the assignment.
    pub joint_reports: BTreeSet<UnitId>,
    /// The last completion report.
    pub report: Option<CompletionReport>,
    /// Who has planned or reported for it, ever: none of them verifies it.
    pub reporters: BTreeSet<PersonId>,
    /// The levels passed since the last completion report.
    pub passed: Vec<Passed>,
    /// What the verifiers found of the problem.
    pub verdict: Option<Verdict>,
    /// The approval of a grave closure.
    pub approval: Option<Approval>,
    /// What came of it, once closed.
    pub outcome: Option<Outcome>,
    /// When it was closed.
    pub closed: Option<Happened>,
    /// How often it was reopened.
    pub reopenings: u32,
    /// Why it last went back from verified.
    pub set_aside: Option<Ground>,
    /// Acts handed to an office above.
    pub handed_up: BTreeMap<HandedAct, UnitId>,
    /// Its listing, while listed.
    pub listing: Option<Listing>,
    /// Looks after closure, oldest first.
    pub look_backs: Vec<LookBack>,
    /// Links to other cases.
    pub links: BTreeSet<(CaseId, Relation)>,
    /// Clues passed on.
    pub clues: Vec<Clue>,
    /// Notes, oldest first.
    pub notes: Vec<Note>,
    /// Corrections, oldest first.
    pub corrections: Vec<Correction>,
    /// Why it was dismissed, merged, transferred or split, and to where, while it is.
    pub ended: Option<Ended>,
    /// The case it is a part of.
    pub parent: Option<CaseId>,
    /// Its parts, when it is a group.
    pub parts: Vec<CaseId>,
    /// Cases merged into this one.
    pub absorbed: BTreeMap<CaseId, Absorbed>,
    /// Cases its rest was split off to.
    pub rest: BTreeMap<CaseId, Amounts>,
    /// Events entered after the day they happened (补录), by version.
    pub late_entries: Vec<Version>,
    /// Events that had no place in this history. Kept, counted and shown.
    pub unplaced: Vec<Version>,
}

/// The last event of the spine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Moved {
    /// Its version.
    pub version: Version,
    /// When it happened.
    pub happened: Happened,
}

/// A finding and how it came to this case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CaseFinding {
    /// What it is known by.
    pub id: FindingId,
    /// What was reported.
    pub finding: Finding,
    /// The event that brought it.
    pub event: EventId,
    /// The version of that event.
    pub version: Version,
    /// The case it came from, when it came by corroboration or merge.
    pub from: Option<CaseId>,
}

/// Somebody asked for a case to be held less grave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Lowering {
    /// To what.
    pub to: Severity,
    /// Why.
    pub reason: String,
    /// Who asked, and for whom.
    pub by: Vec<PersonId>,
}

/// An extension that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExtensionAsked {
    /// Who asked, and for whom.
    pub by: Vec<PersonId>,
    /// For which unit.
    pub unit: UnitId,
    /// Until when.
    pub until: NaiveDate,
    /// Why.
    pub reason: String,
}

/// A lead's plan and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanState {
    /// What it will do.
    pub plan: Plan,
    /// The measures done, by their place.
    pub done: BTreeSet<u32>,
    /// What the office said of it.
    pub standing: PlanStanding,
}

impl PlanState {
    /// Returns whether the measure at a place, from 0, was reported as done.
    pub fn is_done(&self, at: usize) -> bool {
        u32::try_from(at).is_ok_and(|at| self.done.contains(&at))
    }

    /// Returns the measures that were not reported as done, by their place, from 0.
    pub fn open(&self) -> impl Iterator<Item = (usize, &Measure)> {
        self.plan.measures.iter().enumerate().filter(|(at, _)| !self.is_done(*at))
    }
}

/// What the office said of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlanStanding {
    /// Nothing yet.
    Submitted,
    /// It agreed.
    Approved,
    /// It sent it back.
    Returned,
}

/// One progress report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Progress {
    /// The event.
    pub version: Version,
    /// Who reported.
    pub unit: UnitId,
    /// When.
    pub happened: Happened,
    /// How far.
    pub text: String,
}

/// A file on file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OnFile {
    /// The file.
    pub evidence: Evidence,
    /// The version at which it was last put there.
    pub filed: Version,
    /// By which side.
    pub side: Side,
    /// By which unit.
    pub unit: UnitId,
    /// By whom.
    pub by: PersonId,
    /// Why it was withdrawn, if it was.
    pub withdrawn: Option<String>,
    /// The case it came from, when it came by merge.
    pub from: Option<CaseId>,
}

/// The last completion report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompletionReport {
    /// The event.
    pub version: Version,
    /// The lead.
    pub unit: UnitId,
    /// When.
    pub happened: Happened,
    /// What the lead says came of it.
    pub outcome: Outcome,
    /// What was done.
    pub account: String,
}

/// A level that was passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Passed {
    /// Which, from 0.
    pub level: u32,
    /// The verifying unit.
    pub unit: UnitId,
    /// Who verified, and for whom.
    pub by: Vec<PersonId>,
    /// The evidence relied on.
    pub relied_on: Vec<Digest>,
    /// 核验意见.
    pub opinion: String,
}

/// The approval of a grave closure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Approval {
    /// The closing leader.
    pub by: PersonId,
    /// What the leader said.
    pub opinion: String,
}

/// A supervision listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Listing {
    /// What must be reached.
    pub target: String,
    /// Who answers for it.
    pub leader: PersonId,
    /// Since when.
    pub since: Happened,
    /// When it was reviewed, oldest first.
    pub reviews: Vec<Happened>,
}

/// A look after closure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LookBack {
    /// When.
    pub happened: Happened,
    /// Whether the repair held.
    pub held: bool,
    /// What was found.
    pub note: String,
}

/// A clue that was passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Clue {
    /// To whom.
    pub receiver: String,
    /// The receiver's receipt.
    pub receipt: String,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Note {
    /// Who wrote it.
    pub by: PersonId,
    /// When.
    pub happened: Happened,
    /// What.
    pub text: String,
}

/// A correction of an earlier event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Correction {
    /// The corrected event's version.
    pub version: Version,
    /// Which field.
    pub field: Field,
    /// What stood there.
    pub old: String,
    /// What stands there now.
    pub new: String,
    /// Why.
    pub reason: String,
}

/// Why a case left the spine, and to where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ended {
    /// Why.
    pub reason: String,
    /// The case or the receiver it went to.
    pub to: Option<Destination>,
}

/// Where a case went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// Into another case.
    Case(CaseId),
    /// Into another row of the older ledger it comes from, by the number there (承前).
    Row(String),
    /// To a receiver outside, with the receipt.
    Receiver {
        /// Who.
        name: String,
        /// The receipt; empty where an older ledger says none.
        receipt: String,
    },
}

/// What a merged case brought, so that it can be given back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Absorbed {
    /// Its findings.
    pub findings: Vec<FindingId>,
    /// What was counted here before.
    pub found_before: Amounts,
}

impl Case {
    /// Returns a case before its first event.
    pub fn new(id: CaseId) -> Case {
        Case {
            id,
            version: 0,
            stage: None,
            moved: None,
            number: None,
            office: None,
            title: String::new(),
            severity: Severity::Ordinary,
            lowering: None,
            source: None,
            division: None,
            discovered: None,
            findings: Vec::new(),
            carried_over: None,
            repeated: 0,
            likely_duplicates: BTreeMap::new(),
            class: None,
            subjects: BTreeSet::new(),
            recused: BTreeSet::new(),
            assignment: None,
            owed: Severity::Ordinary,
            returns: 0,
            pressed: 0,
            deadline: None,
            missed: Vec::new(),
            extension: None,
            extensions: 0,
            plans: BTreeMap::new(),
            progress: Vec::new(),
            quantities: BTreeMap::new(),
            evidence: BTreeMap::new(),
            joint_reports: BTreeSet::new(),
            report: None,
            reporters: BTreeSet::new(),
            passed: Vec::new(),
            verdict: None,
            approval: None,
            outcome: None,
            closed: None,
            reopenings: 0,
            set_aside: None,
            handed_up: BTreeMap::new(),
            listing: None,
            look_backs: Vec::new(),
            links: BTreeSet::new(),
            clues: Vec::new(),
            notes: Vec::new(),
            corrections: Vec::new(),
            ended: None,
            parent: None,
            parts: Vec::new(),
            absorbed: BTreeMap::new(),
            rest: BTreeMap::new(),
            late_entries: Vec::new(),
            unplaced: Vec::new(),
        }
    }

    /// Returns the units that answer for it now: leads and co-responsible units.
    pub fn responsible(&self) -> impl Iterator<Item = UnitId> + '_ {
        self.assignment.iter().flat_map(Assignment::responsible)
    }

    /// Returns whether a unit leads it now.
    pub fn is_led_by(&self, unit: UnitId) -> bool {
        self.assignment.as_ref().is_some_and(|a| a.leads.contains(&unit))
    }

    /// Returns what was found, by what is counted.
    pub fn found(&self) -> Amounts {
        self.quantities.iter().map(|(kind, q)| (*kind, q.found)).collect()
    }

    /// Returns what is left to fix, by what is counted; only what is more than nothing.
    pub fn outstanding(&self) -> Amounts {
        let left = self.quantities.iter().map(|(kind, q)| (*kind, q.outstanding().unwrap_or(0)));
        left.filter(|(_, n)| *n > 0).collect()
    }

    /// Returns the level that is to be verified next, from 0; none when none is owed or all are passed.
    pub fn next_level(&self) -> Option<u32> {
        let owed = self.assignment.as_ref().map_or(0, |a| a.levels.len());
        u32::try_from(self.passed.len()).ok().filter(|next| usize::try_from(*next).is_ok_and(|n| n < owed))
    }

    /// Returns who verified since the last completion report.
    pub fn verifiers(&self) -> impl Iterator<Item = PersonId> + '_ {
        self.passed.iter().flat_map(|p| p.by.iter().copied())
    }

    /// Returns the case it goes on in, while it is merged.
    pub fn merged_into(&self) -> Option<CaseId> {
        match self.ended.as_ref()?.to {
            Some(Destination::Case(target)) => Some(target),
            Some(Destination::Receiver { .. } | Destination::Row(_)) | None => None,
        }
    }

    /// Returns whether its closure is that of an older ledger (承前): declared, and not proved here.
    pub fn is_closed_as_declared(&self) -> bool {
        let declared = self.carried_over.as_ref().is_some_and(|row| row.is_closed());
        self.stage == Some(Stage::Closed) && declared && self.reopenings == 0
    }

    /// Returns whether a grave closure must be approved.
    pub fn owes_approval(&self) -> bool {
        self.owed.max(self.severity) == Severity::Grave
    }

    /// Returns whether the firewall stands around it (rule 3).
    pub fn is_accusation(&self) -> bool {
        self.class == Some(PetitionClass::Accusation)
    }
}
