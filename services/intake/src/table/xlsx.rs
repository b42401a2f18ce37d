//! XLSX, cell by cell.

mod scan;

use std::io::Cursor;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::shape::Shape;
use super::{File, FileError, SheetInfo, TooMuch, unreadable};
use crate::cell::{Cell, kept};

/// More is no table.
const MOST_COLUMNS: usize = 1_000;

pub(crate) struct Workbook {
    file: String,
    sheets: Vec<Sheet>,
    epoch_1904: bool,
    xlsx: Xlsx<Cursor<Bytes>>,
}

struct Sheet {
    info: SheetInfo,
    shape: Shape,
    height: u64,
}

pub(super) fn open(file: &File) -> Result<Workbook, FileError> {
    let mut scan = scan::scan(&file.bytes).map_err(|error| match error {
        scan::ScanError::TooMuch(what) => FileError::TooLarge { file: file.name.clone(), what },
        error => unreadable(file, error),
    })?;
    let xlsx: Xlsx<_> =
        unharmed(|| Xlsx::new(Cursor::new(file.bytes.clone()))).map_err(|error| unreadable(file, error))?;
    let worksheets = xlsx.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let sheets = worksheets.map(|sheet| {
        let scan::Sheet { shape, pivot, height } = scan.sheets.remove(&sheet.name).unwrap_or_default();
        let hidden = sheet.visible != SheetVisible::Visible;
        Sheet { info: SheetInfo { name: sheet.name.clone(), hidden, derived: pivot }, shape, height }
    });
    Ok(Workbook { file: file.name.clone(), sheets: sheets.collect(), epoch_1904: scan.epoch_1904, xlsx })
}

impl Workbook {
    pub(super) fn sheets(&self) -> Vec<SheetInfo> {
        self.sheets.iter().map(|sheet| sheet.info.clone()).collect()
    }

    pub(super) fn shape(&self, sheet: usize) -> Shape {
        self.sheets.get(sheet).map(|sheet| sheet.shape.clone()).unwrap_or_default()
    }

    pub(super) fn epoch_1904(&self) -> bool {
        self.epoch_1904
    }

    pub(super) fn height(&self, sheet: usize) -> Option<u64> {
        self.sheets.get(sheet).map(|sheet| sheet.height)
    }

    pub(super) fn walk(
        &mut self,
        sheet: usize,
        each: &mut dyn FnMut(u64, &mut Vec<Cell>) -> ControlFlow<()>,
    ) -> Result<(), FileError> {
        let Some(Sheet { info, .. }) = self.sheets.get(sheet) else { return Ok(()) };
        rows(&mut self.xlsx, &info.name, each).map_err(|stop| match stop {
            Stop::Unreadable(source) => {
                FileError::Unreadable { place: format!("{} [{}]", self.file, info.name), source: source.into() }
            }
            Stop::TooWide => FileError::TooLarge { file: self.file.clone(), what: TooMuch::Columns(MOST_COLUMNS) },
        })
    }
}

/// Why the rows of a sheet end before their time.
enum Stop {
    Unreadable(Unreadable),
    TooWide,
}

/// What a damaged workbook does to its reader.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(transparent)]
    Refused(#[from] XlsxError),
    #[error("its parts contradict each other")]
    Contradictory,
}

/// Reads, and takes a reader that gave up on contradictory parts for one that refused them.
fn unharmed<T>(read: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, Unreadable> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(read) => Ok(read?),
        Err(_) => Err(Unreadable::Contradictory),
    }
}

fn rows(
    xlsx: &mut Xlsx<Cursor<Bytes>>,
    sheet: &str,
    each: &mut dyn FnMut(u64, &mut Vec<Cell>) -> ControlFlow<()>,
) -> Result<(), Stop> {
    let mut cells = unharmed(|| xlsx.worksheet_cells_reader(sheet)).map_err(Stop::Unreadable)?;
    let mut row: Vec<Cell> = Vec::new();
    let mut number = 0;
    while let Some(cell) = unharmed(|| cells.next_cell()).map_err(Stop::Unreadable)? {
        let (at, column) = cell.get_position();
        let at = u64::from(at) + 1;
        if at != number {
            if each(number, &mut row).is_break() {
                return Ok(());
            }
            row.clear();
            number = at;
        }
        let value = value(cell.get_value());
        if !value.is_empty() {
            let column = column as usize;
            if column >= MOST_COLUMNS {
                return Err(Stop::TooWide);
            }
            row.resize(row.len().max(column + 1), Cell::Empty);
            row[column] = value;
        }
    }
    let _ = each(number, &mut row);
    Ok(())
}

fn value(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        #[expect(clippy::cast_precision_loss, reason = "a spreadsheet keeps fifteen digits anyway")]
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) => Cell::Text(kept(text)),
        DataRef::SharedString(text) => Cell::Text(kept(text)),
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
