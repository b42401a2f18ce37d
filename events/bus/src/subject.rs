//! The subjects: who may publish or read what is granted by them.

use rectify_case::{DivisionCode, Finding, SourceCode, StreamId};

/// What comes in.
pub(crate) const FINDINGS: &str = "findings";
/// What could not be read; the subject it came under follows.
pub(crate) const SET_ASIDE: &str = "set_aside";
/// What is mirrored.
pub(crate) const LOG: &str = "log";
/// What the sealer signed; the log's id follows.
pub(crate) const CHECKPOINTS: &str = "checkpoints";

/// Stands for a source or division that is not known. No code may contain it.
const UNKNOWN: &str = "_";

/// Returns the subject a finding is handed in under: `findings.<source>.<division>`.
pub(crate) fn of_finding(finding: &Finding) -> String {
    format!("{FINDINGS}.{}.{}", finding.source, finding.division)
}

/// Returns the subjects of all findings of a division.
pub(crate) fn of_division(division: &DivisionCode) -> String {
    format!("{FINDINGS}.*.{division}")
}

/// Returns the subject an event is mirrored under: `log.case.<source>.<division>.<event>`, `log.directory.<event>` or
/// `log.access.<event>`.
pub(crate) fn of_event(
    stream: StreamId,
    source: Option<&SourceCode>,
    division: Option<&DivisionCode>,
    name: &str,
) -> String {
    match stream {
        StreamId::Case(_) => {
            let source = source.map_or(UNKNOWN, SourceCode::as_str);
            let division = division.map_or(UNKNOWN, DivisionCode::as_str);
            format!("{LOG}.case.{source}.{division}.{name}")
        }
        StreamId::Directory => format!("{LOG}.directory.{name}"),
        StreamId::Access(_) => format!("{LOG}.access.{name}"),
    }
}
