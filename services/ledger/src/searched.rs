//! What a search finds: of few cases, which they are; of many, only that they are.

use rectify_log::Db;

use crate::dialect;
use crate::error::LedgerError;
use crate::sql::Sql;
use crate::tokens::Query;

/// The most entries that are told. So many cases are fetched, each by its entry, and sorted for a page; of more, a page is found
/// sooner by going through all cases in its order and asking each for the tokens.
const FEW: i64 = 2_000;

/// What has the tokens that are asked for.
#[derive(Debug)]
pub(crate) enum Found {
    /// The cases with these entries: a list as the database has it.
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
        let none = || Found::Few(dialect::NO_ENTRIES.on(db).to_owned());
        // There may be not a letter in it: nothing has that.
        let Some(asked) = Query::of(text) else { return Ok(none()) };
        let mut sql = Sql::new(dialect::TOKENED.on(db), [asked.on(db).into()]);
        sql.push(&(FEW + 1).to_string()).push(dialect::TOKENED_END);
        let found: Option<(i64, String)> = sql.fetch_optional(db).await?;
        Ok(match found {
            Some((cases, _)) if cases > FEW => Found::Many,
            Some((_, entries)) => Found::Few(entries),
            None => none(),
        })
    }
}
