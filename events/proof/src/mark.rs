//! What stands on paper: how many events the log had, and how its root begins.

use std::fmt;
use std::str::FromStr;

use rectify_case::Position;

/// How many bytes of the root stand on paper: 64 bits, too many to find another history that has the same.
const SHOWN: usize = 8;

/// The size of a tree and the first 16 hexadecimal digits of its root, as in `1234:5fd0a63c18b2e947`. Every paper that carries one
/// is a witness of the history up to there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mark {
    /// How many events.
    pub size: Position,
    root: [u8; SHOWN],
}

/// A text that is no mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a mark is SIZE:ROOT, the size of the log and the first 16 or more hexadecimal digits of its root")]
pub struct BadMark;

impl Mark {
    /// Returns the mark of a tree.
    pub fn of(size: Position, root: &[u8; 32]) -> Mark {
        let mut shown = [0; SHOWN];
        shown.copy_from_slice(&root[..SHOWN]);
        Mark { size, root: shown }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.size, hex::encode(self.root))
    }
}

impl FromStr for Mark {
    type Err = BadMark;

    /// Reads a mark as it was copied from paper: in capitals too, and with more of the root than was printed.
    fn from_str(text: &str) -> Result<Mark, BadMark> {
        let (size, digits) = text.trim().split_once([':', '：']).ok_or(BadMark)?;
        let digits = digits.trim();
        let size = size.trim().parse().map_err(|_| BadMark)?;
        if digits.len() > 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(BadMark);
        }
        let mut root = [0; SHOWN];
        hex::decode_to_slice(digits.get(..2 * SHOWN).ok_or(BadMark)?, &mut root).map_err(|_| BadMark)?;
        Ok(Mark { size, root })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_is_written() {
        let mark = Mark::of(1234, &[0xa5; 32]);
        assert_eq!(mark.to_string(), "1234:a5a5a5a5a5a5a5a5");
        for written in ["1234:a5a5a5a5a5a5a5a5", " 1234 : A5A5A5A5A5A5A5A5", "1234：a5a5a5a5a5a5a5a5a5a5"] {
            assert_eq!(written.parse(), Ok(mark), "{written}");
        }
        for bad in
            ["", "1234", "1234:", ":a5a5a5a5a5a5a5a5", "1234:a5a5", "-1:a5a5a5a5a5a5a5a5", "1:a5a5a5a5a5a5a5a5\u{301}"]
        {
            assert_eq!(bad.parse::<Mark>(), Err(BadMark), "{bad:?}");
        }
    }
}
