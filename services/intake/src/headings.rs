//! What heads the columns of an empty form, and what each heading may mean.

use crate::amount::Unit;
use crate::column::{Column, Kind};
use crate::header::{self, Wanted};
use crate::table::{File, FileError, Table};

/// What heads the columns of one sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headings {
    /// The sheet.
    pub sheet: String,
    /// The last row in which headings stand, as a spreadsheet counts.
    pub row: u64,
    /// The headings, from left to right.
    pub columns: Vec<Heading>,
}

/// What heads one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// The column, counted from 0.
    pub place: usize,
    /// What stands above it: groups before what they group, parted by strokes.
    pub name: String,
    /// The field of the column that it means, where that is known.
    pub field: Option<&'static str>,
    /// The unit of amounts of money, as the heading or a line above the table says it.
    pub unit: Option<Unit>,
}

/// Returns what heads the columns of each sheet that people see; sheets without headings are left out.
pub fn headings(file: &File, columns: Vec<Column>) -> Result<Vec<Headings>, FileError> {
    let mut table = Table::open(file)?;
    let wanted = Wanted { columns, identity: &[], joined: false };
    let mut found = Vec::new();
    for (at, info) in table.sheets().into_iter().enumerate() {
        if info.hidden || info.derived {
            continue;
        }
        let Some(header) = header::seek(&mut table, at, &wanted)? else { continue };
        let unit = header.unit;
        let heading = |(place, (name, bound)): (usize, (String, Option<crate::column::Bound>))| Heading {
            place,
            name,
            field: bound.map(|bound| bound.column.field),
            unit: bound.filter(|bound| matches!(bound.column.kind, Kind::Yuan)).and_then(|bound| bound.unit.or(unit)),
        };
        let named = header.names.into_iter().zip(header.columns).enumerate();
        let columns = named.filter(|(_, (name, _))| !name.is_empty()).map(heading).collect();
        found.push(Headings { sheet: info.name, row: header.row, columns });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{Format, Workbook};

    use super::*;
    use crate::ledger;

    fn form(rows: &[&[&str]]) -> File {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("附件1").unwrap();
        sheet.merge_range(0, 0, 0, 5, "巡视反馈问题整改台账", &Format::new()).unwrap();
        sheet.write(1, 0, "单位：万元").unwrap();
        for (row, cells) in (2..).zip(rows) {
            for (column, cell) in (0..).zip(*cells).filter(|(_, cell)| !cell.is_empty()) {
                sheet.write(row, column, *cell).unwrap();
            }
        }
        File { name: "附件1.xlsx".to_owned(), media_type: None, bytes: book.save_to_buffer().unwrap().into() }
    }

    #[test]
    fn headings_in_two_rows_are_told_with_what_they_may_mean() {
        let file = form(&[
            &["序号", "存在的问题", "涉及问题底数", "", "责任单位", "领导批示"],
            &["", "", "户数", "涉及金额", "", ""],
        ]);
        let found = headings(&file, ledger::columns()).unwrap();
        assert_eq!((found.len(), found[0].sheet.as_str(), found[0].row), (1, "附件1", 4));
        let told: Vec<_> = found[0].columns.iter().map(|one| (one.place, one.name.as_str(), one.field)).collect();
        assert_eq!(
            told,
            [
                (0, "序号", Some("ordinal")),
                (1, "存在的问题", Some("text")),
                (2, "涉及问题底数/户数", Some("households")),
                (3, "涉及问题底数/涉及金额", Some("money_fen")),
                (4, "责任单位", Some("responsible")),
                (5, "领导批示", None),
            ]
        );
        assert_eq!(found[0].columns[3].unit, Some(Unit::TenThousand));
    }

    #[test]
    fn headings_that_nobody_knows_are_told_too() {
        let found = headings(&form(&[&["甲", "乙", "丙"]]), ledger::columns()).unwrap();
        assert_eq!((found[0].row, found[0].columns.len()), (3, 3));
        assert!(found[0].columns.iter().all(|one| one.field.is_none()));
        assert!(headings(&form(&[]), ledger::columns()).unwrap().is_empty());
    }
}
