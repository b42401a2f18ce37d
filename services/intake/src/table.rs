//! A file as sheets of cells.

mod csv;
mod error;
mod json;
mod shape;
mod xlsx;

use std::ops::ControlFlow;

use bytes::Bytes;

use crate::cell::Cell;

pub use error::{FileError, TooMuch};
pub(crate) use shape::{Merge, Shape};

/// A file as it was handed in.
#[derive(Clone, Debug)]
pub struct File {
    /// Its name; empty when it has none.
    pub name: String,
    /// Its media type, if the sender says one.
    pub media_type: Option<String>,
    /// What is in it.
    pub bytes: Bytes,
}

/// An open file.
pub(crate) enum Table {
    Xlsx(Box<xlsx::Workbook>),
    Csv(csv::Text),
    Json(Vec<json::Sheet>),
}

/// A sheet of an open file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SheetInfo {
    /// Its name; a file that has no sheets is one without a name.
    pub(crate) name: String,
    /// Whether whoever opens the file does not see it.
    pub(crate) hidden: bool,
    /// Whether what stands there is computed from other sheets: a pivot table.
    pub(crate) derived: bool,
}

/// A row of a sheet in which something stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    /// Its number, as a spreadsheet counts.
    pub(crate) row: u64,
    /// Its cells. Where cells are merged down a column, what stands in the first stands in every row.
    pub(crate) cells: &'a [Cell],
    /// How many of them hold something of this row's own.
    pub(crate) own: usize,
    /// Whether whoever opens the file does not see it.
    pub(crate) hidden: bool,
}

impl Table {
    /// Opens a file: what it begins with says what it is, then its name, then its media type.
    pub(crate) fn open(file: &File) -> Result<Table, FileError> {
        match format(file)? {
            Format::Xlsx => xlsx::open(file).map(Box::new).map(Table::Xlsx),
            Format::Csv => csv::open(file).map(Table::Csv),
            Format::Json => json::open(file).map(Table::Json),
        }
    }

    /// Returns the sheets.
    pub(crate) fn sheets(&self) -> Vec<SheetInfo> {
        match self {
            Table::Xlsx(workbook) => workbook.sheets(),
            Table::Csv(_) => vec![SheetInfo::default()],
            Table::Json(sheets) => {
                sheets.iter().map(|sheet| SheetInfo { name: sheet.name.clone(), ..SheetInfo::default() }).collect()
            }
        }
    }

    /// Returns what a sheet says about its rows.
    pub(crate) fn shape(&self, sheet: usize) -> Shape {
        match self {
            Table::Xlsx(workbook) => workbook.shape(sheet),
            Table::Csv(_) | Table::Json(_) => Shape::default(),
        }
    }

    /// Returns whether a day that is a mere number counts from 1904.
    pub(crate) fn epoch_1904(&self) -> bool {
        matches!(self, Table::Xlsx(workbook) if workbook.epoch_1904())
    }

    /// Returns the number of the last row of a sheet, as far as the file says it.
    pub(crate) fn height(&self, sheet: usize) -> Option<u64> {
        match self {
            Table::Xlsx(workbook) => workbook.height(sheet),
            Table::Csv(_) => None,
            Table::Json(sheets) => sheets.get(sheet)?.rows.last().map(|(row, _)| *row),
        }
    }

    /// Shows each row in which something stands, until `each` breaks off.
    pub(crate) fn walk(
        &mut self,
        sheet: usize,
        mut each: impl FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<(), FileError> {
        let shape = self.shape(sheet);
        let mut held = Held::default();
        let mut each = |row: u64, cells: &mut Vec<Cell>| {
            let own = cells.iter().filter(|cell| !cell.is_empty()).count();
            if own == 0 {
                return ControlFlow::Continue(());
            }
            held.fill(&shape, row, cells);
            each(Line { row, cells, own, hidden: shape.hides(row) })
        };
        match self {
            Table::Xlsx(workbook) => workbook.walk(sheet, &mut each),
            Table::Csv(text) => text.walk(&mut each),
            Table::Json(sheets) => {
                let rows = sheets.get(sheet).into_iter().flat_map(|sheet| &sheet.rows);
                let mut rows = rows.map(|(row, cells)| each(*row, &mut cells.clone()));
                let _ = rows.try_for_each(|step| step);
                Ok(())
            }
        }
    }
}

/// What stands in cells merged down a column, for as long as they last.
#[derive(Default)]
struct Held(Vec<(Merge, Cell)>);

impl Held {
    fn fill(&mut self, shape: &Shape, row: u64, cells: &mut Vec<Cell>) {
        self.0.retain(|(merge, _)| (merge.first_row..=merge.last_row).contains(&row));
        for (merge, value) in &self.0 {
            if cells.len() <= merge.first_column {
                cells.resize(merge.first_column + 1, Cell::Empty);
            }
            if cells[merge.first_column].is_empty() {
                cells[merge.first_column] = value.clone();
            }
        }
        for merge in shape.begin_in(row).iter().filter(|merge| merge.is_high()) {
            if let Some(value) = cells.get(merge.first_column).filter(|cell| !cell.is_empty()) {
                self.0.push((*merge, value.clone()));
            }
        }
    }
}

enum Format {
    Xlsx,
    Csv,
    Json,
}

fn format(file: &File) -> Result<Format, FileError> {
    let named = || file.name.clone();
    let name = file.name.to_lowercase();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    match beginning(&file.bytes) {
        Some(Beginning::Archive) if extension != "json" => return Ok(Format::Xlsx),
        Some(Beginning::Compound { encrypted: true }) => return Err(FileError::Password { file: named() }),
        Some(Beginning::Compound { encrypted: false }) => return Err(FileError::OldWorkbook { file: named() }),
        Some(Beginning::WebPage) => return Err(FileError::WebPage { file: named() }),
        Some(Beginning::Archive) | None => {}
    }
    match extension {
        "xlsx" | "xlsm" => return Ok(Format::Xlsx),
        "csv" | "tsv" | "txt" => return Ok(Format::Csv),
        "json" => return Ok(Format::Json),
        // Many programs write text under the name of a workbook.
        "xls" if file.bytes.contains(&b'\t') || file.bytes.contains(&b',') => return Ok(Format::Csv),
        "xls" | "et" => return Err(FileError::OldWorkbook { file: named() }),
        _ => {}
    }
    let media_type = file.media_type.as_deref().unwrap_or_default();
    match media_type.split(';').next().unwrap_or_default().trim().to_lowercase().as_str() {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Ok(Format::Xlsx),
        "text/csv" | "text/tab-separated-values" => Ok(Format::Csv),
        "application/json" => Ok(Format::Json),
        "application/vnd.ms-excel" => Err(FileError::OldWorkbook { file: named() }),
        _ => Err(FileError::UnknownFormat { file: named() }),
    }
}

/// What the first bytes of a file say it is.
enum Beginning {
    Archive,
    /// An older workbook, or the envelope around one with a password.
    Compound {
        encrypted: bool,
    },
    WebPage,
}

fn beginning(bytes: &[u8]) -> Option<Beginning> {
    if bytes.starts_with(b"PK\x03\x04") {
        return Some(Beginning::Archive);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        let wide: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let encrypted = bytes.windows(wide.len()).any(|window| window == wide);
        return Some(Beginning::Compound { encrypted });
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let text = text.get(..15.min(text.len()))?.to_ascii_lowercase();
    let is_page = [&b"<html"[..], b"<!doctype html", b"<table", b"<meta"].iter().any(|tag| text.starts_with(tag));
    is_page.then_some(Beginning::WebPage)
}

fn unreadable(file: &File, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> FileError {
    FileError::Unreadable { place: file.name.clone(), source: source.into() }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _, Write as _};

    use zip::write::SimpleFileOptions;
    use zip::{ZipArchive, ZipWriter};

    use super::*;

    fn file(name: &str, bytes: impl Into<Bytes>) -> File {
        File { name: name.to_owned(), media_type: None, bytes: bytes.into() }
    }

    /// Reads whatever can be read of a file.
    fn read(file: &File) -> Result<u64, FileError> {
        let mut table = Table::open(file)?;
        let mut rows = 0;
        for sheet in 0..table.sheets().len() {
            table.walk(sheet, |line| {
                rows += line.own as u64;
                ControlFlow::Continue(())
            })?;
        }
        Ok(rows)
    }

    fn workbook() -> Vec<u8> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for row in 0..4 {
            sheet.write(row, 0, row).unwrap();
            sheet.write(row, 1, format!("漏雨{row}")).unwrap();
        }
        sheet.merge_range(5, 0, 7, 1, "备注", &rust_xlsxwriter::Format::new()).unwrap();
        sheet.set_row_hidden(2).unwrap();
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn a_workbook_tells_its_hidden_rows_and_merged_cells() {
        let table = Table::open(&file("a.xlsx", workbook())).unwrap();
        let shape = table.shape(0);
        assert_eq!(shape.hidden, [(3, 3)]);
        assert_eq!(shape.merges, [Merge { first_row: 6, last_row: 8, first_column: 0, last_column: 1 }]);
        assert_eq!(read(&file("a.xlsx", workbook())).unwrap(), 9);
    }

    #[test]
    fn numbers_that_the_reader_takes_on_trust_are_looked_at() {
        let mut whole = ZipArchive::new(Cursor::new(workbook())).unwrap();
        for (part, said, lie) in [
            ("xl/sharedStrings.xml", "uniqueCount=\"5\"", "uniqueCount=\"9999999999999\""),
            ("xl/worksheets/sheet1.xml", "r=\"A1\"", "r=\"AAAAAAAAAAAA1\""),
            ("xl/worksheets/sheet1.xml", "ref=\"A1:B8\"", "ref=\"B8:A1\""),
            ("xl/worksheets/sheet1.xml", "<row r=\"2\"", "<row r=\"99999999999\""),
        ] {
            let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
            for index in 0..whole.len() {
                let mut entry = whole.by_index(index).unwrap();
                let name = entry.name().unwrap().into_owned();
                let mut content = String::new();
                entry.read_to_string(&mut content).unwrap();
                if name == part {
                    assert!(content.contains(said), "{content}");
                    content = content.replace(said, lie);
                }
                copy.start_file(name, SimpleFileOptions::default()).unwrap();
                copy.write_all(content.as_bytes()).unwrap();
            }
            let error = read(&file("a.xlsx", copy.finish().unwrap().into_inner())).unwrap_err();
            assert!(["unreadable_file", "file_too_large"].contains(&error.code()), "{part}: {error}");
        }
    }
}
