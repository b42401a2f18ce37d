//! Writing a dossier: each file is hashed as it goes into the ZIP, and nothing is held but what the manifest says of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Seek as _, Write as _};

use chrono::{DateTime, Utc};
use rectify_case::{CaseId, Digest, LogId, Position, Version};
use sha2::{Digest as _, Sha256};
use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime as Stamp, ZipWriter};

use super::container::MOST_ENTRIES;
use super::event::Told;
use super::manifest::{Absence, FORMAT, File, Listed, Manifest, Stream};
use super::part::{Ending, Part, Reading};
use super::text::{consistency_text, inclusion_text};
use crate::checkpoint::SignedCheckpoint;
use crate::proof::{Consistency, Inclusion};

/// From how many bytes on a file needs numbers of more than 32 bits.
const WIDE: u64 = 0xffff_ffff;

/// What a dossier is of.
#[derive(Clone, Debug)]
pub struct Head {
    /// The version of the program that makes it.
    pub program: String,
    /// When it is made.
    pub made: DateTime<Utc>,
    /// The log.
    pub log: LogId,
    /// The case.
    pub case: CaseId,
    /// Its number, once it has one.
    pub number: Option<String>,
    /// The packs of rules that its deadlines rest on.
    pub rule_packs: BTreeSet<String>,
    /// The checkpoint that every proof leads to.
    pub checkpoint: SignedCheckpoint,
}

/// Why a dossier cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritable {
    /// The file cannot be written.
    #[error("the dossier cannot be written")]
    File(#[from] io::Error),
    /// The ZIP cannot be written.
    #[error("the ZIP of the dossier cannot be written")]
    Zip(#[from] ZipError),
    /// What is in it cannot be described.
    #[error("what is in the dossier cannot be described")]
    Manifest(#[from] serde_json::Error),
    /// There is more than a dossier holds.
    #[error("a dossier has at most {MOST_ENTRIES} files, and this one has more")]
    Many,
}

/// A dossier that was written.
#[derive(Debug)]
pub struct Written {
    /// The file, at its end.
    pub file: std::fs::File,
    /// How many bytes it has.
    pub size: u64,
    /// The SHA-256 of its `SHA256SUMS`, by which it is known.
    pub sums: Digest,
    /// What it says is in it.
    pub manifest: Manifest,
}

/// A dossier that is being written.
pub struct Writer {
    zip: ZipWriter<std::fs::File>,
    sums: String,
    files: u64,
    checkpoint: SignedCheckpoint,
    manifest: Manifest,
    growing: Option<Growing>,
}

/// A file of evidence that is being written.
struct Growing {
    described: File,
    part: Part,
    hash: Sha256,
    size: u64,
}

impl Writer {
    /// Begins a dossier in a file that is empty.
    pub fn begin(file: std::fs::File, head: Head) -> Result<Writer, Unwritable> {
        let Head { program, made, log, case, number, rule_packs, checkpoint } = head;
        let manifest = Manifest {
            format: FORMAT,
            program,
            made,
            log,
            case,
            number,
            schemas: BTreeSet::new(),
            rule_packs,
            events: Vec::new(),
            evidence: Vec::new(),
        };
        let note = checkpoint.note.clone();
        let (zip, sums) = (ZipWriter::new(file), String::new());
        let mut writer = Writer { zip, sums, files: 0, checkpoint, manifest, growing: None };
        writer.put(&Part::Checkpoint, note.as_bytes())?;
        Ok(writer)
    }

    /// Puts in that the log goes on from a checkpoint that the reader had before.
    pub fn earlier(&mut self, earlier: &SignedCheckpoint, consistency: &Consistency) -> Result<(), Unwritable> {
        self.put(&Part::Earlier, earlier.note.as_bytes())?;
        self.put(&Part::Consistency, consistency_text(consistency).as_bytes())
    }

    /// Puts an event in, with what shows that it stands in the log. Events come in the order of the log.
    pub fn event(&mut self, stream: Stream, bytes: &[u8], inclusion: &Inclusion) -> Result<(), Unwritable> {
        let told = Told::read(bytes)?;
        self.manifest.schemas.insert(told.schema);
        self.put(&Part::Event(inclusion.position), bytes)?;
        self.list(stream, told.version, Sha256::digest(bytes).into(), inclusion, true)
    }

    /// Puts in that there is an event, and nothing of what it says.
    pub fn withheld(
        &mut self,
        stream: Stream,
        version: Version,
        leaf: [u8; 32],
        inclusion: &Inclusion,
    ) -> Result<(), Unwritable> {
        self.list(stream, version, leaf, inclusion, false)
    }

    fn list(
        &mut self,
        stream: Stream,
        version: Version,
        leaf: [u8; 32],
        inclusion: &Inclusion,
        held: bool,
    ) -> Result<(), Unwritable> {
        let position: Position = inclusion.position;
        let proof = inclusion_text(inclusion, &self.checkpoint);
        self.put(&Part::Proof(position), proof.as_bytes())?;
        self.manifest.events.push(Listed { position, stream, version, leaf: Digest::of(leaf), held });
        Ok(())
    }

    /// Says of a file of evidence that its bytes are not in the dossier.
    pub fn absent(&mut self, described: File, absence: Absence) {
        self.manifest.evidence.push(File { file: None, absent: Some(absence), ..described });
    }

    /// Begins a file of evidence.
    pub fn begin_evidence(&mut self, described: File) -> Result<(), Unwritable> {
        let part = Part::Evidence(described.digest.clone(), Ending::of(&described.name));
        self.start(&part, described.size)?;
        self.growing = Some(Growing { described, part, hash: Sha256::new(), size: 0 });
        Ok(())
    }

    /// Writes on at the file of evidence. What is more than it is to have is not written: it is not that file.
    pub fn append(&mut self, chunk: &[u8]) -> Result<(), Unwritable> {
        if let Some(growing) = &mut self.growing {
            growing.size = growing.size.saturating_add(chunk.len() as u64);
            if growing.size <= growing.described.size {
                growing.hash.update(chunk);
                self.zip.write_all(chunk)?;
            }
        }
        Ok(())
    }

    /// Ends the file of evidence, and returns whether it is the one that the log names. Of any other nothing is left.
    pub fn end_evidence(&mut self) -> Result<bool, Unwritable> {
        let Some(Growing { described, part, hash, size }) = self.growing.take() else { return Ok(false) };
        let digest = Digest::of(hash.finalize().into());
        if size != described.size || digest != described.digest {
            self.zip.abort_file()?;
            self.absent(described, Absence::Damaged);
            return Ok(false);
        }
        self.summed(&part, &digest);
        self.manifest.evidence.push(File { file: Some(part.to_string()), absent: None, ..described });
        Ok(true)
    }

    /// Puts in what is to be read.
    pub fn reading(&mut self, reading: Reading, text: &str) -> Result<(), Unwritable> {
        self.put(&Part::Reading(reading), text.as_bytes())
    }

    /// Returns what is in it so far.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Writes what is in it, and the digests, and ends it.
    pub fn finish(mut self) -> Result<Written, Unwritable> {
        let described = serde_json::to_vec_pretty(&self.manifest)?;
        self.put(&Part::Manifest, &described)?;
        let sums = std::mem::take(&mut self.sums);
        self.start(&Part::Sums, sums.len() as u64)?;
        self.zip.write_all(sums.as_bytes())?;
        let mut file = self.zip.finish()?;
        // Behind it may be what is left of a file that was given up.
        let size = file.stream_position()?;
        file.set_len(size)?;
        let sums = Digest::of(Sha256::digest(sums.as_bytes()).into());
        Ok(Written { file, size, sums, manifest: self.manifest })
    }

    fn put(&mut self, part: &Part, bytes: &[u8]) -> Result<(), Unwritable> {
        self.start(part, bytes.len() as u64)?;
        self.zip.write_all(bytes)?;
        self.summed(part, &Digest::of(Sha256::digest(bytes).into()));
        Ok(())
    }

    fn summed(&mut self, part: &Part, digest: &Digest) {
        // To write to a text never fails.
        let _ = writeln!(self.sums, "{digest}  {part}");
    }

    fn start(&mut self, part: &Part, size: u64) -> Result<(), Unwritable> {
        self.files += 1;
        if self.files > MOST_ENTRIES {
            return Err(Unwritable::Many);
        }
        // The same dossier is the same file, whenever it is written.
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(Stamp::default())
            .unix_permissions(0o644)
            .large_file(size >= WIDE);
        Ok(self.zip.start_file(part, options)?)
    }
}
