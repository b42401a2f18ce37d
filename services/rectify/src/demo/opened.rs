//! The cases that the findings of the sample have opened, as the log tells them.

use std::collections::BTreeMap;

use rectify_case::finding::Reference;
use rectify_case::{CaseEvent, CaseId, Event, Position, StreamId};
use rectify_log::{Log, Raw, Tail};

/// How many events are read at once.
const PAGE: u32 = 256;

/// The cases by the references of their findings.
pub(super) struct Opened {
    tail: Tail,
    position: Position,
    cases: BTreeMap<[String; 3], CaseId>,
}

impl Opened {
    /// Reads the log to its end.
    pub(super) async fn read(log: &Log) -> anyhow::Result<Opened> {
        let head = log.head().await?;
        let mut opened = Opened { tail: log.tail(0), position: 0, cases: BTreeMap::new() };
        while opened.position < head {
            opened.read_on().await?;
        }
        Ok(opened)
    }

    /// Reads on, when there is something to read.
    pub(super) async fn read_on(&mut self) -> anyhow::Result<()> {
        for Raw { position, stream, kind, bytes, .. } in self.tail.next_raw(PAGE).await? {
            self.position = position;
            if let (StreamId::Case(case), "finding_reported") = (stream, kind.as_str())
                && let Event::Case(event) = rectify_log::decode(&bytes)?.event
                && let CaseEvent::FindingReported { finding } = *event
            {
                let Reference { issuing_body, document, item } = finding.reference;
                self.cases.insert([issuing_body, document, item], case);
            }
        }
        Ok(())
    }

    /// Returns the case of a finding.
    pub(super) fn case(&self, reference: &[String; 3]) -> Option<CaseId> {
        self.cases.get(reference).copied()
    }
}
