//! The header of a sheet, in one row or several: which column stands where, and what is not taken.

use std::ops::ControlFlow;

use crate::amount::Unit;
use crate::cell::Cell;
use crate::column::{Bound, Column, Need, key};
use crate::document::{Document, Given};
use crate::mapping::{Applied, Fingerprint, Mappings};
use crate::moment::years_in;
use crate::table::{FileError, Merge, Shape, Table};

/// How far down a header is looked for: titles and dates stand above it.
const SEARCHED_ROWS: usize = 30;

/// Over how many rows a header may go: groups, groups within them, columns.
const MOST_DEEP: usize = 3;

/// The longest text that heads a column.
const LONGEST_NAME: usize = 60;

/// What the column is headed in which this program says what is wrong with a row. It is not read when it comes back.
pub(crate) const REMARKS: [&str; 2] = ["问题（系统标注）", "problems (marked by the system)"];

/// What is looked for in a sheet.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The columns.
    pub columns: Vec<Column>,
    /// Words in headers that name a petitioner; what stands under them is sealed.
    pub identity: &'static [&'static str],
    /// Whether the sheets and files together must have the columns that are needed, and not each of them.
    pub joined: bool,
}

impl Wanted {
    /// Returns what an intake looks for.
    pub fn by<D: Document>() -> Wanted {
        Wanted { columns: D::columns(), identity: D::IDENTITY, joined: D::JOINED }
    }
}

/// The header of one sheet.
#[derive(Clone, Debug)]
pub struct Header {
    /// The last row it stands in.
    pub row: u64,
    /// What stands above each column: groups before what they group, parted by strokes.
    pub names: Vec<String>,
    /// The column each cell of a row belongs to.
    pub columns: Vec<Option<Bound>>,
    /// The field that each name means by itself, without a mapping.
    pub(crate) plain: Vec<Option<&'static str>>,
    /// Headers that name no column.
    pub(crate) unknown: Vec<String>,
    /// Headers that name a petitioner.
    pub(crate) identity: Vec<String>,
    /// The years that the lines above it name.
    pub(crate) years: Vec<i32>,
    /// The unit that a line above it says amounts are in.
    pub(crate) unit: Option<Unit>,
    /// What it is known by, in whatever order its columns stand.
    pub(crate) fingerprint: Fingerprint,
    /// The mapping by which it was read.
    pub(crate) applied: Option<Applied>,
}

/// A sheet without a header row.
#[derive(Debug, Default)]
pub(crate) struct Headless {
    /// Its first row.
    pub(crate) first: Vec<String>,
    /// The first row that names one column beside others nobody knows.
    pub(crate) nearest: Option<Header>,
    /// The first row that looks like a header, whether or not it names anything.
    pub(crate) likely: Option<Header>,
}

impl Header {
    /// Returns the columns with the headers that name them.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&Column, &String)> {
        self.columns.iter().zip(&self.names).filter_map(|(bound, name)| Some((&bound.as_ref()?.column, name)))
    }

    /// Returns the place of a field's column.
    pub(crate) fn place_of(&self, field: &str) -> Option<usize> {
        self.columns.iter().position(|bound| bound.is_some_and(|bound| bound.column.field == field))
    }

    /// Returns what is given for the rows under it: by whoever hands in, or else by the mapping.
    pub(crate) fn given(&self, given: &Given) -> Given {
        match &self.applied {
            Some(applied) => given.clone().or(&applied.mapping.defaults),
            None => given.clone(),
        }
    }
}

/// Finds the header of a sheet: the first rows that name two columns, or the very first if it names the only one.
pub(crate) fn find(
    table: &mut Table,
    sheet: usize,
    wanted: &Wanted,
    mappings: &Mappings,
) -> Result<Result<Header, Headless>, FileError> {
    let shape = table.shape(sheet);
    let lines = top(table, sheet)?;
    let (mut nearest, mut likely) = (None, None);
    for at in 0..lines.len() {
        let Block { row, names } = block(&lines[at..], &shape);
        let header = read(row, &names, wanted, mappings);
        if heads(&lines[at].1) {
            likely.get_or_insert_with(|| header.clone());
        }
        let named = header.columns.iter().flatten().count();
        let only = at == 0 && named == 1 && header.unknown.is_empty() && header.identity.is_empty();
        let mapped = named == 1 && header.applied.is_some();
        if named >= 2 || only || mapped {
            return Ok(Ok(seen_from_above(header, &lines[..at])));
        }
        if named == 1 {
            nearest.get_or_insert(header);
        }
    }
    Ok(Err(Headless { first: lines.first().map(|(_, cells)| shown(cells)).unwrap_or_default(), nearest, likely }))
}

/// Finds what heads the columns of a sheet, whether or not any of them is known: the header, or else the first rows that
/// name two columns.
pub(crate) fn seek(table: &mut Table, sheet: usize, wanted: &Wanted) -> Result<Option<Header>, FileError> {
    let mappings = Mappings::default();
    if let Ok(header) = find(table, sheet, wanted, &mappings)? {
        return Ok(Some(header));
    }
    let (shape, lines) = (table.shape(sheet), top(table, sheet)?);
    let Some(at) = lines.iter().position(|(_, cells)| heads(cells)) else { return Ok(None) };
    let Block { row, names } = block(&lines[at..], &shape);
    Ok(Some(seen_from_above(read(row, &names, wanted, &mappings), &lines[..at])))
}

/// Returns the rows among which a header is looked for.
fn top(table: &mut Table, sheet: usize) -> Result<Vec<(u64, Vec<Cell>)>, FileError> {
    let mut lines: Vec<(u64, Vec<Cell>)> = Vec::new();
    table.walk(sheet, |line| {
        lines.push((line.row, line.cells.to_vec()));
        if lines.len() < SEARCHED_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(lines)
}

/// Refuses two columns that mean the same.
pub(crate) fn refuse_twice(header: &Header, place: &str) -> Result<(), FileError> {
    for (at, bound) in header.columns.iter().enumerate() {
        let Some(bound) = bound else { continue };
        let same = |other: &Option<Bound>| other.is_some_and(|other| other.column.field == bound.column.field);
        if header.columns[..at].iter().any(same) {
            let named = header.names.iter().zip(&header.columns).filter(|(_, bound)| same(bound));
            let found = named.map(|(name, _)| name.clone()).collect();
            return Err(FileError::TwiceTheSame { place: place.to_owned(), column: bound.column.shown(), found });
        }
    }
    Ok(())
}

/// Returns the columns that are needed and neither there nor given.
pub(crate) fn missing(headers: &[&Header], columns: &[Column], given: &Given) -> Vec<&'static str> {
    let there = |column: &Column| headers.iter().any(|header| header.place_of(column.field).is_some());
    let given: Vec<Given> = headers.iter().map(|header| header.given(given)).collect();
    let needed = |column: &&Column| match column.need {
        Need::Optional => false,
        Need::UnlessGiven => !given.iter().any(|given| given.has(column.field)),
        Need::Always => true,
    };
    columns.iter().filter(needed).filter(|column| !there(column)).map(Column::shown).collect()
}

/// Returns whether a header names a petitioner.
pub fn is_identity(header: &str, identity: &[&str]) -> bool {
    let header = key(header);
    identity.iter().any(|word| if word.is_ascii() { header == key(word) } else { header.contains(&key(word)) })
}

/// A header as it may stand from some row on: its last row, and the parts of each column's name.
struct Block {
    row: u64,
    names: Vec<Vec<String>>,
}

/// Reads the header that would begin with the first of these rows.
fn block(lines: &[(u64, Vec<Cell>)], shape: &Shape) -> Block {
    let deep = depth(lines, shape);
    let rows = &lines[..deep];
    let width = rows.iter().map(|(_, cells)| cells.len()).max().unwrap_or_default();
    let stands = |depth: usize, column: usize| rows[depth].1.get(column).is_some_and(|cell| !cell.is_empty());
    let names = (0..width).map(|column| {
        let mut parts: Vec<String> = Vec::new();
        for (depth, (row, cells)) in rows.iter().enumerate() {
            let beneath = (depth + 1..deep).any(|depth| stands(depth, column));
            let part = match cells.get(column).filter(|cell| !cell.is_empty()) {
                Some(cell) => Some(cell.text()),
                None if beneath => group(*row, cells, column, shape),
                None => None,
            };
            parts.extend(part.filter(|part| parts.last() != Some(part)));
        }
        parts
    });
    Block { row: rows.last().map_or(0, |(row, _)| *row), names: names.collect() }
}

/// Returns the heading of the group that a column without one of its own belongs to.
fn group(row: u64, cells: &[Cell], column: usize, shape: &Shape) -> Option<String> {
    let merged = shape.begin_in(row);
    if merged.iter().any(Merge::is_wide) {
        let merge = merged.iter().find(|merge| (merge.first_column..=merge.last_column).contains(&column))?;
        return cells.get(merge.first_column).filter(|cell| !cell.is_empty()).map(Cell::text);
    }
    cells.get(..column)?.iter().rev().find(|cell| !cell.is_empty()).map(Cell::text)
}

/// Returns over how many rows a header goes that begins with the first of these.
fn depth(lines: &[(u64, Vec<Cell>)], shape: &Shape) -> usize {
    let mut deep = 1;
    while deep < MOST_DEEP && deep < lines.len() && goes_on(&lines[..=deep], shape) {
        deep += 1;
    }
    deep
}

/// Returns whether the last of these rows goes on with the header of those before it.
fn goes_on(lines: &[(u64, Vec<Cell>)], shape: &Shape) -> bool {
    let [.., (above_row, above), (row, beneath)] = lines else { return false };
    if *row != above_row + 1 || !heads(above) || !beneath.iter().all(|cell| cell.is_empty() || is_name(cell)) {
        return false;
    }
    let stands = |cells: &[Cell], column: usize| cells.get(column).is_some_and(|cell| !cell.is_empty());
    let reaches = |merge: &Merge| merge.is_high() && merge.last_row >= *row && stands(above, merge.first_column);
    let (first, _) = &lines[0];
    let held = (*first..=*above_row).any(|row| shape.begin_in(row).iter().any(reaches));
    let parts = |merge: &Merge| {
        merge.is_wide()
            && (merge.first_column..=merge.last_column).filter(|column| stands(beneath, *column)).count() > 1
    };
    if held || shape.begin_in(*above_row).iter().any(parts) {
        return true;
    }
    // Without merged cells: groups stand over two columns at least, and nothing stands under what is no group.
    let width = above.len().max(beneath.len());
    let is_group = |column: usize| {
        stands(above, column) && !stands(above, column + 1) && stands(beneath, column) && stands(beneath, column + 1)
    };
    let alone = |column: usize| stands(above, column) && stands(beneath, column) && !is_group(column);
    let first = |cells: &[Cell]| cells.iter().position(|cell| !cell.is_empty());
    (0..width).any(is_group) && !(0..width).any(alone) && first(above) <= first(beneath)
}

/// Returns whether a row may head columns: it names two, and is neither a title nor a line of remarks.
fn heads(cells: &[Cell]) -> bool {
    let mut names = cells.iter().filter(|cell| !cell.is_empty());
    let all = names.clone().count();
    all > 1 && names.all(is_name)
}

fn is_name(cell: &Cell) -> bool {
    let Cell::Text(_) = cell else { return false };
    let name = cell.text();
    let remark = name.find(['：', ':']).is_some_and(|at| !name[at..].trim_matches(['：', ':', ' ']).is_empty());
    name.chars().count() <= LONGEST_NAME && !remark
}

fn read(row: u64, names: &[Vec<String>], wanted: &Wanted, mappings: &Mappings) -> Header {
    let shown: Vec<String> = names.iter().map(|parts| parts.join("/")).collect();
    let fingerprint = Fingerprint::of(shown.iter().filter(|name| !is_remarks(name)));
    let applied = mappings.of(&fingerprint);
    let mut header = Header {
        row,
        names: shown,
        columns: Vec::new(),
        plain: names.iter().map(|parts| bound(parts, &wanted.columns).map(|bound| bound.column.field)).collect(),
        unknown: Vec::new(),
        identity: Vec::new(),
        years: Vec::new(),
        unit: None,
        fingerprint,
        applied: None,
    };
    let mut mapped = false;
    for (parts, name) in names.iter().zip(&header.names) {
        let by_mapping = applied.and_then(|applied| applied.mapping.column(name, parts, &wanted.columns));
        mapped |= by_mapping.is_some();
        let bound = match by_mapping {
            Some(bound) => bound,
            None => bound(parts, &wanted.columns),
        };
        header.columns.push(bound);
        match bound {
            Some(_) => {}
            None if name.is_empty() || is_remarks(name) || by_mapping.is_some() => {}
            None if is_identity(name, wanted.identity) => header.identity.push(name.clone()),
            None => header.unknown.push(name.clone()),
        }
    }
    header.applied = applied.filter(|_| mapped).cloned();
    header
}

/// Returns the column that a name in parts means: all of it together, `涉及金额` and `万元`, or else its last part.
fn bound(parts: &[String], columns: &[Column]) -> Option<Bound> {
    let last = parts.last()?;
    let whole = parts.concat();
    let find = |name: &str| columns.iter().find_map(|column| column.bound(name)).filter(|_| !name.is_empty());
    find(&whole).or_else(|| find(last))
}

pub(crate) fn is_remarks(name: &str) -> bool {
    REMARKS.iter().any(|remarks| key(remarks) == key(name))
}

/// Adds what the lines above a header say of the years and the unit of the table.
fn seen_from_above(mut header: Header, above: &[(u64, Vec<Cell>)]) -> Header {
    for cell in above.iter().flat_map(|(_, cells)| cells) {
        let Cell::Text(text) = cell else { continue };
        for year in years_in(text) {
            if !header.years.contains(&year) {
                header.years.push(year);
            }
        }
        header.unit = header.unit.or(Unit::said_in(text));
    }
    header
}

fn shown(cells: &[Cell]) -> Vec<String> {
    cells.iter().map(Cell::text).filter(|text| !text.is_empty()).map(|text| text.chars().take(40).collect()).collect()
}
