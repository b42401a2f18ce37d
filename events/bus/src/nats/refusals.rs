//! What the server refuses: it tells so beside the answer, which then never comes.

use std::collections::VecDeque;
use std::future::Future;
use std::sync::Arc;

use async_nats::ServerError;
use tokio::sync::watch;

/// How many refusals are remembered: more than one connection has on its way.
const REMEMBERED: usize = 1024;

/// A right that the user of a connection lacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the NATS user {user} may not {act} {subject}: the account on the server grants it no such right")]
pub struct Forbidden {
    /// The user.
    pub user: String,
    /// What it wanted to do.
    pub act: Act,
    /// The subject it wanted to do that to.
    pub subject: String,
}

/// What a user may do to a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Publish to it.
    Publish,
    /// Subscribe to it.
    Subscribe,
}

impl std::fmt::Display for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Act::Publish => "publish to",
            Act::Subscribe => "subscribe to",
        })
    }
}

/// What the server refused on one connection. Cheap to clone; all clones are one.
#[derive(Clone, Debug)]
pub(crate) struct Refusals {
    user: Arc<str>,
    told: Arc<watch::Sender<Told>>,
}

/// The last refusals, each with its number.
#[derive(Debug, Default)]
struct Told {
    count: u64,
    last: VecDeque<(u64, Forbidden)>,
}

impl Refusals {
    pub(crate) fn of(user: &str) -> Self {
        Self { user: user.into(), told: Arc::new(watch::Sender::default()) }
    }

    /// Notes what the server said, and returns the right that is lacking if it spoke of one.
    pub(super) fn note(&self, error: &ServerError) -> Option<Forbidden> {
        let ServerError::Other(text) = error else { return None };
        let (act, subject) = lacking(text)?;
        let forbidden = Forbidden { user: self.user.to_string(), act, subject: subject.to_owned() };
        self.told.send_modify(|told| {
            told.count += 1;
            told.last.push_back((told.count, forbidden.clone()));
            if told.last.len() > REMEMBERED {
                told.last.pop_front();
            }
        });
        Some(forbidden)
    }

    /// Forgets what was refused: on a new connection the rights may be others.
    pub(super) fn forget(&self) {
        self.told.send_modify(|told| told.last.clear());
    }

    /// Waits for what is asked under a subject, or under any that it stands for when it ends in `>`, or for the server to
    /// refuse it. Of what is asked of `JetStream`, the subject is that after the prefix: an account may map the prefix.
    pub(crate) async fn or<T>(&self, subject: &str, asked: impl Future<Output = T>) -> Result<T, Forbidden> {
        let mut told = self.told.subscribe();
        let before = told.borrow().count;
        let refused = async {
            let about =
                |told: &Told| told.last.iter().find(|(n, refused)| refused.concerns(subject, *n > before)).cloned();
            match told.wait_for(|told| about(told).is_some()).await.ok().and_then(|told| about(&told)) {
                Some((_, refused)) => refused,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            answer = asked => Ok(answer),
            refused = refused => Err(refused),
        }
    }
}

impl Forbidden {
    /// Returns whether it is why a request under a subject has no answer. Who may not subscribe where answers come to
    /// was told so at the first request, and waits in vain at every other.
    fn concerns(&self, subject: &str, is_new: bool) -> bool {
        let prefixed = |text: &str| self.subject.strip_suffix(text).is_some_and(|p| p.is_empty() || p.ends_with('.'));
        match (self.act, subject.strip_suffix('>')) {
            (Act::Publish, Some(beginning)) => is_new && self.subject.starts_with(beginning),
            (Act::Publish, None) => is_new && prefixed(subject),
            (Act::Subscribe, _) => true,
        }
    }
}

/// Reads `Permissions Violation for Publish to "log.x"`, as the server writes it.
fn lacking(text: &str) -> Option<(Act, &str)> {
    [(Act::Publish, "for Publish to \""), (Act::Subscribe, "for Subscription to \"")].into_iter().find_map(
        |(act, words)| {
            let (before, after) = text.split_once(words)?;
            let is_refusal = before.trim_start_matches('\'').eq_ignore_ascii_case("permissions violation ");
            Some((act, after.split_once('"')?.0)).filter(|_| is_refusal)
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_asks_learns_which_right_is_lacking_and_who_asks_for_other_things_does_not() {
        let refusals = Refusals::of("desk");
        let told = |text: &str| refusals.note(&ServerError::Other(text.to_owned()));
        let asked = refusals.or("STREAM.CREATE.LOG", async {
            told(r#"Permissions Violation for Publish to "$JS.API.STREAM.DELETE.LOG""#);
            told(r#"Permissions Violation for Publish to "$JS.API.STREAM.CREATE.LOG""#);
            std::future::pending::<()>().await;
        });
        assert_eq!(
            asked.await.unwrap_err().to_string(),
            "the NATS user desk may not publish to $JS.API.STREAM.CREATE.LOG: the account on the server grants it no \
             such right"
        );
        // It is asked anew, and the server may think otherwise by now.
        assert_eq!(refusals.or("STREAM.CREATE.LOG", tokio::task::yield_now()).await, Ok(()));
        told(r#"'Permissions Violation for Subscription to "_INBOX.other.>" using queue "q"'"#);
        let nothing = refusals.or("findings.audit.62", std::future::pending::<()>()).await.unwrap_err();
        assert_eq!((nothing.act, nothing.subject.as_str()), (Act::Subscribe, "_INBOX.other.>"));
        refusals.forget();
        assert_eq!(refusals.or("findings.audit.62", tokio::task::yield_now()).await, Ok(()));
        assert_eq!(told("Maximum Connections Exceeded"), None);
    }
}
