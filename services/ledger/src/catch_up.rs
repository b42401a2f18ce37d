//! Folding what there is of the log: the next events are read and folded while the last are written.

use std::pin::pin;

use futures::StreamExt as _;
use rectify_case::Position;
use rectify_log::Log;
use tokio::task::JoinSet;

use crate::error::LedgerError;
use crate::fold::Fold;

impl Fold {
    /// Folds the log up to a position, and tells each position up to where it is written. After an error the fold has to
    /// be opened again.
    pub(crate) async fn catch_up(
        &mut self,
        log: &Log,
        to: Position,
        mut tell: impl FnMut(Position) + Send,
    ) -> Result<(), LedgerError> {
        let mut pages = pin!(log.replay(self.position, to));
        // One at most. Whoever gives up waiting takes it along, unless it is committed.
        let mut writing = JoinSet::new();
        loop {
            let mut gathered = self.begin();
            while !gathered.is_full(self.position)
                && let Some(page) = pages.next().await
            {
                self.gather(&mut gathered, &page?).await?;
            }
            let batch = self.finish(gathered).await;
            if let Some(written) = writing.join_next().await {
                tell(written.expect("writing does not panic, and nobody else ends it")?);
            }
            match batch {
                Some(batch) => _ = writing.spawn(batch.write()),
                None => break,
            }
        }
        self.forget();
        Ok(())
    }
}
