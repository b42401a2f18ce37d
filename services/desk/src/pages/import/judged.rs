//! What would become of each row, as far as whoever hands it in may know: what they do not see is not there for them.

use futures::{StreamExt as _, stream};
use rectify_case::event::Likeness;
use rectify_case::finding::Details;
use rectify_case::{Case, CaseId, Finding, Stage};
use rectify_intake::report::Place;
use rectify_intake::way::{Stands, Taken};
use rectify_kit::act;

use crate::caller::Caller;
use crate::desk::Desk;
use crate::error::Error;

/// How many rows are looked up at once; others want the database too.
const LOOKING: usize = 8;

/// What would become of a row.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) place: Place,
    pub(super) item: String,
    pub(super) title: String,
    pub(super) fate: Fate,
    /// Its case, where it is there and they see it.
    pub(super) case: Option<Named>,
    /// Cases that may be about the same.
    pub(super) alike: Vec<(Named, Likeness)>,
    /// Where an older ledger leaves its case.
    pub(super) stands: Option<Stands>,
}

/// A case, and what it is called.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub(super) id: CaseId,
    /// None while it has none.
    pub(super) number: Option<String>,
    pub(super) title: String,
}

/// What would become of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// A new case.
    New,
    /// A finding with other content than it has.
    Amended,
    /// A finding whose case has ended: it is put before the office.
    Repeated,
    /// Nothing: it is there as it is.
    Known,
}

impl Fate {
    pub(super) const ALL: [Fate; 4] = [Fate::New, Fate::Amended, Fate::Repeated, Fate::Known];

    pub(super) fn name(self) -> &'static str {
        match self {
            Fate::New => "new",
            Fate::Amended => "amended",
            Fate::Repeated => "repeated",
            Fate::Known => "known",
        }
    }
}

/// Judges rows, in order, and tells how many are behind.
pub(super) async fn judge(
    desk: &Desk,
    caller: &Caller,
    taken: Vec<Taken>,
    mut tell: impl FnMut(u64, u64),
) -> Result<Vec<Judged>, Error> {
    let all = taken.len();
    let mut judged = Vec::with_capacity(all);
    let mut rows = stream::iter(taken).map(|row| judge_one(desk, caller, row)).buffered(LOOKING);
    while let Some(row) = rows.next().await {
        judged.push(row?);
        tell(judged.len() as u64, all as u64);
    }
    Ok(judged)
}

async fn judge_one(desk: &Desk, caller: &Caller, row: Taken) -> Result<Judged, Error> {
    let (case, _) = act::load(&desk.frame.log, row.case).await?;
    let seen = caller.sees(&case).then_some(&case);
    let (fate, alike) = match (&row.finding, seen) {
        (Some(finding), Some(case)) => (fate_of(finding, case), Vec::new()),
        (Some(finding), None) => (Fate::New, alike(desk, caller, finding).await?),
        (None, _) if row.known => (Fate::Known, Vec::new()),
        (None, _) => (Fate::New, Vec::new()),
    };
    let named = |case: &Case| Named {
        id: case.id,
        number: case.number.as_ref().map(ToString::to_string),
        title: case.title.clone(),
    };
    let Taken { place, item, title, stands, .. } = row;
    Ok(Judged { place, item, title, fate, case: seen.map(named), alike, stands })
}

fn fate_of(finding: &Finding, case: &Case) -> Fate {
    let held = case.findings.iter().find(|held| held.finding.id() == finding.id());
    if held.is_some_and(|held| in_clear(held.finding.clone()) == in_clear(finding.clone())) {
        return Fate::Known;
    }
    if case.stage.is_some_and(Stage::is_final) { Fate::Repeated } else { Fate::Amended }
}

/// Returns what is in clear of a finding: what would be handed in is not sealed yet.
fn in_clear(mut finding: Finding) -> Finding {
    if let Details::Petition(petition) = &mut finding.details {
        petition.sealed = None;
    }
    finding
}

/// Returns the cases that may be about the same as a finding, of those that the caller sees.
async fn alike(desk: &Desk, caller: &Caller, finding: &Finding) -> Result<Vec<(Named, Likeness)>, Error> {
    let mut alike = Vec::new();
    for (id, ground) in desk.ledger.duplicates(finding).await? {
        if let Some(row) = desk.ledger.case(&caller.viewer(), id, caller.now).await? {
            alike.push((Named { id, number: row.number, title: row.title }, ground));
        }
    }
    Ok(alike)
}
