//! OCEL 2.0 as JSON: one document, of which no more than one event is held at once.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

use serde_json::{Value, json};

use super::data::{Event, Object};
use super::vocabulary::{Declared, OBJECT_TYPES, OF_EVENTS, event_types};
use crate::error::MiningError;

/// A file of JSON as it is written.
#[derive(Debug)]
pub struct JsonFile {
    file: BufWriter<File>,
    /// Whether the list that is written has anything in it.
    begun: bool,
    /// Whether it is that of the objects.
    objects: bool,
}

impl JsonFile {
    /// Begins a file, which must not be there.
    pub(super) fn begin(path: &Path) -> Result<JsonFile, MiningError> {
        let mut file = BufWriter::new(File::create_new(path)?);
        let types = |name: &str, attributes: &[Declared]| {
            let attributes: Vec<Value> =
                attributes.iter().map(|(name, kind)| json!({ "name": name, "type": kind })).collect();
            json!({ "name": name, "attributes": attributes })
        };
        let objects: Vec<Value> = OBJECT_TYPES.iter().map(|(name, attributes)| types(name, attributes)).collect();
        let events: Vec<Value> = event_types().map(|name| types(name, &OF_EVENTS)).collect();
        write!(file, "{{\"objectTypes\":{},\n\"eventTypes\":{},\n\"events\":[", json!(objects), json!(events))?;
        Ok(JsonFile { file, begun: false, objects: false })
    }

    pub(super) fn event(&mut self, event: &Event) -> Result<(), MiningError> {
        self.next()?;
        Ok(serde_json::to_writer(&mut self.file, event)?)
    }

    pub(super) fn object(&mut self, object: &Object) -> Result<(), MiningError> {
        self.turn()?;
        self.next()?;
        Ok(serde_json::to_writer(&mut self.file, object)?)
    }

    pub(super) fn finish(mut self) -> Result<(), MiningError> {
        self.turn()?;
        self.file.write_all(b"\n]}\n")?;
        self.file.flush()?;
        Ok(())
    }

    fn next(&mut self) -> Result<(), MiningError> {
        self.file.write_all(if self.begun { b",\n" } else { b"\n" })?;
        self.begun = true;
        Ok(())
    }

    /// Turns from the events to the objects.
    fn turn(&mut self) -> Result<(), MiningError> {
        if !self.objects {
            self.file.write_all(b"\n],\n\"objects\":[")?;
            (self.begun, self.objects) = (false, true);
        }
        Ok(())
    }
}
