//! Two clocks (rule 6): what is entered late is entered by the office, with a document, and in order.

use crate::case::Case;
use crate::command::Command;
use crate::decide::Facts;
use crate::directory::Role;
use crate::refusal::{Refusal, Refused};
use crate::time::Happened;

pub(super) fn check(case: &Case, command: &Command, facts: &Facts<'_>) -> Result<(), Refused> {
    if let Command::Report { finding } | Command::Amend { finding } = command {
        return not_in_the_future(finding.discovered, facts);
    }
    if let Command::CarryOver { declared, .. } = command {
        not_in_the_future(declared.finding.discovered, facts)?;
    }
    let Some(late) = facts.late else { return Ok(()) };
    if facts.actor.role != Role::Officer {
        return Err(Refusal::LateEntryNotOffice.into());
    }
    if late.document.trim().is_empty() {
        return Err(Refusal::LateEntryWithoutDocument.into());
    }
    not_in_the_future(late.happened, facts)?;
    let not_before = |earlier: Option<Happened>, refusal: Refusal| match earlier {
        Some(earlier) if late.happened.latest(facts.zone) < earlier.earliest(facts.zone) => Err(refusal),
        _ => Ok(()),
    };
    not_before(case.discovered, Refusal::BeforeDiscovery)?;
    not_before(case.moved.map(|moved| moved.happened), Refusal::BeforeThePrevious)?;
    Ok(())
}

fn not_in_the_future(happened: Happened, facts: &Facts<'_>) -> Result<(), Refused> {
    if happened.earliest(facts.zone) > facts.now { Err(Refusal::InTheFuture.into()) } else { Ok(()) }
}
