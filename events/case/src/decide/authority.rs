//! Who may ask: the role, the unit, the case, and the firewall before all (rules 2 and 3).

use crate::case::Case;
use crate::command::Command;
use crate::decide::Facts;
use crate::decide::carrying;
use crate::decide::guard::Guard;
use crate::directory::{Role, UnitKind};
use crate::identity::UnitId;
use crate::permission::{Audience, Reader};
use crate::refusal::{Refusal, Refused};

pub(super) fn check(case: &Case, command: &Command, facts: &Facts<'_>) -> Result<(), Refused> {
    let actor = facts.actor;
    let principal = actor.on_behalf_of.unwrap_or(actor.person);
    let delegated = actor.on_behalf_of.is_none_or(|other| facts.directory.acts_for(actor.person, other, facts.now));
    Guard::DelegationInForce.require(delegated, Refusal::NotDelegated)?;
    let held = facts.directory.holds(principal, actor.role, actor.unit, facts.now);
    Guard::RoleIsHeld.require(held, Refusal::RoleNotHeld)?;
    if !may(command, facts) {
        return Err(Refusal::RoleMayNot.into());
    }
    // What begins as it is declared is judged as what it will be.
    let begun = match command {
        Command::CarryOver { declared, .. } => Some(carrying::begun(case, declared)),
        _ => None,
    };
    let case = begun.as_ref().unwrap_or(case);
    let audience = Audience::of(case, facts.directory);
    keeps_out(case, facts)?;
    if let (Some(other), Command::Merge { .. } | Command::Unmerge { .. } | Command::Corroborate { .. }) =
        (facts.other, command)
    {
        keeps_out(other, facts)?;
    }
    if concerns(case, command, &audience, facts) { Ok(()) } else { Err(Refusal::NotYourCase.into()) }
}

/// Checks that neither who acts nor whom they act for is recused from a case, or accused in it.
pub(super) fn keeps_out(case: &Case, facts: &Facts<'_>) -> Result<(), Refused> {
    let audience = Audience::of(case, facts.directory);
    for person in facts.actor.persons() {
        let recused = case.recused.contains(&person);
        Guard::RecusedDoesNotAct.require(!recused, Refusal::IsRecused)?;
        let walled = !recused && audience.walls(&Reader::of(person, facts.directory, facts.now));
        Guard::AccusedDoesNotAct.require(!walled, Refusal::Walled)?;
    }
    Ok(())
}

/// Whether the role may ask this at all. The office enters for a unit what happened earlier (补录).
fn may(command: &Command, facts: &Facts<'_>) -> bool {
    let roles = command.roles();
    let enters_for_unit = facts.late.is_some() && facts.actor.role == Role::Officer && roles.contains(&Role::Handler);
    roles.contains(&facts.actor.role) || enters_for_unit
}

/// Whether the case is the actor's to act on.
fn concerns(case: &Case, command: &Command, audience: &Audience, facts: &Facts<'_>) -> bool {
    let actor = facts.actor;
    let governs = |audience: &Audience| {
        let home = facts.directory.unit(actor.unit);
        home.is_some_and(|home| audience.divisions.iter().any(|division| division.lies_in(&home.division)))
    };
    let works_on = || facts.directory.upward(actor.unit).any(|unit| audience.units.contains(&unit));
    match actor.role {
        Role::SourceSystem => true,
        Role::Officer => match command {
            Command::Report { .. } => true,
            Command::PassLevel { .. } | Command::FailVerification { .. } => works_on() || governs(audience),
            Command::Merge { .. } | Command::Unmerge { .. } | Command::Corroborate { .. } => {
                let other = facts.other.map(|other| Audience::of(other, facts.directory));
                is_office(actor.unit, facts) && governs(audience) && other.is_none_or(|other| governs(&other))
            }
            _ => is_office(actor.unit, facts) && (governs(audience) || handed_up(case, actor.unit)),
        },
        Role::Auditor | Role::ClosingLeader => governs(audience),
        Role::Handler | Role::Verifier => works_on() && speaks_for(command, facts),
        Role::ResponsibleLeader => works_on() || audience.persons.contains(&actor.person),
        Role::Administrator => false,
    }
}

fn is_office(unit: UnitId, facts: &Facts<'_>) -> bool {
    facts.directory.unit(unit).is_some_and(|unit| unit.kind == UnitKind::Office)
}

fn handed_up(case: &Case, office: UnitId) -> bool {
    case.handed_up.values().any(|to| *to == office)
}

/// Whether the actor belongs to the unit the command speaks for.
fn speaks_for(command: &Command, facts: &Facts<'_>) -> bool {
    command.unit().is_none_or(|unit| facts.directory.belongs(facts.actor.unit, unit))
}

impl Command {
    /// Returns the unit a command of a unit speaks for.
    fn unit(&self) -> Option<UnitId> {
        match self {
            Command::Accept { unit }
            | Command::Return { unit, .. }
            | Command::HandBack { unit, .. }
            | Command::SubmitPlan { unit, .. }
            | Command::ReportProgress { unit, .. }
            | Command::RequestExtension { unit, .. }
            | Command::FileEvidence { unit, .. }
            | Command::ReportCompletion { unit, .. } => Some(*unit),
            _ => None,
        }
    }
}
