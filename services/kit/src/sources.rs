//! The sources that every installation begins with. They are data: an administrator defines others, and these anew.

use rectify_case::directory::{Intake, Source};
use rectify_case::finding::Severity;
use rectify_case::{Actor, DirectoryEvent, StreamId};
use rectify_log::{Append, AppendError, Expected, Log, Write};

/// The ten that the work plan of 2020 leads to: code, name, prefix in case numbers, intake, default severity.
const SHIPPED: [(&str, &str, &str, Intake, Severity); 10] = [
    ("central-inspection", "中央巡视", "中央巡视", Intake::Inspection, Severity::Grave),
    ("assessment", "成效考核", "成效考核", Intake::Inspection, Severity::Serious),
    ("look-back", "“回头看”", "回头看", Intake::Inspection, Severity::Serious),
    ("patrol", "巡查检查", "巡查检查", Intake::Inspection, Severity::Ordinary),
    ("audit", "审计", "审计", Intake::Audit, Severity::Ordinary),
    ("petition", "信访", "信访", Intake::Petition, Severity::Ordinary),
    ("democratic-supervision", "民主监督", "民主监督", Intake::Petition, Severity::Ordinary),
    ("social-supervision", "社会监督", "社会监督", Intake::Petition, Severity::Ordinary),
    ("government-supervision", "政府督查", "政府督查", Intake::Inspection, Severity::Ordinary),
    ("self-check", "自查排查", "自查排查", Intake::Inspection, Severity::Ordinary),
];

/// Returns the sources that every installation begins with.
#[expect(clippy::missing_panics_doc, reason = "the codes are constants that a test reads")]
pub fn shipped() -> impl Iterator<Item = Source> {
    SHIPPED.into_iter().map(|(code, name, prefix, intake, severity)| Source {
        code: code.parse().expect("a code is lower-case letters and hyphens, which a test reads"),
        name: name.to_owned(),
        prefix: prefix.to_owned(),
        intake,
        severity,
    })
}

/// Enters the sources in the directory of a log that has none yet. Returns whether it did.
pub async fn define(log: &Log) -> Result<bool, AppendError> {
    let events = shipped().map(|source| DirectoryEvent::SourceDefined(source).into()).collect();
    let write = Write { stream: StreamId::Directory, expected: Expected::Exactly(0), events };
    let append = Append { key: None, actor: Actor::INSTALLATION, facts_at: 0, writes: vec![write] };
    match log.append(append).await {
        Ok(_) => Ok(true),
        // Somebody began the directory before.
        Err(AppendError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use rectify_log::{Db, Options};

    use super::*;

    #[tokio::test]
    async fn the_ten_sources_are_defined_once() {
        let folder = rectify_tests::folder();
        let db = Db::open(&folder.path().join("rectify.db"), &Options::default()).await.unwrap();
        let log = Log::open(db, crate::clock::system()).await.unwrap();
        assert!(define(&log).await.unwrap());
        assert!(!define(&log).await.unwrap());
        assert_eq!(log.head().await.unwrap(), 10);
    }
}
