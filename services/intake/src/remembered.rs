//! Who handed in lately: at the end of a poor line they are let in while the database is out of reach.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use rectify_case::PersonId;
use sha2::{Digest as _, Sha256};

/// How long somebody is remembered. A token that was taken back meanwhile is found out when the line is up again.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// The holders of tokens that the database knew a while ago, by the SHA-256 of the token. Cheap to clone; gone with the
/// process.
#[derive(Clone, Debug, Default)]
pub struct Remembered(Arc<Mutex<Holders>>);

/// Who held a token, by its SHA-256, and when the database said so.
type Holders = HashMap<[u8; 32], (PersonId, DateTime<Utc>)>;

impl Remembered {
    /// Notes what the database says of a token.
    pub(crate) fn note(&self, token: &str, person: Option<PersonId>, now: DateTime<Utc>) {
        let mut known = self.known();
        known.retain(|_, (_, seen)| is_recent(*seen, now));
        match person {
            Some(person) => known.insert(digest(token), (person, now)),
            None => known.remove(&digest(token)),
        };
    }

    /// Returns who held a token when it was last asked about, unless that is long ago.
    pub(crate) fn recall(&self, token: &str, now: DateTime<Utc>) -> Option<PersonId> {
        let (person, seen) = *self.known().get(&digest(token))?;
        is_recent(seen, now).then_some(person)
    }

    fn known(&self) -> MutexGuard<'_, Holders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_recent(seen: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - seen <= LONGEST
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use rectify_case::Actor;

    use super::*;

    #[test]
    fn who_was_known_is_recalled_for_a_week_and_not_once_the_token_is_taken_back() {
        let (person, remembered) = (Actor::INSTALLATION.person, Remembered::default());
        let now: DateTime<Utc> = "2020-04-21T09:32:09Z".parse().unwrap();
        assert_eq!(remembered.recall("token", now), None);
        remembered.note("token", Some(person), now);
        assert_eq!(remembered.recall("token", now + LONGEST), Some(person));
        assert_eq!(remembered.recall("token", now + LONGEST + TimeDelta::seconds(1)), None);
        assert_eq!(remembered.recall("another", now), None);
        remembered.note("token", None, now);
        assert_eq!(remembered.recall("token", now), None);
    }
}
