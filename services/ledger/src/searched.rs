//! What a search finds: of few cases, which they are; of many, only that they are.

use rectify_log::Db;

use crate::dialect;
use crate::error::LedgerError;
use crate::sql::Sql;
use crate::tokens::Query;

/// The most entries that are told. So many cases are fetched, each by its entry, and sorted for a page; of more, a page is found
/// sooner by going through all cases in its order and asking each for the tokens.
const FEW: usize = 2_000;

/// What has the tokens that are asked for.
#[derive(Debug)]
pub(crate) enum Found {
    /// The cases with these entries: a list as JSON has it.
    Few(String),
    /// More than are told.
    Many,
}

impl Found {
    /// Returns the list, where it is one.
    pub(crate) fn few(&self) -> Option<&str> {
        match self {
            Found::Few(entries) => Some(entries),
            Found::Many => None,
        }
    }

    /// Looks for a text.
    pub(crate) async fn of(db: &Db, text: &str) -> Result<Found, LedgerError> {
        // There may be not a letter in it: nothing has that.
        let Some(asked) = Query::of(text) else { return Ok(Found::Few("[]".to_owned())) };
        let mut sql = Sql::new(dialect::TOKENED.on(db), [asked.on(db).into()]);
        sql.push(&(FEW + 1).to_string());
        let entries: Vec<(i64,)> = sql.fetch_all(db).await?;
        if entries.len() > FEW {
            return Ok(Found::Many);
        }
        let entries: Vec<i64> = entries.into_iter().map(|(entry,)| entry).collect();
        Ok(Found::Few(serde_json::to_string(&entries).expect("numbers are JSON")))
    }
}
