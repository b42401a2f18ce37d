//! A publication made again from the log, and what it is compared with: the digests in its event, and the file that was kept.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use rectify_case::access::PUBLICATIONS;
use rectify_case::{
    AccessEvent, Case, Digest, Event, FindingId, Position, Publication, PublicationKind, StreamId, Version,
};
use rectify_kit::{Store, StoreError};
use rectify_ledger::{Ledger, LedgerError, Progress, Standpoint};
use rectify_log::{Log, LogError, Recorded};
use rectify_proof::{Edge, Mark, Wrong};
use serde::Serialize;

use super::difference::{Difference, between};
use super::making::{Asked, Made, digest_of, make, published};
use super::rights::{directory_at, posts_of, viewer_of};

/// How many leaves are read at once.
const PAGE: u32 = 10_000;

/// How many characters of an id stand for a case that has no number.
const ID_PREFIX: usize = 8;

/// What a publication is made again from.
pub struct Source<'a> {
    /// The log.
    pub log: &'a Log,
    /// Where files are kept.
    pub store: &'a Store,
    /// A folder in which ledgers are folded for as long as it takes; it must be empty.
    pub folder: &'a Path,
}

/// What came of making a publication again.
#[derive(Clone, Debug, Serialize)]
pub struct Reproduced {
    /// The number of the publication.
    pub number: Version,
    /// What it is.
    pub kind: PublicationKind,
    /// What its file is called.
    pub name: String,
    /// When it was published.
    pub published: DateTime<Utc>,
    /// How far the log was folded for it.
    pub position: Position,
    /// How many cases are in it.
    pub cases: usize,
    /// The version of the program that made it.
    pub program: String,
    /// The version of this program.
    pub program_now: &'static str,
    /// Whether its data are the same.
    pub same_data: bool,
    /// Whether its file is the same, byte by byte.
    pub same_file: bool,
    /// The petitions in it whose keys were deleted. What is sealed is in no publication, so nothing of it is missing.
    pub erased: Vec<Erased>,
    /// What is wrong.
    pub wrong: Vec<Wrong>,
    /// The cells in which the kept file and what is made now differ.
    pub differing: Vec<Difference>,
}

/// A petition whose keys were deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// The number of its case, or the beginning of its id where it has none.
    pub case: String,
    /// Which petition.
    pub finding: FindingId,
    /// Where the log says so.
    pub position: Position,
}

/// Why a publication cannot be made again.
#[derive(Debug, thiserror::Error)]
pub enum NotReproduced {
    /// There is none of this number.
    #[error("there is no publication {0}")]
    NoSuch(Version),
    /// It is in a language or a zone that this program does not have.
    #[error("it was made in a language or a zone that this program does not have")]
    Unknown,
    /// The log failed.
    #[error("the log cannot be read")]
    Log(#[from] LogError),
    /// The log cannot be folded.
    #[error("the log cannot be folded")]
    Ledger(#[from] LedgerError),
    /// The store of files failed.
    #[error("the kept file cannot be read")]
    Store(#[from] StoreError),
    /// There is no room for a ledger.
    #[error("a ledger cannot be folded in {}", folder.display())]
    Folder {
        /// Where.
        folder: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It cannot be made.
    #[error("it cannot be made again")]
    NotMade(#[source] anyhow::Error),
}

impl Reproduced {
    /// Returns whether nothing is wrong.
    pub fn is_good(&self) -> bool {
        self.wrong.is_empty()
    }

    fn note(&mut self, position: Option<Position>, code: &'static str, what: impl Into<String>) {
        self.wrong.push(Wrong { position, code, what: what.into() });
    }
}

/// Makes a publication again from the log, and compares it. Tells how far each of the ledgers is that are folded for it.
pub async fn reproduce(
    source: &Source<'_>,
    number: Version,
    mut tell: impl FnMut(Progress) + Send,
) -> Result<Reproduced, NotReproduced> {
    let Source { log, store, folder } = source;
    let recorded = recorded(log, number).await?;
    let publication = published(&recorded).ok_or(NotReproduced::NoSuch(number))?;
    let asked = Asked::of(publication).ok_or(NotReproduced::Unknown)?;
    let (scope, actor) = (&publication.scope, &recorded.envelope.actor);
    let then = directory_at(log, scope.position).await?;
    let known = fold(&folder.join("known"), log, &asked, scope.position, &mut tell).await?;
    let (viewer, _) = known.viewer_of_past(&viewer_of(actor, &then, scope.at), asked.position).await?;
    let ledger = if scope.position == asked.position {
        known
    } else {
        drop(known);
        fold(&folder.join("stood"), log, &asked, asked.position, &mut tell).await?
    };
    let directory = directory_at(log, asked.position).await?;
    let made = make(&asked, &ledger, &viewer, &directory).await;
    let made = made.map_err(|error| NotReproduced::NotMade(error.into()))?;
    let again = digest_of(&made.bytes);
    let mut found = Reproduced {
        number,
        kind: publication.kind,
        name: publication.name.clone(),
        published: recorded.envelope.recorded,
        position: publication.position,
        cases: publication.entries.len(),
        program: publication.program.clone(),
        program_now: env!("CARGO_PKG_VERSION"),
        same_data: made.data == publication.data,
        same_file: again == publication.file,
        erased: erased(log, &made.cases).await?,
        wrong: Vec::new(),
        differing: Vec::new(),
    };
    if posts_of(actor, &then, scope.at) != scope.posts {
        found.note(
            Some(recorded.position),
            "rights",
            "who published it held other posts, as the directory has them now",
        );
    }
    judge_cases(&mut found, &made, publication);
    judge_mark(&mut found, log, publication).await?;
    judge_file(&mut found, store, &made, publication).await?;
    Ok(found)
}

async fn recorded(log: &Log, number: Version) -> Result<Recorded, NotReproduced> {
    let before = number.checked_sub(1).ok_or(NotReproduced::NoSuch(number))?;
    let events = log.read_stream(StreamId::Access(PUBLICATIONS), before).await?;
    events.into_iter().next().ok_or(NotReproduced::NoSuch(number))
}

async fn fold(
    folder: &Path,
    log: &Log,
    asked: &Asked,
    to: Position,
    tell: &mut (impl FnMut(Progress) + Send),
) -> Result<Ledger, NotReproduced> {
    let made = std::fs::create_dir(folder);
    made.map_err(|source| NotReproduced::Folder { folder: folder.to_owned(), source })?;
    Ok(Ledger::of_past(folder, log, asked.zone, Standpoint::known(to), tell).await?)
}

/// Judges which cases are in it.
fn judge_cases(found: &mut Reproduced, made: &Made, publication: &Publication) {
    let then: BTreeSet<Position> = publication.entries.positions().collect();
    let now: BTreeSet<Position> = made.entries.positions().collect();
    if let Some(first) = then.difference(&now).next() {
        let n = then.difference(&now).count();
        found.note(Some(*first), "cases", format!("{n} cases are in it that would not be now"));
    }
    if let Some(first) = now.difference(&then).next() {
        let n = now.difference(&then).count();
        found.note(Some(*first), "cases", format!("{n} cases would be in it now that are not"));
    }
}

/// Judges that the history up to what had been signed is the same.
async fn judge_mark(found: &mut Reproduced, log: &Log, publication: &Publication) -> Result<(), NotReproduced> {
    let Some(text) = &publication.mark else { return Ok(()) };
    let Ok(mark) = text.parse::<Mark>() else {
        found.note(None, "mark", format!("{text:?} is no mark"));
        return Ok(());
    };
    let mut edge = Edge::default();
    while edge.size() < mark.size {
        let leaves = log.read_leaves(edge.size(), PAGE).await?;
        if leaves.is_empty() {
            break;
        }
        let left = usize::try_from(mark.size - edge.size()).unwrap_or(usize::MAX);
        for leaf in leaves.iter().take(left) {
            edge.push(leaf, |_| {});
        }
    }
    if Mark::of(edge.size(), &edge.root()) != mark {
        found.note(Some(mark.size), "mark", format!("the history is not the one that was marked {mark}"));
    }
    Ok(())
}

/// Judges its data and its file, and names the cells that differ.
async fn judge_file(
    found: &mut Reproduced,
    store: &Store,
    made: &Made,
    publication: &Publication,
) -> Result<(), NotReproduced> {
    if !found.same_data {
        found.note(None, "data", "its data are not the same");
    }
    let is_same_program = found.program == found.program_now;
    if found.same_data && !found.same_file && is_same_program {
        found.note(None, "file", "the same data make another file with the same version of the program");
    }
    let Some(kept) = bytes_of(store, &publication.file).await? else {
        found.note(None, "kept", format!("the file {} is not in the store", publication.file));
        return Ok(());
    };
    let is_kept = digest_of(&kept) == publication.file;
    if !is_kept {
        found.note(None, "kept", format!("the file {} in the store is not what was published", publication.file));
    }
    if is_kept && found.same_data {
        return Ok(());
    }
    match between(&kept, &made.bytes) {
        Ok(differing) => found.differing = differing,
        Err(error) => found.note(None, "kept", format!("the kept file cannot be read: {error}")),
    }
    Ok(())
}

async fn bytes_of(store: &Store, digest: &Digest) -> Result<Option<Vec<u8>>, NotReproduced> {
    let Some(mut stream) = store.bytes(digest).await? else { return Ok(None) };
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.try_next().await.map_err(StoreError::from)? {
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

/// Returns the petitions of some cases whose keys were deleted, whenever that was.
async fn erased(log: &Log, cases: &[Case]) -> Result<Vec<Erased>, NotReproduced> {
    let mut petitions: BTreeMap<FindingId, String> = BTreeMap::new();
    for case in cases {
        let named = || match &case.number {
            Some(number) => number.to_string(),
            None => case.id.to_string().chars().take(ID_PREFIX).collect(),
        };
        let sealed = case.findings.iter().filter(|held| held.finding.sealed().is_some());
        petitions.extend(sealed.map(|held| (held.id, named())));
    }
    if petitions.is_empty() {
        return Ok(Vec::new());
    }
    let shredded = log.read_custody().await?.into_iter().filter_map(|recorded| match recorded.envelope.event {
        Event::Access(AccessEvent::PetitionShredded { finding, .. }) => {
            let case = petitions.get(&finding)?.clone();
            Some(Erased { case, finding, position: recorded.position })
        }
        Event::Access(_) | Event::Case(_) | Event::Directory(_) => None,
    });
    Ok(shredded.collect())
}
