//! JSON: an object, an array of objects, or sheets of named ranges (the rows as workbook cells).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{File, FileError, unreadable};
use crate::cell::{Cell, kept_value};

/// More is no table.
const MOST_COLUMNS: usize = 1_000;
const MOST_ROWS: u64 = 1_048_576;

pub(crate) struct Sheet {
    pub(super) name: String,
    /// The header first, then every row with its number. Objects have no header row of their own: it counts as row 0.
    pub(super) rows: Vec<(u64, Vec<Cell>)>,
}

pub(super) fn open(file: &File) -> Result<Vec<Sheet>, FileError> {
    let bytes = file.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&file.bytes);
    let value = kept_value(serde_json::from_slice(bytes).map_err(|error| unreadable(file, error))?);
    let shape = || FileError::JsonShape { file: file.name.clone() };
    let objects = match value {
        Value::Object(object) => vec![object],
        Value::Array(values) => values.into_iter().map(object).collect::<Option<_>>().ok_or_else(shape)?,
        _ => return Err(shape()),
    };
    let keys: BTreeSet<&String> = objects.iter().flat_map(Map::keys).collect();
    if keys.len() > MOST_COLUMNS {
        return Err(shape());
    }
    let is_sheet = |object: &Map<String, Value>| object.get("ranges").is_some_and(Value::is_array);
    if !objects.is_empty() && objects.iter().all(is_sheet) {
        let sheets = objects.into_iter().map(|object| serde_json::from_value(Value::Object(object)));
        let sheets: Vec<Ranges> = sheets.collect::<Result<_, _>>().map_err(|error| unreadable(file, error))?;
        return sheets.into_iter().map(ranges).collect::<Option<_>>().ok_or_else(shape);
    }
    Ok(vec![records(&objects)])
}

fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

fn records(objects: &[Map<String, Value>]) -> Sheet {
    let mut header: Vec<&str> = Vec::new();
    for key in objects.iter().flat_map(Map::keys) {
        if !header.contains(&key.as_str()) {
            header.push(key);
        }
    }
    let row =
        |object: &Map<String, Value>| header.iter().map(|key| object.get(*key).map_or(Cell::Empty, cell)).collect();
    let top = header.iter().map(|key| Cell::Text((*key).to_owned())).collect();
    let rows = std::iter::once(top).chain(objects.iter().map(row));
    Sheet { name: String::new(), rows: (0..).zip(rows).collect() }
}

#[derive(Deserialize)]
struct Ranges {
    name: String,
    ranges: Vec<Range>,
}

#[derive(Deserialize)]
struct Range {
    name: String,
    start_cell: Start,
    values: Vec<Value>,
}

#[derive(Deserialize)]
struct Start {
    row: Value,
}

impl Range {
    fn start(&self) -> u64 {
        let row = &self.start_cell.row;
        row.as_u64().or_else(|| row.as_str()?.parse().ok()).unwrap_or(2)
    }
}

fn ranges(sheet: Ranges) -> Option<Sheet> {
    let first = sheet.ranges.iter().map(Range::start).min().unwrap_or(2);
    let past = |range: &Range| range.start().saturating_add(range.values.len() as u64);
    let last = sheet.ranges.iter().map(past).max().unwrap_or(first);
    if last > MOST_ROWS || sheet.ranges.len() > MOST_COLUMNS {
        return None;
    }
    let at = |range: &Range, row: u64| {
        let place = usize::try_from(row.checked_sub(range.start())?).ok()?;
        range.values.get(place).map(cell)
    };
    let top = sheet.ranges.iter().map(|range| Cell::Text(range.name.clone())).collect();
    let row = |row: u64| (row, sheet.ranges.iter().map(|range| at(range, row).unwrap_or(Cell::Empty)).collect());
    let rows = std::iter::once((first.saturating_sub(1), top)).chain((first..last).map(row)).collect();
    Some(Sheet { name: sheet.name, rows })
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Bool(flag) => Cell::Flag(*flag),
        Value::Number(number) if number.is_u64() || number.is_i64() => Cell::Text(number.to_string()),
        Value::Number(number) => number.as_f64().map_or_else(|| Cell::Broken(number.to_string()), Cell::Number),
        Value::String(text) => Cell::Text(text.clone()),
        Value::Array(values) => match values.iter().map(Value::as_str).collect::<Option<Vec<_>>>() {
            Some(texts) => Cell::Text(texts.join("\n")),
            None => Cell::Broken(value.to_string()),
        },
        Value::Object(_) => Cell::Broken(value.to_string()),
    }
}
