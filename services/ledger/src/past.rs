//! The ledger of the past: what was known or had happened by a moment, folded apart from the ledger that serves, and thrown away after use.

use std::path::Path;

use rectify_case::{Position, Zone};
use rectify_log::{Db, Log, Options};
use tokio::time::Instant;

use crate::error::{LedgerError, inconsistent};
use crate::fold::Fold;
use crate::indexer::Dictionary;
use crate::indexes;
use crate::ledger::Ledger;
use crate::permission::Viewer;
use crate::rebuild::Progress;
use crate::sql::{Sql, int};
use crate::standpoint::Standpoint;

/// The file that says which generation serves, as beside a log.
const FILE: &str = "past.db";

/// How many events are folded before others have their turn.
const STEP: u64 = 4_000;

impl Ledger {
    /// Folds what is seen of a log from a standpoint into a ledger of its own in an empty folder. Takes half of what one thread can
    /// do at most, for nobody is to wait whose work is of today. Tells how far it is.
    pub async fn of_past(
        folder: &Path,
        log: &Log,
        zone: Zone,
        standpoint: Standpoint,
        mut tell: impl FnMut(Progress) + Send,
    ) -> Result<Ledger, LedgerError> {
        let options = Options { connections: 2, durable: false, ..Options::default() };
        let ledger = Ledger::open(&Db::open(&folder.join(FILE), &options).await?).await?;
        let generation = ledger.current();
        let mut fold = Fold::open(generation.clone(), log.id(), zone).await?.seen_from(standpoint);
        let to = standpoint.known;
        while fold.position < to {
            let begun = Instant::now();
            let step = to.min(fold.position + STEP);
            fold.catch_up(log, step, |folded| tell(Progress { folded, head: to })).await?;
            tokio::time::sleep(begun.elapsed()).await;
        }
        indexes::make(&generation).await?;
        let mut dictionary = Dictionary::default();
        loop {
            let begun = Instant::now();
            if dictionary.index(&generation).await? == 0 {
                return Ok(ledger);
            }
            tokio::time::sleep(begun.elapsed()).await;
        }
    }

    /// Returns a viewer of this ledger as one of a ledger of the past up to a position: every case that may reach them now,
    /// and no other, is shown as it stood. With how far this ledger was folded then.
    pub async fn viewer_of_past(&self, viewer: &Viewer, to: Position) -> Result<(Viewer, Position), LedgerError> {
        let generation = self.serving().await?;
        let mut sql = Sql::new("SELECT coalesce(string_agg(CAST(c.entry AS TEXT), ','), '')", []);
        sql.push(", (SELECT k.position FROM checkpoint AS k) FROM cases AS c WHERE c.entry <= ")
            .bind(int(to))
            .push(" AND ");
        viewer.push(&mut sql);
        let row: Option<(String, i64)> = sql.once().fetch_optional(&generation.db).await?;
        let (entries, position) = row.ok_or(LedgerError::Missing)?;
        let folded = position.try_into().map_err(|_| inconsistent("checkpoint", "position", position))?;
        Ok((Viewer::among(&entries), folded))
    }
}
