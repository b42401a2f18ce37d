//! Files and documents on their way into the queue.

use std::ops::ControlFlow;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use rectify_accounts::{Accounts, AccountsError};
use rectify_bus::{Bus, Submission, SubmitError};
use rectify_case::{Actor, Directory, Finding, Zone};
use rectify_keys::{Keys, KeysError};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::{JoinError, spawn_blocking};

use crate::attached::Attachments;
use crate::cell::kept_value;
use crate::document::{Document, Fault, Given, intake_name};
use crate::errors::{self, ErrorsError};
use crate::foreign::Foreign;
use crate::gone::Holdings;
use crate::header::Wanted;
use crate::mapping::{Fingerprint, Mapping, MappingError, Mappings};
use crate::reading::Reading;
use crate::reason::Reason;
use crate::report::{Accepted, Language, Place, Receipt, Report, RowError};
use crate::seal::{self, How, Step};
use crate::several::Split;
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
    /// Which headers of these sheets mean which columns. It is remembered for the sender.
    pub mapping: Option<Mapping>,
    /// Which cells that number several problems are taken apart.
    pub split: Split,
    /// Whether nothing is to be handed in, and the report only says what would come of it.
    pub check: bool,
    /// Where mappings and deliveries are remembered; without it nothing is.
    pub accounts: Option<Accounts>,
    /// What seals; none where nothing that is handed in is sealed.
    pub keys: Option<Keys>,
    /// What came with the one finding that is handed in; none where nothing did.
    pub attachments: Option<Attachments>,
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
    /// The mapping cannot be used.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// What is remembered of the sender cannot be read.
    #[error("what is remembered of the sender cannot be read")]
    Accounts(#[from] AccountsError),
    /// The workbook with the errors cannot be made.
    #[error("the workbook with the errors cannot be made")]
    Errors(#[from] ErrorsError),
    /// What must be sealed cannot be.
    #[error("nothing was sealed, and so nothing more was handed in, after {accepted} findings; hand the same in again")]
    Keys {
        /// How many were accepted before.
        accepted: usize,
        /// Why.
        #[source]
        source: KeysError,
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
            ImportError::Mapping(error) => Some(error.chinese()),
            ImportError::Errors(error) => Some(error.chinese()),
            ImportError::Queue { .. }
            | ImportError::Keys { .. }
            | ImportError::Accounts(_)
            | ImportError::Stopped(_) => None,
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
    let mappings = handover.mappings::<D>().await?;
    handover.can_seal::<D>()?;
    let given = handover.given.clone();
    let reading = spawn_blocking(move || Reading::open(&Wanted::by::<D>(), &files, &given, &mappings)).await??;
    let (total, mapped) = (reading.total(), reading.newly_mapped());
    progress(Progress { total, ..Progress::default() });

    let (put, sorted) = mpsc::channel(WINDOW);
    let reader = spawn_blocking(move || sort_files::<D>(reading, &desk, |finding| pass_on(&put, finding)));
    let sealed = handover.sealing(sorted);
    let mut handed_in = handover.submit(sealed, |progressed| progress(Progress { total, ..progressed })).await;
    let holdings = std::mem::take(&mut handed_in.holdings);
    let mut report = handed_in.complete(reader.await?)?;
    progress(Progress { rows: report.rows, total, accepted: report.accepted.len() as u64 });
    handover.remember::<D>(&mut report, mapped, holdings).await;
    Ok(report)
}

/// Returns the files as a workbook with what is wrong beside the cells, as a report of them says it.
pub async fn workbook_of_errors<D: Document>(
    handover: &Handover,
    files: Vec<File>,
    report: &Report,
    language: Language,
) -> Result<Vec<u8>, ImportError> {
    let mappings = handover.mappings::<D>().await?;
    let report = report.clone();
    let made = spawn_blocking(move || errors::workbook(&Wanted::by::<D>(), &files, &mappings, &report, language));
    Ok(made.await??)
}

/// Hands in documents.
pub async fn import_documents<D: Document>(handover: &Handover, documents: Vec<Value>) -> Result<Report, ImportError> {
    let desk = handover.desk();
    desk.check::<D>().map_err(ImportError::Given)?;
    handover.can_seal::<D>()?;
    let documents = documents.into_iter().map(kept_value).collect();
    let (put, sorted) = mpsc::channel(WINDOW);
    let reader = spawn_blocking(move || sort_documents::<D>(documents, &desk, |finding| pass_on(&put, finding)));
    let sealed = handover.sealing(sorted);
    handover.submit(sealed, |_| ()).await.complete(reader.await?)
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
    holdings: Holdings,
    failed: Option<Failure>,
}

/// What broke a delivery off.
enum Failure {
    Queue(SubmitError),
    Keys(KeysError),
}

impl HandedIn {
    fn complete(self, mut report: Report) -> Result<Report, ImportError> {
        let accepted = self.accepted.len();
        match self.failed {
            Some(Failure::Queue(source)) => return Err(ImportError::Queue { accepted, source }),
            Some(Failure::Keys(source)) => return Err(ImportError::Keys { accepted, source }),
            None => {}
        }
        report.accepted = self.accepted;
        report.refused.extend(self.refused);
        Ok(report)
    }

    fn note(&mut self, finding: &Finding, place: Place, answer: Result<Receipt, SubmitError>) {
        let refuse = |reason| RowError::new(&place, "", "", reason);
        match answer {
            Ok(receipt) => {
                self.holdings.note(finding);
                let (id, item) = (finding.id(), finding.reference.item.clone());
                let attachments = finding.sealed().map(|sealed| sealed.attachments.clone()).unwrap_or_default();
                let checked = (receipt == Receipt::Checked).then(|| Box::new(finding.clone()));
                self.accepted.push(Accepted { place, finding: id, item, attachments, receipt, checked });
            }
            Err(SubmitError::SetAside { reason }) => self.refused.push(refuse(Reason::SetAside(reason))),
            Err(SubmitError::Elsewhere { leaf, .. }) => {
                self.refused.push(refuse(Reason::OtherDivision(leaf.to_string())));
            }
            Err(SubmitError::TooLarge { .. }) => self.refused.push(refuse(Reason::TooLong)),
            Err(error @ (SubmitError::Unavailable(_) | SubmitError::Forbidden(_))) => {
                self.failed = Some(Failure::Queue(error));
            }
        }
    }
}

impl Handover {
    /// Returns a delivery by a sender to a queue: nothing is given for its findings, and nothing remembered of it.
    pub fn new(bus: Bus, sender: Actor, received: DateTime<Utc>, directory: Arc<Directory>, zone: Zone) -> Handover {
        let given = Given::default();
        Handover {
            bus,
            sender,
            received,
            directory,
            zone,
            given,
            mapping: None,
            split: Split::None,
            check: false,
            accounts: None,
            keys: None,
            attachments: None,
        }
    }

    fn desk(&self) -> Desk {
        let Handover { directory, given, received, zone, split, keys, .. } = self;
        let (directory, given, split) = (Arc::clone(directory), given.clone(), split.clone());
        Desk { directory, given, split, received: *received, zone: *zone, keys: keys.clone() }
    }

    /// Refuses what is said for every finding where it is wrong.
    pub(crate) fn check_given<D: Document>(&self) -> Result<(), ImportError> {
        self.desk().check::<D>().map_err(ImportError::Given)
    }

    /// Refuses what must be sealed where nothing seals.
    fn can_seal<D: Document>(&self) -> Result<(), ImportError> {
        if D::SEALED && self.keys.is_none() {
            return Err(ImportError::Keys { accepted: 0, source: KeysError::NoOffice });
        }
        Ok(())
    }

    /// Seals findings as they come, beside their reader and the queue.
    fn sealing(&self, sorted: mpsc::Receiver<Sorted>) -> mpsc::Receiver<Step> {
        let (put, sealed) = mpsc::channel(WINDOW);
        let how = if self.check { How::NotAtAll } else { How::By(self.keys.clone(), self.attachments.clone()) };
        tokio::spawn(seal::pass(how, self.received, self.zone, sorted, put));
        sealed
    }

    /// Submits findings as they come, many at once, until there are no more or the queue fails.
    async fn submit(&self, mut sealed: mpsc::Receiver<Step>, mut progress: impl FnMut(Progress)) -> HandedIn {
        let mut handed_in = HandedIn::default();
        let mut under_way = FuturesOrdered::new();
        let mut more = true;
        while handed_in.failed.is_none() {
            tokio::select! {
                next = sealed.recv(), if more && under_way.len() < WINDOW => match next {
                    Some(Step::Finding(next)) => under_way.push_back(self.submit_one(*next)),
                    Some(Step::Refused(error)) => handed_in.refused.push(error),
                    Some(Step::Failed(error)) => handed_in.failed = Some(Failure::Keys(error)),
                    None => more = false,
                },
                Some((submission, place, rows, answer)) = under_way.next(), if !under_way.is_empty() => {
                    handed_in.note(&submission.finding, place, answer);
                    progress(Progress { rows, total: None, accepted: handed_in.accepted.len() as u64 });
                }
                else => break,
            }
        }
        handed_in
    }

    async fn submit_one(&self, sorted: Sorted) -> (Submission, Place, u64, Result<Receipt, SubmitError>) {
        let Sorted { place, finding, rows, content: _ } = sorted;
        let submission = Submission { finding, sender: self.sender, received: self.received };
        let answer =
            if self.check { Ok(Receipt::Checked) } else { self.bus.submit(&submission).await.map(Receipt::from) };
        (submission, place, rows, answer)
    }

    /// Returns how foreign headers of the files are read.
    pub(crate) fn foreign<D: Document>(&self) -> Foreign {
        let Handover { sender, received, mapping, accounts, .. } = self;
        let (mapping, accounts, intake) = (mapping.clone(), accounts.clone(), intake_name(D::INTAKE));
        Foreign { intake, unit: sender.unit, person: sender.person, received: *received, mapping, accounts }
    }

    /// Returns the mappings that the files may be read by.
    async fn mappings<D: Document>(&self) -> Result<Mappings, ImportError> {
        let mappings = self.foreign::<D>().mappings(&D::columns()).await?;
        if let Some(mapping) = &self.mapping {
            let given = self.given.clone().or(&mapping.defaults);
            Desk { given, ..self.desk() }.check::<D>().map_err(ImportError::Given)?;
        }
        Ok(mappings)
    }

    /// Remembers how the files were read and what they held, and tells what is no longer in them; a check only tells. What was
    /// handed in is in, whether or not this can be remembered.
    async fn remember<D: Document>(&self, report: &mut Report, mapped: Vec<(Fingerprint, String)>, holdings: Holdings) {
        let Some(accounts) = self.accounts.as_ref().filter(|_| !report.accepted.is_empty()) else {
            return;
        };
        let remembered = async {
            if !self.check {
                self.foreign::<D>().remember(mapped).await?;
            }
            if report.refused.iter().any(|error| matches!(error.reason, Reason::Unreadable(_))) {
                // Not everything in the files was seen.
                return Ok(());
            }
            let delivered = (!self.check).then_some((self.sender, self.received));
            report.no_longer = holdings.compare(accounts, delivered, self.zone, &report.mentioned).await?;
            Ok::<_, AccountsError>(())
        };
        if let Err(error) = remembered.await {
            tracing::warn!(error = &error as &dyn std::error::Error, "what was delivered cannot be remembered");
        }
    }
}
