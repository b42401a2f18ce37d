//! One thing that was examined.

use crate::terminal::{Paint, Style, padded};

/// One thing that was examined.
#[derive(Debug)]
pub struct Finding {
    what: &'static str,
    standing: Standing,
    said: String,
    mend: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Good,
    Note,
    Bad,
}

/// Returns that something is in order.
pub fn good(what: &'static str, said: impl Into<String>) -> Finding {
    Finding { what, standing: Standing::Good, said: said.into(), mend: None }
}

/// Returns that something should be looked at, and what can be done.
pub fn note(what: &'static str, said: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding { what, standing: Standing::Note, said: said.into(), mend: Some(mend.into()) }
}

/// Returns that something is wrong, and how to mend it.
pub fn bad(what: &'static str, said: impl Into<String>, mend: impl Into<String>) -> Finding {
    Finding { what, standing: Standing::Bad, said: said.into(), mend: Some(mend.into()) }
}

impl Finding {
    /// Returns whether it is wrong.
    pub fn is_bad(&self) -> bool {
        self.standing == Standing::Bad
    }

    /// Returns whether it should be looked at.
    pub fn is_note(&self) -> bool {
        self.standing == Standing::Note
    }

    /// Returns what is printed of it.
    pub fn lines(&self, paint: Paint) -> Vec<String> {
        let mark = match self.standing {
            Standing::Good => paint.put(Style::Good, "ok   "),
            Standing::Note => paint.put(Style::Warning, "note "),
            Standing::Bad => paint.put(Style::Bad, "WRONG"),
        };
        let first = format!("{mark}  {}{}", padded(self.what, 15), self.said);
        let mend = self.mend.as_ref().map(|mend| format!("{}→ {mend}", " ".repeat(22)));
        std::iter::once(first).chain(mend).collect()
    }
}
