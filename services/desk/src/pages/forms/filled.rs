//! A superior's form with our rows under its headings: its titles, widths and styles stay as they are.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use chrono::NaiveDate;
use rectify_accounts::Filling;
use rectify_intake::Unit;
use serde::{Deserialize, Serialize};
use umya_spreadsheet::{Row, Style, Workbook, Worksheet, XlsxError, reader, writer};

use crate::pages::workbook::{Cell, LONGEST, as_number};

/// What a day is written as where the form says nothing.
const DAY: &str = "yyyy-mm-dd";

/// The column of the number of the row (序号), which no case has.
pub(super) const ORDINAL: &str = "ordinal";

/// What stands under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Bound {
    /// The column of the form, counted from 0.
    pub(super) place: usize,
    /// Our column.
    pub(super) column: String,
    /// The unit of its amounts of money; yuan where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<Unit>,
}

/// What is written into a cell.
pub(super) enum Value {
    Nothing,
    Text(String),
    Number(f64),
    Day(NaiveDate),
}

impl Bound {
    /// Returns what is written under the heading, of the row with a number.
    pub(super) fn value(&self, cell: Option<Cell>, number: usize) -> Value {
        match cell {
            None if self.column == ORDINAL => Value::Number(as_number(u64::try_from(number).unwrap_or(0))),
            Some(Cell::Text(text)) if !text.is_empty() => Value::Text(text),
            Some(Cell::Day(Some(day))) => Value::Day(day),
            Some(Cell::Count(Some(count))) => Value::Number(as_number(count)),
            Some(Cell::Money(Some(fen))) => Value::Number(as_number(fen) / self.fen()),
            _ => Value::Nothing,
        }
    }

    /// Returns how many 分 there are in the unit that the form counts money in.
    fn fen(&self) -> f64 {
        match self.unit.unwrap_or(Unit::Yuan) {
            Unit::Yuan => 1e2,
            Unit::Thousand => 1e5,
            Unit::TenThousand => 1e6,
            Unit::Million => 1e8,
            Unit::HundredMillion => 1e10,
        }
    }
}

/// Why a form cannot be filled in.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unfit {
    /// Its reader refuses it.
    #[error(transparent)]
    Unreadable(#[from] XlsxError),
    /// Its reader gave up on contradictory parts.
    #[error("its parts contradict each other")]
    Contradictory,
    /// Days count from 1904 in it.
    #[error("its days count from 1904")]
    Counts1904,
}

/// Writes rows into a form. What comes of a damaged one is an error too.
pub(super) fn fill(form: &[u8], filling: &Filling, places: &[usize], rows: &[Vec<Value>]) -> Result<Vec<u8>, Unfit> {
    let filled = catch_unwind(AssertUnwindSafe(|| {
        let mut book = reader::xlsx::read_reader(Cursor::new(form), true)?;
        if book.date1904() {
            return Err(Unfit::Counts1904);
        }
        write(&mut book, filling, places, rows)?;
        let mut bytes = Vec::new();
        writer::xlsx::write_writer(&book, &mut bytes)?;
        Ok(bytes)
    }));
    filled.unwrap_or(Err(Unfit::Contradictory))
}

fn write(book: &mut Workbook, filling: &Filling, places: &[usize], rows: &[Vec<Value>]) -> Result<(), XlsxError> {
    let (first, wanted) = (filling.first, u32::try_from(rows.len()).unwrap_or(u32::MAX));
    let room = room(book.sheet_by_name(&filling.sheet)?, first);
    if let Some(room) = room.filter(|room| *room < wanted) {
        // Within the empty rows, so that what holds for all of them holds for the new ones.
        let at = if room > 1 { first + 1 } else { first + room };
        book.insert_new_row(&filling.sheet, at, wanted - room);
    }
    let sheet = book.sheet_by_name_mut(&filling.sheet)?;
    let has_style = room != Some(0);
    let (width, _) = sheet.highest_column_and_row();
    let styles: Vec<Style> = (1..=width).map(|column| sheet.style((column, first)).clone()).collect();
    let height = sheet.row_dimension(first).filter(|row| row.custom_height()).map(Row::height);
    for (row, values) in (first..).zip(rows) {
        if has_style && row > first {
            for (column, style) in (1..).zip(&styles) {
                sheet.cell_mut((column, row)).set_style(style.clone());
            }
            if let Some(height) = height {
                sheet.row_dimension_mut(row).set_height(height);
            }
        }
        for (place, value) in places.iter().zip(values) {
            put(sheet, u32::try_from(*place).unwrap_or(u32::MAX).saturating_add(1), row, value);
        }
    }
    Ok(())
}

/// Returns how many empty rows there are from the first on, before something stands there that is no number: a line for
/// signatures. None where nothing does.
fn room(sheet: &Worksheet, first: u32) -> Option<u32> {
    let (_, last) = sheet.highest_column_and_row();
    let says = |row: &u32| {
        let cells = sheet.collection_by_row(*row);
        cells
            .into_iter()
            .any(|cell| cell.is_formula() || (!cell.value().trim().is_empty() && cell.value_number().is_none()))
    };
    (first..=last).find(says).map(|row| row - first)
}

fn put(sheet: &mut Worksheet, column: u32, row: u32, value: &Value) {
    let cell = sheet.cell_mut((column, row));
    match value {
        Value::Nothing => {
            cell.set_blank();
        }
        // Always as a text: what looks like a formula stays what it says.
        Value::Text(text) => {
            cell.set_value_string(writable(text));
        }
        Value::Number(number) => {
            cell.set_value_number(*number);
        }
        Value::Day(day) => {
            let shown =
                cell.style().number_format().is_some_and(|format| format.format_code().contains(['y', 'Y', 'd']));
            cell.set_value_number(serial(*day));
            if !shown {
                cell.style_mut().number_format_mut().set_format_code(DAY);
            }
        }
    }
}

/// Returns a text as a workbook can hold it.
fn writable(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    kept.filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).take(LONGEST).collect()
}

/// Returns a day as spreadsheets count it.
fn serial(day: NaiveDate) -> f64 {
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).expect("it is a day");
    let days = i32::try_from(day.signed_duration_since(epoch).num_days()).unwrap_or(0);
    f64::from(days)
}

#[cfg(test)]
mod tests {
    use rectify_intake::plain;
    use rectify_intake::{File, cell};

    use super::*;

    fn form() -> Vec<u8> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("附件1").unwrap();
        let bordered = rust_xlsxwriter::Format::new().set_border(rust_xlsxwriter::FormatBorder::Thin);
        sheet.merge_range(0, 0, 0, 3, "整改台账", &bordered).unwrap();
        for (column, name) in (0..).zip(["序号", "问题", "时限", "资金（万元）"]) {
            sheet.write(1, column, name).unwrap();
            sheet.write_blank(2, column, &bordered).unwrap();
            sheet.write_blank(3, column, &bordered).unwrap();
        }
        sheet.merge_range(4, 0, 4, 3, "填表人：", &bordered).unwrap();
        book.save_to_buffer().unwrap()
    }

    fn filled(rows: usize) -> Vec<(u64, Vec<cell::Cell>)> {
        let filling = Filling { sheet: "附件1".to_owned(), first: 3, columns: String::new() };
        let day = NaiveDate::from_ymd_opt(2020, 7, 10).unwrap();
        let row = |number: usize| {
            let ordinal = Bound { place: 0, column: ORDINAL.to_owned(), unit: None };
            let money = Bound { place: 3, column: "money".to_owned(), unit: Some(Unit::TenThousand) };
            vec![
                ordinal.value(None, number + 1),
                Value::Text("=1+1\u{1}".to_owned()),
                Value::Day(day),
                money.value(Some(Cell::Money(Some(12_345_678))), number),
            ]
        };
        let rows: Vec<_> = (0..rows).map(row).collect();
        let bytes = fill(&form(), &filling, &[0, 1, 2, 3], &rows).unwrap();
        let file = File { name: "a.xlsx".to_owned(), media_type: None, bytes: bytes.into() };
        plain::sheets(&file, 100).unwrap().remove(0).rows
    }

    #[test]
    fn rows_stand_under_the_headings_as_texts_days_and_numbers_and_what_is_below_goes_down() {
        let day = NaiveDate::from_ymd_opt(2020, 7, 10).unwrap();
        for count in [0, 1, 2, 7] {
            let rows = filled(count);
            let last = rows.last().unwrap();
            assert_eq!(last.1[0], cell::Cell::Text("填表人：".to_owned()), "{count}");
            assert_eq!(last.0, 5 + u64::try_from(count.saturating_sub(2)).unwrap());
            for (number, (_, cells)) in (1..).zip(&rows[2..rows.len() - 1]) {
                assert_eq!(cells[0], cell::Cell::Number(f64::from(number)));
                assert_eq!(cells[1], cell::Cell::Text("=1+1".to_owned()));
                assert_eq!(cells[2], cell::Cell::Moment(day.into()));
                assert_eq!(cells[3], cell::Cell::Number(12.345_678));
            }
            assert_eq!(rows.len(), 3 + count);
        }
    }

    #[test]
    fn what_is_no_workbook_is_refused_and_nothing_panics() {
        let filling = Filling { sheet: "附件1".to_owned(), first: 3, columns: String::new() };
        assert!(fill(b"PK\x03\x04 and no more", &filling, &[], &[]).is_err());
        let form = form();
        assert!(fill(&form[..form.len() / 2], &filling, &[], &[]).is_err());
        let elsewhere = Filling { sheet: "没有".to_owned(), ..filling };
        assert!(fill(&form, &elsewhere, &[], &[]).is_err());
    }
}
