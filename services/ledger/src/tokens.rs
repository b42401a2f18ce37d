//! What a Chinese text is found by. Neither database finds Chinese words by itself, so both are given these tokens.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use jieba_rs::Jieba;
use rectify_log::Db;

/// The longest token, in characters. A longer one is no word, and PostgreSQL takes none.
const LONGEST: usize = 64;

/// Returns what a text is found by, in order and once each: its words as the dictionary cuts them, every two characters
/// that stand together, and the last character of every run.
pub(crate) fn tokens(dictionary: &Jieba, text: &str) -> BTreeSet<String> {
    let text = plain(text);
    let mut tokens = BTreeSet::new();
    for run in runs(&text) {
        tokens.extend(pairs(run));
        tokens.extend(last_ideograph(run));
    }
    let words = dictionary.cut_for_search(&text, true).into_iter().map(|token| token.word);
    tokens.extend(words.filter(|word| word.chars().all(char::is_alphanumeric)).map(str::to_owned));
    tokens.retain(|token| token.chars().count() <= LONGEST);
    tokens
}

/// What a text that somebody looks for asks of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    exact: BTreeSet<String>,
    beginnings: BTreeSet<String>,
}

impl Query {
    /// Returns what a text asks for; nothing when there is not a letter in it.
    ///
    /// Only pairs are asked for, not the dictionary's words: every text that holds a word holds its pairs, whatever the
    /// dictionary made of what stands around it. So whoever only looks needs no dictionary.
    pub(crate) fn of(text: &str) -> Option<Query> {
        let text = plain(text);
        let (mut exact, mut beginnings) = (BTreeSet::new(), BTreeSet::new());
        for run in runs(&text).filter(|run| run.chars().count() <= LONGEST || run.chars().any(is_ideograph)) {
            let short = run.chars().nth(1).is_none();
            if short || !run.chars().any(is_ideograph) {
                beginnings.insert(run.to_owned());
            } else {
                exact.extend(pairs(run));
            }
        }
        (!exact.is_empty() || !beginnings.is_empty()).then_some(Query { exact, beginnings })
    }

    /// Returns whether a text has all that is asked for, as an index of its tokens would find it. What the dictionary adds to
    /// the tokens nobody asks for.
    pub(crate) fn finds(&self, text: &str) -> bool {
        let text = plain(text);
        let held: BTreeSet<String> =
            runs(&text).flat_map(|run| pairs(run).into_iter().chain(last_ideograph(run))).collect();
        let begins = |beginning: &String| {
            let mut from = held.range(beginning.clone()..);
            from.next().is_some_and(|token| token.starts_with(beginning.as_str()))
        };
        self.exact.iter().all(|token| held.contains(token)) && self.beginnings.iter().all(begins)
    }

    /// Returns whether one pair is asked for and nothing else: whatever has that token has the text as it stands.
    pub(crate) fn is_one_pair(&self) -> bool {
        self.exact.len() == 1 && self.beginnings.is_empty()
    }

    /// Returns the query as a database's index reads it.
    pub(crate) fn on(&self, db: &Db) -> String {
        match db {
            Db::Postgres(_) => self.for_postgres(),
            Db::Sqlite(_) => self.for_sqlite(),
        }
    }

    /// Returns the query as SQLite's FTS5 reads it.
    pub(crate) fn for_sqlite(&self) -> String {
        self.written('"', " AND ", "*")
    }

    /// Returns the query as PostgreSQL's `tsquery` reads it.
    pub(crate) fn for_postgres(&self) -> String {
        self.written('\'', " & ", ":*")
    }

    /// Tokens are letters and digits only, so nothing in them can end a quotation.
    fn written(&self, quote: char, and: &str, beginning: &str) -> String {
        let mut text = String::new();
        let exact = self.exact.iter().map(|token| (token, ""));
        for (token, ending) in exact.chain(self.beginnings.iter().map(|token| (token, beginning))) {
            let and = if text.is_empty() { "" } else { and };
            let _ = write!(text, "{and}{quote}{token}{quote}{ending}");
        }
        text
    }
}

/// Returns the letters and digits of a text, small and narrow, with nothing between them.
pub(crate) fn squeezed(text: &str) -> String {
    plain(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Returns a text in small letters, its full-width letters and digits narrow.
fn plain(text: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    text.chars().map(narrow).flat_map(char::to_lowercase).collect()
}

/// Returns the runs of a text: Chinese characters that stand together, or other letters and digits that do.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let of = |c: char| (c.is_alphanumeric(), is_ideograph(c));
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_alphanumeric());
        let first = of(rest.chars().next()?);
        let end = rest.find(|c| of(c) != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some(run)
    })
}

/// Returns the last character of a Chinese run: it begins no pair.
fn last_ideograph(run: &str) -> Option<String> {
    run.chars().last().filter(|c| is_ideograph(*c)).map(String::from)
}

/// Returns every two characters of a Chinese run, or the whole of another.
fn pairs(run: &str) -> Vec<String> {
    if !run.chars().any(is_ideograph) {
        return vec![run.to_owned()];
    }
    run.chars().zip(run.chars().skip(1)).map(|(a, b)| String::from_iter([a, b])).collect()
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_found_by_its_words_its_pairs_and_what_ends_a_run() {
        let found = tokens(&Jieba::new(), "舟曲县饮水安全工程，ＰＡＤ 3台。");
        for token in ["舟曲", "饮水", "水安", "安全", "程", "pad", "3", "台"] {
            assert!(found.contains(token), "{token} in {found:?}");
        }
    }

    #[test]
    fn a_query_asks_for_pairs_and_for_what_begins_a_word() {
        let query = Query::of("饮水安全 0007 县").unwrap();
        assert_eq!(query.for_sqlite(), r#""安全" AND "水安" AND "饮水" AND "0007"* AND "县"*"#);
        assert_eq!(query.for_postgres(), "'安全' & '水安' & '饮水' & '0007':* & '县':*");
        assert_eq!(Query::of("，。\"'*"), None);
        assert!(!query.is_one_pair() && Query::of("饮水").is_some_and(|query| query.is_one_pair()));
    }

    #[test]
    fn a_text_is_found_without_an_index_as_it_is_with_one() {
        let text = "审计-2020-0007\n舟曲县饮水安全工程，ＰＡＤ 3台，pump12未启用。";
        for (asked, wanted) in [
            ("饮水安全", true),
            ("安全 舟曲", true),
            ("启用", true),
            ("用", true),
            ("pad", true),
            ("PU", true),
            ("2020-0007", true),
            ("全饮", false),
            ("饮水 住房", false),
            ("ump", false),
            ("房", false),
        ] {
            let found = Query::of(asked).unwrap().finds(text);
            assert_eq!(found, wanted, "{asked}");
        }
    }
}
