//! The desk: what its routes stand on, and all of them.

use std::time::Duration;

use axum::{Extension, Router};
use rectify_accounts::Accounts;
use rectify_case::{CaseId, CaseNumber, Position};
use rectify_keys::Opener;
use rectify_kit::{Frame, Store};
use rectify_ledger::Ledger;

use crate::code::Code;
use crate::error::Error;
use crate::pages::Imports;
use crate::pages::past::Past;
use crate::pages::paths::Kept;
use crate::{api, pages};

/// What the desk stands on. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// The log, the directory, the clock.
    pub frame: Frame,
    /// The read side.
    pub ledger: Ledger,
    /// The tokens.
    pub accounts: Accounts,
    /// The bytes of evidence.
    pub store: Store,
    /// The keys of petitions; without them no petition is sealed by hand, and none is opened.
    pub keys: Option<Opener>,
    /// The ways in of the pages.
    pub imports: Imports,
}

/// How long an answer to a write waits for the ledger to show it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Returns every route of the desk: the pages, and the API under `/api`.
pub fn router(desk: Desk) -> Router {
    api::router()
        .merge(pages::router(&desk))
        .layer(Extension(Past::default()))
        .layer(Extension(Kept::default()))
        .with_state(desk)
}

impl Desk {
    /// Returns the case that an id or a number names.
    pub(crate) async fn case_named(&self, name: &str) -> Result<CaseId, Error> {
        if let Ok(id) = name.parse::<CaseId>() {
            return Ok(id);
        }
        let number: CaseNumber = name.parse().map_err(|_| Code::NoSuchCase)?;
        self.ledger.resolve(&number).await?.ok_or(Code::NoSuchCase.into())
    }

    /// Waits until the ledger and the directory show the log up to a position, but not for ever; returns whether they do.
    pub(crate) async fn shows(&self, position: Position) -> Result<bool, Error> {
        let directory = self.frame.directory.at_least(position);
        let (directory, ledger) =
            tokio::join!(tokio::time::timeout(PATIENCE, directory), self.ledger.wait_for(position, PATIENCE));
        Ok(directory.is_ok_and(|folded| folded.is_ok()) && ledger?)
    }
}
