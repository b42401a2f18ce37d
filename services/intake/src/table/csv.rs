//! CSV: in UTF-8, UTF-16 or GB 18030, parted by commas, semicolons or tabs.

use std::ops::ControlFlow;

use bytes::Bytes;
use csv::{ReaderBuilder, StringRecord};
use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

use super::{File, FileError, TooMuch, unreadable};
use crate::cell::{Cell, kept};

/// More is no table.
const MOST_COLUMNS: usize = 1_000;

/// How many lines are looked at to see what parts the cells.
const LOOKED_AT: usize = 20;

pub(crate) struct Text {
    file: File,
    bytes: Bytes,
    separator: u8,
}

pub(super) fn open(file: &File) -> Result<Text, FileError> {
    let text = decoded(file)?;
    let separator = separator(&text);
    match open_quote(&text, separator) {
        None => Ok(Text { file: file.clone(), bytes: text, separator }),
        Some(row) => Err(FileError::OpenQuote { file: file.name.clone(), row }),
    }
}

impl Text {
    pub(super) fn walk(&self, each: &mut dyn FnMut(u64, &mut Vec<Cell>) -> ControlFlow<()>) -> Result<(), FileError> {
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(self.separator).from_reader(&*self.bytes);
        let mut record = StringRecord::new();
        let mut cells = Vec::new();
        let mut row = 0;
        while reader.read_record(&mut record).map_err(|error| unreadable(&self.file, error))? {
            let start = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or_default();
            row += 1 + empty_lines(&self.bytes, start);
            if record.len() > MOST_COLUMNS {
                let what = TooMuch::Columns(MOST_COLUMNS);
                return Err(FileError::TooLarge { file: self.file.name.clone(), what });
            }
            cells.clear();
            cells.extend(record.iter().map(|text| Cell::Text(kept(text))));
            if each(row, &mut cells).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Counts the empty lines at the start of a record: the reader passes over them, a spreadsheet counts them.
fn empty_lines(text: &[u8], start: usize) -> u64 {
    let ended = start > 0 && text.get(start - 1) == Some(&b'\r') && text.get(start) == Some(&b'\n');
    let mut rest = text.get(start + usize::from(ended)..).unwrap_or_default();
    let mut lines = 0;
    while let Some(next) = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) {
        rest = next;
        lines += 1;
    }
    lines
}

/// Returns the text in UTF-8: as it is, by its mark, or else as Chinese spreadsheets write it.
fn decoded(file: &File) -> Result<Bytes, FileError> {
    let bytes = &file.bytes;
    let encoding: &'static Encoding = match bytes.as_ref() {
        [0xef, 0xbb, 0xbf, rest @ ..] if std::str::from_utf8(rest).is_ok() => return Ok(bytes.slice(3..)),
        [0xff, 0xfe, ..] => UTF_16LE,
        [0xfe, 0xff, ..] => UTF_16BE,
        text if std::str::from_utf8(text).is_ok() => return Ok(bytes.clone()),
        _ => GB18030,
    };
    let marked = usize::from(encoding != GB18030) * 2;
    let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(&bytes[marked..]) else {
        let found = if encoding == GB18030 { "an unknown encoding" } else { encoding.name() };
        return Err(FileError::Encoding { file: file.name.clone(), found });
    };
    Ok(Bytes::from(text.into_owned()))
}

/// Returns what parts the cells: whichever of comma, semicolon and tab there is most of in the first lines, outside quotes.
fn separator(text: &[u8]) -> u8 {
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    let (mut quoted, mut lines) = (false, 0);
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => lines += 1,
            byte if !quoted => {
                for (separator, count) in &mut counts {
                    *count += usize::from(byte == separator);
                }
            }
            _ => {}
        }
        if lines == LOOKED_AT {
            break;
        }
    }
    // Of as many, the first: `max_by_key` would take the last.
    counts.iter().rev().max_by_key(|(_, count)| count).map_or(b',', |(separator, _)| *separator)
}

/// Returns the row of a quotation mark that opens a cell and is not closed where the cell ends.
fn open_quote(text: &[u8], separator: u8) -> Option<u64> {
    let mut row = 1;
    let mut opened = None;
    let mut at = 0;
    let mut begins = true;
    while let Some(&byte) = text.get(at) {
        let next = text.get(at + 1).copied();
        match (byte, opened) {
            (b'"', Some(_)) if next == Some(b'"') => at += 1,
            (b'"', Some(row)) => {
                if next.is_some_and(|next| next != separator && !matches!(next, b'\r' | b'\n')) {
                    return Some(row);
                }
                opened = None;
            }
            (b'"', None) if begins => opened = Some(row),
            (b'\n', None) => row += 1,
            _ => {}
        }
        begins = byte == separator || matches!(byte, b'\r' | b'\n');
        at += 1;
    }
    opened
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_parted_by_what_there_is_most_of() {
        assert_eq!(separator("序号,问题\n1,a;b\n".as_bytes()), b',');
        assert_eq!(separator("序号;问题;金额\n1;a;1,5\n".as_bytes()), b';');
        assert_eq!(separator("序号\t问题\n1\t\"a,b,c,d\"\n".as_bytes()), b'\t');
        assert_eq!(separator("问题\n".as_bytes()), b',');
    }

    #[test]
    fn a_quotation_mark_is_closed_where_its_cell_ends() {
        let open = |text: &str| open_quote(text.as_bytes(), b',');
        assert_eq!(open("a,\"b\"\"c\nd\",e\n\"\"\n"), None);
        assert_eq!(open("管径 5\" 的,b\n"), None, "a mark within a cell opens nothing");
        assert_eq!(open("a,b\n1,\"漏雨\n2,缺水\n"), Some(2));
        assert_eq!(open("a,b\n1,\"漏雨\n2,\"缺水\"\n"), Some(2));
    }

    #[test]
    fn chinese_spreadsheets_write_gb_18030() {
        let file =
            |bytes: &[u8]| File { name: "a.csv".to_owned(), media_type: None, bytes: Bytes::copy_from_slice(bytes) };
        let read =
            |bytes: &[u8]| decoded(&file(bytes)).map(|text| String::from_utf8(text.to_vec()).unwrap_or_default());
        assert_eq!(read(b"\xd0\xf2\xba\xc5,\xce\xca\xcc\xe2\n").ok().as_deref(), Some("序号,问题\n"));
        assert_eq!(read(b"\xef\xbb\xbfa").ok().as_deref(), Some("a"));
        assert_eq!(read(b"\xff\xfe\x8f\x5e").ok().as_deref(), Some("序"));
        assert!(matches!(read(b"abc\xff\n"), Err(FileError::Encoding { found: "an unknown encoding", .. })));
    }
}
