//! The sealer: extends the tree behind the log, and signs what it is.
//!
//! It keeps nothing of its own but, beside its key, the checkpoint that it signed last: a database that was put back to an older
//! state would sign another history of the same size, and is refused until it is the same again or has another name.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use rectify_case::Position;
use rectify_log::Log;

use crate::checkpoint::{Checkpoint, NotSigned, SignedCheckpoint, origin};
use crate::key::{Key, KeyError, Signer};
use crate::store::{ProofError, Tree};
use crate::tree::Tile;

/// How many leaves are read at once: a tile of level 1.
const PAGE: u32 = 65_536;

/// Extends the tree of one log, and signs checkpoints where it has a key.
#[derive(Debug)]
pub struct Sealer {
    log: Log,
    tree: Tree,
    hand: Option<Hand>,
}

/// What signs, and what it signed last.
#[derive(Debug)]
struct Hand {
    signers: Vec<Signer>,
    /// Where the last checkpoint is kept, beside the key and not in the database.
    last: PathBuf,
}

/// How far the tree is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sealed {
    /// How many events the tree has.
    pub size: Position,
    /// How many the last checkpoint covers; 0 where none was signed.
    pub signed: Position,
}

/// Why nothing is sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The tree cannot be read or extended.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The checkpoint beside the key cannot be read or written.
    #[error("cannot read or write {}", file.display())]
    Last {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is kept beside the key is no checkpoint of it.
    #[error("{} is no checkpoint that this key signed", file.display())]
    NotOurs {
        /// The file.
        file: PathBuf,
        /// Why.
        source: NotSigned,
    },
    /// More was signed than there is.
    #[error("a checkpoint of {signed} events was signed, and the log has {found}: an older database was put back")]
    Behind {
        /// What was signed.
        signed: Position,
        /// What there is.
        found: Position,
    },
    /// Another history was signed.
    #[error("the first {0} events are not those of the checkpoint that was signed")]
    Differs(Position),
}

impl From<rectify_log::LogError> for SealError {
    fn from(error: rectify_log::LogError) -> Self {
        SealError::Proof(error.into())
    }
}

impl Sealer {
    /// Returns the sealer of a log; without a key it extends the tree and signs nothing.
    pub fn open(log: Log, tree: Tree, key: Option<&Path>) -> Result<Sealer, SealError> {
        let hand = match key {
            None => None,
            Some(file) => {
                let signers = Signer::read_or_make(file, &origin(log.id()))?;
                Some(Hand { signers, last: file.with_extension("checkpoint") })
            }
        };
        Ok(Sealer { log, tree, hand })
    }

    /// Returns the log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Extends the tree to the end of the log, and returns how far it is. Tiles that are there already stay as they are.
    pub async fn extend(&self) -> Result<Position, SealError> {
        let mut edge = self.tree.edge(self.tree.size().await?).await?;
        loop {
            let leaves = self.log.read_leaves(edge.size(), PAGE).await?;
            if leaves.is_empty() {
                return Ok(edge.size());
            }
            let mut tiles: Vec<Tile> = Vec::new();
            for leaf in &leaves {
                edge.push(leaf, |tile| tiles.push(tile));
            }
            tiles.extend(edge.open());
            self.tree.keep(&tiles, None).await?;
        }
    }

    /// Signs the tree as it is, unless it was signed or there is no key. Returns what there is.
    pub async fn sign(&self, now: DateTime<Utc>) -> Result<Option<SignedCheckpoint>, SealError> {
        let Some(hand) = &self.hand else { return Ok(None) };
        let size = self.tree.size().await?;
        let kept = self.tree.last_checkpoint().await?.map(|signed| signed.checkpoint);
        // The two are one, unless an older database was put back, or the process ended between keeping one and the other.
        let beside = hand.last()?.map(|signed| signed.checkpoint).filter(|beside| Some(beside) != kept.as_ref());
        for earlier in [&kept, &beside].into_iter().flatten() {
            self.goes_on_from(earlier, size).await?;
        }
        if size == 0 || kept.as_ref().is_some_and(|kept| kept.size == size) {
            return Ok(None);
        }
        let checkpoint = Checkpoint { origin: origin(self.log.id()), size, root: self.tree.root(size).await? };
        let signed = checkpoint.sign(&hand.signers);
        // First beside the key: what was published is known there, whatever happens in between.
        hand.keep(&signed)?;
        let keys: Vec<Key> = hand.signers.iter().map(Signer::key).collect();
        self.tree.keep(&[], Some((&signed, &keys, now))).await?;
        Ok(Some(signed))
    }

    /// Refuses a tree that does not begin with what was signed.
    async fn goes_on_from(&self, earlier: &Checkpoint, size: Position) -> Result<(), SealError> {
        // A log that was forked there has another name, and says so; one that was only put back has not.
        if earlier.origin != origin(self.log.id()) {
            return Ok(());
        }
        if earlier.size > size {
            return Err(SealError::Behind { signed: earlier.size, found: size });
        }
        if self.tree.root(earlier.size).await? != earlier.root {
            return Err(SealError::Differs(earlier.size));
        }
        Ok(())
    }
}

impl Hand {
    /// Returns the checkpoint that is kept beside the key.
    fn last(&self) -> Result<Option<SignedCheckpoint>, SealError> {
        match fs::read_to_string(&self.last) {
            Ok(note) => {
                let named = SignedCheckpoint::read(&note);
                let opened = named.and_then(|named| {
                    let keys = self.signers.iter().map(|signer| signer.named(&named.checkpoint.origin).key());
                    SignedCheckpoint::open(&note, &keys.collect::<Vec<_>>())
                });
                let not_ours = |source| SealError::NotOurs { file: self.last.clone(), source };
                opened.map(Some).map_err(not_ours)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(SealError::Last { file: self.last.clone(), source }),
        }
    }

    /// Keeps a checkpoint beside the key, whole or not at all.
    fn keep(&self, signed: &SignedCheckpoint) -> Result<(), SealError> {
        let new = self.last.with_extension("checkpoint.new");
        let written = File::create(&new).and_then(|mut file| {
            file.write_all(signed.note.as_bytes())?;
            file.sync_all()?;
            fs::rename(&new, &self.last)
        });
        written.map_err(|source| SealError::Last { file: self.last.clone(), source })
    }
}
