//! Case numbers (编号).

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The series a number is drawn from, gap-free, under the log's lock.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// The registering office's prefix; none for the prefecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub office: Option<String>,
    /// The source's prefix, such as 审计.
    pub source: String,
    /// The year of registration, in the office's zone.
    pub year: i32,
}

/// A case number: `审计-2020-0007`, `舟曲-信访-2020-0019`. Given by the log, never changed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct CaseNumber {
    /// The series it belongs to.
    #[serde(flatten)]
    pub series: Series,
    /// Its place in the series, from 1; 0 until the log has given it.
    pub serial: u64,
}

impl Series {
    /// Returns the number of this series that the log has yet to give.
    pub fn next(self) -> CaseNumber {
        CaseNumber { series: self, serial: 0 }
    }
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(office) = &self.office {
            write!(f, "{office}-")?;
        }
        write!(f, "{}-{}", self.source, self.year)
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:04}", self.series, self.serial)
    }
}

/// A text that is not a case number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a case number such as 审计-2020-0007 or 舟曲-信访-2020-0019")]
pub struct BadNumber(String);

impl FromStr for CaseNumber {
    type Err = BadNumber;

    fn from_str(text: &str) -> Result<Self, BadNumber> {
        let bad = || BadNumber(text.to_owned());
        let parts: Vec<&str> = text.split('-').collect();
        let (office, source, year, serial) = match parts.as_slice() {
            [source, year, serial] => (None, *source, *year, *serial),
            [office, source, year, serial] => (Some((*office).to_owned()), *source, *year, *serial),
            _ => return Err(bad()),
        };
        let year = year.parse().map_err(|_| bad())?;
        let serial = serial.parse().ok().filter(|n| *n > 0).ok_or_else(bad)?;
        if source.is_empty() || office.as_deref() == Some("") {
            return Err(bad());
        }
        Ok(CaseNumber { series: Series { office, source: source.to_owned(), year }, serial })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_as_it_is_written() {
        for text in ["审计-2020-0007", "舟曲-信访-2020-0019", "审计-2020-12345"] {
            assert_eq!(text.parse::<CaseNumber>().unwrap().to_string(), text);
        }
        for text in ["", "审计-2020", "审计-2020-0000", "-2020-1", "审计-x-1"] {
            assert!(text.parse::<CaseNumber>().is_err(), "{text}");
        }
    }
}
