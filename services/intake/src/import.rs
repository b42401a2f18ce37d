//! Files and documents on their way into the queue.

use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use rectify_bus::{Bus, Submission, SubmitError};
use rectify_case::{Actor, Directory, FindingId, Zone};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::{JoinError, spawn_blocking};

use crate::document::{Document, Fault, Given};
use crate::plan::Plan;
use crate::reason::Reason;
use crate::report::{Accepted, Place, Report, RowError};
use crate::sort::{Desk, Sorted, sort_documents, sort_files};
use crate::table::{File, FileError};

/// How many findings are on their way at once.
const WINDOW: usize = 256;

/// Who hands in, to which queue, and what holds for every finding.
#[derive(Clone, Debug)]
pub struct Handover {
    /// The queue.
    pub bus: Bus,
    /// Who hands in.
    pub sender: Actor,
    /// When it came in.
    pub received: DateTime<Utc>,
    /// Units, people and sources as they are now.
    pub directory: Arc<Directory>,
    /// The office's zone.
    pub zone: Zone,
    /// What is said for every finding.
    pub given: Given,
}

/// How far a delivery has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows behind us.
    pub rows: u64,
    /// Rows in all, as far as the files say it.
    pub total: Option<u64>,
    /// Findings accepted.
    pub accepted: u64,
}

/// Why a delivery was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file cannot be taken at all.
    #[error(transparent)]
    File(#[from] FileError),
    /// What is said for every finding is wrong.
    #[error("{} {:?} {}", .0.field, .0.value, .0.reason.english())]
    Given(Fault),
    /// The queue failed. What it had accepted before stays accepted; handing the same in again adds nothing.
    #[error("the queue failed after {accepted} findings; hand the same in again")]
    Queue {
        /// How many it had accepted.
        accepted: usize,
        /// Why.
        #[source]
        source: SubmitError,
    },
    /// The process ends.
    #[error("the process ends")]
    Stopped(#[from] JoinError),
}

impl ImportError {
    /// Returns the sentence in Chinese, where whoever hands in can do something about it.
    pub fn chinese(&self) -> Option<String> {
        match self {
            ImportError::File(file) => Some(file.chinese()),
            ImportError::Given(fault) => Some(fault.chinese()),
            ImportError::Queue { .. } | ImportError::Stopped(_) => None,
        }
    }
}

/// Hands in the findings of files, which are one delivery. Rows that are wrong are reported, the good ones go in.
pub async fn import<D: Document>(
    handover: &Handover,
    files: Vec<File>,
    mut progress: impl FnMut(Progress),
) -> Result<Report, ImportError> {
    let desk = handover.desk();
    desk.check::<D>().map_err(ImportError::Given)?;
    let given = handover.given.clone();
    let (plan, total) = spawn_blocking(move || {
        let mut plan = Plan::open::<D>(&files, &given)?;
        let total = plan.total();
        Ok::<_, FileError>((plan, total))
    })
    .await??;
    progress(Progress { total, ..Progress::default() });

    let (put, sorted) = mpsc::channel(WINDOW);
    let reader = spawn_blocking(move || sort_files::<D>(plan, &desk, |finding| pass_on(&put, finding)));
    let handed_in = handover.submit(sorted, |progressed| progress(Progress { total, ..progressed })).await;
    let report = handed_in.complete(reader.await?)?;
    progress(Progress { rows: report.rows, total, accepted: report.accepted.len() as u64 });
    Ok(report)
}

/// Hands in documents.
pub async fn import_documents<D: Document>(handover: &Handover, documents: Vec<Value>) -> Result<Report, ImportError> {
    let desk = handover.desk();
    desk.check::<D>().map_err(ImportError::Given)?;
    let (put, sorted) = mpsc::channel(WINDOW);
    let reader = spawn_blocking(move || sort_documents::<D>(documents, &desk, |finding| pass_on(&put, finding)));
    handover.submit(sorted, |_| ()).await.complete(reader.await?)
}

fn pass_on(put: &mpsc::Sender<Sorted>, finding: Sorted) -> ControlFlow<()> {
    match put.blocking_send(finding) {
        Ok(()) => ControlFlow::Continue(()),
        Err(_) => ControlFlow::Break(()),
    }
}

/// What the queue answered to a delivery.
#[derive(Default)]
struct HandedIn {
    accepted: Vec<Accepted>,
    refused: Vec<RowError>,
    failed: Option<SubmitError>,
}

impl HandedIn {
    fn complete(self, mut report: Report) -> Result<Report, ImportError> {
        if let Some(source) = self.failed {
            return Err(ImportError::Queue { accepted: self.accepted.len(), source });
        }
        report.accepted = self.accepted;
        report.refused.extend(self.refused);
        Ok(report)
    }

    fn note(
        &mut self,
        place: Place,
        finding: FindingId,
        item: String,
        answer: Result<rectify_bus::Receipt, SubmitError>,
    ) {
        let refuse = |reason| RowError::new(&place, "", "", reason);
        match answer {
            Ok(receipt) => self.accepted.push(Accepted { place, finding, item, receipt: receipt.into() }),
            Err(SubmitError::SetAside { reason }) => self.refused.push(refuse(Reason::SetAside(reason))),
            Err(SubmitError::TooLarge { .. }) => self.refused.push(refuse(Reason::TooLong)),
            Err(error @ SubmitError::Unavailable(_)) => self.failed = Some(error),
        }
    }
}

impl Handover {
    fn desk(&self) -> Desk {
        let Handover { directory, given, received, zone, .. } = self;
        Desk { directory: Arc::clone(directory), given: given.clone(), received: *received, zone: *zone }
    }

    /// Submits findings as they come, many at once, until there are no more or the queue fails.
    async fn submit(&self, mut sorted: mpsc::Receiver<Sorted>, mut progress: impl FnMut(Progress)) -> HandedIn {
        let mut handed_in = HandedIn::default();
        let mut under_way = FuturesOrdered::new();
        let mut more = true;
        while handed_in.failed.is_none() {
            tokio::select! {
                next = sorted.recv(), if more && under_way.len() < WINDOW => match next {
                    Some(next) => under_way.push_back(self.submit_one(next)),
                    None => more = false,
                },
                Some((place, finding, item, rows, answer)) = under_way.next(), if !under_way.is_empty() => {
                    handed_in.note(place, finding, item, answer);
                    progress(Progress { rows, total: None, accepted: handed_in.accepted.len() as u64 });
                }
                else => break,
            }
        }
        handed_in
    }

    async fn submit_one(
        &self,
        sorted: Sorted,
    ) -> (Place, FindingId, String, u64, Result<rectify_bus::Receipt, SubmitError>) {
        let Sorted { place, finding, rows } = sorted;
        let (id, item) = (finding.id(), finding.reference.item.clone());
        let submission = Submission { finding, sender: self.sender, received: self.received };
        let answer = self.bus.submit(&submission).await;
        (place, id, item, rows, answer)
    }
}
