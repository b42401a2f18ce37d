//! A walk by breadth first: every state once, the shortest way to each.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::moves::{About, Act, Move, lessons, moves};
use super::state::State;
use crate::envelope::Envelope;
use crate::refusal::Refusal;
use crate::rules::Violation;
use crate::stage::Stage;

/// So many states of each stage are tried with what must be refused.
const TAUGHT: usize = 30;

/// What a walk is.
pub(super) struct Walk {
    pub(super) start: Vec<Move>,
    pub(super) about: Vec<About>,
    /// How many acts deep.
    pub(super) depth: usize,
    /// Whether to stop at the first violation.
    pub(super) until_broken: bool,
}

/// What a walk saw.
#[derive(Default)]
pub(super) struct Seen {
    pub(super) states: usize,
    pub(super) moves: usize,
    pub(super) depth: usize,
    /// Whether no state was left to go on from.
    pub(super) exhausted: bool,
    pub(super) stages: BTreeSet<Stage>,
    pub(super) accepted: BTreeSet<&'static str>,
    pub(super) refused: BTreeSet<Refusal>,
    pub(super) broken: Option<Broken>,
}

/// A history that breaks a rule, from the first event of a case on.
pub(super) struct Broken {
    pub(super) history: Vec<Envelope>,
    pub(super) violations: Vec<Violation>,
}

struct Node {
    state: State,
    /// The move that led here and the node it came from, by place.
    from: usize,
}

impl Walk {
    /// Walks. The start is made of moves that must all be accepted.
    pub(super) fn walk(&self) -> Seen {
        let mut seen = Seen::default();
        let mut trail: Vec<(usize, Option<Move>)> = vec![(0, None)];
        let mut begun = State::new();
        for made in &self.start {
            let done = begun.make(made).unwrap_or_else(|refused| panic!("{made:?} was refused: {refused:?}"));
            assert_eq!(done.violations, [], "the start breaks a rule");
            begun = done.state;
            seen.note(made, &begun);
        }
        let mut known = HashSet::from([begun.key()]);
        let mut taught: BTreeMap<Option<Stage>, usize> = BTreeMap::new();
        let mut frontier = vec![Node { state: begun, from: 0 }];
        seen.states = 1;
        while !frontier.is_empty() && seen.depth < self.depth {
            seen.depth += 1;
            let mut next = Vec::new();
            for Node { state, from } in frontier {
                let count = taught.entry(state.case(super::world::CASE).stage).or_default();
                *count += 1;
                if *count <= TAUGHT && !self.until_broken {
                    for made in lessons(&state) {
                        seen.attempt(&state, &made);
                    }
                }
                for made in moves(&state, &self.about) {
                    let Some(done) = seen.attempt(&state, &made) else { continue };
                    if !done.violations.is_empty() {
                        let mut way = self.way(&trail, from);
                        way.push(made);
                        seen.broken = Some(Broken { history: replayed(&way), violations: done.violations });
                        return seen;
                    }
                    if known.insert(done.state.key()) {
                        trail.push((from, Some(made)));
                        seen.states += 1;
                        next.push(Node { state: done.state, from: trail.len() - 1 });
                    }
                }
            }
            frontier = next;
        }
        seen.exhausted = frontier.is_empty();
        seen
    }

    /// Returns the moves that lead to a node, from the very beginning.
    fn way(&self, trail: &[(usize, Option<Move>)], to: usize) -> Vec<Move> {
        let mut way = Vec::new();
        let mut at = to;
        while let Some((from, Some(made))) = trail.get(at) {
            way.push(made.clone());
            at = *from;
        }
        way.extend(self.start.iter().rev().cloned());
        way.reverse();
        way
    }
}

/// Returns the events that moves make.
fn replayed(way: &[Move]) -> Vec<Envelope> {
    let mut state = State::new();
    let mut history = Vec::new();
    for made in way {
        let done = state.make(made).expect("what was accepted is accepted again");
        history.extend(done.envelopes);
        state = done.state;
    }
    history
}

impl Seen {
    /// Tries a move and notes what came of it.
    fn attempt(&mut self, state: &State, made: &Move) -> Option<super::state::Done> {
        self.moves += 1;
        match state.make(made) {
            Ok(done) => {
                self.note(made, &done.state);
                Some(done)
            }
            Err(refused) => {
                self.refused.extend(refused.grounds);
                None
            }
        }
    }

    fn note(&mut self, made: &Move, state: &State) {
        if let Act::Command(command, _) = &made.act {
            self.accepted.insert(command.name());
        }
        self.stages.extend(state.cases.values().filter_map(|case| case.stage));
    }

    /// Takes in what another walk saw.
    pub(super) fn join(&mut self, other: Seen) {
        self.states += other.states;
        self.moves += other.moves;
        self.depth = self.depth.max(other.depth);
        self.stages.extend(other.stages);
        self.accepted.extend(other.accepted);
        self.refused.extend(other.refused);
    }
}
