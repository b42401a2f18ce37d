//! The transparent log: a Merkle tree (RFC 6962) over the leaves of the event log, kept in tiles (C2SP tlog-tiles), with
//! checkpoints (C2SP tlog-checkpoint) signed by one sealer.
//!
//! Who holds any checkpoint can tell later whether the history was changed: an event altered, dropped, put in or moved gives
//! another root. The tree is over commitments, so nothing here shows what happened. Read in this order:

mod tree;

mod address;

mod proof;

mod checkpoint;
mod key;
mod mark;
mod witness;

mod kept;
mod statements;
mod store;

mod sealer;

mod verify;

pub mod dossier;

pub use address::{Address, BadAddress};
pub use checkpoint::{Checkpoint, NotSigned, SignedCheckpoint, origin};
pub use kept::{check, export, import};
pub use key::{BadKey, Key, KeyError, Signer};
pub use mark::{BadMark, Mark};
pub use proof::{Consistency, Inclusion, NotProved, leaf_hash};
pub use sealer::{SealError, Sealed, Sealer};
pub use store::{Cosigned, ProofError, Tree, grant, is_migrated, migrate};
pub use tree::{Edge, FULL, Tile};
pub use verify::{Trusted, Verdict, Verifying, Wrong, verify};
pub use witness::{BadWitness, Cosignature, Witness, cosigned};
