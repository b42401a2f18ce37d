//! Findings that may be about the same: one reference from two bodies, or one place in nearly the same words.

use std::collections::BTreeSet;

use rectify_case::event::Likeness;
use rectify_case::{CaseId, Finding, FindingId};
use uuid::Uuid;

use crate::error::LedgerError;
use crate::ledger::Ledger;
use crate::sql::Sql;
use crate::statements;
use crate::tokens::squeezed;

/// A finding as it is compared: what it is known by, and its place and words without punctuation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) id: FindingId,
    pub(crate) document: String,
    pub(crate) item: String,
    pub(crate) division: String,
    pub(crate) place: String,
    pub(crate) words: String,
}

/// Two texts are nearly alike when so many in a hundred of their pairs of characters, of either, are of both.
const ALIKE: usize = 80;

/// Texts with fewer pairs of characters say too little to be alike.
const FEWEST: usize = 8;

/// How many bands a text has. Of two texts that are just alike, one in three hundred pairs shares none; of texts that
/// are nine tenths alike, one in thirty thousand.
const BANDS: u64 = 8;

/// How many hashes make a band.
const DEPTH: u64 = 3;

/// The most texts a finding is compared with.
const MOST: i64 = 500;

impl Compared {
    pub(crate) fn of(finding: &Finding) -> Compared {
        Compared {
            id: finding.id(),
            document: squeezed(&finding.reference.document),
            item: squeezed(&finding.reference.item),
            division: finding.division.to_string(),
            place: squeezed(finding.place.as_deref().unwrap_or_default()),
            words: squeezed(&finding.text),
        }
    }

    /// Returns the bands of its words and place: what is nearly alike shares one (minhash).
    pub(crate) fn bands(&self) -> BTreeSet<i64> {
        let pairs = pairs(&self.words);
        if pairs.len() < FEWEST {
            return BTreeSet::new();
        }
        let place = self.division.chars().chain(self.place.chars()).fold(0, |hash, c| mix(hash ^ u64::from(c)));
        let least = |seed: u64| pairs.iter().map(|pair| mix(pair ^ mix(seed))).min().unwrap_or_default();
        let band = |n: u64| (n * DEPTH..(n + 1) * DEPTH).fold(place, |hash, seed| mix(hash ^ least(seed)));
        (0..BANDS).map(|n| band(n).cast_signed()).collect()
    }
}

impl Ledger {
    /// Returns the cases that may be about the same as a finding, and why.
    ///
    /// An accusation is never among them: to be named in another case would show it to who reads that one.
    pub async fn duplicates(&self, finding: &Finding) -> Result<Vec<(CaseId, Likeness)>, LedgerError> {
        let generation = self.serving().await?;
        let finding = Compared::of(finding);
        let mut found: Vec<(CaseId, Likeness)> = Vec::new();
        if !finding.document.is_empty() && !finding.item.is_empty() {
            let values = [finding.document.as_str().into(), finding.item.as_str().into(), finding.id.0.into()];
            let rows: Vec<(i64, Uuid)> =
                Sql::new(statements::CASES_WITH_REFERENCE, values).fetch_all(&generation.db).await?;
            found.extend(rows.into_iter().map(|(_, id)| (CaseId(id), Likeness::SameReference)));
        }
        let bands = finding.bands();
        if !bands.is_empty() {
            let words = pairs(&finding.words);
            let mut sql = Sql::new(statements::CASES_IN_BANDS, []);
            sql.list(bands).push(") AND f.id <> ").bind(finding.id.0);
            sql.push(" AND f.division = ").bind(finding.division).push(" AND f.place = ").bind(finding.place);
            sql.push(" ORDER BY c.entry LIMIT ").bind(MOST);
            let rows: Vec<(Uuid, String)> = sql.once().fetch_all(&generation.db).await?;
            for (id, other) in rows {
                if alike(&words, &pairs(&other)) && found.iter().all(|(known, _)| *known != CaseId(id)) {
                    found.push((CaseId(id), Likeness::SamePlaceAndText));
                }
            }
        }
        Ok(found)
    }
}

/// Returns whether two texts, as their pairs of characters, are nearly alike.
pub(crate) fn alike(one: &BTreeSet<u64>, other: &BTreeSet<u64>) -> bool {
    let both = one.intersection(other).count();
    let either = one.len() + other.len() - both;
    both * 100 >= either * ALIKE
}

/// Returns the pairs of characters of a text.
pub(crate) fn pairs(words: &str) -> BTreeSet<u64> {
    words.chars().zip(words.chars().skip(1)).map(|(a, b)| u64::from(a) << 32 | u64::from(b)).collect()
}

/// Spreads the bits of a number (splitmix64). Fixed for ever: what is stored was made by it.
pub(crate) fn mix(number: u64) -> u64 {
    let mut n = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
