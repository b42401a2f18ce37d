//! Why a file cannot be taken.

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
    /// A workbook that opens only with a password.
    #[error("{file} is protected by a password; take the password off and hand it in again")]
    Password {
        /// Its name.
        file: String,
    },
    /// A web page under the name of a workbook.
    #[error("{file} is a web page under the name of a workbook; open it and save it as .xlsx")]
    WebPage {
        /// Its name.
        file: String,
    },
    /// Larger, once unpacked, than any table people keep.
    #[error("{file} is too large to be read: {what}")]
    TooLarge {
        /// Its name.
        file: String,
        /// What there is too much of.
        what: TooMuch,
    },
    /// Text in another encoding.
    #[error("{file} is neither UTF-8 nor GB 18030 but {found}; save it as CSV UTF-8")]
    Encoding {
        /// Its name.
        file: String,
        /// What it looks like.
        found: &'static str,
    },
    /// A quotation mark that is never closed: everything behind it would be one cell.
    #[error("{file} row {row}: a quotation mark opens a cell and is never closed")]
    OpenQuote {
        /// Its name.
        file: String,
        /// The row it stands in.
        row: u64,
    },
    /// Not what it says it is.
    #[error("{place} is damaged, cut off or not what it is called, and cannot be read")]
    Unreadable {
        /// The file, and the sheet where it is known.
        place: String,
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

/// What there is too much of in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooMuch {
    /// More than this many mebibytes once unpacked.
    Unpacked(u64),
    /// More than this many rows in a sheet.
    Rows(u64),
    /// More than this many columns in a sheet.
    Columns(usize),
    /// More than this many merged cells.
    Merges(usize),
}

impl std::fmt::Display for TooMuch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TooMuch::Unpacked(most) => write!(f, "more than {most} MiB once unpacked"),
            TooMuch::Rows(most) => write!(f, "more than {most} rows"),
            TooMuch::Columns(most) => write!(f, "more than {most} columns"),
            TooMuch::Merges(most) => write!(f, "more than {most} merged cells"),
        }
    }
}

impl TooMuch {
    fn chinese(self) -> String {
        match self {
            TooMuch::Unpacked(most) => format!("解压后超过 {most} MiB"),
            TooMuch::Rows(most) => format!("超过 {most} 行"),
            TooMuch::Columns(most) => format!("超过 {most} 列"),
            TooMuch::Merges(most) => format!("合并单元格超过 {most} 处"),
        }
    }
}

impl FileError {
    /// Returns the code, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            FileError::UnknownFormat { .. } => "unknown_format",
            FileError::OldWorkbook { .. } => "old_workbook",
            FileError::Password { .. } => "password_protected",
            FileError::WebPage { .. } => "web_page",
            FileError::TooLarge { .. } => "file_too_large",
            FileError::Encoding { .. } => "encoding",
            FileError::OpenQuote { .. } => "open_quote",
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
            FileError::Password { file } => format!("{file}：工作簿有密码保护，请取消密码后再报"),
            FileError::WebPage { file } => {
                format!("{file}：实为网页，只是用了工作簿的名字，请打开后另存为 .xlsx")
            }
            FileError::TooLarge { file, what } => format!("{file}：文件过大，无法读取：{}", what.chinese()),
            FileError::Encoding { file, found } => {
                format!("{file}：编码既不是 UTF-8 也不是 GB 18030，而是 {found}；请另存为“CSV UTF-8”")
            }
            FileError::OpenQuote { file, row } => format!("{file}：第 {row} 行的引号没有配对"),
            FileError::Unreadable { place, source } => {
                format!("{place}：文件损坏、不完整或不是所称的格式，无法读取（{source}）")
            }
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
