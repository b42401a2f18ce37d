use rectify_proof::{Address, Cosigned, NotSigned, SignedCheckpoint, Signer, Trusted, origin};
use rectify_tests::witness::Witness;
use tokio::join;

use crate::bed::{Bed, instant};

pub async fn the_tree_follows_the_log_and_is_signed(bed: &Bed) {
    let sealer = bed.sealer();
    assert_eq!(sealer.extend().await.unwrap(), 0);
    assert_eq!(sealer.sign(instant()).await.unwrap(), None, "nothing has happened");

    bed.write(300).await;
    assert_eq!(sealer.extend().await.unwrap(), 300);
    let first = sealer.sign(instant()).await.unwrap().unwrap();
    assert_eq!((first.checkpoint.size, &first.checkpoint.origin), (300, &origin(bed.log.id())));
    assert_eq!(first.checkpoint.root, bed.tree.root(300).await.unwrap());
    assert_eq!(sealer.sign(instant()).await.unwrap(), None, "it is signed already");

    bed.write(20).await;
    assert_eq!(bed.sealer().extend().await.unwrap(), 320, "another goes on where this one was");
    let second = bed.sealer().sign(instant()).await.unwrap().unwrap();
    let proof = bed.tree.consistency(300, 320).await.unwrap();
    proof.check(&second.checkpoint, &first.checkpoint).unwrap();
    proof.check(&first.checkpoint, &second.checkpoint).unwrap_err();

    let keys = bed.tree.keys().await.unwrap();
    assert_eq!(keys.len(), 1);
    let last = bed.tree.last_checkpoint().await.unwrap().unwrap();
    assert_eq!(SignedCheckpoint::open(&last.note, &keys).unwrap(), second);
    assert_eq!(bed.tree.checkpoint_covering(300).await.unwrap().unwrap(), first);
    assert_eq!(bed.tree.checkpoint_covering(301).await.unwrap().unwrap(), second);
    assert_eq!(bed.tree.checkpoint_covering(321).await.unwrap(), None);
    assert_eq!(bed.tree.mark().await.unwrap(), Some(second.checkpoint.mark()));

    let address = |path: &str| path.parse::<Address>().unwrap();
    let full = bed.tree.tile(address("0/000")).await.unwrap().unwrap();
    assert_eq!(full.len(), 256 * 32);
    assert_eq!(bed.tree.tile(address("0/001.p/64")).await.unwrap().unwrap().len(), 64 * 32);
    assert_eq!(bed.tree.tile(address("0/001.p/3")).await.unwrap().unwrap().len(), 3 * 32, "as it was before");
    assert_eq!(bed.tree.tile(address("0/001")).await.unwrap(), None);
    assert_eq!(bed.tree.tile(address("1/000.p/1")).await.unwrap().unwrap().len(), 32);
}

pub async fn every_event_is_proved_to_be_in_every_later_tree(bed: &Bed) {
    bed.sealed(270).await;
    let mut leaves = bed.log.read_leaves(0, 1_000).await.unwrap();
    for size in [1, 2, 3, 200, 255, 256, 257, 270] {
        let root = bed.tree.root(size).await.unwrap();
        let tree = rectify_proof::Checkpoint { origin: origin(bed.log.id()), size, root };
        for position in [1, 2, 17, 199, 200, 256, 257, 270].into_iter().filter(|position| *position <= size) {
            let proof = bed.tree.inclusion(position, size).await.unwrap();
            let at = usize::try_from(position).unwrap() - 1;
            proof.check(&tree, &leaves[at]).unwrap();
            leaves[at][0] ^= 1;
            proof.check(&tree, &leaves[at]).unwrap_err();
            leaves[at][0] ^= 1;
        }
        for earlier in [0, 1, 2, 199, 256, 270].into_iter().filter(|earlier| *earlier <= size) {
            let root = bed.tree.root(earlier).await.unwrap();
            let mut before = rectify_proof::Checkpoint { origin: origin(bed.log.id()), size: earlier, root };
            let proof = bed.tree.consistency(earlier, size).await.unwrap();
            proof.check(&tree, &before).unwrap();
            before.root[9] ^= 1;
            assert_eq!(proof.check(&tree, &before).is_ok(), earlier == 0, "{earlier} of {size}");
        }
    }
    bed.tree.inclusion(271, 270).await.unwrap_err();
    bed.tree.consistency(271, 270).await.unwrap_err();
}

pub async fn two_sealers_do_no_harm(bed: &Bed) {
    bed.write(600).await;
    let (one, other) = (bed.sealer(), bed.sealer());
    let (first, second) = join!(one.extend(), other.extend());
    assert_eq!((first.unwrap(), second.unwrap()), (600, 600));
    let (first, second) = join!(one.sign(instant()), other.sign(instant()));
    assert!(first.unwrap().or(second.unwrap()).is_some());
    let verdict = bed.verified(&Trusted::default()).await;
    assert_eq!((verdict.wrong, verdict.sealed, verdict.signed, verdict.checkpoints), (vec![], 600, 600, 1));
}

pub async fn a_new_key_signs_beside_the_old_one(bed: &Bed) {
    bed.sealed(10).await;
    let old = bed.tree.keys().await.unwrap();
    let new = Signer::rotate(&bed.key(), &origin(bed.log.id())).unwrap();
    bed.sealed(10).await;
    let last = bed.tree.last_checkpoint().await.unwrap().unwrap();
    for key in [old[0].clone(), new.clone()] {
        assert_eq!(SignedCheckpoint::open(&last.note, &[key]).unwrap().checkpoint.size, 20);
    }
    assert_eq!(bed.tree.keys().await.unwrap(), [new, old[0].clone()], "the newest first");
    assert_eq!(bed.verified(&Trusted::default()).await.wrong, vec![]);
    let only_new = Trusted { keys: vec![bed.tree.keys().await.unwrap()[0].clone()], ..Trusted::default() };
    let wrong = bed.verified(&only_new).await.wrong;
    assert_eq!(wrong.len(), 1, "who knows only the new key does not know who signed the first: {wrong:?}");
    assert_eq!((wrong[0].position, wrong[0].code), (Some(10), "checkpoint"));
}

pub async fn what_was_signed_is_neither_changed_nor_taken_back(bed: &Bed) {
    use rectify_log::on;
    bed.sealed(3).await;
    for statement in [
        "UPDATE checkpoints SET note = 'x'",
        "DELETE FROM checkpoints",
        "UPDATE signers SET since = 9",
        "DELETE FROM signers",
    ] {
        let done = on!(Db, &bed.db, pool => sqlx::query(sqlx::AssertSqlSafe(statement)).execute(pool).await.map(drop));
        let error = done.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{statement}: {error}");
    }
}

pub async fn what_a_witness_signed_is_kept_once(bed: &Bed) {
    bed.sealed(3).await;
    let note = bed.tree.last_checkpoint().await.unwrap().unwrap().note;
    let [hand, stranger] = ["witness.example/a", "witness.example/b"].map(Witness::named);
    let known = [hand.key().parse().unwrap()];
    let keep = async |note: &str| bed.tree.keep_cosignatures(note, &known, instant()).await.unwrap();
    assert_eq!(keep(&hand.cosign(&note, 1)).await, Cosigned::Kept(1));
    assert_eq!(keep(&hand.cosign(&note, 2)).await, Cosigned::Kept(0), "the first of each witness");
    assert_eq!(keep(&stranger.cosign(&note, 1)).await, Cosigned::Refused(NotSigned::Unknown));
    assert_eq!(keep(&hand.cosign(&note.replace("\n3\n", "\n2\n"), 1)).await, Cosigned::NoCheckpoint);
    let of_another = note.replacen("rectify/", "rectify/0", 1);
    assert_eq!(keep(&hand.cosign(&of_another, 1)).await, Cosigned::Another);

    let last = bed.tree.last_checkpoint().await.unwrap().unwrap();
    let cosigned = hand.cosign(&note, 1);
    let (_, line) = cosigned.split_once("\n\n").unwrap();
    assert_eq!(last.note, note + line);
    assert!(SignedCheckpoint::open(&last.note, &bed.tree.keys().await.unwrap()).is_ok(), "it is ours as before");
}
