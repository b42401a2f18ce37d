//! A file as sheets of cells.

mod csv;
mod json;
mod xlsx;

use std::ops::ControlFlow;

use bytes::Bytes;

use crate::cell::Cell;

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

/// Why a file cannot be taken at all. Nothing of it, and of the files handed in with it, was taken.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Neither its name nor its media type says what it is.
    #[error("{file} is neither XLSX, CSV nor JSON by its name or media type")]
    UnknownFormat {
        /// Its name.
        file: String,
    },
    /// An older workbook.
    #[error("{file} is an older workbook; save it as .xlsx")]
    OldWorkbook {
        /// Its name.
        file: String,
    },
    /// Text in another encoding.
    #[error("{file} is not UTF-8 but {found}; save it as CSV UTF-8")]
    Encoding {
        /// Its name.
        file: String,
        /// What it looks like.
        found: &'static str,
    },
    /// Not what it says it is.
    #[error("{file} cannot be read")]
    Unreadable {
        /// Its name.
        file: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// JSON of another shape.
    #[error("{file} is neither a JSON object, an array of objects, nor sheets of named ranges")]
    JsonShape {
        /// Its name.
        file: String,
    },
    /// No sheet has a header row that names known columns.
    #[error("no sheet of {file} has a header row; found {found:?}, accepted are {accepted:?}")]
    NoHeader {
        /// Its name.
        file: String,
        /// The first row of each sheet.
        found: Vec<String>,
        /// The columns' names.
        accepted: Vec<&'static str>,
    },
    /// Columns that are needed are not there.
    #[error("{place} has no column {missing:?}; found {found:?}, accepted are {accepted:?}")]
    MissingColumns {
        /// The file and the sheet.
        place: String,
        /// The names of what is missing.
        missing: Vec<&'static str>,
        /// The header.
        found: Vec<String>,
        /// The columns' names.
        accepted: Vec<&'static str>,
    },
    /// Two columns of one sheet mean the same.
    #[error("{place} has {column} twice: {found:?}")]
    TwiceTheSame {
        /// The file and the sheet.
        place: String,
        /// The column.
        column: &'static str,
        /// The headers that name it.
        found: Vec<String>,
    },
}

impl FileError {
    /// Returns the code, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            FileError::UnknownFormat { .. } => "unknown_format",
            FileError::OldWorkbook { .. } => "old_workbook",
            FileError::Encoding { .. } => "encoding",
            FileError::Unreadable { .. } => "unreadable_file",
            FileError::JsonShape { .. } => "json_shape",
            FileError::NoHeader { .. } => "no_header",
            FileError::MissingColumns { .. } => "missing_columns",
            FileError::TwiceTheSame { .. } => "column_twice",
        }
    }

    /// Returns the sentence in Chinese.
    pub fn chinese(&self) -> String {
        let list = |names: &[&str]| names.join("、");
        match self {
            FileError::UnknownFormat { file } => {
                format!("{file}：从文件名和类型看不出是 XLSX、CSV 还是 JSON")
            }
            FileError::OldWorkbook { file } => format!("{file}：旧版工作簿，请另存为 .xlsx"),
            FileError::Encoding { file, found } => {
                format!("{file}：编码不是 UTF-8，而是 {found}；请另存为“CSV UTF-8”")
            }
            FileError::Unreadable { file, source } => format!("{file}：无法读取：{source}"),
            FileError::JsonShape { file } => {
                format!("{file}：不是 JSON 对象、对象数组，也不是带区域名的工作表")
            }
            FileError::NoHeader { file, found, accepted } => {
                format!("{file}：没有可识别的表头；找到：{}；可识别：{}", found.join("、"), list(accepted))
            }
            FileError::MissingColumns { place, missing, found, accepted } => {
                format!("{place}：缺少列 {}；找到：{}；可识别：{}", list(missing), found.join("、"), list(accepted))
            }
            FileError::TwiceTheSame { place, column, found } => {
                format!("{place}：“{column}”出现两次：{}", found.join("、"))
            }
        }
    }
}

/// An open file.
pub(crate) enum Table {
    Xlsx(Box<xlsx::Workbook>),
    Csv(csv::Text),
    Json(Vec<json::Sheet>),
}

impl Table {
    /// Opens a file: its name says what it is, and where that says nothing, its media type.
    pub(crate) fn open(file: &File) -> Result<Table, FileError> {
        match format(file)? {
            Format::Xlsx => xlsx::open(file).map(Box::new).map(Table::Xlsx),
            Format::Csv => csv::open(file).map(Table::Csv),
            Format::Json => json::open(file).map(Table::Json),
        }
    }

    /// Returns the names of the sheets; a file that has none is one sheet without a name.
    pub(crate) fn sheets(&self) -> Vec<String> {
        match self {
            Table::Xlsx(workbook) => workbook.sheets(),
            Table::Csv(_) => vec![String::new()],
            Table::Json(sheets) => sheets.iter().map(|sheet| sheet.name.clone()).collect(),
        }
    }

    /// Returns the number of the last row of a sheet, as far as the file says it.
    pub(crate) fn height(&mut self, sheet: usize) -> Option<u64> {
        match self {
            Table::Xlsx(workbook) => workbook.height(sheet),
            Table::Csv(_) => None,
            Table::Json(sheets) => sheets.get(sheet)?.rows.last().map(|(row, _)| *row),
        }
    }

    /// Shows each row that is not empty, with its number as a spreadsheet counts, until `each` breaks off.
    pub(crate) fn walk(
        &mut self,
        sheet: usize,
        mut each: impl FnMut(u64, &[Cell]) -> ControlFlow<()>,
    ) -> Result<(), FileError> {
        let mut each = |row: u64, cells: &[Cell]| {
            if cells.iter().all(Cell::is_empty) { ControlFlow::Continue(()) } else { each(row, cells) }
        };
        match self {
            Table::Xlsx(workbook) => workbook.walk(sheet, &mut each),
            Table::Csv(text) => text.walk(&mut each),
            Table::Json(sheets) => {
                let rows = sheets.get(sheet).into_iter().flat_map(|sheet| &sheet.rows);
                let mut rows = rows.map(|(row, cells)| each(*row, cells));
                let _ = rows.try_for_each(|step| step);
                Ok(())
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
    let name = file.name.to_lowercase();
    let media_type = file.media_type.as_deref().unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "xlsx" | "xlsm" => return Ok(Format::Xlsx),
        "csv" => return Ok(Format::Csv),
        "json" => return Ok(Format::Json),
        "xls" | "et" => return Err(FileError::OldWorkbook { file: file.name.clone() }),
        _ => {}
    }
    match media_type.as_str() {
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Ok(Format::Xlsx),
        "text/csv" => Ok(Format::Csv),
        "application/json" => Ok(Format::Json),
        "application/vnd.ms-excel" => Err(FileError::OldWorkbook { file: file.name.clone() }),
        _ => Err(FileError::UnknownFormat { file: file.name.clone() }),
    }
}

fn unreadable(file: &File, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> FileError {
    FileError::Unreadable { file: file.name.clone(), source: source.into() }
}
