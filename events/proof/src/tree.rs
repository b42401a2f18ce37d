//! The tree as it grows: in each level the one tile that is not full yet.

use tlog_tiles::{Hash, Tile as Tiling, node_hash, record_hash};

/// How many hashes a full tile has: 2⁸, as C2SP tlog-tiles wants it.
pub const FULL: usize = 256;

/// The bytes of a hash.
pub(crate) const HASH: usize = 32;

/// A tile of the tree: up to 256 hashes of one level, in order. Level 0 has the hashes of leaves; a hash of a higher level is
/// the root over a full tile of the level below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// The level.
    pub level: u8,
    /// The how-manieth of its level, from 0.
    pub n: u64,
    /// Its hashes, 32 bytes each.
    pub hashes: Vec<u8>,
}

/// The growing edge of a tree: enough to add leaves and to tell the root.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    /// The hashes of each level that stand in no full tile.
    open: Vec<Vec<u8>>,
}

impl Edge {
    /// Returns the edge that a tree had when it was so large, from its tiles: `hashes` returns the first so many hashes of the
    /// n-th tile of a level, and nothing where there are fewer.
    pub fn of<'t>(size: u64, mut hashes: impl FnMut(u8, u64, usize) -> Option<&'t [u8]>) -> Option<Edge> {
        let open = places(size).map(|(level, n, width)| match width {
            0 => Some(Vec::new()),
            width => hashes(level, n, width).map(<[u8]>::to_vec),
        });
        Some(Edge { size, open: open.collect::<Option<_>>()? })
    }

    /// Returns how many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds the next leaf, and hands every tile that it fills to `filled`.
    pub fn push(&mut self, leaf: &[u8; 32], mut filled: impl FnMut(Tile)) {
        let mut hash = record_hash(leaf);
        self.size += 1;
        let mut count = self.size;
        for level in 0.. {
            if self.open.len() == usize::from(level) {
                self.open.push(Vec::with_capacity(FULL * HASH));
            }
            let open = &mut self.open[usize::from(level)];
            open.extend(hash.0);
            if open.len() < FULL * HASH {
                return;
            }
            let hashes = std::mem::take(open);
            hash = Tiling::subtree_hash(&hashes);
            count /= FULL as u64;
            filled(Tile { level, n: count - 1, hashes });
        }
    }

    /// Returns the tiles that are not full, from the leaves up.
    pub fn open(&self) -> impl Iterator<Item = Tile> {
        places(self.size).zip(&self.open).filter(|(_, hashes)| !hashes.is_empty()).map(|((level, n, _), hashes)| Tile {
            level,
            n,
            hashes: hashes.clone(),
        })
    }

    /// Returns the root (RFC 6962, section 2.1): that of no leaf is the hash of nothing.
    pub fn root(&self) -> [u8; 32] {
        let peaks: Vec<Hash> = self.open.iter().rev().flat_map(|hashes| peaks(hashes)).collect();
        let joined = peaks.into_iter().rev().reduce(|right, left| node_hash(left, right));
        joined.unwrap_or(tlog_tiles::EMPTY_HASH).0
    }
}

/// Returns, from the leaves up, each level of a tree of so many leaves, with its last tile and how many hashes that has where
/// it is not full.
fn places(size: u64) -> impl Iterator<Item = (u8, u64, usize)> {
    let counts = std::iter::successors(Some(size), |count| Some(count / FULL as u64)).take_while(|count| *count > 0);
    let width = |count: u64| usize::try_from(count % FULL as u64).expect("fewer than a tile has");
    (0..).zip(counts).map(move |(level, count)| (level, count / FULL as u64, width(count)))
}

/// Returns the roots of the perfect trees that hashes of one level are made of, the largest first.
fn peaks(hashes: &[u8]) -> Vec<Hash> {
    let mut peaks = Vec::new();
    let mut left = hashes;
    while !left.is_empty() {
        let perfect = 1 << (left.len() / HASH).ilog2();
        let (first, rest) = left.split_at(perfect * HASH);
        peaks.push(Tiling::subtree_hash(first));
        left = rest;
    }
    peaks
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// The definition in RFC 6962, section 2.1, word by word.
    fn root_of(leaves: &[[u8; 32]]) -> Hash {
        match leaves {
            [] => tlog_tiles::EMPTY_HASH,
            [one] => record_hash(one),
            many => {
                let k = 1 << (many.len() - 1).ilog2();
                node_hash(root_of(&many[..k]), root_of(&many[k..]))
            }
        }
    }

    fn leaves(n: u64) -> Vec<[u8; 32]> {
        (0..n).map(|n| record_hash(&n.to_be_bytes()).0).collect()
    }

    #[test]
    fn the_root_is_what_the_standard_says() {
        let leaves = leaves(70_000);
        let mut edge = Edge::default();
        assert_eq!(edge.root(), root_of(&[]).0);
        for (n, leaf) in leaves.iter().enumerate() {
            edge.push(leaf, |_| ());
            let size = n + 1;
            if size < 600 || size % 9_973 == 0 || [65_535, 65_536, 65_537].contains(&size) {
                assert_eq!(edge.root(), root_of(&leaves[..size]).0, "{size}");
            }
        }
    }

    #[test]
    fn a_tree_goes_on_from_its_tiles_wherever_it_was_left() {
        let leaves = leaves(66_000);
        let mut tiles = BTreeMap::new();
        let mut edge = Edge::default();
        for leaf in &leaves {
            edge.push(leaf, |tile| {
                tiles.insert((tile.level, tile.n), tile.hashes);
            });
        }
        for tile in edge.open() {
            tiles.insert((tile.level, tile.n), tile.hashes);
        }
        let part = |level, n, width: usize| tiles.get(&(level, n))?.get(..width * HASH);
        for size in [0, 1, 255, 256, 257, 511, 512, 40_000, 65_535, 65_536, 65_537, 66_000] {
            let earlier = Edge::of(size, part).expect("everything is there");
            assert_eq!(earlier.root(), root_of(&leaves[..usize::try_from(size).unwrap()]).0, "{size}");
            let mut again = earlier;
            leaves[usize::try_from(size).unwrap()..].iter().for_each(|leaf| again.push(leaf, |_| ()));
            assert_eq!(again, edge, "{size}");
        }
        assert_eq!(Edge::of(66_001, part), None, "what was never added is not there");
    }
}
