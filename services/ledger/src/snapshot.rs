//! All cases as the log told them up to a position, kept in a file: a replay need not begin at the first event.
//!
//! A cache, no record. A snapshot says of which log it is, up to which event, known by its leaf, and in which shape the fold is kept; one
//! that does not fit the log, is of another version of the program or cannot be read is passed over, and can be deleted at any time.

use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead as _, Read as _, Write as _};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use rectify_case::{CaseId, LogId, Position};
use rectify_log::{Log, LogError};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use crate::entry::Entry;
use crate::generation::SHAPE;

/// All cases, as some part of the log tells them.
pub(crate) type Cases = HashMap<CaseId, Entry>;

/// How far apart the positions are of which there are snapshots: what is folded beyond one takes a quarter of a second.
const STRIDE: Position = 50_000;

/// How many snapshots are kept: those that were written last.
const KEPT: usize = 6;

/// How many cases one piece of a file has: pieces are read and written side by side.
const PIECE: usize = 2_000;

/// How many pieces are.
const ABREAST: usize = 4;

/// The most bytes of the first line of a file.
const LONGEST_HEAD: u64 = 1 << 20;

const ENDING: &str = "snapshot";

/// The snapshots in a folder.
#[derive(Clone, Debug)]
pub struct Snapshots {
    folder: PathBuf,
    stride: Position,
}

/// What a snapshot is of.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Of {
    log: LogId,
    position: Position,
    /// The hash of the event there, as the log has it, in hexadecimal.
    leaf: String,
    shape: i64,
}

/// What stands in the first line of a file.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    of: Of,
    /// The lengths of the pieces that follow, in bytes: each is compressed by itself, one case a line.
    pieces: Vec<u64>,
}

impl Snapshots {
    /// Returns the snapshots in a folder, which is made when the first is written.
    pub fn in_folder(folder: PathBuf) -> Snapshots {
        Snapshots { folder, stride: STRIDE }
    }

    /// Returns the same, with snapshots of every so many events and not of every 50,000.
    pub fn every(self, stride: NonZeroU64) -> Snapshots {
        Snapshots { stride: stride.get(), ..self }
    }

    /// Returns the last position up to a given one of which a snapshot is kept; 0 where there is none.
    pub(crate) fn place_before(&self, position: Position) -> Position {
        position - position % self.stride
    }

    /// Returns the last position up to a given one of which there is a snapshot that fits the log, and all cases there.
    pub(crate) async fn latest(&self, log: &Log, known: Position) -> Result<Option<(Position, Cases)>, LogError> {
        for position in self.positions().into_iter().filter(|position| *position <= known).rev() {
            let Some(of) = Of::at(log, position).await? else { continue };
            match self.read(&of).await {
                Ok(cases) => return Ok(Some((position, cases))),
                Err(error) => tracing::warn!(%error, position, "a snapshot of the cases is passed over"),
            }
        }
        Ok(None)
    }

    /// Keeps all cases as the log tells them up to a position, and returns them. Nothing is lost where they cannot be kept.
    pub(crate) async fn keep(&self, log: &Log, position: Position, cases: Cases) -> Result<Cases, LogError> {
        let Some(of) = Of::at(log, position).await? else { return Ok(cases) };
        let cases = Arc::new(cases);
        let written = packed(&cases).await.and_then(|pieces| self.write(of, &pieces));
        if let Err(error) = written {
            tracing::warn!(%error, folder = %self.folder.display(), "no snapshot of the cases can be kept");
        }
        Ok(Arc::unwrap_or_clone(cases))
    }

    /// Returns of which positions there are files, in order.
    fn positions(&self) -> Vec<Position> {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut positions: Vec<Position> = files.filter_map(|file| position_of(&file.path())).collect();
        positions.sort_unstable();
        positions
    }

    fn file(&self, position: Position) -> PathBuf {
        self.folder.join(format!("{position}.{ENDING}"))
    }

    async fn read(&self, of: &Of) -> io::Result<Cases> {
        let mut file = io::BufReader::new(fs::File::open(self.file(of.position))?);
        let mut line = String::new();
        file.by_ref().take(LONGEST_HEAD).read_line(&mut line)?;
        let head: Head = serde_json::from_str(&line)?;
        if head.of != *of {
            return Err(io::Error::other("it is of another log, or of another version of the program"));
        }
        let pieces = head.pieces.into_iter().map(|length| {
            let mut piece = Vec::new();
            let read = file.by_ref().take(length).read_to_end(&mut piece);
            read.map(|_| spawn_blocking(move || unpacked(&piece)))
        });
        let mut cases = Cases::new();
        let mut unpacking = stream::iter(pieces).map(|piece| async { piece?.await? }).buffered(ABREAST);
        while let Some(entries) = unpacking.try_next().await? {
            cases.extend(entries.into_iter().map(|entry| (entry.case.id, entry)));
        }
        Ok(cases)
    }

    /// Writes a snapshot whole or not at all, and deletes those that were written long ago.
    fn write(&self, of: Of, pieces: &[Vec<u8>]) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        let file = self.file(of.position);
        let beside = tempfile::NamedTempFile::new_in(&self.folder)?;
        let head = Head { of, pieces: pieces.iter().map(|piece| piece.len() as u64).collect() };
        let mut into = io::BufWriter::new(beside.as_file());
        serde_json::to_writer(&mut into, &head)?;
        into.write_all(b"\n")?;
        for piece in pieces {
            into.write_all(piece)?;
        }
        into.flush()?;
        drop(into);
        beside.persist(file)?;
        self.forget_old()
    }

    fn forget_old(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for position in self.positions() {
            let file = self.file(position);
            files.push((fs::metadata(&file)?.modified()?, file));
        }
        files.sort_unstable();
        let old = files.len().saturating_sub(KEPT);
        files.into_iter().take(old).try_for_each(|(_, file)| fs::remove_file(file))
    }
}

impl Of {
    /// Returns what a snapshot at a position of a log must be of; none where the log does not go so far.
    async fn at(log: &Log, position: Position) -> Result<Option<Of>, LogError> {
        let Some(before) = position.checked_sub(1) else { return Ok(None) };
        let event = log.read_raw(before, 1).await?.pop();
        Ok(event.map(|event| Of { log: log.id(), position, leaf: hex::encode(event.leaf), shape: SHAPE }))
    }
}

fn position_of(file: &Path) -> Option<Position> {
    let name = file.file_name()?.to_str()?;
    name.strip_suffix(ENDING)?.strip_suffix('.')?.parse().ok()
}

/// Returns the cases as pieces of a file.
async fn packed(cases: &Arc<Cases>) -> io::Result<Vec<Vec<u8>>> {
    let ids: Vec<CaseId> = cases.keys().copied().collect();
    let pieces = ids.chunks(PIECE).map(|ids| {
        let (ids, cases) = (ids.to_vec(), Arc::clone(cases));
        spawn_blocking(move || pack(ids.iter().filter_map(|id| cases.get(id))))
    });
    stream::iter(pieces).map(|piece| async { piece.await? }).buffered(ABREAST).try_collect().await
}

fn pack<'a>(entries: impl Iterator<Item = &'a Entry>) -> io::Result<Vec<u8>> {
    let mut piece = GzEncoder::new(Vec::new(), Compression::fast());
    for entry in entries {
        serde_json::to_writer(&mut piece, entry)?;
        piece.write_all(b"\n")?;
    }
    piece.finish()
}

fn unpacked(piece: &[u8]) -> io::Result<Vec<Entry>> {
    let mut text = Vec::new();
    GzDecoder::new(piece).read_to_end(&mut text)?;
    Ok(serde_json::Deserializer::from_slice(&text).into_iter().collect::<Result<_, _>>()?)
}
