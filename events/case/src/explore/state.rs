//! A state of the small prefecture, and what a move makes of it.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::io;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::moves::{Act, Move};
use super::world;
use crate::access::AccessEvent;
use crate::actor::Actor;
use crate::case::Case;
use crate::command::Command;
use crate::decide::{Facts, Late, decide};
use crate::directory::Directory;
use crate::envelope::{Cause, Envelope, Event, StreamId, Version};
use crate::evolve::evolve;
use crate::identity::{CaseId, Digest, EventId, LogId, PersonId};
use crate::number::Series;
use crate::permission::{Audience, Reader};
use crate::refusal::{Refusal, Refused};
use crate::rules::{Checker, Violation};
use crate::time::{Happened, Zone};

/// All there is: the cases, who opened what, the log's counters, the rules' check, and how often a deadline has passed.
#[derive(Clone)]
pub(super) struct State {
    pub(super) directory: Arc<Directory>,
    pub(super) cases: BTreeMap<CaseId, Case>,
    pub(super) passed_deadlines: u8,
    opened: BTreeMap<CaseId, BTreeSet<(PersonId, Digest)>>,
    serials: BTreeMap<Series, u64>,
    versions: BTreeMap<StreamId, Version>,
    checker: Checker,
}

/// What a move came to.
pub(super) struct Done {
    pub(super) state: State,
    pub(super) envelopes: Vec<Envelope>,
    pub(super) violations: Vec<Violation>,
}

impl State {
    /// The directory is entered, and no case is known.
    pub(super) fn new() -> State {
        let mut state = State {
            directory: Arc::default(),
            cases: BTreeMap::new(),
            passed_deadlines: 0,
            opened: BTreeMap::new(),
            serials: BTreeMap::new(),
            versions: BTreeMap::new(),
            checker: Checker::new(Zone::SHANGHAI),
        };
        for event in world::directory_events() {
            Arc::make_mut(&mut state.directory).evolve(&event);
            let envelope = state.envelope(StreamId::Directory, Actor::INSTALLATION, None, event.into());
            assert_eq!(state.checker.feed(&envelope), []);
        }
        state
    }

    /// Returns a case, as new where it has not begun.
    pub(super) fn case(&self, id: CaseId) -> Case {
        self.cases.get(&id).cloned().unwrap_or_else(|| Case::new(id))
    }

    /// Makes a move, or says why not.
    pub(super) fn make(&self, made: &Move) -> Result<Done, Refused> {
        match &made.act {
            Act::DeadlinePasses => {
                let mut state = self.clone();
                state.passed_deadlines += 1;
                Ok(Done { state, envelopes: vec![], violations: vec![] })
            }
            Act::Open(digest) => {
                // Whoever serves the file asks the one permission; `decide` has no part in it.
                let audience = Audience::of(&self.case(made.case), &self.directory);
                if !audience.admits(&Reader::of(made.actor.person, &self.directory, self.now())) {
                    return Err(Refusal::Walled.into());
                }
                let mut state = self.clone();
                state.opened.entry(made.case).or_default().insert((made.actor.person, digest.clone()));
                let event = Event::from(AccessEvent::EvidenceOpened { digest: digest.clone() });
                let envelope = state.envelope(StreamId::Access(made.case), made.actor, None, event);
                Ok(state.append(vec![envelope]))
            }
            Act::Command(command, late) => self.decide(made, command, late.as_ref()),
        }
    }

    fn decide(&self, made: &Move, command: &Command, late: Option<&Late>) -> Result<Done, Refused> {
        let new = Case::new(made.case);
        let case = self.cases.get(&made.case).unwrap_or(&new);
        let opened = match command {
            Command::PassLevel { .. } => self.opened_by(made.case, made.actor.person),
            _ => BTreeSet::new(),
        };
        let facts = Facts {
            now: self.now(),
            zone: Zone::SHANGHAI,
            actor: made.actor,
            directory: &self.directory,
            opened: &opened,
            other: command.other(case).and_then(|other| self.cases.get(&other)),
            late,
        };
        let decided = decide(case, command.clone(), &facts)?;
        let mut state = self.clone();
        let envelopes = decided
            .into_iter()
            .map(|decided| state.envelope(StreamId::Case(decided.case), made.actor, late, decided.event.into()))
            .collect();
        Ok(state.append(envelopes))
    }

    fn append(mut self, envelopes: Vec<Envelope>) -> Done {
        let mut violations = Vec::new();
        for envelope in &envelopes {
            violations.extend(self.checker.feed(envelope));
            if let (StreamId::Case(id), Some(happening)) = (envelope.stream, envelope.happening()) {
                let case = self.cases.entry(id).or_insert_with(|| Case::new(id));
                evolve(case, &happening);
                assert!(case.unplaced.is_empty(), "{} has no place after {:?}", envelope.event.name(), case.stage);
            }
        }
        violations.extend(self.checker.finish());
        Done { state: self, envelopes, violations }
    }

    /// What the log writes around an event: its place, and its number where it registers a case.
    fn envelope(&mut self, stream: StreamId, actor: Actor, late: Option<&Late>, mut event: Event) -> Envelope {
        let version = self.versions.entry(stream).or_default();
        *version += 1;
        let version = *version;
        if let Some(number) = event.number_mut() {
            let serial = self.serials.entry(number.series.clone()).or_default();
            *serial += 1;
            number.serial = *serial;
        }
        let recorded = self.now();
        Envelope {
            id: EventId(Uuid::nil()),
            salt: String::new(),
            log: LogId(Uuid::nil()),
            stream,
            version,
            schema: Event::SCHEMA,
            happened: late.map_or(Happened::At(recorded), |late| late.happened),
            received: None,
            recorded,
            actor,
            facts_at: 0,
            cause: late.map(|late| Cause::Document(late.document.clone())),
            event,
        }
    }

    /// Time stands still but for the deadlines, of thirty days or less, that pass.
    pub(super) fn now(&self) -> DateTime<Utc> {
        world::begin() + TimeDelta::days(1 + 40 * i64::from(self.passed_deadlines))
    }

    pub(super) fn opened_by(&self, case: CaseId, person: PersonId) -> BTreeSet<Digest> {
        let opened = self.opened.get(&case).into_iter().flatten();
        opened.filter(|(by, _)| *by == person).map(|(_, digest)| digest.clone()).collect()
    }

    /// Returns what tells this state from another.
    pub(super) fn key(&self) -> u64 {
        let mut hasher = Hashed(DefaultHasher::new());
        for case in self.cases.values() {
            serde_json::to_writer(&mut hasher, &abstracted(case)).unwrap();
        }
        let State { passed_deadlines, opened, checker, .. } = self;
        (passed_deadlines, opened, checker.memory()).hash(&mut hasher.0);
        hasher.0.finish()
    }
}

/// A case without what neither `decide` nor a rule asks for again: words, counters, dates and places in the stream.
fn abstracted(case: &Case) -> Case {
    let mut case = case.clone();
    let reported = case.report.as_ref().map_or(0, |report| report.version);
    case.version = 0;
    case.moved = None;
    case.title.clear();
    case.carried_over = case.carried_over.take().filter(|row| row.is_closed() && case.reopenings == 0);
    case.repeated = 0;
    case.returns = 0;
    case.pressed = 0;
    case.extensions = 0;
    case.reopenings = 0;
    case.missed.clear();
    case.progress.clear();
    case.look_backs.clear();
    case.clues.clear();
    case.notes.clear();
    case.corrections.clear();
    case.late_entries.clear();
    case.closed = None;
    case.set_aside = None;
    case.verdict = None;
    for finding in &mut case.findings {
        finding.version = 0;
        finding.finding.title.clear();
        finding.finding.text.clear();
    }
    for entry in case.evidence.values_mut() {
        entry.filed = u64::from(entry.filed > reported);
    }
    if let Some(report) = &mut case.report {
        report.version = 0;
        report.account.clear();
    }
    if let Some(listing) = &mut case.listing {
        listing.reviews.clear();
    }
    case
}

struct Hashed(DefaultHasher);

impl io::Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
