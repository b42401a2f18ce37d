//! XLSX, cell by cell.

use std::io::Cursor;
use std::ops::ControlFlow;

use bytes::Bytes;
use calamine::{DataRef, Reader, SheetType, Xlsx, XlsxError};

use super::{File, FileError, unreadable};
use crate::cell::Cell;

pub(crate) struct Workbook {
    file: String,
    sheets: Vec<String>,
    xlsx: Xlsx<Cursor<Bytes>>,
}

pub(super) fn open(file: &File) -> Result<Workbook, FileError> {
    let xlsx: Xlsx<_> = Xlsx::new(Cursor::new(file.bytes.clone())).map_err(|error| unreadable(file, error))?;
    let worksheets = xlsx.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let sheets = worksheets.map(|sheet| sheet.name.clone()).collect();
    Ok(Workbook { file: file.name.clone(), sheets, xlsx })
}

impl Workbook {
    pub(super) fn sheets(&self) -> Vec<String> {
        self.sheets.clone()
    }

    pub(super) fn height(&mut self, sheet: usize) -> Option<u64> {
        let cells = self.xlsx.worksheet_cells_reader(self.sheets.get(sheet)?).ok()?;
        Some(u64::from(cells.dimensions().end.0) + 1)
    }

    pub(super) fn walk(
        &mut self,
        sheet: usize,
        each: &mut dyn FnMut(u64, &[Cell]) -> ControlFlow<()>,
    ) -> Result<(), FileError> {
        let Some(name) = self.sheets.get(sheet) else { return Ok(()) };
        rows(&mut self.xlsx, name, each)
            .map_err(|error| FileError::Unreadable { file: self.file.clone(), source: error.into() })
    }
}

fn rows(
    xlsx: &mut Xlsx<Cursor<Bytes>>,
    sheet: &str,
    each: &mut dyn FnMut(u64, &[Cell]) -> ControlFlow<()>,
) -> Result<(), XlsxError> {
    let mut cells = xlsx.worksheet_cells_reader(sheet)?;
    let mut row: Vec<Cell> = Vec::new();
    let mut number = 0;
    while let Some(cell) = cells.next_cell()? {
        let (at, column) = cell.get_position();
        let at = u64::from(at) + 1;
        if at != number {
            if each(number, &row).is_break() {
                return Ok(());
            }
            row.clear();
            number = at;
        }
        let value = value(cell.get_value());
        if value != Cell::Empty {
            let column = column as usize;
            row.resize(row.len().max(column + 1), Cell::Empty);
            row[column] = value;
        }
    }
    let _ = each(number, &row);
    Ok(())
}

fn value(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet keeps fifteen digits anyway")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) => Cell::Text(text.clone()),
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Bool(flag) => Cell::Flag(*flag),
        DataRef::DateTime(at) if at.is_datetime() => match at.as_datetime() {
            Some(at) => Cell::Moment(at),
            None => Cell::Broken(at.as_f64().to_string()),
        },
        DataRef::DateTime(at) => Cell::Broken(at.as_f64().to_string()),
        DataRef::DurationIso(text) => Cell::Broken(text.clone()),
        DataRef::Error(error) => Cell::Broken(error.to_string()),
    }
}
