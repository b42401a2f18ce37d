//! What an event of a case is about: units, other cases, findings, files, measures. Persons are never among it.

use rectify_case::assignment::Assignment;
use rectify_case::evidence::Evidence;
use rectify_case::finding::Severity;
use rectify_case::plan::Plan;
use rectify_case::{CaseEvent, CaseId, Digest, Finding, FindingId, UnitId};

/// Something that an event is about.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mention<'a> {
    /// A unit.
    Unit(UnitId),
    /// Another case.
    Case(CaseId),
    /// A finding, as it is told.
    Finding(&'a Finding),
    /// A finding that was told before.
    Known(FindingId),
    /// A file, as it is told.
    File(&'a Evidence),
    /// A file that was told before.
    Digest(&'a Digest),
    /// A plan of a unit.
    Plan(UnitId, &'a Plan),
    /// Measures of a unit's plan, by their place in it.
    Done(UnitId, &'a [u32]),
}

/// Returns what an event is about, each with what it is to the event.
pub(crate) fn mentions(event: &CaseEvent) -> Vec<(&'static str, Mention<'_>)> {
    use Mention::{Case, Digest, Done, File, Known, Plan, Unit};
    match event {
        CaseEvent::FindingReported { finding }
        | CaseEvent::FindingAmended { finding }
        | CaseEvent::FindingRepeated { finding } => vec![("finding", Mention::Finding(finding))],
        CaseEvent::FindingCorroborated { finding, from } => std::iter::once(("finding", Mention::Finding(finding)))
            .chain(from.map(|from| ("from", Case(from))))
            .collect(),
        CaseEvent::PartOpened { parent, findings, .. } => told(findings).chain([("parent", Case(*parent))]).collect(),
        CaseEvent::CarriedOver { office, declared, assignment, .. } => {
            let own = [("finding", Mention::Finding(&declared.finding)), ("office", Unit(*office))];
            own.into_iter().chain(assignment.iter().flat_map(answering)).collect()
        }
        CaseEvent::Registered { office, .. } => vec![("office", Unit(*office))],
        CaseEvent::Assigned { assignment } | CaseEvent::Reassigned { assignment, .. } => {
            answering(assignment).collect()
        }
        CaseEvent::Accepted { unit }
        | CaseEvent::Returned { unit, .. }
        | CaseEvent::HandedBack { unit, .. }
        | CaseEvent::CompletionReported { unit, .. }
        | CaseEvent::PlanApproved { unit }
        | CaseEvent::PlanReturned { unit, .. }
        | CaseEvent::JointLeadReported { unit, .. }
        | CaseEvent::ExtensionRequested { unit, .. } => vec![("lead", Unit(*unit))],
        CaseEvent::TakenBack { units, .. } => units.iter().map(|unit| ("lead", Unit(*unit))).collect(),
        CaseEvent::VerificationFailed { unit, .. } | CaseEvent::VerifierDesignated { unit, .. } => {
            vec![("verifier", Unit(*unit))]
        }
        CaseEvent::Closed { rest, .. } => rest.iter().map(|rest| ("rest", Case(*rest))).collect(),
        CaseEvent::MergedInto { target, .. } | CaseEvent::Unmerged { target, .. } => vec![("target", Case(*target))],
        CaseEvent::Split { parts, .. } => parts.iter().map(|part| ("part", Case(*part))).collect(),
        CaseEvent::LikelyDuplicateFlagged { other, .. }
        | CaseEvent::Linked { other, .. }
        | CaseEvent::Unlinked { other, .. } => vec![("other", Case(*other))],
        CaseEvent::SeverityRaised { levels, .. } => {
            levels.iter().filter_map(|level| Some(("verifier", Unit(level.holder?)))).collect()
        }
        CaseEvent::PlanSubmitted { unit, plan } => {
            let doing = plan.measures.iter().map(|measure| ("done_by", Unit(measure.unit)));
            doing.chain([("lead", Unit(*unit)), ("planned", Plan(*unit, plan))]).collect()
        }
        CaseEvent::ProgressReported { unit, done, .. } => {
            vec![("responsible", Unit(*unit)), ("done", Done(*unit, done))]
        }
        CaseEvent::EvidenceFiled { evidence, unit, .. } => vec![("filed", File(evidence)), ("by", Unit(*unit))],
        CaseEvent::EvidenceWithdrawn { digest, .. } => vec![("withdrawn", Digest(digest))],
        CaseEvent::LevelPassed { unit, relied_on, .. } => {
            let relied_on = relied_on.iter().map(|digest| ("relied_on", Digest(digest)));
            relied_on.chain([("verifier", Unit(*unit))]).collect()
        }
        CaseEvent::HandedUp { from, to, .. } => vec![("from", Unit(*from)), ("to", Unit(*to))],
        CaseEvent::RestSplitOff { to, .. } => vec![("rest", Case(*to))],
        CaseEvent::MergeReceived { from, findings, evidence, assignment, .. } => told(findings)
            .chain(evidence.iter().map(|file| ("linked", File(file))))
            .chain([("from", Case(*from))])
            .chain(assignment.iter().flat_map(answering))
            .collect(),
        CaseEvent::MergeUndone { from, findings, .. } => {
            findings.iter().map(|id| ("finding", Known(*id))).chain([("from", Case(*from))]).collect()
        }
        // Subjects may be persons, and whom a petition complains about is nobody's business who mines a process.
        CaseEvent::SubjectsNamed { .. }
        | CaseEvent::Recused { .. }
        | CaseEvent::Verified { .. }
        | CaseEvent::SetAside { .. }
        | CaseEvent::Reopened { .. }
        | CaseEvent::Dismissed { .. }
        | CaseEvent::Transferred { .. }
        | CaseEvent::Revived { .. }
        | CaseEvent::SeverityLoweringProposed { .. }
        | CaseEvent::SeverityLowered { .. }
        | CaseEvent::Pressed { .. }
        | CaseEvent::ExtensionGranted { .. }
        | CaseEvent::ExtensionRefused { .. }
        | CaseEvent::DeadlineChanged { .. }
        | CaseEvent::ClosureApproved { .. }
        | CaseEvent::Listed { .. }
        | CaseEvent::ListingReviewed { .. }
        | CaseEvent::Delisted { .. }
        | CaseEvent::LookedBack { .. }
        | CaseEvent::QuantitiesRestated { .. }
        | CaseEvent::CluePassedOn { .. }
        | CaseEvent::NoteAdded { .. }
        | CaseEvent::Corrected { .. } => Vec::new(),
    }
}

fn told(findings: &[Finding]) -> impl Iterator<Item = (&'static str, Mention<'_>)> {
    findings.iter().map(|finding| ("finding", Mention::Finding(finding)))
}

fn answering(assignment: &Assignment) -> impl Iterator<Item = (&'static str, Mention<'_>)> {
    let leads = assignment.leads.iter().map(|unit| ("lead", Mention::Unit(*unit)));
    let helpers = assignment.co_responsible.iter().map(|unit| ("co_responsible", Mention::Unit(*unit)));
    let holders = assignment.levels.iter().filter_map(|level| Some(("verifier", Mention::Unit(level.holder?))));
    leads.chain(helpers).chain(holders)
}

/// Returns what an event changes of its case's attributes, beside where the case stands.
pub(crate) fn changes(event: &CaseEvent) -> Vec<(&'static str, String)> {
    let severity = |severity: Severity| ("severity", name_of(&severity));
    let begun =
        |finding: &Finding| vec![("source", finding.source.to_string()), ("division", finding.division.to_string())];
    match event {
        CaseEvent::FindingReported { finding } => begun(finding),
        CaseEvent::PartOpened { findings, .. } => findings.first().map(begun).unwrap_or_default(),
        CaseEvent::CarriedOver { number, severity: grave, declared, .. } => {
            let mut changes = begun(&declared.finding);
            changes.extend([("number", number.to_string()), severity(*grave)]);
            changes
        }
        CaseEvent::Registered { number, severity: grave, .. } => {
            vec![("number", number.to_string()), severity(*grave)]
        }
        CaseEvent::SeverityRaised { to, .. }
        | CaseEvent::SeverityLowered { to, .. }
        | CaseEvent::MergeReceived { severity: to, .. } => vec![severity(*to)],
        CaseEvent::Closed { outcome, .. } => vec![("outcome", outcome.name().to_owned())],
        _ => Vec::new(),
    }
}

/// Returns the name of a plain value as it is written.
pub(crate) fn name_of(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => String::new(),
    }
}
