//! That an event is in a tree, and that a tree goes on from an earlier one.

use rectify_case::Position;
use tlog_tiles::{Hash, check_record, check_tree, record_hash};

use crate::checkpoint::Checkpoint;

/// What shows that an event stands at its position in a tree (an audit path of RFC 6962, section 2.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inclusion {
    /// The event's position; its index in the tree is one less.
    pub position: Position,
    /// The hashes beside the way from the leaf to the root.
    pub path: Vec<[u8; 32]>,
}

/// What shows that a tree begins with all of an earlier one (RFC 6962, section 2.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consistency {
    /// How many events the earlier one had.
    pub earlier: Position,
    /// The hashes from which both roots follow.
    pub path: Vec<[u8; 32]>,
}

/// A proof that shows nothing of the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotProved {
    /// The event is not in that tree, at that place.
    #[error("the proof does not lead from the event at position {0} to the root")]
    Inclusion(Position),
    /// The tree does not begin with the earlier one.
    #[error("the proof does not lead from the tree of {0} events to the later one")]
    Consistency(Position),
}

/// The longest way from a leaf to a root, and the longest proof between two roots: twice as many as a size has bits.
pub(crate) const LONGEST: usize = 128;

/// Returns the hash of an event as a leaf of the tree, from the SHA-256 of its bytes.
pub fn leaf_hash(leaf: &[u8; 32]) -> [u8; 32] {
    record_hash(leaf).0
}

impl Inclusion {
    /// Checks that an event whose bytes have this SHA-256 stands at its position in the tree of a checkpoint.
    pub fn check(&self, checkpoint: &Checkpoint, leaf: &[u8; 32]) -> Result<(), NotProved> {
        let failed = NotProved::Inclusion(self.position);
        let index = self.position.checked_sub(1).filter(|_| self.path.len() <= LONGEST).ok_or(failed)?;
        let path = self.path.iter().copied().map(Hash).collect();
        check_record(&path, checkpoint.size, Hash(checkpoint.root), index, record_hash(leaf)).map_err(|_| failed)
    }
}

impl Consistency {
    /// Checks that the tree of a checkpoint begins with all of the tree of an earlier one.
    pub fn check(&self, later: &Checkpoint, earlier: &Checkpoint) -> Result<(), NotProved> {
        let failed = NotProved::Consistency(earlier.size);
        if self.earlier != earlier.size || self.path.len() > LONGEST || earlier.size > later.size {
            return Err(failed);
        }
        if earlier.size == 0 {
            // Every tree begins with nothing.
            return if self.path.is_empty() { Ok(()) } else { Err(failed) };
        }
        let path = self.path.iter().copied().map(Hash).collect();
        let (size, root) = (later.size, Hash(later.root));
        check_tree(&path, size, root, earlier.size, Hash(earlier.root)).map_err(|_| failed)
    }
}
