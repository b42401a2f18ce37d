//! The files of the log: so many events each, a line an event, and the idempotency keys beside them.

use rectify_case::Position;
use rectify_log::{Copied, Key};
use serde::{Deserialize, Serialize};

/// How many events a file holds, but for the last one.
pub const EVENTS: u64 = 10_000;

/// Returns the path of the file that begins with a position.
pub fn events_path(first: Position) -> String {
    format!("log/{first:012}.events")
}

/// Returns the path of the file with the keys of the same positions.
pub fn keys_path(first: Position) -> String {
    format!("log/{first:012}.keys")
}

/// Returns the first and the last position of each file of a log that goes to `head`.
pub fn spans(head: Position) -> impl Iterator<Item = (Position, Position)> {
    (0..head.div_ceil(EVENTS)).map(move |n| (n * EVENTS + 1, head.min((n + 1) * EVENTS)))
}

/// Adds an event as a line: its position, its leaf in hexadecimal, and its bytes, which are JSON without line ends.
pub fn write_event(lines: &mut Vec<u8>, event: &Copied) -> Result<(), Unwritable> {
    if event.bytes.contains(&b'\n') {
        return Err(Unwritable { position: event.position });
    }
    lines.extend_from_slice(format!("{} {} ", event.position, hex::encode(event.leaf)).as_bytes());
    lines.extend_from_slice(&event.bytes);
    lines.push(b'\n');
    Ok(())
}

/// Reads the events of a file.
pub fn read_events(bytes: &[u8]) -> impl Iterator<Item = Result<Copied, Unreadable>> {
    lines(bytes).map(|(number, line)| {
        let read = || {
            let line = line?;
            let space = |from: usize| Some(from + line.get(from..)?.iter().position(|byte| *byte == b' ')?);
            let first = space(0)?;
            let second = space(first + 1)?;
            let text = |part: std::ops::Range<usize>| std::str::from_utf8(line.get(part)?).ok();
            let mut leaf = [0; 32];
            hex::decode_to_slice(text(first + 1..second)?, &mut leaf).ok()?;
            Some(Copied { position: text(0..first)?.parse().ok()?, leaf, bytes: line.get(second + 1..)?.to_vec() })
        };
        read().ok_or(Unreadable { line: number })
    })
}

/// Adds a key as a line of JSON.
pub fn write_key(lines: &mut Vec<u8>, key: &Key) {
    let Key { key, content, position, events } = key;
    let line = KeyLine { key: key.clone(), content: hex::encode(content), position: *position, events: *events };
    lines.extend(serde_json::to_vec(&line).expect("texts and numbers are JSON"));
    lines.push(b'\n');
}

/// Reads the keys of a file.
pub fn read_keys(bytes: &[u8]) -> impl Iterator<Item = Result<Key, Unreadable>> {
    lines(bytes).map(|(number, line)| {
        let read = || {
            let KeyLine { key, content, position, events } = serde_json::from_slice(line?).ok()?;
            let mut hash = [0; 32];
            hex::decode_to_slice(content, &mut hash).ok()?;
            Some(Key { key, content: hash, position, events })
        };
        read().ok_or(Unreadable { line: number })
    })
}

/// An event that no line can hold.
#[derive(Debug, thiserror::Error)]
#[error("the event at position {position} is no canonical JSON: it has a line end")]
pub struct Unwritable {
    position: Position,
}

/// A line that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line} cannot be read")]
pub struct Unreadable {
    line: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyLine {
    key: String,
    content: String,
    position: Position,
    events: u64,
}

/// Returns the lines with their numbers; nothing for one that has no end.
pub fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, Option<&[u8]>)> {
    bytes.split_inclusive(|byte| *byte == b'\n').zip(1..).map(|(line, number)| (number, line.strip_suffix(b"\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_a_cut_line_is_told() {
        let events: Vec<Copied> =
            (1..=2).map(|position| Copied { position, leaf: [7; 32], bytes: r#"{"text":"已 整改"}"#.into() }).collect();
        let mut bytes = Vec::new();
        for event in &events {
            write_event(&mut bytes, event).unwrap();
        }
        let read: Vec<Copied> = read_events(&bytes).map(Result::unwrap).collect();
        assert_eq!(read, events);
        let cut = &bytes[..bytes.len() - 1];
        assert_eq!(read_events(cut).last().unwrap().unwrap_err().to_string(), "line 2 cannot be read");

        let key = Key { key: "finding:一 \"".to_owned(), content: [9; 32], position: 4, events: 2 };
        let mut bytes = Vec::new();
        write_key(&mut bytes, &key);
        assert_eq!(read_keys(&bytes).map(Result::unwrap).collect::<Vec<_>>(), [key]);
    }

    #[test]
    fn the_files_cover_the_log() {
        assert_eq!(spans(0).count(), 0);
        assert_eq!(spans(EVENTS).collect::<Vec<_>>(), [(1, EVENTS)]);
        assert_eq!(spans(EVENTS + 1).collect::<Vec<_>>(), [(1, EVENTS), (EVENTS + 1, EVENTS + 1)]);
    }
}
