//! `rectify rebuild`: folds the ledger again from nothing, beside the one that serves.

use anyhow::Context as _;
use rectify_case::{Position, Zone};
use rectify_ledger::{Ledger, Progress};
use rectify_log::{Db, Log};

use crate::installation::Installation;
use crate::settings::Settings;
use crate::terminal::{bar, say, shown_on};

/// Folds the ledger again, and lets the new one serve.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let installation = Installation::to_write(&config).await?;
    let folded = fold(&installation.db, &installation.log, config.zone).await?;
    say(format_args!("the ledger is folded from {folded} events, and serves"))?;
    Ok(())
}

/// Folds the ledger again from a log, and returns up to where.
pub async fn fold(db: &Db, log: &Log, zone: Zone) -> anyhow::Result<Position> {
    rectify_ledger::migrate(db).await.context("cannot migrate the ledger")?;
    let ledger = Ledger::open(db).await.context("cannot open the ledger")?;
    let bar = bar("events");
    let done = rectify_ledger::rebuild(&ledger, log, zone, shown_on(&bar)).await;
    bar.finish_and_clear();
    let Progress { folded, .. } = done.context("the ledger cannot be folded again; the old one goes on serving")?;
    Ok(folded)
}
