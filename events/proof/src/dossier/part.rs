//! The files of a dossier: what each is called, and how large it may be.

use std::fmt;
use std::str::FromStr;

use rectify_case::{Digest, Position};
use rectify_log::LARGEST_EVENT;

/// The most bytes of a name.
const LONGEST: usize = 120;

/// How many digits a position has at least.
const DIGITS: usize = 12;

/// A file of a dossier. There is one way to write the name of each, and a ZIP with any other name is no dossier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What is in the dossier: `dossier.json`.
    Manifest,
    /// The SHA-256 of every other file: `SHA256SUMS`.
    Sums,
    /// The signed checkpoint that every proof leads to: `checkpoint`.
    Checkpoint,
    /// The checkpoint that the reader had before: `earlier-checkpoint`.
    Earlier,
    /// What shows that the log goes on from that one: `consistency`.
    Consistency,
    /// The exact bytes of an event: `events/000000000012.json`.
    Event(Position),
    /// What shows that it stands in the log: `proofs/000000000012.tlog-proof`.
    Proof(Position),
    /// A file of evidence, by its SHA-256, with the ending that it was handed in with: `evidence/….pdf`.
    Evidence(Digest, Ending),
    /// What is for people and programs to read, and proves nothing.
    Reading(Reading),
}

/// How the name of a file of evidence ends: at most eight small letters and digits, so that it is opened by what reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ending(Option<String>);

/// What is to be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reading {
    /// What this is and how it is checked: `README.txt`.
    Readme,
    /// What happened, in a language: `timeline.zh-CN.html`.
    Timeline(Tag),
    /// The shape of events: `schemas/case.json`, `schemas/access.json`.
    Schema(Schema),
}

/// The language of a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tag {
    /// `zh-CN`.
    Chinese,
    /// `en`.
    English,
}

/// Of which events a schema is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Schema {
    /// Those of a case.
    Case,
    /// Looks at it.
    Access,
}

/// A name that is none of a dossier's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// It would be written outside any folder.
    #[error("绝对路径 · the name is absolute: a name in a dossier begins with no slash and no drive")]
    Absolute,
    /// It would be written outside the folder.
    #[error("路径越界 · the name leads out of the folder that it is unpacked to")]
    LeadsOut,
    /// It is of a folder.
    #[error("目录条目 · it is a folder: a dossier has files alone")]
    Folder,
    /// It has characters that mean something else elsewhere.
    #[error("文件名含有不允许的字符 · the name has a character other than letters, digits, `.`, `-`, `_` and `/`")]
    Character,
    /// It is too long.
    #[error("文件名过长 · the name has more than 120 bytes")]
    TooLong,
    /// A dossier has no such file.
    #[error("多出的文件 · a dossier has no file of this name")]
    Unknown,
}

impl Ending {
    /// Returns the ending of the name of a file, as far as a dossier keeps it.
    pub fn of(name: &str) -> Ending {
        let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        Ending(ending.filter(|ending| is_ending(ending)))
    }
}

fn is_ending(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

impl Part {
    /// Returns how many bytes it may have, where it is read as a whole; what has no limit is only hashed.
    pub fn most(&self) -> Option<u64> {
        match self {
            Part::Manifest => Some(64 << 20),
            Part::Sums => Some(16 << 20),
            Part::Checkpoint | Part::Earlier => Some(64 << 10),
            Part::Consistency => Some(16 << 10),
            Part::Event(_) => Some(LARGEST_EVENT as u64),
            Part::Proof(_) => Some(96 << 10),
            Part::Evidence(..) | Part::Reading(_) => None,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Manifest => f.write_str("dossier.json"),
            Part::Sums => f.write_str("SHA256SUMS"),
            Part::Checkpoint => f.write_str("checkpoint"),
            Part::Earlier => f.write_str("earlier-checkpoint"),
            Part::Consistency => f.write_str("consistency"),
            Part::Event(position) => write!(f, "events/{position:0DIGITS$}.json"),
            Part::Proof(position) => write!(f, "proofs/{position:0DIGITS$}.tlog-proof"),
            Part::Evidence(digest, Ending(None)) => write!(f, "evidence/{digest}"),
            Part::Evidence(digest, Ending(Some(ending))) => write!(f, "evidence/{digest}.{ending}"),
            Part::Reading(Reading::Readme) => f.write_str("README.txt"),
            Part::Reading(Reading::Timeline(Tag::Chinese)) => f.write_str("timeline.zh-CN.html"),
            Part::Reading(Reading::Timeline(Tag::English)) => f.write_str("timeline.en.html"),
            Part::Reading(Reading::Schema(Schema::Case)) => f.write_str("schemas/case.json"),
            Part::Reading(Reading::Schema(Schema::Access)) => f.write_str("schemas/access.json"),
        }
    }
}

impl FromStr for Part {
    type Err = BadName;

    fn from_str(name: &str) -> Result<Part, BadName> {
        harmless(name)?;
        let fixed = [
            Part::Manifest,
            Part::Sums,
            Part::Checkpoint,
            Part::Earlier,
            Part::Consistency,
            Part::Reading(Reading::Readme),
            Part::Reading(Reading::Timeline(Tag::Chinese)),
            Part::Reading(Reading::Timeline(Tag::English)),
            Part::Reading(Reading::Schema(Schema::Case)),
            Part::Reading(Reading::Schema(Schema::Access)),
        ];
        if let Some(part) = fixed.into_iter().find(|part| part.to_string() == name) {
            return Ok(part);
        }
        let part = match name.split_once('/').ok_or(BadName::Unknown)? {
            ("events", file) => Part::Event(position(file, ".json")?),
            ("proofs", file) => Part::Proof(position(file, ".tlog-proof")?),
            ("evidence", file) => {
                let (digest, ending) = match file.split_once('.') {
                    Some((digest, ending)) => (digest, Some(ending.to_owned())),
                    None => (file, None),
                };
                if ending.as_ref().is_some_and(|ending| !is_ending(ending)) {
                    return Err(BadName::Unknown);
                }
                Part::Evidence(digest.parse().map_err(|_| BadName::Unknown)?, Ending(ending))
            }
            _ => return Err(BadName::Unknown),
        };
        // There is one way to write it.
        if part.to_string() == name { Ok(part) } else { Err(BadName::Unknown) }
    }
}

/// Refuses a name that would do harm where it is unpacked, whatever it names.
fn harmless(name: &str) -> Result<(), BadName> {
    let is_drive = |name: &str| name.as_bytes().get(1) == Some(&b':');
    if name.starts_with(['/', '\\']) || is_drive(name) {
        return Err(BadName::Absolute);
    }
    if name.split(['/', '\\']).any(|step| step == "..") {
        return Err(BadName::LeadsOut);
    }
    if name.ends_with('/') {
        return Err(BadName::Folder);
    }
    if name.len() > LONGEST {
        return Err(BadName::TooLong);
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
    if name.bytes().all(is_plain) { Ok(()) } else { Err(BadName::Character) }
}

fn position(file: &str, ending: &str) -> Result<Position, BadName> {
    let digits = file.strip_suffix(ending).ok_or(BadName::Unknown)?;
    digits.parse().map_err(|_| BadName::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let digest = "0123456789abcdef".repeat(4);
        for name in [
            "dossier.json".to_owned(),
            "SHA256SUMS".to_owned(),
            "checkpoint".to_owned(),
            "earlier-checkpoint".to_owned(),
            "consistency".to_owned(),
            "events/000000000012.json".to_owned(),
            "events/12345678901234.json".to_owned(),
            "proofs/000000000012.tlog-proof".to_owned(),
            format!("evidence/{digest}"),
            format!("evidence/{digest}.pdf"),
            "README.txt".to_owned(),
            "timeline.zh-CN.html".to_owned(),
            "schemas/access.json".to_owned(),
        ] {
            assert_eq!(name.parse::<Part>().map(|part| part.to_string()), Ok(name.clone()));
        }
        let evidence = Part::Evidence(digest.parse().unwrap(), Ending::of("验收单.终稿.PDF"));
        assert_eq!(evidence.to_string(), format!("evidence/{digest}.pdf"));
        assert_eq!(Ending::of("说明"), Ending::default());
        assert_eq!(Ending::of("x.../../y"), Ending::default());
    }

    #[test]
    fn what_is_no_name_of_a_dossier_is_refused_with_the_reason() {
        let digest = "0123456789abcdef".repeat(4);
        for (name, why) in [
            ("/etc/passwd", BadName::Absolute),
            ("\\\\server\\share", BadName::Absolute),
            ("C:/x", BadName::Absolute),
            ("../x", BadName::LeadsOut),
            ("events/../../x", BadName::LeadsOut),
            ("events\\..\\x", BadName::LeadsOut),
            ("events/", BadName::Folder),
            ("events\\1.json", BadName::Character),
            ("events/一.json", BadName::Character),
            ("a\0b", BadName::Character),
            ("", BadName::Unknown),
            ("events/12.json", BadName::Unknown),
            ("events/+00000000012.json", BadName::Character),
            ("events/000000000012.JSON", BadName::Unknown),
            ("events//000000000012.json", BadName::Unknown),
            ("./checkpoint", BadName::Unknown),
            ("Checkpoint", BadName::Unknown),
            ("evidence/x.pdf", BadName::Unknown),
            (&format!("evidence/{digest}."), BadName::Unknown),
            (&format!("evidence/{digest}.PDF"), BadName::Unknown),
            ("a/".repeat(60).repeat(2).trim_end_matches('/'), BadName::TooLong),
        ] {
            assert_eq!(name.parse::<Part>(), Err(why), "{name:?}");
        }
    }
}
