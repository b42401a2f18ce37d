//! Evidence is put on file and withdrawn.

use crate::case::Case;
use crate::decide::guard::Guard;
use crate::decide::{Facts, reading};
use crate::directory::Role;
use crate::event::CaseEvent;
use crate::evidence::{Evidence, Side};
use crate::identity::{Digest, UnitId};
use crate::refusal::{Refusal, Refused};
use crate::stage::Stage;

pub(super) fn file(case: &Case, unit: UnitId, evidence: Evidence, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    reading::unit(unit, facts)?;
    reading::text(&evidence.name)?;
    let side = side(case, unit, facts)?;
    Ok(CaseEvent::EvidenceFiled { evidence, side, unit })
}

/// The office files for a responsible unit only what it enters late; what it gathers while a level is its to verify, it
/// gathered on site.
fn side(case: &Case, unit: UnitId, facts: &Facts<'_>) -> Result<Side, Refused> {
    let responsible = case.responsible().any(|r| facts.directory.belongs(unit, r));
    let holder = case.next_level().and_then(|level| holder(case, level));
    let verifies = case.stage == Some(Stage::Reported) && holder == Some(unit);
    match facts.actor.role {
        Role::Officer if facts.late.is_some() && responsible => Ok(Side::Responsible),
        Role::Officer | Role::Verifier if !facts.directory.belongs(facts.actor.unit, unit) => {
            Err(Refusal::NotYourCase.into())
        }
        Role::Officer | Role::Verifier if verifies => Ok(Side::Verifier),
        Role::Officer => Ok(Side::Office),
        Role::Verifier => Err(Refusal::NotTheVerifyingUnit.into()),
        _ if responsible => Ok(Side::Responsible),
        _ => Err(Refusal::NotResponsible.into()),
    }
}

/// Returns the unit that holds a level.
pub(super) fn holder(case: &Case, level: u32) -> Option<UnitId> {
    let levels = &case.assignment.as_ref()?.levels;
    levels.get(usize::try_from(level).ok()?)?.holder
}

pub(super) fn withdraw(case: &Case, digest: Digest, reason: &str, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    let reason = reading::reason(reason)?;
    let entry = case.evidence.get(&digest).filter(|e| e.withdrawn.is_none()).ok_or(Refusal::NoSuchEvidence)?;
    if facts.actor.role != Role::Officer && !facts.directory.belongs(facts.actor.unit, entry.unit) {
        return Err(Refusal::NotYourCase.into());
    }
    let relied_on = case.passed.iter().any(|passed| passed.relied_on.contains(&digest));
    Guard::ReliedOnStays.require(!relied_on, Refusal::EvidenceReliedOn)?;
    Ok(CaseEvent::EvidenceWithdrawn { digest, reason })
}
