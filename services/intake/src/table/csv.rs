//! CSV in UTF-8.

use std::ops::ControlFlow;

use bytes::Bytes;
use csv::{ReaderBuilder, StringRecord};

use super::{File, FileError, unreadable};
use crate::cell::Cell;

pub(crate) struct Text {
    file: File,
    text: Bytes,
}

pub(super) fn open(file: &File) -> Result<Text, FileError> {
    let text =
        file.bytes.strip_prefix(b"\xef\xbb\xbf").map_or_else(|| file.bytes.clone(), |rest| file.bytes.slice_ref(rest));
    match encoding(&text) {
        None => Ok(Text { file: file.clone(), text }),
        Some(found) => Err(FileError::Encoding { file: file.name.clone(), found }),
    }
}

impl Text {
    pub(super) fn walk(&self, each: &mut dyn FnMut(u64, &[Cell]) -> ControlFlow<()>) -> Result<(), FileError> {
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&*self.text);
        let mut record = StringRecord::new();
        let mut row = 0;
        while reader.read_record(&mut record).map_err(|error| unreadable(&self.file, error))? {
            let start = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or_default();
            row += 1 + empty_lines(&self.text, start);
            let cells: Vec<Cell> = record.iter().map(|text| Cell::Text(text.to_owned())).collect();
            if each(row, &cells).is_break() {
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

/// Returns what a text that is not UTF-8 looks like.
fn encoding(text: &[u8]) -> Option<&'static str> {
    match text {
        [0xff, 0xfe, ..] => Some("UTF-16 (little endian)"),
        [0xfe, 0xff, ..] => Some("UTF-16 (big endian)"),
        _ if std::str::from_utf8(text).is_ok() => None,
        _ if is_gb18030(text) => Some("GBK (GB 18030)"),
        _ => Some("an unknown encoding"),
    }
}

fn is_gb18030(mut text: &[u8]) -> bool {
    loop {
        text = match text {
            [] => return true,
            [0..=0x7f, rest @ ..]
            | [0x81..=0xfe, 0x40..=0x7e | 0x80..=0xfe, rest @ ..]
            | [0x81..=0xfe, b'0'..=b'9', 0x81..=0xfe, b'0'..=b'9', rest @ ..] => rest,
            _ => return false,
        }
    }
}
