//! One pass over a history that feeds every rule.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::deadlines::Deadlines;
use super::firewall::Firewall;
use super::nothing_disappears::NothingDisappears;
use super::past::{Past, Step};
use super::publishing;
use super::quantities::Quantities;
use super::separation::{self, Separation};
use super::shredding::Shredding;
use super::two_clocks::TwoClocks;
use super::verified_closure::VerifiedClosure;
use super::violation::{Rule, Violation};
use crate::access::{AccessEvent, PUBLICATIONS, SET_ASIDE};
use crate::directory::Directory;
use crate::envelope::{Envelope, Event, StreamId, Version};
use crate::event::CaseEvent;
use crate::identity::CaseId;
use crate::time::Zone;

/// Returns every place where a whole history, all streams in log order, breaks one of the seven rules.
pub fn check(history: &[Envelope], zone: Zone) -> Vec<Violation> {
    let mut checker = Checker::new(zone);
    let mut violations: Vec<Violation> = history.iter().flat_map(|envelope| checker.feed(envelope)).collect();
    violations.extend(checker.finish());
    violations
}

/// Judges a history event by event.
#[derive(Clone, Debug)]
pub struct Checker {
    zone: Zone,
    fed: usize,
    versions: HashMap<StreamId, Version>,
    /// The case that began at an index.
    begun: BTreeMap<usize, CaseId>,
    clocks: TwoClocks,
    directory: Arc<Directory>,
    memory: Memory,
}

/// What the rules remember of the cases, without positions, versions and clocks: an exploration tells states apart by it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Memory {
    cases: BTreeMap<CaseId, Past>,
    verified_closure: VerifiedClosure,
    separation: Separation,
    shredding: Shredding,
    firewall: Firewall,
    nothing_disappears: NothingDisappears,
    deadlines: Deadlines,
    quantities: Quantities,
}

impl Checker {
    /// Returns a checker that has seen nothing yet; days are counted in `zone`.
    pub fn new(zone: Zone) -> Checker {
        Checker {
            zone,
            fed: 0,
            versions: HashMap::new(),
            begun: BTreeMap::new(),
            clocks: TwoClocks::default(),
            directory: Arc::default(),
            memory: Memory::default(),
        }
    }

    /// Judges the next event of the log.
    pub fn feed(&mut self, envelope: &Envelope) -> Vec<Violation> {
        let at = self.fed;
        self.fed += 1;
        let mut out = Vec::new();
        self.count_version(at, envelope, &mut out);
        self.clocks.feed(at, envelope, self.zone, &mut out);
        separation::feed_actor(at, envelope, &self.directory, &mut out);
        match (envelope.stream, &envelope.event) {
            (StreamId::Case(case), Event::Case(event)) => self.feed_case(at, envelope, case, event, &mut out),
            (StreamId::Access(case), Event::Access(AccessEvent::EvidenceOpened { digest })) => {
                self.memory.verified_closure.feed_opening(case, &envelope.actor, digest);
                self.memory.firewall.feed_opening(at, envelope, case, &self.directory, &mut out);
            }
            (
                StreamId::Access(case),
                Event::Access(AccessEvent::PetitionOpened { .. } | AccessEvent::DossierExported { .. }),
            ) => {
                self.memory.firewall.feed_opening(at, envelope, case, &self.directory, &mut out);
            }
            (StreamId::Access(PUBLICATIONS), Event::Access(AccessEvent::Published(published))) => {
                let (begun, firewall) = (&self.begun, &self.memory.firewall);
                publishing::feed(at, envelope, published, begun, firewall, &self.directory, &mut out);
            }
            // Nobody sees anything by these.
            (
                StreamId::Access(case),
                Event::Access(
                    event @ (AccessEvent::PetitionHeld { .. }
                    | AccessEvent::PetitionReleased { .. }
                    | AccessEvent::ShreddingProposed { .. }
                    | AccessEvent::ShreddingDeclined { .. }
                    | AccessEvent::ShreddingApproved { .. }
                    | AccessEvent::PetitionShredded { .. }),
                ),
            ) => self.memory.shredding.feed(at, envelope, case, event, &mut out),
            // These are of no case: whom it must not reach is told by what it says.
            (
                StreamId::Access(SET_ASIDE),
                Event::Access(AccessEvent::SetAsideOpened { .. } | AccessEvent::SetAsideResent { .. }),
            ) => {}
            (StreamId::Directory, Event::Directory(event)) => Arc::make_mut(&mut self.directory).evolve(event),
            (StreamId::Case(_) | StreamId::Access(_) | StreamId::Directory, _) => {
                let what = format!("{} does not belong on the stream {}", envelope.event.name(), envelope.stream);
                out.push(Violation { rule: Rule::Four, case: None, at, code: "wrong_stream", what });
            }
        }
        out
    }

    /// Returns what is still owed: events that others of the same append should have answered. Ask between appends.
    pub fn finish(&self) -> Vec<Violation> {
        let mut out = Vec::new();
        self.memory.firewall.finish(&mut out);
        self.memory.nothing_disappears.finish(&mut out);
        self.memory.quantities.finish(&mut out);
        out
    }

    /// Returns what the rules remember of the cases.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Returns the directory after the last event.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    fn count_version(&mut self, at: usize, envelope: &Envelope, out: &mut Vec<Violation>) {
        let last = self.versions.entry(envelope.stream).or_default();
        if envelope.version != last.saturating_add(1) {
            let case = match envelope.stream {
                StreamId::Case(case) | StreamId::Access(case) => Some(case),
                StreamId::Directory => None,
            };
            let what = format!("version {} of {} follows version {last}", envelope.version, envelope.stream);
            out.push(Violation { rule: Rule::Four, case, at, code: "version_not_next", what });
        }
        *last = envelope.version;
        if let (StreamId::Case(case), 1) = (envelope.stream, envelope.version) {
            self.begun.insert(at, case);
        }
    }

    fn feed_case(&mut self, at: usize, envelope: &Envelope, case: CaseId, event: &CaseEvent, out: &mut Vec<Violation>) {
        let memory = &mut self.memory;
        let past = memory.cases.entry(case).or_default();
        let step = Step { at, envelope, case, event, past, directory: &self.directory, zone: self.zone };
        memory.verified_closure.feed(&step, out);
        memory.separation.feed(&step, out);
        memory.firewall.feed(&step, out);
        memory.nothing_disappears.feed(&step, out);
        memory.deadlines.feed(&step, out);
        self.clocks.feed_case(&step, out);
        memory.quantities.feed(&step, out);
        past.evolve(&envelope.actor, event);
    }
}
