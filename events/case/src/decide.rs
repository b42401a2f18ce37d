//! The decision: a command, the case as it stands and the facts that were looked up, into events or a refusal.

mod assignment;
mod authority;
mod carrying;
mod closure;
mod correction;
mod deadline;
mod evidence;
mod firewall;
mod guard;
mod intake;
mod moment;
mod reading;
mod repair;
mod restructure;
mod severity;
mod supervision;
mod verification;

#[cfg(test)]
pub(crate) use guard::{Guard, without};

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use crate::actor::Actor;
use crate::case::Case;
use crate::command::Command;
use crate::directory::Directory;
use crate::event::CaseEvent;
use crate::identity::{CaseId, Digest};
use crate::refusal::{Refusal, Refused};
use crate::time::{Happened, Zone};

/// What was looked up before deciding. No clock, no database, no randomness is left to ask.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The instant of the decision.
    pub now: DateTime<Utc>,
    /// The office's zone.
    pub zone: Zone,
    /// Who asks.
    pub actor: Actor,
    /// Units, people, roles, sources.
    pub directory: &'a Directory,
    /// The evidence of this case that the actor has opened.
    pub opened: &'a BTreeSet<Digest>,
    /// The other case, where the command names one.
    pub other: Option<&'a Case>,
    /// When it really happened and the document that shows it, when it is entered later (补录).
    pub late: Option<&'a Late>,
}

/// An act entered after the day it happened (补录).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Late {
    /// When it happened.
    pub happened: Happened,
    /// The document that shows it.
    pub document: String,
}

/// An event that a decision makes, and the case it is of. All events of one decision are appended at once or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The case whose stream it goes to.
    pub case: CaseId,
    /// The event.
    pub event: CaseEvent,
}

/// Decides on a command: returns what happens, or why not.
pub fn decide(case: &Case, command: Command, facts: &Facts<'_>) -> Result<Vec<Decided>, Refused> {
    authority::check(case, &command, facts)?;
    stage(case, &command)?;
    moment::check(case, &command, facts)?;
    let own = |events: Vec<CaseEvent>| events.into_iter().map(|event| Decided { case: case.id, event }).collect();
    let one = |event: CaseEvent| own(vec![event]);
    Ok(match command {
        Command::Report { finding } => one(intake::report(finding, facts)?),
        Command::CarryOver { declared, leads, co_responsible, responsible_leader, goal, deadline } => {
            let named = assignment::Named { leads, co_responsible, responsible_leader, goal };
            one(carrying::carry_over(case, declared, named, deadline, facts)?)
        }
        Command::Amend { finding } => own(intake::amend(case, finding, facts)?),
        Command::Corroborate { finding, .. } => own(intake::corroborate(case, finding, facts)?),
        Command::FlagLikelyDuplicate { other, ground } => one(intake::flag(case, other, ground, facts)?),
        Command::Register { severity, title, found } => {
            one(intake::register(case, severity, title.as_deref(), found, facts)?)
        }
        Command::Assign { leads, co_responsible, responsible_leader, goal, term } => {
            let named = assignment::Named { leads, co_responsible, responsible_leader, goal };
            one(assignment::assign(case, named, term, facts)?)
        }
        Command::Reassign { leads, co_responsible, responsible_leader, goal, reason } => {
            let named = assignment::Named { leads, co_responsible, responsible_leader, goal };
            one(assignment::reassign(case, named, &reason, facts)?)
        }
        Command::Split { parts, reason } => restructure::split(case, parts, &reason, facts)?,
        Command::Merge { found, reason, .. } => restructure::merge(case, found, &reason, facts)?,
        Command::Unmerge { reason } => restructure::unmerge(case, &reason, facts)?,
        Command::Dismiss { reason } => own(restructure::dismiss(case, &reason, facts)?),
        Command::Transfer { receiver, receipt, reason } => {
            own(restructure::transfer(case, &receiver, &receipt, &reason, facts)?)
        }
        Command::Revive { reason } => one(restructure::revive(case, &reason)?),
        Command::SplitOffRest { id, amounts, reason } => {
            restructure::split_off_rest(case, id, amounts, &reason, facts)?
        }
        Command::Accept { unit } => one(repair::accept(case, unit)?),
        Command::Return { unit, reason } => one(repair::give_back(case, unit, &reason)?),
        Command::HandBack { unit, reason } => one(repair::hand_back(case, unit, &reason)?),
        Command::SubmitPlan { unit, plan } => one(repair::submit_plan(case, unit, plan, facts)?),
        Command::ApprovePlan { unit } => one(repair::approve_plan(case, unit)?),
        Command::ReturnPlan { unit, reason } => one(repair::return_plan(case, unit, &reason)?),
        Command::ReportProgress { unit, text, fixed, done } => {
            one(repair::report_progress(case, unit, &text, fixed, done)?)
        }
        Command::ReportCompletion { unit, outcome, account, fixed, done, evidence } => {
            let report = repair::Report { unit, outcome, account, fixed, done, evidence };
            own(repair::report_completion(case, report, facts)?)
        }
        Command::RequestExtension { unit, until, reason } => {
            one(deadline::request_extension(case, unit, until, &reason, facts)?)
        }
        Command::GrantExtension {} => one(deadline::grant_extension(case, facts)?),
        Command::RefuseExtension { reason } => one(deadline::refuse_extension(case, &reason)?),
        Command::ChangeDeadline { change, reason } => one(deadline::change(case, change, &reason, facts)?),
        Command::FileEvidence { unit, evidence } => one(evidence::file(case, unit, evidence, facts)?),
        Command::WithdrawEvidence { digest, reason } => one(evidence::withdraw(case, digest, &reason, facts)?),
        Command::PassLevel { level, relied_on, verified, verdict, opinion } => {
            let passing = verification::Passing { level, relied_on, verified, verdict, opinion };
            own(verification::pass(case, passing, facts)?)
        }
        Command::FailVerification { level, reason } => one(verification::fail(case, level, &reason, facts)?),
        Command::DesignateVerifier { level, unit, reason } => {
            one(verification::designate(case, level, unit, &reason, facts)?)
        }
        Command::ApproveClosure { opinion } => one(closure::approve(case, &opinion, facts)?),
        Command::DeclineClosure { reason } => one(closure::decline(case, &reason)?),
        Command::SetAside { ground, reason } => one(closure::set_aside(ground, &reason)?),
        Command::Close { outcome } => one(closure::close(case, outcome, facts)?),
        Command::Reopen { reason, term } => own(closure::reopen(case, &reason, &term, facts)?),
        Command::LookBack { held, note } => one(closure::look_back(held, &note)?),
        Command::HandUp { act } => own(closure::hand_up(case, act, facts)?),
        Command::RaiseSeverity { to, reason } => own(severity::raise(case, to, &reason, facts)?),
        Command::ProposeLowerSeverity { to, reason } => one(severity::propose_lower(case, to, &reason)?),
        Command::LowerSeverity {} => one(severity::lower(case, facts)?),
        Command::NameSubjects { subjects, reason } => own(firewall::name(case, &subjects, &reason, facts)?),
        Command::Recuse { person, reason } => one(firewall::recuse(case, person, &reason, facts)?),
        Command::Press { message } => one(supervision::press(&message)?),
        Command::List { target, leader } => one(supervision::list(case, &target, leader, facts)?),
        Command::ReviewListing { note } => one(supervision::review(case, &note)?),
        Command::Delist { reason } => one(supervision::delist(case, &reason)?),
        Command::RestateQuantities { found, reason } => one(repair::restate(case, found, &reason)?),
        Command::Link { other, relation } => one(supervision::link(case, other, relation, facts)?),
        Command::Unlink { other, relation } => one(supervision::unlink(case, other, relation)?),
        Command::PassOnClue { receiver, receipt, note } => one(supervision::pass_on(&receiver, &receipt, &note)?),
        Command::AddNote { text } => one(supervision::note(&text)?),
        Command::Correct { version, field, old, new, reason } => {
            let asked = correction::Asked { version, field, old, new, reason };
            one(correction::correct(case, asked, facts)?)
        }
    })
}

impl Facts<'_> {
    /// Returns when the act happened: now, or earlier when it is entered late.
    pub fn happened(&self) -> Happened {
        self.late.map_or(Happened::At(self.now), |late| late.happened)
    }

    /// Returns the day the act happened on.
    fn today(&self) -> NaiveDate {
        self.happened().day(self.zone)
    }
}

fn stage(case: &Case, command: &Command) -> Result<(), Refused> {
    let fits = match case.stage {
        None => command.stages().is_empty(),
        Some(stage) => command.stages().contains(&stage),
    };
    let begun = case.stage.is_some() || command.stages().is_empty();
    match (fits, begun) {
        (true, _) => Ok(()),
        (false, true) => Err(Refusal::WrongStage.into()),
        (false, false) => Err(Refusal::NoSuchCase.into()),
    }
}
