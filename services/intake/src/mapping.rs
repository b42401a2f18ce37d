//! Mappings: which header of a foreign sheet means which column, and what holds where the sheet says nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rectify_accounts::KeptMapping;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::amount::Unit;
use crate::column::{Bound, Column, Kind, key};
use crate::document::Given;

/// Which header of a foreign sheet means which column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// The header as it stands in the sheet, and the column it means: by its field or by a header it is known by.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// Headers that are not taken, whatever they are.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub ignore: BTreeSet<String>,
    /// What holds for every row that does not say it.
    pub defaults: Given,
}

/// Why a mapping cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MappingError {
    /// It is no TOML, or has other keys.
    #[error("the mapping cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// It names a column that this intake does not have.
    #[error("the mapping says that {header:?} is {field:?}, which is no column here; these are: {accepted:?}")]
    UnknownColumn {
        /// The header.
        header: String,
        /// What it is said to be.
        field: String,
        /// The columns there are.
        accepted: Vec<&'static str>,
    },
}

impl MappingError {
    /// Returns the code, which never changes.
    pub fn code(&self) -> &'static str {
        match self {
            MappingError::Unreadable(_) => "bad_mapping",
            MappingError::UnknownColumn { .. } => "mapping_to_nothing",
        }
    }

    /// Returns the sentence in Chinese.
    pub fn chinese(&self) -> String {
        match self {
            MappingError::Unreadable(error) => format!("对照文件无法读取：{error}"),
            MappingError::UnknownColumn { header, field, accepted } => {
                format!("对照文件把“{header}”对应到“{field}”，没有这一列；可用：{}", accepted.join("、"))
            }
        }
    }
}

impl Mapping {
    /// Reads a mapping.
    pub fn parse(text: &str) -> Result<Mapping, MappingError> {
        Ok(toml::from_str(text.trim_start_matches('\u{feff}'))?)
    }

    /// Writes the mapping as [`Mapping::parse`] reads it.
    pub fn written(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// Checks that every column it names is one of these.
    pub fn check(&self, columns: &[Column]) -> Result<(), MappingError> {
        let wrong = self.columns.iter().find(|(_, field)| named(field, columns).is_none());
        let Some((header, field)) = wrong else { return Ok(()) };
        let accepted = columns.iter().map(|column| column.field).collect::<BTreeSet<_>>().into_iter().collect();
        Err(MappingError::UnknownColumn { header: header.clone(), field: field.clone(), accepted })
    }

    /// Returns what a header means: a column, or none at all where it is to be ignored. Nothing if this says nothing of it.
    #[expect(clippy::option_option, reason = "unsaid, ignored, or a column")]
    pub(crate) fn column(&self, name: &str, parts: &[String], columns: &[Column]) -> Option<Option<Bound>> {
        let said: Vec<String> = std::iter::once(name).chain(parts.last().map(String::as_str)).map(key).collect();
        let is_said = |header: &str| said.iter().any(|said| *said == key(header) && !said.is_empty());
        if let Some((header, field)) = self.columns.iter().find(|(header, _)| is_said(header)) {
            let bound = named(field, columns)?;
            let unit = Unit::at_end_of(&key(header)).map(|(_, unit)| unit);
            return Some(Some(Bound { unit: unit.or(bound.unit), ..bound }));
        }
        self.ignore.iter().any(|header| is_said(header)).then_some(None)
    }
}

/// Returns the column of a field, or the one that a header names.
fn named(field: &str, columns: &[Column]) -> Option<Bound> {
    let own = columns
        .iter()
        .find(|column| column.field == field && !matches!(column.kind, Kind::Count if field == "money_fen"));
    own.map(|column| Bound { column: *column, unit: None })
        .or_else(|| columns.iter().find_map(|column| column.bound(field)))
}

/// What a header is known by: its names, in whatever order.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Returns the fingerprint of a header.
    pub(crate) fn of<'a>(names: impl Iterator<Item = &'a String>) -> Fingerprint {
        let names: BTreeSet<String> = names.map(|name| key(name)).filter(|name| !name.is_empty()).collect();
        let joined = names.into_iter().collect::<Vec<_>>().join("\n");
        Fingerprint(Sha256::digest(joined).iter().fold(String::new(), |mut text, byte| {
            use fmt::Write as _;
            let _ = write!(text, "{byte:02x}");
            text
        }))
    }
}

impl From<String> for Fingerprint {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A mapping by which a header was read.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The mapping.
    pub mapping: Arc<Mapping>,
    /// Since when it is remembered; nothing where whoever hands in gave it now.
    pub since: Option<DateTime<Utc>>,
}

/// The mappings that a delivery may be read by: the one given with it, and those remembered for its sender.
#[derive(Clone, Debug, Default)]
pub struct Mappings {
    /// The one given; it goes before those remembered.
    pub given: Option<Applied>,
    /// Those remembered, by the header each was used on.
    pub remembered: HashMap<Fingerprint, Applied>,
}

impl Mappings {
    /// Returns the mappings that a delivery may be read by. One that was kept and cannot be read is passed over.
    pub(crate) fn new(given: Option<Mapping>, kept: Vec<KeptMapping>) -> Mappings {
        let given = given.map(|mapping| Applied { mapping: Arc::new(mapping), since: None });
        let remembered = kept.into_iter().filter_map(|kept| match Mapping::parse(&kept.mapping) {
            Ok(mapping) => {
                Some((kept.key.fingerprint.into(), Applied { mapping: Arc::new(mapping), since: Some(kept.since) }))
            }
            Err(error) => {
                tracing::warn!(
                    fingerprint = kept.key.fingerprint,
                    error = &error as &dyn std::error::Error,
                    "a mapping that was kept cannot be read"
                );
                None
            }
        });
        Mappings { given, remembered: remembered.collect() }
    }

    pub(crate) fn of(&self, fingerprint: &Fingerprint) -> Option<&Applied> {
        self.given.as_ref().or_else(|| self.remembered.get(fingerprint))
    }
}

#[cfg(test)]
mod tests {
    use rectify_case::Happened;

    use super::*;
    use crate::column::AMOUNTS;

    fn columns() -> Vec<Column> {
        let text = Column::new("text", &["具体问题"], Kind::Text);
        std::iter::once(text).chain(AMOUNTS).collect()
    }

    #[test]
    fn a_mapping_says_columns_what_to_ignore_and_defaults() {
        let mapping = Mapping::parse(
            "ignore = [\"问题\"]\n[columns]\n\"主要表现\" = \"text\"\n\"数额（万元）\" = \"涉及金额\"\n\
             [defaults]\nsource = \"patrol\"\ndiscovered = \"2025-04-21\"\nyear = 2025\nunit = \"万元\"\n",
        )
        .unwrap();
        mapping.check(&columns()).unwrap();
        let defaults = &mapping.defaults;
        assert_eq!(
            (defaults.source.as_deref(), defaults.year, defaults.unit),
            (Some("patrol"), Some(2025), Some(Unit::TenThousand))
        );
        assert_eq!(defaults.discovered, Some("2025-04-21".parse::<Happened>().unwrap()));
        let field = |name: &str| mapping.column(name, &[name.to_owned()], &columns());
        assert_eq!(field("主要表现 ").unwrap().unwrap().column.field, "text");
        let amount = field("数额(万元)").unwrap().unwrap();
        assert_eq!((amount.column.field, amount.unit), ("money_fen", Some(Unit::TenThousand)));
        assert!(field("问题").unwrap().is_none());
        assert!(field("县市").is_none());
        let nested = mapping.column("整改/主要表现", &["整改".to_owned(), "主要表现".to_owned()], &columns());
        assert_eq!(nested.unwrap().unwrap().column.field, "text");
    }

    #[test]
    fn a_mapping_to_nothing_names_the_header_and_what_there_is() {
        let mapping = Mapping::parse("[columns]\n\"主要表现\" = \"txt\"\n").unwrap();
        let error = mapping.check(&columns()).unwrap_err();
        assert!(error.chinese().contains("把“主要表现”对应到“txt”"), "{}", error.chinese());
        assert!(error.to_string().contains("\"households\""), "{error}");
        assert_eq!(Mapping::parse("[column]\n").unwrap_err().code(), "bad_mapping");
    }

    #[test]
    fn a_header_is_known_again_in_any_order() {
        let of =
            |names: &[&str]| Fingerprint::of(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>().iter());
        assert_eq!(of(&["序号", "问题 ", ""]), of(&["问题", "序号"]));
        assert_ne!(of(&["序号", "问题"]), of(&["序号", "存在问题"]));
    }
}
