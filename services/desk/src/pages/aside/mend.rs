//! What was set aside as the fields of a row: what came fills them, somebody mends them, and they go in as a list of one row
//! does, with everything that is asked of lists.

use std::collections::VecDeque;
use std::sync::Arc;

use rectify_case::directory::Intake;
use rectify_case::finding::Subject;
use rectify_case::{Directory, FindingId, PersonId, SourceCode};
use rectify_intake::report::RowError;
use rectify_intake::{Column, File, Given, HandIn, Kind, Need, Split, Way, WayError};
use serde_json::Value;

use super::super::entry::{Again, Entry, Reading, sent_as};
use super::super::form::Fields;
use super::super::import::{fields_of, reason_said, sentence};
use super::super::page::Page;
use super::super::visitor::Away;
use crate::code::Code;
use crate::desk::Desk;
use crate::error::Error;
use crate::language::Language;

/// What its form is known by.
const FORM: &str = "mend";

/// The field that holds who wrote a petition, a line for each thing that is known of them.
const IDENTITY: &str = "identity";

/// What fields are called where a finding has them under another name than a row.
const OTHERWISE: [(&str, &str); 4] =
    [("money_fen", "money"), ("plan", "corrective_action"), ("plan_by", "by"), ("plan_contact", "contact")];

/// What it is handed in as.
pub(super) struct Mending {
    way: Arc<dyn Way>,
    person: PersonId,
}

impl Mending {
    /// Returns how somebody hands in again what came; none where they may not. What looks like nothing is taken for an
    /// inspection's.
    pub(super) fn of(
        clear: &[u8],
        subject: &str,
        person: PersonId,
        desk: &Desk,
        directory: &Directory,
    ) -> Option<Mending> {
        let came: Option<Value> = serde_json::from_slice(clear).ok();
        let kind =
            came.as_ref().and_then(|came| serde_json::from_value(came.pointer("/finding/details/kind")?.clone()).ok());
        let source = || subject.split('.').nth(1)?.parse::<SourceCode>().ok();
        let intake = kind.or_else(|| Some(directory.source(&source()?)?.intake)).unwrap_or(Intake::Inspection);
        Mending::by(&sent_as(&intake), person, desk)
    }

    /// Returns how somebody hands in by a way of a name; none where they may not, or it takes no findings.
    pub(super) fn by(way: &str, person: PersonId, desk: &Desk) -> Option<Mending> {
        let intakes = [Intake::Inspection, Intake::Audit, Intake::Petition].map(|intake| sent_as(&intake));
        let way = desk.imports.named(person, way).filter(|way| intakes.iter().any(|intake| intake == way.name()))?;
        Some(Mending { way, person })
    }

    /// Returns the form, with what came filled in, where it is known.
    pub(super) fn form(&self, page: &Page, sequence: u64, came: Option<(&[u8], &Directory)>, again: &Again) -> Entry {
        let action = format!("/admin/aside/{sequence}/mend/{}", self.way.name());
        let mut entry = Entry::new(page, FORM, action, page.say("aside-resend-mended"), again)
            .lead(page.say("aside-resend-mended-lead"))
            .main();
        if let Some((clear, directory)) = came {
            entry = entry.filled(self.filled(page, clear, directory));
        }
        for (column, label) in self.columns(page) {
            let required = column.need != Need::Optional;
            entry = match column.kind {
                Kind::Choice(choices) => {
                    let choices =
                        choices.iter().map(|(value, names)| ((*value).to_owned(), chosen(value, names, page)));
                    entry.choice(column.field, label, required, Some(page.say("field-none")), choices)
                }
                _ if LONG.contains(&column.field) => entry.text(column.field, label, required),
                _ => entry.line(column.field, label, required),
            };
        }
        if self.way.wanted().identity.is_empty() {
            return entry;
        }
        entry.text(IDENTITY, page.say("aside-identity"), false).hint(page.say("aside-identity-hint"))
    }

    /// Returns the columns, one for each field, with what each is called.
    fn columns(&self, page: &Page) -> Vec<(Column, String)> {
        fields_of(self.way.as_ref(), page)
    }

    /// Returns what came as the fields have it: each where it stands least deep.
    fn filled(&self, page: &Page, clear: &[u8], directory: &Directory) -> Fields {
        let Ok(came) = serde_json::from_slice::<Value>(clear) else { return Fields::default() };
        let fields = self.columns(page).into_iter().filter_map(|(column, _)| {
            let found = shallowest(&came, column.field).or_else(|| {
                let (_, other) = OTHERWISE.iter().find(|(field, _)| *field == column.field)?;
                shallowest(&came, other)
            })?;
            Some((column.field.to_owned(), written(found, column.kind, directory)?))
        });
        let identity = shallowest(&came, IDENTITY).and_then(Value::as_object).map(|identity| {
            let lines = identity.iter().filter_map(|(name, value)| Some(format!("{name}：{}", value.as_str()?)));
            (IDENTITY.to_owned(), lines.collect::<Vec<_>>().join("\n"))
        });
        Fields(fields.chain(identity).collect())
    }

    /// Hands in what a form says; returns the finding that it is, or the form with what is wrong.
    pub(super) async fn take(&self, page: &Page, fields: Fields) -> Result<Result<FindingId, Again>, Away> {
        let mut reading = Reading::of(page, &fields);
        for (column, _) in self.columns(page).iter().filter(|(column, _)| column.need != Need::Optional) {
            let _: Option<String> = reading.required(column.field);
        }
        let row = self.row(&mut reading);
        let is_good = reading.is_good();
        let wrong = reading.wrong;
        if !is_good {
            return Ok(Err(Again::of(FORM, fields, wrong)));
        }
        match self.hand_in(&row, page).await? {
            Ok(finding) => Ok(Ok(finding)),
            Err(Wrong { of: None, said }) => Ok(Err(Again::saying(FORM, fields, said))),
            Err(Wrong { of: Some(field), said }) => Ok(Err(Again::of(FORM, fields, vec![(field, said)]))),
        }
    }

    /// Returns what a form says as headers with what stands below each.
    fn row(&self, reading: &mut Reading<'_>) -> Vec<(String, String)> {
        let fields = reading.fields;
        let named = self.columns(reading.page).into_iter().map(|(column, _)| {
            let said = fields.text(column.field);
            (column.shown().to_owned(), said.to_owned())
        });
        let mut row: Vec<(String, String)> = named.collect();
        for line in fields.text(IDENTITY).lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.split_once(['：', ':']) {
                Some((name, value)) => row.push((name.trim().to_owned(), value.trim().to_owned())),
                None => reading.wrong.push((IDENTITY, reading.page.say_of("aside-identity-wrong", "line", line))),
            }
        }
        row
    }

    /// Hands in one row.
    async fn hand_in(&self, row: &[(String, String)], page: &Page) -> Result<Result<FindingId, Wrong>, Away> {
        let hand_in = HandIn {
            person: self.person,
            files: vec![list_of(row)?],
            given: Given::default(),
            deadline: None,
            office: None,
            mapping: None,
            split: Split::None,
            whole: false,
        };
        // What heads nothing that is taken would be lost: it is asked about first.
        let look = match self.way.look(hand_in.clone()).await {
            Ok(look) => look,
            Err(error) => return wrong_of(error, page).map(Err),
        };
        let columns = look.sheets.iter().flat_map(|sheet| &sheet.columns);
        if let Some(unknown) = columns.into_iter().find(|column| column.field.is_none() && !column.identity) {
            let said = page.say_of("aside-identity-wrong", "line", unknown.name.as_str());
            return Ok(Err(Wrong { of: Some(IDENTITY), said }));
        }
        let outcome = match self.way.take(hand_in, Box::new(|_| ())).await {
            Ok(outcome) => outcome,
            Err(error) => return wrong_of(error, page).map(Err),
        };
        if let Some(taken) = outcome.report.accepted.first() {
            return Ok(Ok(taken.finding));
        }
        let refused = outcome.report.refused.iter().chain(&outcome.report.asides).next();
        Ok(Err(refused
            .map_or_else(|| Wrong { of: None, said: page.say("form-incomplete") }, |error| self.told(error, page))))
    }

    /// Returns what is wrong with a row, beside the field of its column.
    fn told(&self, error: &RowError, page: &Page) -> Wrong {
        let column = self.columns(page).into_iter().find(|(column, _)| column.is_named(&error.column));
        Wrong { of: column.map(|(column, _)| column.field), said: reason_said(&error.reason, page) }
    }
}

/// Fields that hold more than a line.
const LONG: [&str; 6] = ["text", "summary", "reply", "rule_broken", "plan", "disagreement"];

/// What is wrong, and with which field.
struct Wrong {
    of: Option<&'static str>,
    said: String,
}

fn wrong_of(error: WayError, page: &Page) -> Result<Wrong, Away> {
    match error {
        WayError::MayNot => Err(Code::MayNotHandIn.into()),
        WayError::Import(error) => match sentence(&error, page.language) {
            Some(said) => Ok(Wrong { of: None, said }),
            None => Err(Error::Unavailable(error.into()).into()),
        },
        error @ WayError::Unavailable(_) => Err(Error::Unavailable(error.into()).into()),
    }
}

/// Returns a list of one row.
fn list_of(row: &[(String, String)]) -> Result<File, Error> {
    let mut list = csv::Writer::from_writer(Vec::new());
    let lines = [row.iter().map(|(header, _)| header).collect::<Vec<_>>(), row.iter().map(|(_, cell)| cell).collect()];
    for line in lines {
        list.write_record(line).map_err(|error| Error::Internal(error.into()))?;
    }
    let bytes = list.into_inner().map_err(|error| Error::Internal(error.into_error().into()))?;
    Ok(File { name: "搁置信息.csv".to_owned(), media_type: None, bytes: bytes.into() })
}

/// Returns what a choice is called.
fn chosen(value: &str, names: &[&str], page: &Page) -> String {
    match page.language {
        Language::Chinese => names.first().copied().unwrap_or(value).to_owned(),
        Language::English => value.to_owned(),
    }
}

/// Returns what stands under a name, where it stands least deep.
fn shallowest<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let mut waiting = VecDeque::from([value]);
    while let Some(next) = waiting.pop_front() {
        if let Some(found) = next.get(name) {
            return Some(found);
        }
        match next {
            Value::Object(fields) => waiting.extend(fields.values()),
            Value::Array(items) => waiting.extend(items),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    None
}

/// Returns a value as it is written in a cell.
fn written(value: &Value, kind: Kind, directory: &Directory) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(fen) if matches!(kind, Kind::Yuan) => {
            let fen = fen.as_u64()?;
            Some(format!("{}.{:02}", fen / 100, fen % 100))
        }
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(|item| written(item, kind, directory)).collect();
            Some(items?.join("、"))
        }
        Value::Object(fields) => match serde_json::from_value(value.clone()) {
            Ok(Subject::Unit(unit)) => Some(directory.unit_name(unit)),
            Ok(Subject::Person(person)) => Some(directory.person_name(person)),
            Err(_) => Some(fields.get("text")?.as_str()?.to_owned()),
        },
        Value::Bool(_) | Value::Null => None,
    }
}
