//! The dossier of a case (案卷): what the log has of it with the proofs, the evidence, and what happened told in both languages.
//!
//! The format is `rectify_proof::dossier`'s; here is what goes into it. Both the desk and `rectify export` make it so.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use rectify_case::evidence::Evidence;
use rectify_case::{
    Case, CaseEvent, CaseId, Digest, Directory, DirectoryEvent, Event, Position, StreamId, Version, Zone,
};
use rectify_kit::{Store, StoreError};
use rectify_log::{Log, LogError, Recorded};
use rectify_proof::dossier::{Absence, File as Described, Head, Reading, Schema, Stream, Tag, Unwritable, Writer};
use rectify_proof::{Mark, ProofError, SignedCheckpoint, Tree};
use serde_json::Value;

use crate::language::Language;
use crate::pages::dossier::{Told, readme, timeline};

/// How long a case waits for a checkpoint that covers it: one is signed every ten seconds where something happened.
const PATIENCE: Duration = Duration::from_secs(13);

/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(250);

/// What a dossier is made from.
pub struct Source<'a> {
    /// The log.
    pub log: &'a Log,
    /// The tree over it.
    pub tree: &'a Tree,
    /// The bytes of evidence.
    pub store: &'a Store,
    /// Who and what is called how.
    pub directory: &'a Directory,
    /// The office's zone.
    pub zone: Zone,
    /// The time.
    pub now: DateTime<Utc>,
}

/// Which dossier is wanted, for whom.
pub struct Wanted {
    /// The case, as its reader may see it.
    pub case: Case,
    /// All its events.
    pub events: Vec<Recorded>,
    /// The versions that name another case which is kept from the reader: it is proved that they are there, and no more.
    pub withheld: BTreeSet<Version>,
    /// What other cases are called that the reader may see.
    pub called: HashMap<CaseId, String>,
    /// Whether the reader may see who looked at what of the case.
    pub looks: bool,
    /// The checkpoint that the reader had before.
    pub earlier: Option<SignedCheckpoint>,
}

/// A dossier that was made.
#[derive(Debug)]
pub struct Dossier {
    /// The file.
    pub file: File,
    /// How many bytes it has.
    pub size: u64,
    /// What it is called.
    pub name: String,
    /// The SHA-256 of its `SHA256SUMS`, by which it is known.
    pub sums: Digest,
    /// The last version of the case that is in it.
    pub version: Version,
    /// What its proofs lead to.
    pub checkpoint: Mark,
    /// The evidence whose bytes are not in it, by name.
    pub absent: Vec<(String, Absence)>,
}

/// Why no dossier is made.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// The case has an event that no checkpoint covers.
    #[error("no signed checkpoint covers the event at position {0} yet: the registrar signs one every ten seconds")]
    NotSealed(Position),
    /// The reader knows more of the log than there is.
    #[error("the checkpoint to go on from is of {0} events, and the last that was signed here is of fewer")]
    Ahead(Position),
    /// The reader knows another history.
    #[error("历史不一致 · the first {0} events of this log are not those of the checkpoint to go on from")]
    OtherHistory(Position),
    /// The log failed.
    #[error("the log cannot be read")]
    Log(#[from] LogError),
    /// The tree failed.
    #[error("the tree over the log cannot be read")]
    Proof(#[from] ProofError),
    /// The store of evidence failed.
    #[error("the evidence cannot be read")]
    Store(#[from] StoreError),
    /// The dossier cannot be written.
    #[error(transparent)]
    Unwritable(#[from] Unwritable),
    /// What happened cannot be told.
    #[error("what happened cannot be told")]
    Untold(#[from] askama::Error),
}

/// Makes a dossier in a file that is empty.
pub async fn make(source: &Source<'_>, wanted: &Wanted, file: File) -> Result<Dossier, NotMade> {
    let Wanted { case, events, .. } = wanted;
    let last = events.last().map_or(0, |event| event.position);
    let checkpoint = covering(source.tree, last).await?;
    let size = checkpoint.checkpoint.size;
    let known = events.iter().map(|event| &event.envelope.event);
    let head = Head {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made: source.now,
        log: source.log.id(),
        case: case.id,
        number: case.number.as_ref().map(ToString::to_string),
        rule_packs: known.flat_map(packs).collect(),
        checkpoint: checkpoint.clone(),
    };
    let mut writer = Writer::begin(file, head)?;
    if let Some(earlier) = &wanted.earlier {
        go_on_from(source.tree, &mut writer, earlier, size).await?;
    }
    let looks = if wanted.looks { source.log.read_stream(StreamId::Access(case.id), 0).await? } else { Vec::new() };
    let looks: Vec<Recorded> = looks.into_iter().filter(|look| look.position <= size).collect();
    put_events(source, wanted, &looks, &mut writer, size).await?;
    for (evidence, withdrawn) in evidence(wanted) {
        put_evidence(source.store, &mut writer, evidence, withdrawn).await?;
    }
    let told = Told { source, wanted, looks: &looks, checkpoint: &checkpoint };
    for (tag, language) in [(Tag::Chinese, Language::Chinese), (Tag::English, Language::English)] {
        let text = timeline(&told, &writer.manifest().evidence, language)?;
        writer.reading(Reading::Timeline(tag), &text)?;
    }
    writer.reading(Reading::Readme, &readme(&told)?)?;
    writer.reading(Reading::Schema(Schema::Case), &schema::<CaseEvent>())?;
    writer.reading(Reading::Schema(Schema::Access), &schema::<rectify_case::AccessEvent>())?;
    let written = writer.finish()?;
    let evidence = written.manifest.evidence.into_iter();
    Ok(Dossier {
        file: written.file,
        size: written.size,
        name: format!("案卷-{}.zip", written.manifest.number.unwrap_or_else(|| case.id.to_string())),
        sums: written.sums,
        version: events.last().map_or(0, |event| event.envelope.version),
        checkpoint: checkpoint.checkpoint.mark(),
        absent: evidence.filter_map(|file| Some((file.name, file.absent?))).collect(),
    })
}

/// Returns the last checkpoint, once it covers a position.
async fn covering(tree: &Tree, position: Position) -> Result<SignedCheckpoint, NotMade> {
    let signed = async {
        loop {
            match tree.last_checkpoint().await? {
                Some(signed) if signed.checkpoint.size >= position => return Ok(signed),
                // Where nothing was ever signed nothing will be.
                None => return Err(NotMade::NotSealed(position)),
                Some(_) => tokio::time::sleep(LOOK).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, signed).await.unwrap_or(Err(NotMade::NotSealed(position)))
}

/// Puts in that the log goes on from the checkpoint that the reader had before.
async fn go_on_from(
    tree: &Tree,
    writer: &mut Writer,
    earlier: &SignedCheckpoint,
    size: Position,
) -> Result<(), NotMade> {
    let known = &earlier.checkpoint;
    if known.size > size {
        return Err(NotMade::Ahead(known.size));
    }
    if tree.root(known.size).await? != known.root {
        return Err(NotMade::OtherHistory(known.size));
    }
    let consistency = tree.consistency(known.size, size).await?;
    Ok(writer.earlier(earlier, &consistency)?)
}

/// Puts the events in, in the order of the log: those of the case, the looks at it, and where the log was forked.
async fn put_events(
    source: &Source<'_>,
    wanted: &Wanted,
    looks: &[Recorded],
    writer: &mut Writer,
    size: Position,
) -> Result<(), NotMade> {
    let mut all: BTreeMap<Position, (Stream, Version, bool)> = BTreeMap::new();
    for event in &wanted.events {
        let version = event.envelope.version;
        all.insert(event.position, (Stream::Case, version, !wanted.withheld.contains(&version)));
    }
    for look in looks {
        all.insert(look.position, (Stream::Access, look.envelope.version, true));
    }
    if !source.directory.forks().is_empty() {
        for event in source.log.read_stream(StreamId::Directory, 0).await? {
            if matches!(&event.envelope.event, Event::Directory(DirectoryEvent::LogForked(_))) && event.position <= size
            {
                all.insert(event.position, (Stream::Directory, event.envelope.version, true));
            }
        }
    }
    for (position, (stream, version, held)) in all {
        let raw = source.log.read_raw(position - 1, 1).await?.pop().ok_or(LogError::Missing { position })?;
        let inclusion = source.tree.inclusion(position, size).await?;
        if held {
            writer.event(stream, &raw.bytes, &inclusion)?;
        } else {
            writer.withheld(stream, version, raw.leaf, &inclusion)?;
        }
    }
    Ok(())
}

/// Returns the evidence that the events name which are shown, and whether it was withdrawn.
fn evidence(wanted: &Wanted) -> Vec<(&Evidence, bool)> {
    let shown = wanted.events.iter().filter(|event| !wanted.withheld.contains(&event.envelope.version));
    let mut all: BTreeMap<&Digest, &Evidence> = BTreeMap::new();
    for event in shown {
        let Event::Case(event) = &event.envelope.event else { continue };
        match event.as_ref() {
            CaseEvent::EvidenceFiled { evidence, .. } => {
                all.insert(&evidence.digest, evidence);
            }
            CaseEvent::MergeReceived { evidence, .. } => {
                all.extend(evidence.iter().map(|evidence| (&evidence.digest, evidence)));
            }
            _ => {}
        }
    }
    let withdrawn = |digest: &Digest| wanted.case.evidence.get(digest).is_some_and(|file| file.withdrawn.is_some());
    all.into_iter().map(|(digest, evidence)| (evidence, withdrawn(digest))).collect()
}

/// Copies a file of evidence, a chunk at a time.
async fn put_evidence(store: &Store, writer: &mut Writer, evidence: &Evidence, withdrawn: bool) -> Result<(), NotMade> {
    let Evidence { digest, name, media_type, size } = evidence.clone();
    let described = Described { digest, name, media_type, size, file: None, absent: None };
    let Some(mut bytes) = store.bytes(&evidence.digest).await? else {
        writer.absent(described, if withdrawn { Absence::Withdrawn } else { Absence::Missing });
        return Ok(());
    };
    writer.begin_evidence(described)?;
    while let Some(chunk) = bytes.next().await {
        writer.append(&chunk.map_err(StoreError::from)?)?;
    }
    writer.end_evidence()?;
    Ok(())
}

/// Returns the packs of rules that the deadlines in an event rest on.
fn packs(event: &Event) -> BTreeSet<String> {
    let mut packs = BTreeSet::new();
    collect_packs(&serde_json::to_value(event).unwrap_or_default(), &mut packs);
    packs
}

fn collect_packs(value: &Value, packs: &mut BTreeSet<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect_packs(value, packs)),
        Value::Object(fields) => {
            let pack = fields.get("rule").and_then(|rule| rule.get("pack")).and_then(Value::as_str);
            packs.extend(pack.map(str::to_owned));
            fields.values().for_each(|value| collect_packs(value, packs));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns the schema of events, for whoever reads them years later.
fn schema<T: schemars::JsonSchema>() -> String {
    format!("{:#}\n", schemars::schema_for!(T).to_value())
}
