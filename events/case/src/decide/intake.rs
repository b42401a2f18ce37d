//! Findings come in: report, amend, corroborate, register.

use crate::case::Case;
use crate::decide::Facts;
use crate::decide::authority;
use crate::decide::firewall;
use crate::decide::guard::Guard;
use crate::decide::reading;
use crate::event::{CaseEvent, Likeness};
use crate::finding::{Finding, Severity, Subject};
use crate::identity::{CaseId, FindingId};
use crate::quantity::Amounts;
use crate::refusal::{Refusal, Refused};

pub(super) fn report(finding: Box<Finding>, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    check(&finding, facts)?;
    Ok(CaseEvent::FindingReported { finding })
}

pub(super) fn amend(case: &Case, finding: Box<Finding>, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refused> {
    check(&finding, facts)?;
    let id = finding.id();
    let known = case.findings.iter().find(|f| f.id == id).ok_or(Refusal::NoSuchFinding)?;
    if known.finding == *finding {
        return Err(Refusal::SameAsBefore.into());
    }
    let consequences = firewall::consequences(&firewall::telling(case, &finding), facts);
    let ended = case.stage.is_some_and(crate::stage::Stage::is_final);
    let told = if ended { CaseEvent::FindingRepeated { finding } } else { CaseEvent::FindingAmended { finding } };
    Ok(std::iter::once(told).chain(consequences).collect())
}

pub(super) fn corroborate(case: &Case, id: FindingId, facts: &Facts<'_>) -> Result<Vec<CaseEvent>, Refused> {
    let other = facts.other.filter(|other| other.stage.is_some()).ok_or(Refusal::NoSuchCase)?;
    if other.id == case.id {
        return Err(Refusal::SelfReference.into());
    }
    let held = other.findings.iter().find(|f| f.id == id).ok_or(Refusal::NoSuchFinding)?;
    Guard::FindingOnce.require(case.findings.iter().all(|f| f.id != id), Refusal::FindingAlreadyHere)?;
    let mut then = firewall::telling(case, &held.finding);
    // Whom the office named in the other case, the finding complains about here as well.
    let named: Vec<Subject> = other.subjects.difference(&then.subjects).copied().collect();
    then.subjects.extend(&named);
    firewall::may_point(&then, Some(other))?;
    authority::keeps_out(&then, facts)?;
    let mut events =
        vec![CaseEvent::FindingCorroborated { finding: Box::new(held.finding.clone()), from: Some(other.id) }];
    events.extend(firewall::consequences(&then, facts));
    if !named.is_empty() {
        events.push(CaseEvent::SubjectsNamed { subjects: named, reason: "随原事项".to_owned() });
    }
    Ok(events)
}

pub(super) fn flag(case: &Case, other: CaseId, ground: Likeness, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    if other == case.id {
        return Err(Refusal::SelfReference.into());
    }
    if facts.other.is_none_or(|other| other.stage.is_none()) {
        return Err(Refusal::NoSuchCase.into());
    }
    if case.likely_duplicates.contains_key(&other) {
        return Err(Refusal::SameAsBefore.into());
    }
    firewall::may_point(case, facts.other)?;
    Ok(CaseEvent::LikelyDuplicateFlagged { other, ground })
}

pub(super) fn register(
    case: &Case,
    severity: Option<Severity>,
    title: Option<&str>,
    found: Option<Amounts>,
    facts: &Facts<'_>,
) -> Result<CaseEvent, Refused> {
    let source = case.source.as_ref().and_then(|code| facts.directory.source(code)).ok_or(Refusal::UnknownSource)?;
    let office = facts.directory.unit(facts.actor.unit).ok_or(Refusal::UnknownUnit)?;
    let told = case.findings.iter().filter_map(|f| f.finding.severity).max();
    let severity = severity.unwrap_or_else(|| told.unwrap_or(source.severity).max(case.severity));
    let title = reading::text(title.unwrap_or(&case.title))?;
    let found = found.unwrap_or_else(|| case.found());
    reading::amounts(&found)?;
    let year = chrono::Datelike::year(&facts.today());
    let series = crate::number::Series { office: office.prefix.clone(), source: source.prefix.clone(), year };
    Ok(CaseEvent::Registered { number: series.next(), office: office.id, severity, title, found })
}

/// Checks what a source reports, or an older ledger in its stead.
pub(super) fn check(finding: &Finding, facts: &Facts<'_>) -> Result<(), Refused> {
    if facts.directory.source(&finding.source).is_none() {
        return Err(Refused { grounds: vec![Refusal::UnknownSource], about: Some(finding.source.to_string()) });
    }
    reading::text(&finding.title)?;
    reading::text(&finding.text)?;
    reading::amounts(&finding.found)
}
