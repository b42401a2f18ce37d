//! Whether a process can do its work, and if not, why.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::future::join_all;
use serde::Serialize;

/// How long one check may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(3);

type Check = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// The checks of a process, by name. Cheap to clone; all clones are one.
#[derive(Clone, Default)]
pub struct Health(Arc<RwLock<BTreeMap<&'static str, Check>>>);

/// What the checks found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// Whether all passed.
    pub ready: bool,
    /// Each check, in the order of names.
    pub checks: Vec<Checked>,
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Its name.
    pub name: &'static str,
    /// Whether it passed.
    pub ready: bool,
    /// Why it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Health {
    /// Adds a check, or puts it in the place of the one with its name. What it returns as error is shown as the reason.
    pub fn check<F>(&self, name: &'static str, check: impl Fn() -> F + Send + Sync + 'static)
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        let check: Check = Arc::new(move || Box::pin(check()));
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(name, check);
    }

    /// Runs all checks at once.
    pub async fn readiness(&self) -> Readiness {
        self.readiness_within(PATIENCE).await
    }

    async fn readiness_within(&self, patience: Duration) -> Readiness {
        let checks = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        let checks = join_all(checks.into_iter().map(|(name, check)| async move {
            let outcome = tokio::time::timeout(patience, check()).await;
            let reason = outcome.unwrap_or_else(|_| Err(format!("no answer in {} s", patience.as_secs_f32()))).err();
            Checked { name, ready: reason.is_none(), reason }
        }))
        .await;
        Readiness { ready: checks.iter().all(|check| check.ready), checks }
    }
}

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.read().unwrap_or_else(PoisonError::into_inner).keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_failed_or_silent_check_makes_the_process_unready_and_says_why() {
        let health = Health::default();
        assert!(health.readiness().await.ready);
        health.check("log", || async { Ok(()) });
        assert!(health.readiness().await.ready);
        health.check("bus", || async { Err("no connection to the server".to_owned()) });
        health.check("database", std::future::pending);
        let reasons: Vec<_> = health
            .readiness_within(Duration::from_millis(500))
            .await
            .checks
            .into_iter()
            .map(|check| (check.name, check.reason))
            .collect();
        assert_eq!(
            reasons,
            [
                ("bus", Some("no connection to the server".to_owned())),
                ("database", Some("no answer in 0.5 s".to_owned())),
                ("log", None)
            ]
        );
    }
}
