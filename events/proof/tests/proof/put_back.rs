//! An older database that is put back: what was signed beside the key is remembered there.

use rectify_log::{Clock, fork};
use rectify_proof::{SealError, Sealer, Tree, Trusted};

use crate::bed::{Bed, instant};

#[tokio::test]
async fn nothing_is_signed_of_an_older_database_until_it_has_a_name_of_its_own() {
    let bed = Bed::sqlite().await;
    bed.sealed(50).await;
    let older = bed.copied().await;
    bed.sealed(50).await;
    let key = bed.key();

    let sealer = older.sealer_with(&key);
    let error = sealer.sign(instant()).await.unwrap_err();
    assert!(matches!(error, SealError::Behind { signed: 100, found: 50 }), "{error}");

    older.write(60).await;
    assert_eq!(sealer.extend().await.unwrap(), 110);
    let error = sealer.sign(instant()).await.unwrap_err();
    assert!(matches!(error, SealError::Differs(100)), "{error}");

    // Whoever kept the checkpoint finds it too.
    let kept = bed.tree.last_checkpoint().await.unwrap().unwrap().checkpoint;
    let trusted = Trusted { checkpoints: vec![kept], ..Trusted::default() };
    let wrong = older.verified(&trusted).await.wrong;
    assert_eq!(wrong.iter().map(|wrong| (wrong.position, wrong.code)).collect::<Vec<_>>(), [(Some(100), "against")]);

    let clock = Clock::new(instant);
    fork(&older.db, &clock, 110, "按较早的备份恢复").await.unwrap();
    let forked = rectify_log::Log::open(older.db.clone(), clock).await.unwrap();
    let sealer = Sealer::open(forked, Tree::new(older.db.clone()), Some(&key)).unwrap();
    assert_eq!(sealer.extend().await.unwrap(), 111);
    assert_eq!(sealer.sign(instant()).await.unwrap().unwrap().checkpoint.size, 111);
    assert_eq!(
        older.verified(&Trusted::default()).await.wrong,
        vec![],
        "its own checkpoints are good, under both names"
    );
}
