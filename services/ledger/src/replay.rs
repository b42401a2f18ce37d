//! The whole ledger as it stood, folded in memory from the log: from its first event, or from a snapshot of all cases that fits it.

use std::pin::pin;

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use rectify_case::{Position, StreamId, UnitId, Zone};
use rectify_log::{Log, Recorded};

use crate::entry::Entry;
use crate::error::LedgerError;
use crate::facets::text;
use crate::rebuild::Progress;
use crate::row::Row;
use crate::snapshot::{Cases, Snapshots};
use crate::standpoint::Standpoint;
use crate::stored::number_order;
use crate::tokens::Query;

/// A case as it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stood {
    /// Its line of the ledger.
    pub row: Row,
    /// The units that answered for it: leads and those that help.
    pub responsible: Vec<UnitId>,
    /// The text it was found by.
    words: String,
}

impl Stood {
    /// Returns whether it had all words of a text, as the search of the ledger finds them: Chinese by every two characters
    /// that stand together, and what else is written by its beginning. There is no index of a moment, so nothing is ranked.
    pub fn has(&self, text: &str) -> bool {
        Query::of(text).is_some_and(|asked| asked.finds(&self.words))
    }
}

/// All cases as they stood.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The cases from each standpoint, by their numbers.
    pub lists: Vec<Vec<Stood>>,
    /// After which position the log was read: what came before was in a snapshot. 0 where it was read from its first event.
    pub after: Position,
}

/// Reads a log once, and returns all cases as they stood from each of some standpoints, by their numbers; what is late is late
/// as of the instant beside the standpoint. Tells how far it is after every page.
///
/// Where snapshots are given and nothing is left out for when it happened, the log is read from the last snapshot on that is of no
/// later position than the first standpoint knows, and one is kept shortly before the last. All cases are held in memory, some
/// 10 KB each, once for each `happened_by` that is asked for.
pub async fn replay(
    log: &Log,
    zone: Zone,
    asked: &[(Standpoint, DateTime<Utc>)],
    snapshots: Option<&Snapshots>,
    mut tell: impl FnMut(Progress),
) -> Result<Replayed, LedgerError> {
    let known = || asked.iter().map(|(standpoint, _)| standpoint.known);
    let head = known().max().unwrap_or(0);
    let snapshots = snapshots.filter(|_| asked.iter().all(|(standpoint, _)| standpoint.happened_by.is_none()));
    let mut lists = vec![Vec::new(); asked.len()];
    let mut folds = Folding::all(asked, zone);
    let mut after = 0;
    if let (Some(snapshots), [fold]) = (snapshots, &mut *folds)
        && let Some((position, cases)) = snapshots.latest(log, known().min().unwrap_or(0)).await?
    {
        (after, fold.cases) = (position, cases);
    }
    // Where one is kept that is not there yet, so that the next replay of about this moment reads little.
    let keep = snapshots.map(|snapshots| snapshots.place_before(head)).filter(|keep| *keep > after);
    let mut pages = pin!(log.replay(after, head));
    while let Some(page) = pages.next().await {
        let page = page?;
        for recorded in &page {
            for fold in &mut folds {
                fold.take(recorded, &mut lists);
            }
            if let (Some(snapshots), [fold]) = (snapshots.filter(|_| keep == Some(recorded.position)), &mut *folds) {
                fold.cases = snapshots.keep(log, recorded.position, std::mem::take(&mut fold.cases)).await?;
            }
        }
        tell(Progress { folded: page.last().map_or(0, |event| event.position), head });
    }
    for fold in &mut folds {
        fold.tell_up_to(Position::MAX, &mut lists);
    }
    Ok(Replayed { lists, after })
}

/// The cases as they are folded, for all standpoints that leave out the same.
struct Folding {
    happened_by: Option<DateTime<Utc>>,
    zone: Zone,
    cases: Cases,
    /// Where it is told how they stand: what is known, the instant as of which, and the place of the answer. The next is last.
    stops: Vec<(Position, DateTime<Utc>, usize)>,
}

impl Folding {
    fn all(asked: &[(Standpoint, DateTime<Utc>)], zone: Zone) -> Vec<Folding> {
        let mut all: Vec<Folding> = Vec::new();
        for (place, (standpoint, now)) in asked.iter().enumerate() {
            let Standpoint { known, happened_by } = *standpoint;
            let stop = (known, *now, place);
            match all.iter_mut().find(|fold| fold.happened_by == happened_by) {
                Some(fold) => fold.stops.push(stop),
                None => all.push(Folding { happened_by, zone, cases: Cases::new(), stops: vec![stop] }),
            }
        }
        for fold in &mut all {
            fold.stops.sort_unstable_by_key(|(known, ..)| std::cmp::Reverse(*known));
        }
        all
    }

    fn take(&mut self, recorded: &Recorded, told: &mut [Vec<Stood>]) {
        let Recorded { position, envelope, .. } = recorded;
        self.tell_up_to(position - 1, told);
        let StreamId::Case(id) = envelope.stream else { return };
        let standpoint = Standpoint { known: Position::MAX, happened_by: self.happened_by };
        if !self.stops.is_empty() && standpoint.sees(recorded, self.zone) {
            let entry = self.cases.entry(id).or_insert_with(|| Entry::begin(id, *position, envelope.recorded));
            entry.fold(*position, envelope);
        }
    }

    /// Tells how the cases stand from every standpoint that knows nothing after a position.
    fn tell_up_to(&mut self, position: Position, told: &mut [Vec<Stood>]) {
        while let Some((_, now, place)) = self.stops.pop_if(|(known, ..)| *known <= position) {
            told[place] = stood(&self.cases, self.zone, now);
        }
    }
}

fn stood(cases: &Cases, zone: Zone, now: DateTime<Utc>) -> Vec<Stood> {
    let mut entries: Vec<(String, &Entry)> = cases.values().map(|entry| (number_order(&entry.case), entry)).collect();
    entries.sort_unstable_by(|(one, first), (other, second)| (one, first.first).cmp(&(other, second.first)));
    let stood = |(_, entry): (String, &Entry)| {
        Some(Stood {
            row: Row::of(entry, zone, now)?,
            responsible: entry.case.responsible().collect(),
            words: text(&entry.case),
        })
    };
    entries.into_iter().filter_map(stood).collect()
}
