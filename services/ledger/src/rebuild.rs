//! Folding the ledger anew beside the one that serves.

use std::sync::Arc;

use futures::FutureExt as _;
use rectify_case::{Position, Zone};
use rectify_log::{Db, Log, Tx};

use crate::error::LedgerError;
use crate::fold::Fold;
use crate::generation::{self, Generation};
use crate::indexer::Dictionary;
use crate::indexes;
use crate::ledger::Ledger;
use crate::projection::{self, PAUSE};

/// How often in a row a rebuild may fail at the same place, for a connection that was lost, before it is given up.
const FAILURES: u32 = 5;

/// How far a rebuild is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Up to where the log is folded.
    pub folded: Position,
    /// How far the log goes.
    pub head: Position,
}

/// Folds the whole log into a new ledger, and lets that serve in the place of the old one once it has caught up and can be
/// searched. Reads go on meanwhile. Tells how far it is after every page.
///
/// In the process of the server, or in another on PostgreSQL. [`LedgerError::Abandoned`] when another rebuild began later.
pub async fn rebuild(
    ledger: &Ledger,
    log: &Log,
    zone: Zone,
    mut tell: impl FnMut(Progress) + Send,
) -> Result<Progress, LedgerError> {
    let main = ledger.main();
    let generation = Arc::new(main.transact("begin rebuild", |tx| begin(main, tx).boxed()).await?);
    let mut dictionary = Dictionary::default();
    let mut failures = 0;
    loop {
        let before = generation.checkpoint().await.map_or(0, |checkpoint| checkpoint.position);
        match fold_on(&generation, log, zone, &mut dictionary, &mut tell).await {
            Ok(progress) => {
                // What is written from here on, whoever follows the log folds into the new one.
                main.transact("serve ledger", |tx| generation::serve(tx, generation.number).boxed()).await?;
                ledger.look().await?;
                return Ok(progress);
            }
            // What was being written when another thing failed may have been written all the same.
            Err(error) if (error.is_passing() || matches!(error, LedgerError::Overtaken)) && failures < FAILURES => {
                failures =
                    if generation.checkpoint().await.is_ok_and(|at| at.position > before) { 0 } else { failures + 1 };
                projection::tell(Err(error), "the ledger cannot be folded anew just now");
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Folds from where the generation is to the end of the log, and makes all of it findable.
async fn fold_on(
    generation: &Arc<Generation>,
    log: &Log,
    zone: Zone,
    dictionary: &mut Dictionary,
    tell: &mut (impl FnMut(Progress) + Send),
) -> Result<Progress, LedgerError> {
    let mut fold = Fold::open(Arc::clone(generation), log.id(), zone).await?;
    loop {
        let head = log.head().await?;
        fold.catch_up(log, head, |folded| tell(Progress { folded, head })).await?;
        let progress = Progress { folded: fold.position, head: log.head().await? };
        tell(progress);
        if progress.folded < progress.head {
            continue;
        }
        indexes::make(generation).await?;
        while dictionary.index(generation).await? > 0 {}
        if log.head().await? == fold.position {
            return Ok(progress);
        }
    }
}

async fn begin(main: &Db, tx: &mut Tx<'_>) -> Result<Generation, LedgerError> {
    let number = generation::begin(tx).await?;
    Generation::make(main, number).await
}
