use std::time::{Duration, Instant};

const PAUSE: Duration = Duration::from_millis(20);

/// Waits until the condition holds, and fails the test when it does not within the limit.
pub async fn until(limit: Duration, what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < limit, "waited {limit:?} in vain until {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
