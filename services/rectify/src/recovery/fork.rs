//! Going on without what only the mirror has.

use anyhow::{Context as _, bail};
use rectify_bus::Mirror;
use rectify_case::{LogId, Position};

use super::sides::Sides;
use crate::subcommand::rebuild;

/// What is to be done.
pub enum Plan {
    /// The log goes on under an id of its own, and the mirror begins anew.
    Fork {
        /// What the mirror has beyond what is the same in both; none where there is no mirror.
        left: Option<Left>,
    },
    /// The log was forked, and whoever did it was cut off before the mirror was left.
    Finish(Left),
}

/// What is left behind.
#[derive(Clone, Copy, Debug)]
pub struct Left {
    /// The log that the mirror is of.
    pub log: LogId,
    /// The last position that is the same in both.
    pub same: Position,
    /// The last position of the mirror.
    pub last: Position,
}

/// What was done.
pub struct Forked {
    /// The new id.
    pub log: LogId,
    /// The last position before it.
    pub position: Position,
    /// The stream that keeps what the mirror had.
    pub kept_in: Option<String>,
}

/// Says what would be done.
pub async fn plan(sides: &Sides) -> anyhow::Result<Plan> {
    let head = sides.head.context("the log is empty: there is nothing to go on from; see `rectify log recover`")?;
    let Some(mirror) = &sides.mirror else { return Ok(Plan::Fork { left: None }) };
    let compared = sides.compared(mirror).await?;
    let last = compared.last.position;
    let is_ahead = last > head.position;
    let Some(event) = compared.last.event.filter(|_| is_ahead || compared.parts_after.is_some()) else {
        bail!("未分叉 · nothing was forked: the mirror has nothing that the log has not");
    };
    let same = compared.parts_after.unwrap_or(head.position);
    if same == 0 {
        bail!(
            "未分叉 · nothing was forked: the mirror is of log {}, which has nothing in common with this log {}: see to it \
             that nats.url names this installation's server",
            event.log,
            head.log
        );
    }
    let left = Left { log: event.log, same, last };
    let was_left = event.log != head.log && sides.lineage().await?.contains(&event.log);
    Ok(if was_left { Plan::Finish(left) } else { Plan::Fork { left: Some(left) } })
}

/// Does what [`plan`] said. Cut off anywhere, it is asked again and goes on.
pub async fn fork(sides: &Sides, plan: Plan, zone: rectify_case::Zone, reason: &str) -> anyhow::Result<Forked> {
    let head = sides.head.context("the log is empty")?;
    let (log, position, left) = match plan {
        Plan::Fork { left } => {
            let forked = rectify_log::fork(&sides.db, &sides.clock, head.position, reason).await;
            (forked.context("nothing was forked")?, head.position, left)
        }
        Plan::Finish(left) => (head.log, left.same, Some(left)),
    };
    let kept_in = match (&sides.mirror, left) {
        (Some(mirror), Some(left)) => {
            let done = mirror.leave(left.log).await;
            done.context("the log is forked, and the old mirror still stands: ask again to go on")?;
            Some(Mirror::left_name(left.log))
        }
        _ => None,
    };
    // What is folded may be of the other history.
    rebuild::fold(&sides.db, &sides.log().await?, zone).await?;
    Ok(Forked { log, position, kept_in })
}
