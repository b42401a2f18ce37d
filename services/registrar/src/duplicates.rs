//! Likely duplicates: a follower of the log that asks, for each new case, whether there was one about the same.
//!
//! It keeps a cursor and comes after the ack, so that no sender waits for the ledger. Killed before its cursor moved, it
//! asks again, and what it had flagged is known by its key.

use std::collections::VecDeque;
use std::time::Duration;

use rectify_accounts::Accounts;
use rectify_case::event::Likeness;
use rectify_case::{CaseEvent, CaseId, Command, Envelope, Event, Finding, Position, StreamId};
use rectify_kit::Frame;
use rectify_kit::act::{Ask, act, load};
use rectify_log::{Raw, Tail};

use crate::error::{Cause, RegistrarError};
use crate::standing::Standing;
use crate::verdict::Verdict;

/// The name of the cursor.
const CURSOR: &str = "duplicates";

/// The events that are asked about.
const REPORTED: &str = "finding_reported";

/// How many events are read at once.
const PAGE: u32 = 256;

/// How long to wait before what failed is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// Flags the likely duplicates of each new case, until the shutdown begins.
pub(crate) async fn flag<A, F>(frame: &Frame, accounts: &Accounts, alike: A) -> Result<(), RegistrarError>
where
    A: Fn(Finding, Position) -> F + Send + Sync,
    F: Future<Output = Result<Vec<(CaseId, Likeness)>, Cause>> + Send,
{
    let standing = Standing::shown(&frame.health, "duplicates");
    let tail = frame.log.tail(accounts.cursor(CURSOR).await?);
    let follower = Follower { frame, accounts, alike, tail, page: VecDeque::new(), asked: None };
    tokio::select! {
        () = frame.shutdown.begun() => Ok(()),
        () = follower.follow(&standing) => Ok(()),
    }
}

/// Where the follower is: what it does is done until it succeeds, and then the next.
struct Follower<'a, A> {
    frame: &'a Frame,
    accounts: &'a Accounts,
    alike: A,
    tail: Tail,
    /// What was read and not looked at yet.
    page: VecDeque<Raw>,
    /// The last event that was asked about since the cursor was moved.
    asked: Option<Position>,
}

impl<A, F> Follower<'_, A>
where
    A: Fn(Finding, Position) -> F + Send + Sync,
    F: Future<Output = Result<Vec<(CaseId, Likeness)>, Cause>> + Send,
{
    async fn follow(mut self, standing: &Standing) {
        loop {
            match self.step().await {
                Ok(()) => standing.goes_on(),
                Err(error) => {
                    standing.held_up(error.as_ref(), "likely duplicates cannot be flagged now; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Looks at one event, or notes how far it has come, or reads on.
    async fn step(&mut self) -> Result<(), Cause> {
        if let Some(event) = self.page.front() {
            if event.kind == REPORTED {
                flag_one(self.frame, event, &self.alike).await?;
                self.asked = Some(event.position);
            }
            self.page.pop_front();
        } else if let Some(position) = self.asked {
            // What is passed over is quickly read again, so only what was asked about is remembered.
            self.accounts.move_cursor(CURSOR, position).await?;
            self.asked = None;
        } else {
            self.page = self.tail.next_raw(PAGE).await?.into();
        }
        Ok(())
    }
}

async fn flag_one<A, F>(frame: &Frame, event: &Raw, alike: &A) -> Result<(), Cause>
where
    A: Fn(Finding, Position) -> F + Send + Sync,
    F: Future<Output = Result<Vec<(CaseId, Likeness)>, Cause>> + Send,
{
    let StreamId::Case(case) = event.stream else { return Ok(()) };
    let envelope = match rectify_log::decode(&event.bytes) {
        Ok(envelope) => envelope,
        Err(error) => {
            tracing::error!(position = event.position, %error, "an event cannot be read and is not compared with others");
            return Ok(());
        }
    };
    let Some(finding) = reported(&envelope) else { return Ok(()) };
    for (other, ground) in alike(finding.clone(), event.position).await? {
        let (earlier, events) = load(&frame.log, other).await?;
        // The later one points at the earlier one, and nothing at an accusation: to name it would show it.
        let is_earlier = events.first().is_some_and(|first| first.position < event.position);
        if is_earlier && !earlier.is_accusation() {
            flag_as(frame, case, &envelope, other, ground).await?;
        }
    }
    Ok(())
}

fn reported(envelope: &Envelope) -> Option<&Finding> {
    match &envelope.event {
        Event::Case(event) => match event.as_ref() {
            CaseEvent::FindingReported { finding } => Some(finding),
            _ => None,
        },
        Event::Directory(_) | Event::Access(_) => None,
    }
}

/// Flags in the name of who handed the finding in.
async fn flag_as(
    frame: &Frame,
    case: CaseId,
    brought: &Envelope,
    other: CaseId,
    ground: Likeness,
) -> Result<(), Cause> {
    let ask = Ask {
        case,
        command: Command::FlagLikelyDuplicate { other, ground },
        who: brought.actor.into(),
        key: Some(format!("duplicate:{case}:{other}")),
        seen: None,
        late: None,
        received: None,
    };
    let error = match act(frame, &ask).await {
        Ok(acted) => {
            if !acted.repeated {
                metrics::counter!("rectify_duplicates_flagged_total").increment(1);
            }
            return Ok(());
        }
        Err(error) => error,
    };
    match Verdict::on(error) {
        // The case has moved on, was flagged under another ground, or may not name the other.
        Verdict::Never(reason) => {
            tracing::info!(case.id = %case, other.id = %other, reason, "a likely duplicate is not flagged");
            Ok(())
        }
        Verdict::Wait(error) | Verdict::Later(error) => Err(error.into()),
    }
}
