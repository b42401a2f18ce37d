//! What is read of which files: decided before the first row is.

use crate::column::Column;
use crate::document::{Document, Given};
use crate::header::{self, Header, Headless};
use crate::report::SheetSkipped;
use crate::table::{File, FileError, Table};

/// Files whose headers are known to be good.
pub(crate) struct Plan {
    pub(crate) files: Vec<(String, Table, Vec<Sheet>)>,
    pub(crate) skipped: Vec<SheetSkipped>,
}

/// A sheet and its header.
pub(crate) struct Sheet {
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) header: Header,
}

impl Plan {
    /// Opens the files and finds their headers. Nothing is taken when one of them is no good.
    pub(crate) fn open<D: Document>(files: &[File], given: &Given) -> Result<Plan, FileError> {
        let columns = D::columns();
        let mut plan = Plan { files: Vec::new(), skipped: Vec::new() };
        for file in files {
            let mut table = Table::open(file)?;
            let mut sheets = Vec::new();
            let mut headless = Vec::new();
            for (index, name) in table.sheets().into_iter().enumerate() {
                match header::find(&mut table, index, &columns, D::IDENTITY)? {
                    Ok(header) => {
                        header::refuse_twice(&header, &placed(&file.name, &name))?;
                        sheets.push(Sheet { index, name, header });
                    }
                    Err(without) => {
                        headless.push((name.clone(), without));
                        plan.skipped.push(SheetSkipped { file: file.name.clone(), sheet: name });
                    }
                }
            }
            if sheets.is_empty() {
                return Err(plan.no_header::<D>(&file.name, headless, &columns, given));
            }
            plan.files.push((file.name.clone(), table, sheets));
        }
        plan.refuse_missing::<D>(&columns, given)?;
        Ok(plan)
    }

    /// Says that a file has no header: what its nearest row misses, or that no row comes near.
    fn no_header<D: Document>(
        &self,
        file: &str,
        headless: Vec<(String, Headless)>,
        columns: &[Column],
        given: &Given,
    ) -> FileError {
        let elsewhere = self.files.iter().flat_map(|(_, _, sheets)| sheets).map(|sheet| &sheet.header);
        let mut headers: Vec<&Header> = elsewhere.filter(|_| D::JOINED).collect();
        let accepted = columns.iter().map(Column::shown).collect();
        if let Some((sheet, nearest)) =
            headless.iter().find_map(|(sheet, without)| Some((sheet, without.nearest.as_ref()?)))
        {
            headers.push(nearest);
            let missing = header::missing(&headers, columns, given);
            if !missing.is_empty() {
                let found = nearest.names.iter().filter(|name| !name.is_empty()).cloned().collect();
                return FileError::MissingColumns { place: placed(file, sheet), missing, found, accepted };
            }
        }
        let found = headless.into_iter().flat_map(|(_, without)| without.first).collect();
        FileError::NoHeader { file: file.to_owned(), found, accepted }
    }

    fn refuse_missing<D: Document>(&self, columns: &[Column], given: &Given) -> Result<(), FileError> {
        let sheets = || self.files.iter().flat_map(|(file, _, sheets)| sheets.iter().map(move |sheet| (file, sheet)));
        let wholes: Vec<Vec<(&String, &Sheet)>> =
            if D::JOINED { vec![sheets().collect()] } else { sheets().map(|sheet| vec![sheet]).collect() };
        for whole in wholes {
            let headers: Vec<&Header> = whole.iter().map(|(_, sheet)| &sheet.header).collect();
            let missing = header::missing(&headers, columns, given);
            if !missing.is_empty() {
                let places: Vec<String> = whole.iter().map(|(file, sheet)| placed(file, &sheet.name)).collect();
                let found = headers.iter().flat_map(|header| header.names.clone());
                return Err(FileError::MissingColumns {
                    place: places.join("、"),
                    missing,
                    found: found.filter(|name| !name.is_empty()).collect(),
                    accepted: columns.iter().map(Column::shown).collect(),
                });
            }
        }
        Ok(())
    }

    /// Returns how many rows there are, as far as the files say it.
    pub(crate) fn total(&mut self) -> Option<u64> {
        let mut total = 0;
        for (_, table, sheets) in &mut self.files {
            for sheet in sheets {
                total += table.height(sheet.index)?.saturating_sub(sheet.header.row);
            }
        }
        Some(total)
    }
}

fn placed(file: &str, sheet: &str) -> String {
    if sheet.is_empty() { file.to_owned() } else { format!("{file} [{sheet}]") }
}
