//! Where two workbooks differ, cell by cell.

use std::collections::{BTreeMap, BTreeSet};

use rectify_intake::cell::Cell;
use rectify_intake::plain::{Sheet, sheets};
use rectify_intake::{File, FileError};
use serde::Serialize;

/// The most rows that a workbook of ours has, on all its sheets.
const MOST_ROWS: usize = 200_000;

/// A cell in which two workbooks differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// On which sheet.
    pub sheet: String,
    /// Which cell, such as `F4`.
    pub cell: String,
    /// What stood there.
    pub then: String,
    /// What stands there now.
    pub now: String,
}

/// Returns every cell in which a workbook differs from another.
pub(super) fn between(then: &[u8], now: &[u8]) -> Result<Vec<Difference>, FileError> {
    let (then, now) = (read(then)?, read(now)?);
    let empty = Cell::Empty;
    let places: BTreeSet<_> = then.keys().chain(now.keys()).collect();
    let differing = places.into_iter().filter_map(|place| {
        let (then, now) = (then.get(place).unwrap_or(&empty), now.get(place).unwrap_or(&empty));
        let (sheet, row, column) = place;
        (then != now).then(|| Difference {
            sheet: sheet.clone(),
            cell: format!("{}{row}", letters(*column)),
            then: then.text(),
            now: now.text(),
        })
    });
    Ok(differing.collect())
}

/// Reads the cells in which something stands, each by its sheet, its row and its column.
fn read(bytes: &[u8]) -> Result<BTreeMap<(String, u64, usize), Cell>, FileError> {
    let file = File { name: "publication.xlsx".to_owned(), media_type: None, bytes: bytes.to_vec().into() };
    let mut cells = BTreeMap::new();
    for Sheet { name, rows } in sheets(&file, MOST_ROWS)? {
        for (row, line) in rows {
            let standing = line.into_iter().enumerate().filter(|(_, cell)| *cell != Cell::Empty);
            cells.extend(standing.map(|(column, cell)| ((name.clone(), row, column), cell)));
        }
    }
    Ok(cells)
}

/// Returns the letters of a column, counted from 0.
fn letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        if column < 26 {
            return letters.into_iter().rev().collect();
        }
        column = column / 26 - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(cells: &[(u32, u16, &str)]) -> Vec<u8> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("整改台账").unwrap();
        sheet.write(0, 0, "编号").unwrap();
        for (row, column, text) in cells {
            sheet.write(*row, *column, *text).unwrap();
        }
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn cells_that_differ_are_named_with_what_stood_and_stands_there() {
        let then = book(&[(3, 5, "水费未入账"), (4, 0, "审计-2020-0002")]);
        let now = book(&[(3, 5, "水费已入账"), (3, 27, "补记")]);
        let told = |cell: &str, then: &str, now: &str| Difference {
            sheet: "整改台账".to_owned(),
            cell: cell.to_owned(),
            then: then.to_owned(),
            now: now.to_owned(),
        };
        let wanted =
            [told("F4", "水费未入账", "水费已入账"), told("AB4", "", "补记"), told("A5", "审计-2020-0002", "")];
        assert_eq!(between(&then, &now).unwrap(), wanted);
        assert_eq!(between(&then, &then).unwrap(), []);
        assert!(between(b"no workbook", &now).is_err());
    }

    #[test]
    fn columns_have_the_letters_that_spreadsheets_give_them() {
        for (column, wanted) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (53, "BB"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!(letters(column), wanted);
        }
    }
}
