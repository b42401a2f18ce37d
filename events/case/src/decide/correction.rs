//! Corrections (更正): who entered it, or the office; after a completion report only the office.

use crate::case::Case;
use crate::decide::{Facts, reading};
use crate::directory::Role;
use crate::envelope::Version;
use crate::event::{CaseEvent, Field};
use crate::refusal::{Refusal, Refused};
use crate::stage::Stage;
use crate::time::Happened;

/// What shall be corrected.
pub(super) struct Asked {
    pub(super) version: Version,
    pub(super) field: Field,
    pub(super) old: String,
    pub(super) new: String,
    pub(super) reason: String,
}

pub(super) fn correct(case: &Case, asked: Asked, facts: &Facts<'_>) -> Result<CaseEvent, Refused> {
    let Asked { version, field, old, new, reason } = asked;
    let reason = reading::reason(&reason)?;
    let new = reading::text(&new)?;
    let present = present(case, version, field).filter(|present| *present == old).ok_or(Refusal::NothingToCorrect)?;
    if present == new {
        return Err(Refusal::SameAsBefore.into());
    }
    let reported = matches!(case.stage, Some(Stage::Reported | Stage::Verified | Stage::Closed));
    if facts.actor.role != Role::Officer && (reported || !entered(case, version, field, facts)) {
        return Err(Refusal::RoleMayNot.into());
    }
    if field == Field::Discovered {
        let discovered: Happened = new.parse().map_err(|_| Refusal::NothingToCorrect)?;
        if discovered.earliest(facts.zone) > facts.now {
            return Err(Refusal::InTheFuture.into());
        }
        let moved = case.moved.filter(|moved| moved.version > version);
        if moved.is_some_and(|m| m.happened.latest(facts.zone) < discovered.earliest(facts.zone)) {
            return Err(Refusal::BeforeThePrevious.into());
        }
    }
    let levels = case.assignment.iter().filter(|_| reported).flat_map(|a| &a.levels);
    let told = levels.filter_map(|level| level.holder).collect();
    Ok(CaseEvent::Corrected { version, field, old, new, reason, told })
}

/// What stands in a field of an event now.
fn present(case: &Case, version: Version, field: Field) -> Option<String> {
    let finding = case.findings.iter().find(|f| f.version == version).map(|f| &f.finding);
    match field {
        Field::Title if version <= case.version => Some(case.title.clone()),
        Field::Title => None,
        Field::Text => finding.map(|f| f.text.clone()),
        Field::Place => finding.map(|f| f.place.clone().unwrap_or_default()),
        Field::Category => finding.map(|f| f.category.clone().unwrap_or_default()),
        Field::Discovered => finding.map(|f| f.discovered.to_string()),
        Field::Progress => case.progress.iter().find(|p| p.version == version).map(|p| p.text.clone()),
        Field::Account => case.report.as_ref().filter(|r| r.version == version).map(|r| r.account.clone()),
    }
}

/// Whether the actor's side entered the event: the source its finding, the unit its report.
fn entered(case: &Case, version: Version, field: Field, facts: &Facts<'_>) -> bool {
    let unit = match field {
        Field::Progress => case.progress.iter().find(|p| p.version == version).map(|p| p.unit),
        Field::Account => case.report.as_ref().filter(|r| r.version == version).map(|r| r.unit),
        Field::Title | Field::Text | Field::Place | Field::Category | Field::Discovered => None,
    };
    match (facts.actor.role, unit) {
        (Role::SourceSystem, None) => true,
        (Role::Handler, Some(unit)) => facts.directory.belongs(facts.actor.unit, unit),
        _ => false,
    }
}
