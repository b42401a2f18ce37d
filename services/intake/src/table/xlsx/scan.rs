//! A workbook looked through before its cells are read: that it is no bomb, and what its cells do not tell.
//!
//! Every part is unpacked once and counted, whatever size it claims; numbers that the reader of cells takes on trust are
//! compared with what is there.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use bytes::Bytes;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::super::error::TooMuch;
use super::super::shape::{Merge, Shape};

/// How much all parts that are read may be, unpacked.
const MOST_BYTES: u64 = 256 << 20;
/// What a spreadsheet can hold at most.
const MOST_ROWS: u64 = 1_048_576;
const MOST_COLUMNS: usize = 16_384;
const MOST_MERGES: usize = 100_000;

/// What was seen of one sheet.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) shape: Shape,
    /// Whether it shows a pivot table: what stands there is computed from other sheets.
    pub(super) pivot: bool,
    /// The last row that holds a cell.
    pub(super) height: u64,
}

/// What was seen of a workbook.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// By the name of the sheet.
    pub(super) sheets: HashMap<String, Sheet>,
    /// Whether days count from 1904.
    pub(super) epoch_1904: bool,
}

/// Why a workbook is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ScanError {
    #[error("{0}")]
    TooMuch(TooMuch),
    #[error("the archive is damaged or cut off")]
    Archive(#[source] Box<zip::result::ZipError>),
    #[error("{part} cannot be read")]
    Part {
        part: String,
        #[source]
        source: quick_xml::Error,
    },
    #[error("{part} holds {found:?}, which is no place in a sheet")]
    Place { part: String, found: String },
}

/// Looks through a workbook.
pub(super) fn scan(bytes: &Bytes) -> Result<Scan, ScanError> {
    scan_within(bytes, MOST_BYTES)
}

fn scan_within(bytes: &Bytes, most: u64) -> Result<Scan, ScanError> {
    let archive = ZipArchive::new(Cursor::new(bytes.clone())).map_err(|error| ScanError::Archive(error.into()))?;
    let mut parts = Parts::of(archive, most)?;
    let mut scan = Scan::default();
    let root = parts.relations("_rels/.rels")?;
    let workbook = root.values().find(|(kind, _)| kind.ends_with("/officeDocument"));
    let workbook = workbook.map_or_else(|| "xl/workbook.xml".to_owned(), |(_, target)| resolved("", target));
    let relations = parts.relations(&relations_of(&workbook))?;
    let (sheets, epoch_1904) = parts.workbook(&workbook)?;
    scan.epoch_1904 = epoch_1904;
    let folder = workbook.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    for (name, id) in sheets {
        let Some((kind, target)) = relations.get(&id) else { continue };
        if !kind.ends_with("/worksheet") {
            continue;
        }
        let part = resolved(&folder, target);
        let mut sheet = parts.sheet(&part)?;
        let around = parts.relations(&relations_of(&part))?;
        sheet.pivot = around.values().any(|(kind, _)| kind.ends_with("/pivotTable"));
        scan.sheets.insert(name, sheet);
    }
    if let Some((_, target)) = relations.values().find(|(kind, _)| kind.ends_with("/sharedStrings")) {
        parts.strings(&resolved(&folder, target))?;
    }
    parts.rest()?;
    Ok(scan)
}

/// The parts of a workbook, each to be unpacked once.
struct Parts {
    archive: ZipArchive<Cursor<Bytes>>,
    /// Where each part lies, by its name without regard to case, which some programs vary.
    places: HashMap<String, usize>,
    left: u64,
}

/// Relations by their id: what kind, and to which part.
type Relations = HashMap<String, (String, String)>;

impl Parts {
    fn of(mut archive: ZipArchive<Cursor<Bytes>>, most: u64) -> Result<Parts, ScanError> {
        let mut places = HashMap::new();
        for place in 0..archive.len() {
            let part = archive.by_index_raw(place).map_err(|error| ScanError::Archive(error.into()))?;
            let name = String::from_utf8_lossy(part.name_raw()).replace('\\', "/").to_lowercase();
            places.insert(name, place);
        }
        Ok(Parts { archive, places, left: most })
    }

    /// Shows each event of a part to `each`, and counts what was unpacked. A part that is not there has no events.
    fn walk(
        &mut self,
        name: &str,
        mut each: impl FnMut(&BytesStart<'_>) -> Result<(), ScanError>,
    ) -> Result<u64, ScanError> {
        let Some(place) = self.places.remove(&name.to_lowercase()) else { return Ok(0) };
        let part = self.archive.by_index(place).map_err(|error| ScanError::Archive(error.into()))?;
        let mut counted = Counted { inner: part, read: 0, most: self.left };
        let mut reader = Reader::from_reader(BufReader::new(&mut counted));
        reader.config_mut().check_end_names = false;
        reader.config_mut().check_comments = false;
        let walked = walk(&mut reader, name, &mut each);
        drop(reader);
        let Counted { read, most, .. } = counted;
        self.left = most - read.min(most);
        if read > most {
            return Err(ScanError::TooMuch(TooMuch::Unpacked(MOST_BYTES >> 20)));
        }
        walked.map(|()| read)
    }

    fn relations(&mut self, name: &str) -> Result<Relations, ScanError> {
        let mut relations = Relations::new();
        self.walk(name, |element| {
            if element.local_name().as_ref() == "Relationship" {
                let of = |name: &str| attribute(element, name).unwrap_or_default();
                relations.insert(of("Id"), (of("Type"), of("Target")));
            }
            Ok(())
        })?;
        Ok(relations)
    }

    /// Returns the names of the sheets with the ids of their relations, and whether days count from 1904.
    fn workbook(&mut self, name: &str) -> Result<(Vec<(String, String)>, bool), ScanError> {
        let (mut sheets, mut epoch_1904) = (Vec::new(), false);
        self.walk(name, |element| {
            match element.local_name().as_ref() {
                "sheet" => {
                    let mut attributes = element.attributes();
                    let mut attributes = attributes.with_checks(false).flatten();
                    let id = attributes.find(|attribute| attribute.key.local_name().as_ref() == "id");
                    let id = id.map(|attribute| attribute.value.into_owned()).unwrap_or_default();
                    sheets.push((attribute(element, "name").unwrap_or_default(), id));
                }
                "workbookPr" => epoch_1904 |= attribute(element, "date1904").is_some_and(|said| is_true(&said)),
                _ => {}
            }
            Ok(())
        })?;
        Ok((sheets, epoch_1904))
    }

    fn sheet(&mut self, name: &str) -> Result<Sheet, ScanError> {
        let mut sheet = Sheet::default();
        let mut row = 0;
        let place = |found: &str| ScanError::Place { part: name.to_owned(), found: found.to_owned() };
        self.walk(name, |element| {
            match element.local_name().as_ref() {
                "dimension" => {
                    let range = attribute(element, "ref").unwrap_or_default();
                    rectangle(&range).ok_or_else(|| place(&range))?;
                }
                "row" => {
                    row = match raw(element, "r") {
                        Some(number) => number.parse().ok().filter(|row| *row > 0).ok_or_else(|| place(&number))?,
                        None => row + 1,
                    };
                    if row > MOST_ROWS {
                        return Err(ScanError::TooMuch(TooMuch::Rows(MOST_ROWS)));
                    }
                    if raw(element, "hidden").is_some_and(|said| is_true(&said)) {
                        sheet.shape.hide(row);
                    }
                }
                "c" => {
                    let at = match raw(element, "r") {
                        Some(reference) => cell(&reference).ok_or_else(|| place(&reference))?.0,
                        None => row.max(1),
                    };
                    sheet.height = sheet.height.max(at);
                }
                "autoFilter" => sheet.shape.filtered = true,
                "mergeCell" => {
                    let range = attribute(element, "ref").unwrap_or_default();
                    sheet.shape.merges.push(rectangle(&range).ok_or_else(|| place(&range))?);
                    if sheet.shape.merges.len() > MOST_MERGES {
                        return Err(ScanError::TooMuch(TooMuch::Merges(MOST_MERGES)));
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        sheet.shape.merges.sort_unstable();
        Ok(sheet)
    }

    /// Looks at the texts that sheets share. How many there are said to be is what the reader makes room for.
    fn strings(&mut self, name: &str) -> Result<(), ScanError> {
        let mut said = 0;
        let unpacked = self.walk(name, |element| {
            if element.local_name().as_ref() == "sst" {
                let count = raw(element, "uniqueCount").map(|count| count.parse::<u64>().unwrap_or(u64::MAX));
                said = count.unwrap_or_default();
            }
            Ok(())
        })?;
        // The shortest text, `<si/>`, takes five bytes.
        if said > unpacked / 4 + 1024 {
            return Err(ScanError::Place { part: name.to_owned(), found: said.to_string() });
        }
        Ok(())
    }

    /// Unpacks the other parts that may be read, for their size.
    fn rest(&mut self) -> Result<(), ScanError> {
        let others: Vec<String> = self.places.keys().cloned().collect();
        for name in others.into_iter().filter(|name| {
            let name = std::path::Path::new(name).extension().unwrap_or_default();
            name == "xml" || name == "rels"
        }) {
            let Some(place) = self.places.remove(&name) else { continue };
            let part = self.archive.by_index(place).map_err(|error| ScanError::Archive(error.into()))?;
            let mut counted = Counted { inner: part, read: 0, most: self.left };
            let read = io::copy(&mut counted, &mut io::sink());
            if counted.read > counted.most {
                return Err(ScanError::TooMuch(TooMuch::Unpacked(MOST_BYTES >> 20)));
            }
            self.left -= counted.read;
            read.map_err(|error| ScanError::Part { part: name, source: error.into() })?;
        }
        Ok(())
    }
}

fn walk<R: BufRead>(
    reader: &mut Reader<R>,
    name: &str,
    each: &mut impl FnMut(&BytesStart<'_>) -> Result<(), ScanError>,
) -> Result<(), ScanError> {
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Start(element) | Event::Empty(element)) => each(&element)?,
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(source) => return Err(ScanError::Part { part: name.to_owned(), source }),
        }
    }
}

/// Counts what is read, and stops where it is more than it may be.
struct Counted<R> {
    inner: R,
    read: u64,
    most: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read > self.most {
            return Err(io::Error::other("more than is read"));
        }
        let read = self.inner.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}

fn raw(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok().flatten()?;
    Some(attribute.value.into_owned())
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok().flatten()?;
    Some(attribute.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
}

fn is_true(said: &str) -> bool {
    matches!(said, "1" | "true")
}

/// Returns where the relations of a part stand: `xl/workbook.xml` has them in `xl/_rels/workbook.xml.rels`.
fn relations_of(part: &str) -> String {
    match part.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/_rels/{name}.rels"),
        None => format!("_rels/{part}.rels"),
    }
}

/// Returns the part that a relation means: from the root, or from the folder of the part that has it.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(whole) = target.strip_prefix('/') {
        return whole.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in target.split('/') {
        match step {
            ".." => drop(path.pop()),
            "." | "" => {}
            step => path.push(step),
        }
    }
    path.join("/")
}

/// Reads `A1:C3`, or `A1`.
fn rectangle(range: &str) -> Option<Merge> {
    let (from, to) = range.split_once(':').unwrap_or((range, range));
    let ((first_row, first_column), (last_row, last_column)) = (cell(from)?, cell(to)?);
    let merge = Merge { first_row, last_row, first_column, last_column };
    (first_row <= last_row && first_column <= last_column).then_some(merge)
}

/// Reads `C3`: the row from 1, the column from 0.
fn cell(reference: &str) -> Option<(u64, usize)> {
    let digits = reference.find(|c: char| c.is_ascii_digit())?;
    let (letters, digits) = reference.split_at(digits);
    if !(1..=3).contains(&letters.len()) || !letters.bytes().all(|letter| letter.is_ascii_alphabetic()) {
        return None;
    }
    let column =
        letters.bytes().fold(0, |column, letter| column * 26 + usize::from(letter.to_ascii_uppercase() - b'A') + 1);
    let row = digits.parse().ok().filter(|row| (1..=MOST_ROWS).contains(row))?;
    (column <= MOST_COLUMNS).then(|| (row, column - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_a_spreadsheet_writes_it() {
        assert_eq!(cell("A1"), Some((1, 0)));
        assert_eq!(cell("xfd1048576"), Some((1_048_576, 16_383)));
        for none in ["", "A", "1", "A0", "XFE1", "A1048577", "AAAA1", "甲1", "A-1", "A1B"] {
            assert_eq!(cell(none), None, "{none}");
        }
        assert_eq!(rectangle("B3:A1"), None);
    }

    #[test]
    fn a_bomb_is_put_aside_before_it_goes_off() {
        let mut bomb = rust_xlsxwriter::Workbook::new();
        let sheet = bomb.add_worksheet();
        for row in 0..100 {
            sheet.write(row, 0, format!("{}{row}", "漏".repeat(8_000))).unwrap();
        }
        let bomb = Bytes::from(bomb.save_to_buffer().unwrap());
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        let stopped = scan_within(&bomb, 1 << 20);
        assert!(matches!(stopped, Err(ScanError::TooMuch(TooMuch::Unpacked(_)))), "{stopped:?}");
        assert!(scan_within(&bomb, 4 << 20).is_ok());
    }

    #[test]
    fn a_part_is_found_from_where_it_is_named() {
        assert_eq!(resolved("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl", "/xl/worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl/worksheets", "../pivotTables/p.xml"), "xl/pivotTables/p.xml");
        assert_eq!(relations_of("xl/workbook.xml"), "xl/_rels/workbook.xml.rels");
    }
}
