//! Keeping the search index up with the ledger.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use jieba_rs::Jieba;
use rectify_log::Tx;

use crate::error::LedgerError;
use crate::generation::Generation;
use crate::ledger::Ledger;
use crate::projection::{PAUSE, tell};
use crate::sql::Sql;
use crate::tokens::tokens;
use crate::{dialect, statements};

/// How many texts are indexed in one transaction.
const TEXTS: i64 = 200;

/// How long the dictionary is kept when there is nothing to do. It takes 33 MB, and a quarter of a second to load.
const IDLE: Duration = Duration::from_secs(20);

/// Makes what the ledger holds findable, a moment after it was folded.
#[derive(Debug)]
pub struct Indexer {
    ledger: Ledger,
    dictionary: Dictionary,
}

impl Indexer {
    /// Returns an indexer of the serving generation.
    pub fn new(ledger: &Ledger) -> Indexer {
        Indexer { ledger: ledger.clone(), dictionary: Dictionary::default() }
    }

    /// Indexes everything that waits, and returns how many texts that were.
    pub async fn catch_up(&mut self) -> Result<usize, LedgerError> {
        let mut all = 0;
        loop {
            match self.dictionary.index(&*self.ledger.serving().await?).await? {
                0 => return Ok(all),
                some => all += some,
            }
        }
    }

    /// Indexes whatever is folded, until the shutdown begins.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) -> Result<(), LedgerError> {
        tokio::pin!(shutdown);
        let mut folded = self.ledger.folded();
        loop {
            folded.mark_unchanged();
            let waits = match self.catch_up().await {
                Err(error) if !error.is_passing() => return Err(error),
                Err(error) => {
                    tell(Err(error), "what was folded cannot be indexed now");
                    PAUSE
                }
                Ok(_) => IDLE,
            };
            tokio::select! {
                () = &mut shutdown => return Ok(()),
                _ = folded.changed() => {}
                () = tokio::time::sleep(waits) => self.dictionary = Dictionary::default(),
            }
        }
    }
}

/// The dictionary, loaded when it is first needed.
#[derive(Default)]
pub(crate) struct Dictionary(Option<Arc<Jieba>>);

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Dictionary").field(&self.0.is_some()).finish()
    }
}

/// A text that waits: entry, position, text.
type Waiting = (i64, i64, String);

impl Dictionary {
    /// Indexes some of what waits, and returns how many texts; 0 when nothing waits.
    pub(crate) async fn index(&mut self, generation: &Generation) -> Result<usize, LedgerError> {
        let waiting: Vec<Waiting> =
            Sql::new(statements::WAITING_TEXTS, [TEXTS.into()]).fetch_all(&generation.db).await?;
        if waiting.is_empty() {
            return Ok(0);
        }
        let loaded = self.0.take();
        let cut = tokio::task::spawn_blocking(move || {
            let dictionary = loaded.unwrap_or_else(|| Arc::new(Jieba::new()));
            let cut = |(entry, position, text): Waiting| {
                let tokens: Vec<String> = tokens(&dictionary, &text).into_iter().collect();
                (entry, position, tokens.join(" "))
            };
            let indexed: Vec<Waiting> = waiting.into_iter().map(cut).collect();
            (dictionary, indexed)
        });
        let (dictionary, indexed) = cut.await.expect("cutting a text into words does not panic");
        self.0 = Some(dictionary);
        let count = indexed.len();
        generation.db.transact("index", |tx| write(tx, &indexed).boxed()).await?;
        Ok(count)
    }
}

async fn write(tx: &mut Tx<'_>, indexed: &[Waiting]) -> Result<(), LedgerError> {
    let (delete, insert) = (dialect::DELETE_TOKENS.within(tx), dialect::INSERT_TOKENS.within(tx));
    for (entry, position, tokens) in indexed {
        // Unless a newer text waits there, or another indexer was here.
        if Sql::new(statements::INDEXED, [(*entry).into(), (*position).into()]).execute(tx).await? == 1 {
            Sql::new(delete, [(*entry).into()]).execute(tx).await?;
            Sql::new(insert, [(*entry).into(), tokens.as_str().into()]).execute(tx).await?;
        }
    }
    Ok(())
}
