//! Who answers, until when, and the chain of verification that follows from it.

use std::collections::BTreeSet;

use crate::assignment::{Assignment, Level, Method};
use crate::case::Case;
use crate::command::{Ends, Term};
use crate::deadline::{Deadline, Rule, Start};
use crate::decide::Facts;
use crate::decide::guard::Guard;
use crate::decide::reading;
use crate::directory::Role;
use crate::event::CaseEvent;
use crate::finding::{Severity, Subject};
use crate::identity::{PersonId, UnitId};
use crate::permission::{Audience, Reader};
use crate::refusal::{Refusal, Refused};

/// Who is named.
pub(super) struct Named {
    pub(super) leads: Vec<UnitId>,
    pub(super) co_responsible: Vec<UnitId>,
    pub(super) responsible_leader: Option<PersonId>,
    pub(super) goal: String,
}

impl Named {
    fn with_a_goal(self) -> Result<Named, Refused> {
        Ok(Named { goal: reading::text(&self.goal)?, ..self })
    }
}

pub(super) fn assign(case: &Case, named: Named, wanted: Option<Term>, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    let deadline = match (&case.deadline, wanted) {
        (Some(deadline), _) => deadline.clone(),
        (None, Some(wanted)) => term(&wanted, Start::Assigned, facts.today(), facts)?,
        (None, None) => return Err(Refusal::NoTerm.into()),
    };
    Ok(CaseEvent::Assigned { assignment: assignment(case, named.with_a_goal()?, deadline, facts)? })
}

pub(super) fn reassign(case: &Case, named: Named, reason: &str, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    let reason = reading::reason(reason)?;
    let deadline = case.deadline.clone().ok_or(Refusal::NoDeadline)?;
    Ok(CaseEvent::Reassigned { assignment: assignment(case, named.with_a_goal()?, deadline, facts)?, reason })
}

/// Returns the deadline a term gives, counted from a day.
pub(super) fn term(
    term: &Term,
    starts: Start,
    from: chrono::NaiveDate,
    facts: &Facts<'_>,
) -> Result<Deadline, Refused> {
    let office = || Rule { pack: "office".to_owned(), cite: "整改办交办".to_owned() };
    let rule = term.rule.clone().unwrap_or_else(office);
    let deadline = match term.ends {
        Ends::After(days) => Some(Deadline::counted(starts, from, rule, days, facts.zone)),
        Ends::On(last_day) => Deadline::until(starts, from, rule, last_day, facts.zone),
    };
    deadline.filter(|d| d.last_day > from).ok_or_else(|| Refusal::TermNotAfterStart.into())
}

/// Returns who answers, checked, with the chain of verification that follows.
pub(super) fn assignment(
    case: &Case,
    named: Named,
    deadline: Deadline,
    facts: &Facts<'_>,
) -> Result<Assignment, Refused> {
    let Named { leads, co_responsible, responsible_leader, goal } = named;
    if leads.is_empty() {
        return Err(Refusal::NoLead.into());
    }
    let mut seen = BTreeSet::new();
    for unit in leads.iter().chain(&co_responsible) {
        reading::unit(*unit, facts)?;
        if !seen.insert(*unit) {
            return Err(Refusal::UnitNamedTwice.into());
        }
    }
    let audience = Audience::of(case, facts.directory);
    for unit in &seen {
        let free = !audience.walls_unit(*unit, facts.directory);
        Guard::AccusedIsNotResponsible.require(free, Refusal::SubjectWouldHandle)?;
    }
    if let Some(leader) = responsible_leader {
        let leads = facts.directory.holdings(leader, facts.now).any(|h| h.role == Role::ResponsibleLeader);
        if !leads {
            return Err(Refusal::NotAResponsibleLeader.into());
        }
        if case.recused.contains(&leader) {
            return Err(Refusal::IsRecused.into());
        }
        let walled = audience.walls(&Reader::of(leader, facts.directory, facts.now));
        Guard::AccusedDoesNotLead.require(!walled, Refusal::SubjectWouldHandle)?;
    }
    let assignment = Assignment { leads, co_responsible, responsible_leader, goal, deadline, levels: Vec::new() };
    let levels = chain(case, &assignment, case.owed.max(case.severity), facts);
    Ok(Assignment { levels, ..assignment })
}

/// Returns the chain of verification: ordinary, the office of the lead's division; serious, then the prefecture office;
/// grave, both, the second on site. One office holds no two levels in a row. A level whose office is responsible, a
/// subject, or has nobody left passes to the office above; where there is none it waits to be designated.
pub(super) fn chain(case: &Case, assignment: &Assignment, severity: Severity, facts: &Facts<'_>) -> Vec<Level> {
    let own = assignment.answering().and_then(|lead| facts.directory.office_of(lead));
    let top = facts.directory.prefecture_office();
    let named = match severity {
        Severity::Ordinary => vec![(own, Method::OnFile)],
        Severity::Serious | Severity::Grave if own == top => vec![(top, method_of(severity))],
        Severity::Serious | Severity::Grave => vec![(own, Method::OnFile), (top, method_of(severity))],
    };
    let level = |(office, method): (Option<UnitId>, Method)| {
        let offices = std::iter::successors(office, |office| facts.directory.superior_office(*office));
        let holder = offices.take(8).find(|office| is_eligible(*office, case, assignment, facts));
        Level { method, holder, designated: holder != office }
    };
    named.into_iter().map(level).collect()
}

fn method_of(severity: Severity) -> Method {
    if severity == Severity::Grave { Method::OnSite } else { Method::OnFile }
}

/// Returns whether a unit can hold a level: it is neither responsible nor a subject, and somebody in it can verify.
pub(super) fn is_eligible(unit: UnitId, case: &Case, assignment: &Assignment, facts: &Facts<'_>) -> bool {
    let belongs = |other: UnitId| facts.directory.belongs(unit, other);
    let responsible = assignment.responsible().any(belongs) && !Guard::ResponsibleHoldsNoLevel.is_out();
    let subject = is_subject(unit, case, facts) && !Guard::SubjectHoldsNoLevel.is_out();
    facts.directory.is_active(unit) && !responsible && !subject && has_verifier(unit, case, facts)
}

/// Returns whether a unit is complained about: is a subject, is below one, or is led by one.
fn is_subject(unit: UnitId, case: &Case, facts: &Facts<'_>) -> bool {
    let named = case.subjects.iter().any(|s| matches!(s, Subject::Unit(s) if facts.directory.belongs(unit, *s)));
    named || Audience::of(case, facts.directory).walls_unit(unit, facts.directory)
}

fn has_verifier(unit: UnitId, case: &Case, facts: &Facts<'_>) -> bool {
    facts.directory.people().any(|(person, _)| {
        let free = !case.recused.contains(&person) && !case.reporters.contains(&person);
        let verifies = |role| facts.directory.holds(person, role, unit, facts.now);
        free && (verifies(Role::Officer) || verifies(Role::Verifier))
    })
}

/// Returns the designations that follow when holders of levels have become subjects.
pub(super) fn redesignated(then: &Case, assignment: &Assignment, facts: &Facts<'_>) -> Vec<CaseEvent> {
    let mut events = Vec::new();
    for (at, level) in assignment.levels.iter().enumerate() {
        let lost = level.holder.filter(|holder| is_subject(*holder, then, facts));
        let next = lost.and_then(|holder| successor(holder, then, assignment, facts));
        if let (Some(unit), Ok(level)) = (next, u32::try_from(at)) {
            let reason = "原核验单位为被反映对象".to_owned();
            events.push(CaseEvent::VerifierDesignated { level, unit, reason });
        }
    }
    events
}

/// Returns whether a level would be left without a holder because its holder has become a subject.
pub(super) fn without_holder(then: &Case, assignment: &Assignment, facts: &Facts<'_>) -> bool {
    let holders = assignment.levels.iter().filter_map(|level| level.holder);
    let mut lost = holders.filter(|holder| is_subject(*holder, then, facts));
    lost.any(|holder| successor(holder, then, assignment, facts).is_none())
}

fn successor(holder: UnitId, case: &Case, assignment: &Assignment, facts: &Facts<'_>) -> Option<UnitId> {
    let above = std::iter::successors(Some(holder), |office| facts.directory.superior_office(*office));
    above.take(8).skip(1).find(|office| is_eligible(*office, case, assignment, facts))
}
