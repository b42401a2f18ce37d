//! The two sides: the database of the log, and the mirror.

use anyhow::{Context as _, bail};
use rectify_bus::{Last, Mirror};
use rectify_case::{Directory, Event, LogId, Position, StreamId};
use rectify_kit::database::{self, FolderLock};
use rectify_kit::{Config, Part, clock};
use rectify_log::{Clock, Db, Head, Log, head_in};

use crate::composition;

/// The database of the log and the mirror, with the right to write.
pub struct Sides {
    /// The database.
    pub db: Db,
    /// The time.
    pub clock: Clock,
    /// What the log is; none where there is no event.
    pub head: Option<Head>,
    /// The mirror, where there is one.
    pub mirror: Option<Mirror>,
    _lock: Option<FolderLock>,
}

impl Sides {
    /// Opens both.
    pub async fn open(config: &Config) -> anyhow::Result<Sides> {
        let (db, lock) = database::open(config, Part::Writer).await?;
        let head = head(&db).await?;
        let mirror = match &config.nats {
            Some(_) => composition::bus(config, "rectify").await?.mirror().await?,
            None => None,
        };
        Ok(Sides { db, clock: clock::system(), head, mirror, _lock: lock })
    }

    /// Returns the last position of the log.
    pub fn position(&self) -> Position {
        self.head.map_or(0, |head| head.position)
    }

    /// Opens the log, which has events.
    pub async fn log(&self) -> anyhow::Result<Log> {
        Log::open(self.db.clone(), self.clock.clone()).await.context("cannot open the log")
    }

    /// Returns every log that this one is or goes on from.
    pub async fn lineage(&self) -> anyhow::Result<Vec<LogId>> {
        let Some(head) = self.head else { return Ok(Vec::new()) };
        let mut directory = Directory::default();
        for recorded in self.log().await?.read_stream(StreamId::Directory, 0).await? {
            if let Event::Directory(event) = &recorded.envelope.event {
                directory.evolve(event);
            }
        }
        Ok(directory.forks().iter().map(|fork| fork.from).chain([head.log]).collect())
    }

    /// Returns how the two are to each other.
    pub async fn compared(&self, mirror: &Mirror) -> anyhow::Result<Compared> {
        let last = mirror.last().await.context("the mirror cannot be read")?;
        let common = last.position.min(self.position());
        if common == 0 {
            return Ok(Compared { last, parts_after: None });
        }
        let log = self.log().await?;
        if is_same(&log, mirror, common).await? {
            return Ok(Compared { last, parts_after: None });
        }
        // Up to somewhere they are the same, and from there on different: each event names its log and is salted.
        let (mut same, mut different) = (0, common);
        while different - same > 1 {
            let middle = same + (different - same) / 2;
            if is_same(&log, mirror, middle).await? {
                same = middle;
            } else {
                different = middle;
            }
        }
        Ok(Compared { last, parts_after: Some(same) })
    }
}

/// How log and mirror are to each other.
pub struct Compared {
    /// The mirror's last event.
    pub last: Last,
    /// The last position that is the same in both, where they part before the end of the shorter one.
    pub parts_after: Option<Position>,
}

async fn is_same(log: &Log, mirror: &Mirror, position: Position) -> anyhow::Result<bool> {
    let there = mirror.events(position - 1, position).await?.pop();
    let here = log.read_raw(position - 1, 1).await?.pop();
    match (here, there) {
        (Some(here), Some(there)) => Ok(here.bytes == there.bytes),
        _ => bail!("the event at position {position} is missing"),
    }
}

async fn head(db: &Db) -> anyhow::Result<Option<Head>> {
    if !rectify_log::has_tables(db).await? {
        return Ok(None);
    }
    let mut look = db.begin_reading().await?;
    Ok(head_in(&mut look).await?.filter(|head| head.position > 0))
}
