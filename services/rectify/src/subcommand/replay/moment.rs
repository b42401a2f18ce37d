//! As of when something is replayed, by either clock.

use anyhow::bail;
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use rectify_case::{Position, Zone};
use rectify_ledger::Standpoint;
use rectify_log::At;

use crate::installation::Installation;

/// As of when something is asked for.
#[derive(Args, Clone, Copy, Debug)]
pub struct AsOf {
    /// As of the end of this day, of this instant, or of this position of the log; else as of now
    #[arg(long, value_name = "DAY|INSTANT|POSITION")]
    at: Option<At>,
    /// By which clock
    #[arg(long, value_enum, default_value_t)]
    clock: Clock,
}

/// Which clock a moment is told by.
#[derive(ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// What was on record by then
    #[default]
    Recorded,
    /// What had happened by then, as is known now
    Happened,
}

/// A moment of an installation's log.
#[derive(Clone, Debug)]
pub struct Moment {
    /// What is seen of the log.
    pub standpoint: Standpoint,
    /// The instant as of which what is late is late.
    pub at: DateTime<Utc>,
    /// When that is, in words.
    pub said: String,
}

impl AsOf {
    /// Returns a moment by a clock.
    pub fn new(at: Option<At>, clock: Clock) -> AsOf {
        AsOf { at, clock }
    }

    /// Looks the moment up in a log.
    pub async fn of(self, installation: &Installation, zone: Zone) -> anyhow::Result<Moment> {
        let (log, now) = (&installation.log, installation.now());
        let head = log.head().await?;
        let (at, when) = match self.at {
            None => (now, "目前".to_owned()),
            Some(At::Position(position)) => {
                let event = log.read_all(position - 1, 1).await?;
                let Some(event) = event.first() else { bail!("the log has no position {position}: it ends at {head}") };
                let at = event.envelope.recorded;
                let when = zone.at(at).format("%Y-%m-%d %H:%M:%S").to_string();
                if self.clock == Clock::Recorded {
                    let (standpoint, said) = (Standpoint::known(position), on_record(&when, position));
                    return Ok(Moment { standpoint, at, said });
                }
                (at, when)
            }
            Some(At::Moment(moment)) => {
                if moment.earliest(zone) > now {
                    bail!("{moment} is yet to come");
                }
                (moment.latest(zone).min(now), moment.to_string())
            }
        };
        Ok(match self.clock {
            Clock::Recorded => {
                let known = log.position_at(at).await?;
                Moment { standpoint: Standpoint::known(known), at, said: on_record(&when, known) }
            }
            Clock::Happened => Moment {
                standpoint: Standpoint { known: head, happened_by: Some(at) },
                at,
                said: format!("截至{when}已发生的（所知至第 {head} 号事件）"),
            },
        })
    }
}

fn on_record(when: &str, known: Position) -> String {
    format!("截至{when}已记录的（第 {known} 号事件）")
}
