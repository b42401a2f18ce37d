//! What changed from one moment to another.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use super::facts::Fact;

/// What became of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Added,
    Removed,
    Changed,
    Same,
}

/// A fact at two moments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Compared {
    pub(super) label: String,
    pub(super) change: Change,
    pub(super) first: Vec<Piece>,
    pub(super) second: Vec<Piece>,
}

/// A piece of a text, and whether the other moment has something else there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) differs: bool,
}

/// Texts that are shorter are shown as a whole: a word is read faster than what of it changed.
const SHORTEST: usize = 24;

/// Of how much two texts must have in common, so that what differs is shown piece by piece.
const ALIKE: f32 = 0.5;

/// How long two texts are compared at most; what is not known by then counts as changed.
const PATIENCE: Duration = Duration::from_millis(200);

/// Returns facts of two moments side by side: in the order of the second, and those that are gone at the end.
pub(super) fn between(first: &[Fact], second: &[Fact]) -> Vec<Compared> {
    let known = |facts: &[Fact], key: &str| facts.iter().find(|fact| fact.key == key).cloned();
    let stayed = second.iter().map(|now| match known(first, &now.key) {
        None => {
            Compared { label: now.label.clone(), change: Change::Added, first: Vec::new(), second: plain(&now.text) }
        }
        Some(then) => compared(&then, now),
    });
    let gone = first.iter().filter(|then| known(second, &then.key).is_none()).map(|then| Compared {
        label: then.label.clone(),
        change: Change::Removed,
        first: plain(&then.text),
        second: Vec::new(),
    });
    stayed.chain(gone).collect()
}

fn compared(then: &Fact, now: &Fact) -> Compared {
    let label = now.label.clone();
    if then.text == now.text {
        return Compared { label, change: Change::Same, first: plain(&now.text), second: plain(&now.text) };
    }
    let (first, second) = pieces(&then.text, &now.text);
    Compared { label, change: Change::Changed, first, second }
}

/// Returns a text that stands alone, or is the same on both sides: the word beside it says which.
fn plain(text: &str) -> Vec<Piece> {
    vec![Piece { text: text.to_owned(), differs: false }]
}

fn whole(text: &str) -> Vec<Piece> {
    vec![Piece { text: text.to_owned(), differs: true }]
}

/// Returns two texts in pieces: what both have, and what only one has.
fn pieces(then: &str, now: &str) -> (Vec<Piece>, Vec<Piece>) {
    if then.chars().count().max(now.chars().count()) < SHORTEST {
        return (whole(then), whole(now));
    }
    let diff = TextDiff::configure().timeout(PATIENCE).diff_chars(then, now);
    if diff.ratio() < ALIKE {
        return (whole(then), whole(now));
    }
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => {
                push(&mut first, change.value(), false);
                push(&mut second, change.value(), false);
            }
            ChangeTag::Delete => push(&mut first, change.value(), true),
            ChangeTag::Insert => push(&mut second, change.value(), true),
        }
    }
    (first, second)
}

fn push(pieces: &mut Vec<Piece>, text: &str, differs: bool) {
    match pieces.last_mut() {
        Some(last) if last.differs == differs => last.text.push_str(text),
        _ => pieces.push(Piece { text: text.to_owned(), differs }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(key: &str, text: &str) -> Fact {
        Fact { key: key.to_owned(), label: key.to_owned(), text: text.to_owned() }
    }

    fn said(pieces: &[Piece]) -> String {
        pieces
            .iter()
            .map(|piece| if piece.differs { format!("[{}]", piece.text) } else { piece.text.clone() })
            .collect()
    }

    #[test]
    fn what_came_went_and_changed_is_told_apart() {
        let first = [fact("stage", "整改中"), fact("goal", "限期整改到位"), fact("a.pdf", "州水务局")];
        let second = [fact("stage", "待核验"), fact("goal", "限期整改到位"), fact("b.pdf", "州水务局")];
        let told: Vec<(String, Change, String, String)> = between(&first, &second)
            .into_iter()
            .map(|one| (one.label, one.change, said(&one.first), said(&one.second)))
            .collect();
        let of = |label: &str, change, first: &str, second: &str| {
            (label.to_owned(), change, first.to_owned(), second.to_owned())
        };
        assert_eq!(
            told,
            [
                of("stage", Change::Changed, "[整改中]", "[待核验]"),
                of("goal", Change::Same, "限期整改到位", "限期整改到位"),
                of("b.pdf", Change::Added, "", "州水务局"),
                of("a.pdf", Change::Removed, "州水务局", ""),
            ]
        );
    }

    #[test]
    fn of_a_long_text_only_what_differs_is_marked() {
        let then = "曲告纳镇十二户饮水工程闲置，涉及资金十二万元，须限期整改到位。";
        let now = "曲告纳镇十四户饮水工程闲置，涉及资金十二万元，须限期整改到位，并建立管护制度。";
        let (first, second) = pieces(then, now);
        assert_eq!(said(&first), "曲告纳镇十[二]户饮水工程闲置，涉及资金十二万元，须限期整改到位。");
        assert_eq!(said(&second), "曲告纳镇十[四]户饮水工程闲置，涉及资金十二万元，须限期整改到位[，并建立管护制度]。");
    }

    #[test]
    fn texts_with_little_in_common_are_shown_whole() {
        let (first, second) = pieces(&"甲".repeat(40), &"乙".repeat(40));
        assert!(first.len() == 1 && first[0].differs && second.len() == 1 && second[0].differs);
    }
}
