//! The account: every event of the log is explained by something a client was told, and the other way round.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rectify_case::{AccessEvent, CaseEvent, Event, FindingId, Position};

use crate::hand_in::marker_in;
use crate::told::{Outcome, Told};
use crate::whole_log::{WholeLog, case_event};

/// What was accounted for before. What stands in the log never changes, so it is looked up once, and at the end again.
#[derive(Debug, Default)]
pub struct Account {
    /// The last position before the load began.
    start: Position,
    known: BTreeMap<String, Vec<Position>>,
    refused: BTreeSet<String>,
    leaves: Vec<[u8; 32]>,
}

/// A finding as an event of the log tells it.
struct Said {
    text: String,
    repeated: bool,
    /// When it was received, and when recorded.
    when: (Option<DateTime<Utc>>, DateTime<Utc>),
}

impl Account {
    /// Begins an account after a position.
    pub fn from(start: Position) -> Account {
        Account { start, ..Account::default() }
    }

    /// Returns whatever does not fit between the log and what clients were told.
    pub async fn complaints(&mut self, log: &WholeLog, told: &Told) -> Vec<String> {
        let mut complaints = self.changed(log);
        let mut explained: BTreeSet<Position> = (1..=self.start).collect();
        for (key, outcome) in &told.outcomes {
            match outcome {
                Outcome::Done(events) => {
                    if !self.known.contains_key(key) {
                        let positions = log.under(key).await;
                        for event in events {
                            let there = log.event(event.position).is_some_and(|envelope| {
                                event.id.as_ref().is_none_or(|id| *id == envelope.id.to_string())
                                    && event.kind.as_ref().is_none_or(|kind| kind == envelope.event.name())
                            });
                            if !there || !positions.contains(&event.position) {
                                complaints.push(format!("{key} was answered with {event:?}, and wrote {positions:?}"));
                            }
                        }
                        self.known.insert(key.clone(), positions);
                    }
                    explained.extend(self.known.get(key).into_iter().flatten());
                }
                Outcome::Refused(code) => {
                    if !self.refused.contains(key) {
                        let positions = log.under(key).await;
                        if !positions.is_empty() {
                            complaints.push(format!("{key} was refused with {code}, and wrote {positions:?}"));
                        }
                        self.refused.insert(key.clone());
                    }
                }
            }
        }
        complaints.extend(findings(log, told, &mut explained));
        complaints.extend(openings(log, told, &mut explained));
        for (envelope, raw) in log.envelopes.iter().zip(&log.raw) {
            let flagged = matches!(case_event(envelope), Some(CaseEvent::LikelyDuplicateFlagged { .. }));
            if !flagged && !explained.contains(&raw.position) {
                complaints.push(format!("nobody asked for {} at position {}", raw.kind, raw.position));
            }
        }
        complaints
    }

    /// Forgets what was looked up, so that all of it is looked up again.
    pub fn look_again(&mut self) {
        self.known.clear();
        self.refused.clear();
    }

    /// What stood in the log stands there still.
    fn changed(&mut self, log: &WholeLog) -> Vec<String> {
        let now: Vec<[u8; 32]> = log.raw.iter().map(|raw| raw.leaf).collect();
        let mut complaints = Vec::new();
        if now.len() < self.leaves.len() {
            complaints.push(format!("the log had {} events, and has {}", self.leaves.len(), now.len()));
        }
        let changed = self.leaves.iter().zip(&now).zip(1..).filter(|((before, after), _)| before != after);
        complaints.extend(changed.map(|(_, position): (_, Position)| format!("position {position} was another event")));
        self.leaves = now;
        complaints
    }
}

/// Each finding that was accepted is in the log once, with every content that was accepted of it, and the last stands.
fn findings(log: &WholeLog, told: &Told, explained: &mut BTreeSet<Position>) -> Vec<String> {
    let mut said: BTreeMap<FindingId, Vec<Said>> = BTreeMap::new();
    let mut positions: BTreeMap<FindingId, Vec<Position>> = BTreeMap::new();
    let mut first: BTreeMap<FindingId, usize> = BTreeMap::new();
    for (envelope, raw) in log.envelopes.iter().zip(&log.raw) {
        let (finding, repeated) = match case_event(envelope) {
            Some(CaseEvent::FindingReported { finding }) => {
                *first.entry(finding.id()).or_default() += 1;
                (finding, false)
            }
            Some(CaseEvent::FindingAmended { finding }) => (finding, false),
            Some(CaseEvent::FindingRepeated { finding }) => (finding, true),
            _ => continue,
        };
        let text = marker_in(&finding.text).to_owned();
        said.entry(finding.id()).or_default().push(Said {
            text,
            repeated,
            when: (envelope.received, envelope.recorded),
        });
        positions.entry(finding.id()).or_default().push(raw.position);
    }
    let mut complaints = Vec::new();
    for handed in &told.findings {
        let Some(id) = handed.id.as_ref().and_then(|id| id.parse().ok()) else { continue };
        let said = said.get(&id).map(Vec::as_slice).unwrap_or_default();
        explained.extend(positions.get(&id).into_iter().flatten());
        if first.get(&id) != Some(&1) {
            complaints.push(format!("{} ({id}) was accepted, and is reported {:?} times", handed.item, first.get(&id)));
        }
        let texts: Vec<&str> = said.iter().map(|said| said.text.as_str()).collect();
        let accepted: Vec<&str> = handed.accepted.iter().map(|text| marker_in(text)).collect();
        let lost = accepted.iter().find(|text| !texts.contains(text));
        let last = accepted.last().copied();
        let stands = said.iter().rev().find(|said| !said.repeated).map(|said| said.text.as_str());
        // What was delivered out of order may be told again, but nothing is told that was never said.
        let made_up = texts.iter().any(|text| !accepted.contains(text));
        if lost.is_some() || made_up || !(texts.last().copied() == last || stands == last) {
            let when: Vec<_> = said.iter().map(|said| said.when).collect();
            complaints.push(format!(
                "{} ({id}) was accepted as {accepted:?}, and the log says {texts:?}, received and recorded {when:?}",
                handed.item
            ));
        }
    }
    complaints
}

/// Evidence was opened at least as often as it was sent, and at most as often as it was asked for.
fn openings(log: &WholeLog, told: &Told, explained: &mut BTreeSet<Position>) -> Vec<String> {
    let mut counts: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    for (envelope, raw) in log.envelopes.iter().zip(&log.raw) {
        let Event::Access(AccessEvent::EvidenceOpened { digest }) = &envelope.event else { continue };
        let case = envelope.stream.to_string().trim_start_matches("access-").to_owned();
        *counts.entry((case, digest.to_string(), envelope.actor.person.to_string())).or_default() += 1;
        explained.insert(raw.position);
    }
    let mut complaints = Vec::new();
    for (opening, opened) in &told.opened {
        let count = counts.remove(opening).unwrap_or_default();
        if count < opened.sent || count > opened.asked {
            complaints.push(format!("{opening:?}: {opened:?}, and it is on record {count} times"));
        }
    }
    complaints.extend(counts.into_keys().map(|opening| format!("nobody opened {opening:?}")));
    complaints
}
