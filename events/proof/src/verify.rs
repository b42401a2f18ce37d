//! Verifying: one pass over the log that compares it with everything that was ever said of it.

use std::collections::{BTreeMap, BTreeSet};

use rectify_case::rules::Checker;
use rectify_case::{Position, Zone};
use rectify_log::{Chain, Differing, Examined, Log, Looked};
use serde::Serialize;

use crate::address::Address;
use crate::checkpoint::{Checkpoint, SignedCheckpoint, origin};
use crate::key::Key;
use crate::mark::Mark;
use crate::store::{Kept, ProofError, Tree};
use crate::tree::{Edge, FULL, HASH, Tile};

/// How many events are read at once.
const PAGE: u32 = 2_000;

/// How many checkpoints are read at once.
const CHECKPOINTS: u32 = 1_000;

/// How many things that are wrong are told one by one. Whoever finds more has found enough.
const MOST_TOLD: usize = 100;

/// What somebody has who does not trust the database.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    /// The public keys that checkpoints must be signed with; where there are none, those that the database names.
    pub keys: Vec<Key>,
    /// Marks from paper.
    pub marks: Vec<Mark>,
    /// Checkpoints that were kept elsewhere.
    pub checkpoints: Vec<Checkpoint>,
}

/// What is verified, against what.
pub struct Verifying<'a> {
    /// The log.
    pub log: &'a Log,
    /// The tree over it.
    pub tree: &'a Tree,
    /// The office's zone, in which days are counted.
    pub zone: Zone,
    /// What is known from elsewhere.
    pub trusted: &'a Trusted,
    /// Whether the seven rules are checked.
    pub rules: bool,
}

/// Something that is not as it was written, or breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Where in the log; none where it is nowhere in particular.
    pub position: Option<Position>,
    /// What is wrong, as a stable code.
    pub code: &'static str,
    /// What is wrong, in words.
    pub what: String,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// How many events there are.
    pub events: Position,
    /// The root over them, in hexadecimal.
    pub root: String,
    /// How many of them the tree has: what came after is not sealed yet.
    pub sealed: Position,
    /// How many the last good checkpoint of the database covers.
    pub signed: Position,
    /// How many are confirmed by what came from elsewhere: nobody with the database and the key can have changed these since.
    pub witnessed: Position,
    /// How many checkpoints were compared.
    pub checkpoints: u64,
    /// Up to where each event was followed from the one before; less than all where one cannot stand where it does.
    pub followed: Position,
    /// Whether the seven rules were checked, as far as it was followed.
    pub rules: bool,
    /// What is wrong, in the order of the log as far as it is somewhere; no more than a hundred.
    pub wrong: Vec<Wrong>,
    /// How many more are wrong.
    pub more_wrong: u64,
}

impl Verdict {
    /// Notes something that is wrong.
    pub fn note(&mut self, position: Option<Position>, code: &'static str, what: impl Into<String>) {
        if self.wrong.len() < MOST_TOLD {
            self.wrong.push(Wrong { position, code, what: what.into() });
        } else {
            self.more_wrong += 1;
        }
    }

    /// Returns whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.wrong.is_empty()
    }
}

/// Compares the log with its columns, its versions and numbers, its tree, every checkpoint and mark, and the seven rules. `told`
/// is told from time to time how far it is.
pub async fn verify(asked: Verifying<'_>, mut told: impl FnMut(Position)) -> Result<Verdict, ProofError> {
    let Verifying { log, tree, zone, trusted, rules } = asked;
    let head = log.head().await?;
    let mut pass = Pass {
        tree,
        said: Said::of(tree, trusted).await?,
        sealed: tree.size().await?,
        edge: Some(Edge::default()),
        chain: Some(Chain::default()),
        checker: rules.then(|| Checker::new(zone)),
        verdict: Verdict { rules, ..Verdict::default() },
        last: 0,
    };
    pass.compare_with_what_was_said();
    let mut next = read(log, 0);
    loop {
        let Examined { last, differing, events } = next.await.unwrap_or(Err(rectify_log::LogError::Closed))?;
        let Some(last) = last else { break };
        // The next page is read while this one is looked at.
        next = read(log, last);
        pass.page(&differing, events).await?;
        told(last);
    }
    pass.end(log, head).await
}

fn read(log: &Log, after: Position) -> tokio::task::JoinHandle<Result<Examined, rectify_log::LogError>> {
    let log = log.clone();
    tokio::spawn(async move { log.examine(after, PAGE).await })
}

/// What was said of the log at each size: in the database, and elsewhere.
struct Said {
    kept: BTreeMap<Position, Kept>,
    keys: Vec<Key>,
    marks: BTreeMap<Position, Vec<Mark>>,
    checkpoints: BTreeMap<Position, Vec<Checkpoint>>,
}

impl Said {
    async fn of(tree: &Tree, trusted: &Trusted) -> Result<Said, ProofError> {
        let mut kept = BTreeMap::new();
        let mut after = 0;
        loop {
            let page = tree.checkpoints_after(after, CHECKPOINTS).await?;
            let Some(last) = page.last() else { break };
            after = last.size;
            kept.extend(page.into_iter().map(|kept| (kept.size, kept)));
        }
        let keys = if trusted.keys.is_empty() { tree.keys().await? } else { trusted.keys.clone() };
        let mut said = Said { kept, keys, marks: BTreeMap::new(), checkpoints: BTreeMap::new() };
        for mark in &trusted.marks {
            said.marks.entry(mark.size).or_default().push(*mark);
        }
        for checkpoint in &trusted.checkpoints {
            said.checkpoints.entry(checkpoint.size).or_default().push(checkpoint.clone());
        }
        Ok(said)
    }

    /// Returns every size after one that something was said of.
    fn sizes_after(&self, last: Position) -> BTreeSet<Position> {
        let sizes = self.kept.keys().chain(self.marks.keys()).chain(self.checkpoints.keys());
        sizes.copied().filter(|size| *size > last).collect()
    }
}

/// One pass over the log.
struct Pass<'a> {
    tree: &'a Tree,
    said: Said,
    /// How many events the stored tree has.
    sealed: Position,
    /// None from where an event is missing: whatever comes after has lost its place.
    edge: Option<Edge>,
    /// None from the first event that cannot stand where it does.
    chain: Option<Chain>,
    checker: Option<Checker>,
    verdict: Verdict,
    last: Position,
}

impl Pass<'_> {
    async fn page(&mut self, differing: &[Differing], events: Vec<Looked>) -> Result<(), ProofError> {
        for Differing { position, what } in differing {
            let (code, said) = match *what {
                "leaf" => ("leaf", "the hash that is stored is not that of its bytes".to_owned()),
                "bytes" => ("bytes", "its bytes are no event".to_owned()),
                what @ "an event before it is missing" => ("missing", what.to_owned()),
                column => ("column", format!("the column {column} is not what its bytes say")),
            };
            self.verdict.note(Some(*position), code, said);
        }
        let mut filled = Vec::new();
        for looked in events {
            if looked.position != self.last + 1 {
                self.edge = None;
            }
            self.last = looked.position;
            if let Some(edge) = &mut self.edge {
                edge.push(&looked.leaf.unwrap_or(looked.hashed), |tile| filled.push(tile));
            }
            self.follow(looked);
            self.compare_with_what_was_said();
        }
        for tile in filled {
            self.compare(&tile).await?;
        }
        Ok(())
    }

    /// Follows the history by one event, as long as that can be.
    fn follow(&mut self, looked: Looked) {
        let Some(chain) = &mut self.chain else { return };
        let position = looked.position;
        match looked.follow(chain) {
            Err(broken) => {
                // What is said of the columns and the leaf was said already.
                let known = self.verdict.wrong.iter().any(|wrong| wrong.position == Some(position));
                if !known {
                    self.verdict.note(Some(position), "history", broken.fault.to_string());
                }
                self.verdict.followed = position - 1;
                self.chain = None;
            }
            Ok(envelope) => {
                let violations = self.checker.as_mut().map(|checker| checker.feed(&envelope)).unwrap_or_default();
                for violation in violations {
                    self.verdict.note(Some(violation.at as u64 + 1), "rule", violation.to_string());
                }
            }
        }
    }

    /// Compares the root, as it is here, with every root that was ever said of so many events.
    fn compare_with_what_was_said(&mut self) {
        let Some(edge) = &self.edge else { return };
        let size = edge.size();
        let (kept, marks, checkpoints) =
            (self.said.kept.remove(&size), self.said.marks.remove(&size), self.said.checkpoints.remove(&size));
        if kept.is_none() && marks.is_none() && checkpoints.is_none() {
            return;
        }
        let root = edge.root();
        if let Some(kept) = kept {
            let named = self.chain.as_ref().and_then(|chain| chain.log).map(origin);
            match wrong_with(&kept, &root, named.as_deref(), &self.said.keys) {
                None => self.verdict.signed = size,
                Some(what) => self.verdict.note(Some(size), "checkpoint", what),
            }
            self.verdict.checkpoints += 1;
        }
        for mark in marks.unwrap_or_default() {
            if mark == Mark::of(size, &root) {
                self.verdict.witnessed = size;
            } else {
                let what = format!("the paper says {mark}, and the log has {}", Mark::of(size, &root));
                self.verdict.note(Some(size), "against", what);
            }
        }
        for checkpoint in checkpoints.unwrap_or_default() {
            if checkpoint.root == root {
                self.verdict.witnessed = size;
            } else {
                let what = format!(
                    "a checkpoint from elsewhere says {}, and the log has {}",
                    checkpoint.mark(),
                    Mark::of(size, &root)
                );
                self.verdict.note(Some(size), "against", what);
            }
        }
    }

    /// Compares a tile, as it is here, with the one that is stored.
    async fn compare(&mut self, tile: &Tile) -> Result<(), ProofError> {
        let unit = (FULL as u64).pow(u32::from(tile.level));
        let due = (self.sealed / unit).saturating_sub(tile.n * FULL as u64).min((tile.hashes.len() / HASH) as u64);
        let Ok(width) = usize::try_from(due) else { return Ok(()) };
        if width == 0 {
            return Ok(());
        }
        let address = Address { level: tile.level, n: tile.n, width };
        let first = tile.n * FULL as u64 * unit + 1;
        let Some(stored) = self.tree.tile(address).await? else {
            self.verdict.note(Some(first), "tile", format!("tile {address} of the tree is missing or too short"));
            return Ok(());
        };
        let ours = tile.hashes.chunks(HASH).zip(stored.chunks(HASH));
        for (place, _) in (0_u64..).zip(ours).filter(|(_, (ours, stored))| ours != stored) {
            let position = first + place * unit;
            // What differs below was told already.
            let mut known = self.verdict.wrong.iter().filter_map(|wrong| wrong.position);
            if tile.level > 0 && known.any(|known| (position..position + unit).contains(&known)) {
                continue;
            }
            let what = match tile.level {
                0 => format!("it is not the event that was sealed here (tile {address})"),
                _ => format!("the events from here on are not those that were sealed (tile {address})"),
            };
            self.verdict.note(Some(position), "tile", what);
        }
        Ok(())
    }

    /// Says what is missing at the end.
    async fn end(mut self, log: &Log, head: Position) -> Result<Verdict, ProofError> {
        let last = self.last;
        if let Some(edge) = self.edge.take() {
            for tile in edge.open() {
                self.compare(&tile).await?;
            }
            self.verdict.root = hex::encode(edge.root());
        }
        if head != last {
            let what = format!("the log says that it goes to {head}, and its last event is at {last}");
            self.verdict.note(Some(last), "head", what);
        }
        if self.sealed > last {
            let what = format!("{} events were sealed, and there are {last}: the others were cut off", self.sealed);
            self.verdict.note(Some(last + 1), "cut", what);
        }
        for size in self.said.sizes_after(last) {
            let what = format!("a log of {size} events was signed or printed, and there are {last}");
            self.verdict.note(Some(last + 1), "cut", what);
        }
        if let Some(chain) = self.chain.take() {
            for violation in self.checker.take().map(|checker| checker.finish()).unwrap_or_default() {
                self.verdict.note(Some(violation.at as u64 + 1), "rule", violation.to_string());
            }
            let given = log.series().await?;
            for (name, number) in &chain.series {
                if given.get(name) != Some(number) {
                    let what = format!("the next number of {name} would not follow its last, {number}");
                    self.verdict.note(None, "number", what);
                }
            }
            self.verdict.followed = last;
        }
        self.verdict.events = last;
        self.verdict.sealed = self.sealed.min(last);
        self.verdict.wrong.sort_by_key(|wrong| wrong.position.unwrap_or(Position::MAX));
        Ok(self.verdict)
    }
}

/// Returns what is wrong with a checkpoint that is kept, if anything is: its root is to be this, and its log named so.
fn wrong_with(kept: &Kept, root: &[u8; 32], named: Option<&str>, keys: &[Key]) -> Option<String> {
    let size = kept.size;
    let signed = match SignedCheckpoint::open(&kept.note, keys) {
        Ok(signed) => signed.checkpoint,
        Err(error) => return Some(format!("the checkpoint of {size} events: {error}")),
    };
    if signed.size != size || kept.root != signed.root {
        return Some(format!("the checkpoint of {size} events says something else than what is kept beside it"));
    }
    if signed.root != *root {
        let log = Mark::of(size, root);
        return Some(format!(
            "the first {size} events are not those that were signed: {} and not {log}",
            signed.mark()
        ));
    }
    named
        .filter(|named| *named != signed.origin)
        .map(|named| format!("the checkpoint of {size} events is of {}, and the log is {named}", signed.origin))
}
