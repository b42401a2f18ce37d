//! Whom the ledger shows a case: [`rectify_case::permission`] as SQL.

use rectify_case::Reader;

/// Who looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer(Option<Vec<Reader>>);

impl Viewer {
    /// Returns somebody who looks with their own eyes.
    pub fn of(reader: Reader) -> Viewer {
        Viewer(Some(vec![reader]))
    }

    /// Returns somebody who looks with another's eyes too (代办): sees what either may, and nothing that is kept from one
    /// of the two.
    pub fn and(self, other: Option<Reader>) -> Viewer {
        Viewer(self.0.map(|readers| readers.into_iter().chain(other).collect()))
    }

    /// Returns whoever runs the program on its own machine, and has the database itself: nothing is kept from them.
    pub fn operator() -> Viewer {
        Viewer(None)
    }
}
