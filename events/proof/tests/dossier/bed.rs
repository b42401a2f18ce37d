//! A log of two cases, sealed and signed, and the dossier of one of them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::DateTime;
use rectify_case::evidence::{Evidence, Side};
use rectify_case::{AccessEvent, Actor, CaseEvent, CaseId, Digest, Event, StreamId, UnitId, Version};
use rectify_log::{Append, Clock, Db, Expected, Log, Options, Write};
use rectify_proof::dossier::{Absence, File, Head, Stream, Writer, Written};
use rectify_proof::{Key, Sealer, SignedCheckpoint, Tree};
use rectify_tests::TempFolder;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::unpacked::Unpacked;

/// The case whose dossier is taken.
pub const CASE: CaseId = CaseId(Uuid::from_u128(0x0190_163d_8694_739b_aea5_966c_26f8_ad90));
/// Another.
pub const OTHER: CaseId = CaseId(Uuid::from_u128(0x0190_163d_8694_739b_aea5_966c_26f8_ad91));

/// What was put on file.
pub const REPORT: &[u8] = "%PDF-1.7\n验收单".as_bytes();

/// A log with what stands on it.
pub struct Bed {
    pub log: Log,
    pub tree: Tree,
    sealer: Sealer,
    _folder: TempFolder,
}

/// What a dossier is made of, beside the log.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub looks: bool,
    pub withheld: BTreeSet<Version>,
    pub earlier: Option<SignedCheckpoint>,
    /// What the store has in place of what was put on file.
    pub damaged: Option<&'static [u8]>,
}

impl Bed {
    /// Makes a log: two cases, evidence, and a look at it. What happened first is signed first.
    pub async fn new() -> (Bed, SignedCheckpoint) {
        let folder = rectify_tests::folder();
        let db = Db::open(&folder.path().join("rectify.db"), &Options::default()).await.unwrap();
        rectify_log::migrate(&db).await.unwrap();
        rectify_proof::migrate(&db).await.unwrap();
        let seconds = AtomicI64::new(1_587_432_729);
        let clock = Clock::new(move || DateTime::from_timestamp(seconds.fetch_add(1, Ordering::Relaxed), 0).unwrap());
        let log = Log::open(db.clone(), clock).await.unwrap();
        let tree = Tree::new(db);
        let key = folder.path().join("seal.key");
        let sealer = Sealer::open(log.clone(), tree.clone(), Some(&key)).unwrap();
        let bed = Bed { log, tree, sealer, _folder: folder };
        bed.append(StreamId::Case(CASE), [note("饮水工程闲置")]).await;
        bed.append(StreamId::Case(OTHER), [note("卫生室无药"), note("已交办")]).await;
        let first = bed.seal().await;
        bed.append(StreamId::Case(CASE), [note("已交办"), filed()]).await;
        let opened = AccessEvent::EvidenceOpened { digest: digest(REPORT) };
        bed.append(StreamId::Access(CASE), [opened.into()]).await;
        bed.append(StreamId::Case(OTHER), [note("已整改")]).await;
        bed.append(StreamId::Case(CASE), [note("已核验")]).await;
        bed.seal().await;
        (bed, first)
    }

    pub async fn append(&self, stream: StreamId, events: impl IntoIterator<Item = Event>) {
        let events = events.into_iter().map(Into::into).collect();
        let write = Write { stream, expected: Expected::Any, events };
        let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
        self.log.append(append).await.unwrap();
    }

    pub async fn seal(&self) -> SignedCheckpoint {
        self.sealer.extend().await.unwrap();
        self.sealer.sign(self.log.now()).await.unwrap().unwrap()
    }

    /// Returns the public keys that signed.
    pub async fn keys(&self) -> Vec<Key> {
        self.tree.keys().await.unwrap()
    }

    /// Returns the dossier of the case, as it is.
    pub async fn dossier(&self, asked: &Asked) -> Unpacked {
        Unpacked::of(self.written(asked).await.file)
    }

    pub async fn written(&self, asked: &Asked) -> Written {
        let checkpoint = self.tree.last_checkpoint().await.unwrap().unwrap();
        let size = checkpoint.checkpoint.size;
        let head = Head {
            program: "0.1.0".to_owned(),
            made: self.log.now(),
            log: self.log.id(),
            case: CASE,
            number: Some("审计-2020-0007".to_owned()),
            rule_packs: BTreeSet::from(["office".to_owned()]),
            checkpoint,
        };
        let mut writer = Writer::begin(tempfile::tempfile().unwrap(), head).unwrap();
        if let Some(earlier) = &asked.earlier {
            let proof = self.tree.consistency(earlier.checkpoint.size, size).await.unwrap();
            writer.earlier(earlier, &proof).unwrap();
        }
        for raw in self.log.read_raw(0, 1_000).await.unwrap() {
            let stream = match raw.stream {
                StreamId::Case(case) if case == CASE => Stream::Case,
                StreamId::Access(case) if case == CASE && asked.looks => Stream::Access,
                _ => continue,
            };
            let inclusion = self.tree.inclusion(raw.position, size).await.unwrap();
            let version = rectify_log::decode(&raw.bytes).unwrap().version;
            if stream == Stream::Case && asked.withheld.contains(&version) {
                writer.withheld(stream, version, raw.leaf, &inclusion).unwrap();
            } else {
                writer.event(stream, &raw.bytes, &inclusion).unwrap();
            }
        }
        if !asked.withheld.contains(&3) {
            let Evidence { digest, name, media_type, size } = report();
            let described = File { digest, name, media_type, size, file: None, absent: None };
            writer.begin_evidence(described).unwrap();
            for chunk in asked.damaged.unwrap_or(REPORT).chunks(5) {
                writer.append(chunk).unwrap();
            }
            let is_right = writer.end_evidence().unwrap();
            assert_eq!(is_right, asked.damaged.is_none());
        }
        writer.finish().unwrap()
    }
}

/// Returns what a dossier says of evidence that it has not.
pub fn absent() -> (String, Absence) {
    (report().name, Absence::Damaged)
}

pub fn note(text: &str) -> Event {
    CaseEvent::NoteAdded { text: text.to_owned() }.into()
}

fn filed() -> Event {
    CaseEvent::EvidenceFiled { evidence: report(), side: Side::Responsible, unit: UnitId(Uuid::from_u128(3)) }.into()
}

fn report() -> Evidence {
    let (name, media_type) = ("验收单.pdf".to_owned(), "application/pdf".to_owned());
    Evidence { digest: digest(REPORT), name, media_type, size: REPORT.len() as u64 }
}

pub fn digest(bytes: &[u8]) -> Digest {
    hex::encode(Sha256::digest(bytes)).parse().unwrap()
}
