//! Proofs as text: that an event is in the tree as C2SP tlog-proof has it, that a tree goes on from another as its hashes.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rectify_case::Position;

use crate::checkpoint::SignedCheckpoint;
use crate::proof::{Consistency, Inclusion, LONGEST};

/// The first line of a proof.
const FIRST: &str = "c2sp.org/tlog-proof@v1";

/// A text that is no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no proof: line {0} is not as it is to be")]
pub struct NotText(usize);

/// Returns what shows that an event is in the tree of a checkpoint, with the checkpoint, as a text.
pub fn inclusion_text(inclusion: &Inclusion, checkpoint: &SignedCheckpoint) -> String {
    let mut text = format!("{FIRST}\nindex {}\n", inclusion.position.saturating_sub(1));
    text.push_str(&hashes_text(&inclusion.path));
    text.push('\n');
    text.push_str(&checkpoint.note);
    text
}

/// Reads what shows that an event is in a tree, and the note of the checkpoint that it leads to.
pub fn inclusion_of(text: &str) -> Result<(Inclusion, &str), NotText> {
    let rest = text.strip_prefix(FIRST).and_then(|rest| rest.strip_prefix('\n')).ok_or(NotText(1))?;
    let (index, rest) = rest.split_once('\n').ok_or(NotText(2))?;
    let digits = index.strip_prefix("index ").ok_or(NotText(2))?;
    let index: u64 = digits.parse().map_err(|_| NotText(2))?;
    let position = index.checked_add(1).filter(|_| index.to_string() == digits).ok_or(NotText(2))?;
    // Without a hash the empty line comes at once.
    let (hashes, note) = match rest.strip_prefix('\n') {
        Some(note) => ("", note),
        None => rest.split_once("\n\n").ok_or(NotText(3))?,
    };
    Ok((Inclusion { position, path: hashes_of(hashes, 3)? }, note))
}

/// Returns what shows that a tree begins with an earlier one as a text: a hash a line.
pub fn consistency_text(consistency: &Consistency) -> String {
    hashes_text(&consistency.path)
}

/// Reads what shows that a tree begins with an earlier one of so many events.
pub fn consistency_of(text: &str, earlier: Position) -> Result<Consistency, NotText> {
    let path = match text.strip_suffix('\n') {
        Some("") => return Err(NotText(1)),
        Some(hashes) => hashes_of(hashes, 1)?,
        None if text.is_empty() => Vec::new(),
        None => return Err(NotText(text.split('\n').count())),
    };
    Ok(Consistency { earlier, path })
}

fn hashes_text(hashes: &[[u8; 32]]) -> String {
    hashes.iter().fold(String::new(), |mut text, hash| {
        // To write to a text never fails.
        let _ = writeln!(text, "{}", STANDARD.encode(hash));
        text
    })
}

fn hashes_of(text: &str, first: usize) -> Result<Vec<[u8; 32]>, NotText> {
    let mut hashes = Vec::new();
    if text.is_empty() {
        return Ok(hashes);
    }
    for (number, line) in (first..).zip(text.split('\n')) {
        let mut hash = [0; 32];
        let read = STANDARD.decode_slice(line, &mut hash);
        if read != Ok(32) || hashes.len() == LONGEST {
            return Err(NotText(number));
        }
        hashes.push(hash);
    }
    Ok(hashes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;

    #[test]
    fn a_proof_is_read_as_it_is_written() {
        let checkpoint = Checkpoint { origin: "rectify/a".to_owned(), size: 9, root: [3; 32] };
        let signed = SignedCheckpoint { checkpoint, note: "rectify/a\n9\n…\n\n— …\n".to_owned() };
        for path in [vec![], vec![[1; 32]], vec![[1; 32], [2; 32]]] {
            let inclusion = Inclusion { position: 7, path: path.clone() };
            let text = inclusion_text(&inclusion, &signed);
            assert!(text.starts_with("c2sp.org/tlog-proof@v1\nindex 6\n"), "{text}");
            assert_eq!(inclusion_of(&text), Ok((inclusion, signed.note.as_str())));
            let consistency = Consistency { earlier: 3, path };
            assert_eq!(consistency_of(&consistency_text(&consistency), 3), Ok(consistency));
        }
    }

    #[test]
    fn what_is_no_proof_is_refused_with_its_line() {
        let first = "c2sp.org/tlog-proof@v1\n";
        let hash = STANDARD.encode([1; 32]);
        for (text, line) in [
            (String::new(), 1),
            ("c2sp.org/tlog-proof@v2\nindex 1\n\n".to_owned(), 1),
            (format!("{first}index\n"), 2),
            (format!("{first}index 01\n\n"), 2),
            (format!("{first}index -1\n\n"), 2),
            (format!("{first}index {}\n\n", u64::MAX), 2),
            (format!("{first}index 1\n{hash}\n"), 3),
            (format!("{first}index 1\n{hash}\nAAAA\n\nnote"), 4),
            (format!("{first}index 1\n{}\nnote", format!("{hash}\n").repeat(LONGEST + 1)), 3 + LONGEST),
        ] {
            assert_eq!(inclusion_of(&text), Err(NotText(line)), "{text}");
        }
        assert_eq!(consistency_of(&hash, 1), Err(NotText(1)));
        assert_eq!(consistency_of("\n", 1), Err(NotText(1)));
        assert_eq!(consistency_of(&format!("{hash}\n\n"), 1), Err(NotText(2)));
    }
}
