//! What two have decided about the keys of petitions, and was cut off: carried out when the desk begins.

use std::time::Duration;

use rectify_case::custody::Keyed;
use rectify_case::{Actor, CaseId};
use rectify_keys::NotOpened;
use rectify_kit::custody;

use crate::api::custody::carry_out;
use crate::desk::Desk;
use crate::error::Error;

/// How long to wait before what could not be done is tried again.
const PAUSE: Duration = Duration::from_secs(30);

impl Desk {
    /// Carries out what two have decided and nobody finished, and deletes again what came back with a backup of the key store.
    /// Tries until it is done, or the process ends.
    pub async fn settle_petitions(self) -> anyhow::Result<()> {
        let ends = self.frame.shutdown.begun();
        let settling = async {
            while let Err(error) = self.settle().await {
                tracing::warn!(error = &error as &dyn std::error::Error, "keys that are to be deleted cannot be yet");
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::select! {
            () = ends => {}
            () = settling => {}
        }
        Ok(())
    }

    async fn settle(&self) -> Result<(), Error> {
        let Some(opener) = &self.keys else { return Ok(()) };
        for custody in custody::load_all(&self.frame.log).await? {
            let finding = custody.finding;
            if custody.is_unfinished() {
                let cases = custody::cases_of(&self.frame.log, finding).await?;
                let cases: Vec<CaseId> = cases.into_iter().map(|(case, _)| case.id).collect();
                carry_out(self, &custody, &cases, Actor::INSTALLATION).await?;
                tracing::info!(finding.id = %finding, "keys were deleted, as two had decided");
            } else if custody.erasure.is_some() {
                let keys = opener.keys();
                let keyed = keys.keyed(finding).await.map_err(NotOpened::from)?;
                if keyed != Keyed::default() {
                    keys.shred(finding, self.frame.clock.now()).await.map_err(NotOpened::from)?;
                    tracing::warn!(finding.id = %finding, "keys that had been deleted were back, and were deleted again");
                }
            }
        }
        Ok(())
    }
}
