//! What every service stands in: the log, the bus, the directory, and what holds a process together.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use rectify_bus::Bus;
use rectify_log::{Clock, Db, Log};

use crate::bus;
use crate::clock;
use crate::config::Config;
use crate::database::{self, FolderLock};
use crate::directory::DirectoryView;
use crate::health::Health;
use crate::metrics::Metrics;
use crate::mirror;
use crate::part::Part;
use crate::shutdown::Shutdown;
use crate::sources;

/// What every service of a process stands in. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Frame {
    /// What the process was told.
    pub config: Arc<Config>,
    /// Which part of the whole it is.
    pub part: Part,
    /// The time.
    pub clock: Clock,
    /// The database of the log and the accounts.
    pub db: Db,
    /// The log.
    pub log: Log,
    /// The bus.
    pub bus: Bus,
    /// The directory as of the end of the log.
    pub directory: DirectoryView,
    /// The checks behind `/readyz`.
    pub health: Health,
    /// What is counted and measured.
    pub metrics: Metrics,
    /// The end of the process.
    pub shutdown: Shutdown,
    _lock: Option<FolderLock>,
}

impl Frame {
    /// Opens everything that the configuration names, by the system's clock.
    pub async fn open(config: Config, part: Part) -> anyhow::Result<Frame> {
        Frame::open_at(config, part, clock::system()).await
    }

    /// Opens everything that the configuration names, by a given clock.
    pub async fn open_at(config: Config, part: Part, clock: Clock) -> anyhow::Result<Frame> {
        part.check(&config)?;
        for name in &config.unknown_variables {
            tracing::warn!(name, "this variable sets nothing");
        }
        // First of all, so that what is counted while opening is counted.
        let metrics = Metrics::install();
        let (db, lock) = database::open(&config, part).await?;
        if part.migrates(&config) {
            rectify_log::migrate(&db).await?;
        } else if !rectify_log::is_migrated(&db).await? {
            bail!("the tables of the log are missing or older than this program: run `rectify migrate`");
        }
        let log = database::open_log(&config, part, &db, &clock).await?;
        let bus = connect(&config, part).await?;

        let (health, shutdown) = (Health::default(), Shutdown::new());
        if part.appends()
            && let Some(mirror) = bus.mirror().await.context("cannot reach the mirror of the log")?
        {
            mirror::keep_watch(&log, mirror, &shutdown).await;
        }
        // Only now: a log that is empty because it was lost is to be brought back, and not begun.
        if part.migrates(&config) && log.halted().is_none() {
            sources::define(&log).await.context("cannot enter the first sources in the directory")?;
        }
        let directory = DirectoryView::open(&log, &health, &shutdown).await.context("cannot read the directory")?;
        metrics.keep(&shutdown);
        // Behind a poor line findings are handed in while the log is out of reach.
        if config.nats.as_ref().is_none_or(|nats| nats.leaf.is_none()) {
            check_log(&health, &log);
        }
        check_bus(&health, &bus);
        Ok(Frame {
            config: Arc::new(config),
            part,
            clock,
            db,
            log,
            bus,
            directory,
            health,
            metrics,
            shutdown,
            _lock: lock,
        })
    }

    /// Returns whether this process brings tables up to date itself. Where not, `rectify migrate` does.
    pub fn migrates(&self) -> bool {
        self.part.migrates(&self.config)
    }
}

async fn connect(config: &Config, part: Part) -> anyhow::Result<Bus> {
    let Some(nats) = config.nats.as_ref().filter(|_| part.is_on_the_bus()) else { return Ok(Bus::in_process()) };
    if part.appends() && nats.leaf.is_some() {
        bail!("nats.leaf is for the intakes of a county; what appends works with the broker of the prefecture");
    }
    let name = match part {
        Part::Service(name) => name,
        Part::Whole | Part::Writer | Part::Reader => "rectify",
    };
    bus::connect(nats, name).await
}

fn check_log(health: &Health, log: &Log) {
    let log = log.clone();
    health.check("log", move || {
        let log = log.clone();
        async move {
            log.head().await.map_err(|error| reason(&error))?;
            log.halted().map_or(Ok(()), |reason| Err(format!("nothing is appended: {reason}")))
        }
    });
}

fn check_bus(health: &Health, bus: &Bus) {
    let bus = bus.clone();
    health.check("bus", move || {
        let bus = bus.clone();
        async move { bus.ready().await.map_err(|error| reason(&error)) }
    });
}

/// Returns an error with its causes in one line.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let causes: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    causes.join(": ")
}

#[cfg(test)]
mod tests;
