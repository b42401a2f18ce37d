//! Checking a dossier: with the office's public key, and with nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};

use rectify_case::{Digest, LogId, Position};
use sha2::{Digest as _, Sha256};

use super::container::Container;
use super::event::Told;
use super::manifest::{FORMAT, Listed, Manifest, Stream};
use super::part::Part;
use super::refused::{Refused, Why};
use super::text::{consistency_of, inclusion_of};
use super::verdict::Verdict;
use crate::checkpoint::{Checkpoint, SignedCheckpoint, origin};
use crate::mark::Mark;
use crate::verify::Trusted;

/// Checks a dossier against the keys that are trusted, and against what its reader has of the log from elsewhere. What is no
/// dossier at all is refused; of one, everything is told that is wrong with it.
pub fn check(file: impl Read + Seek, trusted: &Trusted) -> Result<Verdict, Refused> {
    let mut container = Container::open(file)?;
    let manifest = container.whole(&Part::Manifest)?.ok_or_else(|| missing(&Part::Manifest))?;
    let refused = |why: String| Refused::Whole { at: 0, why: Why::Format(why) };
    let manifest: Manifest = serde_json::from_slice(&manifest).map_err(|error| refused(error.to_string()))?;
    if manifest.format != FORMAT {
        return Err(refused(format!("it is of format {}", manifest.format)));
    }
    let verdict = Verdict::of(manifest.log, manifest.case, manifest.number.clone());
    let (logs, named, held) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    let mut check = Check { container, manifest, trusted, verdict, logs, named, held };
    check.run()?;
    Ok(check.verdict)
}

fn missing(part: &Part) -> Refused {
    Refused::Whole { at: 0, why: Why::Missing(part.to_string()) }
}

struct Check<'a, R> {
    container: Container<R>,
    manifest: Manifest,
    trusted: &'a Trusted,
    verdict: Verdict,
    /// The logs that this one goes on from, each with the last position that is of both.
    logs: BTreeMap<LogId, Position>,
    /// The evidence that the events put on file, with its length.
    named: BTreeMap<Digest, u64>,
    /// The petitions that are held to storage only, as far as the looks were read.
    held: BTreeSet<String>,
}

impl<R: Read + Seek> Check<'_, R> {
    fn run(&mut self) -> Result<(), Refused> {
        self.sums()?;
        let Some(checkpoint) = self.checkpoint()? else { return Ok(()) };
        self.forks()?;
        let listed = std::mem::take(&mut self.manifest.events);
        for event in &listed {
            self.event(event, &checkpoint)?;
        }
        self.dense(&listed);
        self.nothing_else(&listed);
        self.evidence()?;
        self.earlier(&checkpoint)?;
        self.compare(&checkpoint.checkpoint);
        self.not_compared(checkpoint.checkpoint.size);
        Ok(())
    }

    /// Compares every file with its digest: what was damaged on the way is found here. Whoever forges a dossier writes the digests
    /// anew, so nothing is proved by them.
    fn sums(&mut self) -> Result<(), Refused> {
        let Some(sums) = self.container.whole(&Part::Sums)? else {
            self.verdict.note(&Part::Sums, "sums", "the file is missing");
            return Ok(());
        };
        let mut listed = BTreeMap::new();
        let text = String::from_utf8_lossy(&sums);
        for (number, line) in (1..).zip(text.lines()) {
            let read = line
                .split_once("  ")
                .and_then(|(digest, name)| Some((name.parse::<Part>().ok()?, digest.parse::<Digest>().ok()?)));
            let Some((part, digest)) = read.filter(|(part, _)| *part != Part::Sums) else {
                self.verdict.note(&Part::Sums, "sums", format!("line {number} is no digest of a file"));
                continue;
            };
            if listed.insert(part, digest).is_some() {
                self.verdict.note(&Part::Sums, "sums", format!("line {number} names a file again"));
            }
        }
        let parts: Vec<Part> = self.container.entries().map(|(part, _)| part.clone()).collect();
        for part in parts.iter().filter(|part| **part != Part::Sums) {
            let mut hash = Sha256::new();
            self.container.pass(part, |chunk| hash.update(chunk))?;
            let found = Digest::of(hash.finalize().into());
            match listed.remove(part) {
                Some(wanted) if wanted == found => {}
                Some(wanted) => {
                    self.verdict.note(part, "sums", format!("内容被改动 · its SHA-256 is {found}, not {wanted}"));
                }
                None => self.verdict.note(part, "sums", format!("{} does not name it", Part::Sums)),
            }
        }
        for part in listed.keys() {
            self.verdict.note(part, "sums", "文件缺失 · the file is missing");
        }
        Ok(())
    }

    /// Returns the checkpoint, if one of the keys signed it.
    fn checkpoint(&mut self) -> Result<Option<SignedCheckpoint>, Refused> {
        let Some(note) = self.container.whole(&Part::Checkpoint)? else {
            self.verdict.note(&Part::Checkpoint, "checkpoint", "文件缺失 · the file is missing");
            return Ok(None);
        };
        let opened = match SignedCheckpoint::open(&String::from_utf8_lossy(&note), &self.trusted.keys) {
            Ok(opened) => opened,
            Err(error) => {
                self.verdict.note(&Part::Checkpoint, "checkpoint", error.to_string());
                return Ok(None);
            }
        };
        let Checkpoint { origin: found, size, root } = &opened.checkpoint;
        let wanted = origin(self.manifest.log);
        if *found != wanted {
            self.verdict.note(
                &Part::Checkpoint,
                "checkpoint",
                format!("it is of {found}, and the dossier of {wanted}"),
            );
        }
        self.verdict.size = *size;
        self.verdict.root = hex::encode(root);
        Ok(Some(opened))
    }

    /// Reads which logs this one goes on from.
    fn forks(&mut self) -> Result<(), Refused> {
        self.logs.insert(self.manifest.log, Position::MAX);
        let forks = self.manifest.events.iter().filter(|event| event.stream == Stream::Directory && event.held);
        let forks: Vec<Position> = forks.map(|event| event.position).collect();
        for position in forks {
            let part = Part::Event(position);
            let bytes = self.container.whole(&part)?.unwrap_or_default();
            match Told::read(&bytes).ok().and_then(|told| told.fork()) {
                Some((from, to)) => {
                    self.logs.insert(from, to);
                }
                None => {
                    self.verdict.note(
                        &part,
                        "event",
                        "it is of the directory, and does not say that the log was forked",
                    );
                }
            }
        }
        Ok(())
    }

    /// Checks one event: that its bytes are those that stand in the log, where the dossier says, and that it is of this case.
    fn event(&mut self, listed: &Listed, checkpoint: &SignedCheckpoint) -> Result<(), Refused> {
        let Listed { position, stream, version, leaf, held } = listed;
        let part = Part::Event(*position);
        if *held {
            let Some(bytes) = self.container.whole(&part)? else {
                self.verdict.note(&part, "event", "文件缺失 · the event is missing");
                return Ok(());
            };
            let found = Digest::of(Sha256::digest(&bytes).into());
            if found != *leaf {
                let what =
                    format!("记录被改动 · it is not the event that was recorded: its SHA-256 is {found}, not {leaf}");
                self.verdict.note(&part, "event", what);
            }
            match Told::read(&bytes) {
                Ok(told) => self.belongs(&part, listed, &told),
                Err(error) => self.verdict.note(&part, "event", format!("it is no event: {error}")),
            }
        }
        let proof = Part::Proof(*position);
        let Some(text) = self.container.whole(&proof)? else {
            self.verdict.note(&proof, "proof", "文件缺失 · the proof is missing");
            return Ok(());
        };
        if let Err(what) = leads(&text, *position, leaf, checkpoint) {
            self.verdict.note(&proof, "proof", what);
            return Ok(());
        }
        match stream {
            Stream::Case => {
                self.verdict.events += 1;
                self.verdict.last = self.verdict.last.max(*version);
                self.verdict.last_position = self.verdict.last_position.max(*position);
                self.verdict.withheld += u64::from(!held);
            }
            Stream::Access => *self.verdict.looks.get_or_insert_default() += 1,
            Stream::Directory => {}
        }
        Ok(())
    }

    /// Checks that an event is what the dossier says it is of.
    fn belongs(&mut self, part: &Part, listed: &Listed, told: &Told) {
        let case = self.manifest.case;
        let wanted = match listed.stream {
            Stream::Case => format!("case-{case}"),
            Stream::Access => format!("access-{case}"),
            Stream::Directory => "directory".to_owned(),
        };
        if told.stream != wanted {
            let what = format!("不是本事项的记录 · it is of {}, and not of {wanted}", told.stream);
            self.verdict.note(part, "stream", what);
        }
        if told.version != listed.version {
            let what = format!("it is version {}, and the dossier says {}", told.version, listed.version);
            self.verdict.note(part, "version", what);
        }
        if self.logs.get(&told.log).is_none_or(|last| listed.position > *last) {
            self.verdict.note(part, "log", format!("it was written to log {}, which is not this one", told.log));
        }
        if listed.stream == Stream::Access {
            self.custody(listed.position, told);
        }
        match told.files() {
            Some(files) if listed.stream == Stream::Case => {
                self.named.extend(files.into_iter().map(|file| (file.digest, file.size)));
            }
            Some(_) => {}
            None => self.verdict.note(part, "event", "it names evidence without its digest and size"),
        }
    }

    /// Notes where a petition is opened that is held to storage only.
    fn custody(&mut self, position: Position, told: &Told) {
        let Some(petition) = told.petition() else { return };
        match told.name.as_str() {
            "petition_held" => {
                self.held.insert(petition.to_owned());
            }
            "petition_released" => {
                self.held.remove(petition);
            }
            "petition_opened" if self.held.contains(petition) => self.verdict.opened_while_held.push(position),
            _ => {}
        }
    }

    /// Checks that no version of a stream is missing between the first and the last.
    fn dense(&mut self, listed: &[Listed]) {
        let mut last = 0;
        for event in listed {
            if event.position <= last {
                self.verdict.note(&Part::Manifest, "order", format!("position {} comes after {last}", event.position));
            }
            last = event.position.max(last);
        }
        for stream in [Stream::Case, Stream::Access] {
            let mut next = 1;
            for event in listed.iter().filter(|event| event.stream == stream) {
                if event.version != next {
                    let what = match stream {
                        Stream::Case => format!("缺少记录 · version {next} of the case is missing"),
                        Stream::Access | Stream::Directory => format!("缺少记录 · look {next} at the case is missing"),
                    };
                    self.verdict.note(&Part::Event(event.position), "missing", what);
                }
                next = event.version.saturating_add(1);
            }
            if stream == Stream::Case && next == 1 {
                self.verdict.note(&Part::Manifest, "missing", "缺少记录 · there is no event of the case");
            }
        }
    }

    /// Checks that there is no event, proof or evidence that the dossier does not say it has.
    fn nothing_else(&mut self, listed: &[Listed]) {
        let events: BTreeSet<Position> = listed.iter().filter(|event| event.held).map(|event| event.position).collect();
        let proofs: BTreeSet<Position> = listed.iter().map(|event| event.position).collect();
        let evidence: BTreeSet<&str> = self.manifest.evidence.iter().filter_map(|file| file.file.as_deref()).collect();
        let is_else = |part: &Part| match part {
            Part::Event(position) => !events.contains(position),
            Part::Proof(position) => !proofs.contains(position),
            Part::Evidence(..) => !evidence.contains(part.to_string().as_str()),
            Part::Manifest | Part::Sums | Part::Checkpoint | Part::Earlier | Part::Consistency | Part::Reading(_) => {
                false
            }
        };
        let others: Vec<Part> =
            self.container.entries().map(|(part, _)| part).filter(|part| is_else(part)).cloned().collect();
        for part in others {
            self.verdict.note(&part, "else", format!("{} does not name it", Part::Manifest));
        }
    }

    /// Checks that the evidence is what the events name, and all of it.
    fn evidence(&mut self) -> Result<(), Refused> {
        let mut named = std::mem::take(&mut self.named);
        let described = std::mem::take(&mut self.manifest.evidence);
        for file in &described {
            let digest = &file.digest;
            let Some(size) = named.remove(digest) else {
                self.verdict.note(&Part::Manifest, "evidence", format!("no event puts {digest} on file"));
                continue;
            };
            let Some(name) = &file.file else {
                match file.absent {
                    Some(absence) => self.verdict.absent.push((file.name.clone(), absence)),
                    None => self.verdict.note(&Part::Manifest, "evidence", format!("nothing says where {digest} is")),
                }
                continue;
            };
            let Ok(part @ Part::Evidence(..)) = name.parse() else {
                self.verdict.note(&Part::Manifest, "evidence", format!("{digest} is in no file of evidence"));
                continue;
            };
            let mut hash = Sha256::new();
            if !self.container.pass(&part, |chunk| hash.update(chunk))? {
                self.verdict.note(&part, "evidence", "文件缺失 · the file is missing");
                continue;
            }
            let found = Digest::of(hash.finalize().into());
            if found != *digest || self.container.size(&part) != Some(size) {
                let what = format!(
                    "佐证材料被改动 · it is not the file that was put on file: its SHA-256 is {found}, not {digest}"
                );
                self.verdict.note(&part, "evidence", what);
                continue;
            }
            self.verdict.evidence += 1;
        }
        for digest in named.keys() {
            let what =
                format!("缺少佐证材料 · an event puts {digest} on file, and {} does not name it", Part::Manifest);
            self.verdict.note(&Part::Manifest, "evidence", what);
        }
        Ok(())
    }

    /// Checks that the log goes on from the checkpoint that the reader had before.
    fn earlier(&mut self, checkpoint: &SignedCheckpoint) -> Result<(), Refused> {
        let (earlier, proof) = (self.container.whole(&Part::Earlier)?, self.container.whole(&Part::Consistency)?);
        let (earlier, proof) = match (earlier, proof) {
            (Some(earlier), Some(proof)) => (earlier, proof),
            (None, None) => return Ok(()),
            (Some(_), None) => {
                self.verdict.note(&Part::Consistency, "earlier", "文件缺失 · the file is missing");
                return Ok(());
            }
            (None, Some(_)) => {
                self.verdict.note(&Part::Earlier, "earlier", "文件缺失 · the file is missing");
                return Ok(());
            }
        };
        let earlier = match SignedCheckpoint::open(&String::from_utf8_lossy(&earlier), &self.trusted.keys) {
            Ok(earlier) => earlier.checkpoint,
            Err(error) => {
                self.verdict.note(&Part::Earlier, "earlier", error.to_string());
                return Ok(());
            }
        };
        if !self.logs.keys().any(|log| origin(*log) == earlier.origin) {
            self.verdict.note(&Part::Earlier, "earlier", format!("it is of {}, another log", earlier.origin));
            return Ok(());
        }
        let proved = consistency_of(&String::from_utf8_lossy(&proof), earlier.size).map_err(|error| error.to_string());
        let proved = proved.and_then(|proof| {
            proof.check(&checkpoint.checkpoint, &earlier).map_err(|error| format!("历史不连续 · {error}"))
        });
        match proved {
            Ok(()) => {
                self.verdict.goes_on_from = Some(earlier.size);
                self.compare(&earlier);
            }
            Err(what) => self.verdict.note(&Part::Consistency, "earlier", what),
        }
        Ok(())
    }

    /// Compares a checkpoint that holds with what the reader has from elsewhere of the same size.
    fn compare(&mut self, checkpoint: &Checkpoint) {
        let Checkpoint { size, root, .. } = checkpoint;
        let ours = Mark::of(*size, root);
        let marks = self.trusted.marks.iter().map(|mark| (mark.size, mark.to_string(), *mark == ours));
        let kept = self.trusted.checkpoints.iter();
        let kept = kept.map(|kept| (kept.size, kept.mark().to_string(), kept.size == *size && kept.root == *root));
        let all: Vec<(Position, String, bool)> = marks.chain(kept).collect();
        for (of, said, is_same) in all {
            if of != *size {
                continue;
            }
            if is_same {
                self.verdict.witnessed = self.verdict.witnessed.max(*size);
            } else {
                let what = format!("与留存不符 · what was kept elsewhere says {said}, and the dossier has {ours}");
                self.verdict.note(&Part::Checkpoint, "against", what);
            }
        }
    }

    /// Says what came from elsewhere and is of no size that the dossier proves anything about.
    fn not_compared(&mut self, size: Position) {
        let known = |of: Position| of == size || self.verdict.goes_on_from == Some(of);
        let marks = self.trusted.marks.iter().filter(|mark| !known(mark.size)).map(ToString::to_string);
        let kept = self.trusted.checkpoints.iter().filter(|kept| !known(kept.size)).map(|kept| kept.mark().to_string());
        self.verdict.not_compared = marks.chain(kept).collect();
    }
}

/// Checks that a proof leads from an event to the checkpoint, and to no other.
fn leads(text: &[u8], position: Position, leaf: &Digest, checkpoint: &SignedCheckpoint) -> Result<(), String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is no text".to_owned())?;
    let (inclusion, note) = inclusion_of(text).map_err(|error| error.to_string())?;
    if note != checkpoint.note {
        return Err(format!("它指向另一检查点 · it leads to another checkpoint than that in {}", Part::Checkpoint));
    }
    if inclusion.position != position {
        return Err(format!("it is of position {}, and the event stands at {position}", inclusion.position));
    }
    let mut hash = [0; 32];
    hex::decode_to_slice(leaf.as_str(), &mut hash).map_err(|error| error.to_string())?;
    inclusion.check(&checkpoint.checkpoint, &hash).map_err(|error| format!("不在日志中 · {error}"))
}
