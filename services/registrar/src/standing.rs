//! How a part of the registrar stands, for `/readyz`.

use rectify_kit::Health;
use tokio::sync::watch;

/// How one part stands: well, or held up by something that passes.
#[derive(Debug)]
pub(crate) struct Standing(watch::Sender<Option<String>>);

impl Standing {
    /// Returns a standing that is shown under a name, for as long as it is kept.
    pub(crate) fn shown(health: &Health, name: &'static str) -> Standing {
        Standing::new(health, name, None)
    }

    /// Returns the standing of a part that has yet to begin, until it shows its own under the same name.
    pub(crate) fn beginning(health: &Health, name: &'static str) -> Standing {
        Standing::new(health, name, Some("it has not begun yet".to_owned()))
    }

    fn new(health: &Health, name: &'static str, held_up: Option<String>) -> Standing {
        let (tell, told) = watch::channel(held_up);
        health.check(name, move || {
            let ended = told.has_changed().is_err();
            let held_up = told.borrow().clone();
            async move {
                match held_up {
                    Some(reason) => Err(reason),
                    None if ended => Err("it has ended".to_owned()),
                    None => Ok(()),
                }
            }
        });
        Standing(tell)
    }

    /// Notes that it goes on.
    pub(crate) fn goes_on(&self) {
        self.0.send_if_modified(|reason| reason.take().is_some());
    }

    /// Notes what holds it up, and tells the log lines when it is news.
    pub(crate) fn held_up(&self, by: &(dyn std::error::Error + 'static), message: &str) {
        let causes: Vec<String> =
            std::iter::successors(Some(by), |error| error.source()).map(ToString::to_string).collect();
        let reason = causes.join(": ");
        if self.0.borrow().as_ref() != Some(&reason) {
            tracing::warn!(reason, "{message}");
            self.0.send_replace(Some(reason));
        }
    }
}
