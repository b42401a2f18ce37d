//! Group commit: whatever queued while the last group was being committed is the next, and one transaction.

use std::sync::Arc;

use rectify_case::Position;
use tokio::sync::{mpsc, oneshot, watch};

use crate::append::{AppendError, Appended};
use crate::clock::{Clock, Latest};
use crate::db::Db;
use crate::prepare::Prepared;
use crate::read;
use crate::transaction::{Outcome, Reached, write_group};

/// An append that waits to be written.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) append: Prepared,
    pub(crate) answer: oneshot::Sender<Result<Appended, AppendError>>,
}

/// About how many bytes make a group full.
const FULL: usize = 4 * 1024 * 1024;

/// Writes group after group, until nobody can append any more.
pub(crate) async fn write_groups(
    db: Db,
    clock: Clock,
    mut queue: mpsc::Receiver<Waiting>,
    moved: Arc<watch::Sender<Position>>,
    latest: Latest,
) {
    while let Some(group) = next_group(&mut queue).await {
        let (appends, answers): (Vec<_>, Vec<_>) = group.into_iter().map(|w| (w.append, w.answer)).unzip();
        // An answer that cannot be sent is one its caller no longer waits for.
        match write_group(&db, &clock, &appends).await {
            Ok((Reached { position, recorded }, outcomes)) => {
                latest.note(recorded);
                moved.send_if_modified(|heard| std::mem::replace(heard, position) != position);
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    _ = answer.send(answered(&db, outcome).await);
                }
            }
            Err(error) => {
                let error = Arc::new(error);
                for answer in answers {
                    _ = answer.send(Err(AppendError::Log(Arc::clone(&error))));
                }
            }
        }
    }
}

/// How many appends are so many that nobody waits for more.
const MANY: usize = 1024;

/// Lets everybody go on who can, until no more appends come of it: who was just answered and asks again belongs into this
/// group, for until the next they would wait for two commits.
async fn let_others_queue(queue: &mpsc::Receiver<Waiting>) {
    let mut queued = None;
    while queued != Some(queue.len()) && queue.len() < MANY {
        queued = Some(queue.len());
        tokio::task::yield_now().await;
    }
}

async fn next_group(queue: &mut mpsc::Receiver<Waiting>) -> Option<Vec<Waiting>> {
    let first = queue.recv().await?;
    let_others_queue(queue).await;
    let mut size = first.append.size;
    let mut group = vec![first];
    while size < FULL
        && let Ok(next) = queue.try_recv()
    {
        size += next.append.size;
        group.push(next);
    }
    Some(group)
}

async fn answered(db: &Db, outcome: Outcome) -> Result<Appended, AppendError> {
    match outcome {
        Outcome::Written(appended) => Ok(appended),
        Outcome::Repeated(positions) => {
            read::repeated(db, positions).await.map_err(|error| AppendError::Log(Arc::new(error)))
        }
        Outcome::Refused(error) => Err(error),
    }
}
