//! The sender's own workbook with what is wrong beside the cells, to be corrected there and handed in again.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use rust_xlsxwriter::{Color, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::cell::Cell;
use crate::header::{self, Header, REMARKS, Wanted};
use crate::mapping::Mappings;
use crate::report::{Language, Place, Report, RowError};
use crate::table::{File, FileError, Line, Merge, Shape, SheetInfo, Table};

/// Why the workbook cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ErrorsError {
    /// A file that cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A sheet that a workbook cannot hold: a longer text or more rows than it has room for.
    #[error("what was handed in does not fit into a workbook")]
    DoesNotFit(#[from] XlsxError),
}

impl ErrorsError {
    /// Returns the sentence in Chinese.
    pub fn chinese(&self) -> String {
        match self {
            ErrorsError::File(error) => error.chinese(),
            ErrorsError::DoesNotFit(error) => format!("报送的内容放不进一个工作簿：{error}"),
        }
    }
}

/// What a cell is filled with for which its row was refused, and one that is only to be looked at.
const RED: u32 = 0x00FF_C7CE;
const YELLOW: u32 = 0x00FF_EB9C;

/// How wide a column may get, in characters.
const WIDEST: usize = 48;

/// Returns the files as one workbook: every row where the sender put it, the cells that are wrong filled, and in a column
/// of its own what is wrong with them. That column is passed over when the workbook is handed in.
pub fn workbook(
    wanted: &Wanted,
    files: &[File],
    mappings: &Mappings,
    report: &Report,
    language: Language,
) -> Result<Vec<u8>, ErrorsError> {
    let mut book = Workbook::new();
    let mut names = Vec::new();
    for file in files {
        let mut table = Table::open(file)?;
        for (index, info) in table.sheets().into_iter().enumerate() {
            if info.derived {
                continue;
            }
            let header = header::find(&mut table, index, wanted, mappings)?.ok();
            let marks = Marks::of(report, &file.name, &info.name, header.as_ref(), language);
            let copy = Copy { table: &mut table, index, info: &info, header: header.as_ref(), marks };
            let name = named(&mut names, file, &info, files.len() > 1);
            copy.onto(book.add_worksheet().set_name(name)?)?;
        }
    }
    Ok(book.save_to_buffer()?)
}

/// Returns a name for a sheet that is its own, and that of the file where there are several.
fn named(names: &mut Vec<String>, file: &File, info: &SheetInfo, several: bool) -> String {
    let stem = file.name.rsplit_once('.').map_or(file.name.as_str(), |(stem, _)| stem);
    let whole = match (info.name.as_str(), several) {
        ("", _) => stem.to_owned(),
        (sheet, false) => sheet.to_owned(),
        (sheet, true) => format!("{stem} {sheet}"),
    };
    let plain: String =
        whole.chars().map(|c| if "[]:*?/\\'".contains(c) || c.is_control() { ' ' } else { c }).collect();
    let plain = if plain.trim().is_empty() { "Sheet".to_owned() } else { plain.trim().to_owned() };
    for again in 1.. {
        let mark = if again == 1 { String::new() } else { format!(" {again}") };
        let room = 31_usize.saturating_sub(mark.len());
        let name = format!("{}{mark}", plain.chars().take(room).collect::<String>());
        if !names.contains(&name.to_lowercase()) {
            names.push(name.to_lowercase());
            return name;
        }
    }
    plain
}

/// What is wrong in one sheet.
struct Marks {
    /// By row: which cells, whether the row was refused for it, and what to say.
    rows: BTreeMap<u64, RowMarks>,
    language: Language,
}

#[derive(Default)]
struct RowMarks {
    /// The cells, and whether the row was refused for them.
    cells: BTreeMap<usize, bool>,
    said: Vec<String>,
    refused: bool,
}

impl Marks {
    fn of(report: &Report, file: &str, sheet: &str, header: Option<&Header>, language: Language) -> Marks {
        let mut marks = Marks { rows: BTreeMap::new(), language };
        let refused = report.refused.iter().map(|error| (error, true));
        for (error, refused) in refused.chain(report.warnings.iter().map(|error| (error, false))) {
            let RowError { place: Place { file: in_file, sheet: in_sheet, row }, column, value, reason } = error;
            if in_file != file || in_sheet != sheet {
                continue;
            }
            let mark = marks.rows.entry(*row).or_default();
            let column_of = |header: &Header| header.names.iter().position(|name| name == column && !name.is_empty());
            if let Some(at) = header.and_then(column_of) {
                *mark.cells.entry(at).or_default() |= refused;
            }
            mark.refused |= refused;
            let reason = match language {
                Language::Chinese => reason.chinese(),
                Language::English => reason.english(),
            };
            let said = [column.as_str(), value.as_str()].into_iter().filter(|text| !text.is_empty());
            let said = said.chain([reason.as_str()]).collect::<Vec<_>>().join("：");
            let remark = match (refused, language) {
                (true, _) => said,
                (false, Language::Chinese) => format!("（提示）{said}"),
                (false, Language::English) => format!("(remark) {said}"),
            };
            mark.said.push(remark);
        }
        marks
    }
}

/// A sheet on its way into the workbook.
struct Copy<'a> {
    table: &'a mut Table,
    index: usize,
    info: &'a SheetInfo,
    header: Option<&'a Header>,
    marks: Marks,
}

impl Copy<'_> {
    fn onto(self, sheet: &mut Worksheet) -> Result<(), ErrorsError> {
        let Copy { table, index, info, header, marks } = self;
        let shape = table.shape(index);
        // A JSON file has no row for its header, which is its row 0.
        let down = u64::from(header.is_some_and(|header| header.row == 0));
        let remarks = remarks_column(table, index, header)?;
        let mut paper = Paper {
            sheet,
            header,
            marks,
            shape,
            down,
            remarks,
            reaching: Vec::new(),
            begun: 0,
            widths: Vec::new(),
            last: 0,
        };
        paper.merge();
        let mut failed = None;
        table.walk(index, |line| match paper.line(line) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        })?;
        failed.map_or(Ok(()), Err)?;
        paper.finish(info.hidden)?;
        Ok(())
    }
}

/// Returns where the remarks stand: where they stood before, or else beside everything.
fn remarks_column(table: &mut Table, index: usize, header: Option<&Header>) -> Result<Option<usize>, FileError> {
    let Some(header) = header else { return Ok(None) };
    if let Some(before) = header.names.iter().position(|name| header::is_remarks(name)) {
        return Ok(Some(before));
    }
    let mut widest = header.names.len();
    table.walk(index, |line| {
        let filled = line.cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
        widest = widest.max(filled);
        ControlFlow::Continue(())
    })?;
    Ok(Some(widest))
}

/// A sheet that is being written.
struct Paper<'a> {
    sheet: &'a mut Worksheet,
    header: Option<&'a Header>,
    marks: Marks,
    shape: Shape,
    down: u64,
    remarks: Option<usize>,
    /// Merged cells that reach into the row that is being written, and how many have begun by now.
    reaching: Vec<Merge>,
    begun: usize,
    /// How wide the texts of each column are.
    widths: Vec<usize>,
    last: u32,
}

impl Paper<'_> {
    /// Merges what the sender merged. What cannot be merged, for it overlaps, is left apart.
    fn merge(&mut self) {
        for merge in self.shape.merges.clone() {
            let rows = [merge.first_row, merge.last_row].map(|row| self.row(row));
            let columns = [merge.first_column, merge.last_column].map(column);
            if let ([Some(first), Some(last)], [Some(left), Some(right)]) = (rows, columns) {
                let format = Format::new().set_align(FormatAlign::VerticalCenter).set_text_wrap();
                let _ = self.sheet.merge_range(first, left, last, right, "", &format);
            }
        }
    }

    fn row(&self, row: u64) -> Option<u32> {
        u32::try_from((row + self.down).checked_sub(1)?).ok()
    }

    fn line(&mut self, line: Line<'_>) -> Result<(), XlsxError> {
        let Line { row, cells, hidden, .. } = line;
        let Some(at) = self.row(row) else { return Ok(()) };
        self.reach(row);
        self.last = self.last.max(at);
        let is_header = self.header.is_some_and(|header| row == header.row);
        let marked = self.marks.rows.remove(&row);
        let wrong = marked.iter().flat_map(|marked| marked.cells.keys()).max().map_or(0, |last| last + 1);
        for place in 0..cells.len().max(wrong) {
            let Some(across) = column(place).filter(|_| !self.is_covered(row, place) && self.remarks != Some(place))
            else {
                continue;
            };
            let cell = cells.get(place).unwrap_or(&Cell::Empty);
            let mut format = Format::new().set_align(FormatAlign::Top).set_text_wrap();
            if self.header.is_some_and(|header| row <= header.row) {
                format = format.set_bold();
            }
            match marked.as_ref().and_then(|marked| marked.cells.get(&place)) {
                Some(true) => format = format.set_background_color(Color::RGB(RED)),
                Some(false) => format = format.set_background_color(Color::RGB(YELLOW)),
                None if cell.is_empty() => continue,
                None => {}
            }
            write(self.sheet, at, across, cell, format)?;
            let wide = cell.text().lines().map(columns_of).max().unwrap_or_default();
            self.widen(place, wide);
        }
        if let Some(marked) = &marked {
            self.mark(at, marked)?;
        } else if hidden {
            self.sheet.set_row_hidden(at)?;
        }
        if let (true, Some(remarks)) = (is_header, self.remarks.and_then(column)) {
            let name = match self.marks.language {
                Language::Chinese => REMARKS[0],
                Language::English => REMARKS[1],
            };
            let format = Format::new().set_bold().set_background_color(Color::RGB(YELLOW)).set_align(FormatAlign::Top);
            self.sheet.write_with_format(at, remarks, name, &format)?;
        }
        Ok(())
    }

    /// Says what is wrong with a row.
    fn mark(&mut self, at: u32, marked: &RowMarks) -> Result<(), XlsxError> {
        let Some(remarks) = self.remarks.and_then(column) else { return Ok(()) };
        let format = Format::new().set_text_wrap().set_align(FormatAlign::Top);
        let format = if marked.refused { format.set_font_color(Color::RGB(0x009C_0006)) } else { format };
        self.sheet.write_with_format(at, remarks, marked.said.join("\n"), &format)?;
        Ok(())
    }

    /// Keeps the merged cells that reach into a row; rows come in order.
    fn reach(&mut self, row: u64) {
        self.reaching.retain(|merge| merge.last_row >= row);
        while let Some(merge) = self.shape.merges.get(self.begun).filter(|merge| merge.first_row <= row) {
            if merge.last_row >= row {
                self.reaching.push(*merge);
            }
            self.begun += 1;
        }
    }

    /// Returns whether a cell is covered by one merged over it: what is seen there stands elsewhere.
    fn is_covered(&self, row: u64, column: usize) -> bool {
        self.reaching.iter().any(|merge| {
            (merge.first_column..=merge.last_column).contains(&column)
                && (merge.first_row, merge.first_column) != (row, column)
        })
    }

    fn widen(&mut self, place: usize, wide: usize) {
        if self.widths.len() <= place {
            self.widths.resize(place + 1, 0);
        }
        // A title runs across the table, and is not what its column is wide for.
        if wide <= WIDEST * 2 {
            self.widths[place] = self.widths[place].max(wide);
        }
    }

    fn finish(self, hidden: bool) -> Result<(), XlsxError> {
        for (place, wide) in self.widths.iter().enumerate() {
            if let Some(across) = column(place) {
                #[expect(clippy::cast_precision_loss, reason = "at most a hundred")]
                self.sheet.set_column_width(across, (*wide).clamp(8, WIDEST) as f64 + 2.0)?;
            }
        }
        if hidden {
            self.sheet.set_hidden(true);
        }
        let (Some(header), Some(remarks)) = (self.header, self.remarks.and_then(column)) else { return Ok(()) };
        self.sheet.set_column_width(remarks, 60)?;
        if let Some(at) = self.row(header.row) {
            self.sheet.set_freeze_panes(at + 1, 0)?;
            if self.last > at {
                self.sheet.autofilter(at, 0, self.last, remarks)?;
            }
        }
        Ok(())
    }
}

fn write(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, format: Format) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => sheet.write_blank(row, column, &format)?,
        Cell::Text(text) | Cell::Broken(text) => sheet.write_string_with_format(row, column, text, &format)?,
        Cell::Number(number) => sheet.write_number_with_format(row, column, *number, &format)?,
        Cell::Flag(flag) => sheet.write_boolean_with_format(row, column, *flag, &format)?,
        Cell::Moment(at) => {
            let midnight = at.time() == chrono::NaiveTime::MIN;
            let format = format.set_num_format(if midnight { "yyyy-mm-dd" } else { "yyyy-mm-dd hh:mm:ss" });
            sheet.write_datetime_with_format(row, column, at, &format)?
        }
    };
    Ok(())
}

fn column(place: usize) -> Option<u16> {
    u16::try_from(place).ok()
}

/// Returns how wide a text stands: a Chinese character twice as wide as a letter.
fn columns_of(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}
