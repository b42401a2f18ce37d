//! How many requests one address may make: more than people and their programs need, fewer than one that runs wild makes.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::client;
use crate::config::Http;

/// How many times the requests of a second one address may make at once after a rest.
const REST: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

/// How many addresses are known before those that rest are forgotten.
const KNOWN: usize = 10_000;

/// What each address may still ask. Cheap to clone.
#[derive(Clone)]
pub(super) struct Limit {
    proxy: Option<IpAddr>,
    left: Arc<DefaultKeyedRateLimiter<String>>,
}

impl Limit {
    pub(super) fn of(config: &Http) -> Limit {
        let quota = Quota::per_second(config.rate).allow_burst(config.rate.saturating_mul(REST));
        Limit { proxy: config.proxy, left: Arc::new(RateLimiter::keyed(quota)) }
    }

    /// Counts a request, or returns how long its address must wait.
    fn count(&self, address: &String) -> Result<(), Duration> {
        if self.left.len() > KNOWN {
            self.left.retain_recent();
        }
        let counted = self.left.check_key(address);
        counted.map_err(|until| until.wait_time_from(DefaultClock::default().now()))
    }
}

/// Answers whoever asks too much that they must wait.
pub(super) async fn limited(State(limit): State<Limit>, request: Request, next: Next) -> Response {
    let address = client(limit.proxy, request.headers(), request.extensions());
    let Err(wait) = limit.count(&address) else { return next.run(request).await };
    let title = "请求过于频繁，请稍候再试 · too many requests: wait a moment and try again";
    let seconds = wait.as_secs() + 1;
    (
        StatusCode::TOO_MANY_REQUESTS,
        [(header::CONTENT_TYPE, "application/problem+json".to_owned()), (header::RETRY_AFTER, seconds.to_string())],
        format!(r#"{{"type":"about:blank","title":"{title}","status":429,"code":"too_many_requests"}}"#),
    )
        .into_response()
}
