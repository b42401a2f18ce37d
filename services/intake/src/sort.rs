//! Rows and documents become findings, or are refused with what is wrong.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rectify_case::{Directory, Finding, FindingId, Zone};
use rectify_keys::{Content, Keys};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use crate::column::{AMOUNTS, Column};
use crate::document::{Context, Document, Fault, Given};
use crate::header::is_identity;
use crate::marking::marking;
use crate::reading::{Fields, IDENTITY, Reading, Row};
use crate::reason::Reason;
use crate::report::{Place, Report, RowError, Several};
use crate::several::{self, Split};

/// What rows are read against.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Units, people and sources as they are now.
    pub directory: Arc<Directory>,
    /// What is said for every finding.
    pub given: Given,
    /// Which cells that number several problems are taken apart.
    pub split: Split,
    /// When it came in.
    pub received: DateTime<Utc>,
    /// The office's zone.
    pub zone: Zone,
    /// What seals, where something is sealed.
    pub keys: Option<Keys>,
}

impl Desk {
    fn context<'a>(&'a self, given: &'a Given) -> Context<'a> {
        Context::new(&self.directory, given, self.received, self.zone)
    }

    /// Checks what is said for every finding.
    pub(crate) fn check<D: Document>(&self) -> Result<(), Fault> {
        self.context(&self.given).check_given::<D>()
    }
}

/// A finding, and where it stood.
pub(crate) struct Sorted {
    pub(crate) place: Place,
    pub(crate) finding: Finding,
    /// What of it is to be sealed.
    pub(crate) content: Option<Content>,
    /// How many rows have been read by now.
    pub(crate) rows: u64,
}

/// Reads every row of files and shows each finding, until `each` breaks off.
pub(crate) fn sort_files<D: Document>(
    reading: Reading,
    desk: &Desk,
    each: impl FnMut(Sorted) -> ControlFlow<()>,
) -> Report {
    let mut sorter = Sorter::<D, _>::new(desk, each);
    let read = reading.rows(desk.zone, |row| sorter.row(row));
    let found = sorter.finish(read.rows);
    let refused = found.refused;
    let mut report = Report { several: found.several, mentioned: found.mentioned, warnings: found.warnings, ..read };
    report.refused.splice(..0, refused);
    report
}

/// Reads documents handed in one by one and shows each finding, until `each` breaks off.
pub(crate) fn sort_documents<D: Document>(
    documents: Vec<Value>,
    desk: &Desk,
    each: impl FnMut(Sorted) -> ControlFlow<()>,
) -> Report {
    let mut sorter = Sorter::<D, _>::new(desk, each);
    for (row, document) in (1..).zip(documents) {
        if sorter.given_document(row, document).is_break() {
            break;
        }
    }
    sorter.report
}

/// The header each field stands under, as it is written in the file.
type Headers = BTreeMap<&'static str, String>;

/// The rows of one document so far.
struct Part {
    place: Place,
    headers: Headers,
    given: Given,
    fields: Fields,
    refused: bool,
}

struct Sorter<'a, D, F> {
    desk: &'a Desk,
    columns: Vec<Column>,
    /// The headers of what is being read.
    headers: Headers,
    /// What is given for what is being read.
    given: Given,
    each: F,
    report: Report,
    /// Where each finding stood, and what was in it.
    seen: HashMap<FindingId, (u64, [u8; 32])>,
    /// How often each row without a reference has come.
    ordinals: HashMap<[u8; 32], u32>,
    parts: Vec<Part>,
    by_item: HashMap<String, usize>,
    document: std::marker::PhantomData<D>,
}

impl<'a, D: Document, F: FnMut(Sorted) -> ControlFlow<()>> Sorter<'a, D, F> {
    fn new(desk: &'a Desk, each: F) -> Self {
        Sorter {
            desk,
            columns: D::columns(),
            headers: Headers::new(),
            given: desk.given.clone(),
            each,
            report: Report::default(),
            seen: HashMap::new(),
            ordinals: HashMap::new(),
            parts: Vec::new(),
            by_item: HashMap::new(),
            document: std::marker::PhantomData,
        }
    }

    fn row(&mut self, row: Row<'_>) -> ControlFlow<()> {
        self.report.rows = row.rows;
        self.headers = row.header.named().map(|(column, name)| (column.field, name.clone())).collect();
        self.given.clone_from(row.given);
        let Row { place, fields, errors, .. } = row;
        if D::JOINED {
            self.join(&place, fields, errors);
            return ControlFlow::Continue(());
        }
        if errors.is_empty() {
            return self.whole(&place, fields);
        }
        self.report.mentioned.note(fields.get("item").and_then(Value::as_str));
        self.report.refused.extend(errors);
        ControlFlow::Continue(())
    }

    /// Adds a row to the document of its item. The first value of a field is kept, lists are joined.
    fn join(&mut self, place: &Place, fields: Fields, errors: Vec<RowError>) {
        let wrong = !errors.is_empty();
        self.report.refused.extend(errors);
        let Some(item) = fields.get("item").and_then(Value::as_str) else {
            if !wrong {
                let fault = Fault::new("item", "", Reason::Missing);
                self.refuse(place, fault);
            }
            return;
        };
        let index = *self.by_item.entry(item.to_owned()).or_insert_with(|| {
            let (headers, given) = (self.headers.clone(), self.given.clone());
            self.parts.push(Part { place: place.clone(), headers, given, fields: Fields::new(), refused: false });
            self.parts.len() - 1
        });
        let part = &mut self.parts[index];
        part.refused |= wrong;
        for (field, value) in fields {
            match part.fields.entry(field) {
                Entry::Vacant(entry) => {
                    let header = self.headers.get(field).map(|header| (field, header.clone()));
                    part.headers.extend(header);
                    entry.insert(value);
                }
                Entry::Occupied(mut entry) => match (entry.get_mut(), value) {
                    (Value::Array(known), Value::Array(more)) => {
                        for value in more {
                            if !known.contains(&value) {
                                known.push(value);
                            }
                        }
                    }
                    (known, value) if *known == value => {}
                    (_, value) => {
                        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        let error =
                            RowError::new(place, shown(&self.headers, &self.columns, field), &text, Reason::Differs);
                        self.report.warnings.push(error);
                    }
                },
            }
        }
    }

    fn finish(mut self, rows: u64) -> Report {
        self.report.rows = rows;
        for part in std::mem::take(&mut self.parts) {
            if part.refused {
                self.report.mentioned.note(part.fields.get("item").and_then(Value::as_str));
                self.report.refused.push(RowError::new(&part.place, "", "", Reason::PartRefused));
                continue;
            }
            self.headers = part.headers;
            self.given = part.given;
            if self.whole(&part.place, part.fields).is_break() {
                break;
            }
        }
        self.report
    }

    /// Takes what rows say of one document: as one finding, or as the several that it numbers where that is asked for.
    fn whole(&mut self, place: &Place, fields: Fields) -> ControlFlow<()> {
        let text = |field: &str| fields.get(field).and_then(Value::as_str).unwrap_or_default();
        let document = |fields: Fields| fields.into_iter().map(|(field, value)| (field.to_owned(), value)).collect();
        let Some((field, parts)) = D::SEVERAL.and_then(|field| Some((field, several::parts(text(field))?))) else {
            return self.document(place, document(fields));
        };
        let item = text("item").to_owned();
        let asked = self.desk.split.asks_for(&item);
        let amount = AMOUNTS.iter().find(|amount| fields.get(amount.field).is_some_and(|amount| *amount != 0));
        if let (true, Some(amount)) = (asked, amount) {
            let value = fields.get(amount.field).map(ToString::to_string).unwrap_or_default();
            let error = RowError::new(place, self.shown(amount.field), &value, Reason::Undivided);
            self.report.warnings.push(error);
        }
        let split = asked && amount.is_none();
        let column = self.shown(field).to_owned();
        self.report.several.push(Several {
            place: place.clone(),
            column,
            item: item.clone(),
            parts: parts.clone(),
            split,
        });
        if !split {
            return self.document(place, document(fields));
        }
        for (number, part) in (1..).zip(parts) {
            let mut fields = fields.clone();
            fields.insert(field, part.into());
            if !item.is_empty() {
                fields.insert("item", format!("{item}-{number}").into());
            }
            if let Some(title) = fields.get_mut("title") {
                *title = format!("{}（{number}）", title.as_str().unwrap_or_default()).into();
            }
            if self.document(place, document(fields)).is_break() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    }

    fn given_document(&mut self, row: u64, document: Value) -> ControlFlow<()> {
        let place = Place { row, ..Place::default() };
        self.report.rows += 1;
        let Value::Object(mut fields) = document else {
            let reason = Reason::Unreadable("not an object".to_owned());
            self.report.refused.push(RowError::new(&place, "", "", reason));
            return ControlFlow::Continue(());
        };
        let marked = fields.iter().find_map(|(field, value)| Some((field.clone(), marked(value)?)));
        if let Some((field, level)) = marked {
            self.report.refused.push(RowError::new(&place, &field, level, Reason::Marked));
            return ControlFlow::Continue(());
        }
        let known = |field: &str| self.columns.iter().any(|column| column.field == field);
        let (identity, mut kept): (Map<_, _>, Map<_, _>) = std::mem::take(&mut fields)
            .into_iter()
            .partition(|(field, _)| !known(field) && is_identity(field, D::IDENTITY));
        self.report.note_identity(&identity.keys().cloned().collect::<Vec<_>>());
        if !identity.is_empty()
            && let Value::Object(told) = kept.entry(IDENTITY).or_insert_with(|| Map::new().into())
        {
            told.extend(identity.into_iter().map(|(field, value)| (field, text_of(value).into())));
        }
        let given = self.columns.iter().filter(|column| kept.contains_key(column.field));
        self.headers = given.map(|column| (column.field, column.field.to_owned())).collect();
        self.document(&place, kept)
    }

    #[expect(clippy::similar_names, reason = "what a document holds, and what it is read against")]
    fn document(&mut self, place: &Place, fields: Map<String, Value>) -> ControlFlow<()> {
        let mut document: D = match serde_json::from_value(Value::Object(fields)) {
            Ok(document) => document,
            Err(error) => {
                let reason = Reason::Unreadable(error.to_string());
                self.report.refused.push(RowError::new(place, "", "", reason));
                return ControlFlow::Continue(());
            }
        };
        self.number(&mut document);
        let item = document.item().clone().unwrap_or_default();
        let mut context = self.desk.context(&self.given);
        let finding = document.into_finding(&mut context);
        let warnings = context.take_warnings();
        for warning in warnings {
            let error = RowError::new(place, self.shown(warning.field), &warning.value, warning.reason);
            self.report.warnings.push(error);
        }
        let content = context.take_content();
        let once =
            finding.and_then(|finding| self.once(place, &finding, content.as_ref()).map(|new| new.then_some(finding)));
        match once {
            Ok(None) => ControlFlow::Continue(()),
            Ok(Some(finding)) => (self.each)(Sorted { place: place.clone(), finding, content, rows: self.report.rows }),
            Err(fault) => {
                self.report.mentioned.note(Some(&item));
                self.refuse(place, fault);
                ControlFlow::Continue(())
            }
        }
    }

    /// Gives a document without an item one of its own: a hash of what is in it, and the how-manieth such row this is.
    fn number(&mut self, document: &mut D) {
        if document.item().as_deref().is_some_and(|item| !item.is_empty()) {
            return;
        }
        let hash = digest(&*document);
        let ordinal = self.ordinals.entry(hash).or_default();
        *ordinal += 1;
        // A bare hash would let anybody try out who wrote what.
        *document.item() = Some(match self.desk.keys.as_ref().filter(|_| D::SEALED) {
            Some(keys) => format!("hmac-sha256:{}-{ordinal}", hex(&keys.keyed_hash(b"item", &hash))),
            None => format!("sha256:{}-{ordinal}", hex(&hash)),
        });
    }

    /// Tells whether a finding is new in this delivery; refuses its reference with other content.
    fn once(&mut self, place: &Place, finding: &Finding, sealed: Option<&Content>) -> Result<bool, Fault> {
        let content = digest(&(finding, sealed));
        match self.seen.entry(finding.id()) {
            std::collections::hash_map::Entry::Vacant(entry) => {
                entry.insert((place.row, content));
                Ok(true)
            }
            std::collections::hash_map::Entry::Occupied(entry) => {
                let (row, known) = *entry.get();
                let item = finding.reference.item.as_str();
                if known != content {
                    return Err(Fault::new("item", item, Reason::OtherContent(row)));
                }
                let again = RowError::new(place, self.shown("item"), item, Reason::Again(row));
                self.report.warnings.push(again);
                Ok(false)
            }
        }
    }

    fn refuse(&mut self, place: &Place, fault: Fault) {
        let error = RowError::new(place, self.shown(fault.field), &fault.value, fault.reason);
        self.report.refused.push(error);
    }

    fn shown(&self, field: &'static str) -> &str {
        shown(&self.headers, &self.columns, field)
    }
}

/// Returns a value as it is read.
fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn marked(value: &Value) -> Option<&'static str> {
    match value {
        Value::String(text) => marking(text),
        Value::Array(values) => values.iter().find_map(marked),
        Value::Object(fields) => fields.values().find_map(marked),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Returns the header of a field as the file has it, so that it is found there; where the file has none, the column's name.
fn shown<'a>(headers: &'a Headers, columns: &[Column], field: &'static str) -> &'a str {
    let own = || columns.iter().find(|column| column.field == field).map_or(field, Column::shown);
    headers.get(field).map_or_else(own, String::as_str)
}

/// Returns the SHA-256 of a document's JSON with sorted keys and single spaces, without what is not said: only the content
/// counts.
fn digest(document: &impl serde::Serialize) -> [u8; 32] {
    let value = serde_json::to_value(document).unwrap_or_default();
    Sha256::digest(normal(value).to_string()).into()
}

fn normal(value: Value) -> Value {
    match value {
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" ").into(),
        Value::Array(values) => values.into_iter().map(normal).collect(),
        Value::Object(fields) => {
            let said = fields
                .into_iter()
                .filter(|(_, value)| !value.is_null() && value.as_array().is_none_or(|v| !v.is_empty()));
            let sorted: BTreeMap<String, Value> = said.map(|(key, value)| (key, normal(value))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn hex(hash: &[u8; 32]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
