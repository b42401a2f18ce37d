//! Bytes as they may come in: those of the corpus, changed here and there.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// One change.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Put(Index, Vec<u8>),
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Repeat(Index, usize, usize),
    Cut(Index),
    Splice(Index, Index, Index),
}

/// Returns what the bytes of a corpus can become.
pub fn changed(corpus: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec(change(), 0..8);
    let known = (any::<Index>(), changes).prop_map(move |(which, changes)| {
        let mut bytes = which.get(&corpus).clone();
        for change in &changes {
            change.make(&mut bytes, &corpus);
        }
        bytes
    });
    prop_oneof![9 => known, 1 => proptest::collection::vec(any::<u8>(), 0..300)]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), 1_u8..).prop_map(|(at, bits)| Change::Flip(at, bits)),
        (any::<Index>(), telling()).prop_map(|(at, bytes)| Change::Put(at, bytes)),
        (any::<Index>(), telling()).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), 1_usize..64).prop_map(|(at, many)| Change::Remove(at, many)),
        (any::<Index>(), 1_usize..64, 1_usize..200).prop_map(|(at, many, times)| Change::Repeat(at, many, times)),
        any::<Index>().prop_map(Change::Cut),
        any::<[Index; 3]>().prop_map(|[at, which, from]| Change::Splice(at, which, from)),
    ]
}

/// Returns bytes that decoders stumble over: the ends of what numbers can be, and what means something in a text.
fn telling() -> impl Strategy<Value = Vec<u8>> {
    let numbers =
        select(vec![0_u64, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, i64::MAX as u64, u64::MAX]);
    let texts = [
        "-1",
        "18446744073709551615",
        "18446744073709551616",
        "1e999",
        "\n",
        "\n\n",
        "\0",
        "..",
        "/",
        "[[[[",
        "{\"",
        "整",
        "— ",
    ];
    prop_oneof![
        (numbers, select(vec![1_usize, 2, 4, 8])).prop_map(|(number, width)| number.to_le_bytes()[..width].to_vec()),
        select(texts.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 1..9),
    ]
}

impl Change {
    fn make(&self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let place = |at: &Index, bytes: &[u8]| at.index(bytes.len() + 1);
        match self {
            Change::Flip(at, bits) => {
                let at = place(at, bytes);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= bits;
                }
            }
            Change::Put(at, new) => {
                let at = place(at, bytes);
                let end = (at + new.len()).min(bytes.len());
                bytes.splice(at..end, new.iter().copied());
            }
            Change::Insert(at, new) => {
                let at = place(at, bytes);
                bytes.splice(at..at, new.iter().copied());
            }
            Change::Remove(at, many) => {
                let at = place(at, bytes);
                let end = (at + many).min(bytes.len());
                bytes.drain(at..end);
            }
            Change::Repeat(at, many, times) => {
                let at = place(at, bytes);
                let end = (at + many).min(bytes.len());
                let again = bytes[at..end].repeat(*times);
                bytes.splice(at..at, again);
            }
            Change::Cut(at) => bytes.truncate(place(at, bytes)),
            Change::Splice(at, which, from) => {
                let at = place(at, bytes);
                let other = which.get(corpus);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from.index(other.len() + 1)..]);
            }
        }
    }
}
