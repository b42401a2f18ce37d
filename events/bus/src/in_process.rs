//! The bus inside one process: a bounded queue that delivers again as NATS does. It is not durable and need not be:
//! a sender is told "accepted" only when the log has the event.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::Instant;

use crate::delivery::{ASIDE, Delivery, Hold, SetAside};
use crate::error::SubmitError;
use crate::submission::{Receipt, Submission};
use crate::trace::TraceParent;

/// How many submissions may wait for the registrar. More senders wait for room.
const ROOM: usize = 1024;

/// How many set-aside findings are remembered. Their senders were told, so nothing accepted is forgotten.
const REMEMBERED: usize = 1000;

/// A queue inside this process. Cheap to clone; all clones are the same queue.
#[derive(Clone, Debug)]
pub struct InProcessBus(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    state: Mutex<State>,
    arrived: Notify,
    room: Arc<Semaphore>,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Ticket>,
    set_aside: VecDeque<(Instant, SetAside)>,
    set_aside_ever: u64,
}

/// A submission on its way, with whom to answer.
#[derive(Debug)]
struct Ticket {
    submission: Submission,
    trace: Option<TraceParent>,
    bytes: Vec<u8>,
    delivered: u64,
    answer: oneshot::Sender<Result<Receipt, SubmitError>>,
    _place: OwnedSemaphorePermit,
}

impl InProcessBus {
    pub(crate) fn new() -> Self {
        let room = Arc::new(Semaphore::new(ROOM));
        Self(Arc::new(Queue { state: Mutex::default(), arrived: Notify::new(), room }))
    }

    pub(crate) async fn submit(
        &self,
        submission: &Submission,
        trace: Option<&TraceParent>,
    ) -> Result<Receipt, SubmitError> {
        let bytes = submission.bytes()?;
        let place = Arc::clone(&self.0.room).acquire_owned().await.map_err(|e| SubmitError::Unavailable(e.into()))?;
        let (answer, answered) = oneshot::channel();
        let (submission, trace) = (submission.clone(), trace.cloned());
        self.0.put(Ticket { submission, trace, bytes, delivered: 0, answer, _place: place });
        answered.await.unwrap_or_else(|e| Err(SubmitError::Unavailable(e.into())))
    }

    pub(crate) fn findings(&self) -> InProcessFindings {
        InProcessFindings(Arc::clone(&self.0))
    }

    pub(crate) fn set_aside(&self) -> Vec<SetAside> {
        let mut state = self.0.state();
        state.set_aside.retain(|(since, _)| since.elapsed() < ASIDE);
        state.set_aside.iter().map(|(_, aside)| aside.clone()).collect()
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the queue")
    }

    fn put(&self, ticket: Ticket) {
        self.state().waiting.push_back(ticket);
        self.arrived.notify_one();
    }

    /// Puts a ticket back where it came from: before everything younger.
    fn put_back(&self, ticket: Ticket) {
        self.state().waiting.push_front(ticket);
        self.arrived.notify_one();
    }
}

/// The registrar's end of the queue inside the process.
#[derive(Debug)]
pub struct InProcessFindings(Arc<Queue>);

impl InProcessFindings {
    pub(crate) async fn next_batch(&mut self, max: usize) -> Vec<Delivery> {
        loop {
            let taken: Vec<Ticket> = {
                let mut state = self.0.state();
                let count = state.waiting.len().min(max.max(1));
                let taken = state.waiting.drain(..count).collect();
                if !state.waiting.is_empty() {
                    self.0.arrived.notify_one();
                }
                taken
            };
            if !taken.is_empty() {
                return taken.into_iter().map(|ticket| self.deliver(ticket)).collect();
            }
            self.0.arrived.notified().await;
        }
    }

    fn deliver(&self, mut ticket: Ticket) -> Delivery {
        ticket.delivered += 1;
        Delivery {
            submission: ticket.submission.clone(),
            delivered: ticket.delivered,
            trace: ticket.trace.clone(),
            hold: Hold::InProcess(Held { queue: Arc::clone(&self.0), ticket: Some(ticket) }),
        }
    }
}

/// A ticket taken off the queue, which goes back when it is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    queue: Arc<Queue>,
    ticket: Option<Ticket>,
}

impl Held {
    pub(crate) fn ack(mut self) {
        if let Some(ticket) = self.ticket.take() {
            ticket.answer(Ok(Receipt::Recorded));
        }
    }

    pub(crate) fn retry(self, delay: Duration) {
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            drop(self);
        });
    }

    pub(crate) fn set_aside(mut self, reason: &str) {
        let Some(mut ticket) = self.ticket.take() else { return };
        let mut state = self.queue.state();
        state.set_aside_ever += 1;
        let set_aside = SetAside {
            sequence: state.set_aside_ever,
            subject: ticket.submission.subject(),
            reason: reason.to_owned(),
            received: ticket.submission.received,
            delivered: ticket.delivered,
            bytes: std::mem::take(&mut ticket.bytes),
            sealed: false,
        };
        state.set_aside.retain(|(since, _)| since.elapsed() < ASIDE);
        if state.set_aside.len() == REMEMBERED {
            state.set_aside.pop_front();
        }
        state.set_aside.push_back((Instant::now(), set_aside));
        drop(state);
        ticket.answer(Err(SubmitError::SetAside { reason: reason.to_owned() }));
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.queue.put_back(ticket);
        }
    }
}

impl Ticket {
    fn answer(self, answer: Result<Receipt, SubmitError>) {
        // A sender that no longer listens hears it when it asks again: the log knows the finding.
        let _ = self.answer.send(answer);
    }
}
