//! The fold: one event after the other, into a case. Never fails, never decides.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::actor::Actor;
use crate::carried_over::Standing;
use crate::case::{
    Absorbed, Approval, Case, CaseFinding, Clue, CompletionReport, Correction, Destination, Ended, ExtensionAsked,
    Listing, LookBack, Lowering, Moved, Note, OnFile, Passed, PlanStanding, PlanState, Progress,
};
use crate::envelope::{Cause, Envelope, Event, Version};
use crate::event::{CaseEvent, Field};
use crate::evidence::{Evidence, Side};
use crate::finding::{Finding, PetitionClass, Severity, Subject};
use crate::identity::{CaseId, Digest, EventId, FindingId, UnitId};
use crate::quantity::Amounts;
use crate::stage::Stage;
use crate::time::Happened;

/// Why a case left, where an older ledger says only where it went.
const DECLARED: &str = "承前：原台账所载";

/// One event of a case with what the fold needs from around it.
#[derive(Clone, Copy, Debug)]
pub struct Happening<'a> {
    /// The event.
    pub event: &'a CaseEvent,
    /// Its id.
    pub id: EventId,
    /// Its place in the stream.
    pub version: Version,
    /// When it happened.
    pub happened: Happened,
    /// When it was written.
    pub recorded: DateTime<Utc>,
    /// Who did it.
    pub actor: Actor,
    /// Whether the office entered it after the day it happened (补录).
    pub late: bool,
}

impl Envelope {
    /// Returns what the fold of a case needs, when this is an event of a case.
    pub fn happening(&self) -> Option<Happening<'_>> {
        match &self.event {
            Event::Case(event) => Some(Happening {
                event,
                id: self.id,
                version: self.version,
                happened: self.happened,
                recorded: self.recorded,
                actor: self.actor,
                late: matches!(self.cause, Some(Cause::Document(_))),
            }),
            Event::Directory(_) | Event::Access(_) => None,
        }
    }
}

/// Folds one event into a case. What has no place is kept, counted and shown as `unplaced`; nothing else changes then.
pub fn evolve(case: &mut Case, happening: &Happening<'_>) {
    case.version = happening.version;
    let event = happening.event;
    if event.is_spine() {
        let Some(stage) = Stage::after(case.stage, event) else {
            case.unplaced.push(happening.version);
            return;
        };
        case.stage = Some(stage);
        case.moved = Some(Moved { version: happening.version, happened: happening.happened });
    }
    if happening.late {
        case.late_entries.push(happening.version);
    }
    if !apply(case, happening) {
        case.unplaced.push(happening.version);
    }
}

/// Returns the case that some events tell, in the order given.
pub fn fold<'a>(id: CaseId, happenings: impl IntoIterator<Item = Happening<'a>>) -> Case {
    let mut case = Case::new(id);
    for happening in happenings {
        evolve(&mut case, &happening);
    }
    case
}

/// Changes what the event is about; false when the case has no place for it.
fn apply(case: &mut Case, at: &Happening<'_>) -> bool {
    match at.event {
        CaseEvent::FindingReported { finding } => {
            open(case, finding);
            attach(case, finding, at, None);
            case.title.clone_from(&finding.title);
            case.severity = finding.severity.unwrap_or_default();
            restate(case, &finding.found);
        }
        CaseEvent::PartOpened { parent, findings, found, title } => {
            if let Some(first) = findings.first() {
                open(case, first);
                case.severity = first.severity.unwrap_or_default();
            }
            for finding in findings {
                attach(case, finding, at, Some(*parent));
            }
            case.parent = Some(*parent);
            case.title.clone_from(title);
            restate(case, found);
        }
        CaseEvent::CarriedOver { number, office, severity, declared, assignment } => {
            open(case, &declared.finding);
            attach(case, &declared.finding, at, None);
            case.number = Some(number.clone());
            case.office = Some(*office);
            case.severity = *severity;
            case.title.clone_from(&declared.finding.title);
            restate(case, &declared.finding.found);
            if let Some(assignment) = assignment {
                case.deadline = Some(assignment.deadline.clone());
                case.assignment = Some(assignment.clone());
                case.owed = *severity;
            }
            leave(case, &declared.standing);
            case.carried_over = Some(declared.clone());
        }
        CaseEvent::Registered { number, office, severity, title, found } => {
            case.number = Some(number.clone());
            case.office = Some(*office);
            case.severity = *severity;
            case.title.clone_from(title);
            restate(case, found);
        }
        CaseEvent::Assigned { assignment } | CaseEvent::Reassigned { assignment, .. } => {
            case.deadline = Some(assignment.deadline.clone());
            case.assignment = Some(assignment.clone());
            case.owed = case.owed.max(case.severity);
            case.extension = None;
            case.joint_reports.clear();
            forget_verification(case);
        }
        CaseEvent::Accepted { .. } | CaseEvent::Verified { .. } => {}
        CaseEvent::Returned { .. } | CaseEvent::HandedBack { .. } => {
            case.returns = case.returns.saturating_add(1);
            unassign(case);
        }
        CaseEvent::TakenBack { .. } => unassign(case),
        CaseEvent::CompletionReported { unit, outcome, account, fixed } => {
            forget_verification(case);
            case.report = Some(CompletionReport {
                version: at.version,
                unit: *unit,
                happened: at.happened,
                outcome: *outcome,
                account: account.clone(),
            });
            case.extension = None;
            case.set_aside = None;
            reported(case, fixed);
            case.reporters.extend(at.actor.persons());
        }
        CaseEvent::VerificationFailed { .. } => forget_verification(case),
        CaseEvent::SetAside { ground, .. } => {
            case.set_aside = Some(*ground);
            forget_verification(case);
        }
        CaseEvent::Closed { outcome, .. } => {
            case.outcome = Some(*outcome);
            case.closed = Some(at.happened);
        }
        CaseEvent::Reopened { deadline, .. } => {
            // Whether a deadline was kept before the old ledger struck it off is not known here.
            let known = case.reopenings > 0 || !case.carried_over.as_ref().is_some_and(|row| row.is_closed());
            case.reopenings = case.reopenings.saturating_add(1);
            case.missed.extend(case.deadline.take().filter(|d| known && d.is_late(at.recorded)));
            case.deadline = Some(deadline.clone());
            case.outcome = None;
            case.closed = None;
            case.joint_reports.clear();
            forget_verification(case);
        }
        CaseEvent::Dismissed { reason } => end(case, reason, None),
        CaseEvent::MergedInto { target, reason } => end(case, reason, Some(Destination::Case(*target))),
        CaseEvent::Transferred { receiver, receipt, reason } => {
            let to = Destination::Receiver { name: receiver.clone(), receipt: receipt.clone() };
            end(case, reason, Some(to));
        }
        CaseEvent::Split { parts, reason } => {
            case.parts.clone_from(parts);
            end(case, reason, None);
        }
        CaseEvent::Revived { .. } | CaseEvent::Unmerged { .. } => {
            case.ended = None;
            unassign(case);
        }
        CaseEvent::FindingCorroborated { finding, from } => attach(case, finding, at, *from),
        CaseEvent::FindingAmended { finding } => return amend(case, finding),
        CaseEvent::FindingRepeated { finding } => {
            case.repeated = case.repeated.saturating_add(1);
            name_subjects(case, finding.subjects());
            classify(case, finding.class());
        }
        CaseEvent::LikelyDuplicateFlagged { other, ground } => {
            case.likely_duplicates.insert(*other, *ground);
        }
        CaseEvent::SeverityRaised { to, levels, .. } => {
            case.severity = *to;
            case.owed = case.owed.max(*to);
            case.lowering = None;
            if let Some(assignment) = &mut case.assignment {
                assignment.levels.clone_from(levels);
            }
        }
        CaseEvent::SeverityLoweringProposed { to, reason } => {
            case.lowering = Some(Lowering { to: *to, reason: reason.clone(), by: at.actor.persons().collect() });
        }
        CaseEvent::SeverityLowered { to, .. } => {
            case.severity = *to;
            case.lowering = None;
        }
        CaseEvent::Pressed { .. } => case.pressed = case.pressed.saturating_add(1),
        CaseEvent::PlanSubmitted { unit, plan } => {
            let state = PlanState { plan: plan.clone(), done: BTreeSet::new(), standing: PlanStanding::Submitted };
            case.plans.insert(*unit, state);
            case.reporters.extend(at.actor.persons());
        }
        CaseEvent::PlanApproved { unit } => return stand(case, *unit, PlanStanding::Approved),
        CaseEvent::PlanReturned { unit, .. } => return stand(case, *unit, PlanStanding::Returned),
        CaseEvent::ProgressReported { unit, text, fixed, done } => {
            let report = Progress { version: at.version, unit: *unit, happened: at.happened, text: text.clone() };
            case.progress.push(report);
            reported(case, fixed);
            if let Some(plan) = case.plans.get_mut(unit) {
                plan.done.extend(done);
            }
            case.reporters.extend(at.actor.persons());
        }
        CaseEvent::JointLeadReported { unit, .. } => {
            case.joint_reports.insert(*unit);
            case.reporters.extend(at.actor.persons());
        }
        CaseEvent::ExtensionRequested { unit, until, reason } => {
            let by = at.actor.persons().collect();
            case.extension = Some(ExtensionAsked { by, unit: *unit, until: *until, reason: reason.clone() });
        }
        CaseEvent::ExtensionGranted { deadline, .. } => {
            case.extensions = case.extensions.saturating_add(1);
            case.extension = None;
            change_deadline(case, deadline.clone());
        }
        CaseEvent::ExtensionRefused { .. } => case.extension = None,
        CaseEvent::DeadlineChanged { deadline, .. } => change_deadline(case, deadline.clone()),
        CaseEvent::EvidenceFiled { evidence, side, unit } => file(case, at, evidence, *side, *unit, None),
        CaseEvent::EvidenceWithdrawn { digest, reason } => return withdraw(case, digest, reason),
        CaseEvent::LevelPassed { level, unit, relied_on, verified, verdict, opinion } => {
            case.passed.push(Passed {
                level: *level,
                unit: *unit,
                by: at.actor.persons().collect(),
                relied_on: relied_on.clone(),
                opinion: opinion.clone(),
            });
            for (kind, amount) in verified {
                case.quantities.entry(*kind).or_default().verified = *amount;
            }
            case.verdict = verdict.or(case.verdict);
        }
        CaseEvent::VerifierDesignated { level, unit, .. } => return designate(case, *level, *unit),
        CaseEvent::Recused { person, .. } => {
            case.recused.insert(*person);
        }
        CaseEvent::SubjectsNamed { subjects, .. } => name_subjects(case, subjects),
        CaseEvent::ClosureApproved { opinion } => {
            case.approval = Some(Approval { by: at.actor.person, opinion: opinion.clone() });
        }
        CaseEvent::HandedUp { act, to, .. } => {
            case.handed_up.insert(*act, *to);
        }
        CaseEvent::Listed { target, leader } => {
            let since = at.happened;
            case.listing = Some(Listing { target: target.clone(), leader: *leader, since, reviews: Vec::new() });
        }
        CaseEvent::ListingReviewed { .. } => match &mut case.listing {
            Some(listing) => listing.reviews.push(at.happened),
            None => return false,
        },
        CaseEvent::Delisted { .. } => return case.listing.take().is_some(),
        CaseEvent::LookedBack { held, note } => {
            case.look_backs.push(LookBack { happened: at.happened, held: *held, note: note.clone() });
        }
        CaseEvent::QuantitiesRestated { found, .. } => restate(case, found),
        CaseEvent::RestSplitOff { to, amounts, .. } => {
            for (kind, amount) in amounts {
                let quantity = case.quantities.entry(*kind).or_default();
                quantity.split_off = quantity.split_off.saturating_add(*amount);
            }
            case.rest.insert(*to, amounts.clone());
        }
        CaseEvent::MergeReceived { from, findings, subjects, evidence, severity, deadline, assignment, found } => {
            let absorbed =
                Absorbed { findings: findings.iter().map(Finding::id).collect(), found_before: case.found() };
            case.absorbed.insert(*from, absorbed);
            for finding in findings {
                attach(case, finding, at, Some(*from));
            }
            name_subjects(case, subjects);
            for piece in evidence {
                file(case, at, piece, Side::Office, at.actor.unit, Some(*from));
            }
            case.severity = *severity;
            case.owed = case.owed.max(*severity);
            if let Some(assignment) = assignment {
                case.assignment = Some(assignment.clone());
            }
            if let Some(deadline) = deadline {
                change_deadline(case, deadline.clone());
            }
            restate(case, found);
        }
        CaseEvent::MergeUndone { from, findings, found } => {
            detach(case, *from, findings);
            restate(case, found);
            return case.absorbed.remove(from).is_some();
        }
        CaseEvent::Linked { other, relation } => {
            case.links.insert((*other, *relation));
        }
        CaseEvent::Unlinked { other, relation } => return case.links.remove(&(*other, *relation)),
        CaseEvent::CluePassedOn { receiver, receipt, .. } => {
            case.clues.push(Clue { receiver: receiver.clone(), receipt: receipt.clone() });
        }
        CaseEvent::NoteAdded { text } => {
            case.notes.push(Note { by: at.actor.person, happened: at.happened, text: text.clone() });
        }
        CaseEvent::Corrected { version, field, old, new, reason, .. } => {
            case.corrections.push(Correction {
                version: *version,
                field: *field,
                old: old.clone(),
                new: new.clone(),
                reason: reason.clone(),
            });
            return correct(case, *version, *field, new);
        }
    }
    true
}

fn open(case: &mut Case, first: &Finding) {
    case.source = Some(first.source.clone());
    case.division = Some(first.division.clone());
    case.discovered = Some(first.discovered);
}

fn attach(case: &mut Case, finding: &Finding, at: &Happening<'_>, from: Option<CaseId>) {
    case.findings.push(CaseFinding {
        id: finding.id(),
        finding: finding.clone(),
        event: at.id,
        version: at.version,
        from,
    });
    name_subjects(case, finding.subjects());
    classify(case, finding.class());
}

fn detach(case: &mut Case, from: CaseId, findings: &[FindingId]) {
    case.findings.retain(|f| f.from != Some(from) || !findings.contains(&f.id));
}

/// A case is of the gravest class that any of its findings ever had: what once told of an accusation still does.
fn classify(case: &mut Case, class: Option<PetitionClass>) {
    let weight = |class: &PetitionClass| match class {
        PetitionClass::Suggestion => 0,
        PetitionClass::Request => 1,
        PetitionClass::Accusation => 2,
    };
    case.class = case.class.into_iter().chain(class).max_by_key(weight);
}

fn amend(case: &mut Case, finding: &Finding) -> bool {
    let id = finding.id();
    let Some(known) = case.findings.iter_mut().find(|f| f.id == id) else { return false };
    known.finding = finding.clone();
    name_subjects(case, finding.subjects());
    classify(case, finding.class());
    true
}

fn name_subjects(case: &mut Case, subjects: &[Subject]) {
    case.subjects.extend(subjects.iter().copied());
}

fn restate(case: &mut Case, found: &Amounts) {
    for quantity in case.quantities.values_mut() {
        quantity.found = 0;
    }
    for (kind, amount) in found {
        case.quantities.entry(*kind).or_default().found = *amount;
    }
}

fn reported(case: &mut Case, fixed: &Amounts) {
    for (kind, amount) in fixed {
        case.quantities.entry(*kind).or_default().reported = *amount;
    }
}

fn unassign(case: &mut Case) {
    case.assignment = None;
    case.owed = Severity::Ordinary;
    case.extension = None;
    case.joint_reports.clear();
    forget_verification(case);
}

/// What was verified and approved holds for one completion report only.
fn forget_verification(case: &mut Case) {
    case.passed.clear();
    case.approval = None;
    case.verdict = None;
    case.handed_up.clear();
    for quantity in case.quantities.values_mut() {
        quantity.verified = 0;
    }
}

fn end(case: &mut Case, reason: &str, to: Option<Destination>) {
    case.ended = Some(Ended { reason: reason.to_owned(), to });
}

/// Leaves a case where an older ledger leaves it.
fn leave(case: &mut Case, standing: &Standing) {
    match standing {
        Standing::NotStarted | Standing::UnderWay => {}
        Standing::Closed { outcome, on } => {
            case.outcome = Some(*outcome);
            case.closed = *on;
        }
        Standing::Dismissed { reason, .. } => end(case, reason, None),
        Standing::Merged { into, .. } => end(case, DECLARED, Some(Destination::Row(into.clone()))),
        Standing::Transferred { receiver, receipt, .. } => {
            let (name, receipt) = (receiver.clone(), receipt.clone().unwrap_or_default());
            end(case, DECLARED, Some(Destination::Receiver { name, receipt }));
        }
    }
}

fn stand(case: &mut Case, unit: UnitId, standing: PlanStanding) -> bool {
    case.plans.get_mut(&unit).map(|plan| plan.standing = standing).is_some()
}

fn change_deadline(case: &mut Case, deadline: crate::deadline::Deadline) {
    if let Some(assignment) = &mut case.assignment {
        assignment.deadline = deadline.clone();
    }
    case.deadline = Some(deadline);
}

fn file(case: &mut Case, at: &Happening<'_>, evidence: &Evidence, side: Side, unit: UnitId, from: Option<CaseId>) {
    let by = at.actor.person;
    let entry = OnFile { evidence: evidence.clone(), filed: at.version, side, unit, by, withdrawn: None, from };
    case.evidence.insert(evidence.digest.clone(), entry);
}

fn withdraw(case: &mut Case, digest: &Digest, reason: &str) -> bool {
    case.evidence.get_mut(digest).map(|entry| entry.withdrawn = Some(reason.to_owned())).is_some()
}

fn designate(case: &mut Case, level: u32, unit: UnitId) -> bool {
    let levels = case.assignment.as_mut().map(|a| &mut a.levels);
    let place = levels.zip(usize::try_from(level).ok()).and_then(|(levels, at)| levels.get_mut(at));
    place
        .map(|level| {
            level.holder = Some(unit);
            level.designated = true;
        })
        .is_some()
}

fn correct(case: &mut Case, version: Version, field: Field, new: &str) -> bool {
    let finding = case.findings.iter_mut().find(|f| f.version == version).map(|f| &mut f.finding);
    match (field, finding) {
        (Field::Title, finding) => {
            new.clone_into(&mut case.title);
            if let Some(finding) = finding {
                new.clone_into(&mut finding.title);
            }
        }
        (Field::Text, Some(finding)) => new.clone_into(&mut finding.text),
        (Field::Place, Some(finding)) => finding.place = Some(new.to_owned()),
        (Field::Category, Some(finding)) => finding.category = Some(new.to_owned()),
        (Field::Discovered, Some(finding)) => match new.parse() {
            Ok(discovered) => {
                finding.discovered = discovered;
                case.discovered = case.findings.first().map(|f| f.finding.discovered);
            }
            Err(_) => return false,
        },
        (Field::Progress, _) => match case.progress.iter_mut().find(|p| p.version == version) {
            Some(progress) => new.clone_into(&mut progress.text),
            None => return false,
        },
        (Field::Account, _) => match case.report.as_mut().filter(|r| r.version == version) {
            Some(report) => new.clone_into(&mut report.account),
            None => return false,
        },
        (Field::Text | Field::Place | Field::Category | Field::Discovered, None) => return false,
    }
    true
}
