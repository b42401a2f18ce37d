//! The cases that stand beside one: those it has to do with, and others of the same place, or of the same unit and problem.

use std::collections::BTreeSet;

use rectify_case::assignment::Assignment;
use rectify_case::{Case, CaseId};
use rectify_ledger::{Related, Row};

use super::page::Page;
use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;

/// How many of one kind are shown.
const SHOWN: usize = 5;

/// Another case, as it stands beside one.
pub(super) struct Other {
    /// What it is to the one.
    pub(super) tie: String,
    pub(super) href: String,
    pub(super) number: String,
    pub(super) title: String,
    /// Where it stands, and since when it is there.
    pub(super) about: String,
}

impl Other {
    fn of(tie: String, row: &Row, page: &Page) -> Other {
        let outcome = row.outcome.map(|outcome| page.outcome_kind(&outcome));
        let day = row.registered.or(row.discovered).map(|day| page.day(&day).to_string());
        let about = [Some(page.stage(&row.stage)), outcome, day];
        Other {
            tie,
            href: format!("/cases/{}", row.id),
            number: row.number.clone().unwrap_or_else(|| page.say("unnumbered")),
            title: row.title.clone(),
            about: about.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        }
    }
}

/// Returns the cases that a case has to do with.
pub(super) fn tied(related: &[Related], page: &Page) -> Vec<Other> {
    related.iter().map(|related| Other::of(page.tie(&related.tie), &related.case, page)).collect()
}

/// Returns the cases that are like a case and may be seen by who looks, besides those it has to do with, among which is what was
/// flagged as perhaps the same: the same place, the same unit and problem.
pub(super) async fn alike(
    desk: &Desk,
    caller: &Caller,
    page: &Page,
    case: &Case,
    related: &[Related],
) -> Result<Vec<Other>, Error> {
    let mut known: BTreeSet<CaseId> = related.iter().map(|related| related.case.id).chain([case.id]).collect();
    let (viewer, mut others) = (caller.viewer(), Vec::new());
    let Some(finding) = case.findings.first().map(|held| &held.finding) else { return Ok(others) };
    let most = u32::try_from(SHOWN + known.len()).unwrap_or(u32::MAX);
    let (ledger, now) = (&desk.ledger, caller.now);
    if let Some(place) = &finding.place {
        let there = ledger.of_place(&viewer, (&finding.division, place), most, now).await?;
        let there: Vec<Row> = there.into_iter().filter(|row| !known.contains(&row.id)).take(SHOWN).collect();
        known.extend(there.iter().map(|row| row.id));
        others.extend(there.iter().map(|row| Other::of(page.say("beside-place"), row, page)));
    }
    let lead = case.assignment.as_ref().and_then(Assignment::answering);
    if let (Some(lead), Some(category)) = (lead, &finding.category) {
        let most = u32::try_from(SHOWN + known.len()).unwrap_or(u32::MAX);
        let theirs = ledger.of_lead(&viewer, (lead, category), most, now).await?;
        let theirs = theirs.into_iter().filter(|row| !known.contains(&row.id)).take(SHOWN);
        others.extend(theirs.map(|row| Other::of(page.say("beside-unit"), &row, page)));
    }
    Ok(others)
}
