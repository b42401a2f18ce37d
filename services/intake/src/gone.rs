//! Rows gone: what earlier deliveries of a document held and this one does not. Told, and never removed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rectify_accounts::{Accounts, AccountsError, Delivery, DocumentKey, Gone, Held};
use rectify_case::{Actor, Finding, Zone};
use serde::Serialize;

/// A finding that is no longer in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoLonger {
    /// The document that held it.
    #[serde(flatten)]
    pub document: DocumentKey,
    /// The finding.
    #[serde(flatten)]
    pub held: Held,
    /// The day it was last delivered.
    pub last: NaiveDate,
}

/// What a delivery holds, by document.
#[derive(Debug, Default)]
pub(crate) struct Holdings(BTreeMap<DocumentKey, BTreeSet<Held>>);

impl Holdings {
    /// Notes that a finding was delivered. What comes without a document has no other file to be missing from.
    pub(crate) fn note(&mut self, finding: &Finding) {
        let reference = &finding.reference;
        if reference.issuing_body == reference.document {
            return;
        }
        let key = DocumentKey {
            source: finding.source.to_string(),
            issuing_body: reference.issuing_body.clone(),
            document: reference.document.clone(),
        };
        self.0.entry(key).or_default().insert(Held { finding: finding.id(), item: reference.item.clone() });
    }

    /// Compares the delivery with the last one of each document, and keeps it where it was delivered: by whom and when.
    /// `mentioned` are the items of rows that were refused: they are in the file.
    pub(crate) async fn compare(
        self,
        accounts: &Accounts,
        delivered: Option<(Actor, DateTime<Utc>)>,
        zone: Zone,
        mentioned: &Mentioned,
    ) -> Result<Vec<NoLonger>, AccountsError> {
        let mut no_longer = Vec::new();
        for (document, held) in self.0 {
            let earlier = accounts.last_delivery(&document).await?;
            let gone: Vec<Gone> = earlier.map(|earlier| missing(earlier, &held)).unwrap_or_default();
            let told = gone.iter().filter(|gone| !mentioned.names(&gone.held.item));
            let told = told.map(|Gone { held, last }| NoLonger {
                document: document.clone(),
                held: held.clone(),
                last: zone.day_of(*last),
            });
            no_longer.extend(told);
            let Some((sender, received)) = delivered else { continue };
            let (person, unit, held) = (sender.person, sender.unit, held.into_iter().collect());
            accounts.note_delivery(&document, &Delivery { person, unit, received, held, gone }).await?;
        }
        Ok(no_longer)
    }
}

/// Returns what an earlier delivery held, or missed already, that is not among what is held now.
fn missing(earlier: Delivery, held: &BTreeSet<Held>) -> Vec<Gone> {
    let last = earlier.received;
    let before = earlier.held.into_iter().map(|held| Gone { held, last });
    before.chain(earlier.gone).filter(|gone| !held.contains(&gone.held)).collect()
}

/// The items of rows that stand in the file and were refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Mentioned {
    items: BTreeSet<String>,
    /// Whether there is one whose item nobody knows, as it has none or cannot be read.
    nameless: bool,
}

impl Mentioned {
    pub(crate) fn note(&mut self, item: Option<&str>) {
        match item.filter(|item| !item.is_empty()) {
            Some(item) => drop(self.items.insert(item.to_owned())),
            None => self.nameless = true,
        }
    }

    /// Whether an item may be that of a refused row: what is known by its content is not known while that is wrong.
    fn names(&self, item: &str) -> bool {
        self.items.contains(item)
            || (self.nameless && (item.starts_with("sha256:") || item.starts_with("hmac-sha256:")))
    }
}

#[cfg(test)]
mod tests {
    use rectify_case::{FindingId, PersonId, UnitId};
    use uuid::Uuid;

    use super::*;

    fn held(n: u128) -> Held {
        Held { finding: FindingId(Uuid::from_u128(n)), item: n.to_string() }
    }

    fn day(day: &str) -> DateTime<Utc> {
        format!("{day}T00:00:00Z").parse().unwrap()
    }

    #[test]
    fn what_is_gone_stays_gone_until_it_comes_back() {
        let earlier = Delivery {
            person: PersonId(Uuid::nil()),
            unit: UnitId(Uuid::nil()),
            received: day("2020-05-02"),
            held: vec![held(1), held(2)],
            gone: vec![
                Gone { held: held(3), last: day("2020-05-01") },
                Gone { held: held(4), last: day("2020-05-01") },
            ],
        };
        let gone = missing(earlier, &BTreeSet::from([held(1), held(4)]));
        let shown: Vec<_> = gone.iter().map(|gone| format!("{} {}", gone.held.item, gone.last.date_naive())).collect();
        assert_eq!(shown, ["2 2020-05-02", "3 2020-05-01"]);
    }

    #[test]
    fn a_refused_row_is_not_gone() {
        let mut mentioned = Mentioned::default();
        mentioned.note(Some("7"));
        assert!(mentioned.names("7") && !mentioned.names("8") && !mentioned.names("sha256:ab-1"));
        mentioned.note(None);
        assert!(!mentioned.names("8") && mentioned.names("sha256:ab-1"));
    }
}
