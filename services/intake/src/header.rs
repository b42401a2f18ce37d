//! The header row of a sheet: which column stands where, and what is not taken.

use std::ops::ControlFlow;

use crate::cell::Cell;
use crate::column::{Column, Need, key};
use crate::document::Given;
use crate::table::{FileError, Table};

/// How far down a header is looked for: titles and dates stand above it.
const SEARCHED_ROWS: usize = 20;

/// The header of one sheet.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    /// The row it stands in.
    pub(crate) row: u64,
    /// What stands in it.
    pub(crate) names: Vec<String>,
    /// The column each cell of a row belongs to.
    pub(crate) columns: Vec<Option<Column>>,
    /// Headers that name no column.
    pub(crate) unknown: Vec<String>,
    /// Headers that name a petitioner.
    pub(crate) identity: Vec<String>,
}

/// A sheet without a header row.
#[derive(Debug, Default)]
pub(crate) struct Headless {
    /// Its first row.
    pub(crate) first: Vec<String>,
    /// The first row that names one column beside others nobody knows.
    pub(crate) nearest: Option<Header>,
}

impl Header {
    /// Returns the columns with the headers that name them.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&Column, &String)> {
        self.columns.iter().zip(&self.names).filter_map(|(column, name)| Some((column.as_ref()?, name)))
    }
}

/// Finds the header of a sheet: the first row that names two columns, or the very first if it names the only one.
pub(crate) fn find(
    table: &mut Table,
    sheet: usize,
    columns: &[Column],
    identity: &[&str],
) -> Result<Result<Header, Headless>, FileError> {
    let mut first = None;
    let mut nearest = None;
    let mut found = None;
    let mut searched = 0;
    table.walk(sheet, |row, cells| {
        let header = read(row, cells, columns, identity);
        let named = header.columns.iter().flatten().count();
        let only = first.is_none() && named == 1 && header.unknown.is_empty() && header.identity.is_empty();
        if named >= 2 || only {
            found = Some(header);
            return ControlFlow::Break(());
        }
        first.get_or_insert_with(|| shown(cells));
        if named == 1 {
            nearest.get_or_insert(header);
        }
        searched += 1;
        if searched < SEARCHED_ROWS { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(found.ok_or_else(|| Headless { first: first.unwrap_or_default(), nearest }))
}

/// Refuses two columns that mean the same.
pub(crate) fn refuse_twice(header: &Header, place: &str) -> Result<(), FileError> {
    for (at, column) in header.columns.iter().enumerate() {
        let Some(column) = column else { continue };
        let same = |other: &Option<Column>| other.is_some_and(|other| other.field == column.field);
        if header.columns[..at].iter().any(same) {
            let named = header.names.iter().zip(&header.columns).filter(|(_, column)| same(column));
            let found = named.map(|(name, _)| name.clone()).collect();
            return Err(FileError::TwiceTheSame { place: place.to_owned(), column: column.shown(), found });
        }
    }
    Ok(())
}

/// Returns the columns that are needed and neither there nor given.
pub(crate) fn missing(headers: &[&Header], columns: &[Column], given: &Given) -> Vec<&'static str> {
    let there = |column: &Column| {
        headers.iter().flat_map(|header| header.columns.iter().flatten()).any(|there| there.field == column.field)
    };
    let needed = |column: &&Column| match column.need {
        Need::Optional => false,
        Need::UnlessGiven => !given.has(column.field),
        Need::Always => true,
    };
    columns.iter().filter(needed).filter(|column| !there(column)).map(Column::shown).collect()
}

/// Returns whether a header names a petitioner.
pub(crate) fn is_identity(header: &str, identity: &[&str]) -> bool {
    let header = key(header);
    identity.iter().any(|word| if word.is_ascii() { header == key(word) } else { header.contains(&key(word)) })
}

fn read(row: u64, cells: &[Cell], columns: &[Column], identity: &[&str]) -> Header {
    let names = cells.iter().map(Cell::text).collect();
    let mut header = Header { row, names, columns: Vec::new(), unknown: Vec::new(), identity: Vec::new() };
    for cell in cells {
        let name = cell.text();
        let column = columns.iter().find(|column| column.is_named(&name)).filter(|_| !name.is_empty());
        header.columns.push(column.copied());
        match column {
            Some(_) => {}
            None if name.is_empty() => {}
            None if is_identity(&name, identity) => header.identity.push(name),
            None => header.unknown.push(name),
        }
    }
    header
}

fn shown(cells: &[Cell]) -> Vec<String> {
    cells.iter().map(Cell::text).filter(|text| !text.is_empty()).map(|text| text.chars().take(40).collect()).collect()
}
