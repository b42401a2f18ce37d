//! A dossier taken apart, changed, and put together again by somebody who knows the format.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read as _, Seek as _, Write as _};

use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::bed::digest;

/// The files of a dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked(pub BTreeMap<String, Vec<u8>>);

impl Unpacked {
    /// Takes a dossier apart.
    pub fn of(mut file: File) -> Unpacked {
        file.rewind().unwrap();
        let mut archive = ZipArchive::new(file).unwrap();
        let mut files = BTreeMap::new();
        for at in 0..archive.len() {
            let mut entry = archive.by_index(at).unwrap();
            let name = entry.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            files.insert(name, bytes);
        }
        Unpacked(files)
    }

    /// Puts it together, with the digests of what is in it now.
    pub fn packed(mut self) -> Vec<u8> {
        let others = self.0.iter().filter(|(name, _)| *name != "SHA256SUMS");
        let sums = lines(others.map(|(name, bytes)| format!("{}  {name}", digest(bytes))));
        self.0.insert("SHA256SUMS".to_owned(), sums.into_bytes());
        self.unsummed()
    }

    /// Puts it together with whatever digests it has.
    pub fn unsummed(self) -> Vec<u8> {
        zipped(&self.0, plain())
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.0[name].clone()).unwrap()
    }

    pub fn set(&mut self, name: &str, bytes: impl Into<Vec<u8>>) {
        self.0.insert(name.to_owned(), bytes.into());
    }

    /// Changes what it says is in it.
    pub fn describe(&mut self, change: impl FnOnce(&mut Value)) {
        let mut manifest: Value = serde_json::from_slice(&self.0["dossier.json"]).unwrap();
        change(&mut manifest);
        self.set("dossier.json", manifest.to_string());
    }

    /// Changes an event and everything that follows from its bytes, but the signed tree.
    pub fn rewrite(&mut self, position: u64, from: &str, to: &str) {
        let name = format!("events/{position:012}.json");
        let text = self.text(&name);
        assert!(text.contains(from), "{text}");
        let text = text.replace(from, to);
        self.describe(|manifest| listed(manifest, position)["leaf"] = digest(text.as_bytes()).to_string().into());
        self.set(&name, text);
    }

    /// Leaves an event out.
    pub fn drop(&mut self, position: u64) {
        self.0.remove(&format!("events/{position:012}.json")).unwrap();
        self.0.remove(&format!("proofs/{position:012}.tlog-proof")).unwrap();
        self.describe(|manifest| {
            let events = manifest["events"].as_array_mut().unwrap();
            events.retain(|event| event["position"] != position);
        });
    }
}

/// Returns what a dossier says of an event.
pub fn listed(manifest: &mut Value, position: u64) -> &mut Value {
    let events = manifest["events"].as_array_mut().unwrap();
    events.iter_mut().find(|event| event["position"] == position).unwrap()
}

/// Returns texts as lines, each with its end.
pub fn lines(texts: impl Iterator<Item = String>) -> String {
    texts.fold(String::new(), |all, text| all + &text + "\n")
}

pub fn plain() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Stored)
}

pub fn zipped(files: &BTreeMap<String, Vec<u8>>, options: SimpleFileOptions) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
