//! `rectify migrate`: brings the tables up to date, before the services of a new version start.

use anyhow::Context as _;
use rectify_kit::{Part, clock, database};
use rectify_log::Log;

use crate::settings::Settings;

use crate::terminal::say;

/// Brings the tables up to date, and enters in a new directory what every installation begins with.
pub async fn run(settings: &Settings) -> anyhow::Result<()> {
    let (config, _telling) = settings.load_for_tool()?;
    let (db, _lock) = database::open(&config, Part::Writer).await?;
    rectify_log::migrate(&db).await.context("cannot migrate the log")?;
    rectify_accounts::migrate(&db).await.context("cannot migrate the accounts")?;
    rectify_ledger::migrate(&db).await.context("cannot migrate the ledger")?;
    let log = Log::open(db, clock::system()).await.context("cannot open the log")?;
    rectify_kit::sources::define(&log).await.context("cannot enter the sources of findings")?;
    say("the tables are up to date")?;
    Ok(())
}
