//! Sheets as offices make them, row by row: what is read of which file is decided before the first row is.
//!
//! [`Reading::open`] finds the header of every sheet and refuses files that have none; [`Reading::rows`] shows each row
//! under it as the fields of a document, beside everything that is wrong with it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use rectify_case::Zone;
use serde_json::{Map, Value};

use crate::aside::aside;
use crate::cell::Cell;
use crate::column::{Column, Manner};
use crate::document::Given;
use crate::header::{self, Header, Headless, Wanted};
use crate::mapping::{Fingerprint, Mappings};
use crate::marking::marking;
use crate::moment::{Days, years_in};
use crate::reason::Reason;
use crate::report::{MappingUsed, Place, Report, RowError, SheetRead, SheetSkipped};
use crate::table::{File, FileError, Line, Shape, SheetInfo, Table};

/// The field of a document that holds what stands under headers that name a petitioner.
pub(crate) const IDENTITY: &str = "identity";

/// The fields of a row: what its cells say, by the field of their column.
pub type Fields = BTreeMap<&'static str, Value>;

/// Files whose headers are known to be good.
pub struct Reading {
    files: Vec<(String, Table, Vec<Sheet>)>,
    skipped: Vec<SheetSkipped>,
    given: Given,
}

/// A sheet and its header.
struct Sheet {
    index: usize,
    info: SheetInfo,
    header: Header,
}

/// A row under a header.
#[derive(Debug)]
pub struct Row<'a> {
    /// Where it stands.
    pub place: Place,
    /// The header above it.
    pub header: &'a Header,
    /// Its cells; what is merged down a column stands in each of its rows.
    pub cells: &'a [Cell],
    /// What is given for it: by whoever hands in, or by the mapping of its sheet.
    pub given: &'a Given,
    /// What its cells say.
    pub fields: Fields,
    /// What is wrong with it. The fields that are wrong are not among `fields`.
    pub errors: Vec<RowError>,
    /// How many rows were read by now, this one too.
    pub rows: u64,
}

impl Row<'_> {
    /// Returns the row as it is written: each header with what stands under it.
    pub fn texts(&self) -> Vec<(&str, String)> {
        let names = self.header.names.iter().map(String::as_str).chain(std::iter::repeat(""));
        let cells = names.zip(self.cells).filter(|(_, cell)| !cell.is_empty());
        cells.map(|(name, cell)| (name, cell.text())).collect()
    }
}

impl Reading {
    /// Opens the files and finds their headers. Nothing is taken when one of them is no good.
    pub fn open(wanted: &Wanted, files: &[File], given: &Given, mappings: &Mappings) -> Result<Reading, FileError> {
        let mut reading = Reading { files: Vec::new(), skipped: Vec::new(), given: given.clone() };
        for file in files {
            let mut table = Table::open(file)?;
            let mut sheets = Vec::new();
            let mut headless = Vec::new();
            for (index, info) in table.sheets().into_iter().enumerate() {
                if info.derived {
                    reading.skip(&file.name, info.name, Reason::Derived);
                    continue;
                }
                match header::find(&mut table, index, wanted, mappings)? {
                    Ok(header) => {
                        header::refuse_twice(&header, &placed(&file.name, &info.name))?;
                        sheets.push(Sheet { index, info, header });
                    }
                    Err(without) => {
                        headless.push((info.name.clone(), without));
                        reading.skip(&file.name, info.name, Reason::NoHeader);
                    }
                }
            }
            if sheets.is_empty() {
                return Err(reading.no_header(wanted, &file.name, headless));
            }
            reading.files.push((file.name.clone(), table, sheets));
        }
        reading.refuse_missing(wanted)?;
        Ok(reading)
    }

    /// Returns how many rows there are, as far as the files say it.
    pub fn total(&self) -> Option<u64> {
        let mut total = 0;
        for (_, table, sheets) in &self.files {
            for sheet in sheets {
                total += table.height(sheet.index)?.saturating_sub(sheet.header.row);
            }
        }
        Some(total)
    }

    /// Shows every row, until `each` breaks off. Returns the report of what was read, before any of it is handed in.
    pub fn rows(self, zone: Zone, mut each: impl FnMut(Row<'_>) -> ControlFlow<()>) -> Report {
        let mut report = Report { skipped: self.skipped, ..Report::default() };
        for (file, mut table, sheets) in self.files {
            for sheet in sheets {
                let given = sheet.header.given(&self.given);
                let mut reader = SheetReader::new(&file, &table, &sheet, &given, zone, &mut report);
                let walked = table.walk(sheet.index, |line| reader.line(line, &mut each));
                let (read, row) = (reader.read, reader.row);
                report.sheets.push(read);
                if let Err(error) = walked {
                    let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
                    let place = Place { file: file.clone(), sheet: sheet.info.name, row };
                    report.refused.push(RowError::new(&place, "", "", Reason::Unreadable(why)));
                }
            }
        }
        report
    }

    /// Returns each header with the mapping by which it was read that came with the delivery.
    pub fn newly_mapped(&self) -> Vec<(Fingerprint, String)> {
        let headers = self.files.iter().flat_map(|(_, _, sheets)| sheets).map(|sheet| &sheet.header);
        let given = headers.filter(|header| header.applied.as_ref().is_some_and(|applied| applied.since.is_none()));
        let names = |header: &Header| {
            let names = header.names.iter().filter(|name| !name.is_empty() && !header::is_remarks(name));
            names.map(String::as_str).collect::<Vec<_>>().join("、")
        };
        given.map(|header| (header.fingerprint.clone(), names(header))).collect()
    }

    fn skip(&mut self, file: &str, sheet: String, reason: Reason) {
        self.skipped.push(SheetSkipped { file: file.to_owned(), sheet, reason });
    }

    /// Says that a file has no header: what its nearest row misses, or that no row comes near.
    fn no_header(&self, wanted: &Wanted, file: &str, headless: Vec<(String, Headless)>) -> FileError {
        let elsewhere = self.files.iter().flat_map(|(_, _, sheets)| sheets).map(|sheet| &sheet.header);
        let mut headers: Vec<&Header> = elsewhere.filter(|_| wanted.joined).collect();
        let accepted = wanted.columns.iter().map(Column::shown).collect();
        if let Some((sheet, nearest)) =
            headless.iter().find_map(|(sheet, without)| Some((sheet, without.nearest.as_ref()?)))
        {
            headers.push(nearest);
            let missing = header::missing(&headers, &wanted.columns, &self.given);
            if !missing.is_empty() {
                let found = nearest.names.iter().filter(|name| !name.is_empty()).cloned().collect();
                return FileError::MissingColumns { place: placed(file, sheet), missing, found, accepted };
            }
        }
        let found = headless.into_iter().flat_map(|(_, without)| without.first).collect();
        FileError::NoHeader { file: file.to_owned(), found, accepted }
    }

    fn refuse_missing(&self, wanted: &Wanted) -> Result<(), FileError> {
        let sheets = || self.files.iter().flat_map(|(file, _, sheets)| sheets.iter().map(move |sheet| (file, sheet)));
        let wholes: Vec<Vec<(&String, &Sheet)>> =
            if wanted.joined { vec![sheets().collect()] } else { sheets().map(|sheet| vec![sheet]).collect() };
        for whole in wholes {
            let headers: Vec<&Header> = whole.iter().map(|(_, sheet)| &sheet.header).collect();
            let missing = header::missing(&headers, &wanted.columns, &self.given);
            if !missing.is_empty() {
                let places: Vec<String> = whole.iter().map(|(file, sheet)| placed(file, &sheet.info.name)).collect();
                let found = headers.iter().flat_map(|header| header.names.clone());
                return Err(FileError::MissingColumns {
                    place: places.join("、"),
                    missing,
                    found: found.filter(|name| !name.is_empty()).collect(),
                    accepted: wanted.columns.iter().map(Column::shown).collect(),
                });
            }
        }
        Ok(())
    }
}

fn placed(file: &str, sheet: &str) -> String {
    if sheet.is_empty() { file.to_owned() } else { format!("{file} [{sheet}]") }
}

/// Reads the rows of one sheet.
struct SheetReader<'a> {
    sheet: &'a Sheet,
    shape: Shape,
    given: &'a Given,
    manner: Manner,
    /// The years that the title, the sheet's name and the document say; a row's own document may say another.
    years: Vec<i32>,
    read: SheetRead,
    row: u64,
    report: &'a mut Report,
}

impl<'a> SheetReader<'a> {
    fn new(
        file: &str,
        table: &Table,
        sheet: &'a Sheet,
        given: &'a Given,
        zone: Zone,
        report: &'a mut Report,
    ) -> SheetReader<'a> {
        let Sheet { index, info, header } = sheet;
        report.note_unknown(&header.unknown);
        report.note_identity(&header.identity);
        let shape = table.shape(*index);
        let mapping = header.applied.as_ref();
        let mapping = mapping.map(|applied| MappingUsed {
            fingerprint: header.fingerprint.clone(),
            since: applied.since.map(|since| zone.day_of(since)),
        });
        let read = SheetRead {
            file: file.to_owned(),
            sheet: info.name.clone(),
            header_row: header.row,
            hidden: info.hidden,
            filtered: shape.filtered,
            mapping,
            ..SheetRead::default()
        };
        let mut years = header.years.clone();
        years.extend(years_in(&info.name));
        let days = Days { zone, year: None, epoch_1904: table.epoch_1904() };
        let manner = Manner { days, unit: header.unit.or(given.unit) };
        SheetReader { sheet, shape, given, manner, years, read, row: header.row, report }
    }

    fn line(&mut self, line: Line<'_>, each: &mut impl FnMut(Row<'_>) -> ControlFlow<()>) -> ControlFlow<()> {
        let Line { row, cells, own, hidden } = line;
        let header = &self.sheet.header;
        if row <= header.row {
            return ControlFlow::Continue(());
        }
        self.row = row;
        let place = Place { file: self.read.file.clone(), sheet: self.read.sheet.clone(), row };
        let first = cells.iter().position(|cell| !cell.is_empty()).unwrap_or_default();
        let across = self.shape.begin_in(row).iter().any(|merge| merge.is_wide() && merge.first_column == first);
        if let Some(reason) = aside(cells, own, across, header) {
            let text: Vec<String> = cells.iter().map(Cell::text).filter(|text| !text.is_empty()).collect();
            let text = text.join(" ");
            self.report.asides.push(RowError::new(&place, "", &text, reason));
            return ControlFlow::Continue(());
        }
        self.report.rows += 1;
        if hidden {
            match self.read.hidden_rows.last_mut() {
                Some((_, last)) if *last + 1 == row => *last = row,
                _ => self.read.hidden_rows.push((row, row)),
            }
        }
        let (fields, errors) = self.cells(&place, cells);
        each(Row { place, header, cells, given: self.given, fields, errors, rows: self.report.rows })
    }

    /// Reads the cells of a row: the fields, and everything that is wrong. What no column names is looked at only for a marking.
    fn cells(&mut self, place: &Place, cells: &[Cell]) -> (Fields, Vec<RowError>) {
        let header = &self.sheet.header;
        let mut fields = Fields::new();
        let mut errors = Vec::new();
        for (at, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let bound = header.columns.get(at).copied().flatten();
            let name = header.names.get(at).map_or("", String::as_str);
            if let Cell::Text(text) = cell
                && let Some(level) = marking(text)
            {
                errors.push(RowError::new(place, name, level, Reason::Marked));
            } else if let Some(bound) = bound {
                let mut value = bound.read(cell, self.manner);
                if value == Err(Reason::NoYear)
                    && let Some(year) = self.year(cells)
                {
                    let days = Days { year: Some(year), ..self.manner.days };
                    value = bound.read(cell, Manner { days, ..self.manner });
                    self.read.year = self.read.year.or(Some(year).filter(|_| self.given.year.is_none()));
                }
                match value {
                    Ok(value) => {
                        fields.insert(bound.column.field, value);
                    }
                    Err(reason) => errors.push(RowError::new(place, name, &cell.text(), reason)),
                }
            } else if header.identity.iter().any(|identity| identity == name)
                && let Value::Object(told) = fields.entry(IDENTITY).or_insert_with(|| Map::new().into())
            {
                told.insert(name.to_owned(), cell.text().into());
            }
        }
        (fields, errors)
    }

    /// Returns the year of days that say none: the one that is given, or else the only one that is said around them.
    fn year(&self, cells: &[Cell]) -> Option<i32> {
        if self.given.year.is_some() {
            return self.given.year;
        }
        let own = self.sheet.header.place_of("document").and_then(|at| cells.get(at)).map(Cell::text);
        let document = own.as_deref().filter(|own| !own.is_empty()).or(self.given.document.as_deref());
        let mut years = self.years.clone();
        years.extend(document.map(years_in).unwrap_or_default());
        years.sort_unstable();
        years.dedup();
        match years.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}
