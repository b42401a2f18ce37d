//! A look at files before any row is read: how each column is understood, for whoever hands them in to say it otherwise.

use std::ops::ControlFlow;

use chrono::{DateTime, Utc};

use crate::document::Given;
use crate::header::{self, Header, Wanted};
use crate::mapping::Mappings;
use crate::reading::Reading;
use crate::table::{File, FileError, Table};

/// The most characters that are shown of a cell.
const SHOWN: usize = 40;

/// How files are understood.
#[derive(Debug)]
pub struct Look {
    /// Their sheets. One in which no row looks like a header is left out.
    pub sheets: Vec<SheetSeen>,
    /// Why no row can be read as it stands.
    pub wrong: Option<FileError>,
}

/// A sheet, and how its header is understood.
#[derive(Clone, Debug)]
pub struct SheetSeen {
    /// The file.
    pub file: String,
    /// The sheet; empty where there is only one without a name.
    pub sheet: String,
    /// The last row of its header, or of what looks most like one.
    pub header_row: u64,
    /// Its columns, without those that have no name.
    pub columns: Vec<ColumnSeen>,
    /// Since when the mapping by which it is read is remembered.
    pub since: Option<DateTime<Utc>>,
    /// What that mapping says for all rows.
    pub defaults: Given,
}

/// A column of a sheet.
#[derive(Clone, Debug)]
pub struct ColumnSeen {
    /// What stands above it.
    pub name: String,
    /// The field it fills.
    pub field: Option<&'static str>,
    /// The field it would fill without a mapping.
    pub plain: Option<&'static str>,
    /// Whether it names a petitioner.
    pub identity: bool,
    /// What stands in its first row, shortened; nothing of a petitioner.
    pub sample: String,
}

impl Look {
    /// Looks at files. Fails where one of them cannot be opened at all.
    pub fn at(wanted: &Wanted, files: &[File], given: &Given, mappings: &Mappings) -> Result<Look, FileError> {
        let mut sheets = Vec::new();
        for file in files {
            let mut table = Table::open(file)?;
            for (index, info) in table.sheets().into_iter().enumerate() {
                if info.derived {
                    continue;
                }
                let header = match header::find(&mut table, index, wanted, mappings)? {
                    Ok(header) => Some(header),
                    Err(headless) => headless.nearest.or(headless.likely),
                };
                if let Some(header) = header {
                    let first = first_row(&mut table, index, header.row)?;
                    sheets.push(SheetSeen::of(&file.name, info.name, &header, &first));
                }
            }
        }
        let wrong = Reading::open(wanted, files, given, mappings).err();
        Ok(Look { sheets, wrong })
    }
}

impl SheetSeen {
    fn of(file: &str, sheet: String, header: &Header, first: &[String]) -> SheetSeen {
        let columns = header.names.iter().enumerate().map(|(at, name)| {
            let identity = header.identity.contains(name);
            ColumnSeen {
                name: name.clone(),
                field: header.columns.get(at).copied().flatten().map(|bound| bound.column.field),
                plain: header.plain.get(at).copied().flatten(),
                identity,
                sample: first.get(at).filter(|_| !identity).cloned().unwrap_or_default(),
            }
        });
        SheetSeen {
            file: file.to_owned(),
            sheet,
            header_row: header.row,
            columns: columns.filter(|column| !column.name.is_empty() && !header::is_remarks(&column.name)).collect(),
            since: header.applied.as_ref().and_then(|applied| applied.since),
            defaults: header.applied.as_ref().map(|applied| applied.mapping.defaults.clone()).unwrap_or_default(),
        }
    }
}

/// Returns what stands in the first row below a header.
fn first_row(table: &mut Table, sheet: usize, header: u64) -> Result<Vec<String>, FileError> {
    let mut first = Vec::new();
    table.walk(sheet, |line| {
        if line.row <= header {
            return ControlFlow::Continue(());
        }
        first = line.cells.iter().map(|cell| shortened(&cell.text())).collect();
        ControlFlow::Break(())
    })?;
    Ok(first)
}

fn shortened(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = text.chars().take(SHOWN).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::{Column, Kind, Need};

    fn wanted() -> Wanted {
        let columns = vec![
            Column::new("item", &["序号"], Kind::Text),
            Column::new("text", &["具体问题"], Kind::Text).needed(Need::Always),
        ];
        Wanted { columns, identity: &["姓名"], joined: false }
    }

    fn file(text: &str) -> File {
        File { name: "清单.csv".to_owned(), media_type: None, bytes: text.to_owned().into() }
    }

    #[test]
    fn a_header_is_shown_with_what_it_means_and_nothing_of_a_petitioner() {
        let files = [file("序号,具体问题,姓名,备注\n1,管网冻裂,王五,急\n")];
        let look = Look::at(&wanted(), &files, &Given::default(), &Mappings::default()).unwrap();
        assert!(look.wrong.is_none());
        let seen: Vec<_> = look.sheets[0]
            .columns
            .iter()
            .map(|column| (column.name.as_str(), column.field, column.identity, column.sample.as_str()))
            .collect();
        let expected = [
            ("序号", Some("item"), false, "1"),
            ("具体问题", Some("text"), false, "管网冻裂"),
            ("姓名", None, true, ""),
            ("备注", None, false, "急"),
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_header_that_nobody_knows_is_shown_all_the_same() {
        let files = [file("甘南州台账,,\n条目,主要表现,县\n1,管网冻裂,舟曲县\n")];
        let look = Look::at(&wanted(), &files, &Given::default(), &Mappings::default()).unwrap();
        assert_eq!(look.wrong.unwrap().code(), "no_header");
        assert_eq!((look.sheets[0].header_row, look.sheets[0].columns.len()), (2, 3));
        assert_eq!(look.sheets[0].columns[1].sample, "管网冻裂");
    }
}
