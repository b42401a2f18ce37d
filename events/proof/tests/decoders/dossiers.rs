//! Dossiers: as files, and as ZIPs that are right with files in them that are not.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};

use proptest::prelude::*;
use proptest::sample::Index;
use rectify_proof::Trusted;
use rectify_proof::dossier::{Container, Verdict, check};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::changed::changed;
use crate::corpus::{files, memory_is_bounded, tried};

fn trusted() -> Trusted {
    let keys = String::from_utf8(files("key").concat()).unwrap();
    Trusted { keys: keys.lines().map(|line| line.parse().unwrap()).collect(), ..Trusted::default() }
}

/// Looks into a file as the program does. Nothing that somebody else made is worth more memory than its own size, some times over.
fn looked_into(bytes: &[u8], trusted: &Trusted) -> Option<Verdict> {
    let _ = Container::open(Cursor::new(bytes));
    check(Cursor::new(bytes), trusted).ok()
}

#[test]
fn whatever_a_file_has_it_is_judged_or_refused() {
    let (trusted, corpus) = (trusted(), files("dossier"));
    assert!(corpus.iter().filter_map(|bytes| looked_into(bytes, &trusted)).any(|verdict| verdict.is_good()));
    proptest!(tried(600), |(bytes in changed(corpus))| {
        looked_into(&bytes, &trusted);
    });
    memory_is_bounded();
}

#[test]
fn whatever_the_files_in_it_have_it_is_judged() {
    let trusted = trusted();
    let corpus: Vec<BTreeMap<String, Vec<u8>>> = files("dossier").iter().filter_map(|bytes| unpacked(bytes)).collect();
    let all: Vec<Vec<u8>> = corpus.iter().flat_map(|files| files.values().cloned()).collect();
    proptest!(tried(600), |(dossier: Index, file: Index, bytes in changed(all))| {
        let mut files = dossier.get(&corpus).clone();
        let name = file.get(&files.keys().cloned().collect::<Vec<_>>()).clone();
        files.insert(name, bytes);
        looked_into(&packed(&files), &trusted);
    });
    memory_is_bounded();
}

/// Changes one file and keeps the rest: what is judged then is that file.
#[test]
fn whatever_one_of_its_files_becomes_it_is_judged() {
    let trusted = trusted();
    let corpus: Vec<BTreeMap<String, Vec<u8>>> = files("dossier").iter().filter_map(|bytes| unpacked(bytes)).collect();
    for name in ["dossier.json", "checkpoint", "SHA256SUMS", "consistency", "earlier-checkpoint"] {
        let of_name: Vec<Vec<u8>> = corpus.iter().filter_map(|files| files.get(name).cloned()).collect();
        proptest!(tried(150), |(dossier: Index, bytes in changed(of_name))| {
            let mut files = dossier.get(&corpus).clone();
            files.insert(name.to_owned(), bytes);
            looked_into(&packed(&files), &trusted);
        });
    }
    memory_is_bounded();
}

fn unpacked(bytes: &[u8]) -> Option<BTreeMap<String, Vec<u8>>> {
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

fn packed(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in files {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
