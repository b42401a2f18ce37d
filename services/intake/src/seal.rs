//! On the way from the reader to the queue: what is to be sealed is sealed, many at once, and its keys are durable before
//! anything is queued.

use chrono::{DateTime, Utc};
use rectify_case::finding::Details;
use rectify_case::{FindingId, Zone};
use rectify_keys::{Answer, Attached, Clear, Keys, KeysError, MOST_ATTACHMENTS};
use tokio::sync::mpsc;

use crate::attached::Attachments;
use crate::reason::Reason;
use crate::report::{Place, RowError};
use crate::sort::Sorted;

/// How many are sealed at once.
const BATCH: usize = 256;

/// How what is to be sealed is sealed.
pub(crate) enum How {
    /// By the keys of the office, where there are some, with what came with the one finding.
    By(Option<Keys>, Option<Attachments>),
    /// Not at all, for nothing is handed in.
    NotAtAll,
}

/// What is handed on to the queue.
pub(crate) enum Step {
    /// A finding, with nothing in clear that must not be.
    Finding(Box<Sorted>),
    /// What is not handed in after all.
    Refused(RowError),
    /// The key store failed. Nothing more comes.
    Failed(KeysError),
}

/// Seals what comes and passes it on in the same order, until there is no more or nobody takes it.
pub(crate) async fn pass(
    how: How,
    now: DateTime<Utc>,
    zone: Zone,
    mut sorted: mpsc::Receiver<Sorted>,
    put: mpsc::Sender<Step>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while sorted.recv_many(&mut batch, BATCH).await > 0 {
        let steps = match sealed(&how, now, zone, std::mem::take(&mut batch)).await {
            Ok(steps) => steps,
            Err(error) => vec![Step::Failed(error)],
        };
        for step in steps {
            let last = matches!(step, Step::Failed(_));
            if put.send(step).await.is_err() || last {
                return;
            }
        }
    }
}

async fn sealed(how: &How, now: DateTime<Utc>, zone: Zone, mut batch: Vec<Sorted>) -> Result<Vec<Step>, KeysError> {
    let clear: Vec<Clear> = batch
        .iter_mut()
        .filter_map(|sorted| Some(Clear { finding: sorted.finding.id(), content: sorted.content.take()? }))
        .collect();
    if clear.is_empty() {
        return Ok(batch.into_iter().map(|sorted| Step::Finding(Box::new(sorted))).collect());
    }
    let ids: Vec<_> = clear.iter().map(|clear| clear.finding).collect();
    let keys = match how {
        How::By(keys, attachments) => {
            let keys = keys.as_ref().ok_or(KeysError::NoOffice)?;
            if let (Some(attachments), [only]) = (attachments, batch.as_slice())
                && !attach(keys, attachments, only.finding.id(), now).await?
            {
                let full = Reason::TooManyAttachments(MOST_ATTACHMENTS);
                return Ok(vec![Step::Refused(RowError::new(&only.place, "", "", full))]);
            }
            keys
        }
        How::NotAtAll => return Ok(batch.into_iter().map(|sorted| Step::Finding(Box::new(sorted))).collect()),
    };
    let answers = keys.seal(clear, now).await?;
    let mut answers = ids.into_iter().zip(answers).peekable();
    let step = |mut sorted: Sorted| {
        let answer = answers.next_if(|(id, _)| *id == sorted.finding.id());
        match (answer, &mut sorted.finding.details) {
            (Some((_, Answer::Sealed(sealed))), Details::Petition(petition)) => petition.sealed = Some(sealed),
            (Some((_, Answer::Erased(at))), _) => return refused(&sorted.place, zone.day_of(at).to_string()),
            _ => {}
        }
        Step::Finding(Box::new(sorted))
    };
    Ok(batch.into_iter().map(step).collect())
}

/// Attaches files to a petition, before it is sealed: what is sealed names them. Returns whether it has room for them.
async fn attach(
    keys: &Keys,
    attachments: &Attachments,
    finding: FindingId,
    now: DateTime<Utc>,
) -> Result<bool, KeysError> {
    for file in &attachments.files {
        match keys.attach(&attachments.store, finding, file, now).await? {
            Attached::Here(_) => {}
            // What is said of the petition itself says it of its attachments.
            Attached::Erased(_) => return Ok(true),
            Attached::Full => return Ok(false),
        }
    }
    Ok(true)
}

fn refused(place: &Place, day: String) -> Step {
    Step::Refused(RowError::new(place, "", "", Reason::Erased(day)))
}
