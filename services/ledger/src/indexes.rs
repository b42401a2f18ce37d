//! The indexes that only readers need: made when a new ledger has caught up, for while much is folded they cost most of it.

use futures::FutureExt as _;
use rectify_log::Tx;

use crate::error::LedgerError;
use crate::generation::Generation;
use crate::sql::Sql;
use crate::{dialect, statements};

/// Makes the indexes of a generation, unless they were made.
pub(crate) async fn make(generation: &Generation) -> Result<(), LedgerError> {
    let db = &generation.db;
    let made: Option<(i64,)> = Sql::new(dialect::IS_INDEXED.on(db), []).fetch_optional(db).await?;
    if made.is_none() {
        // Each by itself, so that none waits for long.
        for index in statements::INDEXES {
            db.transact("make index", |tx| make_one(tx, index).boxed()).await?;
        }
    }
    Ok(())
}

async fn make_one(tx: &mut Tx<'_>, index: &str) -> Result<(), LedgerError> {
    if matches!(tx, Tx::Postgres(_)) {
        Sql::new(dialect::LOCK_CHECKPOINT, []).execute(tx).await?;
    }
    Sql::new(index, []).once().execute(tx).await?;
    Ok(())
}
