//! The tree and what was signed of it, in the log's database.

use std::cell::RefCell;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use rectify_case::Position;
use rectify_log::{Db, DbError, LogError, Roles, RolesError, on};
use sqlx::migrate::Migrator;
use tlog_tiles::{Hash, HashReader, Tile as Tiling, prove_record, prove_tree};

use crate::address::Address;
use crate::checkpoint::{NotSigned, SignedCheckpoint};
use crate::key::Key;
use crate::mark::Mark;
use crate::proof::{Consistency, Inclusion};
use crate::statements;
use crate::tree::{Edge, FULL, HASH, Tile};
use crate::witness::{Witness, cosigned};

/// The table that remembers which migrations were applied.
const MIGRATIONS: &str = "proof_migrations";

/// The logarithm of how many hashes a tile has.
const HEIGHT: u8 = 8;

/// Makes the tables, or brings them up to date.
pub async fn migrate(db: &Db) -> Result<(), DbError> {
    let (postgres, sqlite) = migrations();
    db.migrate(MIGRATIONS, postgres, sqlite).await
}

/// Returns whether the tables are up to date. Only reads.
pub async fn is_migrated(db: &Db) -> Result<bool, DbError> {
    let (postgres, sqlite) = migrations();
    db.is_migrated(MIGRATIONS, &postgres, &sqlite).await
}

/// Grants what is done to the tables, which are there.
pub async fn grant(roles: &Roles) -> Result<(), RolesError> {
    roles.run(statements::GRANTS).await
}

fn migrations() -> (Migrator, Migrator) {
    (sqlx::migrate!("../../migrations/postgres/proof"), sqlx::migrate!("../../migrations/sqlite/proof"))
}

/// What goes wrong with the tree.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The database failed.
    #[error("the database of the tree failed")]
    Db(#[from] DbError),
    /// The log failed.
    #[error("the log cannot be read")]
    Log(#[from] LogError),
    /// A tile is not there, or has fewer hashes than the tree has.
    #[error("tile {0} is not in the tree")]
    NoTile(Address),
    /// The tree is smaller than what is asked about.
    #[error("the tree has {size} events, and {wanted} are asked about")]
    TooSmall {
        /// What it has.
        size: Position,
        /// What is asked about.
        wanted: Position,
    },
    /// A checkpoint that is kept cannot be read.
    #[error("a checkpoint that is kept cannot be read")]
    Unreadable(#[source] NotSigned),
    /// A row holds what nothing here can have written.
    #[error("what is kept of the tree cannot be: {0}")]
    Inconsistent(&'static str),
}

impl From<sqlx::Error> for ProofError {
    fn from(error: sqlx::Error) -> Self {
        ProofError::Db(error.into())
    }
}

/// A checkpoint as it is kept, with what its columns say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) size: Position,
    pub(crate) root: Vec<u8>,
    pub(crate) note: String,
}

/// What became of what witnesses signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cosigned {
    /// So many of the lines are new, and kept.
    Kept(u64),
    /// It is no checkpoint, or none that a known witness signed.
    Refused(NotSigned),
    /// Nothing was signed here of this size.
    NoCheckpoint,
    /// A witness saw another history than this one: what it signed of this size is not what was signed here.
    Another,
}

/// The tree over the log, and what was signed of it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Tree {
    db: Db,
}

/// Hashes by where they are stored in Crosby and Wallach's order. Of one that was not read it writes down that it is needed.
#[derive(Default)]
struct Hashes {
    read: HashMap<u64, Hash>,
    needed: RefCell<BTreeSet<u64>>,
}

impl HashReader for Hashes {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        let found = indexes.iter().map(|index| {
            self.read.get(index).copied().unwrap_or_else(|| {
                self.needed.borrow_mut().insert(*index);
                Hash::default()
            })
        });
        Ok(found.collect())
    }
}

impl Tree {
    /// Returns the tree in a database that [`migrate`] has brought up to date.
    pub fn new(db: Db) -> Tree {
        Tree { db }
    }

    /// Returns how many events the tree has.
    pub async fn size(&self) -> Result<Position, ProofError> {
        let last: Option<(i64, Vec<u8>)> = on!(Db, &self.db, pool => {
            sqlx::query_as(statements::LAST_TILE).fetch_optional(pool).await?
        });
        let Some((n, hashes)) = last else { return Ok(0) };
        let n = u64::try_from(n).map_err(|_| ProofError::Inconsistent("the number of a tile is negative"))?;
        Ok(n * FULL as u64 + (hashes.len() / HASH) as u64)
    }

    /// Returns the hashes of a tile, as many as its address says; nothing where the tree has not so many.
    pub async fn tile(&self, address: Address) -> Result<Option<Vec<u8>>, ProofError> {
        let wanted = address.width * HASH;
        Ok(self.row(address).await?.filter(|hashes| hashes.len() >= wanted).map(|mut hashes| {
            hashes.truncate(wanted);
            hashes
        }))
    }

    /// Returns every hash of the tile at an address, however many are meant.
    async fn row(&self, Address { level, n, .. }: Address) -> Result<Option<Vec<u8>>, ProofError> {
        let Ok(n) = i64::try_from(n) else { return Ok(None) };
        Ok(on!(Db, &self.db, pool => {
            sqlx::query_scalar(statements::TILE).bind(i16::from(level)).bind(n).fetch_optional(pool).await?
        }))
    }

    /// Returns the edge that the tree had at a size.
    pub async fn edge(&self, size: Position) -> Result<Edge, ProofError> {
        let mut tiles = HashMap::new();
        let mut wanted = Vec::new();
        let _ = Edge::of(size, |level, n, width| {
            wanted.push(Address { level, n, width });
            Some(&[])
        });
        for address in wanted {
            let hashes = self.tile(address).await?.ok_or(ProofError::NoTile(address))?;
            tiles.insert(address.level, hashes);
        }
        Edge::of(size, |level, _, _| tiles.get(&level).map(Vec::as_slice))
            .ok_or(ProofError::Inconsistent("a tile has fewer hashes than it had"))
    }

    /// Returns the root over the first so many events.
    pub async fn root(&self, size: Position) -> Result<[u8; 32], ProofError> {
        Ok(self.edge(size).await?.root())
    }

    /// Keeps tiles, and what was signed with them, all or nothing.
    pub(crate) async fn keep(
        &self,
        tiles: &[Tile],
        signed: Option<(&SignedCheckpoint, &[Key], DateTime<Utc>)>,
    ) -> Result<(), ProofError> {
        let mut tx = self.db.begin().await?;
        on!(Tx, &mut tx, conn => {
            for Tile { level, n, hashes } in tiles {
                sqlx::query(statements::KEEP_TILE)
                    .bind(i16::from(*level))
                    .bind(as_sql(*n))
                    .bind(hashes.as_slice())
                    .execute(&mut **conn)
                    .await?;
            }
            if let Some((signed, keys, at)) = signed {
                let size = as_sql(signed.checkpoint.size);
                for key in keys {
                    sqlx::query(statements::KEEP_SIGNER).bind(key.to_string()).bind(size).execute(&mut **conn).await?;
                }
                sqlx::query(statements::KEEP_CHECKPOINT)
                    .bind(size)
                    .bind(signed.checkpoint.root.as_slice())
                    .bind(signed.note.as_str())
                    .bind(at)
                    .execute(&mut **conn)
                    .await?;
            }
        });
        Ok(tx.commit().await?)
    }

    /// Returns what was signed last, with what witnesses signed of it.
    pub async fn last_checkpoint(&self) -> Result<Option<SignedCheckpoint>, ProofError> {
        let note: Option<String> = on!(Db, &self.db, pool => {
            sqlx::query_scalar(statements::LAST_CHECKPOINT).fetch_optional(pool).await?
        });
        self.witnessed(note).await
    }

    /// Returns what stands on paper of the last checkpoint.
    pub async fn mark(&self) -> Result<Option<Mark>, ProofError> {
        let last: Option<(i64, Vec<u8>)> = on!(Db, &self.db, pool => {
            sqlx::query_as(statements::LAST_MARK).fetch_optional(pool).await?
        });
        let marked = |(size, root): (i64, Vec<u8>)| {
            let size = u64::try_from(size).ok()?;
            Some(Mark::of(size, root.as_slice().try_into().ok()?))
        };
        match last {
            None => Ok(None),
            Some(last) => marked(last).map(Some).ok_or(ProofError::Inconsistent("a checkpoint has no root")),
        }
    }

    /// Returns the earliest checkpoint that covers so many events.
    pub async fn checkpoint_covering(&self, size: Position) -> Result<Option<SignedCheckpoint>, ProofError> {
        let note: Option<String> = on!(Db, &self.db, pool => {
            sqlx::query_scalar(statements::COVERING).bind(as_sql(size)).fetch_optional(pool).await?
        });
        self.witnessed(note).await
    }

    /// Returns at most so many of what is kept as signed, after a size.
    pub(crate) async fn checkpoints_after(&self, size: Position, limit: u32) -> Result<Vec<Kept>, ProofError> {
        let rows: Vec<(i64, Vec<u8>, String)> = on!(Db, &self.db, pool => {
            sqlx::query_as(statements::CHECKPOINTS_AFTER)
                .bind(as_sql(size))
                .bind(i64::from(limit))
                .fetch_all(pool)
                .await?
        });
        let kept = |(size, root, note)| {
            let size =
                u64::try_from(size).map_err(|_| ProofError::Inconsistent("the size of a checkpoint is negative"))?;
            Ok(Kept { size, root, note })
        };
        rows.into_iter().map(kept).collect()
    }

    /// Returns the public keys that signed, the newest first.
    pub async fn keys(&self) -> Result<Vec<Key>, ProofError> {
        let keys: Vec<String> =
            on!(Db, &self.db, pool => sqlx::query_scalar(statements::SIGNERS).fetch_all(pool).await?);
        let read = |key: String| key.parse().map_err(|_| ProofError::Inconsistent("a public key is none"));
        keys.into_iter().map(read).collect()
    }

    /// Returns what shows that an event is in the tree of a size.
    pub async fn inclusion(&self, position: Position, size: Position) -> Result<Inclusion, ProofError> {
        let Some(index) = position.checked_sub(1).filter(|index| *index < size) else {
            return Err(ProofError::TooSmall { size, wanted: position });
        };
        Ok(Inclusion { position, path: self.proof(|hashes| prove_record(size, index, hashes)).await? })
    }

    /// Returns what shows that the tree of a size begins with that of an earlier one.
    pub async fn consistency(&self, earlier: Position, size: Position) -> Result<Consistency, ProofError> {
        if earlier > size {
            return Err(ProofError::TooSmall { size, wanted: earlier });
        }
        if earlier == 0 {
            return Ok(Consistency { earlier, path: Vec::new() });
        }
        Ok(Consistency { earlier, path: self.proof(|hashes| prove_tree(size, earlier, hashes)).await? })
    }

    /// Keeps the lines that known witnesses signed one of our checkpoints with, each witness's first.
    pub async fn keep_cosignatures(
        &self,
        note: &str,
        witnesses: &[Witness],
        now: DateTime<Utc>,
    ) -> Result<Cosigned, ProofError> {
        let (seen, lines) = match cosigned(note, witnesses) {
            Ok(read) => read,
            Err(refused) => return Ok(Cosigned::Refused(refused)),
        };
        let size = seen.checkpoint.size;
        let Some(ours) = self.checkpoint_covering(size).await?.filter(|ours| ours.checkpoint.size == size) else {
            return Ok(Cosigned::NoCheckpoint);
        };
        if ours.text() != seen.text() {
            return Ok(Cosigned::Another);
        }
        let mut kept = 0;
        for line in lines {
            kept += on!(Db, &self.db, pool => {
                sqlx::query(statements::KEEP_COSIGNATURE)
                    .bind(as_sql(size))
                    .bind(line.witness.as_str())
                    .bind(line.line.as_str())
                    .bind(now)
                    .execute(pool)
                    .await?
                    .rows_affected()
            });
        }
        Ok(Cosigned::Kept(kept))
    }

    /// Returns a kept checkpoint with what witnesses signed of it.
    async fn witnessed(&self, note: Option<String>) -> Result<Option<SignedCheckpoint>, ProofError> {
        let Some(note) = note else { return Ok(None) };
        let mut signed = SignedCheckpoint::read(&note).map_err(ProofError::Unreadable)?;
        let lines: Vec<String> = on!(Db, &self.db, pool => {
            sqlx::query_scalar(statements::COSIGNATURES).bind(as_sql(signed.checkpoint.size)).fetch_all(pool).await?
        });
        for line in lines {
            signed.note.push_str(&line);
            signed.note.push('\n');
        }
        Ok(Some(signed))
    }

    /// Returns the hashes of a proof, which is asked for twice: to learn what it needs, and with that.
    async fn proof(
        &self,
        prove: impl Fn(&Hashes) -> Result<Vec<Hash>, tlog_tiles::Error>,
    ) -> Result<Vec<[u8; 32]>, ProofError> {
        let mut hashes = Hashes::default();
        let unproved = |_| ProofError::Inconsistent("its hashes are no path");
        prove(&hashes).map_err(unproved)?;
        let mut rows: HashMap<(u8, u64), Vec<u8>> = HashMap::new();
        for place in hashes.needed.take() {
            let tile = Tiling::from_index(HEIGHT, place);
            let address = Address { level: tile.level(), n: tile.level_index(), width: tile.width() as usize };
            let row = match rows.entry((address.level, address.n)) {
                Entry::Occupied(row) => row.into_mut(),
                Entry::Vacant(row) => row.insert(self.row(address).await?.ok_or(ProofError::NoTile(address))?),
            };
            let hash = tile.hash_at_index(row, place).map_err(|_| ProofError::NoTile(address))?;
            hashes.read.insert(place, hash);
        }
        Ok(prove(&hashes).map_err(unproved)?.into_iter().map(|hash| hash.0).collect())
    }
}

fn as_sql(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
