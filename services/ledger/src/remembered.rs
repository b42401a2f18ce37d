//! What was counted lately: asked again as of the same position and minute, it is not counted again. Every page shows how many
//! cases there are, and nothing of that changes before something is written or a day ends.

use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use moka::future::Cache;
use rectify_case::{Position, Role, UnitId};

use crate::counts::Counts;
use crate::duties::Waiting;
use crate::error::LedgerError;
use crate::generation::Generation;
use crate::overview::Overview;
use crate::permission::Viewer;

/// How many answers of one kind are remembered: for more people than an office has.
const MOST: u64 = 500;

/// How long an answer is remembered that nobody asks for.
const UNASKED: Duration = Duration::from_mins(5);

/// As of when something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AsOf {
    generation: i64,
    /// How far the log was folded, or further.
    pub(crate) position: Position,
    /// The minute: every deadline ends with a day, so nothing is late in the middle of one.
    pub(crate) now: DateTime<Utc>,
}

/// Answers of one kind, by what is asked.
type Answers<Q, A> = Cache<(AsOf, Q), Arc<A>>;

/// What was counted lately.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    pub(crate) counts: Answers<Viewer, Counts>,
    pub(crate) waiting: Answers<(Viewer, Vec<(UnitId, Role)>), Waiting>,
    pub(crate) overviews: Answers<(Viewer, i32), Overview>,
    /// How many cases a list has, by the statement that counts them.
    pub(crate) totals: Answers<(String, String), u64>,
}

impl Default for Remembered {
    fn default() -> Remembered {
        Remembered { counts: answers(), waiting: answers(), overviews: answers(), totals: answers() }
    }
}

fn answers<Q: Hash + Eq + Send + Sync + 'static, A: Send + Sync + 'static>() -> Answers<Q, A> {
    Cache::builder().max_capacity(MOST).time_to_idle(UNASKED).build()
}

impl AsOf {
    /// Returns as of when something is counted that is asked now.
    pub(crate) async fn of(generation: &Generation, now: DateTime<Utc>) -> Result<AsOf, LedgerError> {
        Ok(AsOf::at(generation, generation.checkpoint().await?.position, now))
    }

    /// Returns the same, where it is known how far the log is folded.
    pub(crate) fn at(generation: &Generation, position: Position, now: DateTime<Utc>) -> AsOf {
        let now = now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now);
        AsOf { generation: generation.number, position, now }
    }
}

/// Returns what was answered to the same question, or what is counted now. Who asks the same at the same time waits for the first;
/// what failed is not remembered.
pub(crate) async fn remembered<Q, A>(
    answers: &Answers<Q, A>,
    question: (AsOf, Q),
    counting: BoxFuture<'_, Result<A, LedgerError>>,
) -> Result<A, LedgerError>
where
    Q: Hash + Eq + Send + Sync + 'static,
    A: Clone + Send + Sync + 'static,
{
    let answer = answers.try_get_with(question, counting.map(|counted| counted.map(Arc::new))).await;
    answer.map(Arc::unwrap_or_clone).map_err(|error| Arc::try_unwrap(error).unwrap_or_else(LedgerError::Together))
}
