//! What a search finds: of few cases, which they are; of many, only that they are.

use rectify_case::Position;

use crate::dialect;
use crate::error::{LedgerError, inconsistent};
use crate::generation::Generation;
use crate::sql::Sql;
use crate::tokens::Query;

/// The most entries that are told. So many cases are fetched, each by its entry, and sorted for a page; of more, a page is found
/// sooner by going through all cases in its order and asking each for the tokens.
const FEW: i64 = 2_000;

/// What has the tokens that are asked for.
#[derive(Debug)]
pub(crate) struct Found {
    /// The entries of the cases, a list as the database has it; none where there are more than are told.
    pub(crate) few: Option<String>,
    /// How far the ledger was folded then.
    pub(crate) position: Position,
}

impl Found {
    /// Looks for a text in a generation.
    pub(crate) async fn of(generation: &Generation, text: &str) -> Result<Found, LedgerError> {
        let db = &generation.db;
        let Some(asked) = Query::of(text) else {
            // There is not a letter in it: nothing has that.
            let few = Some(dialect::NO_ENTRIES.on(db).to_owned());
            return Ok(Found { few, position: generation.checkpoint().await?.position });
        };
        let mut sql = Sql::new(dialect::TOKENED.on(db), [asked.on(db).into()]);
        sql.push(&(FEW + 1).to_string()).push(dialect::TOKENED_END);
        let found: Option<(i64, String, i64)> = sql.fetch_optional(db).await?;
        let (cases, entries, position) = found.ok_or(LedgerError::Missing)?;
        let position = position.try_into().map_err(|_| inconsistent("checkpoint", "position", position))?;
        Ok(Found { few: (cases <= FEW).then_some(entries), position })
    }
}
