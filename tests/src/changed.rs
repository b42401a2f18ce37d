//! Bytes as they may come in: those of a corpus, changed here and there.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;

use bolero::Driver;
use bolero::generator::{ValueGenerator, one_value_of, produce};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// What the files of a corpus can become: cut, spliced, repeated, and with bytes in them that decoders stumble over.
#[derive(Clone, Debug)]
pub struct Changed {
    corpus: Vec<Vec<u8>>,
}

/// Returns the files of a corpus, in the order of their names.
pub fn corpus(folder: &Path) -> Vec<Vec<u8>> {
    let listed = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<_> = listed.map(|entry| entry.expect("a folder that can be read").path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "there is nothing in {}", folder.display());
    paths.iter().map(|path| fs::read(path).expect("a file of the corpus can be read")).collect()
}

/// Numbers at the ends of what they can be.
const NUMBERS: [u64; 10] = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, i64::MAX as u64, u64::MAX];

/// What means something in a text.
const TEXTS: [&str; 20] = [
    "-1",
    "18446744073709551615",
    "18446744073709551616",
    "1e999",
    "\n",
    "\n\n",
    "\0",
    "..",
    "/",
    "[[[[",
    "{\"",
    "整",
    "— ",
    "\"",
    "\r\n",
    ",",
    "<",
    "/>",
    "&#",
    "='",
];

impl Changed {
    /// Returns what these can become.
    pub fn of(corpus: Vec<Vec<u8>>) -> Changed {
        assert!(!corpus.is_empty(), "a corpus has something in it");
        Changed { corpus }
    }

    fn change<D: Driver>(&self, bytes: &mut Vec<u8>, driver: &mut D) -> Option<()> {
        let length = bytes.len();
        let at = (0..=length).generate(driver)?;
        let end = |many: usize| (at + many).min(length);
        match (0..7_u8).generate(driver)? {
            0 => {
                let bits = (1..=u8::MAX).generate(driver)?;
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            1 => {
                let new = telling(driver)?;
                bytes.splice(at..end(new.len()), new);
            }
            2 => {
                let new = telling(driver)?;
                bytes.splice(at..at, new);
            }
            3 => {
                let end = end((1..64_usize).generate(driver)?);
                bytes.drain(at..end);
            }
            4 => {
                let again = bytes[at..end((1..64_usize).generate(driver)?)].repeat((1..200_usize).generate(driver)?);
                bytes.splice(at..at, again);
            }
            5 => bytes.truncate(at),
            _ => {
                let other = &self.corpus[(0..self.corpus.len()).generate(driver)?];
                bytes.truncate(at);
                bytes.extend_from_slice(&other[(0..=other.len()).generate(driver)?..]);
            }
        }
        Some(())
    }
}

impl ValueGenerator for Changed {
    type Output = Vec<u8>;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Vec<u8>> {
        let mut bytes = self.corpus[(0..self.corpus.len()).generate(driver)?].clone();
        for _ in 0..(0..8_u8).generate(driver)? {
            self.change(&mut bytes, driver)?;
        }
        Some(bytes)
    }
}

/// Returns bytes that decoders stumble over.
fn telling<D: Driver>(driver: &mut D) -> Option<Vec<u8>> {
    match (0..3_u8).generate(driver)? {
        0 => {
            let (number, width) = (one_value_of(NUMBERS).generate(driver)?, (0..4_u8).generate(driver)?);
            Some(number.to_le_bytes()[..1 << width].to_vec())
        }
        1 => Some(one_value_of(TEXTS).generate(driver)?.as_bytes().to_vec()),
        _ => produce::<[u8; 4]>().generate(driver).map(Vec::from),
    }
}

/// Files by their names, as an archive has them.
type Files = BTreeMap<String, Vec<u8>>;

/// Archives (ZIP) that are right as archives, with one file in them changed.
#[derive(Clone, Debug)]
pub struct ChangedWithin {
    archives: Vec<Files>,
    /// What a file of a name can become.
    of_name: Vec<(String, Changed)>,
    /// What a file of whatever name can become.
    of_any: Changed,
}

impl ChangedWithin {
    /// Returns what those of a corpus that are archives can become, where only files of these names change; whichever where none
    /// is named.
    pub fn of(corpus: &[Vec<u8>], names: &[&str]) -> ChangedWithin {
        let archives: Vec<Files> = corpus.iter().filter_map(|bytes| unpacked(bytes)).collect();
        let mut of_name: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
        for (name, bytes) in archives.iter().flatten() {
            if names.is_empty() || names.contains(&name.as_str()) {
                of_name.entry(name.clone()).or_default().push(bytes.clone());
            }
        }
        let of_any = Changed::of(of_name.values().flatten().cloned().collect());
        let of_name = of_name.into_iter().map(|(name, files)| (name, Changed::of(files))).collect();
        ChangedWithin { archives, of_name, of_any }
    }
}

impl ValueGenerator for ChangedWithin {
    type Output = Vec<u8>;

    fn generate<D: Driver>(&self, driver: &mut D) -> Option<Vec<u8>> {
        let mut files = self.archives[(0..self.archives.len()).generate(driver)?].clone();
        let (name, of_name) = &self.of_name[(0..self.of_name.len()).generate(driver)?];
        let changed = if (0..4_u8).generate(driver)? == 0 { &self.of_any } else { of_name };
        files.insert(name.clone(), changed.generate(driver)?);
        Some(packed(&files))
    }
}

fn unpacked(bytes: &[u8]) -> Option<Files> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut files = BTreeMap::new();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).ok()?;
        let name = entry.name().ok()?.into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).ok()?;
        files.insert(name, bytes);
    }
    Some(files)
}

fn packed(files: &Files) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in files {
        zip.start_file(name, options).expect("a file can be added in memory");
        zip.write_all(bytes).expect("a file can be written in memory");
    }
    zip.finish().expect("an archive can be ended in memory").into_inner()
}

/// Checks that this program has held no more than so many KiB at once.
#[track_caller]
pub fn memory_is_bounded(most: u64) {
    let status = fs::read_to_string("/proc/self/status").expect("a process can read its own status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().expect("the kernel tells the peak in kB");
    assert!(peak < most, "{peak} KiB were held at once");
}
