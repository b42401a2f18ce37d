//! A workbook as its rows stand, for whoever knows what is in it.

use std::ops::ControlFlow;

use crate::cell::Cell;
use crate::table::{File, FileError, Table, TooMuch};

/// A sheet as its rows stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Its name.
    pub name: String,
    /// The rows in which something stands, each with its number as a spreadsheet counts.
    pub rows: Vec<(u64, Vec<Cell>)>,
}

/// Reads every sheet, hidden ones too. A file with more than so many rows is refused.
pub fn sheets(file: &File, most: usize) -> Result<Vec<Sheet>, FileError> {
    let mut table = Table::open(file)?;
    let (mut sheets, mut left) = (Vec::new(), most);
    for (at, info) in table.sheets().into_iter().enumerate() {
        let (mut rows, mut is_too_long) = (Vec::new(), false);
        table.walk(at, |line| {
            if left == 0 {
                is_too_long = true;
                return ControlFlow::Break(());
            }
            left -= 1;
            rows.push((line.row, line.cells.to_vec()));
            ControlFlow::Continue(())
        })?;
        if is_too_long {
            let what = TooMuch::Rows(u64::try_from(most).unwrap_or(u64::MAX));
            return Err(FileError::TooLarge { file: file.name.clone(), what });
        }
        sheets.push(Sheet { name: info.name, rows });
    }
    Ok(sheets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_as_they_stand_and_too_many_are_refused() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write(0, 0, "一").unwrap();
        sheet.write(4, 1, 2).unwrap();
        let bytes = book.save_to_buffer().unwrap().into();
        let file = File { name: "a.xlsx".to_owned(), media_type: None, bytes };
        let found = sheets(&file, 2).unwrap();
        let rows = &found[0].rows;
        assert_eq!(rows[0], (1, vec![Cell::Text("一".to_owned())]));
        assert_eq!(rows[1], (5, vec![Cell::Empty, Cell::Number(2.0)]));
        assert_eq!(sheets(&file, 1).unwrap_err().code(), "file_too_large");
    }
}
