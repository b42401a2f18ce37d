//! Whatever is done to the database of a log is found, and where.

use rectify_log::on;
use rectify_proof::{Mark, Trusted, Verdict};
use sha2::{Digest as _, Sha256};

use crate::bed::Bed;

const EVENTS: u64 = 300;

/// How many single bytes are changed by chance on each database, one at a time.
const CHANGES: u64 = 1_000;

fn found(verdict: &Verdict) -> Vec<(Option<u64>, &'static str)> {
    verdict.wrong.iter().map(|wrong| (wrong.position, wrong.code)).collect()
}

pub async fn nothing_is_wrong_with_a_log_as_it_was_written(bed: &Bed) {
    let empty = bed.verified(&Trusted::default()).await;
    assert_eq!((found(&empty), empty.events), (vec![], 0));
    bed.sealed(EVENTS).await;
    let mark = bed.tree.mark().await.unwrap().unwrap();
    let keys = bed.tree.keys().await.unwrap();
    let alone = bed.verified(&Trusted::default()).await;
    assert_eq!((found(&alone), alone.witnessed, alone.signed), (vec![], 0, EVENTS));
    let trusted = Trusted { keys, marks: vec![mark], checkpoints: Vec::new() };
    let verdict = bed.verified(&trusted).await;
    assert_eq!((found(&verdict), verdict.witnessed, verdict.followed), (vec![], EVENTS, EVENTS));
    assert_eq!(verdict.root, hex::encode(bed.tree.root(EVENTS).await.unwrap()));
}

pub async fn what_is_not_sealed_yet_is_named(bed: &Bed) {
    bed.sealed(EVENTS).await;
    bed.write(7).await;
    let verdict = bed.verified(&Trusted::default()).await;
    assert_eq!((found(&verdict), verdict.events, verdict.sealed, verdict.signed), (vec![], 307, EVENTS, EVENTS));
}

/// Returns an event of the log with another text in it, and its leaf: as somebody would write it who knows how.
async fn rewritten(bed: &Bed, position: u64) -> (String, String) {
    let event = bed.log.read_raw(position - 1, 1).await.unwrap().remove(0);
    let text = String::from_utf8(event.bytes).unwrap().replace('第', "改");
    (hex::encode(&text), hex::encode(Sha256::digest(text.as_bytes())))
}

fn bytes(bed: &Bed, hexadecimal: &str) -> String {
    if bed.is_on_postgres() { format!("'\\x{hexadecimal}'::bytea") } else { format!("x'{hexadecimal}'") }
}

pub async fn whatever_is_changed_is_found_where_it_is(bed: &Bed) {
    bed.sealed(EVENTS).await;
    bed.unprotected().await;
    let (text, leaf) = rewritten(bed, 7).await;
    let (text, leaf) = (bytes(bed, &text), bytes(bed, &leaf));
    bed.change("CREATE TABLE events_kept AS SELECT * FROM events; CREATE TABLE checkpoints_kept AS SELECT * FROM checkpoints; CREATE TABLE tiles_kept AS SELECT * FROM tiles").await;
    let moved = "UPDATE events SET position = position + 1000000 WHERE position IN (7, 8); UPDATE events SET position = 1000015 - position WHERE position > 1000000";
    for (what, statements, wanted) in [
        ("edited", format!("UPDATE events SET bytes = {text} WHERE position = 7"), (Some(7), "leaf")),
        ("edited well", format!("UPDATE events SET bytes = {text}, leaf = {leaf} WHERE position = 7"), (Some(7), "tile")),
        ("deleted", "DELETE FROM events WHERE position = 7".to_owned(), (Some(8), "missing")),
        ("deleted and renumbered", "DELETE FROM events WHERE position = 7; UPDATE events SET position = position + 1000000 WHERE position > 7; UPDATE events SET position = position - 1000001 WHERE position > 7; UPDATE head SET position = 299".to_owned(), (Some(7), "tile")),
        ("swapped", moved.to_owned(), (Some(7), "tile")),
        ("back-dated beside its bytes", "UPDATE events SET recorded = (SELECT recorded FROM events WHERE position = 1) WHERE position = 9".to_owned(), (Some(9), "column")),
        ("said to be of another", "UPDATE events SET actor = id WHERE position = 11".to_owned(), (Some(11), "column")),
        ("cut off", "DELETE FROM events WHERE position > 200; UPDATE head SET position = 200".to_owned(), (Some(201), "cut")),
        ("cut off with its tiles", "DELETE FROM events WHERE position > 200; UPDATE head SET position = 200; DELETE FROM tiles".to_owned(), (Some(201), "cut")),
        ("a head too far", "UPDATE head SET position = 301".to_owned(), (Some(300), "head")),
        ("a tile that is gone", "DELETE FROM tiles WHERE level = 0 AND n = 0".to_owned(), (Some(1), "tile")),
        ("another's checkpoint", "UPDATE checkpoints SET note = replace(note, 'rectify/', 'rectify_/')".to_owned(), (Some(EVENTS), "checkpoint")),
        ("a checkpoint moved", "UPDATE checkpoints SET size = 299".to_owned(), (Some(299), "checkpoint")),
    ] {
        bed.change(&statements).await;
        let verdict = bed.verified(&Trusted::default()).await;
        assert_eq!(found(&verdict).first(), Some(&wanted), "{what}: {:?}", verdict.wrong);
        bed.change("DELETE FROM events; INSERT INTO events SELECT * FROM events_kept; DELETE FROM tiles; INSERT INTO tiles SELECT * FROM tiles_kept; DELETE FROM checkpoints; INSERT INTO checkpoints SELECT * FROM checkpoints_kept; UPDATE head SET position = 300").await;
        assert_eq!(found(&bed.verified(&Trusted::default()).await), vec![], "after {what}");
    }
}

pub async fn a_history_written_anew_is_found_by_whoever_has_a_paper(bed: &Bed) {
    bed.sealed(EVENTS).await;
    let (mark, keys) = (bed.tree.mark().await.unwrap().unwrap(), bed.tree.keys().await.unwrap());
    bed.unprotected().await;
    let (text, leaf) = rewritten(bed, 7).await;
    let (text, leaf) = (bytes(bed, &text), bytes(bed, &leaf));
    bed.change(&format!(
        "UPDATE events SET bytes = {text}, leaf = {leaf} WHERE position = 7; DELETE FROM tiles; DELETE FROM checkpoints"
    ))
    .await;
    // Whoever has the database and the key can write another history that agrees with itself.
    std::fs::remove_file(bed.key().with_extension("checkpoint")).unwrap();
    bed.sealed(0).await;
    let alone = bed.verified(&Trusted::default()).await;
    assert_eq!((found(&alone), alone.witnessed), (vec![], 0), "nothing inside shows it");

    let trusted = Trusted { keys, marks: vec![mark], checkpoints: Vec::new() };
    let verdict = bed.verified(&trusted).await;
    assert_eq!(found(&verdict), [(Some(EVENTS), "against")], "{:?}", verdict.wrong);
    assert!(verdict.wrong[0].what.contains(&mark.to_string()), "{:?}", verdict.wrong);
    let longer = Trusted { marks: vec![Mark::of(400, &[1; 32])], ..Trusted::default() };
    assert_eq!(found(&bed.verified(&longer).await), [(Some(301), "cut")]);
}

/// Every byte of an event, of its leaf, of a tile and of a checkpoint is covered by something.
pub async fn a_single_byte_is_found_wherever_it_is(bed: &Bed) {
    bed.sealed(40).await;
    bed.unprotected().await;
    let mut chance = by_chance();
    for _ in 0..CHANGES {
        let (table, column, key, row) = match chance() % 6 {
            0..4 => ("events", "bytes", "position", 1 + chance() % 40),
            4 => ("events", "leaf", "position", 1 + chance() % 40),
            _ => ("tiles", "hashes", "n", 0),
        };
        let select = format!("SELECT {column} FROM {table} WHERE {key} = {row}");
        let before: Vec<u8> =
            on!(Db, &bed.db, pool => sqlx::query_scalar(sqlx::AssertSqlSafe(select)).fetch_one(pool).await).unwrap();
        let at = usize::try_from(chance()).unwrap() % before.len();
        let mut after = before.clone();
        after[at] ^= 1 << (chance() % 8);
        let set = |value: &[u8]| {
            format!("UPDATE {table} SET {column} = {} WHERE {key} = {row}", bytes(bed, &hex::encode(value)))
        };
        bed.change(&set(&after)).await;
        let verdict = bed.verified(&Trusted::default()).await;
        assert!(!verdict.is_good(), "byte {at} of {table}.{column} {row}");
        if table == "events" {
            assert_eq!(verdict.wrong[0].position, Some(row), "byte {at} of {column}: {:?}", verdict.wrong);
        }
        bed.change(&set(&before)).await;
    }
    assert_eq!(found(&bed.verified(&Trusted::default()).await), vec![]);
}

/// Returns numbers by chance, the same in every run (`SplitMix64`).
fn by_chance() -> impl FnMut() -> u64 {
    let mut state = 20_201_127_u64;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
