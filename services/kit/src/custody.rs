//! What the log tells of the keys of petitions: how they stand, which cases a petition was ever in, and that it is erased.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use rectify_case::certificate::{brought, leads_on};
use rectify_case::{Case, CaseEvent, CaseId, Certificate, Custody, Event, FindingId};
use rectify_log::{Log, LogError, Recorded};

use crate::act;

/// Returns how the keys of a petition stand.
pub async fn load(log: &Log, finding: FindingId) -> Result<Custody, LogError> {
    let mut custody = Custody::new(finding);
    for recorded in log.read_stream(Custody::stream(finding), 0).await? {
        custody.evolve(recorded.position, &recorded.envelope);
    }
    Ok(custody)
}

/// Returns how the keys of every petition stand of which anything was ever said, in the order in which it was said first.
pub async fn load_all(log: &Log) -> Result<Vec<Custody>, LogError> {
    let (mut places, mut all) = (BTreeMap::new(), Vec::new());
    for Recorded { position, envelope, .. } in log.read_custody().await? {
        let Event::Access(event) = &envelope.event else { continue };
        let Some(finding) = event.petition().filter(|finding| Custody::stream(*finding) == envelope.stream) else {
            continue;
        };
        let place = *places.entry(finding).or_insert_with(|| {
            all.push(Custody::new(finding));
            all.len() - 1
        });
        if let Some(custody) = all.get_mut(place) {
            custody.evolve(position, &envelope);
        }
    }
    Ok(all)
}

/// Returns the case that a petition began and those that it went on in, each with its events. None where it began none.
pub async fn cases_of(log: &Log, finding: FindingId) -> Result<Vec<(Case, Vec<Recorded>)>, LogError> {
    let own = CaseId(finding.0);
    let (mut waiting, mut seen) = (VecDeque::from([own]), BTreeSet::from([own]));
    let mut cases = Vec::new();
    while let Some(id) = waiting.pop_front() {
        let (case, events) = act::load(log, id).await?;
        if case.stage.is_none() || (id != own && !events.iter().any(|event| brings(event, finding))) {
            continue;
        }
        let next = events.iter().filter_map(of_case).flat_map(leads_on);
        waiting.extend(next.filter(|next| seen.insert(*next)));
        cases.push((case, events));
    }
    Ok(cases)
}

/// Returns the certificate that a petition is erased; none where it is not.
pub async fn certificate(log: &Log, custody: &Custody) -> Result<Option<Certificate>, LogError> {
    if custody.erasure.is_none() {
        return Ok(None);
    }
    let cases = cases_of(log, custody.finding).await?;
    let history = cases.iter().flat_map(|(_, events)| events).map(|event| (event.position, &event.envelope));
    Ok(Certificate::of(custody, log.id(), history))
}

fn of_case(recorded: &Recorded) -> Option<&CaseEvent> {
    match &recorded.envelope.event {
        Event::Case(event) => Some(event),
        Event::Directory(_) | Event::Access(_) => None,
    }
}

fn brings(recorded: &Recorded, finding: FindingId) -> bool {
    of_case(recorded).is_some_and(|event| brought(event).iter().any(|held| held.id() == finding))
}
