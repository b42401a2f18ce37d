//! The workbook as it comes back: whether it is one of ours, and what stands in its rows.

use std::collections::BTreeMap;

use rectify_case::{CaseId, LogId, UnitId, Version};
use rectify_intake::cell::Cell;
use rectify_intake::plain::{self, Sheet};
use rectify_intake::{File, FileError};
use rust_xlsxwriter::utility::row_col_to_cell;

use super::columns::{Column, MARK, check};
use crate::language::Language;
use crate::pages::page::Page;

/// The most rows that are read.
const MOST_ROWS: usize = 2_000;

/// Why a file is not taken at all.
pub(super) enum NotTaken {
    /// None was sent.
    Nothing,
    /// It cannot be read.
    File(FileError),
    /// It was not made here.
    NotOurs,
    /// It was made by another installation.
    Elsewhere,
    /// It has no case in it.
    Empty,
}

impl NotTaken {
    /// Returns why.
    pub(super) fn said(&self, page: &Page) -> String {
        match (self, page.language) {
            (NotTaken::Nothing, _) => page.say("fill-no-file"),
            (NotTaken::File(error), Language::Chinese) => error.chinese(),
            (NotTaken::File(error), Language::English) => error.to_string(),
            (NotTaken::NotOurs, _) => page.say("fill-not-ours"),
            (NotTaken::Elsewhere, _) => page.say("fill-elsewhere"),
            (NotTaken::Empty, _) => page.say("fill-empty"),
        }
    }
}

/// A row as it came back.
pub(super) struct SentRow {
    pub(super) row: u64,
    /// What it is known by; none where that is not as it was made.
    pub(super) key: Option<Key>,
    /// The number beside the key, as it stands there.
    pub(super) number: String,
    cells: BTreeMap<Column, (String, Cell)>,
}

/// What a row is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) case: CaseId,
    pub(super) version: Version,
    pub(super) unit: UnitId,
}

impl SentRow {
    /// Returns what stands in a cell; nothing where it is empty.
    pub(super) fn cell(&self, column: Column) -> Option<&Cell> {
        self.cells.get(&column).map(|(_, cell)| cell).filter(|cell| !cell.is_empty())
    }

    /// Returns what stands in a cell as a text.
    pub(super) fn text(&self, column: Column) -> String {
        self.cell(column).map(Cell::text).unwrap_or_default()
    }

    /// Returns where a cell is, as a spreadsheet names it; the row where there is no such column.
    pub(super) fn address(&self, column: Column) -> String {
        self.cells.get(&column).map_or_else(|| self.row.to_string(), |(address, _)| address.clone())
    }

    /// Returns whether anything was filled in.
    pub(super) fn is_filled_in(&self) -> bool {
        self.cells.iter().any(|(column, (_, cell))| column.is_filled_in() && !cell.is_empty())
    }
}

/// Reads the rows of a workbook that was made here.
pub(super) fn read(file: &File, log: LogId) -> Result<Vec<SentRow>, NotTaken> {
    let sheets = plain::sheets(file, MOST_ROWS).map_err(NotTaken::File)?;
    let marked = sheets.iter().find_map(|sheet| Some((sheet, mark(sheet)?)));
    let Some((sheet, at)) = marked else { return Err(NotTaken::NotOurs) };
    let said = |(_, cells): &(u64, Vec<Cell>), place: usize| cells.get(place).map(Cell::text).unwrap_or_default();
    if said(&sheet.rows[at], 1) != log.to_string() {
        return Err(NotTaken::Elsewhere);
    }
    // The names of the columns, and then their headings.
    let Some((_, names)) = sheet.rows.get(at + 1) else { return Err(NotTaken::Empty) };
    let columns: Vec<Option<Column>> = names.iter().map(|cell| Column::named(&cell.text())).collect();
    let rows = sheet.rows.iter().skip(at + 3).map(|(row, cells)| sent(*row, cells, &columns, log));
    let rows: Vec<SentRow> =
        rows.filter(|row| row.key.is_some() || !row.number.is_empty() || row.is_filled_in()).collect();
    if rows.is_empty() { Err(NotTaken::Empty) } else { Ok(rows) }
}

fn mark(sheet: &Sheet) -> Option<usize> {
    sheet.rows.iter().position(|(_, cells)| cells.first().is_some_and(|cell| cell.text() == MARK))
}

fn sent(row: u64, cells: &[Cell], columns: &[Option<Column>], log: LogId) -> SentRow {
    let place = |at: usize| {
        let column = u16::try_from(at).unwrap_or(u16::MAX);
        row_col_to_cell(u32::try_from(row.saturating_sub(1)).unwrap_or(u32::MAX), column)
    };
    let stands = columns.iter().enumerate().filter_map(|(at, column)| {
        let cell = cells.get(at).cloned().unwrap_or(Cell::Empty);
        Some(((*column)?, (place(at), cell)))
    });
    let mut sent = SentRow { row, key: None, number: String::new(), cells: stands.collect() };
    sent.number = sent.text(Column::Number);
    sent.key = key(&sent, log);
    sent
}

fn key(sent: &SentRow, log: LogId) -> Option<Key> {
    let key = Key {
        case: sent.text(Column::Case).parse().ok()?,
        version: sent.text(Column::Version).parse().ok()?,
        unit: sent.text(Column::Unit).parse().ok()?,
    };
    let wanted = check(log, key.case, key.version, key.unit, &sent.number);
    (wanted == sent.text(Column::Check)).then_some(key)
}
